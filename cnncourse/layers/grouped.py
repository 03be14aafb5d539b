"""A grouped convolution that trains on every device."""

import numpy as np

from .. import backend

keras = backend.keras
ops = keras.ops

# Channels of a group: narrower ones are put together until they fill a vector register or, where each is a convolution
# of its own, are worth a call. Chosen by measuring layers of 64 and 128 channels.
NATIVE_WIDTH = 8
SPLIT_WIDTH = 32


@keras.saving.register_keras_serializable("cnncourse")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D(groups=...)`, computed in a way that is quick on a processor too.

    Arguments, weights, results and errors are those of Conv2D, and so is a layer without groups. Keras compiles a
    grouped convolution with XLA, whose gradient takes a processor 25 to 250 times as long as that of the layer
    without groups. Here it is the backend's own convolution where that is quick and has a gradient (TensorFlow with
    oneDNN, GPUs), a depthwise convolution where each group has one channel, and else several ordinary convolutions.
    Compiling a whole model for a processor (`jit_compile=True`) undoes this.

    Input shape:
        (N, H, W, C_in).

    Output shape:
        (N, H', W', filters), as Conv2D's.

    Raises:
        ValueError: if C_in or filters is no multiple of groups, or as Conv2D.

    >>> layer = GroupedConv2D(8, 3, groups=4)
    >>> layer(ops.ones((1, 5, 5, 12))).shape == (1, 3, 3, 8), layer.count_params()
    (True, 224)
    """

    def convolution_op(self, inputs, kernel):
        """The convolution itself, without bias and activation; Keras calls it."""
        if self.groups == 1:
            return super().convolution_op(inputs, kernel)
        kernel = ops.cast(kernel, inputs.dtype)
        if self.data_format == "channels_first":
            outputs = self._grouped(ops.transpose(inputs, (0, 2, 3, 1)), kernel)
            return ops.transpose(outputs, (0, 3, 1, 2))
        return self._grouped(inputs, kernel)

    def _grouped(self, inputs, kernel):
        """The convolution of inputs (N, H, W, C_in) with a kernel (rows, columns, C_in / groups, filters)."""
        options = {"strides": self.strides, "padding": self.padding, "dilation_rate": self.dilation_rate}
        rows, columns, channels, filters = kernel.shape
        one_to_one = channels == 1 and filters == self.groups
        if one_to_one and self.strides[0] == self.strides[1] and backend.has_quick_depthwise_convolution():
            kernel = ops.reshape(kernel, (rows, columns, filters, 1))
            return ops.depthwise_conv(inputs, kernel, data_format="channels_last", **options)
        native = backend.native_grouped_convolution()
        if native:
            kernel, _ = merge_groups(kernel, self.groups, 1 if one_to_one else NATIVE_WIDTH)
            return native(inputs, kernel, **options)
        kernel, groups = merge_groups(kernel, self.groups, SPLIT_WIDTH)
        pairs = zip(ops.split(inputs, groups, axis=-1), ops.split(kernel, groups, axis=-1), strict=True)
        return ops.concatenate([ops.conv(x, k, data_format="channels_last", **options) for x, k in pairs], axis=-1)


def merge_groups(kernel, groups: int, width: int):
    """The same convolution with fewer, wider groups: its kernel, with blocks of zeros, and the number of groups.

    Args:
        kernel: tensor (rows, columns, C_in / groups, C_out).
        groups: of the kernel.
        width: channels that a wider group has at least, on its narrower side, if there are as many.

    >>> kernel, groups = merge_groups(ops.ones((3, 3, 2, 12)), 6, width=4)
    >>> groups, ops.convert_to_numpy(kernel)[0, 0].astype(int).tolist()[0]
    (3, [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0])
    """
    channels, filters = kernel.shape[2:]
    narrow = min(channels, filters // groups)
    divisors = [number for number in range(1, groups + 1) if groups % number == 0]
    merged = next((number for number in divisors if number * narrow >= width), groups)
    owner = np.arange(filters) // (filters // groups) % merged  # of each filter: its group among those put together
    own = owner == np.arange(merged * channels)[:, np.newaxis] // channels  # (merged * channels, filters)
    return ops.tile(kernel, (1, 1, merged, 1)) * ops.cast(own, kernel.dtype), groups // merged
