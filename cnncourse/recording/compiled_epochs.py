"""How does a small net keep a GPU busy? JAX compiles a whole epoch into one program, its images kept on the device.

A step of a small net takes a GPU less time than Python needs to start it and NumPy to cut its batch. Here one program
cuts, mirrors and trains on the same batches as `EpochBatches`, in the same order; so the curves are the same, but for
last digits.
"""

import functools
import weakref

import numpy as np

from .. import backend
from .batches import PAD, EpochBatches

keras = backend.keras
_PROGRAMS = weakref.WeakKeyDictionary()  # one for each model
_ON_DEVICE: dict[int, tuple] = {}  # the latest images, by id: (NumPy array, the same on the device)


def pays(images: np.ndarray) -> bool:
    """Whether epochs are to be compiled here: JAX sees a GPU, and the images take less than a quarter of its memory.

    >>> backend.has_gpu() or not pays(np.zeros((1, 8, 8, 3), "float32"))
    True
    """
    if keras.backend.backend() != "jax" or not backend.has_gpu():
        return False
    import jax

    memory = (jax.devices()[0].memory_stats() or {}).get("bytes_limit", 0)
    return images.nbytes < memory / 4


def train(model, batches: EpochBatches, *, compiled: bool | None = None) -> dict[str, list[float]] | None:
    """Train one epoch in one program.

    Args:
        model: a compiled model whose optimizer is built.
        batches: of the epoch.
        compiled: whether to do it at all; None asks `pays`.

    Returns:
        What `model.fit(batches, shuffle=False).history` would be, or None where it does not pay and nothing was done.
    """
    if not (pays(batches.images) if compiled is None else compiled):
        return None
    if model not in _PROGRAMS:
        model.test_on_batch(*batches[0])  # builds the metrics and leaves the weights alone
        _PROGRAMS[model] = _compile(model, batches.crop, batches.flip)
    model.reset_metrics()
    images, labels = _on_device(batches.images), batches.labels
    program, groups = _PROGRAMS[model], _groups(model)
    state = [[variable.value for variable in group] for group in groups]
    whole = len(batches.order) // batches.batch_size * batches.batch_size
    for chosen in (batches.order[:whole].reshape(-1, batches.batch_size), batches.order[whole:][None]):
        if chosen.size:  # whole batches in one program, the smaller last one in another
            state = program(state, images, labels, chosen, batches.corners[chosen], batches.mirrored[chosen])
    for group, values in zip(groups, state, strict=True):
        for variable, value in zip(group, values, strict=True):
            variable.assign(value)
    return {name: [float(value)] for name, value in model.get_metrics_result().items()}


def _groups(model) -> tuple[list, ...]:
    """The four groups of variables in the order that a model's stateless `train_step` takes."""
    return model.trainable_variables, model.non_trainable_variables, model.optimizer.variables, model.metrics_variables


def _on_device(images: np.ndarray):
    import jax

    kept = _ON_DEVICE.get(id(images))
    if kept is None or kept[0] is not images:
        _ON_DEVICE.clear()
        kept = _ON_DEVICE[id(images)] = (images, jax.device_put(images))
    return kept[1]


def _compile(model, crop: bool, flip: bool):
    """A program from a model's state before an epoch to the state after it."""
    import jax

    step = model.train_step
    augment = functools.partial(_augment, jax, crop=crop, flip=flip)

    @functools.partial(jax.jit, donate_argnums=0)
    def program(state, images, labels, order, corners, mirrored):
        def one_step(state, batch):
            chosen, corners, mirrored = batch
            _, state = step(tuple(state), (augment(images[chosen], corners, mirrored), labels[chosen]))
            return [list(group) for group in state], None

        return jax.lax.scan(one_step, state, (order, corners, mirrored))[0]

    return program


def _augment(jax, images, corners, mirrored, *, crop: bool, flip: bool):
    """`EpochBatches`' pieces and mirror images, in JAX."""
    numpy = jax.numpy
    if crop:
        shape = images.shape[1:]
        padded = numpy.pad(images, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
        images = jax.vmap(lambda image, corner: jax.lax.dynamic_slice(image, (*corner, 0), shape))(padded, corners)
    if flip:
        images = numpy.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    return images
