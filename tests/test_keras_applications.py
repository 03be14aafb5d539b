"""The same nets as everybody's: with the same weights the outputs of keras.applications; every misfit is named."""

import numpy as np
import pytest
from keras.src.utils import file_utils  # the applications download through it

from cnncourse import backend, models

from .application_parts import SHAPES, asked, assert_same, family, ours, refusal, theirs  # noqa: F401

keras = backend.keras


@pytest.fixture(scope="module")
def references():
    """Models of keras.applications that several tests read and none changes."""
    return {
        "VGG16": theirs("VGG16", classifier_activation="softmax"),
        "VGG16 features": theirs("VGG16", include_top=False, input_shape=(None, None, 3)),
        "ResNet50": theirs("ResNet50"),
    }


@pytest.mark.parametrize("application", ["VGG16", "VGG19", "ResNet50", "ResNet101", "ResNet152"])
def test_the_same_outputs_as_keras_applications(application, references):
    reference = references.get(application) or theirs(application)
    net = ours(application.lower())
    assert models.load_keras_applications(net, reference) is net
    assert net.count_params() == reference.count_params()
    assert_same(net, reference, SHAPES[family(application)])


def test_the_input_size_is_free_where_no_dense_layer_depends_on_it(references):
    reference = references["VGG16 features"]
    net = models.load_keras_applications(ours("vgg16", include_top=False, input_shape=(64, 96, 3)), reference)
    assert net.output_shape == (None, 2, 3, 512)
    assert_same(net, reference, (64, 96, 3))


REFUSED = {
    "no biases": (
        "resnet50",
        {"conv_bias": False},
        "ResNet50",
        "stem_conv of the model 'resnet50' has kernel (7, 7, 3, 64), strides (2, 2), but conv1_conv of the reference "
        "'resnet50' has kernel (7, 7, 3, 64), bias (64,), strides (2, 2); expected keras.applications.ResNet50 as the "
        "reference and resnet50 with its include_top and number of classes, stride_on='1x1' and conv_bias=True.",
    ),
    "another stride": (
        "resnet50",
        {"stride_on": "3x3"},
        "ResNet50",
        "stage2_block1_conv1 of the model 'resnet50' has kernel (1, 1, 256, 128), bias (128,), strides (1, 1), but "
        "conv3_block1_1_conv of the reference 'resnet50' has kernel (1, 1, 256, 128), bias (128,), strides (2, 2);",
    ),
    "padded shortcuts": (
        "resnet50",
        {"shortcut": "A"},
        "ResNet50",
        "conv2_block1_0_conv of the reference 'resnet50' has kernel (1, 1, 64, 256), bias (256,), strides (1, 1), but "
        "the model 'resnet50' has no layer stage1_block1_shortcut_conv;",
    ),
    "projections everywhere": (
        "resnet50",
        {"shortcut": "C"},
        "ResNet50",
        "stage1_block2_shortcut_conv of the model 'resnet50' has kernel (1, 1, 256, 256), bias (256,), strides (1, "
        "1), but the reference 'resnet50' has no layer for it;",
    ),
    "no shortcuts": (
        "resnet50",
        {"residual": False},
        "ResNet50",
        "but the model 'resnet50' has no layer stage1_block1_shortcut_conv;",
    ),
    "more classes": (
        "resnet50",
        {"num_classes": 11},
        "ResNet50",
        "logits of the model 'resnet50' has kernel (2048, 11), bias (11,), but predictions of the reference "
        "'resnet50' has kernel (2048, 10), bias (10,); expected keras.applications.ResNet50 as the reference "
        "and resnet50 with its include_top and number of classes",
    ),
    "no top": (
        "resnet50",
        {"include_top": False},
        "ResNet50",
        "predictions of the reference 'resnet50' has kernel (2048, 10), bias (10,), but the model 'resnet50' has no "
        "layer logits; expected keras.applications.ResNet50 as the reference and resnet50 with its include_top",
    ),
    "a reference without top": (
        "vgg16",
        {},
        "VGG16 features",
        "fc1 of the model 'vgg16' has kernel (512, 4096), bias (4096,), but the reference 'vgg16' has no layer fc1;",
    ),
    "deeper": (
        "vgg19",
        {"include_top": False},
        "VGG16 features",
        "stage3_conv4 of the model 'vgg19' has kernel (3, 3, 256, 256), bias (256,), strides (1, 1), but the "
        "reference 'vgg16' has no layer block3_conv4; expected keras.applications.VGG19 as the reference",
    ),
    "a deeper reference": (
        "vgg16",
        {"include_top": False},
        "VGG19",
        "block3_conv4 of the reference 'vgg19' has kernel (3, 3, 256, 256), bias (256,), strides (1, 1), but the "
        "model 'vgg16' has no layer for it; expected keras.applications.VGG16 as the reference",
    ),
    "batch normalisation": (
        "vgg16",
        {"include_top": False, "batch_norm": True},
        "VGG16 features",
        "stage1_bn1 of the model 'vgg16' has gamma (64,), beta (64,), moving_mean (64,), moving_variance (64,), but "
        "the reference 'vgg16' has no layer for it; expected keras.applications.VGG16 as the reference and vgg16 with "
        "its include_top and number of classes, batch_norm=False and, with its top, the same input_shape.",
    ),
    "half the width": (
        "vgg16",
        {"include_top": False, "width": 0.5},
        "VGG16 features",
        "stage1_conv1 of the model 'vgg16' has kernel (3, 3, 3, 32), bias (32,), strides (1, 1), but block1_conv1 of",
    ),
    "a larger input of dense layers": (
        "vgg16",
        {"input_shape": (64, 64, 3)},
        "VGG16",
        "fc1 of the model 'vgg16' has kernel (2048, 4096), bias (4096,), but fc1 of the reference 'vgg16' has kernel "
        "(512, 4096), bias (4096,);",
    ),
    "another family": (
        "vgg16",
        {"include_top": False},
        "ResNet50",
        "stage1_conv1 of the model 'vgg16' has kernel (3, 3, 3, 64), bias (64,), strides (1, 1), but the reference "
        "'resnet50' has no layer block1_conv1;",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_named(case, references):
    name, options, application, words = REFUSED[case]
    reference = references.get(application) or theirs(application, include_top=False)
    assert words in refusal(ours(name, **options), reference)


def test_a_network_without_counterpart_is_refused(references):
    words = "'plain18' has no counterpart in keras.applications; expected one of vgg16, vgg19, resnet50, resnet101, "
    assert words in refusal(models.build("plain18", input_shape=(32, 32, 3)), references["ResNet50"])


def test_what_is_no_model_is_refused(references):
    with pytest.raises(TypeError, match=r"reference is of type str; expected a Keras model\."):
        models.load_keras_applications(references["ResNet50"], "imagenet")
    with pytest.raises(TypeError, match=r"model is of type NoneType; expected a Keras model\."):
        models.load_keras_applications(None)


def test_without_a_network_one_sentence_says_how_to_help_oneself(asked):  # noqa: F811
    message = refusal(ours("vgg16", include_top=False), None)
    (address,) = asked
    assert address.endswith("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")
    reason = f"(URL fetch failure on {address}: None -- [Errno -2] Name or service not known)"
    assert message.startswith(
        f"the ImageNet weights of VGG16 could not be downloaded {reason}; connect to the internet"
    )
    assert message.endswith("the folder models of Keras' cache (~/.keras), or pass a reference that has weights.")


def test_nothing_is_downloaded_for_a_model_that_it_would_not_fit(asked):  # noqa: F811
    message = refusal(ours("resnet50"), None)
    assert "logits of the model 'resnet50' has kernel (2048, 10), bias (10,), but predictions of the" in message
    assert not asked


def test_the_official_weights_are_taken_once_they_are_there(monkeypatch, tmp_path, references):
    reference = references["VGG16 features"]
    path = tmp_path / "official.weights.h5"
    reference.save_weights(path)
    monkeypatch.setattr(file_utils, "get_file", lambda *_, **__: path)
    net = models.load_keras_applications(ours("vgg16", include_top=False))
    assert_same(net, reference, SHAPES["vgg"])


def test_each_family_expects_its_own_preprocessing():
    images = np.random.default_rng(4).random((1, 2, 2, 3), "float32")
    expected = 255 * images[..., ::-1] - np.array([103.939, 116.779, 123.68])
    for application in (keras.applications.vgg16, keras.applications.vgg19, keras.applications.resnet):
        np.testing.assert_allclose(application.preprocess_input(255 * images), expected, atol=1e-3)
    for application in (keras.applications.mobilenet, keras.applications.mobilenet_v2):
        np.testing.assert_allclose(application.preprocess_input(255 * images), 2 * images - 1, atol=1e-5)
