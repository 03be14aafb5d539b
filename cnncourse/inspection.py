"""What does it see? Filters, feature maps, patches that excite a channel, and images made to excite it.

Every function takes a Sequential or functional Keras model with one input of images (N, H, W, C), and the name of one
of its layers.
"""

from dataclasses import dataclass

import numpy as np

from . import backend, costs
from .arguments import whole_number
from .models.checks import checked_model, find_layer, fitting_images, size_of_image

keras = backend.keras

_NOISE_IMAGES = 8  # on so many images of noise a receptive window is measured


def filters(model, layer_name: str) -> np.ndarray:
    """The kernels of a convolutional layer, one for each output channel.

    Args:
        model: a built Keras model.
        layer_name: of a Conv2D or DepthwiseConv2D layer.

    Returns:
        (C_out, kh, kw, C_in / groups); of a depthwise layer (C_out, kh, kw, 1).

    Raises:
        ValueError: if there is no such layer, or it has no kernel of four axes.

    >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 5, name="conv")])
    >>> filters(model, "conv").shape
    (4, 5, 5, 3)
    """
    layer = find_layer(model, layer_name)
    kernel = layer.kernel.numpy() if hasattr(layer, "kernel") else None
    if kernel is None or kernel.ndim != 4:
        raise ValueError(
            f"the layer {layer_name!r} is a {type(layer).__name__} without a kernel (kh, kw, C_in, C_out); pass the "
            "name of a convolutional layer."
        )
    if isinstance(layer, keras.layers.DepthwiseConv2D):  # (kh, kw, C_in, multiplier)
        return kernel.reshape(*kernel.shape[:2], -1, 1).transpose(2, 0, 1, 3)
    return kernel.transpose(3, 0, 1, 2)


def feature_maps(model, layer_name: str, images, batch_size: int = 64) -> np.ndarray:
    """The output of one layer for some images.

    Args:
        model: a Keras model.
        layer_name: of any of its layers.
        images: (N, H, W, C), as the model takes them.
        batch_size: images that are computed together.

    Returns:
        (N, H', W', C'): channel k of image n is the feature map `[n, :, :, k]`. After a layer without places,
        (N, C').

    Raises:
        TypeError, ValueError: if there is no such layer, or the images are not those that the model takes.

    >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 5, name="conv")])
    >>> feature_maps(model, "conv", np.zeros((2, 8, 8, 3))).shape
    (2, 4, 4, 4)
    """
    images = fitting_images(model, images)
    part = _up_to(model, layer_name)
    return part.predict(images, batch_size=whole_number("batch_size", batch_size), verbose=0)


@dataclass(frozen=True, eq=False)
class Patches:
    """The parts of images that excite one channel the most, the strongest first.

    Args:
        images: list of arrays (h, w, C): what the unit sees. Those at the image's rim are smaller.
        activations: (count,), the channel's value there.
        places: (count, 3) integers: the image's number, row and column in the feature map.
        boxes: (count, 4) integers: top, left, bottom, right of the patch in its image, the last two excluded.
    """

    images: list
    activations: np.ndarray
    places: np.ndarray
    boxes: np.ndarray


def top_patches(model, layer_name: str, channel: int, images, count: int = 9) -> Patches:
    """The patches on which a channel answers the most, at most one from each image.

    A patch is all that the unit can see: its receptive field as `costs` computes it, cut off at the image's rim, or
    as `receptive_window` measures it where the model holds layers that `costs` does not know.

    Args:
        model: a Keras model.
        layer_name: of a layer with feature maps.
        channel: number of the feature map.
        images: (N, H, W, C), as the model takes them.
        count: number of patches, at most N.

    Raises:
        TypeError, ValueError: if there is no such layer or channel, or count is not in 1..N.

    >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3, name="conv")])
    >>> model.get_layer("conv").set_weights([np.ones((3, 3, 1, 1)), np.zeros(1)])
    >>> images = np.zeros((2, 8, 8, 1)); images[1, 4, 5] = 1
    >>> found = top_patches(model, "conv", 0, images, count=1)
    >>> found.places.tolist(), found.boxes.tolist(), found.activations.tolist()
    ([[1, 2, 3]], [[2, 3, 5, 6]], [1.0])
    """
    images = fitting_images(model, images)
    count = whole_number("count", count)
    if count > len(images):
        raise ValueError(f"count is {count}, more than the {len(images)} images; expected at most one patch an image.")
    maps = feature_maps(model, layer_name, images)
    _places(maps.shape, layer_name)
    channel = _check_channel(maps, layer_name, channel)
    flat = maps[..., channel].reshape(len(images), -1)
    best = np.argsort(-flat.max(axis=1), kind="stable")[:count]
    rows, columns = np.unravel_index(flat[best].argmax(axis=1), maps.shape[1:3])
    places = np.stack([best, rows, columns], axis=1)
    boxes = _boxes(model, layer_name, places, images.shape[1:])
    cuts = zip(best, boxes, strict=True)
    patches = [images[n, top:bottom, left:right] for n, (top, left, bottom, right) in cuts]
    return Patches(patches, flat[best].max(axis=1), places, boxes)


def receptive_window(model, layer_name: str, row: int, column: int, image_shape=None) -> tuple[int, int, int, int]:
    """The smallest box around the pixels on which a unit depends, measured by gradients on images of noise.

    Args:
        model: a Keras model.
        layer_name: of a layer with feature maps.
        row: of the unit in the feature map.
        column: of the unit in the feature map.
        image_shape: (H, W, C), needed where the model's input leaves H and W open.

    Returns:
        top, left, bottom, right in pixels, the last two excluded. Where every path to a pixel at the rim is
        switched off on all noise images (by ReLUs, say), the box misses it.

    Raises:
        TypeError, ValueError: if there is no such layer or unit, nothing reaches the unit, or the shape is missing or
            does not fit.

    >>> layers = [keras.layers.Conv2D(2, 3, name="first"), keras.layers.Conv2D(2, 3, name="second")]
    >>> receptive_window(keras.Sequential([keras.Input((9, 9, 1)), *layers]), "second", 0, 2)
    (0, 2, 5, 7)
    """
    part = _up_to(model, layer_name)
    row, column = whole_number("row", row, smallest=0), whole_number("column", column, smallest=0)
    shape = size_of_image(model, "image_shape", image_shape)
    noise = np.random.default_rng(0).random((_NOISE_IMAGES, *shape), dtype=np.float32)
    height, width = _places(part(noise[:1], training=False).shape, layer_name)
    if row >= height or column >= width:
        raise ValueError(f"there is no unit [{row}, {column}]; the maps of {layer_name!r} are {height} x {width}.")

    def unit(images):
        return keras.ops.sum(part(images, training=False)[:, row, column])

    _, gradient = backend.value_and_gradient(unit, noise)
    reached = np.abs(gradient).max(axis=(0, 3)) > 0
    if not reached.any():
        raise ValueError(f"no pixel reaches the unit [{row}, {column}] of {layer_name!r}: all its paths are off.")
    rows, columns = np.flatnonzero(reached.any(axis=1)), np.flatnonzero(reached.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def maximise_activation(
    model, layer_name: str, channel: int, *, shape=None, steps=60, step_size=0.02, smoothness=0.0, jitter=2, seed=0
) -> tuple[np.ndarray, list[float]]:
    """Climb from grey noise to an image on which a channel answers strongly: gradient ascent on the pixels.

    Each step shifts the image by some pixels, so that no place of the grid is preferred, and moves each pixel along
    the gradient of the channel's mean, scaled to a standard deviation of `step_size`. Values stay in 0..1.

    Args:
        model: a Keras model.
        layer_name: of a layer with feature maps.
        channel: number of the feature map.
        shape: (H, W, C) of the image, needed where the model's input leaves H and W open.
        steps: how often the image is changed.
        step_size: standard deviation of a change, in units of pixel values.
        smoothness: weight of the mean squared difference of neighbours, which is subtracted; 0 leaves noise in.
        jitter: largest shift, in pixels.
        seed: of the noise and the shifts.

    Returns:
        The image (H, W, C), and the channel's mean before each step and at the end, steps + 1 numbers.

    Raises:
        TypeError, ValueError: if there is no such layer or channel, steps, jitter or seed is no whole number, or the
            shape is missing or does not fit.

    >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 1, name="conv")])
    >>> model.get_layer("conv").set_weights([np.ones((1, 1, 1, 1)), np.zeros(1)])
    >>> image, means = maximise_activation(model, "conv", 0, steps=3)
    >>> image.shape, len(means), means[-1] > means[0]
    ((8, 8, 1), 4, True)
    """
    part = _up_to(model, layer_name)
    steps, jitter = whole_number("steps", steps), whole_number("jitter", jitter, smallest=0)
    shape = size_of_image(model, "shape", shape)
    random = np.random.default_rng(whole_number("seed", seed, smallest=0))
    image = np.clip(random.normal(0.5, 0.05, shape), 0, 1).astype("float32")
    channel = _check_channel(part(image[None], training=False), layer_name, channel)

    def mean_of_channel(pixels):
        return keras.ops.mean(part(pixels[None], training=False)[..., channel])

    def objective(pixels):
        rows, columns = pixels[1:] - pixels[:-1], pixels[:, 1:] - pixels[:, :-1]
        roughness = keras.ops.mean(rows**2) + keras.ops.mean(columns**2)
        return mean_of_channel(pixels) - smoothness * roughness

    means = []
    for _ in range(steps):
        means.append(float(mean_of_channel(image)))
        shift = tuple(random.integers(-jitter, jitter + 1, 2))
        _, gradient = backend.value_and_gradient(objective, np.roll(image, shift, axis=(0, 1)))
        gradient = np.roll(gradient, (-shift[0], -shift[1]), axis=(0, 1))
        image = np.clip(image + step_size * gradient / (gradient.std() + 1e-12), 0, 1)
    return image, [*means, float(mean_of_channel(image))]


def silence(model, layer_name: str, channels):
    """The same model, same weights, with some channels of one layer set to zero.

    Args:
        model: a Keras model of one output or more; it is left as it is and shares its weights with the new one.
        layer_name: of the layer whose output is changed.
        channels: number of one channel, or a list of them.

    Raises:
        TypeError, ValueError: if there is no such layer or channel, or the layer is the model's input.

    >>> model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 5, name="conv")])
    >>> silenced = silence(model, "conv", 1)
    >>> float(np.abs(silenced.predict(np.ones((1, 8, 8, 3)), verbose=0)[..., 1]).max())
    0.0
    """
    layer = find_layer(checked_model(model), layer_name)
    if isinstance(layer, keras.layers.InputLayer):
        raise ValueError(f"{layer_name!r} is the model's input; set these channels of the images to 0 in its place.")
    count = layer.output.shape[-1]
    keep = np.ones(count, "float32")
    for channel in [channels] if np.ndim(channels) == 0 else channels:
        keep[_check_channel(keep[None], layer_name, channel)] = 0

    def call(layer, *arguments, **options):
        output = layer(*arguments, **options)
        return output * keep if layer.name == layer_name else output

    outputs = model.outputs[0] if len(model.outputs) == 1 else model.output
    functional = keras.Model(model.inputs[0], outputs, name=model.name)
    return keras.models.clone_model(functional, clone_function=lambda layer: layer, call_function=call)


def _boxes(model, layer_name: str, places: np.ndarray, shape) -> np.ndarray:
    """Top, left, bottom, right of what each unit sees; places hold image, row and column."""
    try:
        fields = costs.receptive_field(model, layer_name)
    except ValueError:  # a layer that costs does not know, or an open size
        return np.array([receptive_window(model, layer_name, row, column, shape) for _, row, column in places])
    first = np.array([field.start for field in fields]) + places[:, 1:] * [field.jump for field in fields]
    last = first + [field.size for field in fields]
    return np.hstack([np.maximum(first, 0), np.minimum(last, shape[:2])])


def _up_to(model, layer_name: str):
    layer = find_layer(checked_model(model), layer_name)
    return keras.Model(model.inputs[0], layer.output)


def _places(shape, layer_name: str) -> tuple[int, int]:
    if len(shape) != 4:
        raise ValueError(f"the output of {layer_name!r} has shape {tuple(shape)}; expected maps (N, H, W, C).")
    return shape[1], shape[2]


def _check_channel(maps, layer_name: str, channel) -> int:
    channel, count = whole_number("channel", channel, smallest=0), maps.shape[-1]
    if channel >= count:
        raise ValueError(f"channel is {channel}; the layer {layer_name!r} has the channels 0 to {count - 1}.")
    return channel
