"""How many images a second does a net train on, and predict? Recorded tables, one for each backend and precision.

Reading starts neither Keras nor TensorFlow; `measure` does.
"""

import json
import math
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ..arguments import one_of
from ..datasets import files
from . import logs
from .settings import PRECISIONS
from .tables import write_table

FOLDER = f"{logs.FOLDER}/throughput"  # in data/
FORMAT = 1
NETS = ("alexnet", "vgg16", "resnet50", "resnext50_32x4d", "mobilenet_v1", "mobilenet_v2")


@dataclass(frozen=True)
class Throughput:
    """Images a second of some nets, at the image size of their papers.

    Printed, it is a table.

    Args:
        rows: for each net {"model", "side", "batch_size", "parameters", "macs", "training", "prediction"}; the last
            two are lists of images a second, one for each of several runs of equal length. A batch lies in the main
            memory before its step, as a student's data do; the images are random numbers.
        precision: of what layers compute.
        device: what it ran on.
        backend: of Keras.
        versions: of Python and the packages that matter.
        command: the line that measures it again.
        date: when the last row was measured, in UTC.
    """

    rows: list
    precision: str
    device: str
    backend: str
    versions: dict
    command: str
    date: str

    def __str__(self) -> str:
        lines = [f"{'net':18}{'million MACs':>13}{'training':>10}{'prediction':>12}  images/s, medians"]
        for row in self.rows:
            training, prediction = (statistics.median(row[what]) for what in ("training", "prediction"))
            lines.append(f"{row['model']:18}{row['macs'] / 1e6:13,.0f}{training:10,.0f}{prediction:12,.0f}")
        return "\n".join(lines)


def path_of(backend: str, precision: str, folder: Path | None = None) -> Path:
    """The file of a table: below data/, or in a folder for trials."""
    return (folder or files.REPOSITORY_DATA / FOLDER) / f"{backend}_{precision}.json"


def read(path) -> Throughput:
    """One table of any folder, without a checksum.

    Args:
        path: of the .json file.

    Raises:
        ValueError: if it is missing or not whole.
    """
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
        if stored.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        table = Throughput(**stored)
        rates = [rate for row in table.rows for what in ("training", "prediction") for rate in row[what]]
        str(table)
        if not all(math.isfinite(rate) and rate > 0 for rate in rates):
            raise ValueError("a rate is no positive number")
    except (OSError, ValueError, TypeError, KeyError, AttributeError, statistics.StatisticsError) as error:
        raise ValueError(f"the table {path} cannot be read ({error}); delete it and measure again.") from error
    return table


def write(path: Path, table: Throughput) -> None:
    """Write a table, whole or not at all, one line for each net.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    write_table(path, {"format": FORMAT, **asdict(table)})


def measure(name: str, *, batch_size: int, side: int | None, steps: int, repeats: int, precision: str) -> dict:
    """Train and predict with one net, and count; starts Keras.

    Args:
        name: one of `models.names()`.
        batch_size: images in a step.
        side: of the images in pixels; None takes the paper's.
        steps: in one run; a first run, in which programs are compiled, is not counted.
        repeats: runs that count.
        precision: "float32" or "mixed_bfloat16", of this net only.

    Returns:
        A row of `Throughput`.

    Raises:
        ValueError: if there is no such net or precision, or the net cannot take such images.
    """
    one_of("precision", precision, PRECISIONS)
    from .. import backend, costs, models, training

    keras = backend.keras
    options = {} if side is None else {"input_shape": (side, side, 3)}
    with backend.same_precision_afterwards():
        training.setup(1, mixed_precision=precision == "mixed_bfloat16")
        net = models.build(name, **options)
    random = np.random.default_rng(1)
    images = random.random((batch_size, *net.input_shape[1:]), dtype=np.float32)
    labels = random.integers(0, net.output_shape[-1], batch_size)
    batch = _SameBatch(keras, images, labels, steps)
    net.compile(keras.optimizers.SGD(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    runs = {
        "training": lambda: net.fit(batch, verbose=0),
        "prediction": lambda: net.predict(batch, verbose=0),
    }
    rates = {what: [_rate(run, batch_size * steps) for _ in range(repeats + 1)][1:] for what, run in runs.items()}
    counts = {"parameters": costs.count_parameters(net), "macs": costs.count_macs(net)}
    return {"model": name, "side": net.input_shape[1], "batch_size": batch_size, **counts, **rates}


def _SameBatch(keras, images, labels, steps: int):
    """So many steps with the same batch."""

    class SameBatch(keras.utils.PyDataset):
        def __len__(self):
            return steps

        def __getitem__(self, step):
            return images, labels

    return SameBatch()


def _rate(run, images: int) -> float:
    start = time.perf_counter()
    run()
    return float(f"{images / (time.perf_counter() - start):.4g}")
