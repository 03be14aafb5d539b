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
# # 14 · Residual learning
#
# More layers should not hurt the training loss, and yet notebook 13 trained deep plain nets to a *higher* one than
# shallow nets. In 2015 one addition changed this: the input of two layers is added to their output. With it, networks
# of 152 layers could be trained on ImageNet. Here you build the block, see what it changes and what not, and count the
# whole family to the last parameter.
#
# **You will be able to**
#
# - write a residual block and draw its diagram;
# - show that a deeper residual net can be set to compute what a shallower one computes;
# - say what shortcuts do to training loss and gradients, and what BatchNorm had done before;
# - choose a shortcut where shapes differ, and count what it costs;
# - count any ResNet, and say why published counts of ResNet-50 differ.
#
# **You should know** the [receptive field](08_chaining_convolutional_layers.ipynb), multiply-accumulates (MACs) and
# [counting parameters](12_number_of_learnable_parameters.ipynb), batch normalisation (BN) and
# [the problem with depth](13_the_problem_with_depth.ipynb).
#
# **Time** about 50 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, datasets, exercises, figures, layers, models, recording, reference, training
from cnncourse.models import resnet

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
DEPTHS = (8, 38)
IMAGES, EPOCHS, BATCH_SIZE = 3_000, 3, 64
WARM_UP = 40  # steps in which the learning rate rises
TEST_IMAGES = 500
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Residual learning: the block
#
# A deep net could copy a shallow one and let its further layers pass their input on unchanged. Training does not
# find that. So He and others (2015) give the identity for free. Two layers compute only what must be added to their
# input, the **residual** $F(x)$. A connection around them, the **shortcut**, adds the input; a last ReLU follows:
#
# $$y = \text{ReLU}(F(x) + x)$$
#
# $x$ and $y$ are maps of shape $(N, H, W, C)$; $F$ is the function of the layers in between. Left a plain pair of
# layers, right the paper's **residual block**.

# %%
LAYERS = ["3x3 conv", "BN", "ReLU", "3x3 conv", "BN"]
_, panels = plt.subplots(1, 2, figsize=(6, 3.4))
figures.show_block(LAYERS, shortcut=None, title="Two plain layers", ax=panels[0])
figures.show_block(LAYERS, title="The same two in a block", ax=panels[1])
plt.show()

# %% [markdown]
# Where the block strides or changes the channels, a 1x1 convolution with BN, a **projection**, brings $x$ into the
# shape of $F(x)$.


# %%
def conv_bn(x, filters, kernel_size, stride, name):
    """A convolution without bias, with as many zeros on each side, then batch normalisation."""
    x = keras.layers.ZeroPadding2D(kernel_size // 2)(x)
    settings = {"use_bias": False, "kernel_initializer": "he_normal"}  # BN takes the mean, and so a bias, away
    x = keras.layers.Conv2D(filters, kernel_size, strides=stride, name=name.format("conv"), **settings)(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name.format("bn"))(x)


def residual_block(x, filters, *, stride=1, name):
    """From (N, H, W, C) to (N, H / stride, W / stride, filters)."""
    residual = conv_bn(x, filters, 3, stride, name + "_{}1")
    residual = keras.layers.ReLU(name=name + "_relu1")(residual)
    residual = conv_bn(residual, filters, 3, 1, name + "_{}2")  # F(x)
    if x.shape != residual.shape:
        x = conv_bn(x, filters, 1, stride, name + "_shortcut_{}")
    total = keras.layers.Add(name=name + "_add")([x, residual])
    return keras.layers.ReLU(name=name + "_relu")(total)  # y


# %% [markdown]
# **Predict.** From 16 to 16 channels: how many parameters more does the block have than the plain pair of layers? And
# from 16 to 32 channels with stride 2?


# %% tags=["nbval-check-output"]
def as_model(block, channels, filters, **options):
    inputs = keras.Input((8, 8, channels))
    return keras.Model(inputs, block(inputs, filters, name="block", **options))


for channels, filters, stride in ((16, 16, 1), (16, 32, 2)):
    mine = as_model(residual_block, channels, filters, stride=stride)
    course = as_model(resnet.basic_block, channels, filters, stride=stride)
    for layer in mine.layers:
        if layer.weights:
            layer.set_weights(course.get_layer(layer.name).get_weights())
    plain = as_model(resnet.basic_block, channels, filters, stride=stride, residual=False)
    x = np.random.normal(size=(4, 8, 8, channels)).astype("float32")
    for training_mode in (True, False):
        assert np.allclose(mine(x, training=training_mode), course(x, training=training_mode), atol=1e-5)
    assert costs.count_parameters(mine) == costs.count_parameters(course)
    print(f"{channels} to {filters}: plain {costs.count_parameters(plain):,}, ", end="")
    print(f"residual {costs.count_parameters(mine):,}; output {mine.output_shape[1:]}")

# %% [markdown]
# **What we see.** With the same weights our block and the course's, `resnet.basic_block`, agree. The identity costs
# nothing; the projection adds $16 \cdot 32$ weights and $2 \cdot 32$ numbers of its BN.

# %% [markdown]
# ## A block can be the identity
#
# We set the scale $\gamma$ of the block's last BN to zero; its shift $\beta$ starts at zero.
#
# **Predict.** What does the block then give for an input of noise, and for an input without negative numbers? And the
# plain pair?

# %% tags=["nbval-check-output"]
noise = np.random.normal(size=(4, 8, 8, 16)).astype("float32")
for name, residual in {"residual": True, "plain": False}.items():
    block = as_model(resnet.basic_block, 16, 16, residual=residual)
    block.get_layer("block_bn2").gamma.assign(np.zeros(16))
    for kind, x in {"noise": noise, "ReLU of noise": np.maximum(noise, 0)}.items():
        y = np.asarray(block(x))
        assert np.array_equal(y, np.maximum(x, 0) if residual else np.zeros_like(x))
        print(f"{name:8} {kind:13} equal to the input: {np.array_equal(y, x)!s:5}  all zero: {not y.any()}")

# %% [markdown]
# **What we see.** With $F(x) = 0$ the block computes $\text{ReLU}(x)$. Inside a network $x$ comes out of a ReLU: it
# passes unchanged. The plain pair passes on nothing.
#
# **Predict.** We copy a residual net of 8 layers into one of 14, with one more block in each stage, and set the
# last $\gamma$ of those blocks to zero. Are the outputs the same? And for plain nets? (Where shapes differ, the
# shortcuts of these small nets add channels of zeros, without parameters.)


# %% tags=["nbval-check-output"]
def small_net(depth, residual):
    """The net of notebook 13's experiment, with or without shortcuts."""
    options = {"width": 0.5, "stem_stride": 3, "input_shape": (28, 28, 1)}
    return resnet.small_resnet(depth, residual=residual, **options)


images = np.random.random((16, 28, 28, 1)).astype("float32")
for name, residual in {"residual": True, "plain": False}.items():
    shallow, deep = small_net(8, residual), small_net(14, residual)
    for layer in shallow.layers:
        deep.get_layer(layer.name).set_weights(layer.get_weights())
    for stage in (1, 2, 3):
        layer = deep.get_layer(f"stage{stage}_block2_bn2")
        layer.gamma.assign(0 * layer.gamma)
    same = np.allclose(shallow(images), deep(images), atol=1e-5)
    assert same == residual
    print(f"{name:8} the same outputs: {same!s:5}", end="  ")
    print(f"parameters: {costs.count_parameters(shallow):,} and {costs.count_parameters(deep):,}")

# %% [markdown]
# **What we see.** The deeper residual net *is* the shallower one. In the plain net a zero scale lets nothing through.
# Deeper plain nets, too, could do no worse; now, the authors argue, such a solution is near: zeros.

# %% [markdown]
# ## The gradient, layer by layer
#
# It is often said that residual nets solve the problem of vanishing gradients. We build plain and residual nets of 38
# layers (and of 8, for the next section). Before any training we compute, for each convolution of the deep ones, the
# length of the loss's gradient by its kernel, on 128 images.
#
# **Predict.** In the plain net of 38 layers, with BN, the gradient does not vanish (notebook 13). From the last layer
# to the first, does it grow, fall or stay in the residual net?


# %%
def gradient_norms(net, images, labels):
    """The length of the loss's gradient by the kernel of each convolution, from the input on."""
    gradients = training.weight_gradients(net, images, labels)  # notebook 13 shows it in full view
    return [np.linalg.norm(gradient) for gradient in gradients if gradient.ndim == 4]


train = datasets.load_fashion_mnist("train", IMAGES)
families = {"plain": False, "residual": True}
nets = {(name, depth): small_net(depth, residual) for name, residual in families.items() for depth in DEPTHS}
norms = {name: gradient_norms(nets[name, 38], train.images[:128], train.labels[:128]) for name in families}

# %%
title = "Towards the input the plain net's gradient grows"
curves = {"residual, 38 layers": norms["residual"], "plain, 38 layers": norms["plain"]}
figures.show_by_layer(curves, quantity="length of gradient", title=title)
plt.show()

# %% tags=["nbval-check-output"]
first, last = np.median(norms["plain"][:5]), np.median(norms["plain"][-5:])  # of five layers each
plain_growth = np.log10(first / last)  # in powers of ten
plain_spread, residual_spread = (np.log10(max(norms[name]) / min(norms[name])) for name in families)
assert plain_growth > 1  # bound
assert plain_spread > 1  # bound
assert residual_spread < 1  # bound
print("plain: the first five layers more than 10 times the last five (medians):", plain_growth > 1)
for name, spread in {"plain": plain_spread, "residual": residual_spread}.items():
    print(f"{name}: all layers within a factor of 10: {spread < 1}")

# %% [markdown]
# **What we see.** In the plain net (orange, dashed) the gradient *grows* towards the input, by more than a power of
# ten. In the residual net (blue) all layers lie within a small factor.
# Nothing vanishes, with shortcuts or without: BN had seen to that, as He and others say. The shortcuts make gradients
# *far more even*. Whether deep plain nets train badly because theirs are not, this figure cannot tell.

# %% [markdown]
# ## The same depths, with shortcuts
#
# We train the four nets. They have the depths 8 and 38 of notebook 13. The recipe differs a little: three epochs of
# gradient descent with momentum, whose learning rate rises from 0 to 0.1 in the first 40 steps, a **warm-up**, and
# then falls to 0 along half a cosine.
#
# **Predict.** Order the four final training losses.

# %%
losses = {}
falling = EPOCHS * -(-IMAGES // BATCH_SIZE) - WARM_UP  # steps
for (name, depth), net in nets.items():
    print(f"{name}, {depth} layers")
    rate = keras.optimizers.schedules.CosineDecay(0.0, falling, warmup_target=0.1, warmup_steps=WARM_UP)
    net.compile(keras.optimizers.SGD(rate, momentum=0.9), LOSS)
    losses[name, depth] = training.fit(net, train, epochs=EPOCHS, batch_size=BATCH_SIZE).history["loss"]

# %%
_, panels = plt.subplots(1, 2, figsize=(7, 2.8), sharey=True)
titles = "8 layers: shortcuts change little", "38 layers: they matter"
for depth, title, ax in zip(DEPTHS, titles, panels, strict=True):
    for name, colour, style in (("residual", figures.BLUE, "-o"), ("plain", figures.ORANGE, "--s")):
        ax.plot(range(1, EPOCHS + 1), losses[name, depth], style, color=colour, label=name)
    ax.set(xlabel="epoch", xticks=range(1, EPOCHS + 1))
    ax.set_title(title, loc="left")
panels[0].set(ylabel="training loss", ylim=0)
panels[0].legend(loc="lower left")
plt.show()

# %% tags=["nbval-check-output"]
final = {key: loss[-1] for key, loss in losses.items()}
gain = final["plain", 38] - final["residual", 38]
growth = {name: final[name, 38] - final[name, 8] for name in families}
growth_ratio = growth["residual"] / growth["plain"]
assert gain > 0.3  # bound
assert growth_ratio < 0.25  # bound
print("at 38 layers the residual net's training loss is far lower:", gain > 0.3)
print("shortcuts take away more than three quarters of what depth adds to it:", growth_ratio < 0.25)

# %% [markdown]
# **What we see.** At 8 layers plain and residual net train alike: there is no harm to undo. At 38 the plain net is far
# behind; the shortcuts take away more than three quarters of what depth had added to the loss, without a parameter.

# %% [markdown]
# ## Dropping blocks
#
# We can take a block out of a trained residual net: with $\gamma = \beta = 0$ in its last BN it is the identity. In a
# plain net we leave out the pair of layers, so that the next pair reads what the missing one read. We do this for nine
# of the 18 blocks, one at a time, in both nets of 38 layers. (Each stage's first block stays: in stages 2 and 3 it
# changes the shape.)
#
# **Predict.** Which share of its test accuracy does each net keep when one block is missing?

# %%
test = datasets.load_fashion_mnist("test", TEST_IMAGES)
blocks = [f"stage{stage}_block{number}" for stage in (1, 2, 3) for number in (2, 4, 6)]


def accuracy_of(logits):
    return np.mean(np.argmax(logits, axis=1) == test.labels)


def without_residual_block(net, block):
    """The accuracy with the last gamma and beta of a block at zero; the net stays as it was."""
    layer = net.get_layer(f"{block}_bn2")
    kept = layer.get_weights()
    layer.set_weights([0 * kept[0], 0 * kept[1], *kept[2:]])
    accuracy = accuracy_of(net(test.images, training=False))
    layer.set_weights(kept)
    return accuracy


def without_plain_pair(net, block):
    """The accuracy when the layers of a block are left out of the chain."""
    x = test.images
    for layer in net.layers[1:]:
        if not layer.name.startswith(f"{block}_"):
            x = layer(x, training=False) if isinstance(layer, keras.layers.BatchNormalization) else layer(x)
    return accuracy_of(x)


# %%
drops = {"plain": without_plain_pair, "residual": without_residual_block}
whole = {name: accuracy_of(nets[name, 38](test.images, training=False)) for name in drops}
missing = {name: np.array([drop(nets[name, 38], block) for block in blocks]) for name, drop in drops.items()}

_, ax = plt.subplots(figsize=(6.5, 2.8))
for name, colour, mark, line in (("residual", figures.BLUE, "o", "-"), ("plain", figures.ORANGE, "s", "--")):
    ax.axhline(whole[name], color=colour, linestyle=line, linewidth=1, label=f"{name}, whole")
    ax.plot(missing[name], mark, color=colour, label=f"{name}, one missing")
ax.axhline(0.1, color=figures.GREY, linestyle=":", label="a guess")
names = [block.replace("stage", "").replace("_block", ".") for block in blocks]
ax.set(xlabel="missing block (stage.block)", ylabel="test accuracy", ylim=(0, 1))
ax.set_xticks(range(len(blocks)), names)
ax.set_title("Without one block: residual nets lose little", loc="left")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% tags=["nbval-check-output"]
residual_kept, plain_kept = (np.median(missing[name] / whole[name]) for name in ("residual", "plain"))
assert residual_kept > 0.8  # bound
assert plain_kept < 0.5  # bound
print(f"one of {len(blocks)} blocks missing (median), of its accuracy")
print("the residual net keeps more than 80 %:", residual_kept > 0.8)
print("the plain net keeps less than half:", plain_kept < 0.5)

# %% [markdown]
# **What we see.** Most blocks of the residual net (blue) can be missed, one at a time. What is left of the plain net
# (orange), worse to begin with, is mostly near a guess. Veit and others (2016) explain it by the many ways through a
# residual net: at every block through $F$ or past it. A missing block closes only those through its $F$; a plain net
# has one way only.

# %% [markdown]
# ## Shortcuts where shapes differ
#
# When a stage begins, the map is halved and the channels double. The paper compares three shortcuts:
#
# - **A**: every second pixel of $x$, and zeros for the new channels;
# - **B**: a projection, a 1x1 convolution with stride 2 (and BN), where shapes differ;
# - **C**: projections in all blocks.
#
# **Predict.** Option A maps a 4 x 4 image with 1 channel to 2 channels at stride 2. What comes out?

# %% tags=["nbval-check-output"]
x = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
shortcut = layers.PaddedShortcut(filters=2, stride=2)
for channel in (0, 1):
    print(f"channel {channel}:", np.asarray(shortcut(x))[0, :, :, channel].astype(int).tolist())
print("parameters of the shortcut:", shortcut.count_params())

# %% [markdown]
# **What we see.** Four of the 16 pixels, and zeros. "The shortcut adds parameters" is a half-truth: neither the
# identity nor A has any.
#
# Now ResNet-34. `models.outline` builds a net without numbers in its weights, to be counted.
#
# **Predict.** What do B and C cost in parameters, of about 21.6 million: under 1 %, some per cent, or half?

# %% tags=["nbval-check-output"]
published = {"A": 25.03, "B": 24.52, "C": 24.19}  # top-1 error in %; arXiv:1512.03385, table 3
counts = {}
for option, error in published.items():
    counts[option] = costs.count_parameters(models.outline("resnet34", shortcut=option))
    more = counts[option] / counts["A"] - 1
    print(f"{option}: {counts[option]:,} parameters, {more:.1%} more than A; published error {error} %")
assert counts == {"A": 21_623_848, "B": 21_797_672, "C": 22_716_840}

# %% [markdown]
# **What we see.** B costs under 1 %, C 5 %, and each lowers the error a little (published, not measured here; answers
# averaged over 10 crops of each image). The plain net has 28.54 % (table 2), so projections are not what matters.

# %% [markdown]
# ## The bottleneck
#
# From 50 layers on the paper uses the **bottleneck**: a 1x1 convolution narrows the channels to a quarter, a 3x3 works
# there, a 1x1 widens.

# %%
LAYERS = ["1x1 conv, 64", "BN, ReLU", "3x3 conv, 64", "BN, ReLU", "1x1 conv, 256", "BN"]
_, panels = plt.subplots(1, 2, figsize=(6, 3.4))
figures.show_block(LAYERS, title="Bottleneck, 256 channels", ax=panels[0])
figures.show_block(LAYERS, shortcut="1x1 conv, BN", title="With a projection", ax=panels[1])
plt.show()

# %% [markdown]
# **Predict.** Weights of (1) two 3x3 layers on 64 channels, (2) a bottleneck on 256, (3) two 3x3 layers on 256? What
# would a projection add to (2)?

# %% tags=["nbval-check-output"]
pair64, pair256 = (2 * arithmetic.conv_parameters(3, C, C, bias=False) for C in (64, 256))
sizes = {"block_conv1": (1, 256, 64), "block_conv2": (3, 64, 64), "block_conv3": (1, 64, 256)}
parts = {name: arithmetic.conv_parameters(*size, bias=False) for name, size in sizes.items()}
rows = costs.table(as_model(resnet.bottleneck_block, 256, 64))
assert parts == {row.name: row.parameters for row in rows if row.kind == "Conv2D"}
print(f"two 3x3, 64 channels:  {pair64:9,}")
print(f"bottleneck, 256:       {sum(parts.values()):9,} = {' + '.join(map(str, parts.values()))}")
print(f"two 3x3, 256 channels: {pair256:9,}")
print(f"projection, 256:       {arithmetic.conv_parameters(1, 256, 256, bias=False):9,}")

# %% [markdown]
# **What we see.** With four times the channels, the bottleneck costs about as much as the pair on 64. A projection
# would nearly double it: here the identity matters most.

# %% [markdown]
# ## ResNet: the family, exact
#
# A ResNet is a **stem** (7x7 with stride 2, max pooling), four stages of blocks with 64, 128, 256, 512 filters,
# [global average pooling](15_global_average_pooling.ipynb) and a dense layer. Its name counts the convolutions,
# except projections, and the dense layer. With $n_k$ blocks in stage $k$, of $c$ convolutions each, 2 or 3:
#
# $$\text{depth} = c \, (n_1 + n_2 + n_3 + n_4) + 2$$
#
# **Predict.** Which depth have 3, 8, 36 and 3 bottlenecks? Which members have fewer MACs than VGG-16 with its 15.5
# thousand million?

# %% tags=["nbval-check-output"]
paper = {18: "1.8", 34: "3.6", 50: "3.8", 101: "7.6", 152: "11.3"}  # 10^9 MACs; arXiv:1512.03385, table 1
family = {}
for depth, (blocks, bottleneck) in resnet.BLOCKS.items():
    assert depth == (3 if bottleneck else 2) * sum(blocks) + 2
    net = models.outline(f"resnet{depth}")
    parameters, macs, size = costs.count_parameters(net), costs.count_macs(net), costs.receptive_field(net)[0].size
    family[depth] = parameters, macs, size
    print(f"ResNet-{depth:<3} {blocks!s:14} {parameters:10,} parameters, ", end="")
    print(f"10^9 MACs {macs / 1e9:6.3f} (paper {paper[depth]:>4}), field {size:4}")
assert family[18] == (11_689_512, 1_814_073_344, 435)
assert family[34] == (21_797_672, 3_663_761_408, 899)
assert family[50] == (25_557_032, 3_857_973_248, 483)
assert family[101] == (44_549_160, 7_570_194_432, 1_027)
assert family[152] == (60_192_808, 11_282_415_616, 1_507)

# %% [markdown]
# **What we see.** All have fewer MACs than VGG-16. The receptive fields are larger than the image of 224 pixels: they
# see padding, too.
#
# Elsewhere you find 25,583,592 or 25,636,712 parameters for ResNet-50 (notebook 12), and 4.1 thousand million MACs.
#
# **Predict.** How could others get that many MACs?

# %% tags=["nbval-check-output"]
rows50 = costs.table(models.outline("resnet50"))
filters = sum(row.output_shape[-1] for row in rows50 if row.kind == "Conv2D")
channels = sum(row.output_shape[-1] for row in rows50 if row.kind == "BatchNormalization")
print(f"as in the paper                     {family[50][0]:,}")
print(f"with a bias for each filter         {family[50][0] + filters:,}")
print(f"and with the statistics of BN       {family[50][0] + filters + 2 * channels:,}")
assert (filters, channels) == (26_560, 26_560)

macs = {place: costs.count_macs(models.outline("resnet50", stride_on=place)) for place in ("1x1", "3x3")}
print(f"stride in the first 1x1: 10^9 MACs  {macs['1x1'] / 1e9:.3f}")
print(f"stride in the 3x3:       10^9 MACs  {macs['3x3'] / 1e9:.3f}")
assert macs == {"1x1": 3_857_973_248, "3x3": 4_089_184_256}

# %% [markdown]
# **What we see.** The paper and Keras stride in the first 1x1, which skips three of four pixels; torchvision in the
# 3x3. The parameters differ by Keras' biases and by BN's moving averages.
#
# For 32 x 32 pixels there is a second family: a 3x3 stem, three stages of 16, 32 and 64 filters with $a$
# blocks each, option A, $6 a + 2$ layers.
#
# **Predict.** ResNet-110 has 5.5 times the layers of ResNet-20. Has it more or less than 5.5 times the parameters?

# %% tags=["nbval-check-output"]
errors = {20: 8.75, 32: 7.51, 44: 7.17, 56: 6.97, 110: 6.43}  # in %, CIFAR-10; arXiv:1512.03385, table 6
small = {}
for depth, error in errors.items():
    net = models.outline(f"resnet{depth}")
    parameters, macs, size = costs.count_parameters(net), costs.count_macs(net), costs.receptive_field(net)[0].size
    small[depth] = parameters, macs, size
    print(f"ResNet-{depth:<3} {parameters:9,} parameters, {macs:11,} MACs, field {size:3}; published error {error} %")
print(f"parameters, 110 to 20 layers: {small[110][0] / small[20][0]:.2f} times")
assert small[20] == (269_722, 40_551_040, 81)
assert small[32] == (464_154, 68_862_592, 137)
assert small[44] == (658_586, 97_174_144, 193)
assert small[56] == (853_018, 125_485_696, 249)
assert small[110] == (1_727_962, 252_887_680, 501)

# %% [markdown]
# **What we see.** More: it has 6 times the blocks, and what comes only once is cheap: stem, head, and the first blocks
# of stages 2 and 3, which read half the channels. The published test errors fall with depth up to 110 layers (best of
# five runs) and rise to 7.93 % at 1,202: overfitting, the authors think, on so small a dataset.

# %% [markdown]
# ## The same net as everybody's
#
# Weights that others trained should run in our ResNet-50. We give two bottlenecks the same weights. One strides in the
# first 1x1, the other in the 3x3.
#
# **Predict.** Have their weights the same shapes? Have they the same outputs?

# %% tags=["nbval-check-output"]
first, second = (as_model(resnet.bottleneck_block, 16, 8, stride=2, stride_on=place) for place in ("1x1", "3x3"))
for layer in second.layers:
    if layer.weights:
        layer.set_weights(first.get_layer(layer.name).get_weights())
shapes = [sorted(tuple(weight.shape) for weight in block.weights) for block in (first, second)]
print("equal shapes: ", shapes[0] == shapes[1])
print("equal outputs:", np.allclose(first(noise), second(noise), atol=1e-3))

# %% [markdown]
# **What we see.** Equal shapes do not make equal functions. So we compare outputs: `keras.applications.ResNet50` with
# random numbers, and ours with the same.
#
# **Predict.** Which two properties must ours have to be the net of Keras?

# %% tags=["nbval-check-output"]
reference_net = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
for layer in reference_net.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        gamma, variance = np.random.uniform(0.5, 1.5, (2, layer.gamma.shape[0]))
        beta, mean = np.random.normal(0, 0.1, (2, layer.gamma.shape[0]))
        layer.set_weights([gamma, beta, mean, variance])
    elif isinstance(layer, keras.layers.Conv2D):
        layer.bias.assign(np.random.normal(0, 0.1, layer.filters))

ours = models.build("resnet50", input_shape=(64, 64, 3), stride_on="1x1", conv_bias=True)
models.load_keras_applications(ours, reference_net)
images = np.random.normal(size=(4, 64, 64, 3)).astype("float32")
theirs, mine = np.asarray(reference_net(images)), np.asarray(ours(images))
assert np.abs(mine - theirs).max() < 1e-4 * np.abs(theirs).max()
assert ours.count_params() == reference_net.count_params()
print(f"equal outputs, {ours.count_params():,} numbers, {costs.count_parameters(ours):,} of them learned")

# %% [markdown]
# **What we see.** The stride in the first 1x1, and biases: then it is the same function. (Without a second argument,
# `load_keras_applications` fetches the ImageNet weights.)

# %% [markdown]
# ## At full size
#
# Four nets of the paper's figure 6, recorded on all 50,000 images of CIFAR-10: by its recipe, but for 6 epochs in
# place of 164. Marks are the paper's test errors.
#
# **Predict.** Order the four training errors (thin lines) at the end.

# %%
NAMES = ("plain20", "plain56", "resnet20", "resnet56")
runs = recording.find(models=NAMES, dataset="cifar10")
marks = {f"resnet{depth}": errors[depth] / 100 for depth in (20, 56)}
figures.plot_recorded_runs(runs, published=marks, title="The paper's nets on CIFAR-10")
plt.show()

# %% tags=["nbval-check-output"]
short = {run.model: run for run in runs if run.epochs == 6}
ends = {name: run.curves["loss"][-1] for name, run in short.items()}
for name, run in short.items():
    print(f"{name:8}  training loss {ends[name]:.3f}, test error {run.test_error:.1%}")
added = {kind: ends[f"{kind}56"] - ends[f"{kind}20"] for kind in ("plain", "resnet")}  # by 36 more layers
print("36 layers more add to the loss:", {kind: f"{more:.3f}" for kind, more in added.items()})
assert added["resnet"] < added["plain"] / 2

# %% [markdown]
# **What we see.** Shortcuts take away more than half of what depth adds to the loss (one run
# each). What differs from the paper: 6 epochs in place of 164, a JPEG copy of the images, and bfloat16.
#
# On ImageNet the paper compares plain and residual nets at two depths (table 2; top-1 error in per cent,
# 10 crops, option A).
#
# **Predict.** The plain nets have 27.94 % at 18 layers and 28.54 % at 34. What does the residual net gain at 18, what
# at 34?

# %% tags=["nbval-check-output"]
published = {18: (27.94, 27.88), 34: (28.54, 25.03)}  # plain, residual; arXiv:1512.03385, table 2
for depth, (plain, residual) in published.items():
    print(f"{depth} layers: plain {plain} %, residual {residual} %, gained {plain - residual:.2f} points")

# %% [markdown]
# **What we see.** At 18 layers nearly nothing, at 34 layers 3.5 points: shortcuts help where depth hurts, and the
# deeper residual net is better. (Published, not measured here.)

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("14.1", 1)` gives a first step.
#
# ### Exercise 14.1 ★ The depth of a ResNet
#
# Compute the number that a ResNet has in its name. `blocks` are the blocks of the stages; there may be three stages,
# four or any number. `bottleneck` says which kind of block.


# %% tags=["exercise"]
def depth_of(blocks, bottleneck):
    """The convolutions, without projections, and the dense layer: the number in the name."""
    # BEGIN SOLUTION
    return (3 if bottleneck else 2) * sum(blocks) + 2
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("14.1", depth_of)

# %% [markdown] tags=["solution"]
# Two or three convolutions in each block, one in the stem, and the dense layer of the head. For three stages of $a$
# basic blocks this is $6 a + 2$.
#
# Common mistake: to forget stem and head, or to count projections. They have weights, but stand beside the chain.

# %% [markdown] tags=["exercise"]
# ### Exercise 14.2 ★★ Parameters of a block
#
# Count the learned parameters of a basic block (two 3x3 convolutions without biases, each with BN), option B: a 1x1
# projection with BN where shapes differ, and only there.


# %% tags=["exercise"]
def block_parameters(channels_in, channels_out, stride):
    """The learned numbers of a basic block from channels_in to channels_out, projection included."""
    # BEGIN SOLUTION
    count = 9 * channels_in * channels_out + 9 * channels_out**2 + 4 * channels_out
    if stride > 1 or channels_in != channels_out:
        count += channels_in * channels_out + 2 * channels_out
    return count
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("14.2", block_parameters)

# %% [markdown] tags=["solution"]
# BN learns two numbers for each channel, $\gamma$ and $\beta$; its moving mean and variance are not learned. The
# projection is needed if the channels change *or* the map is halved: either makes the sum impossible.
#
# Common mistake: to ask for the channels alone. A block with stride 2 and equal channels needs a projection as well.

# %% [markdown] tags=["exercise"]
# ### Exercise 14.3 ★★ A residual block in NumPy
#
# At test time BN is a scale and a shift for each channel, which can be put into kernel and bias of the convolution
# before it. Write such a block with an identity shortcut, by `reference.conv2d(x, kernel, bias, padding="same")`.


# %% tags=["exercise"]
def block_output(x, kernel1, bias1, kernel2, bias2):
    """The block's output for x (N, H, W, C), kernels (3, 3, C, C) and biases (C,)."""
    # BEGIN SOLUTION
    hidden = np.maximum(reference.conv2d(x, kernel1, bias1, padding="same"), 0)
    residual = reference.conv2d(hidden, kernel2, bias2, padding="same")
    return np.maximum(residual + x, 0)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("14.3", block_output)

# %% [markdown] tags=["solution"]
# ReLU stands between the convolutions and after the sum. The residual itself may be negative: otherwise a block could
# only ever add.
#
# Common mistake: ReLU before the sum. Then no channel can become smaller from block to block.

# %% [markdown] tags=["exercise"]
# ### Exercise 14.4 ★★★ Dropping blocks while training (open)
#
# Huang and others (2016) leave out blocks at random *in training*, each batch anew: **stochastic depth**. Write a
# layer (a class from `keras.layers.Layer`, with `call(self, x, training=None)`) that, with `training=True`,
# multiplies $F(x)$ by 0 or 1, one number for the whole batch, and at test time by the probability $p$ of keeping it.
# (`keras.random.uniform((), seed=self.seeds)` with a `keras.random.SeedGenerator` draws a number.) Put it before the
# sum in `residual_block`. Build nets of 38 layers from it: stem, three stages of 6 blocks named like
# `stage1_block2`, `GlobalAveragePooling2D`, `Dense`. Train and compare: nine trainings at least.
#
# *Rubric.* A good answer (1) checks that a dropped block gives ReLU of its shortcut, and that the layer's mean output
# over many calls agrees between training and test, (2) compares at least three $p$, among them $p = 1$, over three
# seeds or more, training and test loss with their range, (3) repeats *Dropping blocks* on a net trained so, (4) says
# whether so short a training can show a gain, and tries a $p$ that falls from the first block to the last.

# %% [markdown]
# ## Summary
#
# - A residual block computes $\text{ReLU}(F(x) + x)$; with the last $\gamma$ at zero it passes its input on unchanged.
# - With shortcuts a net of 38 layers trains nearly like one of 8; without, its training loss stays far higher.
# - The plain net's gradients did not vanish, thanks to BN; shortcuts make them far more even.
# - Identity and option A cost no parameter; projections (B, C) gain little; the bottleneck makes great depth cheap.
# - Counts of "ResNet-50" differ by biases, BN statistics and the place of the stride.

# %% [markdown]
# ## Further reading
#
# - He, Zhang, Ren and Sun, *Deep residual learning for image recognition*, arXiv:1512.03385, 2015.
# - He, Zhang, Ren and Sun, *Identity mappings in deep residual networks*, arXiv:1603.05027, 2016.
# - Veit, Wilber and Belongie, *Residual networks behave like ensembles of relatively shallow networks*,
#   arXiv:1605.06431, 2016.
# - Huang, Sun, Liu, Sedra and Weinberger, *Deep networks with stochastic depth*, arXiv:1603.09382, 2016.
