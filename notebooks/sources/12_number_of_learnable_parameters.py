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
# # 12 · Number of learnable parameters
#
# "How large is this network?" has several answers. How many numbers does it learn? How much work is one image? How
# much memory does training take? How long does it take? The answers come from different layers: the ones that hold the
# parameters are not the ones that do the work. If you look at the number of parameters alone, you will shrink the
# wrong layer. Here you count each of them exactly, and measure the last.
#
# **You will be able to**
#
# - count the parameters of any layer of this course by hand, and those of any network with a short program;
# - say why two sources give different counts for a network of the same name;
# - tell where a network's parameters lie, where its work lies, and why they lie apart;
# - compute how many images fit into memory in training;
# - explain why layers of equal work take different times.
#
# **You should know** kernels and groups from the [general structure](07_general_structure.ipynb) of a layer, flattened
# and pooled heads from [notebook 01](01_limits_of_fully_connected_layers.ipynb), and
# [LeNet-5 and AlexNet](11_lenet_and_alexnet.ipynb).
#
# **Time** about 10 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, exercises, figures, models, training

import math
import time

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
MIB, GIB = 2**20, 2**30  # bytes

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Number of learnable parameters
#
# An output channel of a convolutional layer has a kernel of its own, of $k_h \times k_w$ pixels and as many channels
# as its group has inputs, and a bias of its own. As in notebook 07, the layer learns
#
# $$P = \left( k_h \, k_w \, \frac{C_\text{in}}{G} + 1 \right) C_\text{out}$$
#
# numbers: $k_h, k_w$ are the kernel's height and width in pixels, $C_\text{in}$ and $C_\text{out}$ the channels, $G$
# the groups. Without bias the 1 is left out.
#
# **Predict.** How many for 5x5 kernels from 6 channels to 16? For 3x3 kernels from 64 to 128: are two groups exactly
# half of one?

# %% tags=["nbval-check-output"]
settings = [  # kernel size, channels in, channels out, groups, bias
    ((5, 5), 1, 6, 1, True),
    ((5, 5), 6, 16, 1, True),
    ((1, 7), 64, 128, 1, True),
    ((3, 3), 64, 128, 1, True),
    ((3, 3), 64, 128, 1, False),
    ((3, 3), 64, 128, 2, True),
    ((3, 3), 128, 128, 128, True),
]
for kernel_size, channels_in, channels_out, groups, bias in settings:
    count = arithmetic.conv_parameters(kernel_size, channels_in, channels_out, groups=groups, bias=bias)
    layer = keras.layers.Conv2D(channels_out, kernel_size, groups=groups, use_bias=bias)
    layer.build((None, None, None, channels_in))
    assert layer.count_params() == count
    print(f"{kernel_size}, {channels_in:3} to {channels_out:3}, groups {groups:3}, bias {bias}: {count:6,}")

# %% [markdown]
# **What we see.** The formula agrees with Keras. Groups divide the weights but not the biases, so two groups take a
# little more than half. The last row has as many groups as channels (depthwise,
# [notebook 17](17_depthwise_separable_convolutions.ipynb)): 9 weights and a bias for each channel.
#
# A dense layer with $m$ inputs has one weight for each pair of input and output, and one bias for each output:
#
# $$P = (m + 1) \, C_\text{out}$$
#
# This is the first formula with a kernel as large as the whole image, $m = H \, W \, C_\text{in}$. ($m$ means this
# here only.)
#
# **Predict.** Maps of 5 x 5 pixels and 16 channels go to 120 outputs, once flattened and through a dense layer, once
# through 120 kernels of 5x5. Which has more parameters?

# %% tags=["nbval-check-output"]
maps = keras.Input((5, 5, 16))
flattened = keras.Sequential([maps, keras.layers.Flatten(), keras.layers.Dense(120)])
convolved = keras.Sequential([maps, keras.layers.Conv2D(120, 5)])
print(f"dense:       {flattened.count_params():,}, formula {arithmetic.dense_parameters(5 * 5 * 16, 120):,}")
print(f"convolution: {convolved.count_params():,}, formula {arithmetic.conv_parameters(5, 16, 120):,}")

# %% [markdown]
# **What we see.** The same number: either way each output has a weight for each of the 400 inputs. It is layer C5 of
# LeNet-5 (notebook 11), which was a convolution in 1998 and is written as a dense layer today.

# %% [markdown]
# ## What the number depends on
#
# $H$ and $W$ do not occur in the first formula.
#
# **Predict.** Two networks end in 10 classes, one with a flattened and one with a pooled head. The side of the image
# doubles: which counts grow, and by which factor?


# %% tags=["nbval-check-output"]
def classifier(side, head):
    """Two 3x3 convolutions, then a head: Flatten or global average pooling, and a dense layer."""
    convolutions = [keras.layers.Conv2D(16, 3, padding="same") for _ in range(2)]
    return keras.Sequential([keras.Input((side, side, 1)), *convolutions, head(), keras.layers.Dense(10)])


for head in (keras.layers.Flatten, keras.layers.GlobalAveragePooling2D):
    for side in (28, 56, 112):
        model = classifier(side, head)
        second, dense = model.layers[1], model.layers[-1]
        counts = f"second convolution {second.count_params():,}, dense layer {dense.count_params():9,}"
        print(f"{head.__name__:22} {side:3} pixels: {counts}")

# %% [markdown]
# **What we see.** Convolutions do not ask how large the image is. A dense layer behind `Flatten` does: twice the side,
# four times the weights. Behind a pooled head it does not.
#
# **Predict.** The side may be left open, as `None`. For which head?

# %% tags=["nbval-check-output"]
for head in (keras.layers.GlobalAveragePooling2D, keras.layers.Flatten):
    try:
        print(f"{head.__name__}: {classifier(None, head).count_params():,} parameters")
    except ValueError as error:
        print(f"{head.__name__}: {type(error).__name__}: {str(error).split(' Received')[0]}")

# %% [markdown]
# **What we see.** Without the size, the dense layer's weights (Keras' "variables") cannot even be made.
#
# For whole networks the package has a counter, `costs.count_parameters`. It looks at no array: it puts each layer's
# settings and the channels of its input into the formulas.
#
# **Predict.** One layer of 16 channels is called three times in a row: three times as many parameters? Three times the
# work?

# %% tags=["nbval-check-output"]
shared = keras.layers.Conv2D(16, 3, padding="same", name="shared")
start = outputs = keras.Input((32, 32, 16))
for _ in range(3):
    outputs = shared(outputs)
three_calls = keras.Model(start, outputs)
print(f"count_params():           {three_calls.count_params():9,}")
print(f"costs.count_parameters(): {costs.count_parameters(three_calls):9,}")
print(f"formula for one layer:    {arithmetic.conv_parameters(3, 16, 16):9,}")
one_call = arithmetic.conv_macs(32, 3, 16, 16)
print(f"multiplications:          {costs.count_macs(three_calls):9,}, in one call {one_call:,}")

# %% [markdown]
# **What we see.** Shared weights are stored and learned once, however often they are used; the work is done each time.
#
# A layer of **batch normalisation** ([notebook 13](13_the_problem_with_depth.ipynb)) learns a scale and a shift for
# each channel. It also keeps two moving averages for each, of values that pass through it.
#
# **Predict.** For 64 channels, what do the two counters say?

# %% tags=["nbval-check-output"]
normalised = keras.Sequential([keras.Input((8, 8, 64)), keras.layers.BatchNormalization()])
print(f"count_params() {normalised.count_params()}, costs.count_parameters() {costs.count_parameters(normalised)}")

# %% [markdown]
# **What we see.** `count_params()` counts all numbers held. The averages are not learned: no gradient changes them.

# %% [markdown]
# ## A counter, held against Keras
#
# Now all networks of the course, at full size, against what Keras itself says it trains. `models.outline` makes a
# network whose weights have shapes but no values, to be counted, not run.


# %% tags=["setup"]
def count_by_keras(model):
    """The sizes of all arrays that training changes, each array once."""
    return sum(math.prod(weights.shape) for weights in model.trainable_weights)


networks = {name: models.outline(name) for name in models.names()}

# %% [markdown]
# VGG-16 (2014, [notebook 13](13_the_problem_with_depth.ipynb)) has thirteen 3x3 convolutions in five stages, a 2x2
# pool after each stage, then three dense layers. ResNet-50 (2015, [notebook 14](14_residual_learning.ipynb)) has a
# batch normalisation after each of its 53 convolutions, and a pooled head.
#
# **Predict.** For which does `count_params()` give more than the counter: LeNet-5, AlexNet, VGG-16, ResNet-50?

# %% tags=["nbval-check-output"]
total = 0
print(f"{'':18} {'learnable':>11} {'count_params()':>14} {'averages':>8}")
for name, network in networks.items():
    count, held = costs.count_parameters(network), network.count_params()
    assert count == count_by_keras(network), name
    total += count
    if name in ("lenet5_1998", "lenet5", "alexnet", "vgg16", "resnet20", "resnet50", "efficientnet_lite0"):
        print(f"{name:18} {count:11,} {held:14,} {held - count:8,}")
print(f"{len(networks)} networks, all equal to what Keras trains; with values they take {4 * total / GIB:.1f} GiB")

# %% [markdown]
# **What we see.** The counter agrees for every network, to the last number. Those with batch normalisation have more
# in `count_params()`: the averages. Still, you will read other numbers under the same names.
#
# **Predict.** For ResNet-50 `keras.applications` prints 25,636,712. What may be different there? And does LeNet-5 on
# 28x28 images gain or lose parameters if its first convolution loses its padding?

# %% tags=["nbval-check-output"]
variants = {
    "LeNet-5, 28x28": networks["lenet5"],
    "    without padding": models.outline("lenet5", padding="valid"),
    "AlexNet, 2 groups": networks["alexnet"],
    "    without groups": networks["alexnet_one_tower"],
    "ResNet-50": networks["resnet50"],
    "    with biases": models.outline("resnet50", conv_bias=True),
}
for name, network in variants.items():
    print(f"{name:20} {costs.count_parameters(network):11,} learnable, {network.count_params():11,} in all")

# %% [markdown]
# **What we see.** All are exact, of different networks. Without padding, LeNet's last maps are 4 x 4, not 5 x 5, and
# the dense layer behind loses $(25 - 16) \cdot 16 \cdot 120$ weights. AlexNet is quoted with both numbers. The
# convolutions of the ResNet-50 in `keras.applications` have biases, and `count_params()` adds the averages.

# %% [markdown]
# ## Where the parameters lie, and where the work lies
#
# The work of a layer is counted in MACs (notebook 09): one multiply-accumulate is one multiplication and one addition.
# Each output takes one for each weight of its kernel, so
#
# $$\text{MACs} = H' \, W' \; \cdot \; k_h \, k_w \, \frac{C_\text{in}}{G} \, C_\text{out}$$
#
# for one image, with $H' \times W'$ output pixels: **places times weights**. A dense layer has one place.
#
# **Predict.** Which layers of AlexNet and of VGG-16 hold most of the parameters, and where is most of the work done?
# (`3_conv2` is the second convolution of stage 3.)

# %%
_, grids = plt.subplots(2, 1, figsize=(7.5, 6))
titles = "AlexNet: fc6 holds most, conv2 works most", "VGG-16: fc1 holds most, many convolutions work alike"
for ax, name, title in zip(grids, ("alexnet", "vgg16"), titles, strict=True):
    rows = [row for row in costs.table(networks[name]) if row.macs]
    counts = {"parameters": [row.parameters for row in rows], "MACs": [row.macs for row in rows]}
    names = [row.name.removeprefix("stage") for row in rows]
    figures.show_shares(names, counts, ax=ax, title=title)
plt.show()

# %% tags=["nbval-check-output"]
dense_shares = {}
for name in ("alexnet", "vgg16", "resnet50"):
    rows = costs.table(networks[name])
    dense = [row for row in rows if row.kind == "Dense"]
    of_parameters = sum(row.parameters for row in dense) / sum(row.parameters for row in rows)
    of_macs = sum(row.macs for row in dense) / sum(row.macs for row in rows)
    dense_shares[name] = (round(100 * of_parameters, 1), round(100 * of_macs, 1))
    print(f"{name:8}: dense layers hold {of_parameters:5.1%} of the parameters, do {of_macs:4.1%} of the MACs")
assert dense_shares["vgg16"] == (89.4, 0.8)

# %% [markdown]
# **What we see.** They lie apart. In VGG-16 the first dense layer alone holds most of the parameters, and all three do
# less than a hundredth of the work. ResNet-50 has a pooled head
# ([notebook 15](15_global_average_pooling.ipynb)): only 8 % of the parameters lie in its dense layer, and half a
# thousandth of the work. How often is a weight used?
#
# **Predict.** How often does one image use a weight of VGG-16's first layer, how often one of its dense layers? Which
# does more work, a convolution on the large maps of stage 1, or one on the small maps of stage 4?

# %% tags=["nbval-check-output"]
for row in costs.table(networks["vgg16"]):
    if row.name in ("stage1_conv1", "stage1_conv2", "stage4_conv2", "stage5_conv2", "fc1"):
        weights = row.parameters - row.output_shape[-1]  # without biases
        places = math.prod(row.output_shape[:-1])
        assert row.macs == places * weights
        print(f"{row.name:12} {weights:11,} weights x {places:6,} places = {row.macs:13,} MACs")

# %% [markdown]
# **What we see.** 50,176 times, and once. Weights of early layers are few and used at many places; those of dense
# layers are many and used once. In between the two balance: `stage4_conv2` has a 64th of the places of `stage1_conv2`
# and 64 times its weights, since the channels double where the side is halved. So large maps alone do not make
# a layer expensive. To store less, look at the dense layers; to compute less, look at places times weights.

# %% [markdown]
# ## Memory for training
#
# Training stores more than weights: one number of the gradient for each parameter, what the optimizer keeps for each,
# and the layers' outputs, which the gradient needs.
#
# **Predict.** How many numbers do plain gradient descent, momentum, and Adam keep for each parameter of LeNet-5?

# %% tags=["nbval-check-output"]
lenet = models.build("lenet5")
optimizers = {
    "SGD": keras.optimizers.SGD(0.1),
    "SGD with momentum": keras.optimizers.SGD(0.1, momentum=0.9),
    "Adam": keras.optimizers.Adam(),
}
for name, optimizer in optimizers.items():
    optimizer.build(lenet.trainable_variables)
    kept, others = divmod(sum(math.prod(v.shape) for v in optimizer.variables), lenet.count_params())
    print(f"{name:17}: {kept} for each parameter, and {others} single numbers")

# %% [markdown]
# **What we see.** Momentum keeps the last step, Adam two running averages. (The single numbers are the learning rate
# and a counter of steps.)
#
# The outputs are the only part that is kept and grows with the batch. We count what convolutions, pools and dense
# layers put out.
#
# **Predict.** Which layers of LeNet-5 does that leave out? Is it much?

# %% tags=["nbval-check-output"]
every_output = keras.Model(lenet.input, [layer.output for layer in lenet.layers[1:]])
arrays = every_output(np.zeros((1, 28, 28, 1), "float32"))
print(f"counted: {costs.count_activations(lenet):,} numbers")
print(f"put out by all layers: {sum(math.prod(array.shape) for array in arrays):,}")

# %% [markdown]
# **What we see.** A ReLU puts out another array of the same size, `Flatten` the same numbers in another shape;
# programs keep or save these in different ways. We leave them and the images out. In float32 ours is a lower bound
# if the whole gradient and all outputs are held at once.
#
# $$B \ge 4 \, \big( (2 + u) \, P + N E \big)$$
#
# $B$ is the memory in bytes, at 4 for a float32 number; $P$ the parameters, with a gradient each; $u$ what the
# optimizer keeps for each; $N$ the images of a batch; $E$ the counted outputs for one image.
#
# **Predict.** VGG-16 with Adam, 64 images: what takes more, the outputs, or all that goes with 138 million parameters?

# %% tags=["nbval-check-output"]
rows = costs.table(networks["vgg16"])
parameters = sum(row.parameters for row in rows)
shapes = [row.output_shape for row in rows if row.activations]
memory = {"weights": arithmetic.memory_bytes(parameters), "gradient": arithmetic.memory_bytes(parameters)}
memory["Adam"] = arithmetic.memory_bytes(2 * parameters)
for batch_size in (1, 64):
    memory[f"outputs, batch of {batch_size}"] = arithmetic.activation_bytes(shapes, batch_size=batch_size)
for name, size in memory.items():
    print(f"{name:20} {size / MIB:8,.1f} MiB")

# %% tags=["nbval-check-output"]
u, P, N, E = 2, parameters, 64, sum(row.activations for row in rows)
B = 4 * ((2 + u) * P + N * E)
print(f"B for Adam and {N} images {B / MIB:,.1f} MiB")
assert sum(memory.values()) - memory["outputs, batch of 1"] == B

# %% [markdown]
# **What we see.** One image takes little, 64 take more than weights, gradient and Adam together. Here a
# smaller batch saves more than fewer parameters could.
#
# **Predict.** In which of the five stages of VGG-16 do most of the outputs lie?

# %% tags=["nbval-check-output"]
outputs, macs = sum(row.activations for row in rows), sum(row.macs for row in rows)
print("       {:>11} {:>11} {:>11}".format("outputs", "parameters", "MACs"))
for part in ("stage1", "stage2", "stage3", "stage4", "stage5", "fc"):
    inside = [row for row in rows if row.name.startswith(part)]
    shares = [sum(row.activations for row in inside) / outputs, sum(row.parameters for row in inside) / parameters]
    shares.append(sum(row.macs for row in inside) / macs)
    print(part.ljust(6), *(f"{share:11.1%}" for share in shares))

# %% [markdown]
# **What we see.** Three costs at three places: outputs lie in the first layers, where maps are largest, parameters in
# the last, and the work in the middle. (`logits` is the rest.)

# %% [markdown]
# ## Counted cost against measured time
#
# Four layers with exactly as many MACs for one image, 115,605,504. A machine must also bring numbers from memory and
# put numbers there: input, weights and output. The **arithmetic intensity** is the number of MACs for each number
# moved (elsewhere: operations for each byte).
#
# **Predict.** Order the layers by their intensity.

# %% tags=["nbval-check-output"]
settings = {"padding": "same", "use_bias": False}
equal_layers = {
    "3x3, 128 channels": ((28, 28, 128), keras.layers.Conv2D(128, 3, **settings)),
    "1x1, 384 channels": ((28, 28, 384), keras.layers.Conv2D(384, 1, **settings)),
    "depthwise 3x3, 256 channels": ((224, 224, 256), keras.layers.DepthwiseConv2D(3, **settings)),
    "dense, 10,752 units": ((10752,), keras.layers.Dense(10752, use_bias=False, kernel_initializer="ones")),
}
for name, (shape, layer) in equal_layers.items():
    model = keras.Sequential([keras.Input(shape), layer])
    moved = 2 * math.prod(shape) + model.count_params()  # the output is as large as the input
    assert costs.count_macs(model) == 115_605_504
    print(f"{name:28} moves {moved:11,} numbers, {115_605_504 / moved:5.1f} MACs for each")

# %% [markdown]
# **What we see.** Between the first and the last lies a factor of more than 300. Now the time, as a ratio to the first
# layer: the median of several turns. In the last row the dense layer gets 16 images at once, and the time is that of
# one of them.
#
# **Predict.** Equal MACs: are the times equal? What do 16 images at once change?

# %%
runs = [(name, layer, keras.ops.ones((1, *shape))) for name, (shape, layer) in equal_layers.items()]
shape, layer = equal_layers["dense, 10,752 units"]
runs.append(("dense, 16 images at once", layer, keras.ops.ones((16, *shape))))
turns = []
for _ in range(9):
    seconds = []
    for _, layer, images in runs:
        start = time.perf_counter()
        _ = keras.ops.convert_to_numpy(layer(images)[..., 0])
        seconds.append((time.perf_counter() - start) / len(images))
    turns.append(seconds)
ratios = np.median([np.array(turn) / turn[0] for turn in turns], axis=0)
for (name, *_), ratio in zip(runs, ratios, strict=True):
    print(f"{name:28} takes {ratio:5.2f} times as long as the 3x3 convolution")

# %% [markdown]
# **What we see.** Equal MACs need not take equal time. Compare the times with the intensities: a layer that moves many
# numbers for few MACs waits for memory. At a high intensity computing is the limit, so the first two layers may come
# in either order. The last row tests this: same layer, same MACs for an image, but the weights are read once for 16
# images. Where that gains less than 16 times, memory is no longer the only limit. The ratios are those of your machine
# in this run; so count to understand, and measure to decide.

# %% [markdown]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("12.1", 1)` gives a first step.

# %% [markdown] tags=["exercise"]
# ### Exercise 12.1 ★ Parameters of a convolutional layer
#
# Write the formula as a function, without calling the package.


# %% tags=["exercise"]
def conv_count(kernel_size, channels_in, channels_out, groups, bias):
    """The learnable parameters of a convolution; kernel_size is (rows, columns), bias True or False."""
    # BEGIN SOLUTION
    rows, columns = kernel_size
    return (rows * columns * channels_in // groups + bias) * channels_out
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("12.1", conv_count)

# %% [markdown] tags=["solution"]
# One output channel has `rows * columns * channels_in / groups` weights and, since `True` counts as 1, one bias or
# none. There are `channels_out` of them.
#
# Common mistake: to divide all by the groups. Each output channel keeps its bias, in whichever group it is.

# %% [markdown] tags=["exercise"]
# ### Exercise 12.2 ★★ A counter for networks
#
# Write the counter yourself, for one layer: from its kind, its settings, and the channels of its input. Six kinds
# learn something, all others nothing:
#
# - `Conv2D` and `Dense` (with `units`);
# - `DepthwiseConv2D`: each input channel is a group of its own and gives `depth_multiplier` output channels;
# - `BatchNormalization`: one number a channel if `scale`, one if `center`;
# - two of LeNet-5 of 1998: `TrainableSubsampling` has two numbers a channel; `PartialConv2D` lists in
#   `connections` the input channels that each output channel reads; each output channel has a bias.


# %% tags=["exercise", "nbval-check-output"]
def describe(model):
    """For each layer (kind, settings, channels of the input)."""
    layers = model.layers[1:]  # the first is the input
    inputs = [keras.tree.flatten(layer.input)[0] for layer in layers]
    kinds = ["Conv2D" if isinstance(k, keras.layers.Conv2D) else type(k).__name__ for k in layers]  # or a kind of it
    return [(t, k.get_config(), i.shape[-1]) for t, k, i in zip(kinds, layers, inputs, strict=True)]


kind, settings, channels = describe(networks["lenet5"])[3]
print(kind, {key: settings[key] for key in ("filters", "kernel_size", "groups", "use_bias")}, channels)


# %% tags=["exercise"]
def layer_count(kind, settings, channels):
    """The learnable parameters of one layer, which reads so many channels."""
    # BEGIN SOLUTION
    if kind == "Conv2D":
        weights = math.prod(settings["kernel_size"]) * channels // settings["groups"]
        return (weights + settings["use_bias"]) * settings["filters"]
    if kind == "DepthwiseConv2D":
        weights = math.prod(settings["kernel_size"])
        return (weights + settings["use_bias"]) * channels * settings["depth_multiplier"]
    if kind == "Dense":
        return (channels + settings["use_bias"]) * settings["units"]
    if kind == "BatchNormalization":
        return channels * (settings["scale"] + settings["center"])
    if kind == "TrainableSubsampling":
        return 2 * channels
    if kind == "PartialConv2D":
        return sum(math.prod(settings["kernel_size"]) * len(read) + 1 for read in settings["connections"])
    return 0
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("12.2", layer_count)

# %% [markdown] tags=["exercise"]
# Then hold your counter against Keras, for every network.

# %% tags=["exercise", "nbval-check-output"]
if exercises.verdict("12.2", layer_count).status == "correct":
    counts = {name: sum(layer_count(*layer) for layer in describe(model)) for name, model in networks.items()}
    equal = [name for name, model in networks.items() if counts[name] == count_by_keras(model)]
    print(f"your counter equals Keras for {len(equal)} of {len(networks)} networks")
    assert equal == list(networks), sorted(set(networks) - set(equal))
else:
    print(f"this cell counts {len(networks)} networks with your counter, once 12.2 is correct")

# %% tags=["solution", "nbval-check-output"]
print(f"vgg16: {counts['vgg16']:,}, lenet5_1998: {counts['lenet5_1998']:,}")

# %% [markdown] tags=["solution"]
# Settings say it all: a kernel's size and groups, a bias or none. Only the channels of the input come from the layer
# before.
#
# Common mistake: four numbers a channel for batch normalisation. Two of them are moving averages, which no gradient
# changes.

# %% [markdown] tags=["exercise"]
# ### Exercise 12.3 ★★ Work of a chain
#
# Count the MACs that a chain of convolutions needs for one image. Each layer is given as (kernel size, stride,
# channels out, groups), with square kernels and `"same"` padding.


# %% tags=["exercise"]
def chain_macs(height, width, channels, layers):
    """The MACs for one image (height, width, channels) through a list of layers."""
    # BEGIN SOLUTION
    macs = 0
    for kernel_size, stride, channels_out, groups in layers:
        height, width = math.ceil(height / stride), math.ceil(width / stride)
        macs += height * width * kernel_size**2 * channels // groups * channels_out
        channels = channels_out
    return macs
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("12.3", chain_macs)

# %% [markdown] tags=["solution"]
# Work is done for each *output* pixel, and `"same"` gives $\lceil H / s \rceil$ rows. The outputs of a layer, in size
# and channels, are the inputs of the next.
#
# Common mistake: to take the size of the input, which makes a layer with stride 2 four times as expensive.

# %% [markdown] tags=["exercise"]
# ### Exercise 12.4 ★★ The largest batch
#
# How many images fit into training by the formula above, in float32? If not even the parameters and what belongs to
# them fit, it is none.


# %% tags=["exercise"]
def largest_batch(memory, parameters, outputs, kept):
    """The largest batch for a memory in bytes; outputs are for one image, kept is what the optimizer keeps for each
    parameter.
    """
    # BEGIN SOLUTION
    left = memory - 4 * (2 + kept) * parameters
    return max(0, left // (4 * outputs))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("12.4", largest_batch)

# %% [markdown] tags=["solution"]
# What belongs to the parameters is paid once, whatever the batch; the rest is divided among images, rounded down. If
# nothing is left the division gives a negative number, so `max`.
#
# Common mistake: to forget the gradient. Even plain gradient descent needs two numbers a parameter.

# %% [markdown] tags=["exercise"]
# ### Exercise 12.5 ★★★ One cost at a time (open)
#
# Take VGG-16 or a network of your own. Change it three times, starting from the original each time: once to halve
# its parameters, once its MACs, once its outputs, and to leave the other two counts within 10 % if you can. VGG-16 has
# the options `width`, `fc_units` and `input_shape`; for others write the chain yourself (2, 2, 3, 3, 3 convolutions
# with 64, 128, 256, 512, 512 channels). Count with `models.outline("vgg16", ...)`, time with
# `models.build("vgg16", ...)`: an outline draws its weights anew in each call, so its times mean nothing.
#
# *Rubric.* A good answer (1) predicts the three counts of each change before it runs it, (2) shows one table of
# original and changes, (3) says for each change which layers it touches and why the other counts stay or cannot stay,
# (4) measures the time of one image for original and changes, in turns, and says what the counts did not foretell.

# %% [markdown]
# ## Summary
#
# - A convolution learns $(k_h k_w C_\text{in} / G + 1) \, C_\text{out}$ numbers whatever the image's size, a dense
#   layer $(m + 1) \, C_\text{out}$, which grows with the image behind `Flatten`.
# - Shared weights are counted once; moving averages are no parameters, though `count_params()` counts them.
# - MACs are places times weights: in AlexNet and VGG-16 the dense layers hold the parameters, the convolutions do the
#   work.
# - Training needs weights, gradient, the optimizer's numbers, and outputs, which alone grow with the batch.
# - Equal MACs are not equal times: moving numbers costs time, too.

# %% [markdown]
# ## Further reading
#
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 2012.
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition*, arXiv:1409.1556,
#   2014: table 2 gives the parameters in millions.
# - Sze, Chen, Yang and Emer, *Efficient processing of deep neural networks: a tutorial and survey*,
#   arXiv:1703.09039, 2017: why moving numbers costs more than multiplying them.
# - Williams, Waterman and Patterson, *Roofline: an insightful visual performance model for multicore architectures*,
#   Communications of the ACM, 2009.
