"""How is it trained? The recipe of He et al. 2015 for CIFAR-10, the same for every net.

SGD with momentum 0.9, rate 0.1 divided by 10 at one half and at three quarters of the steps, weight decay 1e-4.
Reference: "Deep Residual Learning for Image Recognition", arXiv 1512.03385, section 4.2.
"""

from .. import backend
from .settings import Settings

keras = backend.keras

MOMENTUM = 0.9
WARM_UP_RATE = 0.01
REFERENCE = "He et al. 2015, arXiv 1512.03385, section 4.2"


def learning_rates(settings: Settings, images: int):
    """The rate of every step, as a Keras schedule.

    Args:
        settings: the run.
        images: the training images that are used.

    >>> rates = learning_rates(Settings("resnet20", "cifar10"), 50_000)
    >>> [round(float(rates(step)), 6) for step in (0, 32_061, 32_062, 48_092, 48_093, 64_123)]
    [0.1, 0.1, 0.01, 0.01, 0.001, 0.001]
    """
    first, second = settings.drops(images)
    pairs = [(first, settings.learning_rate), (second, settings.learning_rate / 10)]
    if settings.warm_up_steps:
        if settings.warm_up_steps >= first:
            raise ValueError(
                f"warm_up_steps is {settings.warm_up_steps}, but the rate drops after {first} steps; "
                "expected fewer steps of warm-up, or more epochs."
            )
        pairs.insert(0, (settings.warm_up_steps, WARM_UP_RATE))
    # Keras takes the first value while step <= boundary, and the first step is 0: n steps end at n - 1.
    boundaries = [steps - 1 for steps, _ in pairs]
    values = [rate for _, rate in pairs] + [settings.learning_rate / 100]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)


def add_weight_decay(model, weight_decay: float) -> int:
    """Add weight_decay / 2 times the sum of all squared kernel weights to the loss of a model that is not compiled.

    The gradient of each kernel then holds `weight_decay * kernel`, and momentum and rate act on it as on the rest:
    that is the weight decay of the paper's time. `SGD(weight_decay=...)` of Keras is the decoupled kind, another rule.
    Biases and the two numbers a channel of batch normalisation do not decay.

    Args:
        model: a built `keras.Model`.
        weight_decay: a number, 0 or more.

    Returns:
        How many kernels decay.

    >>> net = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(2)])
    >>> add_weight_decay(net, 1e-4)
    2
    """
    kernels = [weight for weight in model.trainable_weights if weight.name.endswith("kernel")]
    for kernel in kernels if weight_decay else ():
        kernel.regularizer = keras.regularizers.L2(weight_decay / 2)
    return len(kernels) if weight_decay else 0


def compile_model(model, settings: Settings, images: int) -> None:
    """Give a model the recipe's loss, optimizer and weight decay.

    Measured are the accuracy and the cross-entropy; Keras' own `loss` holds the weight decay's term as well.

    Args:
        model: a built model with logits (N, classes).
        settings: the run.
        images: the training images that are used.
    """
    add_weight_decay(model, settings.weight_decay)
    # XLA pays on a GPU; on a CPU it slows TensorFlow down. JAX has nothing else.
    with_xla = "auto" if backend.has_gpu() or settings.backend != "tensorflow" else False
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rates(settings, images), momentum=MOMENTUM),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(name="cross_entropy", from_logits=True)],
        jit_compile=with_xla,
    )
    model.optimizer.build(model.trainable_variables)


def as_fields(settings: Settings, images: int) -> dict:
    """The recipe as a log tells it.

    >>> as_fields(Settings("resnet20", "cifar10"), 50_000)["rate_divided_by_10_after_steps"]
    [32062, 48093]
    """
    return {
        "reference": REFERENCE,
        "optimizer": "SGD",
        "momentum": MOMENTUM,
        "learning_rate": settings.learning_rate,
        "rate_divided_by_10_after_steps": list(settings.drops(images)),
        "steps": settings.steps_per_epoch(images) * settings.epochs,
        "warm_up_steps": settings.warm_up_steps,
        "warm_up_rate": WARM_UP_RATE if settings.warm_up_steps else None,
        "weight_decay": settings.weight_decay,
        "weight_decay_on": "kernels, as L2 term of the loss",
        "augmentation": settings.augmentation,
        "mean_subtracted": "of each pixel, over the training images",
        "evaluated": "on the test set after every epoch, to choose nothing; test_error: last epoch, not best",
        "precision": keras.config.dtype_policy().name,
        "shortened": settings.shortened(images),
    }
