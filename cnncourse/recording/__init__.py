"""What came out at full size? Runs that `python -m cnncourse record` trained, a JSON log each in data/recorded_runs/.

`find` reads the logs for a notebook, `how_to_record` says what to do where there is none. Reading starts neither Keras
nor TensorFlow; the modules that train (recipe, batches, train, transfer) do. `transfer_logs` holds notebook 18's grid.
"""

from . import transfer_logs
from .logs import RecordedRun, find, how_to_record, read
from .speed import read_grouped_speed

__all__ = ["RecordedRun", "find", "how_to_record", "read", "read_grouped_speed", "transfer_logs"]
