"""What does *this* model cost? Walks a Keras model and applies `arithmetic` to every layer.

Counted are learnable parameters, multiply-accumulates of convolutions and dense layers, what layers put out, and
receptive fields. A layer that is not known is an error that names it, never a zero. All sizes of a model's input
but the batch must be known, and its layers must hold channels last, as (N, H, W, C).
"""

import math
from dataclasses import dataclass, replace

from . import arithmetic, backend
from .arithmetic import ReceptiveField, Window
from .layers import CountedLayer
from .models.checks import checked_model

keras = backend.keras
layers = keras.layers

_CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
_POOLS = (layers.MaxPooling2D, layers.AveragePooling2D)
_MERGES = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
_MERGES += (layers.Concatenate,)
_OPERATIONS = ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate")  # Keras' own, of x + y and its like
_WHOLE_IMAGE = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D, layers.Flatten, layers.Reshape)
_KEPT = (*_CONVOLUTIONS, *_POOLS, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D, layers.Dense)
_WITHOUT_WEIGHTS = (layers.Activation, layers.ReLU, layers.LeakyReLU, layers.ELU, layers.Softmax, layers.Dropout)
_WITHOUT_WEIGHTS += (layers.SpatialDropout2D, layers.GaussianNoise, layers.Rescaling, layers.Normalization)
_WITHOUT_WEIGHTS += (layers.Identity, layers.ZeroPadding2D, layers.Cropping2D)


@dataclass(frozen=True)
class LayerCost:
    """One layer's row in the table.

    Args:
        name: of the layer; those of an inner model are written `inner/layer`.
        kind: its class, for example "Conv2D".
        output_shape: without the batch.
        parameters: learnable numbers, frozen or not; 0 where a layer is called again.
        macs: multiply-accumulates for one image.
        activations: numbers put out for one image, where the layer is a convolution, a pool or a dense layer.
        receptive_field: (rows, columns), each a `ReceptiveField`; None where an output sees the whole image.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    activations: int
    receptive_field: tuple[ReceptiveField, ReceptiveField] | None


class CostTable(tuple):
    """The rows of all layers in the order of computation; printed, a table with a last line of sums."""

    def __str__(self) -> str:
        heads = ("layer", "kind", "output", "parameters", "MACs", "receptive field")
        cells = [heads, *map(_cells, self)]
        sums = ("sum", "", "", f"{sum(row.parameters for row in self):,}", f"{sum(row.macs for row in self):,}", "")
        widths = [max(map(len, column)) for column in zip(*cells, sums, strict=True)]
        lines = [_line(row, widths) for row in (*cells, sums)]
        return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:-1], "-" * len(lines[0]), lines[-1]])


def table(model) -> CostTable:
    """What every layer of a model costs.

    Args:
        model: a Sequential or functional Keras model with one input of a known size.

    Returns:
        A `CostTable` of `LayerCost` rows; `print` it.

    Raises:
        TypeError: if it is no Keras model.
        ValueError: if the model is not built, holds a layer that is not known here, or leaves a size open.

    >>> net = keras.Sequential([keras.Input((8, 8, 3), name="image"), layers.Conv2D(4, 3, name="conv")])
    >>> print(table(net))
    layer  kind    output     parameters   MACs  receptive field
    ------------------------------------------------------------
    conv   Conv2D  6 x 6 x 4         112  3,888            3 x 3
    ------------------------------------------------------------
    sum                              112  3,888
    """
    rows, _ = _walk(model, (ReceptiveField(), ReceptiveField()), set())
    return CostTable(rows)


def count_parameters(model) -> int:
    """The learnable numbers of a model, by the formulas of its layers, whether a layer is frozen or not.

    Moving averages of batch normalisation are not learned and not counted.

    Args, Raises: as `table`.

    >>> count_parameters(keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3)]))
    112
    """
    return sum(row.parameters for row in table(model))


def count_macs(model) -> int:
    """The multiply-accumulates of a model for one image, in convolutions and dense layers.

    Biases, normalisation, activations, pooling and sums of branches are not counted.

    Args, Raises: as `table`.

    >>> count_macs(keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3)]))
    3888
    """
    return sum(row.macs for row in table(model))


def count_activations(model) -> int:
    """The numbers that the convolutions, pools and dense layers of a model put out for one image.

    Training keeps them for the gradient; `arithmetic.memory_bytes` gives their memory. Copies made by normalisation,
    activation functions and sums of branches are not counted.

    Args, Raises: as `table`.

    >>> count_activations(keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.MaxPooling2D()]))
    180
    """
    return sum(row.activations for row in table(model))


def receptive_field(model, layer_name: str | None = None) -> tuple[ReceptiveField, ReceptiveField]:
    """The input pixels that an output of a layer can see, along rows and columns.

    Where branches meet, an output sees what any of them sees: the largest path decides.

    Args:
        model: as for `table`.
        layer_name: of a layer with places; None for the last one, before pooling over all places or flattening.

    Returns:
        (rows, columns), each a `ReceptiveField` of size, jump and start in pixels.

    Raises:
        TypeError, ValueError: as `table`, or if there is no such layer with places.

    >>> stack = [layers.Conv2D(4, 3, strides=2, name="a"), layers.Conv2D(4, 3, name="b"), layers.Flatten()]
    >>> receptive_field(keras.Sequential([keras.Input((15, 15, 1)), *stack]))[0]
    ReceptiveField(size=7, jump=2, start=0)
    """
    fields = {row.name: row.receptive_field for row in table(model) if row.receptive_field is not None}
    if not fields:
        raise ValueError(f"the model {model.name!r} has no layer with places; expected one with feature maps.")
    if layer_name is None:
        return list(fields.values())[-1]
    if layer_name not in fields:
        raise ValueError(f"there is no layer {layer_name!r} with places; expected one of {', '.join(fields)}.")
    return fields[layer_name]


def _walk(model, start: tuple, met: set) -> tuple[list[LayerCost], tuple | None]:
    """The rows of a model whose input has the fields `start`, and the fields of its output.

    The layers `met` before work again, with the weights that are counted already.
    """
    if len(checked_model(model).outputs) != 1:
        raise ValueError(f"the model {model.name!r} has several outputs; expected one.")
    if None in model.inputs[0].shape[1:]:
        raise ValueError(f"the model {model.name!r} takes {model.inputs[0].shape}; expected every size but the batch.")
    rows, fields = [], {id(model.inputs[0]): start}
    calls = keras.Model(model.inputs, model.outputs)._nodes_by_depth  # each call of each layer, the outputs' at 0
    for depth in sorted(calls, reverse=True):
        for call in calls[depth]:
            layer, inputs, output = call.operation, call.input_tensors, call.outputs[0]
            known = [fields[id(tensor)] for tensor in inputs]
            if isinstance(layer, keras.Model):
                inner, fields[id(output)] = _walk(layer, known[0], met)
                rows += [replace(row, name=f"{layer.name}/{row.name}") for row in inner]
            elif not isinstance(layer, layers.InputLayer):
                parameters, macs = _counts(layer, inputs[0].shape, output.shape)
                fields[id(output)] = _fields_after(layer, inputs[0].shape, known)
                if layer in met:
                    parameters = 0
                met.add(layer)
                shape = tuple(output.shape[1:])
                kept = math.prod(shape) if isinstance(layer, _KEPT) or getattr(layer, "keeps_output", False) else 0
                kind, field = type(layer).__name__, fields[id(output)]
                rows.append(LayerCost(layer.name, kind, shape, parameters, macs, kept, field))
    return rows, fields[id(model.outputs[0])]


def _fields_after(layer, shape, known: list) -> tuple[ReceptiveField, ReceptiveField] | None:
    """What an output of the layer sees, given what its inputs see; None for the whole image."""
    if isinstance(layer, _WHOLE_IMAGE) or None in known:
        return None
    if _merges(layer):
        return tuple(_union(layer, fields) for fields in zip(*known, strict=True))
    if isinstance(layer, layers.Dense) or len(shape) != 4:
        return known[0]
    return tuple(
        arithmetic.receptive_field([window], before=before)
        for window, before in zip(_windows(layer, shape), known[0], strict=True)
    )


def _merges(layer) -> bool:
    """Whether the layer puts branches together; Keras writes x + y down as an operation that is no layer."""
    operation = not isinstance(layer, layers.Layer) and type(layer).__name__ in _OPERATIONS
    return operation or isinstance(layer, _MERGES)


def _union(layer, fields) -> ReceptiveField:
    if len({field.jump for field in fields}) > 1:
        raise ValueError(f"the branches that meet in {layer.name!r} have jumps {[field.jump for field in fields]}.")
    start = min(field.start for field in fields)
    end = max(field.start + field.size for field in fields)
    return ReceptiveField(end - start, fields[0].jump, start)


def _windows(layer, shape) -> tuple[Window, Window]:
    """How the layer's kernel or pool moves along rows and columns."""
    if isinstance(layer, layers.ZeroPadding2D):
        return tuple(Window(1, padding_before=before) for before, _ in layer.padding)
    if isinstance(layer, layers.Cropping2D):
        return tuple(Window(1, padding_before=-before) for before, _ in layer.cropping)
    if isinstance(layer, CountedLayer):
        return layer.windows(shape)
    if not isinstance(layer, (*_CONVOLUTIONS, *_POOLS)):
        return Window(1), Window(1)
    sizes = layer.pool_size if isinstance(layer, _POOLS) else layer.kernel_size
    dilations = getattr(layer, "dilation_rate", (1, 1))
    windows = []
    for size, kernel_size, stride, dilation in zip(shape[1:3], sizes, layer.strides, dilations, strict=True):
        before = 0
        if layer.padding == "same":
            before, _ = arithmetic.same_padding(size, kernel_size, stride=stride, dilation=dilation)
        windows.append(Window(kernel_size, stride, before, dilation))
    return tuple(windows)


def _counts(layer, shape, output_shape) -> tuple[int, int]:
    """Learnable parameters and multiply-accumulates of one call of a layer."""
    channels = shape[-1]
    order = getattr(layer, "data_format", None)
    if order == "channels_first" and len(shape) == 4:
        raise ValueError(
            f"the layer {layer.name!r} has data_format={order!r}, which is not counted here; expected 'channels_last'."
        )
    if isinstance(layer, CountedLayer):
        return layer.counts(shape, output_shape)
    if isinstance(layer, layers.SeparableConv2D):
        kernel, wide = layer.kernel_size, channels * layer.depth_multiplier
        depthwise = arithmetic.conv_parameters(kernel, channels, wide, groups=channels, bias=False)
        pointwise = arithmetic.conv_parameters(1, wide, layer.filters, bias=layer.use_bias)
        places = output_shape[1:3]
        macs = arithmetic.conv_macs(places, kernel, channels, wide, groups=channels)
        return depthwise + pointwise, macs + arithmetic.conv_macs(places, 1, wide, layer.filters)
    if isinstance(layer, _CONVOLUTIONS):
        groups = channels if isinstance(layer, layers.DepthwiseConv2D) else layer.groups
        sizes = (layer.kernel_size, channels, output_shape[-1])
        parameters = arithmetic.conv_parameters(*sizes, groups=groups, bias=layer.use_bias)
        return parameters, arithmetic.conv_macs(output_shape[1:3], *sizes, groups=groups)
    if isinstance(layer, layers.Dense):
        places = math.prod(output_shape[1:-1])
        parameters = arithmetic.dense_parameters(channels, layer.units, bias=layer.use_bias)
        return parameters, places * arithmetic.dense_macs(channels, layer.units)
    if isinstance(layer, layers.BatchNormalization):
        return shape[layer.axis] * (layer.center + layer.scale), 0
    if _merges(layer) or isinstance(layer, (*_WITHOUT_WEIGHTS, *_POOLS, *_WHOLE_IMAGE)):
        return 0, 0
    raise ValueError(
        f"the layer {layer.name!r} is a {type(layer).__name__}, whose cost is not known here; expected convolutions, "
        "dense layers, batch normalisation, pooling, activations and sums of branches."
    )


def _cells(row: LayerCost) -> tuple[str, ...]:
    seen = "whole image"
    if row.receptive_field is not None:
        seen = " x ".join(str(field.size) for field in row.receptive_field)
    shape = " x ".join(map(str, row.output_shape))
    return row.name, row.kind, shape, f"{row.parameters:,}", f"{row.macs:,}", seen


def _line(cells, widths) -> str:
    """Texts to the left, numbers to the right."""
    texts = (c.ljust(w) if k < 3 else c.rjust(w) for k, (c, w) in enumerate(zip(cells, widths, strict=True)))
    return "  ".join(texts).rstrip()
