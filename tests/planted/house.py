"""Errors of the house: of no notebook alone."""

from .errors import PlantedError, change_a_compared_digit, change_byte, in_notebook, strip_outputs, swap

CONVOLUTION = "notebooks/02_convolution.ipynb"
SOLVED_CONVOLUTION = "notebooks/solutions/02_convolution.ipynb"
RULES = ("tests/test_notebook_rules.py",)
HOUSE = ("tests/test_house.py",)

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
        "cnncourse/arithmetic/counts.py",
        swap("import numpy as np\n", "import numpy as np\n\nfrom .. import training\n"),
        HOUSE,
        ("arithmetic imports cnncourse.training",),
    ),
)
