"""Exercises of notebook 14: the depth of a ResNet, the parameters of a block, and a residual block in NumPy."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake

DEPTH_CASES = (
    ((3, 4, 6, 3), False),
    ((3, 4, 6, 3), True),
    ((3, 8, 36, 3), True),
    ((2, 2, 2, 2), False),
    ((18, 18, 18), False),
    ((1, 1, 1), False),
    ((2, 3, 5), True),
)


def _depth(blocks, bottleneck):
    return (3 if bottleneck else 2) * sum(blocks) + 2


DEPTH = Exercise(
    "14.1",
    title="The depth of a ResNet",
    stars=1,
    cases=DEPTH_CASES,
    expected=_depth,
    mistakes=(
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, bottleneck) - 2,
            "these are the layers in the blocks alone: what stands before the first and after the last?",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, bottleneck) - 1,
            "one layer is missing: there is one before the first block and one after the last",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, bottleneck) + 1,
            "one layer too many: pooling has no weights, so only two layers stand outside the blocks",
        ),
        Mistake(
            lambda blocks, bottleneck: 2 * _depth(blocks, bottleneck) - 1,
            "this counts BN as well: only convolutions and the dense layer count",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, bottleneck) + len(blocks) - 1,
            "this counts a projection for each stage but the first: they have weights, but the paper leaves them out",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, bottleneck) + len(blocks),
            "this counts one more layer in every stage: the paper counts neither projections nor pooling",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, False),
            "a bottleneck has as many layers here as a basic block: how many convolutions has each?",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, True),
            "a basic block has as many layers here as a bottleneck: how many convolutions has each?",
        ),
        Mistake(
            lambda blocks, bottleneck: _depth(blocks, not bottleneck),
            "the two kinds of blocks are exchanged: which of them has three convolutions?",
        ),
        Mistake(
            lambda blocks, bottleneck: sum(blocks) + 2,
            "each block counts as one layer: how many convolutions has it?",
        ),
        Mistake(
            lambda blocks, bottleneck: 6 * blocks[0] + 2,
            "this holds for three stages of equally many basic blocks: add up the blocks of all stages",
        ),
    ),
    idea="which layers of a block have weights, and which layers stand outside the blocks",
    hints=(
        "How many blocks are there in all? How many convolutions has each?",
        "Two layers with weights stand outside the blocks: look again at stem and head.",
    ),
)

BLOCK_CASES = ((64, 64, 1), (64, 128, 2), (16, 32, 2), (64, 64, 2), (16, 24, 1))


def _convolutions(channels_in, channels_out):
    return 9 * channels_in * channels_out + 9 * channels_out**2


def _projection(channels_in, channels_out):
    return channels_in * channels_out + 2 * channels_out


def _counted(projects, *, norm=4, projection=_projection, convolutions=_convolutions):
    """A student's count: when it projects, and the numbers of the block's two BN for each channel."""

    def count(channels_in, channels_out, stride):
        total = convolutions(channels_in, channels_out) + norm * channels_out
        return total + projection(channels_in, channels_out) * projects(channels_in, channels_out, stride)

    return count


def _shapes_differ(channels_in, channels_out, stride):
    return stride > 1 or channels_in != channels_out


_block_parameters = _counted(_shapes_differ)

BLOCK_PARAMETERS = Exercise(
    "14.2",
    title="Parameters of a block",
    stars=2,
    cases=BLOCK_CASES,
    expected=_block_parameters,
    mistakes=(
        Mistake(
            _counted(lambda *shapes: False),
            "there is no projection: can x be added to F(x) where the shapes differ?",
        ),
        Mistake(
            _counted(lambda *shapes: True),
            "every block has a projection, that is option C: an identity is enough where the shapes agree",
        ),
        Mistake(
            _counted(lambda channels_in, channels_out, stride: channels_in != channels_out),
            "a block that strides with equal channels has no projection: has F(x) the rows and columns of x?",
        ),
        Mistake(
            _counted(lambda channels_in, channels_out, stride: stride > 1),
            "a block that changes the channels without a stride has no projection: do the shapes agree?",
        ),
        Mistake(
            _counted(_shapes_differ, projection=lambda c, k: c * k),
            "the projection has no BN: every convolution of the block has one",
        ),
        Mistake(
            _counted(_shapes_differ, projection=lambda c, k: 9 * c * k + 2 * k),
            "the projection counts as a 3x3 convolution: how large is its kernel?",
        ),
        Mistake(
            _counted(_shapes_differ, norm=0, projection=lambda c, k: c * k),
            "BN is missing: which numbers does it learn for each channel?",
        ),
        Mistake(
            _counted(_shapes_differ, norm=0),
            "only the projection has BN: the two 3x3 convolutions have one each",
        ),
        Mistake(
            _counted(_shapes_differ, norm=2),
            "one of the block's BN is missing: there is one after each of the two 3x3 convolutions",
        ),
        Mistake(
            _counted(_shapes_differ, norm=8, projection=lambda c, k: c * k + 4 * k),
            "this counts four numbers of BN for each channel: the moving mean and variance are not learned",
        ),
        Mistake(
            _counted(_shapes_differ, norm=6, projection=lambda c, k: c * k + 3 * k),
            "this counts biases of the convolutions: BN follows, so they have none",
        ),
        Mistake(
            _counted(_shapes_differ, norm=6),
            "this counts a bias for each filter of the 3x3 convolutions: BN follows, so they have none",
        ),
        Mistake(
            _counted(_shapes_differ, convolutions=lambda c, k: _convolutions(c, k) + 2 * c - 2 * k),
            "the first BN has channels_in channels here: it stands after its convolution",
        ),
        Mistake(
            _counted(_shapes_differ, convolutions=lambda c, k: 18 * c * k),
            "both 3x3 convolutions read channels_in here: what does the second one read?",
        ),
        Mistake(
            _counted(_shapes_differ, convolutions=lambda c, k: 18 * k**2),
            "both 3x3 convolutions read channels_out here: what does the first one read?",
        ),
    ),
    idea="what each convolution reads and puts out, what BN learns, and when x and F(x) differ in shape",
    hints=(
        "Write down the weights of the first 3x3 convolution, then of the second: which channels does each read?",
        "BN learns a scale and a shift for each of its channels. How many BN are there?",
        "x and F(x) differ in shape if the channels differ, or if the stride leaves fewer rows and columns.",
    ),
)


def _block_case(seed, size, channels):
    """A block whose residual and input have negative numbers, so that the place of each ReLU shows."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(2, size, size + 1, channels))
    kernels = random.normal(0, 0.4, size=(2, 3, 3, channels, channels))
    biases = random.normal(0, 0.5, size=(2, channels))
    return x, kernels[0], biases[0], kernels[1], biases[1]


NUMPY_CASES = (_block_case(1, 6, 2), _block_case(2, 7, 3))  # padding forgotten: the sum fails, no window


def _relu(x):
    return np.maximum(x, 0)


def _conv(x, kernel, bias):
    return reference.conv2d(x, kernel, bias, padding="same")


def _block(*, between=_relu, residual=lambda y: y, add=lambda y, x: y + x, last=_relu):
    """A block in parts, so that a mistake can change one of them."""

    def block(x, kernel1, bias1, kernel2, bias2):
        return last(add(residual(_conv(between(_conv(x, kernel1, bias1)), kernel2, bias2)), x))

    return block


_block_output = _block()

NUMPY_BLOCK = Exercise(
    "14.3",
    title="A residual block in NumPy",
    stars=2,
    cases=NUMPY_CASES,
    expected=_block_output,
    mistakes=(
        Mistake(_block(add=lambda y, x: y), "the input is not added: this is the plain pair of layers"),
        Mistake(
            _block(residual=_relu),
            "ReLU comes before the sum: then the block could never make a number smaller",
        ),
        Mistake(_block(residual=_relu, last=lambda y: y), "the last ReLU stands before the sum, not after it"),
        Mistake(_block(add=lambda y, x: y + _relu(x)), "the shortcut has a ReLU: it adds x as it is"),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: (
                _conv(_relu(_conv(_relu(x), kernel1, bias1)), kernel2, bias2) + x
            ),
            "each ReLU stands before its convolution, the order of a later paper: follow the diagram",
        ),
        Mistake(_block(last=lambda y: y), "the last ReLU is missing: what follows the sum in the diagram?"),
        Mistake(_block(between=lambda y: y), "there is no ReLU between the convolutions: two linear layers are one"),
        Mistake(
            _block(between=lambda y: y, last=lambda y: y),
            "there is no ReLU at all: where does the diagram have them?",
        ),
        Mistake(_block(add=lambda y, x: y - x), "the input is subtracted: F(x) is what y lacks to x"),
        Mistake(_block(add=lambda y, x: x - y), "F(x) is subtracted from the input: the two are added"),
        Mistake(_block(add=lambda y, x: y * x), "F(x) and the input are multiplied: the shortcut adds"),
        Mistake(_block(add=lambda y, x: np.concatenate([y, x], -1)), "the channels stand side by side: add them"),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: _block_output(x, kernel1, bias1 * 0, kernel2, bias2 * 0),
            "the biases have no effect",
        ),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: _block_output(x, kernel2, bias2, kernel1, bias1),
            "the two convolutions are exchanged",
        ),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: _block_output(x, kernel1, bias1, kernel1, bias1),
            "the first convolution stands in both places",
        ),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: _relu(
                _conv(_relu(_conv(x, kernel1, bias1) + x), kernel2, bias2)
            ),
            "the input is added after the first convolution: the shortcut leads around both",
        ),
        Mistake(
            lambda x, kernel1, bias1, kernel2, bias2: _relu(
                _conv(hidden := _relu(_conv(x, kernel1, bias1)), kernel2, bias2) + hidden
            ),
            "the output of the first convolution is added: the shortcut starts before both",
        ),
    ),
    idea="the diagram from top to bottom: where the two ReLUs stand, and what is added where",
    hints=(
        "Follow the left path: convolution, ReLU, convolution, in the size of x. What comes out may be negative.",
        "Now the sum with the input as it was before the first convolution. One step is left.",
    ),
)

EXERCISES = (DEPTH, BLOCK_PARAMETERS, NUMPY_BLOCK)
