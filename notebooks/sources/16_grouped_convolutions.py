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
# # 16 · Grouped convolutions
#
# An ordinary convolution connects every input channel with every output channel; all its weights lie there. A grouped
# convolution with $G$ groups keeps one in $G$ of these connections. AlexNet, spread over two GPUs, used this so that
# they had to exchange maps less often; ResNeXt uses it to buy more channels at equal cost. Here you see what is saved,
# what is lost when groups never meet, and how much of the saved work becomes saved time.
#
# **You will be able to**
#
# - say which input channels an output channel reads, through one grouped layer and through several;
# - write a grouped convolution as a dense one with a block-diagonal kernel;
# - say exactly what $G$ divides and what it does not;
# - mix groups with a channel shuffle, and show a task that cannot be solved without;
# - count ResNeXt's blocks, and measure how far a grouped layer stays behind its count.
#
# **You should know** the [general structure](07_general_structure.ipynb) of a layer, where groups are defined,
# [AlexNet](11_lenet_and_alexnet.ipynb), [parameters and MACs](12_number_of_learnable_parameters.ipynb) and the
# [bottleneck block](14_residual_learning.ipynb).
#
# **Time** about 20 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, backend, costs, datasets, exercises, figures, layers, models, recording, reference
from cnncourse import training, widgets

import time

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
TRAIN_OBJECTS, TEST_OBJECTS = 250, 100  # of each kind in each channel
EPOCHS = 12
TURNS = 15  # of which the least time is taken

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Grouped convolutions
#
# $G$ groups split the $C_\text{in}$ input channels into $G$ parts $x^{(0)}, \dots, x^{(G-1)}$ of
# $C_\text{in}/G$ channels. The kernel $w$, of shape $(k_h, k_w, C_\text{in}/G, C_\text{out})$, and the bias $b$ are
# split by *output* channel. Each part of the output is an ordinary convolution ($\star$, no flip) of its own part:
#
# $$y^{(q)} = x^{(q)} \star w^{(q)} + b^{(q)}, \qquad q = 0, \dots, G - 1$$
#
# So we can write it as: split, convolve, concatenate.
#
# **Predict.** From 8 to 12 channels in 4 groups: which input channels does output channel 5 read? Which shape has the
# kernel of 3x3?


# %%
def grouped_convolution(x, kernel, bias, groups):
    """x (N, H, W, C_in), kernel (kh, kw, C_in / groups, C_out), bias (C_out,); padding 'same'."""
    inputs = keras.ops.split(x, groups, axis=-1)
    kernels = keras.ops.split(kernel, groups, axis=-1)
    parts = [keras.ops.conv(part, weights, padding="same") for part, weights in zip(inputs, kernels, strict=True)]
    return keras.ops.concatenate(parts, axis=-1) + bias


# %% tags=["nbval-check-output"]
settings = {"padding": "same", "groups": 4, "bias_initializer": "random_normal"}
x = np.random.normal(size=(2, 6, 6, 8)).astype("float32")
layer = layers.GroupedConv2D(12, 3, **settings)
of_keras = keras.layers.Conv2D(12, 3, **settings)
y = np.asarray(layer(x))
_ = of_keras(x)
of_keras.set_weights(layer.get_weights())
kernel, bias = layer.get_weights()
for name, other in {"ours": grouped_convolution(x, kernel, bias, 4), "Keras": of_keras(x)}.items():
    is_equal = np.abs(np.asarray(other) - y).max() < 1e-5 * np.abs(y).max()
    assert is_equal
    print(f"{name:5} equals the course's layer: {is_equal}")

# Add 1 everywhere to input channel m alone: which outputs change?
changed = [np.any(np.asarray(layer(x + np.eye(8, dtype="float32")[m])) != y, axis=(0, 1, 2)) for m in range(8)]
print("kernel", kernel.shape, " output channel 5 reads", np.flatnonzero(np.array(changed)[:, 5]).tolist())

# %% [markdown]
# **What we see.** Output channel 5 lies in group 1 and changes only with this group's inputs, channels 2 and 3. We
# use the course's `layers.GroupedConv2D` in place of Keras' own layer: same arguments, weights and results, but
# computed in a way that trains faster on a CPU (below).

# %% [markdown]
# ## A block-diagonal kernel
#
# A dense convolution can compute the same. Its kernel $(k_h, k_w, C_\text{in}, C_\text{out})$ gets zeros wherever
# input and output channel lie in different groups.
#
# **Predict.** Draw a row for each input channel, a column for each output channel, and colour the pairs whose kernel
# is not zero. Which picture do 4 groups give?


# %%
def dense_kernel(kernel, groups):
    """The kernel (kh, kw, C_in, C_out) of the dense convolution that computes the same."""
    width_in, width_out = kernel.shape[2], kernel.shape[3] // groups
    dense = np.zeros((*kernel.shape[:2], groups * width_in, groups * width_out), kernel.dtype)
    for q in range(groups):
        written = slice(q * width_out, (q + 1) * width_out)
        dense[:, :, q * width_in : (q + 1) * width_in, written] = kernel[..., written]
    return dense


dense = dense_kernel(kernel, groups=4)
figures.show_channels_read(np.linalg.norm(dense, axis=(0, 1)), groups=4, title="Four blocks: norms of the kernels")
plt.show()

# %% tags=["nbval-check-output"]
from_dense = np.asarray(keras.ops.conv(x, dense, padding="same")) + bias
relative_difference = np.abs(from_dense - y).max() / np.abs(y).max()
assert relative_difference < 1e-5
print(f"dense kernel {dense.shape}, {np.count_nonzero(dense)} of {dense.size} weights are not zero")
print("the outputs are equal:", relative_difference < 1e-5)

# %% [markdown]
# **What we see.** Four blocks along the diagonal, nothing elsewhere: the kernel is **block-diagonal**. A grouped layer
# stores none of these zeros and need not multiply by them.

# %% [markdown]
# ## The factor
#
# Each output channel reads $C_\text{in}/G$ channels instead of $C_\text{in}$. So the kernel's weights are
#
# $$k_h \, k_w \, \frac{C_\text{in}}{G} \, C_\text{out}$$
#
# and each is used once for every output place, $H' \times W'$ MACs, as before: both are divided by $G$.
#
# **Predict.** It is often said that $G$ groups divide a layer's *parameters* by $G$. Is that exact? And its outputs?

# %% tags=["nbval-check-output"]
print("64 to 64 channels, 3x3, 16 x 16 pixels\ngroups  weights       MACs  biases  outputs  parameters x G")
for channels in (48, 64):
    for groups in (number for number in range(1, 65) if channels % number == 64 % number == 0):
        inputs = keras.Input((16, 16, channels))
        net = keras.Model(inputs, layers.GroupedConv2D(64, 3, padding="same", groups=groups)(inputs))
        weights, biases = (array.size for array in net.get_weights())
        macs, outputs, parameters = costs.count_macs(net), costs.count_activations(net), costs.count_parameters(net)
        assert weights * groups == arithmetic.conv_parameters(3, channels, 64, bias=False)
        assert macs * groups == arithmetic.conv_macs((16, 16), 3, channels, 64)
        if channels == 64:
            print(f"{groups:6} {weights:8,} {macs:10,} {biases:7} {outputs:8,} {parameters * groups:15,}")

# %% [markdown]
# **What we see.** Kernel weights and MACs are divided by $G$ exactly (asserted from 48 to 64 channels, too). The
# biases are not, so parameters times $G$ grows. Nor are the outputs: groups save no memory for activations.

# %% [markdown]
# ## No gradient crosses groups
#
# We ask by gradient: how strongly does each output channel depend on each input channel?
#
# **Predict.** Through one grouped layer the dependence is block-diagonal. And through two grouped layers, with ReLU
# between? And with a dense 1x1 layer between the two?


# %%
def dependence(net):
    """(C_in, C_out): the largest derivative of each output channel's sum by each input channel, for one random x."""
    x = np.random.normal(size=(1, 6, 6, net.input_shape[-1]))
    columns = []
    for o in range(net.output_shape[-1]):
        _, gradient = backend.value_and_gradient(lambda x, o=o: keras.ops.sum(net(x)[..., o]), x)
        columns.append(np.abs(gradient).max(axis=(0, 1, 2)))
    return np.stack(columns, axis=1)


def grouped(groups=2):
    return layers.GroupedConv2D(8, 3, padding="same", groups=groups, activation="relu")


def chain(*operations):
    x = inputs = keras.Input((6, 6, 8))
    for operation in operations:
        x = operation(x)
    return keras.Model(inputs, x)


# %% tags=["nbval-check-output"]
block_diagonal = dense_kernel(np.ones((1, 1, 4, 8), dtype=int), groups=2)[0, 0]
chains = {
    "one layer": chain(grouped()),
    "two layers": chain(grouped(), grouped()),
    "five layers": chain(*[grouped() for _ in range(5)]),
    "two, dense 1x1 between": chain(grouped(), keras.layers.Conv2D(8, 1), grouped()),
}
for name, net in chains.items():
    found = dependence(net)
    crosses = found[block_diagonal == 0].any()
    assert crosses == ("1x1" in name)
    print(f"{name:23} a group depends on the other: {crosses!s:5}", end="  ")
    print("output 0 on inputs", np.flatnonzero(found[:, 0]).tolist())

# %% [markdown]
# **What we see.** The derivatives outside the blocks are exactly zero: no path leads there. However many layers follow
# with the same groups, the groups stay strangers: networks side by side. One dense layer between makes all meet.

# %% [markdown]
# ## Channel shuffle
#
# A dense 1x1 layer costs weights and MACs. ShuffleNet (Zhang et al., 2017) mixes with neither, though moving numbers
# takes time, too (below). Its **channel shuffle** reshapes the $C$ channels to $(G, C/G)$, transposes and flattens.
#
# **Predict.** In which order are 8 channels after a shuffle of 2 groups? And of 4?


# %% tags=["nbval-check-output"]
def channel_shuffle(x, groups):
    """The channels of x (N, H, W, C) in a new order, without weights."""
    height, width, channels = x.shape[1:]
    x = keras.ops.reshape(x, (-1, height, width, groups, channels // groups))
    return keras.ops.reshape(keras.ops.swapaxes(x, 3, 4), (-1, height, width, channels))


numbers = np.arange(8).reshape(1, 1, 1, 8)
for groups in (2, 4):
    print(f"{groups} groups: {np.ravel(channel_shuffle(numbers, groups)).tolist()}")

# %% [markdown]
# **What we see.** The first channels of all groups come first, then the second ones.
#
# What does each output depend on after one layer, after two, after two with a shuffle between? A menu changes $G$.
#
# **Predict.** After one shuffle, does every output see all 16 inputs for $G = 2$, 4, 8, 16?

# %%
widgets.choose_groups(16, groups=8)

# %% tags=["nbval-check-output"]
order = {groups: np.ravel(channel_shuffle(np.arange(16).reshape(1, 1, 1, 16), groups)) for groups in (2, 4, 8, 16)}
for groups, channels in order.items():
    width = 16 // groups
    read = {int(channel) // width for channel in channels[:width]}  # by the second layer's first group
    assert len(read) == min(groups, width)
    print(f"G = {groups:2}, C/G = {width}: a group reads from {len(read)} of {groups} groups")

shuffled = dependence(chain(grouped(2), lambda x: channel_shuffle(x, 2), grouped(2)))
print("8 channels, 2 groups: all derivatives differ from zero:", bool(shuffled.all()))

# %% [markdown]
# **What we see.** A group has $C/G$ places, and the shuffle fills them from different groups. All $G$ fit in if
# $C/G \ge G$; else a group reads from only $C/G$ of them, and more layers are needed: with $G = 8$, two groups of two
# inputs, the picture on the right. With one channel in a group the shuffle changes nothing.

# %% [markdown]
# ## A label that needs both groups
#
# We build images of two channels, each with a trouser or a bag of Fashion-MNIST. The label is 1 if the two kinds
# *differ*: the XOR of [notebook 04](04_colour_images_as_inputs.ipynb). All four combinations are equally frequent.


# %%
def combinations(split, limit, count):
    """A dataset of 4 x count images (28, 28, 2): trouser or bag in the first channel, and in the second."""
    items = datasets.load_fashion_mnist(split, limit)
    kinds = [items.images[items.labels == kind][: 2 * count, ..., 0] for kind in (1, 8)]  # trousers, bags
    pairs = [np.stack([kinds[a][:count], kinds[b][count:]], axis=-1) for a in (0, 1) for b in (0, 1)]
    return datasets.Dataset(np.concatenate(pairs), np.repeat([0, 1, 1, 0], count).astype("int32"), ("same", "differ"))


train, test = combinations("train", 8_000, TRAIN_OBJECTS), combinations("test", 4_000, TEST_OBJECTS)
examples = slice(None, None, TRAIN_OBJECTS)
channels = np.concatenate([train.images[examples, ..., c] for c in (0, 1)])
titles = [train.class_names[label] for label in train.labels[examples]]
axes = figures.show_images(channels, titles=[*titles, *[""] * 4], columns=4)
axes[0].figure.set_size_inches(4.6, 2.5)
plt.show()

# %% [markdown]
# Each column is one image: channel A above, B below. Each set of four is made of two As and two Bs. We train two nets
# of the same layers: two groups throughout, pooling, one dense layer of two logits. One has a shuffle before its third
# layer.
#
# **Predict.** Do their numbers of parameters differ? Which test accuracy can the net without a shuffle reach at best:
# 50, 75 or 100 %?


# %% tags=["nbval-check-output"]
def two_group_net(shuffle):
    x = inputs = keras.Input((28, 28, 2))
    for k, filters in enumerate((16, 16, 32)):
        if shuffle and k == 2:
            x = channel_shuffle(x, 2)
        x = layers.GroupedConv2D(filters, 3, strides=2, groups=2, activation="relu", name=f"conv{k + 1}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="logits")(x))


nets = {"apart": two_group_net(shuffle=False), "shuffled": two_group_net(shuffle=True)}
nets["shuffled"].set_weights(nets["apart"].get_weights())
assert nets["apart"].count_params() == nets["shuffled"].count_params()
print(f"parameters: {nets['apart'].count_params():,} each")

# %%
history = {}
for name, net in nets.items():
    print(name)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
    history[name] = training.fit(net, train, epochs=EPOCHS, batch_size=50).history

# %%
_, ax = plt.subplots(figsize=(5.5, 2.8))
for name, colour, style in (("apart", figures.ORANGE, "--s"), ("shuffled", figures.BLUE, "-o")):
    ax.plot(range(1, EPOCHS + 1), history[name]["loss"], style, color=colour, label=name)
ax.axhline(np.log(2), color=figures.GREY, linestyle=":", label="ln 2, a coin")
ax.set(xlabel="epoch", ylabel="training loss", ylim=0)
ax.set_title("Groups that never meet learn nothing here", loc="left")
ax.legend()
plt.show()


# %% tags=["nbval-check-output"]
def logit_differences(net):
    """z (4, objects): the second logit less the first, a row for each combination of kinds."""
    logits = net.predict(test.images, batch_size=100, verbose=0).astype("float64")
    return (logits[:, 1] - logits[:, 0]).reshape(4, TEST_OBJECTS)


sign = np.array([[-1], [1], [1], [-1]])  # of a right answer
z = {name: logit_differences(net) for name, net in nets.items()}
loss = {name: np.mean(np.log1p(np.exp(-sign * values))) for name, values in z.items()}
accuracy = {name: np.mean(sign * values > 0) for name, values in z.items()}
assert loss["apart"] > np.log(2) - 1e-5
assert accuracy["apart"] <= 0.75
shuffled_accuracy = accuracy["shuffled"]
assert shuffled_accuracy > 0.85  # bound
print("apart: test loss at least ln 2, at most three of four right:", loss["apart"] > np.log(2) - 1e-5)
print("shuffled: far more than three of four right:", shuffled_accuracy > 0.85)

# %% [markdown]
# **What we see.** With equally many parameters, only the shuffled net solves the task. Did the other train badly, or
# can it do no better? With $z$ for the second logit less the first, and digits for the kinds in A and B, we compare
# $z_{00} + z_{11}$ with $z_{01} + z_{10}$ for nets with *random* weights.
#
# **Predict.** In which of the two nets are they equal?

# %% tags=["nbval-check-output"]
for name in nets:
    net = two_group_net(shuffle=name == "shuffled")
    z00, z01, z10, z11 = logit_differences(net)
    spread = np.ptp([z00, z01, z10, z11])
    is_equal = np.abs(z00 + z11 - z01 - z10).max() < 1e-3 * spread
    assert is_equal == (name == "apart")
    print(f"{name:8} z00 + z11 equals z01 + z10: {is_equal}")

# %% [markdown]
# **What we see.** Without a shuffle $z = f(A) + g(B)$: pooling and the dense layer only add up what the groups say.
# Four right answers need $z_{00} + z_{11} < 0 < z_{01} + z_{10}$, but they are equal. So at most three of four are
# right. (OR gets three, but at a higher loss.) And the mean loss is at least $\ln 2$, as for a coin: an answer's loss
# is $\ln(1 + e^{-s})$ with $s = z$ where the kinds differ, else $s = -z$. The four $s$ add up to 0, and the mean of a
# convex function is at least its value at the mean.
#
# This holds for any weights, depth and training, as long as one linear layer alone joins the groups. The shuffle lifts
# the limit.

# %% [markdown]
# ## AlexNet's origin
#
# One GPU of 3 GB was too small in 2012, so the net was [spread over two](11_lenet_and_alexnet.ipynb). That made room;
# the groups spared exchanges: `conv2`, `conv4` and `conv5` read only the maps on their own GPU, `conv3` and the dense
# layers those of both.
#
# **Predict.** Which share of all parameters do the groups save? And of all MACs?

# %% tags=["nbval-check-output"]
towers = {1: models.outline("alexnet_one_tower"), 2: models.outline("alexnet")}
rows = {groups: {row.name: row for row in costs.table(net)} for groups, net in towers.items()}
for name in ("conv2", "conv3", "conv4", "conv5"):
    print(f"{name}: {rows[1][name].macs:11,} -> {rows[2][name].macs:11,} MACs")
parameters, macs = ([count(net) for net in towers.values()] for count in (costs.count_parameters, costs.count_macs))
assert parameters == [62_378_344, 60_965_224]
assert macs == [1_135_256_096, 724_406_816]
for name, (one, two) in {"parameters": parameters, "MACs": macs}.items():
    print(f"{name}: {one:,} -> {two:,}, saved {1 - two / one:.1%}")

# %% [markdown]
# **What we see.** Hardly any parameters, since most lie in the dense layers, but more than a third of the MACs.

# %% [markdown]
# ## ResNeXt: width at equal cost
#
# ResNeXt (Xie et al., 2016) takes ResNet-50 and groups the 3x3 of each bottleneck. What that saves buys channels. The
# number of groups is called **cardinality**. "32x4d" means 32 groups *of 4 channels each*, in the first stage; every
# later stage doubles the 4. This is a block of the first stage, on 256 channels:

# %%
_, panels = plt.subplots(1, 2, figsize=(6, 3.4))
kinds = ("Block of ResNet-50", 64, ""), ("Block of ResNeXt-50", 128, ", G=32")
for (title, width, groups), ax in zip(kinds, panels, strict=True):
    blocks = [f"1x1 conv, {width}", "BN, ReLU", f"3x3 conv, {width}{groups}", "BN, ReLU", "1x1 conv, 256", "BN"]
    figures.show_block(blocks, title=title, ax=ax)
plt.show()

# %% [markdown]
# **Predict.** The paper's table 2 gives, for each cardinality, the group width at which a block on 256 channels costs
# about as much as ResNet's. The first is 1 group of 64. How wide may 2 groups be: 32, 40 or 64 channels each?

# %% tags=["nbval-check-output"]
group_widths = {1: 64, 2: 40, 4: 24, 8: 14, 32: 4}  # by cardinality; arXiv:1611.05431, table 2


def bottleneck_parts(width, groups):
    """Kernel size, channels in, channels out, groups of the three convolutions of a block on 256 channels."""
    return (1, 256, width, 1), (3, width, width, groups), (1, width, 256, 1)


print("groups x width  channels of the 3x3   weights         MACs")
for groups, group_width in group_widths.items():
    parts = bottleneck_parts(groups * group_width, groups)
    weights = sum(arithmetic.conv_parameters(k, i, o, groups=g, bias=False) for k, i, o, g in parts)
    macs = sum(arithmetic.conv_macs((56, 56), k, i, o, groups=g) for k, i, o, g in parts)
    assert 69_632 <= weights < 1.03 * 69_632
    assert macs == 56 * 56 * weights
    print(f"{groups:6} x {group_width:<2} {groups * group_width:19} {weights:13,} {macs:12,}")

# %% [markdown]
# **What we see.** Within 3 % of the cost, the 3x3 grows from 64 to 128 channels. That doubles the 1x1 layers; the 3x3
# with 32 groups is cheap enough to pay for it. Now the whole nets, with strides in the 3x3.
#
# **Predict.** ResNeXt-50 (32x4d): more or fewer parameters than ResNet-50? And MACs?

# %% tags=["nbval-check-output"]
fifty = {"ResNet-50": models.outline("resnet50", stride_on="3x3"), "ResNeXt-50": models.outline("resnext50_32x4d")}
published = {"ResNet-50": 23.9, "ResNeXt-50": 22.2}  # % top-1 error, ImageNet, one crop: facebookresearch/ResNeXt
counts = {name: (costs.count_parameters(net), costs.count_macs(net)) for name, net in fifty.items()}
assert counts == {"ResNet-50": (25_557_032, 4_089_184_256), "ResNeXt-50": (25_028_904, 4_230_479_872)}
for name, (parameters, macs) in counts.items():
    print(f"{name:10} {parameters:,} parameters, {macs:,} MACs; published error {published[name]} %")

# %% [markdown]
# **What we see.** 2 % fewer parameters, 3 % more MACs, and an error 1.7 points lower (authors' repository
# `facebookresearch/ResNeXt`; published, not measured here). Groups and width gain this together.

# %% [markdown]
# ## Theoretical and measured speed
#
# 32 groups need 1/32 of the MACs. And of the time? We take two 3x3 layers in a row, 128 channels, 16 x 16 pixels,
# 32 images, and measure in turns, so that a busy moment of the machine hits all.
#
# **Predict.** Which share of the dense layers' time do 32 groups take: about 1/32, or more than twice that?


# %%
def chain_of_two(groups, layer=layers.GroupedConv2D, channels=128):
    """Two layers, ready for training; the loss is the mean output."""
    inputs = keras.Input((None, None, channels))
    first, second = (layer(channels, 3, padding="same", groups=groups, use_bias=False) for _ in range(2))
    net = keras.Model(inputs, second(first(inputs)))
    net.compile(keras.optimizers.SGD(1e-6), loss=lambda _, outputs: keras.ops.mean(outputs))
    return net


def milliseconds(steps, turns):
    """The least time of each step, in turns (other work only adds); the first turn, which compiles, does not count."""
    taken = []
    for _ in range(turns + 1):
        taken.append([])
        for step in steps:
            start = time.perf_counter()
            step()
            taken[-1].append(1e3 * (time.perf_counter() - start))
    return np.min(taken[1:], axis=0)


# %%
GROUPS = (1, 2, 4, 8, 32)
images, target = keras.random.normal((32, 16, 16, 128), seed=SEED), np.zeros((32, 1), "float32")
measured = [chain_of_two(groups) for groups in GROUPS]
steps = [lambda net=net: np.asarray(net(images)[0, 0, 0, 0]) for net in measured]
steps += [lambda net=net: net.train_on_batch(images, target) for net in measured]
taken = milliseconds(steps, TURNS)
forward, training_step = taken[: len(GROUPS)], taken[len(GROUPS) :]

# %%
_, panels = plt.subplots(1, 2, figsize=(7, 2.9), sharey=True)
for ax, name, times in zip(panels, ("Forward", "Training"), (forward, training_step), strict=True):
    ax.plot(GROUPS, times, "-o", color=figures.BLUE, label="measured")
    ax.plot(GROUPS, times[0] / np.array(GROUPS), "--", color=figures.ORANGE, label="ideal: dense / G")
    ax.set(xscale="log", yscale="log", xlabel="groups G")
    ax.set_xticks(GROUPS, GROUPS)
    ax.minorticks_off()
    ax.set_title(f"{name}: 32 groups take {times[-1] / times[0]:.0%}", loc="left")
panels[0].set(ylabel="time (ms)")
panels[0].legend()
plt.show()

# %% tags=["nbval-check-output"]
assert backend.has_gpu() or training_step[-1] < training_step[0]
for name, times in {"forward": forward, "training step": training_step}.items():
    assert times[-1] > 2 * times[0] / 32
    print(f"{name}: with 32 groups more than twice the ideal time: {times[-1] > 2 * times[0] / 32}")

# %% [markdown]
# **What we see.** On a CPU 32 groups train faster, but by far less than 32 times: *fewer MACs is not less time.*
# ($G = 1$ is another program, Keras' own; so a point may even lie below the line.)
#
# Two suspects we can count. The layer still reads and writes all its channels, so its arithmetic intensity, MACs for
# each number moved ([notebook 12](12_number_of_learnable_parameters.ipynb)), falls. And a processor computes on
# registers of several numbers, often 8.
#
# **Predict.** How far does the intensity fall from 1 to 32 groups? Which groups fill a register of 8?

# %% tags=["nbval-check-output"]
numbers_in_maps = 32 * 16 * 16 * 128
for groups in GROUPS:
    macs = 32 * arithmetic.conv_macs((16, 16), 3, 128, 128, groups=groups)
    moved = 2 * numbers_in_maps + arithmetic.conv_parameters(3, 128, 128, groups=groups, bias=False)
    width = 128 // groups
    print(f"G = {groups:2}: {macs / moved:5.1f} MACs for each number moved; {width:3} channels", end=", ")
    print(f"{min(1, width / 8):.0%} of a register of 8")

# %% [markdown]
# **What we see.** The intensity falls nearly by $G$; it is a suspect where it is lowest, at 32 groups. There a
# group fills half a register; so `GroupedConv2D` puts narrow groups together, with zeros between, to 8 channels
# (on CPUs without the library oneDNN to 32), and does twice (8 times) the MACs that we count.
#
# We time what no group saves: reading and writing the maps, and the fixed cost of the calls, paid on one pixel, too.
#
# **Predict.** Does adding 1 to all maps, once for each layer, take less time than the ideal?

# %%
pixel = keras.ops.ones((1, 1, 1, 128))
steps = {
    "adding 1 to all maps, twice": lambda: np.asarray((images + 1.0 + 1.0)[0, 0, 0, 0]),
    "two layers, 32 groups, one pixel": lambda: np.asarray(measured[-1](pixel)),
    "a channel shuffle of all maps": lambda: np.asarray(channel_shuffle(images, 32)[0, 0, 0, 0]),
    "two layers, 32 groups, all images": lambda: np.asarray(measured[-1](images)[0, 0, 0, 0]),
    "two dense layers, all images": lambda: np.asarray(measured[0](images)[0, 0, 0, 0]),
}
times = milliseconds(steps.values(), TURNS)
for name, step_time in zip(steps, times, strict=True):
    print(f"{name:34} {step_time:6.2f} ms")
print(f"{'ideal: dense / 32':34} {times[-1] / 32:6.2f} ms")

# %% [markdown]
# **What we see.** Where one of the first two lines is above the last, the ideal is out of reach. What is left is
# narrow work. A convolution can be computed as a matrix product for each group; we time such products, each with
# equally many numbers in its left matrix.
#
# **Predict.** Are as many MACs done in a millisecond in a narrow product as in a wide one?

# %%
widths, products, macs = [128 // groups for groups in GROUPS], [], []
for width in widths:
    windows, weights = keras.ops.ones((2**19 // width, 9 * width)), keras.ops.ones((9 * width, width))
    products.append(lambda a=windows, b=weights: np.asarray(keras.ops.matmul(a, b)[0, 0]))
    macs.append(2**19 * 9 * width)
rates = np.array(macs) / milliseconds(products, TURNS) / 1e6
assert rates[-1] < rates[0] / 2
for width, rate in zip(widths, rates, strict=True):
    print(f"product {width:3} channels wide: {rate:6.1f} million MACs a ms")

# %% [markdown]
# **What we see.** The narrowest product does far fewer MACs in the same time.
#
# Keras' own grouped layer goes through a compiler, XLA, whose gradient is slow on a CPU. Recorded times of one 3x3
# layer, 32 images of 16 x 16, in ms, forward / training step: raw is TensorFlow's bare function, ideal the dense
# layer's time divided by $G$.

# %%
speed = recording.read_grouped_speed()
print(speed, f"measured on {speed.device}, again by: {speed.command}", sep="\n")

# %% [markdown]
# ## At full size
#
# `resnext20` is a net of bottlenecks with 8 groups, for images of 32 x 32 pixels. It is built to cost what ResNet-20
# costs, whose 3x3 layers have 16, 32 and 64 channels in its three stages.
#
# **Predict.** How many channels have those of `resnext20`?

# %% tags=["nbval-check-output"]
NAMES = ("resnet20", "resnext20")
outlines = {name: models.outline(name) for name in NAMES}
for name, net in outlines.items():
    widths = [net.get_layer(f"stage{stage}_block2_conv2").filters for stage in (1, 2, 3)]
    print(f"{name:9} {widths!s:13} {costs.count_parameters(net):,} parameters, {costs.count_macs(net):,} MACs")
assert abs(costs.count_macs(outlines["resnext20"]) / costs.count_macs(outlines["resnet20"]) - 1) < 0.03

# %%
runs = recording.find(models=NAMES, dataset="fashion_mnist")
if runs:
    figures.plot_recorded_runs(runs)
missing = [name for name in NAMES if name not in {run.model for run in runs}]
if missing:
    print(recording.how_to_record(missing, "fashion_mnist"))
plt.show()

# %% [markdown]
# **What we see.** Twice the channels in the 3x3 for the same MACs: bottlenecks and groups pay for them. Where both
# nets are recorded, the figure shows what that bought. But one run of each proves nothing, and `resnet20` has no
# bottlenecks.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("16.1", 1)` gives a first step.
#
# ### Exercise 16.1 ★ Which inputs it reads
#
# List the input channels that output channel `output` reads, in ascending order and counted from 0.


# %% tags=["exercise"]
def inputs_read(output, channels_in, channels_out, groups):
    """The numbers of the input channels that one output channel reads."""
    # BEGIN SOLUTION
    group = output // (channels_out // groups)
    width = channels_in // groups
    return list(range(group * width, (group + 1) * width))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("16.1", inputs_read)

# %% [markdown] tags=["solution"]
# Output channels lie group by group, $C_\text{out}/G$ in each; that gives the group. Its inputs are the
# $C_\text{in}/G$ channels from there on. With as many groups as channels each output reads one input.
#
# Common mistake: to divide the output's number by the width of the *input* groups. They differ where the numbers of
# channels do.

# %% [markdown] tags=["exercise"]
# ### Exercise 16.2 ★★ Weights of a ResNeXt block
#
# A bottleneck on `channels` channels: 1x1, 3x3 in `cardinality` groups of `group_width` channels each, 1x1 back. Count
# the weights of its three kernels; there are no biases.


# %% tags=["exercise"]
def block_weights(channels, cardinality, group_width):
    """The kernel weights of a bottleneck block, for example "32x4d" on 256 channels: (256, 32, 4)."""
    # BEGIN SOLUTION
    width = cardinality * group_width
    return channels * width + 9 * group_width * width + width * channels
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("16.2", block_weights)

# %% [markdown] tags=["solution"]
# The 3x3 has as many channels as all groups together; each of its kernels reads only one group.
#
# Common mistake: to take "4d" for 4 groups. Swapping the two numbers leaves the 1x1 layers as they are, but multiplies
# the 3x3 by 8.

# %% [markdown] tags=["exercise"]
# ### Exercise 16.3 ★★ Cut the blocks out
#
# The way back from a dense kernel $(k_h, k_w, C_\text{in}, C_\text{out})$: return the grouped kernel
# $(k_h, k_w, C_\text{in}/G, C_\text{out})$ made of its diagonal blocks. What stands outside the blocks is thrown away.


# %% tags=["exercise"]
def grouped_kernel(dense, groups):
    """The diagonal blocks of a dense kernel, as the kernel of a grouped layer."""
    # BEGIN SOLUTION
    width_in, width_out = dense.shape[2] // groups, dense.shape[3] // groups
    blocks = []
    for q in range(groups):
        read, written = slice(q * width_in, (q + 1) * width_in), slice(q * width_out, (q + 1) * width_out)
        blocks.append(dense[:, :, read, written])
    return np.concatenate(blocks, axis=-1)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("16.3", grouped_kernel)

# %% [markdown] tags=["solution"]
# Block $q$ lies in the rows and columns of group $q$; the blocks stand side by side along the output channels.
#
# Common mistake: to take the first $C_\text{in}/G$ rows for all. The result has the right shape, but only its first
# group is right.

# %% [markdown] tags=["exercise"]
# ### Exercise 16.4 ★★ A grouped layer with a shuffle
#
# In NumPy: a grouped convolution with padding "same", then a channel shuffle of its output with the same groups. Use
# `reference.conv2d(images, kernel, bias, padding="same")` for each group; it is the dense convolution.


# %% tags=["exercise"]
def grouped_and_shuffled(images, kernel, bias, groups):
    """From images (N, H, W, C_in), kernel (kh, kw, C_in / groups, C_out), bias (C_out,) to (N, H, W, C_out)."""
    # BEGIN SOLUTION
    parts = zip(np.split(images, groups, -1), np.split(kernel, groups, -1), np.split(bias, groups), strict=True)
    outputs = [reference.conv2d(part, weights, shift, padding="same") for part, weights, shift in parts]
    return np.stack(outputs, axis=-1).reshape(*images.shape[:3], -1)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("16.4", grouped_and_shuffled)

# %% [markdown] tags=["solution"]
# To put the groups on a new *last* axis and flatten is concatenating and shuffling in one. With `np.concatenate` you
# reshape to $(G, C/G)$ and swap the last two axes first.
#
# Common mistake: to reshape to $(C/G, G)$. That is the inverse shuffle.

# %% [markdown] tags=["exercise"]
# ### Exercise 16.5 ★★★ The fastest net for its MACs (open)
#
# You have 3 million MACs for a net on 28 x 28 Fashion-MNIST images. Choose cardinality and width of its blocks, and
# whether groups meet by 1x1 layers or shuffles. Compare at least four choices of equal cost, one of them dense.
#
# *Rubric.* A good answer (1) shows MACs within 5 % by `costs.count_macs` (which refuses a shuffle: count the same net
# without it), (2) asserts by gradient that every channel before the pooling depends on every channel of the first
# layer (the logits would even where groups never meet), (3) measures time by medians in turns, accuracy over three
# seeds or more with their range, (4) draws accuracy against *time* and against MACs, and says whether the order of the
# nets is the same in both.

# %% [markdown]
# ## Summary
#
# - A grouped convolution is a dense one with a block-diagonal kernel: each output reads its own group.
# - $G$ divides kernel weights and MACs exactly; biases and outputs stay.
# - Groups that never meet are separate networks: a linear head adds them up, and a label that no sum gives, like XOR,
#   is out of reach. A dense 1x1 layer or a shuffle lets them meet.
# - AlexNet's groups spared its two GPUs exchanges; ResNeXt buys twice the width of its 3x3 at equal cost.
# - Fewer MACs is not less time: maps are moved as before, products get narrow, fixed costs stay.

# %% [markdown]
# ## Further reading
#
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*, 2012.
# - Xie, Girshick, Dollár, Tu and He, *Aggregated residual transformations for deep neural networks*,
#   arXiv:1611.05431, 2016.
# - Zhang, Zhou, Lin and Sun, *ShuffleNet: an extremely efficient convolutional neural network for mobile devices*,
#   arXiv:1707.01083, 2017.
