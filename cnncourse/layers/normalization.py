"""Local response normalisation, as AlexNet has it; Keras has no such layer."""

import numpy as np

from .. import backend
from ..arguments import whole_number
from .counted import CountedLayer

keras = backend.keras
ops = keras.ops


@keras.saving.register_keras_serializable("cnncourse")
class LocalResponseNormalization(CountedLayer):
    """Divide each value by a function of the values at the same place in neighbouring channels.

    Output channel c is x[c] / (k + alpha sum of x[j]^2)^beta, summed over the n channels j from c - n // 2 to
    c + n // 2, those beyond the first and the last left out.

    Args:
        n: channels in a neighbourhood, the channel itself among them.
        k, alpha, beta: the numbers of the formula, as the paper chooses them. Some libraries divide alpha by n.

    Input shape, output shape:
        (N, H, W, C).

    Raises:
        TypeError, ValueError: if n is no positive integer, or even.

    Reference:
        Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
        section 3.3.

    >>> float(LocalResponseNormalization(n=3, k=1, alpha=1, beta=1)(ops.ones((1, 1, 1, 4)))[0, 0, 0, 1])
    0.25
    """

    def __init__(self, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **options):
        super().__init__(**options)
        self.n, self.k, self.alpha, self.beta = whole_number("n", n), k, alpha, beta
        if self.n % 2 == 0:
            raise ValueError(f"n={n} is even; expected an odd number, so that the channel stands in the middle.")

    def build(self, input_shape):
        places = np.arange(input_shape[-1])
        self.near = (abs(places[:, None] - places) <= self.n // 2).astype("float32")  # (C, C), a band of ones
        super().build(input_shape)

    def call(self, x):
        wide = ops.cast(x, keras.backend.result_type(x.dtype, "float32"))  # bfloat16 would lose alpha beside k
        total = ops.matmul(ops.square(wide), ops.cast(self.near, wide.dtype))  # quicker than n shifted arrays
        return x * ops.cast(ops.power(self.k + self.alpha * total, -self.beta), x.dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        numbers = {"n": self.n, "k": self.k, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **numbers}
