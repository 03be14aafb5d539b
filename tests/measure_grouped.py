"""Measure a grouped 3x3 layer in each way: `python tests/measure_grouped.py [--channels 64 128] [--groups 2 8 32]`.

Forward and training step in ms, medians of runs in random order at 16x16 and batch 32.
`TF_ENABLE_ONEDNN_OPTS=0` and `KERAS_BACKEND=jax` before the command measure the other two ways of computing it.
"""

import argparse
import random
import time

import numpy as np

from cnncourse import backend, layers
from cnncourse.recording.machine import made_here
from cnncourse.recording.speed import GroupedSpeed, write_grouped_speed

keras = backend.keras
BATCH, SIDE = 32, 16


class Raw(keras.layers.Conv2D):
    """The backend's own grouped convolution, as it is."""

    def convolution_op(self, inputs, kernel):
        import tensorflow

        return tensorflow.nn.conv2d(inputs, kernel, 1, "SAME")


def contenders(channels: int, groups: int, *, slow: bool = True) -> dict:
    """Layers of as many channels in as out."""
    found = {"dense": keras.layers.Conv2D(channels, 3, padding="same")}
    found["ours"] = layers.GroupedConv2D(channels, 3, padding="same", groups=groups)
    if keras.backend.backend() == "tensorflow" and backend.native_grouped_convolution():
        found["raw"] = Raw(channels, 3, padding="same", groups=groups)
    if slow:
        found["keras"] = keras.layers.Conv2D(channels, 3, padding="same", groups=groups)
    for layer in found.values():
        layer.build((BATCH, SIDE, SIDE, channels))
    return found


def runs(layer) -> tuple:
    """Two functions that wait for their results: forward, and the gradients by images and kernel."""
    generator = np.random.default_rng(0)
    images = generator.normal(size=(BATCH, SIDE, SIDE, layer.input_spec.axes[-1])).astype("float32")
    direction = generator.normal(size=(BATCH, SIDE, SIDE, layer.filters)).astype("float32")
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        images, direction, kernel = tensorflow.constant(images), tensorflow.constant(direction), layer.kernel.value

        @tensorflow.function
        def step():
            with tensorflow.GradientTape() as tape:
                tape.watch(images)
                loss = tensorflow.reduce_sum(layer.convolution_op(images, kernel) * direction)
            return tape.gradient(loss, (images, kernel))

        forward = tensorflow.function(lambda: layer.convolution_op(images, kernel))
        return lambda: forward().numpy(), lambda: step()[0].numpy()
    import jax

    images, kernel = jax.numpy.asarray(images), layer.kernel.value
    forward = jax.jit(layer.convolution_op)
    step = jax.jit(jax.grad(lambda x, k: (layer.convolution_op(x, k) * direction).sum(), argnums=(0, 1)))
    return lambda: jax.block_until_ready(forward(images, kernel)), lambda: jax.block_until_ready(step(images, kernel))


def measure(channels: int, groups: int, *, repeats: int = 15, slow: bool = True) -> dict[str, tuple[float, float]]:
    """Seconds of (forward, training step) of each contender; Keras' own layer runs only three times.

    "ideal" is the time of the dense layer divided by the groups, as its work is.
    """
    functions = {name: runs(layer) for name, layer in contenders(channels, groups, slow=slow).items()}
    seconds = {name: ([], []) for name in functions}
    for number in range(repeats + 1):
        for name in random.sample(list(functions), len(functions)):  # what follows a large layer finds a cold cache
            pair = functions[name]
            for function, spent in zip(pair, seconds[name], strict=True):
                if name == "keras" and number > 3:
                    continue
                start = time.perf_counter()
                function()
                spent.append(time.perf_counter() - start)
    medians = {name: tuple(float(np.median(spent[1:])) for spent in pair) for name, pair in seconds.items()}
    return medians | {"ideal": tuple(spent / groups for spent in medians["dense"])}


def main() -> None:
    """Print the table, and write it with --write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--channels", type=int, nargs="+", default=[64, 128])
    parser.add_argument("--groups", type=int, nargs="+", default=[2, 4, 8, 32])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--write", action="store_true", help="into data/recorded_runs/speed/, for notebook 16")
    chosen = parser.parse_args()
    rows = []
    for channels in chosen.channels:
        for groups in chosen.groups:
            found = measure(channels, groups, repeats=chosen.repeats)
            times = {way: [round(1e3 * seconds, 3) for seconds in pair] for way, pair in found.items()}
            rows.append({"channels": channels, "groups": groups, **times})
    backend_name = keras.backend.backend()
    without = backend_name == "tensorflow" and not backend.native_grouped_convolution()
    environment = "TF_ENABLE_ONEDNN_OPTS=0 " if without else "KERAS_BACKEND=jax " if backend_name == "jax" else ""
    speed = GroupedSpeed(
        setting={"batch": BATCH, "side": SIDE, "repeats": chosen.repeats},
        rows=rows,
        command=f"{environment}python tests/measure_grouped.py --write",
        **made_here(),
    )
    print(f"{speed.backend} on {speed.device}; ms, forward / training step\n{speed}")
    if chosen.write:
        print(write_grouped_speed(speed, f"grouped_{backend_name}{'_without_onednn' if without else ''}"))


if __name__ == "__main__":
    main()
