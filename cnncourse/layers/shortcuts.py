"""The shortcut without parameters of residual networks."""

from .. import arithmetic, backend
from ..arguments import whole_number
from .counted import CountedLayer

keras = backend.keras


@keras.saving.register_keras_serializable("cnncourse")
class PaddedShortcut(CountedLayer):
    """Every stride-th pixel, with channels of zeros added at the end: an identity that fits another shape.

    Args:
        filters: channels of the output, not fewer than those of the input.
        stride: step in pixels between the places that are kept.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), filters).

    Raises:
        TypeError, ValueError: if filters or stride is no positive integer, or filters are fewer than the channels.

    Reference:
        He et al., "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385, section 4.1, option A.

    >>> tuple(PaddedShortcut(6, stride=2)(keras.ops.ones((1, 5, 4, 2))).shape)
    (1, 3, 2, 6)
    """

    def __init__(self, filters: int, stride: int = 1, **options):
        super().__init__(**options)
        self.filters, self.stride = whole_number("filters", filters), whole_number("stride", stride)

    def build(self, input_shape):
        if input_shape[-1] > self.filters:
            raise ValueError(
                f"filters={self.filters}, but the input of {self.name!r} has {input_shape[-1]} channels; expected at "
                "least as many filters, since a padded shortcut adds channels and takes none away."
            )
        self.added = self.filters - input_shape[-1]
        super().build(input_shape)

    def call(self, x):
        kept = x[:, :: self.stride, :: self.stride]
        return keras.ops.pad(kept, ((0, 0), (0, 0), (0, 0), (0, self.added)))

    def compute_output_shape(self, input_shape):
        sides = (None if side is None else -(-side // self.stride) for side in input_shape[1:3])
        return (input_shape[0], *sides, self.filters)

    def windows(self, input_shape):
        return (arithmetic.Window(1, self.stride),) * 2

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "stride": self.stride}
