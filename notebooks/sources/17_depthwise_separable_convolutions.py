# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 17 · Depthwise separable convolutions
#
# A 3x3 convolution does two jobs at once: it looks around in space, and it combines channels. Networks for phones,
# such as the MobileNets of 2017 and 2018, do them in turn, with up to nine times less work than a dense 3x3. Here
# you take the convolution apart, count what that saves, see what it gives up, measure what it buys.
#
# **You will be able to**
#
# - build a depthwise separable block and say which layer does which job;
# - write it as one dense kernel, and say which dense kernels can be written so;
# - count any such layer, and say where the work of a MobileNet lies;
# - explain an inverted bottleneck, and why its authors make its narrow maps linear;
# - compare separable and dense nets at equal cost, in accuracy and in time, and say what one trial cannot decide.
#
# **You should know** [1x1 convolutions](04_colour_images_as_inputs.ipynb), the
# [rank of a matrix](06_multiple_output_channels.ipynb), multiply-accumulates (MACs) and
# [arithmetic intensity](12_number_of_learnable_parameters.ipynb), batch normalisation (BN),
# [bottlenecks](14_residual_learning.ipynb) and [grouped convolutions](16_grouped_convolutions.ipynb).
#
# **Time** about 45 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, datasets, exercises, figures, inspection, layers, models, recording, training
from cnncourse.models import mobilenet

import math
import time
from fractions import Fraction

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
IMAGES, TEST_IMAGES, EPOCHS = 4_000, 2_000, 4
BATCH_SIZE = 64

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Depthwise separable convolutions: in space, then across channels
#
# A **depthwise convolution** has one filter for each channel and adds nothing up over channels. A 1x1 convolution,
# here called **pointwise**, combines the channels of one pixel. In turn they are a **depthwise separable
# convolution**. We set both by hand: blur for red, the two Sobel filters for green and blue, then two mixtures.
#
# **Predict.** How many weights have the two layers, from 3 to 2 channels? How many has a dense 3x3 convolution?

# %%
photograph = datasets.load_photograph("coffee", size=48)[np.newaxis]
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
spatial = np.stack([np.full((3, 3), 1 / 9), sobel, sobel.T], axis=-1)[..., np.newaxis]  # (3, 3, C, 1)
mixing = np.array([[0, 1], [1, 0.5], [1, 0]])[np.newaxis, np.newaxis]  # (1, 1, C, C_out)

depthwise = keras.layers.DepthwiseConv2D(3, use_bias=False)
pointwise = keras.layers.Conv2D(2, 1, use_bias=False)
for layer, kernel in ((depthwise, spatial), (pointwise, mixing)):
    layer.build((None, None, None, 3))
    layer.set_weights([kernel])
filtered = depthwise(photograph)
mixed = pointwise(filtered)

# %%
pictures = [np.asarray(x)[0, ..., m] for x in (photograph, filtered, mixed) for m in range(x.shape[-1])]
titles = ["red", "green", "blue", "blurred", "Sobel x", "Sobel y", "both Sobels"]
panels = plt.subplots(3, 3, figsize=(3.6, 3.9))[1].ravel()
panels[-1].remove()
for k, (picture, title) in enumerate(zip(pictures, [*titles, "blur + Sobel x / 2"], strict=True)):
    figures.show_image(picture, panels[k], title=title, signed=k > 3, limit=2)
plt.show()

# %% [markdown]
# Second row: each channel filtered by itself. Third row: two mixtures, pixel by pixel. (Red positive, blue negative,
# from -2 to 2.) A depthwise convolution is a grouped one (notebook 16) with as many groups as channels.

# %% tags=["nbval-check-output"]
grouped = layers.GroupedConv2D(3, 3, groups=3, use_bias=False)
grouped.build(photograph.shape)
grouped.set_weights([spatial.transpose(0, 1, 3, 2)])
assert np.allclose(grouped(photograph), filtered, atol=1e-5)
print("depthwise kernel", depthwise.kernel.shape, "grouped kernel", grouped.kernel.shape, "equal outputs")
print(f"weights: {depthwise.count_params()} + {pointwise.count_params()}, dense {3 * 3 * 3 * 2}")

# %% [markdown]
# **What we see.** 33 weights in place of 54. The grouped layer is the same, with two axes of the weights exchanged.
# (Keras' `depth_multiplier` $n$, here no image's number, gives each channel $n$ filters, in the last axis: filter $p$
# of channel $m$ makes map $n m + p$.)

# %% [markdown]
# ## The block
#
# MobileNet's block puts BN and a ReLU after *both* convolutions: in its code **ReLU6**, cut off at 6,
# $\min(\max(v, 0), 6)$, as it suits computing with few bits. On the right the block of v2, see below; narrow boxes put
# out fewer channels (not to scale).

# %%
_, panels = plt.subplots(1, 3, figsize=(8, 4.4))
after = ["BN", "ReLU6"]
separable = ["3x3 depthwise conv, G = C", *after, "1x1 conv", *after]
inverted = ["1x1 conv: 6 C", *after, "3x3 depthwise conv", *after, "1x1 conv: C", "BN"]
figures.show_chain(["3x3 conv", *after], title="Dense", ax=panels[0])
figures.show_chain(separable, title="MobileNet: in two steps", ax=panels[1])
widths = [6] * 6 + [1] * 2
options = {"widths": widths, "shortcut": True, "ends": ("x: C channels", "y: C channels")}
figures.show_chain(inverted, title="v2: narrow, wide, narrow", ax=panels[2], **options)
for ax in panels:
    ax.set_ylim(panels[2].get_ylim())  # boxes of equal height
plt.show()


# %% [markdown]
# The block in full view. One trap: `he_normal` gives weights the variance $2 / \text{inputs}$, and takes
# $k \cdot k \cdot C$ for the inputs of a depthwise filter, which reads only $k \cdot k$. So we set the first weights
# ourselves.
#
# **Predict.** By which factor are the first weights of `he_normal` too small for 256 channels?


# %%
def conv_bn_relu(x, convolution):
    x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3)(convolution(x))
    return keras.layers.ReLU(max_value=6)(x)


HE_DEPTHWISE = keras.initializers.VarianceScaling(2, mode="fan_out")  # Keras takes k k for the fan-out


def separable_block(x, filters, *, stride=1):
    """From (N, H, W, C) to (N, H / stride, W / stride, filters)."""
    options = {"padding": "same", "use_bias": False}
    in_space = keras.layers.DepthwiseConv2D(3, strides=stride, depthwise_initializer=HE_DEPTHWISE, **options)
    x = conv_bn_relu(x, in_space)  # (N, H / stride, W / stride, C)
    return conv_bn_relu(x, keras.layers.Conv2D(filters, 1, kernel_initializer="he_normal", **options))


# %% tags=["nbval-check-output"]
inputs = keras.Input((16, 16, 32))
for stride in (1, 2):
    mine = keras.Model(inputs, separable_block(inputs, 64, stride=stride))
    course = keras.Model(inputs, mobilenet.separable_block(inputs, 64, stride=stride, name="block"))
    mine.set_weights(course.get_weights())
    x = np.random.normal(size=(4, 16, 16, 32)).astype("float32")
    assert np.allclose(mine(x, training=True), course(x, training=True), atol=1e-4)
    print(f"stride {stride}: {costs.count_parameters(mine):,} parameters, output {mine.output_shape[1:]}")
    assert costs.count_parameters(mine) == costs.count_parameters(course) == 9 * 32 + 32 * 64 + 2 * (32 + 64)

# %% tags=["nbval-check-output"]
x = np.random.normal(size=(8, 16, 16, 256)).astype("float32")
for name, initializer in {"he_normal": "he_normal", "ours": HE_DEPTHWISE}.items():
    layer = keras.layers.DepthwiseConv2D(3, depthwise_initializer=initializer)
    y = np.asarray(layer(x))
    normed = np.asarray(keras.layers.BatchNormalization()(y, training=True))
    deviations = [np.std(values) for values in (layer.kernel, y, normed)]
    print("{:9}: standard deviation of weights {:.2g}, outputs {:.2g}, after BN {:.2f}".format(name, *deviations))

# %% [markdown]
# **What we see.** The two blocks agree. The weights of `he_normal` are $\sqrt{256} = 16$ times too small. BN makes up
# for most of it, not for all: beside so small a variance its 0.001 counts.

# %% [markdown]
# ## One dense kernel, factorised
#
# Without BN and ReLU in between, the two steps are one convolution with the kernel
#
# $$w[i, j, m, o] = D[i, j, m] \; P[m, o]$$
#
# $D$ is the depthwise kernel $(k_h, k_w, C_\text{in})$, $P$ the pointwise one $(C_\text{in}, C_\text{out})$; $m$ is an
# input channel, $o$ an output channel.
#
# **Predict.** Take all weights of $w$ that read channel $m$ as a matrix, $k_h k_w$ rows and $C_\text{out}$ columns.
# What is its rank? What can it be in a dense kernel?

# %% tags=["nbval-check-output"]
depthwise = keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False)
pointwise = keras.layers.Conv2D(32, 1, use_bias=False)
x = np.random.normal(size=(2, 12, 12, 16)).astype("float32")
separable = pointwise(depthwise(x))

D, P = np.asarray(depthwise.kernel)[..., 0], np.asarray(pointwise.kernel)[0, 0]
composed = D[..., np.newaxis] * P  # (3, 3, 16, 1) times (16, 32)
assert np.allclose(keras.ops.conv(x, composed, padding="same"), separable, atol=1e-5)


def ranks(kernel):
    return {int(np.linalg.matrix_rank(kernel[:, :, m].reshape(9, -1))) for m in range(kernel.shape[2])}


print("equal outputs; weights:", D.size + P.size, "against", composed.size)
print("ranks, composed:", ranks(composed), " random dense:", ranks(np.random.normal(size=composed.shape)))

# %% [markdown]
# **What we see.** Rank one: each input channel has *one* spatial pattern; all outputs share it, each with its own
# factor. Few dense kernels can be written so.
#
# How far from it is a kernel trained freely? We have the first layer of EfficientNet-Lite0, trained on ImageNet:
# dense, 3x3 from 3 to 32 channels. (MobileNets, too, leave this layer dense.) The singular value decomposition finds,
# for each input channel, the best $n$ patterns (`depth_multiplier` $n$, then 1x1).
#
# **Predict.** Which share of its squared weights do the best single patterns hold? And of random numbers? How many are
# needed for all?


# %%
def factorise(kernel, patterns):
    """The best D (k, k, C_in, patterns) and P (C_in * patterns, C_out)."""
    rows, columns, channels_in, channels_out = kernel.shape
    matrices = kernel.transpose(2, 0, 1, 3).reshape(channels_in, rows * columns, channels_out)
    u, s, v = np.linalg.svd(matrices, full_matrices=False)
    D = (u * s[:, np.newaxis])[..., :patterns].transpose(1, 0, 2)
    return D.reshape(rows, columns, channels_in, patterns), v[:, :patterns].reshape(-1, channels_out)


# %% tags=["nbval-check-output"]
efficientnet = models.build("efficientnet_lite0", weights="imagenet")
stem = np.asarray(efficientnet.get_layer("stem_conv").kernel)
wanted = np.asarray(keras.ops.conv(photograph, stem))
random = np.random.normal(size=(3, 3, 1000, 32))
for patterns in (1, 2, 3, 4, 6, 9):
    D, P = factorise(stem, patterns)
    kept = np.sum(D**2) / np.sum(stem**2)  # the rows of P have length 1
    by_chance = np.sum(factorise(random, patterns)[0] ** 2) / np.sum(random**2)
    got = np.asarray(keras.ops.depthwise_conv(photograph, D) @ P)
    error = np.linalg.norm(got - wanted) / np.linalg.norm(wanted)
    print(f"patterns: {patterns}, hold {kept:4.0%} (of random numbers {by_chance:4.0%})", end="")
    print(f", outputs off by {error:3.0%}, cost {patterns * (1 / 32 + 1 / 9):.2f} of the dense layer")
    assert patterns > 1 or kept < 0.5
assert np.allclose(got, wanted, atol=1e-4)

# %% [markdown]
# **What we see.** One pattern holds less than half, and our photograph's outputs are far off. Nine give the layer
# itself and cost more than it. So a separable layer is a *restriction*, not a cheaper copy. What it saves can pay for
# more channels; a trial below asks whether that is a gain.

# %% [markdown]
# ## What it saves
#
# With $H' \times W'$ output pixels and a $k \times k$ kernel, the ratio of MACs to the dense layer's is
#
# $$\frac{H' W' \, (k^2 C_\text{in} + C_\text{in} C_\text{out})}{H' W' \, k^2 C_\text{in} C_\text{out}} =
# \frac{1}{C_\text{out}} + \frac{1}{k^2}$$
#
# **Predict.** Can a 3x3 layer become ten times cheaper? Which kernels gain the most?


# %%
def two_steps(count, k, channels_in, channels_out):
    """What `count` gives for the depthwise layer, and for the 1x1."""
    return count(k, channels_in, channels_in, groups=channels_in), count(1, channels_in, channels_out)


def macs_at(places):
    return lambda *layer, **groups: arithmetic.conv_macs(places, *layer, **groups)


def weights(*layer, **groups):
    return arithmetic.conv_parameters(*layer, **groups, bias=False)


# %% tags=["nbval-check-output"]
settings = [(k, i, o) for k in (1, 3, 5, 7) for i in (1, 3, 64) for o in (1, 10, 512)]
for k, i, o in settings:
    for count in (weights, macs_at((14, 14)), macs_at((7, 5))):
        assert Fraction(sum(two_steps(count, k, i, o)), count(k, i, o)) == Fraction(1, o) + Fraction(1, k * k)
print(f"exact in {3 * len(settings)} cases")

for name, count in {"MACs": macs_at((14, 14)), "weights": weights}.items():
    dense, parts = count(3, 512, 512), two_steps(count, 3, 512, 512)
    print(f"512 to 512 channels: {dense:,} {name}, in two steps {parts[0]:,} + {parts[1]:,} = {sum(parts):,}")

# %%
channels = np.geomspace(4, 1024, 50)
_, ax = plt.subplots(figsize=(6, 2.6))
for k, colour, line in ((3, figures.BLUE, "-"), (5, figures.ORANGE, "--"), (7, figures.GREY, "-.")):
    ax.plot(channels, 1 / channels + 1 / k**2, line, color=colour, label=f"{k}x{k}")
    ax.axhline(1 / k**2, color=colour, linewidth=0.7, linestyle=":")
ax.set(xscale="log", ylim=(0, None), xlabel="output channels", ylabel="MACs, separable / dense")
ax.set_title("With many channels only the size of the kernel counts", loc="left")
ax.legend()
plt.show()

# %% [markdown]
# **What we see.** The counts are the MobileNet paper's (table 3: 462 and 52.3 million MACs, 2.36 and 0.27 million
# weights). The ratio (lines) stays above $1 / k^2$ (dotted): a 3x3 gains less than 9 times, larger kernels gain more.
# With $k = 1$ or one output channel the two steps cost more than one.

# %% [markdown]
# ## MobileNet
#
# MobileNet v1 is a dense 3x3 stem, 13 separable blocks and a pooled head. Two numbers fit it to a budget: the **width
# multiplier** $\alpha$, a factor of all channels, and the resolution of the image.
#
# **Predict.** Half the width, or half the resolution: what happens to parameters and to MACs?

# %% tags=["nbval-check-output"]
published = {1.0: 70.6, 0.75: 68.4, 0.5: 63.7, 0.25: 50.6}  # accuracy in %, ImageNet; arXiv:1704.04861, table 6
by_width = {}
for width, percent in published.items():
    net = models.outline("mobilenet_v1", width=width)
    by_width[width] = costs.count_parameters(net), costs.count_macs(net)
    print("width {:4}: {:9,} parameters, {:11,} MACs; published {} %".format(width, *by_width[width], percent))
assert by_width[1.0] == (4_231_976, 568_740_352)
assert by_width[0.5] == (1_331_592, 149_497_088)
print(
    "half the width keeps {:.1%} of the parameters, {:.1%} of the MACs".format(
        *np.divide(by_width[0.5], by_width[1.0])
    )
)

# %% tags=["nbval-check-output"]
by_side = {}
for side in (224, 192, 160, 128, 112):
    net = models.outline("mobilenet_v1", input_shape=(side, side, 3))
    by_side[side] = costs.count_macs(net)
    squares = f"({side} / 224)^2 = {(side / 224) ** 2:.4f}"
    print(f"{side} pixels: {by_side[side]:11,} MACs, {by_side[side] / by_side[224]:.4f} of those at 224; {squares}")
    assert costs.count_parameters(net) == 4_231_976
assert list(by_side.values())[1:] == [418_121_728, 290_675_200, 186_400_768, 137_796_352]

# %% tags=["nbval-check-output"]
full = models.outline("mobilenet_v1", separable=False)
counts = costs.count_parameters(full), costs.count_macs(full)
print("full convolutions: {:,} parameters, {:,} MACs; published 71.7 %".format(*counts))
print(f"these are {counts[1] / by_side[224]:.2f} times the MACs")
assert counts == (29_294_088, 4_867_293_184)

# %% [markdown]
# **What we see.** Resolution leaves the parameters; MACs fall almost with its square. (The dense layer does not
# shrink; at 112 pixels a stride makes 3 rows of 7.) A 1x1 has two factors of the width; depthwise layers, stem and
# dense layer have one. So MACs fall almost with its square, and parameters less, as more of them lie in the dense
# layer. Full convolutions have 1.1 points more (published, not measured here, table 4) for 8.6 times the MACs.
#
# **Predict.** Where do the MACs of MobileNet lie now, in the 3x3 or in the 1x1 convolutions?

# %% tags=["nbval-check-output"]
rows = [row for row in costs.table(models.outline("mobilenet_v1")) if row.macs]
kinds = {"pointwise_conv": "1x1", "depthwise_conv": "depthwise 3x3", "stem_conv": "dense 3x3", "logits": "dense layer"}
shares = {}
for ending, kind in kinds.items():
    inside = [row for row in rows if row.name.endswith(ending)]
    numbers = [(row.macs, row.macs // math.prod(row.output_shape[:-1])) for row in inside]  # MACs = places x weights
    shares[kind] = np.sum(numbers, axis=0)
for kind, numbers in shares.items():
    of_macs, of_weights = numbers / sum(shares.values())
    print(f"{kind:13} {of_macs:7.2%} of the MACs, {of_weights:7.2%} of the weights")

# %% [markdown]
# **What we see.** Combining channels is nearly all the work. (The paper's table 2 has a misprint, 1.19 % for
# 1.91 %.)

# %% [markdown]
# ## Inverted bottlenecks
#
# MobileNet v2 makes what the 1x1 convolutions read or write narrow: *expand* six times by a 1x1 (not in the first
# block), filter depthwise, *project* back by a 1x1. The shortcut joins the narrow ends (a ResNet's the wide ones),
# where stride is 1 and widths equal.
#
# **Predict.** From 24 to 24 channels at 56x56 pixels: which of the three layers costs most? How many MACs has all of
# v2, against v1?

# %% tags=["nbval-check-output"]
v2 = {}
for width, percent in {1.0: 72.0, 1.4: 74.7}.items():  # published accuracy in %, ImageNet; arXiv:1801.04381, table 4
    net = models.outline("mobilenet_v2", width=width)
    v2[width] = costs.count_parameters(net), costs.count_macs(net)
    print("v2, width {}: {:,} parameters, {:,} MACs; published {} %".format(width, *v2[width], percent))
assert v2 == {1.0: (3_504_872, 300_774_272), 1.4: (6_108_776, 582_195_824)}

for row in costs.table(models.outline("mobilenet_v2")):
    if row.name.startswith("stage2_block2") and row.macs:
        print(f"{row.name:30} {row.output_shape!s:14} {row.macs:10,} MACs")

# %% [markdown]
# **What we see.** Expand and project cost the same, the depthwise layer less than half. All of v2 has about half the
# MACs of v1, and a better accuracy (published, not measured here); but it also has shortcuts, another depth, another
# training.
#
# No ReLU follows a block's last 1x1: the narrow maps are *linear*. The authors argue that ReLU would lose information
# there. Take points of the plane, make $n$ numbers of each by a random matrix $(2, n)$, and let ReLU set the
# negative ones to zero. From two positive numbers a point can be computed (by the pseudo-inverse of their columns);
# from fewer it cannot. Each is positive with chance 1/2: of $2^n$ equally likely patterns of signs, one has no
# positive number, $n$ have one. So the chance of a loss is $(n + 1) / 2^n$.
#
# **Predict.** Which share of the points is lost for $n = 2$, the narrow layer itself, and for $n = 15$?


# %%
def recovered(points, T):
    """Each point (d,), by least squares, from those of its numbers that ReLU leaves."""
    left = points @ T > 0
    return np.stack([point @ T[:, on] @ np.linalg.pinv(T[:, on]) for point, on in zip(points, left, strict=True)])


# %% tags=["nbval-check-output"]
lost = {}
for n in (2, 3, 5, 15, 30):
    points, matrices = np.random.normal(size=(500, 40, 2)), np.random.normal(size=(500, 2, n))
    lost[n], chance = np.mean(np.sum(points @ matrices > 0, axis=-1) < 2), (n + 1) / 2**n
    back = recovered(points[0], matrices[0])
    assert np.array_equal(np.abs(back - points[0]).max(1) > 1e-6, np.sum(points[0] @ matrices[0] > 0, axis=1) < 2)
    assert abs(lost[n] - chance) < 4 * math.sqrt(chance * (1 - chance) / 500)  # 500 independent matrices
    print(f"n = {n:2}: {lost[n]:6.2%} of the points are lost; by the formula {chance:8.4%}")

# %%
angle = np.linspace(0.5, 12, 400)
spiral = np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1) / 12
panels = plt.subplots(1, 4, figsize=(8, 2.3), sharex=True, sharey=True)[1]
panels[0].plot(*spiral.T, color=figures.BLUE)
panels[0].set_title("points", loc="left")
for n, ax in zip((2, 3, 15), panels[1:], strict=True):
    ax.scatter(*recovered(spiral, np.random.normal(size=(2, n))).T, s=3, color=figures.ORANGE)
    ax.set_title(f"recovered, n = {n}", loc="left")
panels[0].set(aspect="equal", xlabel="first number", ylabel="second number")
plt.show()

# %% [markdown]
# **What we see.** With two numbers one point in four survives ReLU; with fifteen nearly all do: the spiral returns.
# Points of more dimensions need as many positive numbers. So ReLU loses much in a narrow layer, little in a wide one.
# That is not yet a loss of *accuracy*: v1 has ReLU everywhere. The paper's evidence is training with and without
# (figure 6a; published, not measured here).

# %% [markdown]
# ## The same nets as everybody's
#
# As in [notebook 14](14_residual_learning.ipynb) we compare outputs with `keras.applications`, all numbers random and
# the same.
#
# **Predict.** `count_params()` also counts the averages that BN keeps. Does v1 or v2 hold more of them?


# %%
def randomise(net):
    """Random scales, shifts, means and variances in every BN."""
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, variance = np.random.uniform(0.5, 1.5, (2, layer.gamma.shape[0]))
            beta, mean = np.random.normal(0, 0.1, (2, layer.gamma.shape[0]))
            layer.set_weights([gamma, beta, mean, variance])


# %% tags=["nbval-check-output"]
images = np.random.uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
for name, application in (("mobilenet_v1", "MobileNet"), ("mobilenet_v2", "MobileNetV2")):
    make = getattr(keras.applications, application)
    theirs = make(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
    randomise(theirs)
    ours = models.load_keras_applications(models.build(name, input_shape=(64, 64, 3)), theirs)
    outputs, wanted = np.asarray(ours(images)), np.asarray(theirs(images))
    assert np.abs(outputs - wanted).max() < 1e-4 * np.abs(wanted).max()
    held, learned = ours.count_params(), costs.count_parameters(ours)
    assert held == theirs.count_params()
    print(f"{application:11} equal outputs, {held:,} numbers, {held - learned:,} of them averages")

# %% [markdown]
# **What we see.** In test mode they agree. v2 holds more averages: each expansion makes many channels.

# %% [markdown]
# ## At equal cost
#
# A small MobileNet for Fashion-MNIST with dense 3x3 blocks, a separable one of equal width, and a separable one
# widened to equal MACs (stem and head, too). Images, epochs and learning rate are the same; but separable blocks have
# twice as many BN and ReLU.
#
# **Predict.** Order the three by test accuracy, and by the time that a step of training takes.

# %% tags=["nbval-check-output"]
BLOCKS = ((64, 2), (64, 1), (64, 1), (128, 2))  # (filters at width 1, stride)


def small_net(separable, width):
    options = {"blocks": BLOCKS, "input_shape": (28, 28, 1), "num_classes": 10}
    return mobilenet.mobilenet_v1(separable=separable, width=width, **options)


nets = {"dense": small_net(False, 0.375), "equal width": small_net(True, 0.375), "equal cost": small_net(True, 1.04)}
macs = {name: costs.count_macs(net) for name, net in nets.items()}
for name, net in nets.items():
    print(f"{name:11} {macs[name]:7,} MACs, {costs.count_parameters(net):6,} parameters")
assert abs(macs["equal cost"] / macs["dense"] - 1) < 0.001

# %%
train, test = datasets.load_fashion_mnist("train", IMAGES), datasets.load_fashion_mnist("test", TEST_IMAGES)
loss, accuracy = {}, {}
for name, net in nets.items():
    steps = EPOCHS * -(-IMAGES // BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(0.0, steps - 20, warmup_target=0.005, warmup_steps=20)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(rate), cross_entropy)
    print(name)
    loss[name] = training.fit(net, train, epochs=EPOCHS, batch_size=BATCH_SIZE).history["loss"][-1]
    accuracy[name] = training.accuracy(net, test.images, test.labels)
    print(f"test accuracy {accuracy[name]:.3f}")

# %% tags=["nbval-check-output"]
lost_by_separating = accuracy["dense"] - accuracy["equal width"]
fitted_better = loss["dense"] - loss["equal cost"]
gained = accuracy["equal cost"] - accuracy["dense"]
lost_at_equal_cost = accuracy["dense"] - accuracy["equal cost"]
assert lost_by_separating > 0.03  # bound
assert fitted_better > 0.02  # bound
assert gained < 0.03  # bound
assert lost_at_equal_cost < 0.05  # bound
print("at equal width the dense net is better:", lost_by_separating > 0.03)
print("at equal cost the separable net has the lower training loss:", fitted_better > 0.02)
print("on the test images it gains less than 0.03:", gained < 0.03)

# %%
error = math.sqrt(sum(accuracy[name] * (1 - accuracy[name]) for name in ("dense", "equal cost")) / TEST_IMAGES)
print(f"test accuracy, equal cost - dense: {gained:+.3f}; the choice of test images alone gives +- {error:.3f}")

# %% [markdown]
# **What we see.** At equal width the dense net is better, for several times the MACs and parameters. Part of the gap
# may be slower training: at the end the separable net's loss is still far above the dense net's.
#
# At equal cost the separable net fits the training images better (mean loss of the last epoch), but on the test images
# it gains nothing like that. Which is better there, one run does not say: compare the difference with its error. So
# this trial does not confirm that the saved work buys accuracy. Nor do the published numbers, for nets of equal width.
#
# Does it save time? First single layers: the MACs for each number read or written, the arithmetic intensity.
#
# **Predict.** Which of the three has the lowest, for 32 images of 14x14 pixels and 128 channels?

# %% tags=["nbval-check-output"]
places = 32 * 14 * 14
values = 2 * places * 128  # of input and output
parts = dict(zip(("depthwise 3x3", "1x1"), two_steps(weights, 3, 128, 128), strict=True))
parts["dense 3x3"] = weights(3, 128, 128)
for name, count in parts.items():
    print(f"{name:13} {places * count:11,} MACs, {places * count / (values + count):6.1f} for each number moved")

# %% [markdown]
# **What we see.** The depthwise layer does few MACs with each number: it tends to wait for memory. But BN and ReLU,
# too, move every number, and count no MACs. So beside the MACs we count the numbers that convolutions put out, and
# measure a step of training on your machine.
#
# **Predict.** The net of equal width has 5.7 times fewer MACs than the dense one. How many times quicker is it?

# %%
NAMES = ("resnet20", "resnext20", "mobilenet_v1_small")
timed = nets | {name: models.build(name) for name in NAMES}
batches = {}
for name, net in timed.items():
    net.compile(keras.optimizers.SGD(0.01), cross_entropy)
    batches[name] = np.random.random((32, *net.input_shape[1:])).astype("float32"), np.arange(32) % 10
    _ = net.train_on_batch(*batches[name])  # the first step also traces the net
seconds = {name: [] for name in timed}
for _ in range(3):
    for name, net in timed.items():
        start = time.perf_counter()
        _ = net.train_on_batch(*batches[name])
        seconds[name].append(time.perf_counter() - start)
medians = {name: np.median(times) for name, times in seconds.items()}
fewer, longer = macs["dense"] / macs["equal width"], medians["equal width"] / medians["dense"]
print(f"equal width: {fewer:.1f} times fewer MACs than dense, the step takes {longer:.2f} times as long")

# %%
first_of = {name: "dense" if name in nets else "resnet20" for name in timed}
counts = {name: (costs.count_macs(net), costs.count_activations(net)) for name, net in timed.items()}
bars = np.array([np.divide(counts[name], counts[first_of[name]]) for name in timed]).T
measured = np.array([np.sort(seconds[name]) / medians[first_of[name]] for name in timed])
places = np.array([0, 1, 2, 3.5, 4.5, 5.5])
_, ax = plt.subplots(figsize=(7, 2.8))
ax.bar(places - 0.27, bars[0], 0.25, color=figures.GREY, label="counted: MACs")
ax.bar(places, bars[1], 0.25, color=figures.ORANGE, label="counted: numbers put out by convolutions")
spread = [measured[:, 1] - measured[:, 0], measured[:, 2] - measured[:, 1]]
ax.bar(places + 0.27, measured[:, 1], 0.25, yerr=spread, color=figures.BLUE, label="measured: time of a step")
ax.set_xticks(places, list(timed), fontsize=7)
ax.set(ylabel="relative to the group's first", ylim=(0, 1.4 * max(bars.max(), measured.max())))
ax.set_title("Equal work does not take equal time", loc="left")
ax.legend(fontsize=8, loc="upper left")
plt.show()

# %% [markdown]
# **What we see.** The left nets are compared with the dense one, the right ones with ResNet-20; thin lines run from
# the quickest step to the slowest. If MACs told the time, blue bars would be as high as grey ones. Why they are not,
# the picture does not say: low intensity, the numbers that go through BN and ReLU (orange), the fixed cost of each
# layer, and slow gradients of depthwise and grouped layers may all play a part.
#
# Next, recorded runs of the larger nets; one each does not settle small differences.

# %%
runs = recording.find(models=NAMES, dataset="fashion_mnist")
print(recording.how_to_record(NAMES, "fashion_mnist"))
if runs:
    figures.plot_recorded_runs(runs)
plt.show()

# %% [markdown]
# ## EfficientNet-Lite0 opened up
#
# This net is made of inverted bottlenecks, with 3x3 and 5x5 depthwise filters.
#
# **Predict.** Which kind of layer has most MACs, which most parameters? What do depthwise filters look like?

# %% tags=["nbval-check-output"]
kinds = {"stem_conv": "stem", "expand_conv": "expand", "depthwise_conv": "depthwise", "project_conv": "project"}
kinds |= {"head_conv": "head, 1x1", "logits": "head, dense"}
rows = [row for row in costs.table(efficientnet) if row.macs]
sums = np.sum([(row.macs, row.parameters) for row in rows], axis=0)
for ending, kind in kinds.items():
    macs_of_kind, parameters = np.sum([(r.macs, r.parameters) for r in rows if r.name.endswith(ending)], axis=0)
    print(f"{kind:11} {macs_of_kind / sums[0]:5.1%} of the MACs, {parameters / sums[1]:5.1%} of the parameters")

# %%
filters = inspection.filters(efficientnet, "stage3_block1_depthwise_conv")[:6, ..., 0]
cup = datasets.load_photograph("coffee", size=224)[np.newaxis]
maps_in = inspection.feature_maps(efficientnet, "stem_relu", cup)[0]
maps_out = inspection.feature_maps(efficientnet, "stage1_block1_depthwise_conv", cup)[0]
maps = {f"map {m} {when}": x[::2, ::2, m] for m in (1, 2, 7) for when, x in (("before", maps_in), ("after", maps_out))}
pictures = [x / np.abs(x).max() for x in (*filters, *maps.values())]
titles = [f"filter {m}" for m in range(6)] + list(maps)
figures.show_images(pictures, titles, columns=6, signed=True, limit=1)
plt.show()

# %% [markdown]
# **What we see.** Expand and project do most of the work. Project holds most parameters, dense layer and
# expand somewhat fewer. Above: six 5x5 filters of stage 3. Some have one sign and blur; others have a positive (red)
# and a negative side, as edge filters have. Below: maps before and after the first depthwise layer, one from one.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("17.1", 1)` gives a first step.
#
# ### Exercise 17.1 ★ Parameters in two steps
#
# Count the parameters of a depthwise convolution and the 1x1 convolution after it; `bias` says whether both have
# biases.


# %% tags=["exercise"]
def separable_parameters(kernel_size, channels_in, channels_out, bias):
    """The learned numbers of both layers; kernel_size is (rows, columns)."""
    # BEGIN SOLUTION
    rows, columns = kernel_size
    return (rows * columns + bias) * channels_in + (channels_in + bias) * channels_out
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("17.1", separable_parameters)

# %% [markdown] tags=["solution"]
# The depthwise layer has one filter and one bias for each *input* channel, as it puts out as many. The 1x1 has a
# weight for each pair of channels and a bias for each output channel.
#
# Common mistake: to count biases of the output only, or to give the 1x1 the size of the 3x3.

# %% [markdown] tags=["exercise"]
# ### Exercise 17.2 ★★ The dense kernel of two steps
#
# Compose the dense kernel from the two, when a channel has several patterns: `depthwise` is $(k_h, k_w, C_\text{in},
# n)$ and `pointwise` $(1, 1, n \, C_\text{in}, C_\text{out})$. Keras puts the $n$ filtered maps of a channel side by
# side: pattern $p$ of channel $m$ is map $n m + p$.


# %% tags=["exercise"]
def compose(depthwise, pointwise):
    """The dense kernel (kh, kw, C_in, C_out) that does the same in one step."""
    # BEGIN SOLUTION
    _, _, channels_in, patterns = depthwise.shape
    mixing = pointwise.reshape(channels_in, patterns, -1)
    return np.einsum("ijmp,mpo->ijmo", depthwise, mixing)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("17.2", compose)

# %% [markdown] tags=["solution"]
# For each input channel the matrix of its weights is $D_m P_m$, a product of $(k_h k_w, n)$ and $(n, C_\text{out})$: a
# sum over its $n$ patterns, so its rank is $n$ at the most.
#
# Common mistake: to cut the pointwise kernel into $n$ parts of $C_\text{in}$ maps. The maps of one channel are
# neighbours.

# %% [markdown] tags=["exercise"]
# ### Exercise 17.3 ★★ A narrower block
#
# Count the MACs of a separable block (3x3, then 1x1) from `channels_in` to `channels_out` channels with
# `height` x `width` *output* pixels, when all channels are multiplied by `alpha` and rounded down.


# %% tags=["exercise"]
def narrowed_macs(height, width, channels_in, channels_out, alpha):
    """The MACs of both layers for one image, after the width multiplier."""
    # BEGIN SOLUTION
    channels_in, channels_out = int(alpha * channels_in), int(alpha * channels_out)
    return height * width * (9 * channels_in + channels_in * channels_out)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("17.3", narrowed_macs)

# %% [markdown] tags=["solution"]
# Depthwise work has one factor of the width, pointwise work two. So the MACs fall a little less than with the square
# of `alpha`.
#
# Common mistake: to multiply the MACs of the whole block by `alpha` squared.

# %% [markdown] tags=["exercise"]
# ### Exercise 17.4 ★★★ Beat a dense net on a budget (open)
#
# The dense net of *At equal cost* has 750,000 MACs. Build the best classifier with no more: inverted bottlenecks, 5x5
# kernels, what you like, with the same training images and epochs. To choose, take the last 2,000 of
# `datasets.load_fashion_mnist("train", 6_000)`.
#
# *Rubric.* A good answer (1) stays within the budget by `costs.count_macs`, (2) changes one thing at a time and says
# why, (3) uses the test images once, (4) trains the best net and the dense one with five seeds and claims a gain only
# where ranges do not overlap, (5) says, by measured times, whether a budget of seconds would change it.

# %% [markdown]
# ## Summary
#
# - A depthwise convolution looks around in each channel by itself; a 1x1 then combines the channels.
# - Together they cost $1 / C_\text{out} + 1 / k^2$ of a dense layer: one spatial pattern for each input channel, a
#   restriction.
# - In a MobileNet nearly all MACs lie in the 1x1 convolutions; width and resolution fit it to a budget.
# - An inverted bottleneck widens, filters and narrows; its narrow maps are linear, as ReLU loses most there.
# - At equal cost a better fit is not yet a better accuracy; and few MACs are not yet little time: BN, ReLU and moved
#   numbers are left out.

# %% [markdown]
# ## Further reading
#
# - Howard and others, *MobileNets: efficient convolutional neural networks for mobile vision applications*,
#   arXiv:1704.04861, 2017.
# - Sandler, Howard, Zhu, Zhmoginov and Chen, *MobileNetV2: inverted residuals and linear bottlenecks*,
#   arXiv:1801.04381, 2018.
# - Chollet, *Xception: deep learning with depthwise separable convolutions*, arXiv:1610.02357, 2016.
# - Tan and Le, *EfficientNet: rethinking model scaling for convolutional neural networks*, arXiv:1905.11946, 2019.
