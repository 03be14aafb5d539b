"""The checks of notebook 14: right answers in several forms, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import costs, exercises, reference
from cnncourse.models import resnet
from tests.verdicts import assert_correct, assert_wrong


def blank(*_):
    """A blank with a docstring."""
    ...


@pytest.mark.parametrize("exercise_id", ["14.1", "14.2", "14.3"])
@pytest.mark.parametrize("answer", [blank, ...], ids=["blank", "ellipsis"])
def test_a_blank_is_not_attempted(exercise_id, answer):
    assert exercises.verdict(exercise_id, answer).status == "not attempted"


# 14.1, the depth of a ResNet


def depth_by_loop(blocks, bottleneck):
    layers = 1  # the stem
    for stage in blocks:
        for _ in range(stage):
            layers += 3 if bottleneck else 2
    return layers + 1


def depth_of_a_model(blocks, bottleneck):
    options = {"stem": "small", "stem_filters": 1, "input_shape": (16, 16, 1), "num_classes": 2}
    net = resnet.resnet(tuple(blocks), bottleneck=bottleneck, **options)
    counted = [layer for layer in net.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)]
    return len([layer for layer in counted if "shortcut" not in layer.name])


@pytest.mark.parametrize(
    "answer",
    [
        depth_by_loop,
        lambda blocks, bottleneck: (2 + bottleneck) * sum(blocks) + 2,
        lambda blocks, bottleneck: np.int64(2 + np.sum(blocks) * [2, 3][bottleneck]),
    ],
)
def test_the_depth_is_right_in_every_form(answer):
    assert_correct("14.1", answer)


@pytest.mark.parametrize(("blocks", "bottleneck"), [((3, 4, 6, 3), True), ((2, 2, 2, 2), False), ((1, 1, 1), False)])
def test_the_depth_is_that_of_the_course_s_nets(blocks, bottleneck):
    assert exercises.find("14.1").expected(blocks, bottleneck) == depth_of_a_model(blocks, bottleneck)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda blocks, bottleneck: (3 if bottleneck else 2) * sum(blocks), "the layers in the blocks alone"),
        (lambda blocks, bottleneck: (3 if bottleneck else 2) * sum(blocks) + 1, "one layer is missing"),
        (lambda blocks, bottleneck: depth_by_loop(blocks, bottleneck) + 1, "pooling has no weights"),
        (lambda blocks, bottleneck: 2 * ((3 if bottleneck else 2) * sum(blocks) + 1) + 1, "this counts BN as well"),
        (lambda blocks, bottleneck: 2 * sum(blocks) + 2, "a bottleneck has as many layers here as a basic"),
        (lambda blocks, bottleneck: 3 * sum(blocks) + 2, "a basic block has as many layers here"),
        (lambda blocks, bottleneck: (2 if bottleneck else 3) * sum(blocks) + 2, "exchanged"),
        (
            lambda blocks, bottleneck: depth_by_loop(blocks, bottleneck) + len(blocks) - 1,
            "for each stage but the first",
        ),
        (lambda blocks, bottleneck: depth_by_loop(blocks, bottleneck) + len(blocks), "one more layer in every stage"),
        (lambda blocks, bottleneck: sum(blocks) + 2, "each block counts as one layer"),
        (lambda blocks, bottleneck: 6 * blocks[-1] + 2, "which layers of a block have weights"),
        (lambda blocks, bottleneck: 6 * blocks[0] + 2, "three stages of equally many"),
    ],
)
def test_a_wrong_depth_has_its_message(answer, phrase):
    assert_wrong("14.1", answer, phrase)


# 14.2, the parameters of a block


def count_by_keras(channels_in, channels_out, stride):
    inputs = keras.Input((8, 8, channels_in))
    block = keras.Model(inputs, resnet.basic_block(inputs, channels_out, stride=stride, name="block"))
    return sum(int(np.prod(weight.shape)) for weight in block.trainable_weights)


def count_by_costs(channels_in, channels_out, stride):
    inputs = keras.Input((8, 8, channels_in))
    return costs.count_parameters(
        keras.Model(inputs, resnet.basic_block(inputs, channels_out, stride=stride, name="block"))
    )


def count_by_parts(channels_in, channels_out, stride):
    conv_bn = [k * k * c * channels_out + 2 * channels_out for k, c in ((3, channels_in), (3, channels_out))]
    if (channels_in, 1) != (channels_out, stride):
        conv_bn.append(channels_in * channels_out + 2 * channels_out)
    return sum(conv_bn)


@pytest.mark.parametrize("answer", [count_by_keras, count_by_costs, count_by_parts])
def test_the_parameters_of_a_block_are_right_in_every_form(answer):
    assert_correct("14.2", answer)


def student_count(*, first=9, bn=2, bias=0, projection=1, projection_bn=2, when=lambda c, k, s: s > 1 or c != k):
    """A student's count, with a mistake in one of its parts."""

    def count(c, k, s):
        total = first * c * k + 9 * k * k + 2 * (bn + bias) * k
        return total + (projection * c * k + (projection_bn + bias) * k if when(c, k, s) else 0)

    return count


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (student_count(when=lambda c, k, s: False), "there is no projection"),
        (student_count(when=lambda c, k, s: True), "that is option C"),
        (student_count(when=lambda c, k, s: c != k), "a block that strides with equal channels"),
        (student_count(when=lambda c, k, s: s > 1), "changes the channels without a stride"),
        (student_count(projection_bn=0), "the projection has no BN"),
        (student_count(projection=9), "counts as a 3x3"),
        (student_count(bn=0, projection_bn=0), "BN is missing: which numbers"),
        (student_count(bn=0), "only the projection has BN"),
        (student_count(bn=1), "one of the block's BN is missing"),
        (student_count(bn=4, projection_bn=4), "are not learned"),
        (student_count(bias=1), "biases of the convolutions"),
        (lambda c, k, s: count_by_parts(c, k, s) + 2 * k, "a bias for each filter of the 3x3"),
        (lambda c, k, s: count_by_parts(c, k, s) + 2 * c - 2 * k, "the first BN has channels_in"),
        (lambda c, k, s: 18 * c * k + 4 * k + (s > 1 or c != k) * (c * k + 2 * k), "what does the second one read"),
        (lambda c, k, s: 18 * k * k + 4 * k + (s > 1 or c != k) * (c * k + 2 * k), "what does the first one read"),
        (student_count(first=1), "what each convolution reads"),
    ],
)
def test_a_wrong_count_has_its_message(answer, phrase):
    assert_wrong("14.2", answer, phrase)


# 14.3, a block in NumPy


def block_by_loops(x, kernel1, bias1, kernel2, bias2):
    y = reference.conv2d_loops(x, kernel1, bias1, padding=1)
    y[y < 0] = 0
    y = reference.conv2d_loops(y, kernel2, bias2, padding=1)
    y += x
    return np.where(y > 0, y, 0)


def block_by_the_course(x, kernel1, bias1, kernel2, bias2):
    """The course's own block with the biases in the offsets of its BN."""
    inputs = keras.Input(x.shape[1:])
    block = keras.Model(inputs, resnet.basic_block(inputs, x.shape[-1], name="block"))
    for number, kernel, bias in ((1, kernel1, bias1), (2, kernel2, bias2)):
        block.get_layer(f"block_conv{number}").set_weights([kernel])
        norm = block.get_layer(f"block_bn{number}")
        norm.beta.assign(bias)
        norm.moving_variance.assign(np.ones(len(bias)) - norm.epsilon)
    return block(x.astype("float32"), training=False)


def test_the_course_s_block_does_the_same():
    for case in exercises.find("14.3").cases:
        expected = exercises.find("14.3").expected(*case)
        assert np.allclose(block_by_the_course(*case), expected, atol=1e-5)


def test_a_block_in_numpy_is_right_in_every_form():
    assert_correct("14.3", block_by_loops)
    assert_correct("14.3", lambda x, *weights: block_by_loops(x, *weights).tolist())


def test_without_padding_the_error_is_the_sum_s():
    def answer(x, kernel1, bias1, kernel2, bias2):
        hidden = np.maximum(reference.conv2d(x, kernel1, bias1), 0)
        return np.maximum(reference.conv2d(hidden, kernel2, bias2) + x, 0)

    verdict = exercises.verdict("14.3", answer)
    assert verdict.status == "error"
    assert "could not be broadcast" in verdict.message


def relu(x):
    return np.maximum(x, 0)


def conv(x, kernel, bias):
    return reference.conv2d(x, kernel, bias, padding="same")


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c)), "the input is not added"),
        (lambda x, k, b, m, c: relu(relu(conv(relu(conv(x, k, b)), m, c)) + x), "ReLU comes before the sum: then"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c)) + x, "the last ReLU stands before the sum"),
        (lambda x, k, b, m, c: conv(relu(conv(x, k, b)), m, c) + x, "the last ReLU is missing"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c) + relu(x)), "the shortcut has a ReLU"),
        (lambda x, k, b, m, c: x + conv(relu(conv(relu(x), k, b)), m, c), "each ReLU stands before its convolution"),
        (lambda x, k, b, m, c: relu(conv(conv(x, k, b), m, c) + x), "no ReLU between the convolutions"),
        (lambda x, k, b, m, c: conv(conv(x, k, b), m, c) + x, "no ReLU at all"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c) - x), "the input is subtracted"),
        (lambda x, k, b, m, c: relu(x - conv(relu(conv(x, k, b)), m, c)), "F(x) is subtracted"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c) * x), "multiplied"),
        (
            lambda x, k, b, m, c: relu(np.concatenate([conv(relu(conv(x, k, b)), m, c), x], axis=3)),
            "the channels stand side by side",
        ),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, 0 * b)), m, 0 * c) + x), "the biases have no effect"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, m, c)), k, b) + x), "the two convolutions are exchanged"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), k, b) + x), "the first convolution stands in both"),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b) + x), m, c)), "after the first convolution"),
        (
            lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c) + relu(conv(x, k, b))),
            "the output of the first convolution is added",
        ),
        (lambda x, k, b, m, c: relu(conv(relu(conv(x, k, b)), m, c) + 2 * x), "the diagram from top to bottom"),
    ],
)
def test_a_wrong_block_has_its_message(answer, phrase):
    assert_wrong("14.3", answer, phrase)
