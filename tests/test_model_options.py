"""Options of the architectures, each on a small member of its family: what changes, what does not, what is refused."""

import numpy as np
import pytest

from cnncourse import backend, costs, models
from cnncourse.models import alexnet, lenet, resnet, vgg

keras = backend.keras
ops = keras.ops


def images(*shape):
    return np.random.default_rng(0).random(shape, dtype="float32")


LENET_STEPS = {  # each step from today's network towards that of 1998: parameters counted by hand
    "padding": ("valid", 44426),
    "connections": ("partial", 61706 - (96 - 60) * 25),
    "subsampling": ("trainable", 61706 + 12 + 32),
    "activation": ("scaled_tanh", 61706),
    "c5": ("convolution", 61706),
    "output": ("distances", 61706 - 850),
    "rescaling": (True, 61706),
}


@pytest.mark.parametrize("option", LENET_STEPS)
def test_one_step_back_to_1998_changes_one_thing(option):
    value, parameters = LENET_STEPS[option]
    net = models.build("lenet5", **{option: value})
    assert net.count_params() == costs.count_parameters(net) == parameters
    assert net(images(1, 28, 28, 1)).shape == (1, 10)


def test_c5_as_convolution_is_the_same_function():
    dense, convolution = models.build("lenet5"), models.build("lenet5", c5="convolution")
    weights = [
        weight.reshape(target.shape) for weight, target in zip(dense.get_weights(), convolution.weights, strict=True)
    ]
    convolution.set_weights(weights)
    x = images(3, 28, 28, 1)
    np.testing.assert_allclose(ops.convert_to_numpy(convolution(x)), ops.convert_to_numpy(dense(x)), atol=1e-5)


def test_lenet_of_1998_is_one_at_one():
    x = np.array([-1.0, 0.0, 1.0, 50.0])
    np.testing.assert_allclose(ops.convert_to_numpy(lenet.scaled_tanh(x)), [-1, 0, 1, 1.7159], atol=1e-4)


def test_lenet_of_1998_answers_with_minus_the_distance():
    net = models.build("lenet5_1998", num_classes=4)
    x = images(2, 32, 32, 1)
    features = keras.Model(net.input, net.get_layer("F6_activation").output)(x)
    expected = -((ops.convert_to_numpy(features)[:, None] - lenet.CODES[:4]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(ops.convert_to_numpy(net(x)), expected, rtol=1e-5)
    scaled = keras.Model(net.input, net.get_layer("rescaling").output)(
        np.array([0.0, 1.0]).reshape(1, 1, 2, 1).repeat(32, 1).repeat(16, 2)
    )
    np.testing.assert_allclose(np.unique(ops.convert_to_numpy(scaled)), [-0.1, 1.175], atol=1e-6)


def test_alexnet_in_two_towers_never_mixes_them_in_a_split_layer():
    net = alexnet.alexnet(stem="small", width=1 / 16, input_shape=(32, 32, 3), num_classes=5)
    assert [net.get_layer(f"conv{k}").groups for k in range(1, 6)] == [1, 2, 1, 2, 2]
    one = alexnet.alexnet(groups=1, stem="small", width=1 / 16, input_shape=(32, 32, 3), num_classes=5)
    filters = {layer.name: layer.filters for layer in one.layers if hasattr(layer, "filters")}
    assert filters == {"conv1": 6, "conv2": 16, "conv3": 24, "conv4": 24, "conv5": 16}
    for name in ("conv2", "conv4", "conv5"):
        halves = net.get_layer(name).kernel.shape
        assert tuple(halves) == (
            *one.get_layer(name).kernel.shape[:2],
            one.get_layer(name).kernel.shape[2] // 2,
            filters[name],
        )
    assert net.get_layer("conv1").strides == (1, 1)
    assert net.get_layer("pool5").output.shape == (None, 3, 3, 16)


def test_alexnet_normalises_after_relu_and_before_pooling():
    names = [layer.name for layer in models.outline("alexnet").layers]
    assert names[1:5] == ["conv1", "conv1_relu", "norm1", "pool1"]
    assert [name for name in names if "norm" in name] == ["norm1", "norm2"]


def test_width_scales_filters_and_dense_units():
    net = models.outline("vgg11", width=1 / 8, input_shape=(32, 32, 3), num_classes=10)
    filters = [layer.filters for layer in net.layers if hasattr(layer, "filters")]
    assert filters == [8, 16, 32, 32, 64, 64, 64, 64]
    assert net.get_layer("fc1").units == 512
    assert models.outline("vgg11", fc_units=7, input_shape=(32, 32, 3)).get_layer("fc2").units == 7
    assert models.outline("resnet20", width=0.5).get_layer("stage3_block1_conv1").filters == 32


def test_batch_norm_of_vgg_stands_between_convolution_and_relu():
    names = [
        layer.name for layer in vgg.vgg(((3,),), batch_norm=True, input_shape=(8, 8, 1), include_top=False).layers
    ]
    assert names == ["image", "stage1_conv1", "stage1_bn1", "stage1_relu1", "stage1_pool"]


TOPPED = ["lenet5", "lenet5_1998", "alexnet", "vgg11", "resnet18", "resnet50", "plain20"]
TOPPED += ["resnext20", "mobilenet_v1", "mobilenet_v2", "mobilenet_v1_small", "mobilenet_v2_small"]


@pytest.mark.parametrize("name", TOPPED)
def test_without_the_top_maps_come_out(name):
    whole, maps = models.outline(name), models.outline(name, include_top=False)
    assert len(maps.output_shape) == 4
    assert {layer.name for layer in maps.layers} <= {layer.name for layer in whole.layers}
    last = maps.layers[-1].name
    assert tuple(whole.get_layer(last).output.shape) == maps.output_shape


def test_residual_nets_take_images_of_any_size():
    net = models.build("resnet20", input_shape=(None, None, 3))
    assert [tuple(net(images(1, *size, 3)).shape) for size in ((32, 32), (45, 20))] == [(1, 10)] * 2


@pytest.mark.parametrize("bottleneck", [False, True])
@pytest.mark.parametrize(("shortcut", "projections", "pads"), [("A", 0, 1), ("B", 1, 0), ("C", 4, 0)])
def test_shortcuts(shortcut, projections, pads, bottleneck):
    net = resnet.resnet(
        (2, 2), bottleneck=bottleneck, shortcut=shortcut, stem="small", stem_filters=4, input_shape=(16, 16, 3)
    )
    names = [layer.name for layer in net.layers]
    widened = 1 if bottleneck else 0  # a bottleneck widens in the first stage, too
    assert sum(name.endswith("_shortcut_conv") for name in names) == projections + widened * (shortcut == "B")
    assert sum(name.endswith("_shortcut_pad") for name in names) == pads + widened * (shortcut == "A")
    assert sum(name.endswith("_add") for name in names) == 4
    assert "stage2_block1_add" in names


def test_where_a_bottleneck_strides():
    for stride_on, expected in (("1x1", [2, 1, 1]), ("3x3", [1, 2, 1])):
        net = models.outline("resnet50", stride_on=stride_on)
        strides = [net.get_layer(f"stage2_block1_conv{k}").strides[0] for k in (1, 2, 3)]
        assert strides == expected
        assert net.get_layer("stage2_block1_shortcut_conv").strides == (2, 2)


def test_a_plain_net_is_the_residual_net_without_its_additions():
    plain, residual = models.outline("plain20"), models.outline("resnet20")
    shortcuts = ("_add", "_shortcut_pad")
    assert [x.name for x in plain.layers] == [x.name for x in residual.layers if not x.name.endswith(shortcuts)]
    assert [w.shape for w in plain.weights] == [w.shape for w in residual.weights]


def test_a_residual_block_adds_its_input():
    """With the last scale at zero, a block gives back what comes in: ReLU has left nothing negative."""
    net = resnet.small_resnet(8, input_shape=(8, 8, 1))
    net.get_layer("stage1_block1_bn2").gamma.assign(ops.zeros(16))
    both = keras.Model(net.input, [net.get_layer(name).output for name in ("stem_relu", "stage1_block1_relu")])
    came_in, came_out = (ops.convert_to_numpy(maps) for maps in both(images(2, 8, 8, 1)))
    np.testing.assert_array_equal(came_out, came_in)
    assert came_in.max() > 0


def test_strided_convolutions_pad_both_sides_alike():
    """With a kernel that copies its centre, a stride of 2 keeps the pixels 0, 2, ...: "same" would keep 1, 3, ..."""
    x = keras.Input((8, 8, 1))
    layer = keras.Model(x, resnet.conv_bn(x, 1, 3, stride=2, bias=False, name="one"))
    kernel = np.zeros((3, 3, 1, 1), "float32")
    kernel[1, 1] = 1
    layer.get_layer("one_conv").kernel.assign(kernel)
    image = images(1, 8, 8, 1)
    np.testing.assert_allclose(ops.convert_to_numpy(layer(image)), image[:, ::2, ::2], rtol=1e-4)


@pytest.mark.parametrize("depth", [8, 14, 26, 62])
@pytest.mark.parametrize("residual", [False, True])
def test_any_depth_of_six_n_plus_two(depth, residual):
    with backend.without_weights():
        net = resnet.small_resnet(depth, residual=residual)
    assert sum(hasattr(layer, "kernel") for layer in net.layers) == depth
    assert net.name == f"{'resnet' if residual else 'plain'}{depth}"
    blocks = (depth - 2) // 6
    convolutions = 9 * (3 * 16 + 16 * 16 * 2 * blocks + 16 * 32 + 32 * 32 * (2 * blocks - 1))
    convolutions += 9 * (32 * 64 + 64 * 64 * (2 * blocks - 1))
    normalised = 16 + 2 * blocks * (16 + 32 + 64)
    assert costs.count_parameters(net) == convolutions + 2 * normalised + 650


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("resnet20", {"shortcut": "D"}, "shortcut is 'D'; expected 'A', 'B' or 'C'"),
        ("resnet50", {"stride_on": "first"}, "stride_on is 'first'; expected '1x1' or '3x3'"),
        ("lenet5", {"output": "softmax"}, "output is 'softmax'; expected 'dense' or 'distances'"),
        ("lenet5_1998", {"num_classes": 26}, "num_classes=26, but there are codes for 10 classes"),
        ("alexnet", {"stem": "tiny"}, "stem is 'tiny'; expected 'imagenet' or 'small'"),
        ("vgg99", {}, "there is no network 'vgg99'"),
        ("lenet5", {"input_shape": (8, 8, 1)}, r"lenet5 cannot take images of input_shape=\(8, 8, 1\): a map becomes"),
        ("alexnet", {"input_shape": (32, 32, 3)}, "alexnet cannot take images"),
        ("vgg11", {"input_shape": (None, None, 3)}, "vgg11 flattens its maps, so .* must not leave a size open"),
        ("resnet20", {"input_shape": (32, 32)}, r"input_shape=\(32, 32\) is no shape of one image: pass \(height"),
        ("resnet20", {"width": 0}, "width=0 is too small: pass a factor greater than 0"),
        ("vgg11", {"width": -1.0}, "width=-1.0 is too small"),
    ],
)
def test_wrong_options_are_refused(name, options, words):
    with pytest.raises(ValueError, match=words):
        models.build(name, **options)


def test_a_depth_between_is_refused():
    with pytest.raises(ValueError, match=r"depth=22 is not 6 n \+ 2; expected 8, 14, 20"):
        resnet.small_resnet(22)


def test_an_outline_has_no_numbers_and_leaves_nothing_behind():
    outline = models.outline("lenet5")
    assert outline.count_params() == 61706
    net = models.build("lenet5")
    assert np.isfinite(ops.convert_to_numpy(net(images(1, 28, 28, 1)))).all()
    with keras.StatelessScope():  # Keras enters such a scope now and then, and fills waiting weights when it leaves
        pass
    assert all(weight._value is None for weight in outline.weights), "a later network filled the outline's weights"


def test_alexnet_drops_the_share_that_is_asked_for():
    net = models.build("alexnet", dropout=0.2, stem="small", width=1 / 16, input_shape=(32, 32, 3), num_classes=10)
    assert [net.get_layer(f"fc{k}_dropout").rate for k in (6, 7)] == [0.2, 0.2]


def test_efficientnet_lite_drops_as_published():
    rates = [models.outline(f"efficientnet_lite{k}").get_layer("head_dropout").rate for k in range(5)]
    assert rates == [0.2, 0.2, 0.3, 0.3, 0.3]
