"""Exercises of notebook 07: the output shape of a layer, the zeros of "same"; the whole layer is in general_layer."""

from cnncourse import arithmetic

from .engine import Exercise, Mistake
from .general_layer import LAYER

# Heights differ from widths and rows from columns in each setting, so that nothing can be exchanged unnoticed.
SHAPE_CASES = (
    (28, 40, (3, 5), (1, 1), "valid", (1, 1)),
    (28, 41, (3, 2), (2, 3), "valid", (1, 1)),
    (20, 33, (3, 4), (3, 2), "same", (1, 1)),
    (30, 25, (3, 2), (1, 2), "valid", (2, 4)),
    (31, 18, (5, 3), (2, 4), "same", (1, 3)),
    (32, 27, (5, 4), (2, 3), "valid", (1, 1)),
)


def _output_shape(height, width, kernel_size, stride, padding, dilation):
    return tuple(
        arithmetic.output_size(size, k, stride=s, padding=padding, dilation=d)
        for size, k, s, d in zip((height, width), kernel_size, stride, dilation, strict=True)
    )


def _wrong_shape(valid=None, same=None):
    """A wrong output shape from formulas of (size, k, s, d) for one dimension; None stands for the right one."""

    def output_shape(height, width, kernel_size, stride, padding, dilation):
        formula = valid if padding == "valid" else same
        if formula is None:
            return _output_shape(height, width, kernel_size, stride, padding, dilation)
        return tuple(map(formula, (height, width), kernel_size, stride, dilation))

    return output_shape


def _fitting(size, k, s, d):
    return (size - d * (k - 1) - 1) // s + 1


OUTPUT_SHAPE = Exercise(
    "07.1",
    title="The output shape of a layer",
    stars=1,
    cases=SHAPE_CASES,
    expected=_output_shape,
    mistakes=(
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: (size - d * (k - 1) - 1) // s),
            "with 'valid' one is missing: a kernel as large as the image fits once",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: -(-(size - d * (k - 1) - 1) // s) + 1),
            "this rounds up with 'valid': a window that does not fit wholly into the image is not computed",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: round((size - d * (k - 1) - 1) / s) + 1),
            "this rounds to the nearest number with 'valid': a window that does not fit wholly is no output",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: (size - d * (k - 1) - 1) / s + 1),
            "with 'valid' this can be a fraction of a pixel: count the steps that fit whole",
        ),
        Mistake(
            _wrong_shape(
                valid=lambda size, k, s, d: (size - d * (k - 1) - 1) / s + 1, same=lambda size, k, s, d: size / s
            ),
            "this can be a fraction of a pixel: which of the paddings rounds down, which rounds up?",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: (size - d * (k - 1)) // s),
            "this divides the number of places by the stride: the stride divides the steps, and a window comes before",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: (size - d * k) // s + 1),
            "this kernel spans dilation times k pixels: there are k - 1 gaps between k elements",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: _fitting(size, k, s, 1)),
            "the dilation has no effect with 'valid': how many pixels does the dilated kernel span?",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: _fitting(size, k, 1, d)),
            "the stride has no effect with 'valid': how many steps fit behind the first window?",
        ),
        Mistake(
            _wrong_shape(valid=lambda size, k, s, d: _fitting(size, k, 1, d), same=lambda size, k, s, d: size),
            "the stride has no effect: it is the step from one window to the next",
        ),
        Mistake(
            _wrong_shape(same=lambda size, k, s, d: size),
            "with 'same' this has the size of the image: that holds for stride 1 only",
        ),
        Mistake(
            _wrong_shape(same=lambda size, k, s, d: size // s),
            "this rounds down with 'same': pixels that are left over get an output, too",
        ),
        Mistake(_wrong_shape(same=_fitting), "this treats 'same' like 'valid': look at what 'same' makes of H"),
        Mistake(
            lambda *case: _output_shape(*case)[::-1],
            "these are columns and rows: the height comes first",
        ),
        Mistake(
            lambda height, width, k, s, padding, d: _output_shape(height, width, k[::-1], s[::-1], padding, d[::-1]),
            "kernel size, stride and dilation are exchanged: the first number of a pair belongs to the rows",
        ),
        Mistake(
            lambda height, width, k, s, padding, d: _output_shape(
                height, width, (k[0], k[0]), (s[0], s[0]), padding, (d[0], d[0])
            ),
            "the first number of each pair is used for both: the second belongs to the columns",
        ),
    ),
    idea="how many pixels the dilated kernel spans, and how many steps of the stride fit behind the first window",
    hints=(
        "Write a formula for one dimension and apply it twice, with the first and with the second of each pair.",
        "'valid': the first window spans d (k - 1) + 1 pixels. How many pixels are left, how many steps is that?",
        "'same' needs neither kernel nor dilation: count the steps that begin inside the image.",
    ),
)

ZEROS_CASES = ((28, 3, 1, 1), (28, 3, 2, 1), (29, 3, 2, 1), (27, 4, 1, 1), (28, 1, 2, 1), (20, 3, 1, 3), (17, 5, 3, 2))


def _zeros(size, kernel_size, stride, dilation):
    return arithmetic.same_padding(size, kernel_size, stride=stride, dilation=dilation)


def _total(size, kernel_size, stride, dilation):
    return sum(_zeros(size, kernel_size, stride, dilation))


def _halves(total):
    return total // 2, total - total // 2


ZEROS_OF_SAME = Exercise(
    "07.2",
    title='How many zeros "same" adds',
    stars=2,
    cases=ZEROS_CASES,
    expected=_zeros,
    mistakes=(
        Mistake(
            lambda *case: _zeros(*case)[::-1],
            "an odd number has its extra zero before: Keras puts it after, at the bottom and on the right",
        ),
        Mistake(
            lambda size, k, s, d: _halves(d * (k - 1)),
            "the stride has no effect: the last window may end further inside than at stride 1",
        ),
        Mistake(
            lambda size, k, s, d: (d * (k - 1) // 2,) * 2,
            "these zeros are the same on both sides whatever the stride, as in frameworks that pad symmetrically",
        ),
        Mistake(
            lambda size, k, s, d: (k // 2, k // 2),
            "this is k // 2 on each side: it holds for odd kernels without stride and dilation only",
        ),
        Mistake(
            lambda size, k, s, d: _halves((-(-size // s) - 1) * s + d * (k - 1) + 1 - size),
            "one number is negative: where the windows end before the image does, nothing is added",
        ),
        Mistake(
            lambda size, k, s, d: _halves(max((size // s - 1) * s + d * (k - 1) + 1 - size, 0)),
            "this rounds the number of outputs down: 'same' rounds it up",
        ),
        Mistake(
            lambda size, k, s, d: _halves(-(-size // s) * s + d * (k - 1) + 1 - size),
            "this is a stride too many: the first window has no step before it",
        ),
        Mistake(
            lambda size, k, s, d: _zeros(size, k, s, 1),
            "the dilation has no effect: how many pixels does the dilated kernel span?",
        ),
        Mistake(lambda *case: (_total(*case),) * 2, "this adds the whole number on each side: it is split in two"),
        Mistake(
            lambda *case: (-(-_total(*case) // 2),) * 2,
            "an odd number is rounded up on both sides: the two sides together are the whole number",
        ),
        Mistake(
            lambda *case: (_total(*case) // 2,) * 2,
            "an odd number is rounded down on both sides: one zero is lost",
        ),
        Mistake(
            lambda *case: (_total(*case) / 2,) * 2,
            "half a zero cannot be added: which side gets the extra one when the number is odd?",
        ),
        Mistake(
            lambda *case: (round(_total(*case) / 2), _total(*case) - round(_total(*case) / 2)),
            "Python's round takes 1.5 to 2 and 0.5 to 0: rounding down and the rest is the rule",
        ),
        Mistake(_total, "this is the number of zeros on both sides together: split it"),
    ),
    idea="the pixels from the start of the first window to the end of the last: how many lie outside the image?",
    hints=(
        "How many outputs are there? The last window starts that number less one, times the stride, after the first.",
        "Where does the last window end? What lies beyond the image has to be added; it is never negative.",
        "Split that number: the smaller half before, the larger half after.",
    ),
)

EXERCISES = (OUTPUT_SHAPE, ZEROS_OF_SAME, LAYER)
