"""EfficientNet-Lite: counts as published, names of layers, and what the shipped weights answer."""

import numpy as np
import pytest

from cnncourse import datasets, models


@pytest.fixture(scope="module")
def lite0():
    return models.build("efficientnet_lite0", weights="imagenet")


def photographs():
    return np.stack(
        [datasets.load_photograph(name, size=224) for name in ("astronaut", "chelsea", "coffee", "rocket")]
    )


# Millions of parameters as the authors list them (repository tensorflow/tpu, efficientnet/lite/README.md, 2020).
PUBLISHED = {
    "efficientnet_lite0": 4.7,
    "efficientnet_lite1": 5.4,
    "efficientnet_lite2": 6.1,
    "efficientnet_lite3": 8.2,
    "efficientnet_lite4": 13.0,
}


@pytest.mark.parametrize("name", [name for name in models.names() if "efficientnet" in name])
def test_sizes_are_the_published_ones(name):
    model = models.build(name)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert round(parameters / 1e6, 1) == PUBLISHED[name]
    assert model.output_shape == (None, 1000)
    assert model.name == name


def test_lite0_exactly(lite0):
    assert lite0.count_params() == 4_694_024
    sides = {name: lite0.get_layer(name).output.shape[1] for name in ("stem_relu", "stage3_block2_add", "head_relu")}
    assert sides == {"stem_relu": 112, "stage3_block2_add": 28, "head_relu": 7}
    assert sum("_project_conv" in layer.name for layer in lite0.layers) == 16
    assert sum(layer.name.endswith("_add") for layer in lite0.layers) == 9


def test_every_layer_has_a_name_of_its_own():
    first, second = (models.build("efficientnet_lite0", input_shape=(32, 32, 3)) for _ in range(2))
    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    automatic = [
        layer.name for layer in first.layers if layer.name.split("_")[0] in ("conv2d", "batch", "re", "dense")
    ]
    assert not automatic


def test_options_change_shapes_and_nothing_else():
    small = models.build("efficientnet_lite0", input_shape=(64, 96, 3), num_classes=5)
    assert small.output_shape == (None, 5)
    assert small.get_layer("head_relu").output.shape == (None, 2, 3, 1280)
    headless = models.build("efficientnet_lite0", include_top=False, input_shape=(None, None, 3))
    assert headless.output_shape == (None, None, None, 1280)
    assert headless.count_params() == 4_694_024 - 1281 * 1000


def test_an_unknown_network_is_refused():
    with pytest.raises(ValueError, match="no network 'resnet5'; expected one of lenet5_1998, lenet5, alexnet"):
        models.build("resnet5")


def test_the_photographs_are_recognised_by_name(lite0):
    names = datasets.imagenet_class_names()
    logits = lite0.predict(photographs(), verbose=0)
    best = [[names[k] for k in np.argsort(-row)[:5]] for row in logits]
    _, cat, cup, rocket = best
    assert {"Egyptian cat", "tabby", "tiger cat"} == set(cat[:3])
    assert cup[0] == "espresso"
    assert "missile" in rocket
    probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    assert probabilities[2].max() > 0.85


def test_the_wrong_preprocessing_would_be_seen(lite0):
    cup = photographs()[2:3]
    right, dark, swapped = (lite0.predict(x, verbose=0)[0].max() for x in (cup, cup / 255, cup[..., ::-1]))
    assert right > dark + 2
    assert right > swapped


def test_class_names_are_those_of_imagenet():
    names = datasets.imagenet_class_names()
    assert len(names) == 1000
    assert (names[0], names[281], names[967], names[999]) == ("tench", "tabby", "espresso", "toilet tissue")
