"""What a layer of this course tells `costs` about itself."""

from .. import arithmetic, backend


class CountedLayer(backend.keras.layers.Layer):
    """A Keras layer that knows its own cost; `costs` counts layers of other libraries by their type alone.

    A subclass without parameters and multiply-accumulates that leaves places as they are needs to change nothing.

    >>> CountedLayer().counts((None, 8, 8, 3), (None, 8, 8, 3))
    (0, 0)
    """

    keeps_output = False  # whether `costs.count_activations` counts the output: for convolutions, pools, dense layers

    def counts(self, input_shape: tuple, output_shape: tuple) -> tuple[int, int]:
        """Learnable parameters, and multiply-accumulates for one image, for shapes with the batch in front."""
        return 0, 0

    def windows(self, input_shape: tuple) -> tuple[arithmetic.Window, arithmetic.Window]:
        """How the layer moves along rows and columns."""
        return arithmetic.Window(1), arithmetic.Window(1)
