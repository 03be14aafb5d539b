"""What the figure of notebook 11 draws: blocks and bars in their order, sizes that tell the shapes."""

import itertools

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgb
from matplotlib.patches import Polygon, Rectangle

from cnncourse.figures import BLUE, GREY, ORANGE, show_structure

LAYERS = [("image", (28, 28, 1)), ("S2", (14, 14, 6)), ("S4", (5, 7, 16)), ("flatten", (560,)), ("logits", (10,))]


def faces(ax):
    """The fronts of the blocks and the bars, from left to right."""
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return sorted(found, key=lambda patch: patch.get_x())


def colours(patches):
    return [to_rgb(patch.get_facecolor()) for patch in patches]


def test_each_layer_is_named_with_its_shape_in_its_place():
    ax = show_structure(LAYERS)
    texts = [text.get_text() for text in ax.texts]
    assert texts[::2] == ["image", "S2", "S4", "flatten", "logits"]
    assert texts[1::2] == ["28 x 28\n1", "14 x 14\n6", "5 x 7\n16", "560", "10"]
    assert [text.get_position()[0] for text in ax.texts[::2]] == [0, 1, 2, 3, 4]


def test_the_image_is_grey_the_maps_are_blue_the_vectors_orange():
    expected = [to_rgb(GREY), to_rgb(BLUE), to_rgb(BLUE), to_rgb(ORANGE), to_rgb(ORANGE)]
    assert colours(faces(show_structure(LAYERS))) == expected


def test_a_front_grows_with_the_square_root_of_the_side_and_is_as_wide_as_the_columns_say():
    image, half, last, *_ = faces(show_structure(LAYERS))
    assert image.get_height() / half.get_height() == pytest.approx(2**0.5)
    assert image.get_height() == pytest.approx(image.get_width())
    assert last.get_width() / last.get_height() == pytest.approx((7 / 5) ** 0.5)


def test_more_channels_make_a_deeper_block_and_more_units_a_taller_bar():
    ax = show_structure(LAYERS)
    lids = [patch for patch in ax.patches if isinstance(patch, Polygon)][::2]
    depths = [lid.get_xy()[:, 1].max() - lid.get_xy()[:, 1].min() for lid in lids]
    assert depths == sorted(depths)
    assert depths[0] < depths[-1]
    *_, flat, logits = faces(ax)
    assert flat.get_height() > logits.get_height() > 0


def test_blocks_do_not_overlap_and_stay_in_sight():
    wide = [("image", (227, 227, 3)), *[(f"conv{k}", (227, 227, 384)) for k in range(6)], ("logits", (1000,))]
    ax = show_structure(wide, title="a title")
    edges = []
    for place in range(7):
        corners = faces(ax)[place].get_corners()
        lid = [patch for patch in ax.patches if isinstance(patch, Polygon)][2 * place].get_xy()
        edges.append((min(corners[:, 0].min(), lid[:, 0].min()), max(corners[:, 0].max(), lid[:, 0].max())))
    assert all(left[1] < right[0] for left, right in itertools.pairwise(edges))
    assert ax.get_xlim()[0] < edges[0][0]
    assert max(patch.get_y() + patch.get_height() for patch in faces(ax)) < ax.get_ylim()[1]
    assert ax.get_title(loc="left") == "a title"


def test_given_axes_are_used():
    ax = plt.subplots()[1]
    assert show_structure([("logits", [10])], ax=ax) is ax


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [
        ([], ValueError, "there are no layers to draw"),
        ([("C1", (28, 28))], ValueError, r"the layer 'C1' has the shape \(28, 28\); expected"),
        ([("C1", (28, 0, 1))], ValueError, "a size of 'C1'=0 is too small"),
        ([("C1", (28.0, 28, 1))], TypeError, r"a size of 'C1'=28\.0"),
        ([("C1", (None, None, 1))], TypeError, "a size of 'C1'=None"),
    ],
)
def test_what_cannot_be_drawn_is_refused(layers, error, words):
    with pytest.raises(error, match=words):
        show_structure(layers)
