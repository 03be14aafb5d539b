"""The three layers of LeNet-5 that nobody builds any more: partial connections, trainable subsampling, distances.

Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998,
section II.B.
"""

import numpy as np

from .. import arithmetic, backend
from ..arguments import entries, float_array, pair, whole_number
from .counted import CountedLayer

keras = backend.keras
ops = keras.ops


@keras.saving.register_keras_serializable("cnncourse")
class TrainableSubsampling(CountedLayer):
    """The mean of each pool, times a coefficient, plus a bias; each channel learns its own two numbers.

    The paper adds the pixels of a pool up and multiplies the sum: the same function, with a coefficient that is
    smaller by the number of pixels. The coefficient begins as 1 and the bias as 0, so the layer begins as average
    pooling.

    Args:
        pool_size: rows and columns of a pool, or one number for both; pools lie side by side.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, H // rows, W // columns, C).

    Raises:
        TypeError, ValueError: if pool_size is no positive integer and no pair of them, or larger than the maps.

    >>> TrainableSubsampling(2)(ops.ones((1, 4, 6, 1)))[0, :, :, 0].shape == (2, 3)
    True
    """

    keeps_output = True

    def __init__(self, pool_size: int | tuple[int, int] = 2, **options):
        super().__init__(**options)
        self.pool_size = pair("pool_size", pool_size)

    def build(self, input_shape):
        _refuse_small_maps(self, "a pool", self.pool_size, input_shape)
        channels = (input_shape[-1],)
        self.coefficient = self.add_weight(shape=channels, initializer="ones", name="coefficient")
        self.bias = self.add_weight(shape=channels, initializer="zeros", name="bias")

    def call(self, x):
        return ops.average_pool(x, self.pool_size, self.pool_size) * self.coefficient + self.bias

    def compute_output_shape(self, input_shape):
        sides = zip(input_shape[1:3], self.pool_size, strict=True)
        return (input_shape[0], *(side and side // size for side, size in sides), input_shape[3])

    def counts(self, input_shape, output_shape):
        return 2 * input_shape[-1], 0

    def windows(self, input_shape):
        return tuple(arithmetic.Window(size, size) for size in self.pool_size)

    def get_config(self):
        return {**super().get_config(), "pool_size": self.pool_size}


@keras.saving.register_keras_serializable("cnncourse")
class PartialConv2D(CountedLayer):
    """A convolution whose output maps read only some of the input maps, and which stores no other kernels.

    Args:
        connections: for each output map the input maps that it reads.
        kernel_size: rows and columns of a kernel, or one number for both.

    Input shape:
        (N, H, W, C_in).

    Output shape:
        (N, H - rows + 1, W - columns + 1, C_out).

    Raises:
        TypeError, ValueError: if a connection is no list of input maps that there are, each named once, or the
            kernel is larger than the maps.

    >>> len(PartialConv2D([[0, 1], [1]], 5).connections)
    2
    """

    keeps_output = True

    def __init__(self, connections, kernel_size: int | tuple[int, int], **options):
        super().__init__(**options)
        reads = entries("connections", connections, "[[0, 1], [1, 2]]")
        reads = [entries(f"connections[{o}]", read, "[0, 1]") for o, read in enumerate(reads)]
        self.connections = tuple(
            tuple(whole_number(f"connections[{o}][{i}]", m, smallest=0) for i, m in enumerate(read))
            for o, read in enumerate(reads)
        )
        self.kernel_size = pair("kernel_size", kernel_size)
        for output, read in enumerate(self.connections):
            if len(set(read)) != len(read) or not read:
                raise ValueError(f"connections[{output}] is {read}; expected one or more input maps, each named once.")
        if not self.connections:
            raise ValueError("connections is empty; expected the input maps of each output map.")

    @property
    def kernels(self) -> int:
        """How many kernels are stored: one for each connected pair of maps."""
        return sum(map(len, self.connections))

    def build(self, input_shape):
        _refuse_small_maps(self, "a kernel", self.kernel_size, input_shape)
        channels_in, channels_out = input_shape[-1], len(self.connections)
        largest = max(map(max, self.connections))
        if largest >= channels_in:
            raise ValueError(
                f"{self.name!r} reads input map {largest}, but its input has {channels_in} maps, numbered from 0."
            )
        fan_in = np.prod(self.kernel_size) * self.kernels / channels_out
        random = keras.initializers.RandomNormal(stddev=float(fan_in**-0.5))
        self.kernel = self.add_weight(shape=(*self.kernel_size, self.kernels), initializer=random, name="kernel")
        self.bias = self.add_weight(shape=(channels_out,), initializer="zeros", name="bias")
        placement = np.zeros((self.kernels, channels_in, channels_out), "float32")
        pairs = [(m, o) for o, read in enumerate(self.connections) for m in read]
        for number, place in enumerate(pairs):
            placement[number, *place] = 1
        self.placement = placement

    def dense_kernel(self):
        """The kernel (rows, columns, C_in, C_out) of the same convolution, with zeros where nothing is connected."""
        return ops.tensordot(self.kernel, ops.cast(self.placement, self.kernel.dtype), axes=1)

    def call(self, x):
        return ops.conv(x, ops.cast(self.dense_kernel(), x.dtype), padding="valid") + self.bias

    def compute_output_shape(self, input_shape):
        sides = zip(input_shape[1:3], self.kernel_size, strict=True)
        return (input_shape[0], *(side and side - size + 1 for side, size in sides), len(self.connections))

    def counts(self, input_shape, output_shape):
        weights = int(np.prod(self.kernel_size)) * self.kernels
        return weights + len(self.connections), weights * output_shape[1] * output_shape[2]

    def windows(self, input_shape):
        return tuple(arithmetic.Window(size) for size in self.kernel_size)

    def get_config(self):
        return {**super().get_config(), "connections": self.connections, "kernel_size": self.kernel_size}


@keras.saving.register_keras_serializable("cnncourse")
class SquaredDistances(CountedLayer):
    """The squared distance of the input from each of some fixed codes; nothing is learned.

    Args:
        codes: real numbers of shape (classes, D).

    Input shape:
        (N, D).

    Output shape:
        (N, classes).

    Raises:
        TypeError, ValueError: if codes are no table of real numbers, or the input has another length than a code.

    >>> ops.convert_to_numpy(SquaredDistances([[1, 1], [1, -1]])(ops.ones((1, 2)))).tolist()
    [[0.0, 4.0]]
    """

    keeps_output = True

    def __init__(self, codes, **options):
        super().__init__(**options)
        codes = float_array("codes", codes, ("classes", "D"), "pass one row of numbers for each class")
        self.codes = codes.astype("float32")

    def build(self, input_shape):
        if input_shape[-1] != self.codes.shape[1]:
            raise ValueError(
                f"{self.name!r} compares with codes of {self.codes.shape[1]} numbers, but its input has "
                f"{input_shape[-1]}; expected as many."
            )

    def call(self, x):
        return ops.sum(ops.square(x[:, None] - ops.cast(self.codes, x.dtype)), axis=-1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], len(self.codes))

    def counts(self, input_shape, output_shape):
        return 0, self.codes.size

    def get_config(self):
        return {**super().get_config(), "codes": self.codes.tolist()}


def _refuse_small_maps(layer, window: str, size: tuple[int, int], input_shape) -> None:
    """Say which layer's window does not fit into its maps."""
    if any(side is not None and side < length for side, length in zip(input_shape[1:3], size, strict=False)):
        maps, window_size = (" x ".join(map(str, sides)) for sides in (input_shape[1:3], size))
        raise ValueError(
            f"{layer.name!r} has {window} of {window_size}, but its maps are {maps}: the output size would be zero or "
            "negative; expected maps at least as large."
        )
