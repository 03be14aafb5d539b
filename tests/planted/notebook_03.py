"""Errors of notebook 03."""

from .errors import PlantedError, swap

LAYERS = "notebooks/03_convolutional_layers.ipynb"
SOLVED_LAYERS = "notebooks/solutions/03_convolutional_layers.ipynb"

ERRORS = (
    PlantedError(
        "03",
        "a dense layer with one bias too few: the others stay zero",
        LAYERS,
        swap("biases = np.full(26 * 26, bias)", "biases = np.full(26 * 26, bias) * (np.arange(676) < 675)"),
        (LAYERS,),
        ("by_dense",),
    ),
    PlantedError(
        "03",
        "a convolution matrix for same padding that keeps the weights on the zeros around",
        "cnncourse/reference.py",
        swap("        real = read >= 0\n", "        real = read >= -1\n"),
        (LAYERS, "tests/test_reference.py"),
        ("03_convolutional_layers", "test_reference"),
    ),
    PlantedError(
        "03",
        "places counted as the pixels of the image",
        LAYERS,
        swap("places = arithmetic.output_size(side, 3) ** 2", "places = side**2"),
        (LAYERS,),
        (r"counts\[28\]",),
    ),
    PlantedError(
        "03",
        "a locally connected layer that learns one kernel for all places",
        LAYERS,
        swap("windows_of(images).transpose(1, 2, 0, 3)", "windows_of(images).reshape(1, 1, -1, 9)"),
        (LAYERS,),
        ("03_convolutional_layers",),
    ),
    PlantedError(
        "03",
        "a shift with rows and columns exchanged",
        LAYERS,
        swap("padded[abs(a) - a :, abs(b) - b :]", "padded[abs(b) - b :, abs(a) - a :]"),
        (LAYERS,),
        (r"shift\(np\.arange",),
    ),
    PlantedError(
        "03",
        "circular padding that is zero padding",
        LAYERS,
        swap('mode=\\"wrap\\"', 'mode=\\"constant\\"'),
        (LAYERS,),
        (r"equal\.all\(\)",),
    ),
    PlantedError(
        "03",
        "the map moved back in the wrong direction",
        "cnncourse/figures/equivariance.py",
        swap("_shift(feature_map, -down, -right,", "_shift(feature_map, down, right,"),
        ("tests/test_figures_03.py",),
        ("test_a_framed_object_leaves_no_difference",),
    ),
    PlantedError(
        "03",
        "a menu that does not reach the drawing",
        "cnncourse/widgets/shift_object.py",
        swap("down, right, padding=padding, figure", 'down, right, padding="zeros", figure'),
        ("tests/test_widgets_03.py",),
        ("test_each_knob_draws_the_picture_anew",),
    ),
    PlantedError(
        "03",
        "a check that gives up the border on the wrong side",
        "cnncourse/exercises/notebook_03.py",
        swap("good &= place >= margin", "good &= place < size - margin"),
        ("tests/test_exercises_03.py",),
        ("test_the_mask_is_what_an_experiment_finds",),
    ),
    PlantedError(
        "03",
        "a solution that builds the transpose",
        SOLVED_LAYERS,
        swap("matrix.reshape(rows * columns, height * width)", "matrix.reshape(rows * columns, height * width).T"),
        (SOLVED_LAYERS,),
        ("Exercise 3.2: not yet", "this is the transpose"),
    ),
)
