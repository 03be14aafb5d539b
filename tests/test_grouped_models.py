"""Options of the networks with grouped and depthwise convolutions: what changes, what does not, what is refused."""

import numpy as np
import pytest

from cnncourse import backend, costs, layers, models
from cnncourse.models import alexnet, efficientnet_lite, mobilenet, resnext
from cnncourse.models.resnet import bottleneck_block

keras = backend.keras
ops = keras.ops
SMALL = ("resnext20", "mobilenet_v1_small", "mobilenet_v2_small")


def images(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


def filters_of(net, ending):
    """Filters of the layers whose name ends so."""
    return [layer.filters for layer in net.layers if layer.name.endswith(ending)]


@pytest.mark.parametrize(("cardinality", "group_width"), [(1, 64), (2, 40), (8, 14), (32, 4), (64, 1)])
def test_cardinality_and_group_width_are_those_of_the_3x3(cardinality, group_width):
    net = models.outline("resnext50_32x4d", cardinality=cardinality, group_width=group_width)
    for stage in (1, 4):
        first, second, third = (net.get_layer(f"stage{stage}_block1_conv{k}") for k in (1, 2, 3))
        assert (first.groups, second.groups, third.groups) == (1, cardinality, 1)
        width = group_width * 2 ** (stage - 1)
        assert tuple(second.kernel.shape) == (3, 3, width, cardinality * width)
        assert first.filters == cardinality * width
        assert third.filters == 256 * 2 ** (stage - 1)
        assert isinstance(second, layers.GroupedConv2D) == (cardinality > 1)
        assert first.strides == (1, 1)
        assert second.strides == ((1, 1) if stage == 1 else (2, 2))


def test_one_group_as_wide_as_the_bottleneck_is_a_resnet():
    grouped = models.outline("resnext50_32x4d", cardinality=1, group_width=64)
    plain = models.outline("resnet50", stride_on="3x3")
    facts = [[(x.name, type(x), x.output.shape) for x in net.layers] for net in (grouped, plain)]
    assert facts[0] == facts[1]


def test_width_scales_the_groups_of_a_resnext_and_not_their_number():
    half = models.outline("resnext50_32x4d", width=0.5)
    layer = half.get_layer("stage1_block1_conv2")
    assert (layer.groups, layer.filters) == (32, 64)
    assert half.get_layer("stage1_block1_conv3").filters == 128


def test_a_bottleneck_shares_its_filters_among_groups():
    x = keras.Input((8, 8, 16))
    for options, kernel in (({}, (3, 3, 2, 8)), ({"inner": 12}, (3, 3, 3, 12))):
        net = keras.Model(x, bottleneck_block(x, 8, cardinality=4, **options, name="block"))
        assert tuple(net.get_layer("block_conv2").kernel.shape) == kernel
        assert net.output_shape == (None, 8, 8, 32)


@pytest.mark.parametrize("depth", [11, 20, 29, 38])
def test_any_depth_of_nine_n_plus_two(depth):
    with backend.without_weights():
        net = resnext.small_resnext(depth, cardinality=4, group_width=2)
    weighted = [layer.name for layer in net.layers if hasattr(layer, "kernel")]
    assert len([name for name in weighted if "shortcut" not in name]) == depth
    assert net.name == f"resnext{depth}"
    assert net.get_layer("stage3_block1_conv2").kernel.shape == (3, 3, 8, 32)


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_cost_as_much_as_resnet20(name):
    net, resnet20 = models.outline(name), models.outline("resnet20")
    assert net.input_shape == resnet20.input_shape == (None, 32, 32, 3)
    assert abs(costs.count_macs(net) / costs.count_macs(resnet20) - 1) < 0.03
    assert abs(costs.count_parameters(net) / costs.count_parameters(resnet20) - 1) < 0.15


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_train(name):
    """After one step the loss is a number and every weight has moved: all of them have a gradient."""
    keras.utils.set_random_seed(1)
    net = models.build(name, input_shape=(16, 16, 3))
    before = [ops.convert_to_numpy(weight).copy() for weight in net.trainable_weights]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
    assert np.isfinite(net.train_on_batch(images(8, 16, 16, 3), np.arange(8)))
    after = [ops.convert_to_numpy(weight) for weight in net.trainable_weights]
    assert all(np.isfinite(weight).all() for weight in after)
    still = [w.path for w, old, new in zip(net.trainable_weights, before, after, strict=True) if (old == new).all()]
    assert not still


def test_small_networks_take_other_depths_widths_and_images():
    deeper = models.outline("mobilenet_v1_small", blocks=(1, 2), width=0.5, input_shape=(28, 28, 1), num_classes=7)
    assert filters_of(deeper, "_pointwise_conv") == [32, 64, 64]
    assert deeper.get_layer("block3_pointwise_relu").output.shape == (None, 14, 14, 64)
    assert deeper.output_shape == (None, 7)
    deeper = models.outline("mobilenet_v2_small", blocks=(1, 1, 2), width=2, include_top=False)
    assert filters_of(deeper, "_project_conv") == [32, 48, 64, 64]
    assert deeper.output_shape == (None, 16, 16, 4 * 64)


V1_FILTERS = [32, 64, 128, 128, 256, 256, *6 * [512], 1024, 1024]
V1_WIDTHS = {
    0.25: [filters // 4 for filters in V1_FILTERS],
    0.5: [filters // 2 for filters in V1_FILTERS],
    0.75: [3 * filters // 4 for filters in V1_FILTERS],
    1.4: [44, 89, 179, 179, 358, 358, *6 * [716], 1433, 1433],
}
V2_WIDTHS = {  # stem, last block of each stage, head
    0.25: [8, 8, 8, 8, 16, 24, 40, 80, 1280],
    0.35: [16, 8, 8, 16, 24, 32, 56, 112, 1280],
    0.5: [16, 8, 16, 16, 32, 48, 80, 160, 1280],
    0.75: [24, 16, 24, 24, 48, 72, 120, 240, 1280],
    1.4: [48, 24, 32, 48, 88, 136, 224, 448, 1792],
}


@pytest.mark.parametrize("width", V1_WIDTHS)
def test_width_of_the_first_mobilenet_rounds_down(width):
    net = models.outline("mobilenet_v1", width=width)
    assert filters_of(net, "stem_conv") + filters_of(net, "_pointwise_conv") == V1_WIDTHS[width]


@pytest.mark.parametrize("width", V2_WIDTHS)
def test_width_of_the_second_mobilenet_rounds_to_eights_and_never_narrows_the_head(width):
    net = models.outline("mobilenet_v2", width=width)
    lasts = [net.get_layer(f"stage{s}_block{stage[2]}_project_conv") for s, stage in enumerate(mobilenet.STAGES, 1)]
    filters = filters_of(net, "stem_conv") + [layer.filters for layer in lasts] + filters_of(net, "head_conv")
    assert filters == V2_WIDTHS[width]


def test_resolution_changes_maps_and_no_parameter():
    small, large = (models.outline("mobilenet_v2", input_shape=(side, side, 3)) for side in (96, 224))
    assert small.get_layer("head_relu").output.shape == (None, 3, 3, 1280)
    assert [w.shape for w in small.weights] == [w.shape for w in large.weights]


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "resnext20"])
def test_images_of_any_size(name):
    net = models.build(name, width=0.25, input_shape=(None, None, 3), num_classes=5)
    assert [tuple(net(images(1, *size, 3)).shape) for size in ((64, 64), (45, 70))] == [(1, 5)] * 2


def test_without_separation_each_block_is_one_convolution():
    net, separable = (models.outline("mobilenet_v1", separable=choice) for choice in (False, True))
    assert not [layer for layer in net.layers if isinstance(layer, keras.layers.DepthwiseConv2D)]
    full = [layer for layer in net.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in full] == V1_FILTERS
    assert {layer.kernel_size for layer in full} == {(3, 3)}
    assert sum(isinstance(layer, keras.layers.DepthwiseConv2D) for layer in separable.layers) == 13
    assert costs.receptive_field(net) == costs.receptive_field(separable)


def block_alone(block, *arguments, shape=(8, 8, 16), **options):
    x = keras.Input(shape)
    return keras.Model(x, block(x, *arguments, **options, name="block"))


@pytest.mark.parametrize("separable", [True, False])
def test_a_separable_block_strides_as_keras_applications_do(separable):
    for size, expected in ((8, 4), (7, 3)):
        net = block_alone(mobilenet.separable_block, 24, stride=2, separable=separable, shape=(size, size, 16))
        assert net.output_shape == (None, expected, expected, 24)


def test_order_in_a_separable_block():
    net = block_alone(mobilenet.separable_block, 24)
    parts = [f"block_{part}_{kind}" for part in ("depthwise", "pointwise") for kind in ("conv", "bn", "relu")]
    assert [layer.name for layer in net.layers[1:]] == parts
    values = ops.convert_to_numpy(net(100 * images(2, 8, 8, 16), training=True))
    assert (values.min(), net.layers[-1].max_value) == (0, 6)


def test_an_inverted_bottleneck_puts_out_linear_maps():
    net = block_alone(models.inverted_bottleneck, 24)
    names = [layer.name for layer in net.layers]
    assert names[-2:] == ["block_project_conv", "block_project_bn"]
    assert ops.convert_to_numpy(net(images(2, 8, 8, 16))).min() < 0
    assert net.get_layer("block_depthwise_conv").output.shape == (None, 8, 8, 96)


@pytest.mark.parametrize(("filters", "stride", "adds"), [(16, 1, True), (24, 1, False), (16, 2, False)])
def test_an_inverted_bottleneck_adds_where_the_shapes_are_equal(filters, stride, adds):
    net = block_alone(models.inverted_bottleneck, filters, stride=stride)
    assert net.layers[-1].name == ("block_add" if adds else "block_project_bn")
    net.get_layer("block_project_bn").gamma.assign(ops.zeros(filters))
    x = images(2, 8, 8, 16)
    expected = x if adds else np.zeros((2, 8 // stride, 8 // stride, filters))
    np.testing.assert_array_equal(ops.convert_to_numpy(net(x)), expected)


def test_depthwise_filters_start_at_their_right_size():
    """He: the variance is 2 / (numbers read), and an output of a depthwise 3x3 reads nine."""
    keras.utils.set_random_seed(1)
    net = block_alone(mobilenet.separable_block, 512, shape=(8, 8, 256))
    spread = {
        part: np.std(ops.convert_to_numpy(net.get_layer(f"block_{part}_conv").kernel))
        for part in ("depthwise", "pointwise")
    }
    assert spread["depthwise"] == pytest.approx(np.sqrt(2 / 9), rel=0.1)
    assert spread["pointwise"] == pytest.approx(np.sqrt(2 / 256), rel=0.1)


def test_efficientnet_lite_keeps_the_choices_of_keras():
    net = efficientnet_lite.efficientnet_lite(include_top=False)
    norms = [layer for layer in net.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {layer.momentum for layer in norms} == {0.99}
    glorot = keras.initializers.GlorotUniform
    assert isinstance(net.get_layer("stem_conv").kernel_initializer, glorot)
    assert isinstance(net.get_layer("stage1_block1_depthwise_conv").depthwise_initializer, glorot)


def test_alexnet_in_groups_has_the_weights_and_outputs_of_keras():
    net = alexnet.alexnet(stem="small", width=1 / 16, input_shape=(32, 32, 3), num_classes=5)
    grouped = [layer.name for layer in net.layers if isinstance(layer, layers.GroupedConv2D)]
    assert grouped == ["conv2", "conv4", "conv5"]

    def as_keras(layer):
        kind = keras.layers.Conv2D if layer.name in grouped else type(layer)
        return kind.from_config(layer.get_config())

    twin = keras.models.clone_model(net, clone_function=as_keras)
    assert not [layer for layer in twin.layers if isinstance(layer, layers.GroupedConv2D)]
    assert twin.get_layer("conv2").groups == 2
    twin.set_weights(net.get_weights())
    x = images(2, 32, 32, 3)
    expected, received = (ops.convert_to_numpy(model(x)) for model in (twin, net))
    assert np.abs(expected[0] - expected[1]).max() > 0.01
    np.testing.assert_allclose(received, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("resnext50_32x4d", {"cardinality": 0}, ValueError, "cardinality=0 is too small"),
        ("resnext20", {"group_width": 2.5}, TypeError, "group_width=2.5 is of type float: pass one whole number"),
        ("resnet18", {"cardinality": 4}, ValueError, "cardinality=4 and group_width=None are those of bottlenecks"),
        ("resnet20", {"group_width": 4}, ValueError, "pass bottleneck=True, or leave both out"),
        ("mobilenet_v1", {"width": 0}, ValueError, "width=0 is too small: pass a factor greater than 0"),
        ("mobilenet_v2", {"width": "1"}, TypeError, "width='1' is of type str: pass a factor such as 0.5"),
        ("mobilenet_v1_small", {"blocks": (3, 0)}, ValueError, r"blocks\[1\]=0 is too small"),
        ("mobilenet_v2_small", {"blocks": (3, 0)}, ValueError, "blocks of stage 2=0 is too small"),
        ("mobilenet_v2_small", {"blocks": 8 * (1,)}, ValueError, "blocks has 8 stages; expected 1 to 7"),
    ],
)
def test_wrong_options_are_refused(name, options, error, words):
    with pytest.raises(error, match=words):
        models.build(name, **options)


def test_a_depth_between_is_refused():
    with pytest.raises(ValueError, match=r"depth=18 is not 9 n \+ 2; expected 11, 20, 29"):
        resnext.small_resnext(18)
