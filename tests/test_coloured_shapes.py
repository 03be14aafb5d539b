"""The coloured shapes: shape and hue together are the label; grey, shape alone and hue alone say nothing of it."""

import numpy as np
import pytest

from cnncourse import datasets, training
from cnncourse.datasets import coloured_shapes

# isort: split
import keras
from keras import layers

COUNT = 2000
GREY = datasets.to_grey(np.eye(3))


@pytest.fixture(scope="module")
def drawn():
    return datasets.make_coloured_shapes(COUNT, seed=1), datasets.make_coloured_shapes(COUNT, seed=2)


def shuffle_pixels(images):
    """Each image's pixels in an order of its own."""
    pixels = images.reshape(len(images), -1, images.shape[-1])
    order = np.random.default_rng(0).random(pixels.shape[:2]).argsort(axis=1)
    return np.take_along_axis(pixels, order[..., np.newaxis], axis=1).reshape(images.shape)


VIEWS = {
    "grey": lambda images: datasets.to_grey(images)[..., np.newaxis],
    "shuffled": shuffle_pixels,
    "colour": lambda images: images,
}


# what is drawn


def test_images_are_colours_within_the_scale_without_clipping(drawn):
    for shapes in drawn:
        assert shapes.images.shape == (COUNT, 32, 32, 3)
        assert shapes.images.dtype == np.float32
        assert shapes.labels.dtype == shapes.shapes.dtype == shapes.hues.dtype == np.int32
        assert 0 < shapes.images.min() < shapes.images.max() < 1


def test_the_largest_gap_stays_within_the_scale_too():
    images = datasets.make_coloured_shapes(1000, seed=3, luminance_gap=0.15).images
    assert 0 < images.min() < images.max() < 1


@pytest.mark.parametrize("count", [1, 2, 5, 400, 403])
def test_every_beginning_holds_the_four_combinations_equally_often(count):
    shapes = datasets.make_coloured_shapes(count, seed=4)
    combinations = 2 * shapes.shapes + shapes.hues
    for limit in {1, count // 3 + 1, count}:
        frequencies = np.bincount(combinations[:limit], minlength=4)
        assert frequencies.max() - frequencies.min() <= 1


def test_shape_and_hue_together_are_the_label_and_each_alone_leaves_it_open(drawn):
    shapes, _ = drawn
    np.testing.assert_array_equal(shapes.labels, shapes.shapes ^ shapes.hues)
    for fact in (shapes.shapes, shapes.hues):
        for value in (0, 1):
            assert np.bincount(shapes.labels[fact == value]).tolist() == [COUNT / 4, COUNT / 4]


def test_the_class_names_say_what_the_labels_are(drawn):
    shapes, _ = drawn
    for shape, hue, label in zip(shapes.shapes[:20], shapes.hues[:20], shapes.labels[:20], strict=True):
        name = f"{coloured_shapes.HUE_NAMES[hue]} {coloured_shapes.SHAPE_NAMES[shape]}"
        assert name in shapes.class_names[label].split(" or ")


def inside(images):
    """Which pixels of a grey image (32, 32) belong to the shape."""
    return np.abs(datasets.to_grey(images) - 0.5) > 0.06


def test_discs_are_round_pluses_have_arms_and_none_touches_the_border(drawn):
    shapes, _ = drawn
    for masks, shape in zip(inside(shapes.images[:400]), shapes.shapes[:400], strict=True):
        pixels = masks.sum()
        assert coloured_shapes.FEWEST_PIXELS <= pixels <= coloured_shapes.MOST_PIXELS
        assert not masks[[0, -1]].any()
        assert not masks[:, [0, -1]].any()
        spread = np.argwhere(masks).var(axis=0).sum() / pixels
        assert (spread > 1.05 / (2 * np.pi)) == (shape == 1)  # a disc has 1 / (2 pi), whatever its size


def test_orange_has_more_red_than_blue_and_blue_more_blue_than_red(drawn):
    shapes, _ = drawn
    for image, hue in zip(shapes.images[:400], shapes.hues[:400], strict=True):
        red, _, blue = image[inside(image)].mean(axis=0)
        assert (blue > red + 0.2) if hue else (red > blue + 0.2)


def test_a_seed_gives_the_same_images_and_another_seed_others():
    first, again, other = (datasets.make_coloured_shapes(40, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.labels, other.labels)
    assert np.abs(first.images - other.images).max() > 0.1


def test_taking_some_keeps_their_facts(drawn):
    shapes, _ = drawn
    some = shapes.take(12)
    assert repr(some) == "ColouredShapes(12 images of (32, 32, 3), 2 classes)"
    for name in ("images", "labels", "shapes", "hues"):
        np.testing.assert_array_equal(getattr(some, name), getattr(shapes, name)[:12])
        assert not np.shares_memory(getattr(some, name), getattr(shapes, name))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"count": 0}, ValueError, "count=0 is too small"),
        ({"count": 2.0}, TypeError, "count=2.0 is of type float"),
        ({"seed": -1}, ValueError, "seed=-1 is too small"),
        ({"seed": None}, TypeError, "seed=None"),
        ({"luminance_gap": 0.2}, ValueError, "luminance_gap is 0.2; expected a number from 0 to 0.15"),
        ({"luminance_gap": -0.1}, ValueError, "luminance_gap is -0.1"),
        ({"luminance_gap": "much"}, TypeError, "luminance_gap is 'much'"),
        ({"luminance_gap": float("nan")}, ValueError, "luminance_gap is nan"),
    ],
)
def test_what_cannot_be_drawn_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        datasets.make_coloured_shapes(**{"count": 4, "seed": 1} | arguments)


# the two facts are independent of what a view keeps, by construction


def draw_with_other_facts(monkeypatch, *, shapes=0, hues=0):
    """The same images, drawn with every shape, or every hue, replaced by the other one."""
    original = coloured_shapes._draw_facts

    def other_facts(random, count):
        drawn_shapes, drawn_hues = original(random, count)
        return drawn_shapes ^ shapes, drawn_hues ^ hues

    monkeypatch.setattr(coloured_shapes, "_draw_facts", other_facts)
    return datasets.make_coloured_shapes(400, seed=1)


def test_the_other_hue_gives_the_same_grey_image(monkeypatch):
    images = datasets.make_coloured_shapes(400, seed=1).images
    others = draw_with_other_facts(monkeypatch, hues=1).images
    rounding = np.abs(datasets.to_grey(images) - datasets.to_grey(others)).max()
    jitter = datasets.to_grey(images)[~inside(images)].std()
    assert rounding < 1e-6 < 0.02 < jitter
    assert np.abs(images - others).max() > 0.3


def test_the_other_shape_has_as_many_pixels(monkeypatch):
    ours = inside(datasets.make_coloured_shapes(400, seed=1).images)
    theirs = inside(draw_with_other_facts(monkeypatch, shapes=1).images)
    np.testing.assert_array_equal(ours.sum(axis=(1, 2)), theirs.sum(axis=(1, 2)))
    assert (ours != theirs).sum() > 400 * 10


def test_the_axes_of_colour_have_no_luminance_and_stand_at_right_angles():
    axes = coloured_shapes.colour_axes()
    np.testing.assert_allclose(axes @ GREY, 0, atol=1e-15)
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-15)


# a linear classifier: on pixels, and on statistics of the image together with the fact that the view keeps


def statistics(view, images):
    """Mean, spread and histogram of every channel, and of red minus blue: they know nothing of places."""
    values = VIEWS[view](images).reshape(len(images), -1, 1 if view == "grey" else 3)
    if view != "grey":
        values = np.concatenate([values, values[..., :1] - values[..., 2:]], axis=-1)
    edges = np.linspace(values.min(), values.max(), 17)[1:-1]
    below = [(values < edge).mean(axis=1) for edge in edges]
    return np.concatenate([values.mean(axis=1), values.std(axis=1), *below], axis=1)


def pixels_of(view, shapes):
    return VIEWS[view](shapes.images).reshape(len(shapes), -1).astype(float)


def statistics_and_fact(view, shapes):
    """The statistics and the true fact, and their products: a classifier that knows the fact needs the other one."""
    known = 2.0 * (shapes.shapes if view == "grey" else shapes.hues)[:, np.newaxis] - 1
    values = statistics(view, shapes.images)
    return np.concatenate([known, values, known * values], axis=1)


def linear_accuracy(features, view, train, test):
    """Test accuracy of ridge regression on standardised features."""
    inputs = features(view, train)
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    inputs = (inputs - mean) / scale
    targets = 2.0 * train.labels - 1
    weights = np.linalg.solve(inputs.T @ inputs + np.eye(inputs.shape[1]), inputs.T @ targets)
    return np.mean(((features(view, test) - mean) / scale @ weights > 0) == test.labels)


def spread_of_coin_tosses(count):
    """Four standard deviations of the share of right answers among so many guesses."""
    return 4 * 0.5 / np.sqrt(count)


@pytest.mark.parametrize("view", ["grey", "shuffled"])
@pytest.mark.parametrize("features", [pixels_of, statistics_and_fact])
def test_a_linear_classifier_is_at_chance(view, features, drawn):
    assert abs(linear_accuracy(features, view, *drawn) - 0.5) < spread_of_coin_tosses(COUNT)


def test_the_linear_classifier_sees_a_luminance_that_depends_on_the_hue():
    leaky = [datasets.make_coloured_shapes(COUNT, seed, luminance_gap=0.02) for seed in (1, 2)]
    assert linear_accuracy(statistics_and_fact, "grey", *leaky) > 0.5 + 2 * spread_of_coin_tosses(COUNT)


def test_the_linear_classifier_sees_a_size_that_depends_on_the_shape(monkeypatch):
    original = coloured_shapes._draw_masks

    def larger_pluses(random, shapes):
        masks = original(random, shapes)
        masks[shapes == 1, 0] = True
        return masks

    monkeypatch.setattr(coloured_shapes, "_draw_masks", larger_pluses)
    leaky = [datasets.make_coloured_shapes(COUNT, seed) for seed in (1, 2)]
    assert linear_accuracy(statistics_and_fact, "shuffled", *leaky) > 0.5 + 2 * spread_of_coin_tosses(COUNT)


# a small convolutional network, the same for every view

TEST_IMAGES = 1024


def cnn_accuracy(view, luminance_gap=0.0):
    """Test accuracy of the notebook's network on one view, after a little less training."""
    training.setup(1)
    train = datasets.make_coloured_shapes(1200, 2, luminance_gap=luminance_gap)
    test = datasets.make_coloured_shapes(TEST_IMAGES, 3, luminance_gap=luminance_gap)
    inputs = VIEWS[view](train.images)
    blocks = []
    for kernels in (16, 32, 32):
        blocks += [layers.Conv2D(kernels, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9)]
        blocks += [layers.ReLU(), layers.MaxPooling2D()]
    head = [layers.GlobalMaxPooling2D(), layers.Dense(32, activation="relu"), layers.Dense(2)]
    centre = layers.Rescaling(1, offset=-0.5)
    network = keras.Sequential([keras.Input(inputs.shape[1:]), centre, *blocks, *head])
    rate = keras.optimizers.schedules.CosineDecay(0.004, 4 * 38)
    network.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    network.fit(inputs, train.labels, batch_size=32, epochs=4, verbose=0)
    return training.accuracy(network, VIEWS[view](test.images), test.labels)


@pytest.mark.parametrize("view", ["grey", "shuffled"])
def test_a_cnn_is_at_chance_without_the_hue_and_without_the_shape(view):
    assert abs(cnn_accuracy(view) - 0.5) < spread_of_coin_tosses(TEST_IMAGES)


def test_the_same_cnn_learns_the_label_in_colour():
    assert cnn_accuracy("colour") > 0.9


def test_the_same_cnn_sees_a_luminance_that_depends_on_the_hue():
    assert cnn_accuracy("grey", luminance_gap=0.15) > 0.5 + spread_of_coin_tosses(TEST_IMAGES)
