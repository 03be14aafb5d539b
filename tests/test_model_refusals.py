"""Bad input to models, layers, costs and inspection: one sentence that says what was passed and how to mend it."""

import numpy as np
import pytest

from cnncourse import arithmetic, backend, costs, inspection, layers, models, reference
from cnncourse.arguments import scaled
from cnncourse.models import efficientnet_lite, mobilenet, resnet, vgg

keras = backend.keras
TOO_SMALL = "is too small: pass"


def refuses(call, words, error=ValueError):
    """One sentence on one line."""
    with pytest.raises(error, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


NUMBERS_OF_CLASSES = [(0, ValueError), (-1, ValueError), (2.5, TypeError), ("10", TypeError), (True, TypeError)]


@pytest.mark.parametrize("name", ["lenet5_1998", "lenet5", "resnet20", "efficientnet_lite0"])
@pytest.mark.parametrize(("num_classes", "error"), NUMBERS_OF_CLASSES)
def test_what_is_no_number_of_classes_is_refused(name, num_classes, error):
    refuses(lambda: models.outline(name, num_classes=num_classes), f"num_classes={num_classes!r} is", error)


@pytest.mark.parametrize("name", ["lenet5_1998", "lenet5", "resnet20"])
def test_a_number_of_classes_may_be_numpys(name):
    assert models.outline(name, num_classes=np.int64(7)).output_shape == (None, 7)


OPTIONS = [
    ("efficientnet_lite0", {"width": 0}, ValueError, f"width=0 {TOO_SMALL}"),
    ("efficientnet_lite0", {"width": float("nan")}, ValueError, "width=nan is not finite"),
    ("efficientnet_lite0", {"depth": -1}, ValueError, f"depth=-1 {TOO_SMALL}"),
    ("efficientnet_lite0", {"depth": float("inf")}, ValueError, "depth=inf is not finite"),
    ("efficientnet_lite0", {"depth": "a"}, TypeError, "depth='a' is of type str: pass a factor"),
    ("efficientnet_lite0", {"resolution": 0}, ValueError, f"resolution=0 {TOO_SMALL}"),
    ("mobilenet_v2", {"head_filters": -5}, ValueError, f"head_filters=-5 {TOO_SMALL}"),
    ("mobilenet_v2", {"stages": ()}, ValueError, r"stages=\(\) has 0 entries: pass 1 or more"),
    ("mobilenet_v1", {"blocks": ()}, ValueError, r"blocks=\(\) has 0 entries: pass 1 or more"),
    ("mobilenet_v1", {"blocks": (64, 128)}, TypeError, r"blocks\[0\]=64 is of type int: pass a list, such as \(fil"),
    ("mobilenet_v1", {"blocks": ((64, 1), (128,))}, ValueError, r"blocks\[1\]=\(128,\) has 1 entries: pass 2, \(fil"),
    ("mobilenet_v2", {"stages": ((1, 16, 1),)}, ValueError, r"stages\[0\]=\(1, 16, 1\) has 3 entries: pass 4, \(exp"),
    ("efficientnet_lite0", {"weights": 5}, TypeError, "the path is 5; pass the path of an .npz file"),
    ("mobilenet_v1", {"separable": "False"}, TypeError, "separable='False' is of type str"),
    ("mobilenet_v2_small", {"blocks": 3}, TypeError, "blocks=3 is of type int: pass a list, such as"),
    ("resnet20", {"stem_filters": 0}, ValueError, f"stem_filters=0 {TOO_SMALL}"),
    ("resnet20", {"stem_filters": 0.5}, TypeError, "stem_filters=0.5 is of type float"),
    ("resnet20", {"stem_stride": 0}, ValueError, f"stem_stride=0 {TOO_SMALL}"),
    ("resnet20", {"residual": "False"}, TypeError, "residual='False' is of type str"),
    ("vgg11", {"fc_units": 0}, ValueError, f"fc_units=0 {TOO_SMALL}"),
    ("vgg11", {"batch_norm": "False"}, TypeError, "batch_norm='False' is of type str"),
    ("lenet5", {"rescaling": "False"}, TypeError, "rescaling='False' is of type str"),
    ("lenet5", {"input_shape": 32}, ValueError, "input_shape=32 is no shape of one image: pass"),
    ("resnet20", {"input_shape": (0, 0, 3)}, ValueError, rf"input_shape\[0\]=0 {TOO_SMALL}"),
    ("resnet20", {"input_shape": (32, 32, None)}, TypeError, r"input_shape\[2\]=None is of type NoneType"),
    ("lenet5_1998", {"input_shape": (8, 8, 1)}, ValueError, r"lenet5_1998 cannot take .*=\(8, 8, 1\): a map becomes"),
]


@pytest.mark.parametrize(("name", "options", "error", "words"), OPTIONS)
def test_options_out_of_range_are_refused(name, options, error, words):
    refuses(lambda: models.outline(name, **options), words, error)


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "vgg11", "resnet20", "mobilenet_v1", "mobilenet_v2"])
def test_include_top_is_a_boolean(name):
    refuses(lambda: models.outline(name, include_top="False"), "include_top='False' is of type str", TypeError)


def test_a_network_without_stages_is_refused():
    refuses(lambda: resnet.resnet(()), r"blocks=\(\) has 0 entries: pass 1 or more, such as \(2, 2, 2, 2\)")
    refuses(lambda: resnet.resnet(3), "blocks=3 is of type int: pass a list", TypeError)
    refuses(lambda: vgg.vgg(()), "kernel_sizes has 0 stages; expected 1 to 5")
    refuses(lambda: vgg.vgg((3, 3)), r"kernel_sizes\[0\]=3 is of type int: pass a list, such as \(3, 3\)", TypeError)
    refuses(lambda: mobilenet.small_mobilenet_v1(blocks=3), "blocks=3 is of type int", TypeError)
    refuses(lambda: efficientnet_lite.efficientnet_lite(include_top=1), "include_top=1 is of type int", TypeError)
    refuses(lambda: models.build(["vgg16"]), r"there is no network \['vgg16'\]")


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"stride": (1, 1)}, TypeError, r"stride=\(1, 1\) is of type tuple: pass one whole number"),
        ({"expansion": -3}, ValueError, f"expansion=-3 {TOO_SMALL}"),
        ({"expansion": 0}, ValueError, f"expansion=0 {TOO_SMALL}"),
        ({"filters": 0}, ValueError, f"filters=0 {TOO_SMALL}"),
    ],
)
def test_an_inverted_bottleneck_never_loses_its_sum(options, error, words):
    options = {"filters": 16, "name": "block"} | options
    refuses(lambda: models.inverted_bottleneck(keras.Input((8, 8, 16)), **options), words, error)


def test_an_infinite_width_is_refused():
    refuses(lambda: scaled(64, float("inf")), "width=inf is not finite: pass a factor such as 0.5")


def test_channels_first_is_refused_before_a_network_is_built():
    keras.config.set_image_data_format("channels_first")
    try:
        for name in ("lenet5", "resnet20", "efficientnet_lite0"):
            refuses(lambda name=name: models.outline(name), r"set_image_data_format\('channels_last'\) first")
    finally:
        keras.config.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (keras.layers.Conv2D, {"filters": 4, "kernel_size": 3}),
        (keras.layers.Conv2D, {"filters": 4, "kernel_size": 3, "padding": "same"}),
        (keras.layers.DepthwiseConv2D, {"kernel_size": 3}),
        (keras.layers.MaxPooling2D, {"pool_size": 2}),
        (keras.layers.GlobalAveragePooling2D, {}),
        (layers.GroupedConv2D, {"filters": 4, "kernel_size": 3, "groups": 2}),
    ],
)
def test_a_layer_of_channels_first_is_not_counted_wrongly(layer, options):
    net = sequential(layer(**options, data_format="channels_first", name="first"), shape=(4, 8, 10))
    refuses(lambda: costs.table(net), "the layer 'first' has data_format='channels_first'")


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (layers.TrainableSubsampling(5, name="pool"), (4, 6, 1), "'pool' has a pool of 5 x 5, but its maps are 4 x 6"),
        (layers.PartialConv2D([[0]], 5, name="conv"), (8, 4, 1), "'conv' has a kernel of 5 x 5, but its maps are 8 x"),
    ],
)
def test_maps_smaller_than_the_window_are_refused(layer, shape, words):
    refuses(lambda: layer(keras.Input(shape)), words)


def test_connections_and_codes_of_another_kind_are_refused():
    refuses(lambda: layers.PartialConv2D([0, 1], 5), r"connections\[0\]=0 is of type int: pass a list", TypeError)
    refuses(lambda: layers.PartialConv2D(3, 5), "connections=3 is of type int: pass a list", TypeError)
    refuses(lambda: layers.SquaredDistances([["a"]]), "codes has dtype <U1: expected real numbers", TypeError)


def sequential(*stack, shape=(8, 8, 3)):
    return keras.Sequential([keras.Input(shape), *stack], name="net")


class Own(keras.Model):
    """A model whose layers are called by its own code."""

    def __init__(self):
        super().__init__(name="own")
        self.conv = keras.layers.Conv2D(2, 3, name="conv")

    def call(self, x):
        return self.conv(x)


def called(model):
    model(np.ones((1, 8, 8, 3)))
    return model


def test_a_net_without_places_has_no_receptive_field():
    net = sequential(keras.layers.Flatten(), keras.layers.Dense(2))
    for layer_name in (None, "dense"):
        refuses(lambda n=layer_name: costs.receptive_field(net, n), "the model 'net' has no layer with places")


def test_sums_and_products_written_by_hand_are_counted_like_layers():
    x = keras.Input((16, 16, 3))
    y = keras.layers.Conv2D(3, 5, padding="same")(x)
    by_hand, by_layer = (keras.Model(x, 2 * z) for z in (y + x, keras.layers.Add()([y, x])))
    assert [row.kind for row in costs.table(by_hand)] == ["Conv2D", "Add", "Multiply"]
    assert costs.receptive_field(by_hand) == costs.receptive_field(by_layer)
    assert costs.count_parameters(by_hand) == by_hand.count_params()
    assert costs.count_macs(inspection.silence(by_layer, by_layer.layers[1].name, 0)) == costs.count_macs(by_layer)
    refuses(lambda: costs.table(keras.Model(x, keras.ops.relu(y))), "is a Relu, whose cost is not known here")


CONV = "conv"
IMAGES = np.ones((2, 8, 8, 3))


@pytest.mark.parametrize(
    ("model", "error", "words"),
    [
        (lambda: None, TypeError, "the model is of type NoneType; expected a Keras model"),
        (lambda: "vgg16", TypeError, "the model is the string 'vgg16'; expected a Keras model"),
        (lambda: called(Own()), ValueError, "the model 'own' is a Own, a class of its own"),
        (
            lambda: keras.Sequential([keras.layers.Conv2D(2, 3, name=CONV)], name="open"),
            ValueError,
            r"the model 'open' has no input shape yet; put keras\.Input",
        ),
    ],
    ids=["None", "string", "subclassed", "unbuilt"],
)
def test_what_has_no_layers_to_follow_is_refused(model, error, words):
    net = model()
    for call in (
        lambda: costs.table(net),
        lambda: inspection.feature_maps(net, CONV, IMAGES),
        lambda: inspection.receptive_window(net, CONV, 0, 0),
        lambda: inspection.maximise_activation(net, CONV, 0),
        lambda: inspection.silence(net, CONV, 0),
    ):
        refuses(call, words, error)


def test_filters_are_those_of_any_built_model():
    assert inspection.filters(called(Own()), CONV).shape == (2, 3, 3, 3)
    unbuilt = keras.Sequential([keras.layers.Conv2D(2, 3, name=CONV)], name="open")
    refuses(lambda: inspection.filters(unbuilt, CONV), "the model 'open' has no input shape yet")


def of_size(size):
    return sequential(keras.layers.Conv2D(2, 3, name=CONV), shape=(size, size, 3))


INSPECTIONS = [
    (lambda: inspection.feature_maps(of_size(8), CONV, IMAGES[:0]), ValueError, "expected one image at least"),
    (
        lambda: inspection.feature_maps(of_size(8), CONV, IMAGES[..., :1]),
        ValueError,
        "'net' takes .*8, 8, 3.*channels",
    ),
    (lambda: inspection.feature_maps(of_size(8), CONV, IMAGES, batch_size=0), ValueError, f"batch_size=0 {TOO_SMALL}"),
    (lambda: inspection.receptive_window(of_size(8), CONV, 1.5, 0), TypeError, "row=1.5 is of type float"),
    (lambda: inspection.receptive_window(of_size(8), CONV, 0, "1"), TypeError, "column='1' is of type str"),
    (lambda: inspection.receptive_window(of_size(8), CONV, -1, 0), ValueError, f"row=-1 {TOO_SMALL}"),
    (lambda: inspection.receptive_window(of_size(None), CONV, 0, 0), ValueError, r"pass image_shape=\(H, W, C\), too"),
    (
        lambda: inspection.receptive_window(of_size(8), CONV, 0, 0, (8, 8, 1)),
        ValueError,
        r"image_shape is \(8, 8, 1\)",
    ),
    (lambda: inspection.receptive_window(of_size(None), CONV, 0, 0, (9, 9)), ValueError, "is no shape of one image"),
    (lambda: inspection.maximise_activation(of_size(None), CONV, 0), ValueError, r"pass shape=\(H, W, C\), too"),
    (lambda: inspection.maximise_activation(of_size(8), CONV, 0, jitter=-1), ValueError, f"jitter=-1 {TOO_SMALL}"),
    (
        lambda: inspection.maximise_activation(of_size(8), CONV, 0, jitter=1.5),
        TypeError,
        "jitter=1.5 is of type float",
    ),
]


@pytest.mark.parametrize(("call", "error", "words"), INSPECTIONS, ids=range(len(INSPECTIONS)))
def test_what_cannot_be_inspected_is_named(call, error, words):
    refuses(call, words, error)


def test_the_input_itself_is_not_silenced():
    net = models.build("lenet5")
    refuses(lambda: inspection.silence(net, "image", 0), "'image' is the model's input; set these channels")


@pytest.mark.parametrize("structure", [list, dict])
def test_silencing_keeps_every_output(structure):
    x = keras.Input((8, 8, 3))
    y = keras.layers.Conv2D(2, 3, name="a")(x)
    z = keras.layers.Conv2D(2, 3, name="b")(y)
    net = keras.Model(x, structure(y=y, z=z) if structure is dict else [y, z])
    silenced = inspection.silence(net, "a", [0, 1])
    before, after = (model.predict(IMAGES, verbose=0) for model in (net, silenced))
    assert type(after) is type(before)
    first, second = after.values() if structure is dict else after
    assert not first.any()
    assert not second.any()


@pytest.mark.parametrize("dtype", ["int8", "bool", "bfloat16", "complex64", "abc", None])
def test_weights_are_stored_only_as_load_weights_takes_them(tmp_path, dtype):
    net = of_size(8)
    words = "dtype is .*; expected 'float16', 'float32' or 'float64'"
    refuses(lambda: models.save_weights(net, tmp_path / "net.npz", dtype), words)
    assert not list(tmp_path.iterdir())


def test_a_model_without_weights_yet_is_not_saved(tmp_path):
    net = keras.Sequential([keras.layers.Dense(2)], name="open")
    refuses(lambda: models.save_weights(net, tmp_path / "net.npz"), "the model 'open' has no weights yet")
    assert not list(tmp_path.iterdir())


def test_an_outline_neither_gives_nor_takes_weights(tmp_path):
    outline, path = models.outline("lenet5"), tmp_path / "net.npz"
    refuses(lambda: models.save_weights(outline, path), "the model 'lenet5' is an outline, without numbers in its w")
    assert not list(tmp_path.iterdir())
    models.save_weights(models.build("lenet5"), path)
    refuses(lambda: models.load_weights(outline, path), "the model 'lenet5' is an outline, without numbers in its w")


def test_a_shape_may_come_in_any_sequence():
    shape = keras.ops.ones((1, 28, 28, 1)).shape[1:]
    for sequence in (shape, [28, 28, 1], np.array([28, 28, 1])):
        assert arithmetic.output_shape(sequence, 5, channels_out=6) == (24, 24, 6)
        assert reference.convolution_matrix(np.ones((27, 27, 1, 2)), sequence).shape == (2 * 2 * 2, 28 * 28)
