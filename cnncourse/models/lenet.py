"""LeNet-5, as it was published and as it is built today, with every step between the two.

Reference: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, section
II.B and table I. Deviations: the ten codes are drawn by us, after the paper's idea of a 7 x 12 picture of each digit;
initial weights are LeCun normal (PartialConv2D: of the same width) in place of uniform ones; subsampling takes the
mean in place of the sum, so that its coefficient is four times as large.
"""

import functools

import numpy as np

from ..arguments import flag, one_of, whole_number
from ..backend import keras
from ..layers import PartialConv2D, SquaredDistances, TrainableSubsampling
from .entrance import image_input
from .head import logits

layers = keras.layers
ops = keras.ops

CONNECTIONS = (  # which of the six maps of S2 each of the sixteen maps of C3 reads: 60 pairs
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
_DIGITS = """
.#####. ...#... .#####. .#####. .....#. ####### ..####. ####### .#####. .#####.
##...## ..##... ##...## ##...## ....##. ##..... .##.... .....## ##...## ##...##
##...## .###... .....## .....## ...###. ##..... ##..... .....## ##...## ##...##
##...## ...#... .....## .....## ..####. ##..... ##..... ....##. ##...## ##...##
##...## ...#... ....##. .....## .##.##. ##..... ##..... ....##. ##...## ##...##
##...## ...#... ...##.. ..####. ##..##. ######. ######. ...##.. .#####. .######
##...## ...#... ..##... .....## ##..##. .....## ##...## ...##.. ##...## .....##
##...## ...#... .##.... .....## ####### .....## ##...## ..##... ##...## .....##
##...## ...#... ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...#... ##..... ##...## ....##. ##...## ##...## .##.... ##...## .....##
##...## ...#... ##..... ##...## ....##. ##...## ##...## .##.... ##...## ....##.
.#####. .#####. ####### .#####. ....##. .#####. .#####. .##.... .#####. .####..
"""
# (10, 84): for each digit 12 rows of 7 pixels, 1 on the stroke and -1 beside it.
CODES = np.array(
    [[1 if pixel == "#" else -1 for row in _DIGITS.split()[digit::10] for pixel in row] for digit in range(10)]
)
CODES.setflags(write=False)


@keras.saving.register_keras_serializable("cnncourse")
def scaled_tanh(x):
    """1.7159 tanh(2 x / 3): 1 at 1, -1 at -1, and steepest in between.

    >>> round(float(scaled_tanh(1.0)), 3)
    1.0
    """
    return 1.7159 * ops.tanh(2 / 3 * x)


_ACTIVATIONS = {"scaled_tanh": scaled_tanh, "tanh": "tanh", "relu": "relu"}
_SUBSAMPLING = {
    "trainable": TrainableSubsampling,
    "average": layers.AveragePooling2D,
    "max": layers.MaxPooling2D,
}


def lenet5(
    *,
    padding: str = "same",
    connections: str = "full",
    subsampling: str = "max",
    activation: str = "relu",
    c5: str = "dense",
    output: str = "dense",
    rescaling: bool = False,
    input_shape: tuple[int, int, int] = (28, 28, 1),
    num_classes: int = 10,
    include_top: bool = True,
    name: str = "lenet5",
):
    """LeNet-5 in today's form by default; each option takes one step back to 1998.

    Args:
        padding: of the first convolution; "valid" in 1998, when images of 32x32 had a border of their own.
        connections: "full", or "partial" for the 60 kernels of `CONNECTIONS`.
        subsampling: "max", "average", or "trainable" for a coefficient and a bias in each map.
        activation: "relu", "tanh" or "scaled_tanh".
        c5: "dense" after flattening, or "convolution" of 5x5; the same function if the maps are 5x5.
        output: "dense", or "distances" from the fixed codes of the digits.
        rescaling: whether a first layer takes 0, the background, to -0.1 and 1, the stroke, to 1.175.
        input_shape: (height, width, channels).
        num_classes: outputs; at most ten with "distances".
        include_top: whether C5, F6 and the output follow the maps of S4.
        name: of the model.

    Input shape:
        (N, H, W, C) in 0..1.

    Output shape:
        (N, num_classes) logits; with "distances" the negative distances, so that softmax cross-entropy is the
        paper's discriminative loss without its constant. Without the top the maps of S4.

    Raises:
        TypeError, ValueError: if an option is none of those above, or the input is too small.

    >>> lenet5().count_params(), lenet5(padding="valid").count_params()
    (61706, 44426)
    """
    one_of("padding", padding, ("same", "valid"))
    one_of("connections", connections, ("full", "partial"))
    one_of("subsampling", subsampling, tuple(_SUBSAMPLING))
    one_of("activation", activation, tuple(_ACTIVATIONS))
    one_of("c5", c5, ("dense", "convolution"))
    one_of("output", output, ("dense", "distances"))
    if output == "distances" and whole_number("num_classes", num_classes) > len(CODES):
        raise ValueError(
            f"num_classes={num_classes}, but there are codes for {len(CODES)} classes; use output='dense'."
        )
    random = {"kernel_initializer": "lecun_normal" if "tanh" in activation else "he_normal"}

    def activated(x, name):
        return layers.Activation(_ACTIVATIONS[activation], name=f"{name}_activation")(x)

    def subsampled(x, name):
        x = _SUBSAMPLING[subsampling](2, name=name)(x)
        return activated(x, name) if subsampling == "trainable" else x

    x = inputs = image_input(input_shape)
    if flag("rescaling", rescaling):
        x = layers.Rescaling(1.275, offset=-0.1, name="rescaling")(x)
    x = activated(layers.Conv2D(6, 5, padding=padding, name="C1", **random)(x), "C1")  # 28x28
    x = subsampled(x, "S2")  # 14x14
    if connections == "partial":
        x = PartialConv2D(CONNECTIONS, 5, name="C3")(x)  # 10x10
    else:
        x = layers.Conv2D(16, 5, name="C3", **random)(x)
    x = subsampled(activated(x, "C3"), "S4")  # 5x5
    if flag("include_top", include_top):
        if c5 == "convolution":
            x = layers.Flatten(name="flatten")(activated(layers.Conv2D(120, 5, name="C5", **random)(x), "C5"))
        else:
            x = activated(layers.Dense(120, name="C5", **random)(layers.Flatten(name="flatten")(x)), "C5")
        x = activated(layers.Dense(84, name="F6", **random)(x), "F6")
        if output == "distances":
            x = SquaredDistances(CODES[:num_classes], name="OUT")(x)
            x = layers.Rescaling(-1, name="logits")(x)
        else:
            x = logits(x, num_classes)
    return keras.Model(inputs, x, name=name)


VARIANTS = {
    "lenet5_1998": functools.partial(
        lenet5,
        padding="valid",
        connections="partial",
        subsampling="trainable",
        activation="scaled_tanh",
        c5="convolution",
        output="distances",
        rescaling=True,
        input_shape=(32, 32, 1),
        name="lenet5_1998",
    ),
    "lenet5": lenet5,
}
