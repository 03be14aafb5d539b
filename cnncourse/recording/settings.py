"""What is one run? All that decides its curves, the name of its log, and the command that makes it again."""

import math
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, fields

import numpy as np

from .. import datasets
from ..arguments import whole_number

AUGMENTATIONS = ("none", "crop", "crop+flip")
PRECISIONS = ("float32", "mixed_bfloat16")
PAPER_EPOCHS = 164  # 64,124 steps of 128 of 50,000 images: the first whole epochs that hold the paper's 64,000


@dataclass(frozen=True)
class Source:
    """A data set that runs are recorded on.

    Args:
        title: its name in sentences.
        shape: of one image, (H, W, C).
        images: of the whole training split.
        augmentation: what is done to its training images unless the call says otherwise.
        load: takes a split and a limit, returns a `Dataset`.
    """

    title: str
    shape: tuple[int, int, int]
    images: int
    augmentation: str
    load: Callable


def _full_fashion_mnist(split, limit=None):
    return datasets.load_fashion_mnist(split, limit, full=True)


SOURCES = {
    "cifar10": Source("CIFAR-10", (32, 32, 3), 50_000, "crop+flip", datasets.load_cifar10),
    "fashion_mnist": Source("Fashion-MNIST", (28, 28, 1), 20_000, "none", datasets.load_fashion_mnist),
    "fashion_mnist_full": Source("the full Fashion-MNIST", (28, 28, 1), 60_000, "none", _full_fashion_mnist),
    "mnist": Source("MNIST", (28, 28, 1), 60_000, "none", datasets.load_mnist),
}


def find_source(dataset: str) -> Source:
    """The data set of that name.

    Raises:
        ValueError: if there is none.

    >>> find_source("cifar10").shape
    (32, 32, 3)
    """
    if dataset not in SOURCES:
        raise ValueError(f"there is no data set {dataset!r} to record on; expected one of {', '.join(SOURCES)}.")
    return SOURCES[dataset]


@dataclass(frozen=True)
class Settings:
    """All that decides the curves of one run on a given machine; the defaults are the paper's.

    Args:
        model: one of `models.names()`.
        dataset: one of `SOURCES`.
        seed: of weights, order, augmentation and dropout.
        epochs: how many times each training image is seen.
        batch_size: images in one step.
        learning_rate: the first rate; it is divided by 10 at one half and at three quarters of the steps.
        weight_decay: times each kernel, added to the kernel's gradient.
        warm_up_steps: steps at rate 0.01 before all others (the paper: about 400, for ResNet-110 only).
        augmentation: "none", "crop" (4 pixels of zeros around, cut at a random place) or "crop+flip"; None takes the
            data set's own.
        limit: how many of the first training and of the first test images are used; None takes all.
        precision: of what layers compute, "float32" or "mixed_bfloat16"; weights are float32 in both.
        options: further options of `models.build`.
        backend: "tensorflow" or "jax".

    >>> Settings("plain20", "cifar10", epochs=30, options={"width": 0.5}).file_name
    'plain20_width=0.5_cifar10_seed1_epochs=30.json'
    """

    model: str
    dataset: str
    seed: int = 1
    epochs: int = PAPER_EPOCHS
    batch_size: int = 128
    learning_rate: float = 0.1
    weight_decay: float = 1e-4
    warm_up_steps: int = 0
    augmentation: str | None = None
    limit: int | None = None
    precision: str = "float32"
    options: dict = field(default_factory=dict)
    backend: str = "tensorflow"

    def __post_init__(self):
        source = find_source(self.dataset)
        for name, smallest in (("seed", 0), ("epochs", 1), ("batch_size", 1), ("warm_up_steps", 0), ("limit", 1)):
            if name != "limit" or self.limit is not None:
                object.__setattr__(self, name, whole_number(name, getattr(self, name), smallest=smallest))
        for name, lowest in (("learning_rate", "above 0"), ("weight_decay", "0 or more")):
            value = _real_number(getattr(self, name))
            if value is None or value < 0 or (value == 0 and name == "learning_rate"):
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected a finite number, {lowest}.")
            object.__setattr__(self, name, value)
        if self.augmentation is None:
            object.__setattr__(self, "augmentation", source.augmentation)
        for name, words in (("augmentation", AUGMENTATIONS), ("precision", PRECISIONS)):
            if getattr(self, name) not in words:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected one of {', '.join(words)}.")
        for name in ("input_shape", "num_classes", "include_top"):
            if name in self.options:
                raise ValueError(f"the option {name} is set by the data set; leave it out.")

    @property
    def name(self) -> str:
        """Model, data set, seed, and all else that differs from the defaults: of the log and of the state's folder."""
        options = [f"{name}={value}" for name, value in sorted(self.options.items())]
        parts = [self.model, *options, self.dataset, f"seed{self.seed}"]
        parts += [f"{name}={value}" for name, value in self._changed().items()]
        return re.sub(r"[^A-Za-z0-9._=+-]", "-", "_".join(parts))

    @property
    def file_name(self) -> str:
        """Of the log."""
        return f"{self.name}.json"

    @property
    def command(self) -> str:
        """The line that records this run, and this run alone, as one types it.

        >>> Settings("resnet110", "cifar10", seed=2, warm_up_steps=400).command
        'python -m cnncourse record resnet110 --dataset cifar10 --seed 2 --warm-up-steps 400'
        """
        words = [
            "python",
            "-m",
            "cnncourse",
            "record",
            self.model,
            "--dataset",
            self.dataset,
            "--seed",
            str(self.seed),
        ]
        for name, value in self._changed().items():
            words += [] if name == "backend" else [f"--{name.replace('_', '-')}", str(value)]
        if self.options:
            words += ["--options", *(f"{name}={value}" for name, value in sorted(self.options.items()))]
        start = f"KERAS_BACKEND={self.backend} " if self.backend != "tensorflow" else ""
        return start + shlex.join(words)

    def steps_per_epoch(self, images: int) -> int:
        """Steps that see each of so many images once; the last one of an epoch may be smaller."""
        return math.ceil(images / self.batch_size)

    def drops(self, images: int) -> tuple[int, int]:
        """The numbers of steps after which the rate is divided by 10: half and three quarters of all.

        >>> Settings("resnet20", "cifar10").drops(50_000)
        (32062, 48093)
        """
        steps = self.steps_per_epoch(images) * self.epochs
        return steps // 2, steps * 3 // 4

    def shortened(self, images: int) -> list[str]:
        """What is less than the recipe of the paper, a sentence each; empty where nothing is.

        Args:
            images: the training images that were used.

        >>> Settings("resnet20", "cifar10", epochs=30).shortened(50_000)
        ['30 epochs (11,730 steps) in place of 164 epochs (64,124 steps); the rate drops after 5,865 and 8,797 steps.']
        """
        said, whole = [], find_source(self.dataset).images
        if self.epochs < PAPER_EPOCHS:
            steps = [f"{self.steps_per_epoch(n) * epochs:,}" for n, epochs in ((images, self.epochs), (whole, 164))]
            first, second = self.drops(images)
            said.append(
                f"{self.epochs} epochs ({steps[0]} steps) in place of {PAPER_EPOCHS} epochs ({steps[1]} steps); "
                f"the rate drops after {first:,} and {second:,} steps."
            )
        if images < whole:
            said.append(f"the first {images:,} of {whole:,} training images.")
        return said

    def _changed(self) -> dict:
        """What differs from the defaults, but for model, data set, seed and options, which names always tell."""
        own = {"augmentation": find_source(self.dataset).augmentation}
        kept = {"model", "dataset", "seed", "options"}
        pairs = {
            f.name: (getattr(self, f.name), own.get(f.name, f.default)) for f in fields(self) if f.name not in kept
        }
        return {name: value for name, (value, default) in pairs.items() if value != default}


def _real_number(value) -> float | None:
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else None
