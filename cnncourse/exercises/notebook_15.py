"""Exercises of notebook 15: parameters of two heads, class activation maps, a masked mean, one head in another."""

import numpy as np

from .engine import Exercise, Mistake


def _heads(flattened, pooled):
    """A wrong answer of 15.1 from two formulas of (height, width, channels, classes)."""
    return lambda h, w, c, k: (flattened(h, w, c, k), pooled(h, w, c, k))


def _flattened(h, w, c, k):
    return (h * w * c + 1) * k


def _pooled(h, w, c, k):
    return (c + 1) * k


HEADS = Exercise(
    "15.1",
    title="Parameters of both heads",
    stars=1,
    cases=((7, 7, 512, 1000), (7, 7, 64, 10), (4, 6, 3, 5), (1, 1, 8, 2), (10, 15, 1280, 1)),
    expected=_heads(_flattened, _pooled),
    mistakes=(
        Mistake(
            _heads(lambda h, w, c, k: h * w * c * k, lambda h, w, c, k: c * k),
            "the biases are missing: each class has one, in both heads",
        ),
        Mistake(
            _heads(lambda h, w, c, k: h * w * c * k + 1, lambda h, w, c, k: c * k + 1),
            "the whole layer has one bias here: each class has one of its own",
        ),
        Mistake(
            _heads(lambda h, w, c, k: h * w * (c + 1) * k, _pooled),
            "the flattened head has a bias for each place here: how many outputs has it?",
        ),
        Mistake(
            _heads(lambda h, w, c, k: h * w * c * (k + 1), lambda h, w, c, k: c * (k + 1)),
            "the biases are counted for each input here: the inputs are data and have none",
        ),
        Mistake(
            _heads(_flattened, lambda h, w, c, k: (h * w + 1) * k),
            "the pooled head reads the places here: over what does the mean run, and what does it leave?",
        ),
        Mistake(
            _heads(lambda h, w, c, k: (h * w + 1) * k, _pooled),
            "the flattened head reads only one map here: it has a weight for each place of each map",
        ),
        Mistake(_heads(_flattened, _flattened), "both heads are flattened here: how many numbers leave the mean?"),
        *(Mistake(answer, "this is one number: return two, (flattened, pooled)") for answer in (_flattened, _pooled)),
        Mistake(_heads(_pooled, _flattened), "the two numbers are exchanged: the flattened head comes first"),
    ),
    idea="how many numbers enter the dense layer of each head, and how many leave it",
    hints=(
        "How many numbers does `Flatten` make of one image's maps, and how many does the mean?",
        "A dense layer has a weight for each pair of an input and an output. What else, for each output?",
    ),
)


def _normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


# As many channels as classes, and as many images as rows, so that exchanged axes give a wrong result and no error.
CAM_CASES = (
    (_normal(1, 3, 3, 3, 4), _normal(2, 4, 4), np.array([2, 0, 2])),
    (_normal(3, 2, 2, 5, 3), _normal(4, 3, 3), np.array([1, 2])),
    (_normal(5, 1, 4, 4, 6), _normal(6, 6, 6), np.array([5])),
    (_normal(7, 4, 4, 4, 4), _normal(8, 4, 4), np.array([3, 1, 0, 1])),
)


def _cam(maps, weights, classes):
    return np.einsum("nrcm,mn->nrc", maps, weights[:, classes])


CAM = Exercise(
    "15.2",
    title="Class activation maps in NumPy",
    stars=2,
    cases=CAM_CASES,
    expected=_cam,
    mistakes=(
        Mistake(
            lambda maps, weights, classes: np.einsum("nrcm,nm->nrc", maps, weights[classes]),
            "a row of the weights is taken here: which axis of the weights (C, K) counts the classes?",
        ),
        Mistake(
            lambda maps, weights, classes: _cam(maps, weights, classes).mean(axis=(1, 2)),
            "this is the mean of each map, the logit without its bias: the map keeps its places",
        ),
        Mistake(
            lambda maps, weights, classes: _cam(maps, weights, classes) / maps[0, :, :, 0].size,
            "each value is divided by the number of places here: it is the logit that takes the mean, not the map",
        ),
        *(
            Mistake(
                lambda *given, change=change: change(_cam(*given)), "no value is negative: a place may speak against"
            )
            for change in (np.abs, lambda values: np.maximum(0, values))
        ),
        Mistake(
            lambda maps, weights, classes: np.swapaxes(_cam(maps, weights, classes), 1, 2),
            "rows and columns are exchanged: the map lies as the feature maps lie",
        ),
        Mistake(
            lambda maps, weights, classes: maps @ weights[:, classes[0]],
            "all images get the map of the first image's class: each image has a class of its own",
        ),
        Mistake(
            lambda maps, weights, classes: maps @ weights,
            "these are the maps of every class: take, of each image, that of its own",
        ),
        Mistake(
            lambda maps, weights, classes: maps @ weights[:, classes],
            "every image meets the classes of all images: take, of each image, the map of its own",
        ),
        Mistake(
            lambda maps, weights, classes: maps.mean(axis=3),
            "the weights have no effect: this is the mean of the feature maps, the same for every class",
        ),
        Mistake(
            lambda maps, weights, classes: np.moveaxis(_cam(maps, weights, classes), 0, -1),
            "the images stand last: the result is (N, H', W')",
        ),
    ),
    idea="the sum over the channels at each place: feature times weight, with the column of the image's own class",
    hints=(
        "What shape has `weights[:, classes]`, and what stands in its column n?",
        "For one image: maps[n] @ (its column of weights). Which axis does `@` sum over?",
        "In einsum a letter that stands in the result is kept, and one that does not is summed over.",
    ),
)


def _batch(seed: int, shape: tuple, sizes: list) -> tuple:
    """Maps of several sizes with zeros below and on the right; among the real values are zeros, as after a ReLU."""
    maps = np.maximum(0, _normal(seed, *shape))
    for image, (height, width) in zip(maps, sizes, strict=True):
        image[height:] = 0
        image[:, width:] = 0
    maps[:, 0, 0] += 0.5  # so that no channel is zero everywhere
    return maps, *np.array(sizes).T


# As many channels as images, so that a division of the wrong axis gives a wrong result and no error.
REAL_CASES = (
    _batch(1, (3, 4, 5, 3), [(4, 5), (2, 3), (3, 5)]),
    _batch(2, (2, 6, 6, 2), [(1, 6), (5, 2)]),
    _batch(3, (4, 4, 4, 4), [(4, 4), (4, 2), (1, 3), (3, 2)]),
)


def _real(maps, heights, widths):
    return maps.sum(axis=(1, 2)) / (heights * widths)[:, None]


def _nonzero_places(maps, heights, widths):
    """Leaves out every zero of each map."""
    return maps.sum(axis=(1, 2)) / (maps != 0).sum(axis=(1, 2))


def _live_places(maps, heights, widths):
    """Leaves out the places at which all channels are zero."""
    return maps.sum(axis=(1, 2)) / (maps != 0).any(axis=3).sum(axis=(1, 2))[:, None]


def _exchanged_sum(maps, heights, widths, divide=True):
    """Takes the first `widths` rows and the first `heights` columns; divides by the area or by what was cut out."""
    cuts = [image[:width, :height] for image, height, width in zip(maps, heights, widths, strict=True)]
    sizes = heights * widths if divide else [cut[..., 0].size for cut in cuts]
    return np.array([cut.sum(axis=(0, 1)) / size for cut, size in zip(cuts, sizes, strict=True)])


REAL = Exercise(
    "15.3",
    title="The trap of the batch",
    stars=2,
    cases=REAL_CASES,
    expected=_real,
    mistakes=(
        Mistake(
            lambda maps, heights, widths: maps.mean(axis=(1, 2)),
            "this is the plain mean: the added zeros are counted as places",
        ),
        Mistake(
            lambda maps, heights, widths: maps.sum(axis=(1, 2)),
            "this is the sum: a larger image of the same thing would get larger features",
        ),
        *(
            Mistake(
                answer, "zeros are left out wherever they stand: a real place may be zero after a ReLU, and counts"
            )
            for answer in (_nonzero_places, _live_places)
        ),
        Mistake(
            lambda maps, heights, widths: maps.max(axis=(1, 2)),
            "this is the maximum: the zeros do no harm to it, but the mean is asked for",
        ),
        Mistake(
            lambda maps, heights, widths: maps.sum(axis=(1, 2)) / (heights + widths)[:, None],
            "height and width are added: how many places has a rectangle?",
        ),
        Mistake(
            lambda maps, heights, widths: maps.sum(axis=(1, 2)) / (heights * widths),
            "the numbers of places divide the channels, not the images: (N,) divides (N, C) row by row only as (N, 1)",
        ),
        *(
            Mistake(answer, "all images are taken for equally large: each has a size of its own")
            for answer in (
                lambda maps, heights, widths: maps.sum(axis=(1, 2)) / (heights[0] * widths[0]),
                lambda maps, heights, widths: maps.sum(axis=(1, 2)) / (heights * widths).mean(),
                lambda maps, heights, widths: maps[:, : heights[0], : widths[0]].mean(axis=(1, 2)),
                lambda maps, heights, widths: maps[:, : heights.max(), : widths.max()].mean(axis=(1, 2)),
            )
        ),
        Mistake(
            lambda maps, heights, widths: (maps.sum(axis=(1, 2)) / (heights * widths)[:, None]).mean(axis=1),
            "the channels are averaged as well: each keeps a feature of its own",
        ),
        *(
            Mistake(
                answer, "heights and widths are exchanged: rows are the second axis of the maps, columns the third"
            )
            for answer in (_exchanged_sum, lambda *given: _exchanged_sum(*given, divide=False))
        ),
    ),
    idea="what the added zeros change: the sum over all places, or the number by which it is divided?",
    hints=(
        "First for one image, by a slice: which rows and columns of maps[n] are real?",
        "The zeros add nothing to a sum. By what must the sum of image n be divided?",
        "A vector (N,) divides an array (N, C) row by row once it has the shape (N, 1).",
    ),
)

# More than one channel, and rectangles, so that the order of the rows and the number of places matter.
WEIGHT_CASES = ((_normal(1, 3, 2), 2, 2), (_normal(2, 2, 5), 3, 1), (_normal(3, 4, 4), 2, 5), (_normal(4, 6, 1), 1, 1))


def _tiled(weights, height, width):
    return np.tile(weights, (height * width, 1)) / (height * width)


INSIDE = Exercise(
    "15.4",
    title="The pooled head inside the flattened head",
    stars=3,
    cases=WEIGHT_CASES,
    expected=_tiled,
    mistakes=(
        Mistake(
            lambda weights, height, width: np.repeat(weights, height * width, axis=0) / (height * width),
            "each row is repeated before the next one: when maps are flattened, which axis runs fastest?",
        ),
        Mistake(
            lambda weights, height, width: np.tile(weights, (height * width, 1)),
            "the flattened head sums over all places here: the pooled head takes their mean",
        ),
        Mistake(
            lambda weights, height, width: np.repeat(weights, height * width, axis=0),
            "each row is repeated before the next one, and the places are summed: look at the order and at the mean",
        ),
        Mistake(
            lambda weights, height, width: np.tile(weights, (1, height * width)) / (height * width),
            "the weights are repeated side by side: that makes more classes, not more inputs",
        ),
        Mistake(
            lambda weights, height, width: np.tile(weights, (height, 1)) / height,
            "the weights are repeated for each row of places only: how many places are there?",
        ),
        Mistake(
            lambda weights, height, width: np.tile(weights, (height * width, 1)) / (height * width * len(weights)),
            "this divides by the number of channels as well: the mean runs over the places of one map",
        ),
        Mistake(
            lambda weights, height, width: _tiled(weights, height, width).reshape(height, width, *weights.shape),
            "the numbers are right, but a dense layer's weights have two axes: inputs and outputs",
        ),
        Mistake(
            lambda weights, height, width: _tiled(weights, height, width).T,
            "inputs and outputs are exchanged: the inputs come first",
        ),
        Mistake(
            lambda weights, height, width: weights / (height * width),
            "these are the weights of one place: the flattened head has such a block for each",
        ),
    ),
    idea="which input of the flattened head is which place and channel, and what weight the pooled head gives to it",
    hints=(
        "Write the logit of the pooled head with the mean as a sum: what multiplies x[r, c, m]?",
        "That factor does not depend on the place. Which numbers follow each other in `maps.reshape(N, -1)`?",
        "Flatten np.arange(12).reshape(1, 2, 2, 3) by hand: after the three channels of a place, what comes next?",
    ),
)

EXERCISES = (HEADS, CAM, REAL, INSIDE)
