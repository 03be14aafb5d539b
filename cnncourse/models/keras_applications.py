"""The same nets as everybody's: weights of keras.applications' models for ours.

`NETWORKS` says, for each of our networks, which of theirs it is and which layer of ours is which of theirs. Another
family needs a function that makes such pairs of names, and its lines in `NETWORKS`.
"""

from dataclasses import dataclass

import numpy as np

from ..backend import keras, without_weights
from . import mobilenet, resnet, vgg

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Network:
    """The counterpart of one of our networks."""

    application: str  # its name in keras.applications
    options: str  # those with which ours is the same network, in words
    pairs: Pairs  # names of layers, (ours, theirs), from the input to the output
    width_from: tuple[str, int] | None = None  # a layer of ours, and its filters at width 1


def _vgg_pairs(name: str) -> Pairs:
    """Our and keras.applications' names of the layers of a VGG."""
    pairs = []
    for stage, kernel_sizes in enumerate(vgg.KERNEL_SIZES[name], 1):
        pairs += [(f"stage{stage}_conv{k}", f"block{stage}_conv{k}") for k in range(1, len(kernel_sizes) + 1)]
        pairs.append((f"stage{stage}_pool", f"block{stage}_pool"))
    return (*pairs, ("fc1", "fc1"), ("fc2", "fc2"), ("logits", "predictions"))


def _resnet_pairs(depth: int) -> Pairs:
    """Our and keras.applications' names of the layers of a ResNet; our stage 1 is their conv2."""
    pairs = [("stem_conv", "conv1_conv"), ("stem_bn", "conv1_bn"), ("stem_pool", "pool1_pool")]
    for stage, blocks in enumerate(resnet.BLOCKS[depth][0], 1):
        for block in range(1, blocks + 1):
            ours, theirs = f"stage{stage}_block{block}", f"conv{stage + 1}_block{block}"
            if block == 1:
                pairs += [(f"{ours}_shortcut_{kind}", f"{theirs}_0_{kind}") for kind in ("conv", "bn")]
            pairs += [(f"{ours}_{kind}{k}", f"{theirs}_{k}_{kind}") for k in (1, 2, 3) for kind in ("conv", "bn")]
    return (*pairs, ("logits", "predictions"))


def _mobilenet_v1_pairs() -> Pairs:
    """Our and keras.applications' names of the layers of a MobileNet; theirs ends in a 1x1 convolution."""
    pairs = [("stem_conv", "conv1"), ("stem_bn", "conv1_bn")]
    for block in range(1, len(mobilenet.BLOCKS) + 1):
        for ours, theirs in (("depthwise", "dw"), ("pointwise", "pw")):
            names = f"block{block}_{ours}", f"conv_{theirs}_{block}"
            pairs += [(f"{names[0]}_conv", names[1]), (f"{names[0]}_bn", f"{names[1]}_bn")]
    return (*pairs, ("logits", "conv_preds"))


def _mobilenet_v2_pairs() -> Pairs:
    """Our and keras.applications' names of the layers of a MobileNetV2, which numbers its blocks without stages."""
    pairs = [("stem_conv", "Conv1"), ("stem_bn", "bn_Conv1")]
    names = [(s, b) for s, (_, _, count, _) in enumerate(mobilenet.STAGES, 1) for b in range(1, count + 1)]
    for number, (stage, block) in enumerate(names):
        for part in ("expand", "depthwise", "project") if number else ("depthwise", "project"):
            ours = f"stage{stage}_block{block}_{part}"
            theirs = f"block_{number}_{part}" if number else f"expanded_conv_{part}"
            pairs += [(f"{ours}_conv", theirs), (f"{ours}_bn", f"{theirs}_BN")]
    return (*pairs, ("head_conv", "Conv_1"), ("head_bn", "Conv_1_bn"), ("logits", "predictions"))


_VGG = "batch_norm=False and, with its top, the same input_shape"
_RESNET = "stride_on='1x1' and conv_bias=True"
_MOBILENET = "a width that is the reference's alpha"
NETWORKS = {f"vgg{depth}": Network(f"VGG{depth}", _VGG, _vgg_pairs(f"vgg{depth}")) for depth in (16, 19)}
NETWORKS |= {f"resnet{depth}": Network(f"ResNet{depth}", _RESNET, _resnet_pairs(depth)) for depth in (50, 101, 152)}
NETWORKS["mobilenet_v1"] = Network(
    "MobileNet", f"separable=True and {_MOBILENET}", _mobilenet_v1_pairs(), ("block13_pointwise_conv", 1024)
)
NETWORKS["mobilenet_v2"] = Network(
    "MobileNetV2", _MOBILENET, _mobilenet_v2_pairs(), ("stage7_block1_project_conv", 320)
)


def load_keras_applications(model, reference=None):
    """Give one of our models the weights of its counterpart in keras.applications; it changes wholly or not at all.

    Our models give logits. A reference gives the softmax of them, unless it is built with
    `classifier_activation=None`. The official weights do not expect images in 0..1. VGG and ResNet expect
    `keras.applications.resnet.preprocess_input(255 * images)`: BGR, minus the mean of each channel; the MobileNets
    expect `2 * images - 1`.

    Args:
        model: `vgg16`, `vgg19`; `resnet50`, `resnet101`, `resnet152` with stride_on="1x1" and conv_bias=True;
            `mobilenet_v1`, `mobilenet_v2` of any width.
        reference: the keras.applications model of that name (of any input size, with or without top, for MobileNets
            with the width as alpha), or None for the official ImageNet weights, which Keras downloads once.

    Returns:
        The model.

    Raises:
        TypeError: if one of the two is no Keras model.
        ValueError: if a layer does not fit, there is no such counterpart, or the download fails.

    >>> reference = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
    >>> load_keras_applications(vgg.VARIANTS["vgg16"](include_top=False), reference).output_shape
    (None, 7, 7, 512)
    """
    for name, value in (("model", model), ("reference", reference)):
        if not isinstance(value, keras.Model) and not (name == "reference" and value is None):
            raise TypeError(f"{name} is of type {type(value).__name__}; expected a Keras model.")
    if model.name not in NETWORKS:
        raise ValueError(
            f"the model {model.name!r} has no counterpart in keras.applications; expected one of "
            f"{', '.join(NETWORKS)}, as models.build makes them."
        )
    network = NETWORKS[model.name]
    if reference is None:
        with without_weights():
            empty = _official(model, network, weights=None)
        _refuse_misfits(model, empty, network)  # before half a gigabyte comes
        try:
            reference = _official(model, network, weights="imagenet")
        except ValueError as error:  # a width that nobody has trained
            raise ValueError(
                f"Keras has no ImageNet weights for this {model.name} ({error}); pass a reference that has weights."
            ) from error
        except Exception as error:  # Keras raises plain Exception where the network fails
            raise ValueError(
                f"the ImageNet weights of {network.application} could not be downloaded ({error}); connect to the "
                "internet once, or put the file of that address into the folder models of Keras' cache (~/.keras), or "
                "pass a reference that has weights."
            ) from error
    _refuse_misfits(model, reference, network)
    for mine, theirs in _layers(model, reference, network):
        _copy(mine, theirs)
    return model


def _official(model, network: Network, *, weights: str | None):
    include_top = any(layer.name == "logits" for layer in model.layers)
    options = {"include_top": include_top, "classifier_activation": None}
    if network.width_from:
        name, filters = network.width_from
        widths = [layer.filters / filters for layer in model.layers if layer.name == name]
        options |= {"alpha": widths[0] if widths else 1.0, "input_shape": (224, 224, 3)}
    return getattr(keras.applications, network.application)(weights=weights, **options)


def _layers(model, reference, network: Network) -> list[tuple]:
    """Layers that belong together, (ours, theirs), None where one is missing; last those that no pair of names has."""
    ours, theirs = ({layer.name: layer for layer in net.layers} for net in (model, reference))
    found = [(ours.pop(first, None), theirs.pop(second, None)) for first, second in network.pairs]
    found += [(layer, None) for layer in ours.values() if layer.weights]
    found += [(None, layer) for layer in theirs.values() if layer.weights]
    return [pair for pair in found if pair != (None, None)]


def _facts(layer, partner=None) -> dict[str, tuple[int, ...]]:
    """What has to be equal in two layers: shapes of the weights, and strides, which leave no trace in any shape.

    A 1x1 convolution over pooled features is the dense layer that is its partner, and is described as one.
    """
    facts = {weight.name: tuple(weight.shape) for weight in layer.weights}
    if isinstance(partner, keras.layers.Dense) and facts.get("kernel", ())[:2] == (1, 1):
        return facts | {"kernel": facts["kernel"][2:]}
    return facts | {"strides": tuple(layer.strides)} if hasattr(layer, "strides") else facts


def _refuse_misfits(model, reference, network: Network) -> None:
    partners = dict(network.pairs) | {theirs: ours for ours, theirs in network.pairs}
    owners = f"the model {model.name!r}", f"the reference {reference.name!r}"
    for layers in _layers(model, reference, network):
        if None not in layers and _facts(*layers) == _facts(*layers[::-1]):
            continue
        said = [
            f"{layer.name} of {owner} has "
            + ", ".join(f"{fact} {value}" for fact, value in _facts(layer, partner).items())
            for layer, partner, owner in zip(layers, layers[::-1], owners, strict=True)
            if layer
        ]
        if len(said) == 1:  # a layer without a partner
            alone, owner = (layers[0], owners[1]) if layers[0] else (layers[1], owners[0])
            said.append(f"{owner} has no layer {partners.get(alone.name, 'for it')}")
        raise ValueError(
            f"{', but '.join(said)}; expected keras.applications.{network.application} as the reference and "
            f"{model.name} with its include_top and number of classes, {network.options}."
        )


def _copy(mine, theirs) -> None:
    values = {weight.name: np.asarray(weight) for weight in theirs.weights}
    if "moving_variance" in values:  # a layer divides by the root of variance + epsilon: the sum has to be equal
        values["moving_variance"] = values["moving_variance"] + (theirs.epsilon - mine.epsilon)
    for weight in mine.weights:
        weight.assign(values[weight.name].reshape(weight.shape))
