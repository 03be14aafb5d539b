"""The errors that tests/planted.py plants, in the order of the notebooks; each new notebook adds its own."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedError:
    """An error to plant and how it must be caught.

    Args:
        where: a notebook's number, or "house".
        what: the error in a few words.
        file: the file that is changed, from the root of the checkout.
        plant: takes the file's bytes and returns the changed ones.
        tests: what pytest is called with.
        culprit: patterns that the tests must print.
    """

    where: str
    what: str
    file: str
    plant: Callable[[bytes], bytes]
    tests: tuple[str, ...]
    culprit: tuple[str, ...]


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    """Replace a text that stands in the file exactly once."""

    def plant(content: bytes) -> bytes:
        if content.count(old.encode()) != 1:
            raise SystemExit(f"{old!r} stands {content.count(old.encode())} times in the file; expected once")
        return content.replace(old.encode(), new.encode())

    return plant


def change_byte(content: bytes) -> bytes:
    """Change one byte in the middle of a file."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def in_notebook(change: Callable[[list], None]) -> Callable[[bytes], bytes]:
    """Change the list of a notebook's code cells."""

    def plant(content: bytes) -> bytes:
        notebook = json.loads(content)
        change([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
        return json.dumps(notebook).encode()

    return plant


def change_a_compared_digit(cells: list) -> None:
    for cell in cells:
        text = "".join(cell["outputs"][0].get("text", [])) if cell["outputs"] else ""
        if "nbval-check-output" in cell["metadata"].get("tags", []) and "4" in text:
            cell["outputs"][0]["text"] = text.replace("4", "7", 1)
            return
    raise SystemExit("no compared cell prints a 4")


def strip_outputs(cells: list) -> None:
    for cell in cells:
        cell["outputs"], cell["execution_count"] = [], None


LIMITS, CONVOLUTION = "notebooks/01_limits_of_fully_connected_layers.ipynb", "notebooks/02_convolution.ipynb"
SOLVED_CONVOLUTION = "notebooks/solutions/02_convolution.ipynb"
RULES, HOUSE = ("tests/test_notebook_rules.py",), ("tests/test_house.py",)

ERRORS = (
    PlantedError(
        "house",
        "one character changed in a stored compared output",
        CONVOLUTION,
        in_notebook(change_a_compared_digit),
        (CONVOLUTION,),
        ("02_convolution",),
    ),
    PlantedError(
        "house",
        "a notebook stripped of its outputs",
        CONVOLUTION,
        in_notebook(strip_outputs),
        (CONVOLUTION,),
        ("02_convolution", "execut"),
    ),
    PlantedError(
        "house",
        "a wrong solution",
        SOLVED_CONVOLUTION,
        swap("reference.correlate(image, kernel[::-1, ::-1])", "reference.correlate(image, kernel[::-1])"),
        (SOLVED_CONVOLUTION,),
        ("Exercise 2.2: not yet", "upside down only"),
    ),
    PlantedError(
        "house",
        "a check that accepts anything",
        "cnncourse/exercises/notebook_02.py",
        swap("    expected=reference.convolve,\n    mistakes=(", "    judge=lambda answer: None,\n    mistakes=("),
        ("tests/test_exercises_02.py", *RULES),
        (r"02\.2",),
    ),
    PlantedError(
        "house",
        "an engine that accepts anything",
        "cnncourse/exercises/engine.py",
        swap("    if not wrong:\n", "    if True:\n"),
        ("tests/test_exercise_engine.py",),
        ("test_each_mistake_gets_its_own_message",),
    ),
    PlantedError(
        "house",
        "the reference with its kernel flipped",
        "cnncourse/reference.py",
        swap(
            "conv2d = conv2d_windows",
            "def conv2d(x, k, *a, **s):\n    return conv2d_windows(x, k[::-1, ::-1], *a, **s)",
        ),
        ("tests/test_reference.py",),
        ("test_reference",),
    ),
    PlantedError(
        "house",
        "a data file with one byte changed",
        "data/fashion_mnist.npz",
        change_byte,
        ("tests/test_datasets.py",),
        (r"fashion_mnist\.npz",),
    ),
    PlantedError(
        "house",
        "a photograph with one byte changed",
        "data/photographs/coffee.png",
        change_byte,
        ("tests/test_datasets.py",),
        (r"coffee\.png",),
    ),
    PlantedError(
        "house",
        "a source changed without a rebuild",
        "notebooks/sources/02_convolution.py",
        swap("What happens at the border", "What happens at the rim"),
        RULES,
        (r"notebooks/02_convolution\.ipynb differs from its source at cell", "run `make build`"),
    ),
    PlantedError(
        "house",
        "a package changed without a rebuild",
        "cnncourse/reference.py",
        swap("conv2d = conv2d_windows", "conv2d = conv2d_loops"),
        RULES,
        (r"02_convolution\.ipynb was executed with another source, package or data",),
    ),
    PlantedError(
        "house",
        "a dependency in environment.yml that differs",
        "environment.yml",
        swap("  - pip\n", "  - numpy>=1.26\n  - pip\n"),
        HOUSE,
        (r"environment\.yml says numpy>=1\.26",),
    ),
    PlantedError(
        "house",
        "another Python in environment.yml",
        "environment.yml",
        swap("python>=3.11", "python>=3.10"),
        HOUSE,
        (r"python>=3\.10",),
    ),
    PlantedError(
        "house",
        "an import against the order of the rooms",
        "cnncourse/arithmetic.py",
        swap("import numpy as np\n", "import numpy as np\n\nfrom . import training\n"),
        HOUSE,
        ("arithmetic imports cnncourse.training",),
    ),
    PlantedError(
        "01",
        "the features of a dense layer are not counted",
        "cnncourse/arithmetic.py",
        swap('(pixels * whole_number("features", features))', 'pixels + 0 * whole_number("features", features)'),
        ("tests/test_arithmetic.py", "cnncourse/arithmetic.py"),
        ("dense_feature_weights",),
    ),
    PlantedError(
        "01",
        "images shifted along the wrong axis",
        LIMITS,
        swap(
            "padded[:, top : top + height, left : left + width]", "padded[:, left : left + height, top : top + width]"
        ),
        (LIMITS,),
        ("01_limits_of_fully_connected_layers", "down=1, right=-1"),
    ),
    PlantedError(
        "01",
        "the pooled head replaced by a flattened one",
        LIMITS,
        swap("layers.GlobalAveragePooling2D()", "layers.Flatten()"),
        (LIMITS,),
        ("max\\(parameters.values\\(\\)\\)",),
    ),
    PlantedError(
        "01",
        "memory drawn on linear axes",
        "cnncourse/figures/growth.py",
        lambda content: content.replace(b'"log"', b'"linear"'),
        ("tests/test_figures_01.py",),
        ("test_figures_01",),
    ),
    PlantedError(
        "01",
        "an exercise that takes a bias for each input for right",
        "cnncourse/exercises/notebook_01.py",
        swap("return sum((inputs + 1) * outputs for", "return sum(inputs * (outputs + 1) for"),
        ("tests/test_exercises_01.py",),
        ("test_exercises_01",),
    ),
    PlantedError(
        "01",
        "a bound closer to the measured values than their spread",
        "notebooks/sources/01_limits_of_fully_connected_layers.py",
        swap("assert pooled_drop < 0.2  # bound", "assert pooled_drop < 0.08  # bound"),
        ("tests/test_bounds.py",),
        ("pooled_drop",),
    ),
    PlantedError(
        "02",
        "a convolution that flips one axis only",
        "cnncourse/reference.py",
        swap("return correlate(image, kernel[::-1, ::-1])", "return correlate(image, kernel[::-1])"),
        ("tests/test_reference.py", "tests/test_exercises_02.py"),
        ("convol",),
    ),
    PlantedError(
        "02",
        "loops that miss the last row of the output",
        CONVOLUTION,
        swap("np.zeros((height - kernel_height + 1, ", "np.zeros((height - kernel_height, "),
        (CONVOLUTION,),
        ("correlate_loops|edges",),
    ),
    PlantedError(
        "02",
        "a filter that is learned from another filter's outputs",
        CONVOLUTION,
        swap(
            "clothes_targets = reference.conv2d(clothes, sobel_x[",
            "clothes_targets = reference.conv2d(clothes, sobel_x.T[",
        ),
        (CONVOLUTION,),
        ("clothes_error",),
    ),
    PlantedError(
        "02",
        "the window marked one pixel too low",
        "cnncourse/figures/convolution.py",
        swap('axes["image"].add_patch(_frame(row, column,', 'axes["image"].add_patch(_frame(row + 1, column,'),
        ("tests/test_figures_02.py",),
        ("test_figures_02",),
    ),
    PlantedError(
        "02",
        "sliders that move nothing",
        "cnncourse/widgets.py",
        swap("        picture.value = _png(figure)\n", "        pass\n"),
        ("tests/test_widgets.py",),
        ("test_widgets",),
    ),
    PlantedError(
        "02",
        "a diagonal kernel of the wrong sign taken for right",
        "cnncourse/exercises/notebook_02.py",
        swap("    if this.max() <= zero:", "    if False:"),
        ("tests/test_exercises_02.py", *RULES),
        (r"02\.4|diagonal",),
    ),
)
