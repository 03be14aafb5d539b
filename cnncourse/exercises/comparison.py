"""Whether a received answer equals the expected one, in whichever form it comes, and how to say that it does not."""

import numpy as np

FLOAT32_TOLERANCE = 1e-5
LARGEST_SHOWN = 16  # numbers of an array that are written out


def _as_array(value) -> np.ndarray | None:
    """The value as an array of numbers, or None. Keras tensors, lists and NumPy scalars are all read."""
    try:
        array = np.asarray(value)
    except Exception:  # a ragged list, a symbolic tensor, an object whose __array__ fails
        return None
    return array if array.dtype.kind in "biuf" else None


def cannot_compare(value) -> bool:
    """Whether the value is neither text nor numbers."""
    return not isinstance(value, str) and _as_array(value) is None


def matches(expected, received, tolerance: float = 1e-6) -> bool:
    """Whether two answers are equal: the same shape, and the same numbers up to a relative tolerance.

    Args:
        expected: text, or anything that NumPy reads as numbers.
        received: the same, in any equivalent form (list, tuple, NumPy, Keras tensor).
        tolerance: relative to the largest expected magnitude; at least 1e-5 for received float32.

    >>> matches(26, np.int64(26)), matches([1.0, 2.0], np.array([1, 2])), matches(1, True)
    (True, True, False)
    """
    if isinstance(expected, str):
        return isinstance(received, str) and received.strip().casefold() == expected.strip().casefold()
    wanted, given = _as_array(expected), _as_array(received)
    if wanted is None or given is None or wanted.shape != given.shape:
        return False
    if (wanted.dtype.kind == "b") != (given.dtype.kind == "b"):
        return False
    if wanted.dtype.kind in "biu" and given.dtype.kind == "f":  # 0.29 * 100 is 28.999999999999996
        return bool(np.allclose(given, wanted, rtol=1e-12, atol=1e-12))
    if wanted.dtype.kind in "biu":
        return bool(np.all(wanted == given))
    if given.dtype.kind == "f" and given.dtype.itemsize <= 4:
        tolerance = max(tolerance, FLOAT32_TOLERANCE)
    finite = np.isfinite(wanted)
    if not np.array_equal(given[~finite], wanted[~finite], equal_nan=True):
        return False
    scale = np.max(np.abs(wanted[finite]), initial=0.0)
    return bool(np.all(np.abs(given - wanted)[finite] <= tolerance * scale + 1e-12))


def only_the_shape_differs(expected, received, tolerance: float = 1e-6) -> bool:
    """Whether all numbers are right and stand in their order, in an array of another shape.

    >>> only_the_shape_differs([[1, 2], [3, 4]], [1, 2, 3, 4]), only_the_shape_differs(784, [785])
    (True, False)
    """
    wanted, given = _as_array(expected), _as_array(received)
    if wanted is None or given is None or wanted.shape == given.shape or wanted.size != given.size:
        return False
    return matches(wanted.ravel(), given.ravel(), tolerance)


def difference(expected, received, *, reveal: bool = True) -> str:
    """Say what was received and what was expected, in one clause.

    Args:
        expected: the right answer.
        received: a wrong one.
        reveal: whether the expected number may be shown; a check on a value must not give the answer away.
    """
    if isinstance(expected, str):
        return f"received {describe(received)}, expected {describe(expected) if reveal else 'another word'}"
    wanted, given = _as_array(expected), _as_array(received)
    if given is None:
        return f"received {describe(received)}, expected {_kind(wanted)}"
    if given.shape != wanted.shape:
        brackets = given.size == 1 and not wanted.ndim
        return f"received {describe(given) if brackets else _kind(given)}, expected {_kind(wanted)}" + (
            " without brackets" if brackets else ""
        )
    if (wanted.dtype.kind == "b") != (given.dtype.kind == "b"):
        kinds = ("True and False", "numbers") if wanted.dtype.kind == "b" else ("numbers", "True and False")
        return f"received {kinds[1]}, expected {kinds[0]}"
    if not np.all(np.isfinite(given)):
        return f"received {_kind(given)} holding NaN or infinity, expected finite numbers"
    if not wanted.ndim:
        return f"received {_number(given)}, expected {_expected_number(wanted, given, reveal)}"
    error = np.abs(given.astype(float) - wanted.astype(float))
    at = np.unravel_index(np.argmax(error > 1e-5 * error.max()), given.shape)  # the first that is really off
    place = ", ".join(str(int(i)) for i in at)
    right = _expected_number(wanted[at], given[at], reveal)
    return f"received {_number(given[at])} at [{place}], expected {right} there"


def describe(value) -> str:
    """Name a value briefly: a number itself, a small array's numbers, a large array's shape.

    >>> describe([[1, 2.5], [3, 4]]), describe(np.zeros((9, 9)))
    ('[[1, 2.5], [3, 4]]', 'an array of shape (9, 9)')
    """
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    array = _as_array(value)
    if array is None:
        if isinstance(value, list | tuple | dict):
            return f"a {type(value).__name__} of {len(value)} entries"
        return f"a value of type {type(value).__name__}"
    if not array.ndim:
        return _number(array)
    if array.ndim <= 2 and array.size <= LARGEST_SHOWN:
        return "[" + ", ".join(describe(part) for part in array) + "]"
    return _kind(array)


def _kind(array: np.ndarray) -> str:
    if array.ndim:
        return f"an array of shape {tuple(int(n) for n in array.shape)}"
    return {"b": "True or False", "f": "a number"}.get(array.dtype.kind, "a whole number")


def _number(value) -> str:
    value = np.asarray(value)
    if value.dtype.kind == "f":
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}"
    return str(value.item())


def _expected_number(wanted, given, reveal: bool) -> str:
    if reveal:
        return _number(wanted)
    if np.asarray(wanted).dtype.kind == "b":
        return "the opposite"
    return "a larger number" if wanted > given else "a smaller number"
