"""The cost of whole models: published counts, the gradient's own receptive fields, and layers that are not known."""

import numpy as np
import pytest

from cnncourse import arithmetic, backend, costs, inspection, models

keras = backend.keras
layers = keras.layers
SIDE = 61  # of the random nets' images, in pixels

# Learnable parameters, multiply-accumulates, outputs of convolutions, pools and dense layers, receptive field and jump
# of keras.applications' models as Keras 3.15 builds them. The multiply-accumulates agree with torchvision's counts of
# the same architectures, the receptive fields with Araujo et al., "Computing Receptive Fields of Convolutional Neural
# Networks", 2019 (VGG-16, ResNet-50, MobileNet v1).
APPLICATIONS = {
    "VGG16": (138_357_544, 15_470_264_320, 15_087_080, 212, 32),
    "ResNet50": (25_583_592, 3_857_973_248, 10_790_888, 483, 32),
    "MobileNet": (4_231_976, 568_740_352, 5_044_712, 315, 32),
    "MobileNetV2": (3_504_872, 300_774_272, 6_680_392, 491, 32),
}


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_models_of_keras_applications_cost_what_is_published(name):
    model = getattr(keras.applications, name)(weights=None)
    parameters, macs, activations, size, jump = APPLICATIONS[name]
    assert costs.count_parameters(model) == parameters
    assert costs.count_parameters(model) == sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert costs.count_macs(model) == macs
    assert costs.count_activations(model) == activations
    for field in costs.receptive_field(model):
        assert (field.size, field.jump) == (size, jump)


def alexnet():
    """AlexNet's layers with their two groups; normalisation and activations have no part in the counts."""
    conv = layers.Conv2D
    return keras.Sequential(
        [
            keras.Input((227, 227, 3)),
            conv(96, 11, strides=4, name="conv1"),
            layers.MaxPooling2D(3, strides=2),
            conv(256, 5, padding="same", groups=2, name="conv2"),
            layers.MaxPooling2D(3, strides=2),
            conv(384, 3, padding="same", name="conv3"),
            conv(384, 3, padding="same", groups=2, name="conv4"),
            conv(256, 3, padding="same", groups=2, name="conv5"),
            layers.MaxPooling2D(3, strides=2, name="pool5"),
            layers.Flatten(),
            *(layers.Dense(units) for units in (4096, 4096, 1000)),
        ]
    )


def test_alexnet_costs_what_its_authors_say():
    model = alexnet()
    assert costs.count_parameters(model) == 60_965_224
    assert costs.count_macs(model) == 724_406_816
    assert costs.count_activations(model) == 781_736
    rows, columns = costs.receptive_field(model)
    assert rows == columns == arithmetic.ReceptiveField(195, 32, -64)
    assert costs.receptive_field(model, "conv1")[0] == arithmetic.ReceptiveField(11, 4, 0)


def test_every_layer_of_efficientnet_is_counted_as_keras_counts_it():
    model = models.build("efficientnet_lite0")
    for row in costs.table(model):
        weights = model.get_layer(row.name).trainable_weights
        assert row.parameters == sum(int(np.prod(weight.shape)) for weight in weights), row.name
        assert row.output_shape == tuple(model.get_layer(row.name).output.shape[1:])


def random_net(seed):
    """A small net of random layers, with a branch that meets the main path again; weights are positive."""
    random = np.random.default_rng(seed)

    def window(x):
        kernel = tuple(int(k) for k in random.integers(1, 4, 2))
        padding = str(random.choice(["valid", "same"]))
        kind = random.integers(5)
        if kind == 0:
            return layers.Conv2D(2, kernel, dilation_rate=int(random.integers(1, 3)), padding=padding)(x)
        if kind == 1:
            return layers.DepthwiseConv2D(3, strides=int(random.integers(1, 3)), padding=padding)(x)
        if kind == 2:
            return layers.AveragePooling2D(kernel, strides=int(random.integers(1, 3)), padding=padding)(x)
        if kind == 3:
            return layers.SeparableConv2D(3, kernel, padding=padding)(x)
        return layers.Conv2D(3, kernel, strides=tuple(int(s) for s in random.integers(1, 3, 2)), padding=padding)(x)

    x = inputs = keras.Input((SIDE, SIDE, 2))
    x = layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
    for _ in range(2):
        x = window(x)
    wide = layers.Conv2D(x.shape[-1], (3, 5), padding="same")(layers.BatchNormalization()(x))
    wide = layers.Conv2D(x.shape[-1], 3, dilation_rate=2, padding="same")(layers.ReLU()(wide))
    x = layers.Add()([wide, layers.Conv2D(x.shape[-1], 1)(x)])
    x = layers.Cropping2D(((1, 0), (0, 1)))(x)
    x = layers.Activation("linear", name="last")(window(layers.Concatenate()([x, x])))
    model = keras.Model(inputs, x)
    for layer in model.layers:
        layer.set_weights([np.abs(w) + 0.1 for w in layer.get_weights()])
    return model


@pytest.mark.parametrize("seed", range(12))
def test_the_walker_equals_the_field_that_the_gradient_measures(seed):
    model = random_net(seed)
    fields = costs.receptive_field(model)
    height, width = model.output_shape[1:3]
    top, left, bottom, right = inspection.receptive_window(model, "last", height // 2, width // 2)
    for field, place, measured in zip(fields, (height // 2, width // 2), ((top, bottom), (left, right)), strict=True):
        first = field.start + place * field.jump
        assert measured == (first, first + field.size)
        assert 0 < measured[0] < measured[1] < SIDE, "the image is too small: its border cuts the field"


@pytest.mark.parametrize("seed", range(4))
def test_at_the_border_an_output_sees_no_more_than_the_walker_says(seed):
    model = random_net(seed)
    rows, columns = costs.receptive_field(model)
    last_row, last_column = (size - 1 for size in model.output_shape[1:3])
    for row, column in ((0, 0), (last_row, last_column)):
        top, left, bottom, right = inspection.receptive_window(model, "last", row, column)
        for field, place, (first, last) in ((rows, row, (top, bottom)), (columns, column, (left, right))):
            start = field.start + place * field.jump
            assert max(start, 0) <= first < last <= min(start + field.size, SIDE)


def test_the_longest_path_decides_and_unequal_jumps_cannot_meet():
    x = keras.Input((32, 32, 3))
    longest = layers.Add(name="sum")([layers.Conv2D(3, 7, padding="same")(x), layers.Conv2D(3, 3, padding="same")(x)])
    assert costs.receptive_field(keras.Model(x, longest))[0] == arithmetic.ReceptiveField(7, 1, -3)
    halved = layers.Conv2D(3, 1, strides=2)(x)
    unequal = layers.Add(name="sum")([halved, layers.Cropping2D(8)(x)])
    with pytest.raises(ValueError, match=r"branches that meet in 'sum' have jumps \[2, 1\]"):
        costs.table(keras.Model(x, unequal))


def test_a_layer_used_twice_works_twice_with_one_set_of_weights():
    shared, image = layers.Conv2D(3, 3, padding="same", name="shared"), keras.Input((16, 16, 3))
    net = keras.Model(image, shared(shared(image)))
    outer = keras.Input((16, 16, 3))
    for model in (net, keras.Model(outer, net(net(outer)))):
        calls = len(costs.table(model))
        assert costs.count_parameters(model) == model.count_params() == 84
        assert costs.count_macs(model) == calls * 16 * 16 * 81
    assert calls == 4


def test_a_model_inside_a_model_is_walked():
    inner = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(4, 3, name="conv")], name="inner")
    x = keras.Input((16, 16, 3))
    outer = keras.Model(x, layers.Conv2D(2, 3, name="after")(inner(x)))
    rows = costs.table(outer)
    assert [row.name for row in rows] == ["inner/conv", "after"]
    assert rows[1].receptive_field[0].size == 5
    assert costs.count_macs(outer) == 14 * 14 * 9 * 3 * 4 + 12 * 12 * 9 * 4 * 2


def test_a_frozen_layer_costs_what_it_cost():
    model = alexnet()
    model.trainable = False
    assert costs.count_parameters(model) == 60_965_224


def test_everything_sees_the_whole_image_after_pooling_over_all_places():
    stack = [layers.Conv2D(4, 3, name="conv"), layers.GlobalAveragePooling2D(name="pool"), layers.Dense(2, name="out")]
    model = keras.Sequential([keras.Input((8, 8, 1)), *stack])
    assert [row.receptive_field is None for row in costs.table(model)] == [False, True, True]
    assert costs.receptive_field(model)[0].size == 3
    with pytest.raises(ValueError, match="no layer 'pool' with places; expected one of conv"):
        costs.receptive_field(model, "pool")


def test_the_printed_table_has_a_line_a_layer_and_their_sums():
    lines = str(costs.table(alexnet())).splitlines()
    assert lines[0].split() == ["layer", "kind", "output", "parameters", "MACs", "receptive", "field"]
    assert " ".join(lines[2].split()) == "conv1 Conv2D 55 x 55 x 96 34,944 105,415,200 11 x 11"
    assert lines[-1].split() == ["sum", "60,965,224", "724,406,816"]
    assert len(lines) == 12 + 4
    assert len({len(line) for line in lines[2:-2]}) == 1, "numbers stand to the right"


class Twice(layers.Layer):
    def call(self, x):
        return 2 * x


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (lambda: keras.Sequential([layers.Conv2D(1, 3)], name="open"), "the model 'open' has no input shape yet"),
        (lambda: keras.Sequential([keras.Input((None, 8, 3)), layers.Conv2D(1, 3)]), "expected every size but the"),
        (lambda: keras.Sequential([keras.Input((8, 8, 3)), Twice(name="twice")]), "'twice' is a Twice, whose cost is"),
        (
            lambda: keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2DTranspose(1, 3, name="up")]),
            "'up' is a Conv2DTranspose",
        ),
        (
            lambda: keras.Model([a := keras.Input((8,)), b := keras.Input((8,))], layers.Add()([a, b]), name="two"),
            "the model 'two' has several inputs",
        ),
    ],
)
def test_what_cannot_be_counted_is_named(model, words):
    with pytest.raises(ValueError, match=words):
        costs.table(model())


@pytest.mark.parametrize("pool", [keras.layers.GlobalAveragePooling2D, keras.layers.GlobalMaxPooling2D])
def test_global_pools_are_counted_as_activations(pool):
    assert costs.count_activations(keras.Sequential([keras.Input((4, 4, 3)), pool()])) == 3


@pytest.mark.parametrize(("center", "scale"), [(True, True), (True, False), (False, True), (False, False)])
def test_batch_norm_counts_what_it_learns(center, scale):
    net = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.BatchNormalization(center=center, scale=scale)])
    assert costs.count_parameters(net) == sum(int(np.prod(weight.shape)) for weight in net.trainable_weights)


def test_branches_that_look_beside_each_other_see_both_windows():
    image = keras.Input((16, 16, 1))
    left = keras.layers.Cropping2D(((0, 2), (0, 2)))(keras.layers.Conv2D(1, 3)(image))
    right = keras.layers.Cropping2D(((4, 0), (4, 0)))(keras.layers.Conv2D(1, 1)(image))
    net = keras.Model(image, keras.layers.Add(name="sum")([left, right]))
    assert costs.receptive_field(net)[0] == (5, 1, 0)
