"""Exercises of notebook 08: the receptive field of a list, two layers into one, far sight with few layers."""

import numpy as np

from cnncourse import arithmetic

from .engine import Exercise, Mistake, Wrong

# Strides before and after dilations, and in the last layer: each mistake changes at least one case.
FIELD_CASES = (
    ([(3, 1, 1), (3, 1, 1), (3, 1, 1)],),
    ([(7, 2, 1), (3, 2, 1), (3, 1, 1), (5, 2, 1)],),
    ([(2, 1, 3), (4, 3, 1), (1, 1, 1), (3, 1, 2)],),
    ([(5, 1, 2)],),
    ([],),
)


def _field(layers):
    return arithmetic.receptive_field([(k, s, 0, d) for k, s, d in layers]).size


def _wrong_field(step=lambda k, d: (k - 1) * d, jump="before", start=1):
    """A field computed with a wrong step, a wrong jump or a wrong start."""

    def field_of(layers):
        field, product = start, 1
        for k, s, d in layers:
            if jump == "after":
                product *= s
            field += step(k, d) * {"none": 1, "own": s}.get(jump, product)
            if jump in ("before", "dilated"):
                product *= s * (d if jump == "dilated" else 1)
        return field

    return field_of


def _added_strides(layers):
    field, jump = 1, 1
    for k, s, d in layers:
        field += (k - 1) * d * jump
        jump += s - 1
    return field


NO_GAPS = "each layer adds as many steps as its kernel has elements: count the gaps between the elements"
FIELD = Exercise(
    "08.1",
    title="The receptive field of a list of layers",
    stars=1,
    cases=FIELD_CASES,
    expected=_field,
    mistakes=(
        Mistake(
            _wrong_field(start=0),
            "one pixel is missing: without any layer an output is a pixel, and sees itself",
        ),
        *(Mistake(_wrong_field(step=lambda k, d: k * d, start=start), NO_GAPS) for start in (0, 1)),
        *(Mistake(_wrong_field(step=lambda k, d: (k - 1) * d + 1, start=start), NO_GAPS) for start in (0, 1)),
        Mistake(
            _wrong_field(jump="dilated"),
            "the jump grows with the dilation here: a dilation spreads its own layer's kernel, only strides move it",
        ),
        Mistake(
            lambda layers: _field(layers[:-1]),
            "the last layer is left out: its kernel widens the field, only its stride does not",
        ),
        Mistake(
            lambda layers: (_field(layers),) * 2,
            "the numbers are right, but one is asked for: the field along one dimension",
        ),
        Mistake(
            _wrong_field(jump="none"),
            "the strides have no effect: how far apart on the image are neighbouring units of a deeper layer?",
        ),
        Mistake(
            _wrong_field(jump="after"),
            "a layer's stride widens its own kernel here: it moves the kernel, and only later layers take wider steps",
        ),
        Mistake(
            _wrong_field(jump="own"),
            "each layer is multiplied by its own stride alone: which strides lie between it and the image?",
        ),
        Mistake(_added_strides, "the jump grows by sums here: two layers of stride 2 take every fourth pixel"),
        Mistake(
            _wrong_field(step=lambda k, d: k - 1),
            "the dilation has no effect: it is the distance between neighbouring elements of the kernel",
        ),
        Mistake(
            _wrong_field(step=lambda k, d: k + d - 2),
            "the dilation is added once a layer: it lies in every gap between two elements of the kernel",
        ),
        Mistake(
            lambda layers: _field(layers[::-1]),
            "the layers are taken from the last to the first: the list begins at the input",
        ),
    ),
    idea="what one layer adds: how many steps its kernel takes, and how many pixels long a step is at that depth",
    hints=(
        "Keep two numbers while you go through the list: the field so far, and the jump, both 1 at the start.",
        "A kernel of k elements has k - 1 gaps. How many units long is a gap, and how many pixels is a unit?",
        "The stride of a layer does not change what this layer's outputs see: when do you update the jump?",
    ),
)


def _integers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(float)


# Kernels of different sizes, not square, three numbers of channels that all differ; fractions in the last case.
# Sizes are equal or 1, so that multiplying place by place gives a wrong result and no error.
COMPOSE_CASES = (
    (_integers(1, 3, 3, 1, 1), _integers(2, 3, 3, 1, 1)),
    (_integers(3, 3, 2, 2, 4), _integers(4, 3, 1, 4, 3)),
    (_integers(7, 1, 4, 1, 2), _integers(8, 2, 4, 2, 3)),
    (_integers(5, 1, 3, 3, 2), _integers(6, 3, 1, 2, 1)),
    (_integers(9, 2, 3, 2, 1) + 0.5, np.full((1, 1, 1, 1), 0.5)),
)


def _compose(first, second):
    """The convolution of two kernels over all places where they overlap, summed over the channels between."""
    (height, width), (rows, columns) = first.shape[:2], second.shape[:2]
    composed = np.zeros((height + rows - 1, width + columns - 1, first.shape[2], second.shape[3]))
    for i, j in np.ndindex(rows, columns):
        composed[i : i + height, j : j + width] += first @ second[i, j]
    return composed


def _flip(kernel):
    return kernel[::-1, ::-1]


def _only_where_the_smaller_fits(first, second):
    """The middle part of the composed kernel, where one kernel lies wholly inside the other."""
    sizes = list(zip(first.shape[:2], second.shape[:2], strict=True))
    part = tuple(slice(min(pair) - 1, max(pair)) for pair in sizes)
    return _compose(first, second)[part]


def _same_channel_only(first, second):
    """Only the first channel between the two layers."""
    return _compose(first[..., :1], second[:, :, :1])


def _one_way_each(first, second):
    """Assigns each shifted kernel in place of adding it, so that the last one wins."""
    composed = np.zeros_like(_compose(first, second))
    for i, j in np.ndindex(*second.shape[:2]):
        composed[i : i + first.shape[0], j : j + first.shape[1]] = first @ second[i, j]
    return composed


COMPOSE = Exercise(
    "08.2",
    title="Two layers into one",
    stars=2,
    cases=COMPOSE_CASES,
    expected=_compose,
    mistakes=(
        Mistake(
            lambda first, second: _compose(first, _flip(second)),
            "the second kernel is flipped: its element [i, j] reads [i, j] further on, not back",
        ),
        Mistake(
            lambda first, second: _compose(_flip(first), second),
            "the first kernel is flipped: both kernels are indexed forwards, and their indices add up",
        ),
        Mistake(
            lambda first, second: _flip(_compose(first, second)),
            "the composed kernel stands upside down: in layers that correlate, neither kernel is flipped",
        ),
        Mistake(
            _only_where_the_smaller_fits,
            "this holds only the places where one kernel lies wholly inside the other: a single shared weight counts",
        ),
        Mistake(
            lambda first, second: _compose(first, second) / first.shape[3],
            "this is the mean over the channels between the layers: a layer adds its input channels up",
        ),
        Mistake(
            _same_channel_only, "only the first channel between the layers counts here: a layer reads all of them"
        ),
        Mistake(
            _one_way_each,
            "where shifted kernels overlap, the last one wins: all ways from a pixel to the output add up",
        ),
        Mistake(
            lambda first, second: np.pad(_compose(first, second), [(0, 1), (0, 1), (0, 0), (0, 0)]),
            "there is a row and a column of zeros too many: two 3x3 kernels reach over five pixels, not six",
        ),
        Mistake(
            lambda first, second: first @ second,
            "the kernels are multiplied place by place: each element of the first meets every one of the second",
        ),
        Mistake(
            lambda first, second: np.trunc(_compose(first, second)),
            "the fractions are lost: can your array hold numbers that are not whole?",
        ),
        Mistake(
            lambda first, second: np.swapaxes(_compose(first, second), 2, 3),
            "the channels are exchanged: input channels come before output channels in a kernel",
        ),
    ),
    idea="all ways from one pixel to the output: which elements of the two kernels do they pass, and what adds up?",
    hints=(
        "Start from zeros of the composed kernel's shape, and loop over the elements [i, j] of the second kernel.",
        "The second kernel's element [i, j] reads the first layer's map shifted by [i, j]: which pixels is that?",
        "first @ second[i, j] multiplies and sums over the channels between. Where in the result does it belong?",
    ),
)

LEAST_FIELD, LARGEST_JUMP, FEWEST = 50, 4, 8
NOT_STRIDES = "expected a list of strides, each 1 or 2, one for each layer"
NOT_TRIPLES = "expected only the strides, one number for each layer, not the triples of exercise 8.1"
TOO_SMALL = "an output sees too few pixels: a stride widens the steps of all layers after it, and of none before"
TOO_SHORT = "the strides stand where they help most, but no chain of so few layers sees that far"
TOO_COARSE = "the jump at the end is too large: it is the product of all strides"
TOO_LONG = "the field and the jump are fine, but a shorter chain can do it: where does a stride help most layers?"


def _strides(answer) -> list[int]:
    try:
        strides = np.asarray(answer)
    except (TypeError, ValueError):
        raise Wrong(NOT_STRIDES) from None
    if strides.dtype.kind not in "iuf" or not strides.size:
        raise Wrong(NOT_STRIDES)
    if strides.ndim == 2 and strides.shape[1] == 3:
        raise Wrong(NOT_TRIPLES)
    if strides.ndim != 1 or not np.isin(strides, (1, 2)).all():
        raise Wrong(NOT_STRIDES)
    return strides.astype(int).tolist()


def _sight(strides) -> arithmetic.ReceptiveField:
    return arithmetic.receptive_field([(3, stride) for stride in strides])


def _judge_strides(answer) -> None:
    strides = _strides(answer)
    field = _sight(strides)
    received = f"{len(strides)} layers with a field of {field.size} pixels and a jump of {field.jump}"
    if field.jump > LARGEST_JUMP:
        raise Wrong(f"received {received}; {TOO_COARSE}")
    if field.size < LEAST_FIELD and field.size == _sight(([2, 2] + [1] * len(strides))[: len(strides)]).size:
        raise Wrong(f"received {received}; {TOO_SHORT}")
    if field.size < LEAST_FIELD:
        raise Wrong(f"received {received}; {TOO_SMALL}")
    if len(strides) > FEWEST:
        raise Wrong(f"received {received}; {TOO_LONG}")


FAR_SIGHT = Exercise(
    "08.3",
    title="Far sight with few layers",
    stars=3,
    judge=_judge_strides,
    mistakes=(
        Mistake([1, 1, 1, 1, 1, 1, 2, 2], TOO_SMALL),
        Mistake([2, 2, 1, 1, 1, 1, 1], TOO_SHORT),
        Mistake([2, 2, 2, 1, 1], TOO_COARSE),
        Mistake([1] * 25, TOO_LONG),
        Mistake([4, 1, 1, 1, 1, 1, 1], NOT_STRIDES),
        Mistake([(3, 2, 1)] * 8, NOT_TRIPLES),
    ),
    idea="how many pixels each layer adds: two steps of the jump so far",
    hints=(
        "Write the jump before each layer below its stride. A 3x3 layer adds two of these jumps to the field.",
        "The jump may reach 4 and no more. How early can it?",
        "Add up the jumps until 1 + 2 times their sum is large enough, and count the layers.",
    ),
)

EXERCISES = (FIELD, COMPOSE, FAR_SIGHT)
