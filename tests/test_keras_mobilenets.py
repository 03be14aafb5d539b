"""MobileNets with the weights of keras.applications: the same outputs, and every misfit is named."""

import numpy as np
import pytest

from cnncourse import backend, models

from .application_parts import asked, assert_same, ours, refusal, theirs  # noqa: F401

keras = backend.keras
APPLICATIONS = {"mobilenet_v1": "MobileNet", "mobilenet_v2": "MobileNetV2"}


@pytest.mark.parametrize("name", APPLICATIONS)
@pytest.mark.parametrize(
    ("width", "include_top", "size"),
    [(1.0, True, (64, 64)), (0.5, False, (96, 64)), (0.7417, True, (77, 45)), (1.4, False, (33, 63))],
)
def test_the_same_outputs_as_keras_applications(name, width, include_top, size):
    options = {"include_top": include_top, "input_shape": (*size, 3)}
    reference = theirs(APPLICATIONS[name], alpha=width, **options)
    net = ours(name, width=width, **options)
    assert models.load_keras_applications(net, reference) is net
    assert net.count_params() == reference.count_params()
    assert net.output_shape == reference.output_shape
    assert_same(net, reference, (*size, 3), strength=1)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_reference_may_have_another_input_size(name):
    reference = theirs(APPLICATIONS[name], alpha=0.25, input_shape=(32, 32, 3), classifier_activation="softmax")
    net = models.load_keras_applications(ours(name, width=0.25), reference)
    larger = theirs(APPLICATIONS[name], alpha=0.25, classifier_activation="softmax")
    larger.set_weights(reference.get_weights())
    received = keras.ops.softmax(net(np.ones((1, 64, 64, 3), "float32")))
    expected = larger(np.ones((1, 64, 64, 3), "float32"))
    np.testing.assert_allclose(*map(keras.ops.convert_to_numpy, (received, expected)), atol=1e-5)


@pytest.fixture(scope="module")
def references():
    return {name: theirs(application, alpha=0.5) for name, application in APPLICATIONS.items()}


REFUSED = {
    "another width": (
        "mobilenet_v1",
        {},
        "stem_conv of the model 'mobilenet_v1' has kernel (3, 3, 3, 32), strides (2, 2), but conv1 of the reference "
        "'mobilenet_0.50_64' has kernel (3, 3, 3, 16), strides (2, 2); expected keras.applications.MobileNet as the "
        "reference and mobilenet_v1 with its include_top and number of classes, separable=True and a width that is "
        "the reference's alpha.",
    ),
    "full convolutions": (
        "mobilenet_v1",
        {"width": 0.5, "separable": False},
        "conv_dw_1 of the reference 'mobilenet_0.50_64' has kernel (3, 3, 16, 1), strides (1, 1), but the model "
        "'mobilenet_v1' has no layer block1_depthwise_conv;",
    ),
    "more classes": (
        "mobilenet_v1",
        {"width": 0.5, "num_classes": 11},
        "logits of the model 'mobilenet_v1' has kernel (512, 11), bias (11,), but conv_preds of the reference "
        "'mobilenet_0.50_64' has kernel (512, 10), bias (10,);",
    ),
    "no top": (
        "mobilenet_v1",
        {"width": 0.5, "include_top": False},
        "conv_preds of the reference 'mobilenet_0.50_64' has kernel (1, 1, 512, 10), bias (10,), strides (1, 1), but "
        "the model 'mobilenet_v1' has no layer logits;",
    ),
    "another stride": (
        "mobilenet_v1",
        {"width": 0.5, "stem_stride": 1},
        "stem_conv of the model 'mobilenet_v1' has kernel (3, 3, 3, 16), strides (1, 1), but conv1 of the reference",
    ),
    "a wider head": (
        "mobilenet_v2",
        {"width": 0.5, "head_filters": 640},
        "head_conv of the model 'mobilenet_v2' has kernel (1, 1, 160, 640), strides (1, 1), but Conv_1 of the "
        "reference 'mobilenetv2_0.50_64' has kernel (1, 1, 160, 1280), strides (1, 1); expected "
        "keras.applications.MobileNetV2 as the reference and mobilenet_v2 with its include_top and number of classes, "
        "a width that is the reference's alpha.",
    ),
    "another expansion": (
        "mobilenet_v2",
        {"width": 0.5, "stages": ((1, 16, 1, 1), (3, 24, 2, 2))},
        "stage2_block1_expand_conv of the model 'mobilenet_v2' has kernel (1, 1, 8, 24), strides (1, 1), but "
        "block_1_expand of the reference",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_named(case, references):
    name, options, words = REFUSED[case]
    assert words in refusal(ours(name, **options), references[name])


FILES = {
    ("mobilenet_v1", 0.25, True): "mobilenet_2_5_224_tf.h5",
    ("mobilenet_v1", 1.0, False): "mobilenet_1_0_224_tf_no_top.h5",
    ("mobilenet_v2", 0.35, True): "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224.h5",
    ("mobilenet_v2", 1.4, False): "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.4_224_no_top.h5",
}


@pytest.mark.parametrize(("name", "width", "include_top"), FILES)
def test_the_official_weights_of_each_width_are_asked_for(name, width, include_top, asked):  # noqa: F811
    net = ours(name, width=width, include_top=include_top, num_classes=1000)
    message = refusal(net, None)
    assert message.startswith(
        f"the ImageNet weights of {APPLICATIONS[name]} could not be downloaded (URL fetch failure"
    )
    (address,) = asked
    assert address.rpartition("/")[2] == FILES[name, width, include_top]


def test_a_width_without_official_weights_is_refused(asked):  # noqa: F811
    message = refusal(ours("mobilenet_v1", width=0.3, num_classes=1000), None)
    assert message.startswith("Keras has no ImageNet weights for this mobilenet_v1 (If imagenet weights are being")
    assert message.endswith("pass a reference that has weights.")
    assert not asked
