"""VGG: 3x3 convolutions in five stages, each ended by pooling, from 11 to 19 layers with weights.

Reference: Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", 2014,
arXiv:1409.1556, table 1 (A, B, C, D, E). Deviation: initial weights are He normal, where the paper starts the deeper
networks from a trained network A.
"""

import functools

from ..arguments import entries, flag, scaled, whole_number
from ..backend import keras
from .entrance import image_input
from .head import logits

layers = keras.layers

FILTERS = (64, 128, 256, 512, 512)  # of the stages; sides 224 -> 112 -> 56 -> 28 -> 14 -> 7
KERNEL_SIZES = {  # for each stage the kernel sizes of its convolutions
    "vgg11": ((3,), (3,), (3, 3), (3, 3), (3, 3)),  # A
    "vgg13": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),  # B
    "vgg16_1x1": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),  # C
    "vgg16": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),  # D
    "vgg19": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),  # E
}
DENSE_UNITS = 4096


def vgg(
    kernel_sizes: tuple[tuple[int, ...], ...],
    *,
    batch_norm: bool = False,
    width: float = 1.0,
    fc_units: int | None = None,
    dropout: float = 0.5,
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 1000,
    include_top: bool = True,
    name: str = "vgg",
):
    """Stages of convolutions that keep the size, each followed by 2x2 max pooling; then three dense layers.

    Args:
        kernel_sizes: for each stage the kernel sizes of its convolutions; at most five stages.
        batch_norm: whether batch normalisation follows each convolution; the paper has none.
        width: factor of the filters, and of the dense units where `fc_units` does not say otherwise.
        fc_units: outputs of each of the first two dense layers.
        dropout: share of dense outputs that training drops.
        input_shape: (height, width, channels).
        num_classes: outputs of the head.
        include_top: whether the dense layers follow the last pooling.
        name: of the model.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, num_classes) logits, or the maps (N, H / 32, W / 32, 512) of the last pooling without the top.

    Raises:
        TypeError, ValueError: if there are no stages or more than five, an option is out of range, or the input is too
            small.

    >>> vgg(((3,), (3,)), width=1 / 8, input_shape=(32, 32, 3), include_top=False).output_shape
    (None, 8, 8, 16)
    """
    stages = entries("kernel_sizes", kernel_sizes, "((3,), (3, 3))")
    if not 1 <= len(stages) <= len(FILTERS):
        raise ValueError(f"kernel_sizes has {len(stages)} stages; expected 1 to {len(FILTERS)}.")
    batch_norm = flag("batch_norm", batch_norm)
    x = inputs = image_input(input_shape)
    for stage, sizes in enumerate(stages, 1):
        filters = scaled(FILTERS[stage - 1], width)
        for number, kernel_size in enumerate(entries(f"kernel_sizes[{stage - 1}]", sizes, "(3, 3)"), 1):
            options = {"padding": "same", "kernel_initializer": "he_normal"}
            x = layers.Conv2D(filters, kernel_size, **options, name=f"stage{stage}_conv{number}")(x)
            if batch_norm:
                x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"stage{stage}_bn{number}")(x)
            x = layers.ReLU(name=f"stage{stage}_relu{number}")(x)
        x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
    if flag("include_top", include_top):
        units = scaled(DENSE_UNITS, width) if fc_units is None else whole_number("fc_units", fc_units)
        x = layers.Flatten(name="flatten")(x)
        for number in (1, 2):
            x = layers.Dense(units, kernel_initializer="he_normal", name=f"fc{number}")(x)
            x = layers.ReLU(name=f"fc{number}_relu")(x)
            x = layers.Dropout(dropout, name=f"fc{number}_dropout")(x)
        x = logits(x, num_classes)
    return keras.Model(inputs, x, name=name)


VARIANTS = {name: functools.partial(vgg, sizes, name=name) for name, sizes in KERNEL_SIZES.items()}
