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
# # 11 · LeNet and AlexNet
#
# Convolutions, activation functions, strides, pools: you know the parts. Two networks showed how to put them together,
# LeNet-5 in 1998 on digits and AlexNet in 2012 on a million photographs, and nearly every CNN after them is told as a
# change of theirs. Both are often described wrongly. Here you build LeNet-5 to the last parameter, as its paper
# describes it and as it is built today, with each step in between, and take AlexNet apart.
#
# **You will be able to**
#
# - draw the final structure of a classical CNN, and follow an image's shape through it;
# - build LeNet-5 as it is built today, and count every parameter of it;
# - say what LeNet-5 of 1998 did otherwise: partial connections, trainable subsampling, codes as targets;
# - say why AlexNet has two groups, and why its input has 227 pixels on a side;
# - compute local response normalisation and dropout, in training and at test time.
#
# **You should know** the [general structure](07_general_structure.ipynb) of a layer (output sizes, groups),
# [receptive fields](08_chaining_convolutional_layers.ipynb), [pooling](10_pooling_layers.ipynb), and softmax and
# cross-entropy from [notebook 01](01_limits_of_fully_connected_layers.ipynb).
#
# **Time** about 40 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, backend, costs, datasets, exercises, figures, models, reference, training
from cnncourse.layers import LocalResponseNormalization
from cnncourse.models import lenet

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% tags=["setup"]
SEED = 1
TRAIN_IMAGES = training.budget(quick=6000, full=20000)
LADDER_IMAGES = training.budget(quick=1500, full=6000)
LADDER_RUNS = training.budget(quick=2, full=5)
SMALL_IMAGES = training.budget(quick=2000, full=20000)
TEST_IMAGES = 1000
EPOCHS = 4
BATCH_SIZE = 64

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Final structure
#
# A classical CNN is a chain: **blocks** of a convolution, an activation function and a pool; then a layer that
# flattens the maps; then dense layers, of which the last gives the logits; then the softmax.
#
# **Predict.** An image of 28 x 28 pixels goes through two blocks, as written below. How many numbers reach the first
# dense layer?


# %%
def block(x, filters, number, padding="valid"):
    """Convolution, activation, pool: maps (N, H, W, C) to smaller ones; number is that of the convolution."""
    x = layers.Conv2D(filters, 5, padding=padding, name=f"C{number}")(x)
    x = layers.ReLU(name=f"C{number}_relu")(x)
    return layers.MaxPooling2D(2, name=f"S{number + 1}")(x)


def classical_cnn():
    image = keras.Input((28, 28, 1), name="image")
    x = block(image, 6, 1, padding="same")  # a Functional model: each layer is called on what the one before gave
    x = block(x, 16, 3)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(120, activation="relu", name="C5")(x)
    x = layers.Dense(84, activation="relu", name="F6")(x)
    logits = layers.Dense(10, name="logits")(x)
    return keras.Model(image, logits, name="classical_cnn")


# %%
def shapes(net, leave_out=("relu", "norm", "dropout", "activation")):
    """Name and shape of each layer's output, without the layers that leave the shape as it is."""
    kept = [layer for layer in net.layers if not any(word in layer.name for word in leave_out)]
    return [(layer.name, tuple(layer.output.shape[1:])) for layer in kept]


net = classical_cnn()
structure = [*shapes(net), ("softmax", (10,))]
_ = figures.show_structure(structure, title="Fewer places, more channels; then vectors, then classes")
plt.show()

# %% tags=["nbval-check-output"]
for name, shape in structure:
    places = f"{np.prod(shape[:2]):3} places x {shape[2]:2} channels" if len(shape) == 3 else " " * 24
    print(f"{name:8} {places} = {np.prod(shape):5,} numbers")

# %% [markdown]
# **What we see.** 400 numbers, 16 at each of 25 places. The blue maps turn pixels into features, with local
# connections and shared weights. The orange vectors have no places any more: each unit of a dense layer reads all
# numbers.
#
# **Predict.** Convolutions and pools take images of any size. Does the whole net take one of 32 x 32 pixels?

# %% tags=["nbval-check-output"]
any_image = keras.Input((None, None, 1))
blocks = keras.Model(any_image, block(block(any_image, 6, 1, padding="same"), 16, 3))
maps = blocks(np.zeros((1, 32, 32, 1), "float32"))
print("blocks alone:", tuple(maps.shape))
try:
    net.get_layer("C5")(layers.Flatten()(maps))
except ValueError as error:
    print(f"{type(error).__name__}: ... {str(error).split(': ')[-1]}")

# %% [markdown]
# **What we see.** Now 6 x 6 places, 576 numbers, reach a layer with weights for 400: flattening ties a net to one
# number of places.

# %% [markdown]
# ## LeNet-5 as it is built today
#
# You have just built it: this is the usual form today. (Others keep average pools or tanh.)
#
# **Predict.** Which layer has the most parameters, and which the most multiply-accumulates (MACs)?

# %% tags=["nbval-check-output"]
today = models.build("lenet5")
print(costs.table(today))
assert net.count_params() == today.count_params() == 61_706

# %% [markdown]
# **What we see.** C5 has most of the parameters, C3 does most of the work. 61,706 parameters, as many as ours has. Is
# it the same net?

# %% tags=["nbval-check-output"]
train, test = datasets.load_fashion_mnist("train", TRAIN_IMAGES), datasets.load_fashion_mnist("test", TEST_IMAGES)
today.set_weights(net.get_weights())
ours, theirs = (np.asarray(model(test.images[:20])) for model in (net, today))
print("with the same weights the same logits:", np.allclose(ours, theirs, atol=1e-5))
assert np.allclose(ours, theirs, atol=1e-5)

# %% [markdown]
# **Predict.** Chance is right in one of ten. What does the net reach on Fashion-MNIST after a few epochs?


# %%
def compile_net(net, learning_rate=0.002):
    """Adam and cross-entropy, the same recipe for all nets of this notebook."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])
    return net


training.fit(compile_net(today), train, epochs=EPOCHS, batch_size=BATCH_SIZE)
lenet_accuracy = training.accuracy(today, test.images, test.labels)
assert lenet_accuracy > 0.72  # bound
print(f"test accuracy {lenet_accuracy:.3f}")

# %% tags=["nbval-check-output"]
probabilities = keras.ops.softmax(today(test.images[:5]))
print("shape:", probabilities.shape, "sums:", np.asarray(probabilities).sum(axis=1).round(4))
assert np.allclose(np.asarray(probabilities).sum(axis=1), 1)

# %% [markdown]
# **What we see.** The head gives ten logits, the softmax ten probabilities; in training, the loss takes the softmax
# itself. (The table's accuracies are means over an epoch, while the weights change.)

# %% [markdown]
# ## LeNet-5 of 1998: partial connections, 60,000 parameters
#
# The net of LeCun and others takes handwritten digits on 32 x 32 pixels (0.95 % of the test images wrong, says the
# paper). Its C3 does not read all six maps of S2: a mark in the picture says that a map of C3 reads a map of S2.

# %%
ax = figures.new_axes(width=6, height=2.4)
for o, read in enumerate(lenet.CONNECTIONS):
    ax.plot([o] * len(read), read, "s", color=figures.BLUE, markersize=10)
ax.set(xticks=range(16), yticks=range(6), ylim=(5.6, -0.6), xlabel="map of C3", ylabel="map of S2")
ax.set_title("Three, four or six maps for each map of C3")
plt.show()

# %% [markdown]
# **Predict.** Each mark is one 5x5 kernel. How many are there, in place of $6 \cdot 16 = 96$, and how many parameters
# has C3? By how many maps of C3 is each map of S2 read?

# %% tags=["nbval-check-output"]
kernels = sum(len(read) for read in lenet.CONNECTIONS)
readers = [sum(m in read for read in lenet.CONNECTIONS) for m in range(6)]
old = models.build("lenet5_1998")
C3 = old.get_layer("C3")
print("kernels:", kernels, " each map is read by:", readers)
print("stored:", [tuple(weight.shape) for weight in C3.weights], " parameters:", C3.count_params())
assert C3.count_params() == kernels * 25 + 16

# %% [markdown]
# **What we see.** 60 kernels and 16 biases. The paper gives two reasons: fewer connections, and maps that read
# different inputs must learn different things.
#
# **Predict.** An ordinary convolution with 36 of its 96 kernels set to zero: is it the same as C3, also in training?

# %% tags=["nbval-check-output"]
x = np.random.normal(size=(2, 14, 14, 6)).astype("float32")
kernel = np.asarray(C3.dense_kernel())
is_zero = np.abs(kernel).sum(axis=(0, 1)) == 0
by_full = reference.conv2d(x, kernel, np.asarray(C3.bias))
equal = np.allclose(by_full, np.asarray(C3(x)), atol=1e-4)
_, gradient = backend.value_and_gradient(lambda w: keras.ops.sum(keras.ops.conv(x, w) ** 2), kernel)
moved = np.abs(gradient).sum(axis=(0, 1)) > 0
print("kernel", kernel.shape, "with", is_zero.sum(), "of 96 kernels zero; equal:", equal)
print("zero kernels with a gradient:", (is_zero & moved).sum())
assert equal

# %% [markdown]
# **What we see.** It computes the same, but would not stay so: a loss has a gradient for its zeros.
#
# The pools of 1998 learn, too. Each channel $m$ has a **trainable coefficient** $a_m$ and a bias $b_m$; with the
# activation function $f$, this **trainable subsampling** is
#
# $$y[n, r, c, m] = f \big( a_m \cdot \text{mean of the pool} + b_m \big)$$
#
# (In our net, $f$ is a layer of its own behind S2. The paper multiplies the pool's sum; its coefficient is a quarter
# of ours.)
#
# **Predict.** How many parameters has S2, with its six maps of 14 x 14? A **connection** is a line from an input, or
# from a bias, to one unit: how many are there, with four pixels in a pool?

# %% tags=["nbval-check-output"]
S2 = old.get_layer("S2")
a, b = np.random.normal(size=(2, 6)).astype("float32")
S2.set_weights([a, b])
images = np.random.normal(size=(2, 28, 28, 6)).astype("float32")
by_numpy = a * reference.pool2d(images, 2, mode="average") + b
print("parameters:", S2.count_params(), " equal without f:", np.allclose(by_numpy, np.asarray(S2(images)), atol=1e-5))
print("connections:", np.prod(by_numpy.shape[1:]) * (4 + 1))
assert np.allclose(by_numpy, np.asarray(S2(images)), atol=1e-5)

# %% [markdown]
# Now the whole net. (OUT is explained below.) Shared weights count once as parameters, and at every place as
# connections.
#
# **Predict.** In which layers are there as many connections as parameters?

# %% tags=["nbval-check-output"]
connections = {}
print("layer  parameters  connections")
for row in costs.table(old):
    places = np.prod(row.output_shape[:2]) if len(row.output_shape) == 3 else 1
    count = places * row.parameters
    if row.name in ("S2", "S4"):
        count = 5 * np.prod(row.output_shape)  # four pixels and a bias for each output
    elif row.name == "OUT":
        count = 84 * 10  # fixed numbers, no parameters
    if count:
        connections[row.name] = int(count)
        print(f"{row.name:5} {row.parameters:11,} {count:12,}")
print(f"sum   {costs.count_parameters(old):11,} {sum(connections.values()):12,}")
assert costs.count_parameters(old) == 60_000
assert sum(connections.values()) == 340_908

# %% [markdown]
# **What we see.** 60,000 trainable parameters and 340,908 connections, both as the paper says. In C5 and F6 they are
# as many: a 5x5 convolution on maps of 5 x 5 has one place, and is a dense layer in fact.

# %% [markdown]
# ## Codes in place of logits
#
# The activation function of 1998 is the **scaled tanh**, $f(v) = 1.7159 \, \tanh(2 v / 3)$.
#
# **Predict.** What are $f(1)$ and $f(-1)$? How far does $f$ reach?

# %%
v = np.linspace(-4, 4, 201)
ax = figures.new_axes(width=5, height=2.4)
ax.plot(v, np.asarray(lenet.scaled_tanh(v)), label="scaled tanh")
ax.plot(v, np.maximum(v, 0), "--", label="ReLU")
ax.plot([-1, 1], [-1, 1], "o", color=figures.GREY)
ax.set(xlabel="input", ylabel="output", ylim=(-2, 2.5), title="Through (1, 1) and (-1, -1)")
ax.legend()
plt.show()

# %% tags=["nbval-check-output"]
print("f(-1), f(1):", np.asarray(lenet.scaled_tanh(np.array([-1.0, 1.0]))).round(4))
print("at 1000:    ", np.asarray(lenet.scaled_tanh(np.array([1000.0]))).round(4))

# %% [markdown]
# **What we see.** $f(\pm 1) = \pm 1$ to four digits, with room up to $\pm 1.7159$: such targets can be reached. For
# each class $k$ the output layer keeps a fixed **code** $c_k$ of 84 numbers, a digit on 7 x 12 pixels: +1 on the black
# stroke, -1 beside it (drawn anew here). It puts out the code's squared distance from the outputs $x_j$ of F6, in the
# paper's words a radial basis function (RBF):
#
# $$y_k = \sum_{j=0}^{83} (x_j - c_{kj})^2$$

# %%
bitmaps = lenet.CODES.reshape(10, 12, 7)
_ = figures.show_images([0.4 * (1 - bitmap) for bitmap in bitmaps], [f"class {k}" for k in range(10)], columns=10)
plt.show()

# %% [markdown]
# **Predict.** The nearest code wins. If F6 puts out exactly the drawing of the 3, what are $y_3$ and the others? Which
# two drawings are the most similar, and by how many pixels do they differ?

# %% tags=["nbval-check-output"]
codes = lenet.CODES.astype("float32")
distances = np.asarray(old.get_layer("OUT")(codes))
print("from the code of 3:", distances[3].astype(int))
differ = (codes[:, None] != codes).sum(axis=2)
assert np.array_equal(distances, 4 * differ)
pairs = [(differ[i, j], i, j) for i in range(10) for j in range(i)]
print("most similar:", "{2} and {1}, {0} of 84 pixels".format(*min(pairs)))
print("trainable numbers:", old.get_layer("OUT").count_params())

# %% [markdown]
# **What we see.** 0 for the 3, and 4 for each pixel in which another drawing differs. Nothing here is trained.
#
# **Predict.** The net's logits are $z_k = -y_k$. What is the cross-entropy of notebook 01, written with the distances?

# %% tags=["nbval-check-output"]
y = np.asarray(old.get_layer("OUT")(np.random.normal(size=(1, 84)).astype("float32")), "float64")
by_keras = float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(np.array([3]), -y))
by_hand = y[0, 3] + np.log(np.exp(-y[0]).sum())
print("y_3 + ln(sum of exp(-y)) is Keras' loss:", bool(np.isclose(by_hand, by_keras, rtol=1e-4)))
assert np.isclose(by_hand, by_keras, rtol=1e-4)

# %% [markdown]
# **What we see.** $\ell = y_t + \ln \sum_k e^{-y_k}$ for the class $t$: the paper's MAP criterion (maximum a
# posteriori) without the constant in its logarithm. (For clothes the drawings mean nothing but ten different targets.)

# %% [markdown]
# ## One change at a time
#
# From 1998 to today, we change one option after the other; the first two are padding in place of a frame around the
# image, and C5 written as a dense layer. The net of 1998 also rescales its pixels: $x$ becomes $1.275 \, x - 0.1$.
#
# **Predict.** Which changes add parameters, and which remove some?

# %% tags=["nbval-check-output"]
options = {"padding": "valid", "connections": "partial", "subsampling": "trainable", "c5": "convolution"}
options |= {"activation": "scaled_tanh", "output": "distances", "rescaling": True, "input_shape": (32, 32, 1)}
CHANGES = {
    "pads itself": {"padding": "same", "input_shape": (28, 28, 1)},
    "dense C5": {"c5": "dense"},
    "no rescaling": {"rescaling": False},
    "full C3": {"connections": "full"},
    "average pools": {"subsampling": "average"},
    "max pools": {"subsampling": "max"},
    "dense output": {"output": "dense"},
    "ReLU": {"activation": "relu"},
}
ladder = {"1998": options}
for name, change in CHANGES.items():
    options = options | change
    ladder[name] = options
for name, options in ladder.items():
    rung = models.outline("lenet5", **options)
    print(f"{name:14} {costs.count_parameters(rung):7,} parameters {costs.count_macs(rung):8,} MACs")

# %% [markdown]
# **What we see.** Full connections add 36 kernels, average pools drop 44 numbers (and the tanh behind the pool, which
# belongs to the trainable ones), a dense output adds 850. Do padding and the dense C5 change what the net computes?
# Padding is 0 behind the rescaling.
#
# **Predict.** With the same weights: which frame around an image gives the answers that padding gives? And without
# the rescaling?

# %% tags=["nbval-check-output"]
for rescaling in (True, False):
    first, padding = (lenet.lenet5(**ladder[name] | {"rescaling": rescaling}) for name in ("1998", "dense C5"))
    weights = zip(first.get_weights(), padding.get_weights(), strict=True)
    padding.set_weights([value.reshape(place.shape) for value, place in weights])
    padded = np.asarray(padding(test.images[:50]))
    for frame in (0, 0.1 / 1.275):
        framed = np.pad(test.images[:50], [(0, 0), (2, 2), (2, 2), (0, 0)], constant_values=frame)
        equal = np.allclose(np.asarray(first(framed)), padded, rtol=1e-4)
        print(f"rescaling {rescaling!s:5}  frame of {frame:.3f}: same answers {equal}")
        assert equal == (rescaling == (frame > 0))

# %% [markdown]
# **What we see.** The frame that becomes 0: $1.275 \, x - 0.1 = 0$ for $x = 0.078$; without rescaling, a black one. So
# a dense C5 changes nothing, and padding only the frame's shade. The other six make other functions; we train these
# seven nets, each several times with other random numbers.
#
# **Predict.** Which change helps the most? And how far apart are two runs of the *same* net?

# %%
few = train.take(LADDER_IMAGES)
scores = {name: [] for name in list(ladder)[2:]}
for name in scores:
    for _ in range(LADDER_RUNS):
        rung = compile_net(lenet.lenet5(**ladder[name]))
        rung.fit(few.images, few.labels, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
        scores[name].append(training.accuracy(rung, test.images, test.labels))
lowest_rung = min(min(runs) for runs in scores.values())
assert lowest_rung > 0.55  # bound


# %% tags=["nbval-check-output"]
def spread(share):
    """The standard deviation of a share of correct answers, by the choice of the test images alone."""
    return np.sqrt(share * (1 - share) / TEST_IMAGES)


for share in (0.70, 0.80, 0.90):
    print(f"accuracy {share:.2f} on {TEST_IMAGES:,} images: +- {spread(share):.3f}")

# %%
ax = figures.new_axes(width=6.5, height=3)
for place, runs in enumerate(scores.values()):
    ax.plot(runs, [place] * len(runs), "o", color=figures.BLUE, alpha=0.6)
middle = np.mean(list(scores.values()))
ax.errorbar(middle, len(scores), xerr=spread(middle), color=figures.GREY, capsize=4)
ax.set_yticks(range(len(scores) + 1), ["1998, our recipe", *list(scores)[1:], "+- by test images"])
ax.invert_yaxis()
ax.set(xlabel=f"test accuracy after {EPOCHS} epochs", title="Runs of one net differ, too")
plt.show()

# %% [markdown]
# **What we see.** Two things make a dot uncertain: the run, seen as the distance between the dots of a row, and the
# choice of test images, with a standard deviation of $\sqrt{q (1 - q) / N}$ for a share $q$ of $N$ images. (All nets
# answer the same images: their differences are somewhat surer.) A change shows an effect only where its row stands
# apart from the row above by more than both, and this for our recipe only: few epochs, few images, one learning rate.
# That is no verdict on ReLU, wherever its row lies. So we assert only that every net learns.

# %% [markdown]
# ## AlexNet at its true size: 227 pixels, two groups
#
# In 2012 Krizhevsky, Sutskever and Hinton trained the same structure, larger, on the 1.2 million photographs of
# ImageNet's contest of 2010, in 1,000 classes. For 17.0 % of the test images, the right class was not among its five
# best guesses; the best method before had 25.7 % (the paper's numbers).
#
# In order: `conv1`, ReLU, LRN (explained below), `pool1`; `conv2`, ReLU, LRN, `pool2`; `conv3`, `conv4`, `conv5`, each
# with ReLU; `pool5`, `flatten`; `fc6` and `fc7`, each with ReLU and dropout; logits. (`models.outline` builds a net
# without numbers in its weights: enough to count.)

# %%
one_tower = models.outline("alexnet_one_tower")
_ = figures.show_structure(shapes(one_tower), title="AlexNet: the structure of LeNet, five convolutions deep")
plt.show()

# %% [markdown]
# The paper says 224 x 224 pixels, and that the first layer, 11x11 with stride 4, puts out 55 x 55.
#
# **Predict.** Does that fit?

# %% tags=["nbval-check-output"]
for side, padding in [(224, "valid"), (224, "same"), (227, "valid"), (224, (1, 2))]:
    output = arithmetic.output_size(side, 11, stride=4, padding=padding)
    print(f"{side} pixels, padding {padding!s:8} -> {output}")

# %% [markdown]
# **What we see.** 224 gives 54 without padding and 56 with `"same"`. 227 gives 55; so do 224 with three zeros in
# all. The paper does not say which; we take 227.
#
# One GPU of 3 GB was too small, says the paper. So two had half of the channels each (a *tower*), and
# `conv2`, `conv4` and `conv5` read only the maps on their own GPU: these layers have two **groups** (notebook 07).
#
# **Predict.** `conv2` has 256 kernels of 5x5 and reads 96 channels. Which shape have its weights with two groups?

# %% tags=["nbval-check-output"]
two_groups = models.outline("alexnet")
print("layer     one tower   two groups   shape of the weights with two groups")
for row, grouped in zip(costs.table(one_tower), costs.table(two_groups), strict=True):
    if row.parameters:
        shape = tuple(two_groups.get_layer(row.name).kernel.shape)
        print(f"{row.name:7} {row.parameters:11,} {grouped.parameters:12,}   {shape}")
for net in (one_tower, two_groups):
    print(f"{net.name}: {costs.count_parameters(net):,} parameters, {costs.count_macs(net):,} MACs")
assert two_groups.count_params() == 60_965_224
assert one_tower.count_params() == 62_378_344

# %% [markdown]
# **What we see.** Each kernel reads half of the channels: the weights of these three layers halve, the biases stay.
# 60,965,224 parameters are the paper's AlexNet, 62,378,344 the one without groups; both are quoted as "AlexNet".

# %% [markdown]
# ## Overlapping pools, response normalisation, dropout
#
# AlexNet's pools are 3x3 with stride 2: they overlap.
#
# **Predict.** Are the maps behind them smaller than behind 2x2 pools? And the receptive field?

# %% tags=["nbval-check-output"]
for size in (2, 3):
    sides = [arithmetic.output_size(side, size, stride=2) for side in (55, 27, 13)]
    pool = (size, 2)
    field = arithmetic.receptive_field([(11, 4), pool, (5, 1, 2), pool, *[(3, 1, 1)] * 3, pool])
    print(f"pools of {size}: sides {sides}, receptive field of the last pool {field.size} pixels")

# %% [markdown]
# **What we see.** The sizes are equal, since all sides are odd; the field grows.
#
# **Local response normalisation** (LRN) divides each value by what the *channels* around it, its own included, say at
# the same place:
#
# $$y[m] = \frac{x[m]}{\big( k + \alpha \sum_{j} x[j]^2 \big)^\beta}, \qquad |j - m| \le \lfloor n / 2 \rfloor, \quad
# 0 \le j < C$$
#
# $x[m]$ and $y[m]$ are input and output in channel $m$ of $C$, at one pixel. The paper chose $k = 2$,
# $\alpha = 10^{-4}$, $\beta = 0.75$ and neighbourhoods of $n = 5$ channels ($n$ and $k$ mean this here only).
#
# **Predict.** Nine channels hold 1, but the middle one holds 100. Which become smaller than the outermost one?

# %% tags=["nbval-check-output"]
norm = LocalResponseNormalization(name="norm")
values = np.array([1, 1, 1, 1, 100, 1, 1, 1, 1], "float32")
print(np.asarray(norm(values.reshape(1, 1, 1, 9))).ravel().round(1))

by_numpy, x = np.zeros((2, 3, 3, 9)), np.random.normal(0, 50, (2, 3, 3, 9)).astype("float32")
for m in range(9):
    neighbours = x[..., max(m - 2, 0) : m + 3]
    by_numpy[..., m] = x[..., m] / (2 + 1e-4 * np.sum(neighbours**2, axis=-1)) ** 0.75
print("layer equal to NumPy:", np.allclose(by_numpy, np.asarray(norm(x)), rtol=1e-4), " weights:", len(norm.weights))
assert np.allclose(by_numpy, np.asarray(norm(x)), rtol=1e-4)

# %% [markdown]
# **What we see.** The strong channel weakens its two neighbours on each side; those further off do not notice.
# Nothing is learned.
#
# In training, **dropout** with rate 0.5 behind `fc6` and `fc7` sets each number to 0 with probability one half.
#
# **Predict.** A vector of ones goes through Keras' layer. Which values come out in training, and at test time? Are two
# calls alike?

# %% tags=["nbval-check-output"]
dropout = layers.Dropout(0.5)
ones = np.ones((1, 1_000_000), "float32")
first, second = (np.asarray(dropout(ones, training=True)) for _ in range(2))
tested = np.asarray(dropout(ones, training=False))
print("training: values", np.unique(first), f" share of zeros {np.mean(first == 0):.1f}, mean {first.mean():.1f}")
print("two calls alike:", np.array_equal(first, second), f" zero in both {np.mean((first == 0) & (second == 0)):.2f}")
print("test: values", np.unique(tested))
assert np.array_equal(np.unique(first), [0, 2])
assert np.array_equal(tested, ones)

# %% [markdown]
# **What we see.** Half become 0, a new half in each call; the others are doubled, so that the mean stays. At test
# time nothing happens. (The paper does not double in training, and halves at test time.) No unit can rely on
# particular others.

# %% [markdown]
# ## AlexNet at the scale of 32 x 32
#
# A 5x5 first layer of stride 1 (`stem="small"`), an eighth of the channels and one tower make a net that learns
# Fashion-MNIST, framed to 32 x 32, in seconds.
#
# **Predict.** Which side have the maps after each of the three pools?

# %% tags=["nbval-check-output"]
small = models.build("alexnet_one_tower", stem="small", width=1 / 8, input_shape=(32, 32, 1), num_classes=10)
print(costs.CostTable(row for row in costs.table(small) if row.parameters or "pool" in row.name))

# %%
small_train, border = train.take(SMALL_IMAGES), [(0, 0), (2, 2), (2, 2), (0, 0)]
framed_train = datasets.Dataset(np.pad(small_train.images, border), small_train.labels, train.class_names)
framed_test = np.pad(test.images, border)
training.fit(compile_net(small, 0.001), framed_train, epochs=EPOCHS, batch_size=BATCH_SIZE)
alexnet_accuracy = training.accuracy(small, framed_test, test.labels)
assert alexnet_accuracy > 0.6  # bound
print(f"test accuracy {alexnet_accuracy:.3f}")

# %% [markdown]
# **What we see.** Three pools take 32 to 15, 7 and 3; nine places are left. The table's accuracies are taken with
# dropout on. With other images, another learning rate and dropout, this is no comparison with LeNet-5 above.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("11.1", 1)` gives a first step.
#
# ### Exercise 11.1 ★ Partial connections
#
# Count the parameters of a layer like C3. `connections` has, for each output map, the input maps that it reads.


# %% tags=["exercise"]
def partial_parameters(connections, kernel_size):
    """The parameters of a partially connected convolution with square kernels of kernel_size pixels on a side."""
    # BEGIN SOLUTION
    kernels = sum(len(read) for read in connections)
    return kernels * kernel_size**2 + len(connections)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("11.1", partial_parameters)

# %% [markdown] tags=["solution"]
# For C3: $60 \cdot 25 + 16 = 1516$. A bias belongs to an output map, however many maps it reads.
#
# Common mistake: one bias for each kernel. All kernels of one output map add up to one sum, and one bias is enough for
# it: a second one would only add to the first.

# %% [markdown] tags=["exercise"]
# ### Exercise 11.2 ★★ The 28 x 28 trap
#
# Count the parameters of LeNet-5 as built today for square images of any side, without Keras. C3 has no padding; pools
# are 2x2 with stride 2. (Which number do you get for 28 pixels and `"valid"`?)


# %% tags=["exercise"]
def lenet_parameters(side, padding):
    """The parameters of LeNet-5 as built today for images (side, side, 1) and a padding of C1."""
    # BEGIN SOLUTION
    if padding == "valid":
        side -= 4
    side = side // 2  # S2
    side = (side - 4) // 2  # C3, S4
    convolutions = (25 * 1 + 1) * 6 + (25 * 6 + 1) * 16
    return convolutions + (side * side * 16 + 1) * 120 + (120 + 1) * 84 + (84 + 1) * 10
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("11.2", lenet_parameters)

# %% [markdown] tags=["solution"]
# Only the first dense layer depends on the image: it reads $16 \, H' W'$ numbers, with $H' = W'$ the side behind S4.
# 28 pixels without padding leave 4 x 4 places, 256 numbers and 44,426 parameters. That net is often called LeNet-5,
# too; nothing warns of the lost place.
#
# Common mistake: to keep the 400 of the original, which holds for 28 pixels with `"same"` and for 32 with `"valid"`.

# %% [markdown] tags=["exercise"]
# ### Exercise 11.3 ★★ Dropout in NumPy
#
# Write dropout as Keras does it. The random numbers are given: a number is dropped where its random number in 0..1 is
# below the rate.


# %% tags=["exercise"]
def drop(x, rate, random_numbers, training):
    """Dropout of an array x; random_numbers has its shape, training is True or False."""
    # BEGIN SOLUTION
    if not training:
        return x
    return np.where(random_numbers < rate, 0, x / (1 - rate))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("11.3", drop)

# %% [markdown] tags=["solution"]
# A share $1 - \text{rate}$ of the numbers stays. Divided by this share, they keep the expected sum, so at test time
# there is nothing left to do.
#
# Common mistake: to divide by the rate. With 0.5 you would not notice; with 0.2 the numbers become five times as
# large.

# %% [markdown] tags=["exercise"]
# ### Exercise 11.4 ★★★ Local response normalisation
#
# Write the layer in NumPy for images (N, H, W, C), with any odd $n$.


# %% tags=["exercise"]
def response_norm(x, n, k, alpha, beta):
    """Local response normalisation of x (N, H, W, C) over n neighbouring channels, n odd; the shape stays."""
    # BEGIN SOLUTION
    reach = n // 2
    squares = np.pad(x**2, [(0, 0), (0, 0), (0, 0), (reach, reach)])
    sums = sum(squares[..., j : j + x.shape[-1]] for j in range(n))
    return x / (k + alpha * sums) ** beta
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("11.4", response_norm)

# %% [markdown] tags=["solution"]
# Beyond the first and the last channel there is nothing, so zeros are right there: they add nothing to the sum.
#
# Common mistake: `np.roll`, which makes the last channel a neighbour of the first; or a mean in place of the sum.
# The latter is what some libraries do, where $\alpha$ is divided by $n$: their $\alpha$ of $5 \cdot 10^{-4}$ is the
# paper's $10^{-4}$.

# %% [markdown] tags=["exercise"]
# ### Exercise 11.5 ★★★ What one change is worth (open)
#
# Choose one step of the ladder. Is the difference real? Train both nets with five seeds or more, once with our recipe
# and once until the accuracy on validation images, set aside from the training images, no longer grows, each net with
# the best of three learning rates.
#
# *Rubric.* A good answer (1) has mean, range and number of runs for both nets and recipes, (2) chooses the learning
# rate and when to stop on images that are not the test images, (3) says whether the order after few epochs is the
# order after many, and (4) compares the difference with both uncertainties of the section above, and claims no more.

# %% [markdown]
# ## Summary
#
# - The final structure: convolution blocks, flatten, dense layers, softmax; flattening fixes the number of places.
# - LeNet-5 as built today has 61,706 parameters.
# - LeNet-5 of 1998 has 60,000: 60 kernels in C3, subsampling that learns, scaled tanh, fixed codes.
# - AlexNet has 60,965,224 with its two groups and 62,378,344 without; here it takes 227 x 227 pixels.
# - LRN divides by neighbouring channels; dropout zeroes at random in training and scales up the rest.

# %% [markdown]
# ## Further reading
#
# - Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, *Gradient-based learning applied to document recognition*,
#   Proceedings of the IEEE, 1998: section II.B is LeNet-5.
# - A. Krizhevsky, I. Sutskever and G. Hinton, *ImageNet classification with deep convolutional neural networks*,
#   NIPS 2012.
# - N. Srivastava and others, *Dropout: a simple way to prevent neural networks from overfitting*, JMLR, 2014.
# - A. Krizhevsky, *One weird trick for parallelizing convolutional neural networks*, 2014, arXiv:1404.5997: the
#   AlexNet of other widths that some libraries call AlexNet.
