"""How are few images learned? Frozen features with a linear head, fine-tuning, and a small net from scratch.

Notebook 18 shows these functions, and `python -m cnncourse record-transfer` runs them over a grid.
"""

import contextlib
import io

import numpy as np

from .. import backend, models, training
from ..datasets import Dataset, load_object_photos

keras = backend.keras
layers = keras.layers

BASE = "efficientnet_lite0"
DOWNLOADED = ("mobilenet_v1", "mobilenet_v2")
SIDE = 128  # pixels
BATCH_SIZE = 8
STEPS = {"scratch": 160, "fine-tuned": 30}
SCRATCH_RATE = 3e-3
SCRATCH_FILTERS = (16, 32, 64, 128)


def load_base(name: str = BASE, side: int | None = SIDE):
    """A net without its head, with weights from ImageNet, for images in 0..1.

    Args:
        name: "efficientnet_lite0", shipped, or one of `DOWNLOADED`, whose weights come from `keras.applications`.
        side: of the images in pixels, a multiple of 32; None for images of any such side.

    Raises:
        ValueError: if there is no such net, or the download fails.

    >>> load_base(side=64).output_shape
    (None, 2, 2, 1280)
    """
    shape = (side, side, 3)
    if name == BASE:
        return models.build(name, weights="imagenet", include_top=False, input_shape=shape)
    if name not in DOWNLOADED:
        raise ValueError(f"there is no base {name!r}; expected one of {', '.join((BASE, *DOWNLOADED))}.")
    with contextlib.redirect_stdout(io.StringIO()):  # Keras tells of a download line by line
        inner = models.load_keras_applications(models.build(name, include_top=False, input_shape=shape))
    image = keras.Input(shape, name="image")
    rescaled = layers.Rescaling(2.0, offset=-1.0, name="rescaling")(image)  # these were trained on values in -1..1
    return keras.Model(image, inner(rescaled), name=f"{name}_base")


def pooled_features(base, images) -> np.ndarray:
    """The mean of each of the last feature maps, in test mode.

    Args:
        base: as `load_base`, with outputs (N, H', W', C).
        images: (N, H, W, 3) in 0..1.

    Returns:
        float32 (N, C).
    """
    pooled = layers.GlobalAveragePooling2D(name="pool")(base.output)
    return keras.Model(base.input, pooled).predict(images, batch_size=50, verbose=0)


def fit_head(features, labels, *, decay: float = 0.01, steps: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """A linear classifier on fixed features: softmax, cross-entropy, decay of the weights, plain gradient descent.

    Args:
        features: (N, C).
        labels: (N,) from 0 to K - 1, each at least once.
        decay: half of it times the sum of squared weights joins the loss.
        steps: of gradient descent on all images.

    Returns:
        Weights (C, K) and bias (K,) of a dense layer on the features as they came.

    >>> weights, bias = fit_head(np.array([[0.0], [1.0]]), np.array([0, 1]))
    >>> (np.array([[0.0], [1.0]]) @ weights + bias).argmax(axis=1).tolist()
    [0, 1]
    """
    mean, scale = features.mean(axis=0), features.std(axis=0) + 0.1  # 0.1: what hardly varies stays small
    x, targets = (features - mean) / scale, np.eye(max(labels) + 1)[labels]
    weights, bias = np.zeros((x.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    rate = 1 / (np.linalg.norm(x, 2) ** 2 / len(x) / 2 + decay)  # the loss bends no more than 1 / rate
    for _ in range(steps):
        logits = x @ weights + bias
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (p / p.sum(axis=1, keepdims=True) - targets) / len(x)
        weights -= rate * (x.T @ error + decay * weights)
        bias -= rate * error.sum(axis=0)
    weights /= scale[:, None]
    return weights, bias - mean @ weights


def balanced_accuracy(answers, labels) -> float:
    """The mean over the classes of the share of right answers; a guess gets one over the number of classes.

    Args:
        answers: (N,) classes.
        labels: (N,) classes.

    Returns:
        A number in 0..1.

    >>> balanced_accuracy([0, 0, 0, 0], [0, 0, 0, 1])
    0.5
    """
    answers, labels = np.asarray(answers), np.asarray(labels)
    return float(np.mean([np.mean(answers[labels == label] == label) for label in np.unique(labels)]))


def augmentation():
    """Layers that, in training only, mirror each image and shift and zoom it by up to a tenth, on white."""
    white = {"fill_mode": "constant", "fill_value": 1.0}
    parts = [layers.RandomFlip("horizontal"), layers.RandomTranslation(0.1, 0.1, **white)]
    return keras.Sequential([*parts, layers.RandomZoom(0.1, **white)], name="augmentation")


def freeze_batch_norm(model) -> None:
    """Set `trainable = False` on each batch normalisation, so that it uses, and keeps, its moving averages in `fit`.

    Args:
        model: whose layers are meant, and those of models inside it; call it before `compile`.
    """
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
        elif isinstance(layer, keras.Model):
            freeze_batch_norm(layer)


def add_head(base, weights, bias, *, augmented: bool = True):
    """A net of augmentation, base, pooling and the dense layer that `fit_head` found.

    Args:
        base: as `load_base`.
        weights: (C, K).
        bias: (K,).
        augmented: whether the augmentation is there.

    Returns:
        A functional `keras.Model` with logits (N, K).
    """
    image = keras.Input(base.input_shape[1:], name="image")
    x = augmentation()(image) if augmented else image
    x = layers.GlobalAveragePooling2D(name="pool")(base(x))
    head = layers.Dense(len(bias), name="logits")
    net = keras.Model(image, head(x))
    head.set_weights([weights, bias])
    return net


def small_cnn(input_shape, num_classes: int, *, augmented: bool = True):
    """Four strided 3x3 convolutions with batch normalisation, and a pooled head: about 100,000 parameters.

    Args:
        input_shape: (H, W, C).
        num_classes: outputs.
        augmented: whether the augmentation is there.

    Returns:
        A functional `keras.Model` with logits (N, num_classes).

    >>> small_cnn((128, 128, 3), 5).count_params()
    98805
    """
    image = keras.Input(input_shape, name="image")
    x = augmentation()(image) if augmented else image
    for filters in SCRATCH_FILTERS:
        x = layers.Conv2D(filters, 3, 2, "same", use_bias=False, kernel_initializer="he_normal")(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, layers.Dense(num_classes, name="logits")(x))


def train_steps(net, dataset: Dataset, *, rate, steps: int, seed: int, batch_size: int = BATCH_SIZE) -> None:
    """Train by Adam for a number of steps of full batches, whatever the number of images.

    Args:
        net: with logits; Adam starts anew each time. One that this function trained before keeps its traced step if
            the rates of both trainings are numbers, and is compiled again if one is a schedule.
        dataset: its images are taken in one random order after the other.
        rate: learning rate, a number or a schedule.
        steps: of the optimizer.
        seed: of the orders.
        batch_size: images in a step.
    """
    random, needed = np.random.default_rng(seed), steps * batch_size
    rounds = -(-needed // len(dataset))
    order = np.concatenate([random.permutation(len(dataset)) for _ in range(rounds)])[:needed]
    if net.compiled and _is_number(rate) and _is_number(net.optimizer.get_config()["learning_rate"]):
        for variable in net.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        net.optimizer.learning_rate = rate
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        net.compile(keras.optimizers.Adam(rate), loss)
    net.fit(dataset.images[order], dataset.labels[order], batch_size=batch_size, shuffle=False, verbose=0)


def _is_number(rate) -> bool:
    return isinstance(rate, int | float | np.number)


def train_from_scratch(dataset: Dataset, *, seed: int, augmented: bool = True, steps: int = STEPS["scratch"]):
    """A small net trained on nothing but these images; the rate falls to 0 along half a cosine.

    Returns:
        The net.
    """
    training.setup(seed)
    net = small_cnn(dataset.images.shape[1:], len(dataset.class_names), augmented=augmented)
    rate = keras.optimizers.schedules.CosineDecay(SCRATCH_RATE, steps)
    train_steps(net, dataset, rate=rate, steps=steps, seed=seed)
    return net


def fine_tune(base, dataset: Dataset, *, rate: float, seed: int, augmented=True, steps: int = STEPS["fine-tuned"]):
    """Fit a head to the frozen base, then train head and base together; batch normalisation stays frozen.

    Args:
        base: as `load_base`; it changes.
        dataset: few images.
        rate: learning rate.
        seed: of augmentation and order.
        augmented: whether images are varied in training.
        steps: of 8 images.

    Returns:
        The net.
    """
    training.setup(seed)
    head = fit_head(pooled_features(base, dataset.images), dataset.labels)
    base.trainable = True
    freeze_batch_norm(base)  # after the line above, which unfreezes the layers of a frozen base
    net = add_head(base, *head, augmented=augmented)
    train_steps(net, dataset, rate=rate, steps=steps, seed=seed)
    return net


def draw(per_class: int, seed: int) -> Dataset:
    """The training images of one cell of the grid."""
    return load_object_photos("train", per_class, seed=seed, size=SIDE)
