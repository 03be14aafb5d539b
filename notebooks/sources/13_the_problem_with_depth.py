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
# # 13 · The problem with depth
#
# AlexNet of 2012 has 8 layers with weights (we count convolutions and dense layers), VGG of 2014 up to 19, and the
# error on ImageNet fell. So why stop there? With batch normalisation a net of more than 30 layers can be trained, too,
# and its result surprises. This notebook shows the problem, and what it is not. The answer is
# [residual learning](14_residual_learning.ipynb).
#
# **You will be able to**
#
# - write batch normalisation in NumPy, as it works in training and as it works at test time;
# - say what it learns, what it only stores, and why `training=False` matters;
# - read the VGG family as a table of stages, and count it;
# - compare nets of growing depth by their *training* loss, and tell degradation from overfitting;
# - measure gradients layer by layer, and say what they do and do not explain.
#
# **You should know** [chains of layers](08_chaining_convolutional_layers.ipynb) and their receptive fields,
# [LeNet and AlexNet](11_lenet_and_alexnet.ipynb), and how
# [parameters and multiply-accumulates](12_number_of_learnable_parameters.ipynb) (MACs) are counted.
#
# **Time** about 50 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, backend, costs, datasets, exercises, figures, models, recording, training

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% tags=["setup"]
SEED = 1
DEPTHS = (8, 20, 38)  # layers with weights
TRAIN_IMAGES, TEST_IMAGES = 3000, 1000
EPOCHS = 4
BATCH_SIZE = 64
LEARNING_RATE = 0.1
GRADIENT_IMAGES = 500  # for each gradient

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Batch normalisation: one scale for every channel
#
# **Batch normalisation** (BatchNorm, BN) stands between a convolution and its ReLU. In training it takes each
# channel $m$ of its input $x$, $(N, H, W, C)$, over all images of the batch and all places, and gives it mean 0 and
# variance 1:
#
# $$\mu[m] = \frac{1}{N H W} \sum_{n, r, c} x[n, r, c, m], \qquad
# v[m] = \frac{1}{N H W} \sum_{n, r, c} (x[n, r, c, m] - \mu[m])^2$$
#
# $$y[n, r, c, m] = \gamma[m] \, \frac{x[n, r, c, m] - \mu[m]}{\sqrt{v[m] + \epsilon}} + \beta[m]$$
#
# $\mu$ and $v$ are the batch's mean and variance, $\epsilon$ a small constant that forbids division by 0. The
# scale $\gamma$ and the shift $\beta$ are learned, and start at 1 and 0. All four have the shape $(C)$.
#
# **Predict.** A batch of eight has 5 x 5 places and three channels of very different scale. Over which axes is the
# mean taken, and how many means are there?


# %%
def normalise(x, mean, variance, layer):
    """Batch normalisation of x (N, H, W, C) with this mean and variance, each (C,), as a Keras layer does it."""
    gamma, beta = np.asarray(layer.gamma), np.asarray(layer.beta)
    return gamma * (x - mean) / np.sqrt(variance + layer.epsilon) + beta


# %% tags=["nbval-check-output"]
x = (np.random.normal(size=(8, 5, 5, 3)) * [1, 5, 0.1] + [0, 20, -3]).astype("float32")
layer = layers.BatchNormalization(momentum=0.9, name="bn")
by_keras = np.asarray(layer(x, training=True))
mean, variance = x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))
equal = np.allclose(normalise(x, mean, variance, layer), by_keras, atol=1e-4)
print("means:", mean.shape, " NumPy equals Keras:", equal)
print("largest mean of an output channel below 1e-4:", bool(np.abs(by_keras.mean(axis=(0, 1, 2))).max() < 1e-4))
print("variances of the output channels:", by_keras.var(axis=(0, 1, 2)).round(1))
assert equal

# %% [markdown]
# **What we see.** One mean and one variance for each channel. The third variance falls short of 1: 0.01 is not large
# beside Keras' $\epsilon$ of 0.001.
#
# At test time, no answer may depend on other images. So training keeps the **moving** mean and variance for it. They
# start at 0 and 1; each training step does
#
# $$\hat\mu \leftarrow \rho \, \hat\mu + (1 - \rho) \, \mu, \qquad \hat v \leftarrow \rho \, \hat v + (1 - \rho) \, v$$
#
# with the layer's momentum $\rho$ in 0..1 (not the optimizer's).
#
# **Predict.** Our layer has seen one batch. Called again for a test, does it give the channels mean 0?

# %% tags=["nbval-check-output"]
moving_mean, moving_variance = 0.9 * 0 + 0.1 * mean, 0.9 * 1 + 0.1 * variance
assert np.allclose(moving_mean, layer.moving_mean, rtol=1e-4, atol=1e-5)
assert np.allclose(moving_variance, layer.moving_variance, rtol=1e-4)
at_test = np.asarray(layer(x, training=False))
print("NumPy equals Keras:", np.allclose(normalise(x, moving_mean, moving_variance, layer), at_test, atol=1e-3))
print("mean 0 in every channel:", np.allclose(at_test.mean(axis=(0, 1, 2)), 0, atol=0.1))
print("a plain call is a test:", np.array_equal(layer(x), at_test))

# %% [markdown]
# **What we see.** No: one batch takes the moving mean a tenth of the way from 0 to its own.
#
# **Predict.** We brighten all images but the first. In which mode does the first one's output change? In which do the
# moving averages?

# %% tags=["nbval-check-output"]
brightened = np.concatenate([x[:1], x[1:] + 10])
for mode in (True, False):
    before = np.asarray(layer.moving_mean)
    first, first_beside_bright = (np.asarray(layer(batch, training=mode))[0] for batch in (x, brightened))
    depends = not np.allclose(first, first_beside_bright, atol=1e-4)
    learns = not np.array_equal(before, layer.moving_mean)
    print(f"training={mode!s:5}  depends on the other images: {depends!s:5}  moving averages change: {learns}")
    assert depends == learns == mode

# %% [markdown]
# **What we see.** With `training=True` the whole batch decides, and each call changes what is stored. `fit` uses this
# mode; `predict`, `evaluate` and a plain call use the other.
#
# **Predict.** Notebook 12 counted 128 numbers learned and 128 stored for 64 channels. What does a bias before such a
# layer add?

# %% tags=["nbval-check-output"]
for channels in (8, 64):
    net = keras.Sequential([keras.Input((5, 5, channels)), layers.BatchNormalization(name="bn")])
    learned, stored = (sum(np.size(v) for v in vs) for vs in (net.trainable_variables, net.non_trainable_variables))
    print(f"{channels} channels: {learned} learned, {stored} only stored; count_params() {net.count_params()}")
    assert costs.count_parameters(net) == learned == stored == 2 * channels
with_bias = np.asarray(layer(x + np.array([7, -2, 1], "float32"), training=True))
changed = not np.allclose(with_bias, by_keras, atol=1e-2)
print("a bias before it changes the output:", changed)
assert not changed

# %% [markdown]
# **What we see.** Nothing: the mean takes away any bias, so convolutions before BatchNorm do without. ($2C$ learned,
# $\gamma$ and $\beta$; $2C$ moving.)
#
# **Predict.** Keras' default momentum is 0.99. Every batch has the mean 5. What is the moving mean after 20 steps, and
# after 47, an epoch of 3,000 images in batches of 64?

# %% tags=["nbval-check-output"]
batch = np.array([3, 7], "float32").reshape(2, 1, 1, 1)
for momentum in (0.99, 0.9):
    follower, seen = layers.BatchNormalization(momentum=momentum), []
    for _ in range(47):
        follower(batch, training=True)
        seen.append(float(follower.moving_mean[0]))
    print(f"momentum {momentum}: moving mean {seen[19]:.2f} after 20 steps, {seen[46]:.2f} after 47")
    assert np.isclose(seen[46], 5 * (1 - momentum**47), rtol=1e-4)

# %% [markdown]
# **What we see.** With 0.99 the layer lags behind: $0.99^{47} = 0.62$ of its start is left after an epoch, and the
# tests of a short run would be far off. This course takes 0.9.

# %% [markdown]
# ## A net that trains with it, and hardly without
#
# Eleven convolutions and a [pooled head](15_global_average_pooling.ipynb) make 12 layers with weights. We train them
# by one recipe, without and with BatchNorm: SGD with learning rate 0.1 and momentum 0.9, from Keras' default start,
# Glorot's.


# %%
def chain(depth, batch_norm, initial="glorot_uniform"):
    """Convolutions of 16 kernels, most on 7 x 7 pixels, and a pooled head: `depth` layers with weights."""
    parts = [keras.Input((28, 28, 1))]
    for number in range(1, depth):
        options = {"padding": "same", "use_bias": not batch_norm, "kernel_initializer": initial}
        parts.append(layers.Conv2D(16, 3, 2 if number <= 2 else 1, **options, name=f"conv{number}"))
        if batch_norm:
            parts.append(layers.BatchNormalization(momentum=0.9, name=f"bn{number}"))
        parts.append(layers.ReLU(name=f"relu{number}"))
    return keras.Sequential([*parts, layers.GlobalAveragePooling2D(name="pool"), layers.Dense(10, name="logits")])


# %% tags=["nbval-check-output"]
for batch_norm in (False, True):
    net = chain(12, batch_norm)
    print(f"BatchNorm {batch_norm!s:5} {costs.count_parameters(net):,} parameters, {costs.count_macs(net):,} MACs")
assert costs.count_parameters(chain(12, True)) - costs.count_parameters(chain(12, False)) == 11 * 16

# %% [markdown]
# **Predict.** A guess among ten classes has the loss $\ln 10 = 2.30$. How far does each get in two epochs of 2,000
# images?

# %%
train, test = datasets.load_fashion_mnist("train", TRAIN_IMAGES), datasets.load_fashion_mnist("test", TEST_IMAGES)
cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def train_net(net, dataset, epochs, learning_rate=LEARNING_RATE):
    """Train with one recipe for all nets; returns the training loss after each epoch."""
    net.compile(keras.optimizers.SGD(learning_rate, momentum=0.9), cross_entropy)
    return training.fit(net, dataset, epochs=epochs, batch_size=BATCH_SIZE).history["loss"]


chain_losses = {}
for batch_norm in (False, True):
    print("with BatchNorm" if batch_norm else "without")
    chain_losses[batch_norm] = train_net(chain(12, batch_norm), train.take(2000), epochs=2)[-1]

# %%
saved_by_batch_norm = chain_losses[False] - chain_losses[True]
assert saved_by_batch_norm > 0.5  # bound

# %% [markdown]
# **What we see.** By this recipe and start, the loss without BatchNorm stays at that of a guess; with it the same
# chain learns. It is no *condition*, though: another start keeps gradients alive, too (below).
#
# BatchNorm is often said to work because it removes "internal covariate shift", the change of a layer's inputs as the
# layers before it learn. That is contested: Santurkar and others (2018) put such shifts in behind it, and their net
# learned as quickly.

# %% [markdown]
# ## VGG: stages of 3x3 convolutions
#
# How deep should a net be? Simonyan and Zisserman (2014) varied the depth and fixed the rest: 3x3 kernels, because
# three of them see as far as one 7x7 with fewer weights ([notebook 08](08_chaining_convolutional_layers.ipynb)). A
# **stage** is some convolutions that keep the size, followed by a 2x2 max pool; when the side halves, the
# kernels double, up to 512.

# %% tags=["nbval-check-output"]
print("kernels of each stage:", models.vgg.FILTERS)
for name, kernel_sizes in models.vgg.KERNEL_SIZES.items():
    print(f"{name:10}", *("-".join(map(str, stage)) for stage in kernel_sizes))

# %% [markdown]
# Each number is a kernel size. Three dense layers follow. `vgg16` in blocks:

# %%
vgg16 = models.outline("vgg16")  # to be counted, not to be run
rows = {row.name: row for row in costs.table(vgg16)}
picture = [("image", (224, 224, 3))]
picture += [(f"stage {stage}", rows[f"stage{stage}_pool"].output_shape) for stage in range(1, 6)]
picture += [(name, rows[name].output_shape) for name in ("fc1", "fc2", "logits")]
_ = figures.show_structure(picture)
plt.show()

# %% [markdown]
# **Predict.** From stage 3 to stage 4 the side halves and the kernels double. What becomes of the weights, and what of
# the MACs?

# %% tags=["nbval-check-output"]
print("        output           parameters             MACs  receptive field")
for part in ("stage1", "stage2", "stage3", "stage4", "stage5", "fc", "logits"):
    own = [row for row in rows.values() if row.name.startswith(part)]
    shape = " x ".join(map(str, own[-1].output_shape))
    parameters, macs = sum(row.parameters for row in own), sum(row.macs for row in own)
    field = own[-1].receptive_field[0].size if own[-1].receptive_field else "all"
    print(f"{part:7} {shape:15} {parameters:11,}  {macs:15,}  {field:>15}")
total = costs.count_parameters(vgg16), costs.count_macs(vgg16)
print("sum    ", *(f"{number:,}" for number in total))
assert total == (138_357_544, 15_470_264_320)
assert costs.receptive_field(vgg16)[0].size == 212

# %% [markdown]
# **What we see.** Four times the weights at a quarter of the places: the MACs are equal (notebook 12). The dense
# layers hold nearly nine tenths of all weights.
#
# **Predict.** Next, the paper's errors on ImageNet (published, not measured here). Where does depth stop paying?

# %% tags=["nbval-check-output"]
TOP1_ERROR = {"vgg11": 29.6, "vgg13": 28.7, "vgg16_1x1": 28.1, "vgg16": 27.0, "vgg19": 27.3}  # per cent, table 3
TOP5_ERROR = {"vgg11": 10.4, "vgg13": 9.9, "vgg16_1x1": 9.4, "vgg16": 8.8, "vgg19": 9.0}  # one scale, S = 256
depths, counts = {}, {}
for name, kernel_sizes in models.vgg.KERNEL_SIZES.items():
    depths[name] = sum(map(len, kernel_sizes)) + 3
    channels, counts[name] = 3, 123_642_856  # of the image; of the three dense layers
    for filters, sizes in zip(models.vgg.FILTERS, kernel_sizes, strict=True):
        for size in sizes:
            counts[name] += arithmetic.conv_parameters(size, channels, filters)
            channels = filters
    print(f"{name:10} {depths[name]} layers, {counts[name]:,} parameters, ", end="")
    print(f"error {TOP1_ERROR[name]} %, {TOP5_ERROR[name]} % (top-5)")
assert counts["vgg16"] == 138_357_544
assert TOP1_ERROR["vgg19"] > TOP1_ERROR["vgg16"]

# %%
ax = figures.new_axes(width=5, height=2.6)
threes = [name for name in depths if name != "vgg16_1x1"]
ax.plot([depths[name] for name in threes], [TOP1_ERROR[name] for name in threes], "o-")
ax.plot(depths["vgg16_1x1"], TOP1_ERROR["vgg16_1x1"], "s", label="with 1x1 kernels")
ax.set(xlabel="layers with weights", ylabel="top-1 error (%)", title="VGG saturates at 16 to 19 layers (published)")
ax.legend()
plt.show()

# %% [markdown]
# **What we see.** From 11 to 16 layers the error falls; from 16 to 19 it stays about the same. At 16 layers, 3x3
# kernels do better than 1x1 in the same places. (**Top-5**: the right class is not among the five largest logits;
# top-1: it is not the largest.)
#
# VGG has no BatchNorm, which came after it; the authors started the deeper nets from trained layers of the
# shallowest. With BatchNorm, can we just go on?

# %% [markdown]
# ## The problem with increasing depth
#
# A **plain** net is a first 3x3 convolution (the **stem**), three stages of equally many convolutions, each with
# BatchNorm and ReLU, and the pooled head. With $2a$ convolutions in a stage it has $6a + 2$ layers with weights. At
# stages 2 and 3 a stride of 2 halves the map, and the kernels double. Ours have 8, 16 and 32 kernels, and a stem of
# stride 3 to save time.

# %% tags=["nbval-check-output"]
options = {"residual": False, "width": 0.5, "stem_stride": 3, "input_shape": (28, 28, 1)}
for depth in DEPTHS:
    net = models.resnet.small_resnet(depth, **options)
    convolutions = sum(isinstance(layer, layers.Conv2D) for layer in net.layers)
    print(f"plain {depth:2}: {convolutions} convolutions, {costs.count_parameters(net):7,} parameters", end=", ")
    print(f"{costs.count_macs(net):10,} MACs, receptive field {costs.receptive_field(net)[0].size}")
    assert convolutions == depth - 1
rows_of_maps = [net.get_layer(f"stage{stage}_block1_conv2").output.shape[1] for stage in (1, 2, 3)]
print("rows of the maps in the three stages:", rows_of_maps)

# %% [markdown]
# **Predict.** Same images, epochs and recipe for all. Which ends with the lowest *training* loss?

# %%
plain, losses = {}, {}
for depth in DEPTHS:
    print(f"plain {depth}")
    plain[depth] = models.resnet.small_resnet(depth, **options)
    losses[depth] = train_net(plain[depth], train, EPOCHS)

# %%
ax = figures.new_axes(width=5, height=2.8)
for depth, colour, line in zip(DEPTHS, (figures.BLUE, figures.GREY, figures.ORANGE), "-:-", strict=True):
    ax.plot(range(1, EPOCHS + 1), losses[depth], line, color=colour, marker="o", label=f"plain {depth}")
ax.set(xlabel="epoch", ylabel="training loss", xticks=range(1, EPOCHS + 1), ylim=(0, None))
ax.set_title("Deeper plain nets fit their training images worse")
ax.legend()
plt.show()

# %%
final = {depth: losses[depth][-1] for depth in DEPTHS}
doublings_20, doublings_38 = np.log2([final[20] / final[8], final[38] / final[8]])
doublings_further = doublings_38 - doublings_20  # from 20 layers to 38
assert doublings_20 > 0  # bound
assert doublings_38 > 0.5  # bound
assert doublings_further > 0.1  # bound
for depth in DEPTHS:
    answers = np.argmax(plain[depth](test.images), axis=1)
    print(f"plain {depth:2}: test accuracy {np.mean(answers == test.labels):.3f}")

# %% [markdown]
# **What we see.** The deeper the net, the higher its *training* loss. A net that overfits has a low training loss, and
# fails on other images; this one fits not even those that it sees. He and others (2015) call it **degradation**.
#
# One run of each: the losses change with the seed; the order is the same for five others (`tests/bounds.json`). And
# four epochs show only that the deep net is *slower*; He and others trained to the end, and it stayed behind.

# %% [markdown]
# ## Gradients and activations, layer by layer
#
# "Deep nets fail because gradients vanish" is the usual explanation. `backend.value_and_gradient` takes
# the derivative with respect to *one* array, so we join all weights into one.


# %%
parts = slice(GRADIENT_IMAGES), slice(GRADIENT_IMAGES, 2 * GRADIENT_IMAGES)
first, second = ((train.images[part], train.labels[part]) for part in parts)  # images and labels each


def weight_gradients(net, images, labels):
    """The derivative of the loss, in training mode, with respect to each array that the net learns."""
    arrays = [np.asarray(variable) for variable in net.trainable_variables]
    stored = [np.asarray(variable) for variable in net.non_trainable_variables]
    cuts = np.cumsum([array.size for array in arrays])[:-1].tolist()

    def loss(flat):
        parts = zip(keras.ops.split(flat, cuts), arrays, strict=True)
        weights = [keras.ops.reshape(part, array.shape) for part, array in parts]
        logits, _ = net.stateless_call(weights, stored, images, training=True)  # runs with weights handed over
        return cross_entropy(labels, logits)

    _, gradient = backend.value_and_gradient(loss, np.concatenate([array.ravel() for array in arrays]))
    return [part.reshape(a.shape) for part, a in zip(np.split(gradient, cuts), arrays, strict=True)]


def kernel_norms(gradients):
    """The length of the gradient by each convolution's kernel, from the first to the last."""
    return [float(np.linalg.norm(gradient)) for gradient in gradients if gradient.ndim == 4]


def spreads(net):
    """The standard deviation of each ReLU's output in a chain, from the first to the last, in training mode."""
    x, found = first[0], []
    for layer in net.layers:
        x = layer(x, training=True)
        if isinstance(layer, layers.ReLU):
            found.append(float(np.std(x)))
    return found


# %% tags=["nbval-check-output"]
ours, theirs = weight_gradients(plain[8], *first), training.weight_gradients(plain[8], *first)
equal = all(np.allclose(a, b, rtol=1e-3, atol=1e-4) for a, b in zip(ours, theirs, strict=True))
print("arrays that plain 8 learns:", len(ours), " training.weight_gradients gives the same:", equal)
assert equal

# %% [markdown]
# **Predict.** Three chains of 38 layers before training: without BatchNorm, from Glorot's start and from He's (twice
# the variance), and with BatchNorm. How large is the gradient at the first layer, compared with the last?

# %%
starts = {"with BatchNorm": (True, "glorot_uniform"), "without, He start": (False, "he_normal")}
starts["without, Glorot start"] = (False, "glorot_uniform")
chains = {name: chain(38, batch_norm, initial) for name, (batch_norm, initial) in starts.items()}
norms = {name: kernel_norms(weight_gradients(net, *first)) for name, net in chains.items()}
_, panels = plt.subplots(1, 2, figsize=(8, 3))
figures.show_by_layer({name: spreads(net) for name, net in chains.items()}, quantity="spread of outputs", ax=panels[0])
figures.show_by_layer(norms, quantity="length of gradient", ax=panels[1], legend=False)
panels[0].set_title("At the start, outputs ...")
panels[1].set_title("... and gradients (colours as left)")
plt.show()

# %%
orders_without = np.log10(np.median(norms["without, Glorot start"]))  # powers of ten
orders_by_start = np.log10(np.median(norms["without, He start"])) - orders_without
assert orders_without < -5  # bound
assert orders_by_start > 0.5  # bound

# %% [markdown]
# **What we see.** From Glorot's start (dotted, grey) the outputs' spread (standard deviation) shrinks layer by layer:
# each ReLU halves their mean square. The gradients are minute, but *equally* so from first to last: each is a product
# of its kernel's inputs, which shrink with depth, and what comes back from behind, which shrinks the other way.
#
# Most of it is due to the *start*. He's (dashed) makes up for the halving and gains powers of ten. BatchNorm (solid)
# keeps the outputs at one scale, from Glorot's start, too, and gradients *grow* towards the first layer. (Yang and
# others, 2019: BatchNorm itself makes them grow.)
#
# **Predict.** Do the gradients of plain 38, which has BatchNorm, vanish after training?

# %%
fresh = {f"plain {depth}": models.resnet.small_resnet(depth, **options) for depth in (8, 38)}
gradients = {name: weight_gradients(net, *first) for name, net in fresh.items()}
norms = {f"plain {depth}, trained": kernel_norms(weight_gradients(plain[depth], *first)) for depth in (8, 38)}
norms["plain 38, at the start"] = kernel_norms(gradients["plain 38"])
ax = figures.show_by_layer(norms, quantity="length of gradient")
ax.set_title("After training no layer is without a gradient")
plt.show()

# %%
at_start = norms["plain 38, at the start"]
orders_from_last_to_first = np.log10(np.mean(at_start[:5]) / np.mean(at_start[-5:]))  # five layers each
orders_after = np.log10(min(norms["plain 38, trained"]) / min(norms["plain 8, trained"]))
assert orders_from_last_to_first > 0.5  # bound
assert orders_after > -1.6  # bound

# %% [markdown]
# **What we see.** At the start the gradients of plain 38 grow towards the first layers (dotted, grey). After training
# they may be smaller than those of plain 8, but no layer is cut off. He and others, too, think vanishing gradients
# an unlikely cause. Do they explode? Exercise 13.5 tries a smaller learning rate.
#
# A length does not tell whether a gradient is of any *use*. We compute it at the start from 500 images, and from 500
# others. The cosine of the two is 1 if they agree, and near 0 if not at all.
#
# **Predict.** At which depth do they agree?


# %%
def cosine(a, b):
    """The cosine of the angle between two lists of arrays, each taken as one long vector."""
    a, b = (np.concatenate([array.ravel() for array in arrays]) for arrays in (a, b))
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


agreement, at_head = {}, {}
for name, net in fresh.items():
    again = weight_gradients(net, *second)
    agreement[name] = cosine(gradients[name], again)
    at_head[name] = cosine(gradients[name][-2:-1], again[-2:-1])  # the kernel of `logits`
    print(f"{name:8} all weights {agreement[name]:5.2f}, the head's kernel alone {at_head[name]:.2f}")

# %%
lost_agreement = agreement["plain 8"] - agreement["plain 38"]
assert lost_agreement > 0.2  # bound
assert at_head["plain 38"] > 0.4  # bound

# %% [markdown]
# **What we see.** At the head both nets' gradients agree. Over all weights those of plain 38 hardly do: its first
# layers, with the longest, count most. Balduzzi and others (2017) found something related, "shattered" gradients: from
# one input to the next they change like noise. This is measured at the start; it does not prove the cause.

# %% [markdown]
# ## A better solution exists
#
# Could it be that no net of 38 such layers fits these images well? We can *build* one that does as well as our trained
# plain 8. Its layers bear the names of the first ones of each stage of plain 38: copy them there. Every further
# convolution gets a kernel with 1 in the centre for its own channel and 0 elsewhere: it copies its input. Every
# further BatchNorm gets a scale that undoes its division.
#
# **Predict.** Each copy is followed by a ReLU. Does that change anything?


# %%
def deepen(shallow, deep):
    """Give the deep net the shallow one's layers, and make all its other layers copy their input."""
    known = {layer.name for layer in shallow.layers}
    for layer in deep.layers:
        if layer.name in known:
            layer.set_weights(shallow.get_layer(layer.name).get_weights())
        elif isinstance(layer, layers.Conv2D):
            kernel = np.zeros(layer.kernel.shape)
            kernel[1, 1] = np.eye(kernel.shape[-1])
            layer.set_weights([kernel])
        elif isinstance(layer, layers.BatchNormalization):  # new: beta 0, moving mean 0, moving variance 1
            layer.gamma.assign(np.full(layer.gamma.shape, np.sqrt(1 + layer.epsilon)))


# %% tags=["nbval-check-output"]
for start in range(0, 2000, BATCH_SIZE):  # the weights rest now: the moving averages of plain 8 come to rest, too
    plain[8](train.images[start : start + BATCH_SIZE], training=True)
built = models.resnet.small_resnet(38, **options)
deepen(plain[8], built)
logits = {name: np.asarray(net(test.images)) for name, net in (("plain 8", plain[8]), ("built", built))}
same = np.allclose(logits["plain 8"], logits["built"], rtol=1e-3, atol=1e-2)
print("copied convolutions:", *(layer.name for layer in plain[8].layers if isinstance(layer, layers.Conv2D)))
print("parameters of the 38 layers:", f"{costs.count_parameters(built):,}")
print("same logits as plain 8 on all test images:", same)
assert same

# %%
part, loss = train.take(2000), {}
for name, net in (("plain 8", plain[8]), ("plain 38, built", built), ("plain 38, trained", plain[38])):
    loss[name] = float(cross_entropy(part.labels, net(part.images)))
    print(f"{name:18} loss on 2,000 training images {loss[name]:.3f}")
# the trained net in test mode or in its last epoch, whichever is kinder to it
doublings_over_built = np.log2(min(loss["plain 38, trained"], final[38]) / loss["plain 38, built"])
assert doublings_over_built > 0  # bound

# %% [markdown]
# **What we see.** What a copy gets has passed a ReLU before, and a second ReLU changes nothing. So the 38 layers
# compute what the 8 compute. A better solution exists, among the very nets that training searched: **this training did
# not find the way**. He and others suspect that such layers find it hard to learn to do nothing.
# [Notebook 14](14_residual_learning.ipynb) makes doing nothing the default.

# %% [markdown]
# ## At full size
#
# **Predict.** He and others (2015, table 2) trained plain nets of 18 and of 34 layers on ImageNet. Which has the lower
# error? (Published, not measured here.)

# %% tags=["nbval-check-output"]
PUBLISHED = {"plain18": 27.94, "plain34": 28.54}  # top-1 error on ImageNet's validation images, per cent
for name, error in PUBLISHED.items():
    net = models.outline(name)
    print(f"{name}: {costs.count_parameters(net):,} parameters, {costs.count_macs(net):,} MACs, error {error} %")

# %% [markdown]
# **What we see.** Twice the work, for more errors. In their figure 4 the deeper net's *training* error is the higher
# one, too.
#
# The paper's nets for CIFAR-10 (32 x 32 pixels in colour) are ours at full width, with a stem of stride 1. We
# trained plain 20 and plain 56 on all 50,000 images, for 6 epochs where the paper has 164.
#
# **Predict.** Which has the lower training error (thin line)?

# %%
WANTED = ("plain20", "plain32", "plain44", "plain56")
runs = recording.find(models=WANTED, dataset="cifar10")
print(recording.how_to_record(WANTED, "cifar10"))
_ = figures.plot_recorded_runs(runs, title="The paper's nets on CIFAR-10")
plt.show()

# %% tags=["nbval-check-output"]
short = {run.model: run for run in runs if run.epochs == 6}
for name, run in short.items():
    images, end = run.images["train"], run.curves["loss"][-1]
    print(f"{name}: {images:,} images, {run.epochs} epochs, training loss {end:.3f}, test error {run.test_error:.1%}")
assert short["plain56"].curves["loss"][-1] > 1.5 * short["plain20"].curves["loss"][-1]

# %% [markdown]
# **What we see.** At full width, on the paper's data, depth costs *training* loss, too. (One run each, on a JPEG copy
# of the images.)

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("13.1", 1)` gives a first step.
#
# ### Exercise 13.1 ★ A stage of VGG with batch normalisation
#
# Stage 3 of `vgg16` reads 128 channels and has three 3x3 convolutions of 256 kernels. We leave out their biases and
# put a BatchNorm behind each. How many numbers does this stage learn?

# %% tags=["exercise"]
learned_in_stage = 3 * 3 * 128 * 256 + 2 * 3 * 3 * 256 * 256 + 3 * 2 * 256  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("13.1", learned_in_stage)

# %% [markdown] tags=["solution"]
# The first convolution reads 128 channels, the other two read 256. Each BatchNorm learns a scale and a shift for each
# of its 256 channels.
#
# Common mistake: to count the moving means and variances. They are stored with the net, but the loss has no derivative
# by them: they are averages, not learned.

# %% [markdown] tags=["exercise"]
# ### Exercise 13.2 ★★ Batch normalisation with channels first
#
# Some frameworks order their arrays (N, C, H, W). Write batch normalisation for this order, in training mode.


# %% tags=["exercise"]
def normalise_channels_first(x, gamma, beta, epsilon):
    """Batch normalisation of x (N, C, H, W) in training mode; gamma and beta are (C,)."""
    # BEGIN SOLUTION
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    variance = x.var(axis=(0, 2, 3), keepdims=True)
    return gamma.reshape(-1, 1, 1) * (x - mean) / np.sqrt(variance + epsilon) + beta.reshape(-1, 1, 1)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("13.2", normalise_channels_first)

# %% [markdown] tags=["solution"]
# One mean for each channel: the average runs over images, rows and columns. NumPy aligns shapes at the *last* axis, so
# what has the shape (C,) needs two axes of length 1 behind it.
#
# Common mistake: to leave out axis 0. Then each image is normalised by itself, which is another layer (instance
# normalisation). Or to add $\epsilon$ to the square root.

# %% [markdown] tags=["exercise"]
# ### Exercise 13.3 ★★ Moving averages
#
# A layer has been trained on a list of batches, one after the other. What has it stored?


# %% tags=["exercise"]
def moving_averages(batches, momentum):
    """Moving mean and moving variance after all batches, each (N, H, W, C), as one array (2, C)."""
    # BEGIN SOLUTION
    channels = batches[0].shape[-1]
    mean, variance = np.zeros(channels), np.ones(channels)
    for x in batches:
        mean = momentum * mean + (1 - momentum) * x.mean(axis=(0, 1, 2))
        variance = momentum * variance + (1 - momentum) * x.var(axis=(0, 1, 2))
    return np.stack([mean, variance])
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("13.3", moving_averages)

# %% [markdown] tags=["solution"]
# Each step keeps the share $\rho$ of what was stored and takes $1 - \rho$ of the batch's statistics. The start, 0
# and 1, fades by $\rho$ in each step.
#
# Common mistake: to exchange the two shares. Then a momentum of 0.99 keeps little but the last batch. Or to
# start the variance at 0.

# %% [markdown] tags=["exercise"]
# ### Exercise 13.4 ★★ A batch normalisation that does nothing
#
# A trained layer has these moving averages. Which $\gamma$ and $\beta$ make it copy its input at test time?


# %% tags=["exercise"]
def copying_scale_and_shift(moving_mean, moving_variance, epsilon):
    """The scale gamma and the shift beta, each (C,), with which y = x at test time, as one array (2, C)."""
    # BEGIN SOLUTION
    return np.stack([np.sqrt(moving_variance + epsilon), moving_mean])
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("13.4", copying_scale_and_shift)

# %% [markdown] tags=["solution"]
# $\gamma$ undoes the division, $\beta$ puts the mean back. So BatchNorm takes no function away from a net.
#
# Common mistake: $\gamma = \sqrt{\hat v}$. It is nearly right where the variance is large, and wrong where it is not
# large beside $\epsilon$. Or the variance itself, without the root.

# %% [markdown] tags=["exercise"]
# ### Exercise 13.5 ★★★ What would help the deep plain net? (open)
#
# Choose one possible cause: the learning rate is too large for 38 layers, four epochs are too few, 8 kernels are too
# narrow, or the start is bad (train what `deepen` builds). Train plain 8 and plain 38 with that one thing changed.
# (`train_net` takes a `learning_rate`, `training.setup` a seed.)
#
# *Rubric.* A good answer (1) says before the run what the cause predicts for *both* depths, (2) changes one thing, (3)
# compares training losses at equal epochs, with two seeds each, (4) says whether the *ratio* of the losses comes
# nearer to 1 or only both losses fall, and which causes remain.

# %% [markdown]
# ## Summary
#
# - In training, BatchNorm gives each channel mean 0 and variance 1 over batch and places; at test time it uses moving
#   averages. $2C$ numbers are learned, $2C$ stored.
# - VGG builds depth from stages of 3x3 convolutions; its published error saturates at 16 to 19 layers.
# - Without BatchNorm, a bad start makes gradients minute.
# - By one recipe, deeper plain nets have the higher *training* loss: degradation, not overfitting.
# - Their gradients do not vanish, and a better solution exists; this training did not find it.

# %% [markdown]
# ## Further reading
#
# - S. Ioffe, C. Szegedy, *Batch normalization: accelerating deep network training by reducing internal covariate
#   shift*, 2015, arXiv:1502.03167.
# - S. Santurkar, D. Tsipras, A. Ilyas, A. Madry, *How does batch normalization help optimization?*, 2018,
#   arXiv:1805.11604.
# - K. Simonyan, A. Zisserman, *Very deep convolutional networks for large-scale image recognition*, 2014,
#   arXiv:1409.1556: VGG.
# - K. He, X. Zhang, S. Ren, J. Sun, *Deep residual learning for image recognition*, 2015, arXiv:1512.03385: the
#   problem, in figures 1 and 4, and its solution.
# - D. Balduzzi and others, *The shattered gradients problem*, 2017, arXiv:1702.08591.
# - G. Yang and others, *A mean field theory of batch normalization*, 2019, arXiv:1902.08129: why gradients grow
#   towards the first layer.
