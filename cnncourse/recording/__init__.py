"""What came out at full size? Runs that `python -m cnncourse record` trained, a JSON log each in data/recorded_runs/.

`find` reads the logs for a notebook, `how_to_record` says what to do where there is none. Reading starts neither Keras
nor TensorFlow; the modules that train (recipe, batches, train) do.
"""

from .logs import RecordedRun, find, how_to_record, read

__all__ = ["RecordedRun", "find", "how_to_record", "read"]
