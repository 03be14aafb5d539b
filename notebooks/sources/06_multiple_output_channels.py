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
# # 06 · Multiple output channels
#
# One kernel makes one feature map, and one map says little: Sobel x misses horizontal edges. A layer therefore holds
# many kernels, which all read the same input, and stacks their maps as channels. Here you build such a layer by hand,
# read directions off its channels, and find that eight channels can hold no more than two. Then you put your kernels
# beside the 32 that a network has learned from photographs.
#
# **You will be able to**
#
# - say the shapes and count the parameters of a layer with many output channels;
# - put a list of kernels into a Keras layer without mixing up the axes;
# - compute from two channels how strong an edge is and towards which angle it gets brighter;
# - measure how many channels of a layer are independent;
# - read the first kernels of a trained network, and compare them with random ones.
#
# **You should know** kernels and correlation from [notebook 02](02_convolution.ipynb), kernels that read three
# channels from [notebook 04](04_colour_images_as_inputs.ipynb), and feature maps from
# [notebook 05](05_output_activation.ipynb).
#
# **Time** about 10 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, datasets, exercises, figures, models, reference, training, widgets

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
ANGLES = np.arange(8) * 22.5  # degrees

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Multiple channel output activation: one kernel for each output channel
#
# Sobel x and Sobel y, together in one layer: the last axis of the kernel array numbers the **output channels**.
# Without padding, and with the kernel moving by one pixel, every output is
#
# $$y[n, r, c, o] = b[o] + \sum_{i=0}^{k_h-1} \sum_{j=0}^{k_w-1} \sum_{m=0}^{C_\text{in}-1}
# w[i, j, m, o] \; x[n, r + i, c + j, m]$$
#
# $x$ is the input $(N, H, W, C_\text{in})$, $w$ the kernel array $(k_h, k_w, C_\text{in}, C_\text{out})$, $b$ the
# bias $(C_\text{out})$, $y$ the output $(N, H', W', C_\text{out})$; $n$ numbers images, $m$ input channels, $o$
# output channels. The index $o$ stands in $w$, in $b$ and in $y$, but not in $x$: all kernels read the same input.
#
# **Predict.** One grey image of 400 x 600 pixels. Which shapes have the kernel array and the output, and how many
# parameters has the layer, biases included?

# %% tags=["nbval-check-output"]
photograph = datasets.to_grey(datasets.load_photograph("coffee")).astype("float32")
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
sobel = np.stack([sobel_x, sobel_x.T], axis=-1)[:, :, None, :]
bias = np.array([0.1, -0.2])

layer = keras.layers.Conv2D(filters=2, kernel_size=3, name="sobel")
layer.build((None, 400, 600, 1))
layer.set_weights([sobel, bias])
maps = keras.ops.convert_to_numpy(layer(photograph[None, :, :, None]))
print("kernel array", sobel.shape, "output", maps.shape, "parameters", layer.count_params())
assert layer.count_params() == arithmetic.conv_parameters(3, channels_in=1, channels_out=2)

# %% [markdown]
# **What we see.** Each output channel has its own kernel, $k_h k_w C_\text{in}$ weights, and *one* bias. So a layer
# has $(k_h k_w C_\text{in} + 1) \, C_\text{out}$ parameters, here (9 + 1) times 2.
#
# **Predict.** Channel $o$ should be the correlation with kernel $o$ alone, plus $b[o]$. If we set kernel 1 to zero,
# what happens to channel 0?


# %% tags=["nbval-check-output"]
def relative_difference(a, b):
    """The largest difference of a and b, relative to the largest magnitude in b."""
    return np.abs(a - b).max() / np.abs(b).max()


for o in range(2):
    alone = reference.correlate(photograph, sobel[:, :, 0, o]) + bias[o]
    assert relative_difference(maps[0, :, :, o], alone) < 1e-5
layer.set_weights([sobel * [1, 0], bias])
changed = keras.ops.convert_to_numpy(layer(photograph[None, :, :, None]))
print("channel 0 stays:", relative_difference(changed[..., 0], maps[..., 0]) < 1e-5)
print("channel 1 is now", np.unique(changed[..., 1]).round(3))
assert relative_difference(changed[..., 0], maps[..., 0]) < 1e-5

# %% [markdown]
# **What we see.** Nothing: the channels of a layer do not know of each other. What is left of channel 1 is its bias.


# %%
def layer_with(kernels, name):
    """A Conv2D without bias whose weights are the array (kh, kw, C_in, C_out)."""
    layer = keras.layers.Conv2D(kernels.shape[3], kernels.shape[:2], use_bias=False, name=name)
    layer.build((None, None, None, kernels.shape[2]))
    layer.set_weights([kernels])
    return layer


def maps_of(layer, image):
    """The layer's output (H', W', C_out) for one grey image (H, W)."""
    return keras.ops.convert_to_numpy(layer(image[None, :, :, None]))[0]


# %% [markdown]
# **Predict.** Two kernels stacked on axis 0, in place of the last, are refused. And three?

# %% tags=["nbval-check-output"]
laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
two, three = [sobel_x, sobel_x.T], [sobel_x, sobel_x.T, laplacian]
try:
    layer.set_weights([np.stack(two, axis=0)[:, :, None, :], bias])
except ValueError as error:
    print(type(error).__name__, "-", error)
wrong = np.stack(three, axis=0)[:, :, None, :]
accepted = layer_with(wrong, "stacked_on_axis_0")
print("accepted, shape", wrong.shape, "and kernel 0 is")
print(accepted.get_weights()[0][:, :, 0, 0].astype(int))
assert not np.array_equal(accepted.get_weights()[0][:, :, 0, 0], sobel_x)

# %% [markdown]
# **What we see.** Three kernels of three rows pass: the shape is right, the kernels are not. Channel 0 got the first
# column of each kernel as its rows.

# %% [markdown]
# ## From two maps to magnitude and direction
#
# At each pixel the two channels $g_x$, $g_y$ are a vector: the **gradient**, which points to where the image gets
# brighter. Its length and its angle are
#
# $$g = \sqrt{g_x^2 + g_y^2}, \qquad \varphi = \operatorname{atan2}(g_y, g_x)$$
#
# The angle $\varphi$ is the gradient's **direction**: in degrees, 0 to the right, 90 *down*, since rows count
# downwards. The function atan2 looks at both signs; the quotient $g_y / g_x$ cannot tell left from right, and fails at
# $g_x = 0$.
#
# On a bright ring the gradient at each place is known from geometry.
#
# **Predict.** At the topmost point of its *outer* edge: what is $\varphi$, and along which angle does the edge run?
# And at the topmost point of its *inner* edge?

# %%
y, x = np.mgrid[:129, :129] - 64.0
radius = np.hypot(x, y)
ring = 1 / (1 + np.exp((radius - 50) / 1.5)) - 1 / (1 + np.exp((radius - 28) / 1.5))

gradient = maps_of(layer_with(sobel, "sobel_only"), ring)
magnitude = np.hypot(gradient[..., 0], gradient[..., 1])
angle = np.degrees(np.arctan2(gradient[..., 1], gradient[..., 0])) % 360  # atan2 gives -180 to 180


def apart(a, b, period=360):
    """How far two angles in degrees lie apart, at most half a period."""
    return np.abs((a - b + period / 2) % period - period / 2)


# %% tags=["nbval-check-output"]
column = angle[:, 63]  # the column through the centre; output pixel [r, c] is centred on image pixel [r + 1, c + 1]
print("outer edge, top: gradient", round(column[13]), "   inner edge, top: gradient", round(column[35]))

to_centre = np.degrees(np.arctan2(-y, -x))[1:-1, 1:-1]
true = np.where(radius[1:-1, 1:-1] > 39, to_centre, to_centre + 180)
off = apart(angle, true)[magnitude > magnitude.max() / 2]
print("outside to the centre, inside away from it, at", off.size, "edge pixels within 1 degree:", off.max() < 1)
assert off.max() < 1

# %% [markdown]
# **What we see.** At the outer edge the gradient points to the centre, at the inner edge away from it. At the top
# both edges run horizontally, while their gradients are vertical. So keep apart:
#
# - the **direction** of a gradient, an angle modulo 360. Exchanging dark and bright turns it by 180 degrees;
# - the **orientation** of an edge, the angle along which it runs, modulo 180: at a right angle to the gradient.
#
# Colours show the gradient's angle. The wheel is the legend: a gradient straight down has the colour at the wheel's
# bottom. Grey means no edge.
#
# **Predict.** Left the angle modulo 360, right modulo 180: in which of the two have the ring's edges the same colours?

# %%
_, axes = plt.subplots(1, 4, figsize=(6.6, 1.9), width_ratios=(3, 2, 3, 2))
figures.show_angles(angle, magnitude, axes[0], title="Modulo 360 they differ")
figures.show_wheel(axes[1], title="gradient")
figures.show_angles(angle, magnitude, axes[2], period=180, title="Modulo 180 they agree")
figures.show_wheel(axes[3], period=180, title="gradient")
plt.show()

# %% [markdown]
# **What we see.** On the right each ray from the centre meets one colour twice.
#
# **Predict.** The cup's white rim is a bright ring, too. Which colour will the top of its outer edge have?

# %%
cup = photograph.reshape(100, 4, 150, 4).mean(axis=(1, 3))[:90, 36:121]
gx, gy = np.moveaxis(maps_of(layer_with(sobel, "sobel_on_cup"), cup), -1, 0)
strength = np.hypot(gx, gy)
_, axes = plt.subplots(1, 4, figsize=(8, 2.2), width_ratios=(3, 3, 3, 1.4))
figures.show_image(cup, axes[0], title="photograph")
figures.show_image(strength / strength.max(), axes[1], title="magnitude")
figures.show_angles(np.degrees(np.arctan2(gy, gx)), strength, axes[2], full=0.8, title="and direction")
figures.show_wheel(axes[3], title="gradient")
plt.show()

# %% [markdown]
# **What we see.** That of 90 degrees, as at our ring: dark above, bright below. The magnitude is the strength of the
# edge, whatever its direction.

# %% [markdown]
# ## A bank of oriented filters
#
# The other way is a kernel for each angle. We take the slope of a Gaussian towards the angle $\theta$, which smooths
# and compares the two sides at once:
#
# $$K_\theta[i, j] = a \, (x \cos\theta + y \sin\theta) \, e^{-(x^2 + y^2) / (2 \sigma^2)}$$
#
# Here $x$ and $y$ are column and row counted from the kernel's centre, $\sigma$ is the width in pixels, and $a$ makes
# the squares of the weights add up to 1. The opposite direction is the same kernel with opposite sign, so eight
# kernels from 0 to 157.5 degrees, with both signs of their answers, go once round.
#
# **Predict.** What do the weights of each add up to? Which shapes have the array of the eight 9x9 kernels and the
# output for `cup`, 90 x 85 pixels?


# %%
def edge_kernel(angle, sigma=1.5, size=9):
    """The slope of a Gaussian that rises towards an angle in degrees, (size, size)."""
    y, x = np.mgrid[:size, :size] - size // 2
    towards = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    kernel = towards * np.exp(-(x**2 + y**2) / (2 * sigma**2))
    return kernel / np.linalg.norm(kernel)


# %% tags=["nbval-check-output"]
bank = np.stack([edge_kernel(angle) for angle in ANGLES], axis=-1)[:, :, None, :]
eight = layer_with(bank, "bank")
answers = maps_of(eight, cup)
print("kernel array", bank.shape, "output", answers.shape)
for o in range(8):
    assert relative_difference(answers[..., o], reference.correlate(cup, bank[:, :, 0, o])) < 1e-5
assert np.abs(bank.sum(axis=(0, 1))).max() < 1e-12
print("each channel equals its own correlation; all kernels add up to 0")

# %%
shown = [bank[:, :, 0, o] / np.abs(bank).max() for o in (0, 2, 4)] + [answers[::2, ::2, o] for o in (0, 2, 4)]
titles = [f"{part} {angle:g}°" for part in ("kernel", "map") for angle in ANGLES[:6:2]]
_ = figures.show_images(shown, titles, columns=6, signed=True, limit=1)
plt.show()

# %% [markdown]
# **What we see.** Weights at opposite places are opposite numbers and add up to 0. Red in a map: the image gets
# brighter towards the kernel's angle; blue: darker. Each kernel finds its own part of the rim.
#
# At each pixel the kernel with the largest *magnitude* of answer names the gradient's angle modulo 180. (The edge's
# orientation follows from it: exercise 6.4.)
#
# **Predict.** The bank knows only multiples of 22.5 degrees. How far can its best angle lie from the true one?

# %% tags=["nbval-check-output"]
ring_answers = maps_of(eight, ring)
best = ANGLES[np.abs(ring_answers).argmax(axis=-1)]
true = np.degrees(np.arctan2(-y, -x))[4:-4, 4:-4]
strong = np.abs(ring_answers).max(axis=-1) > np.abs(ring_answers).max() / 2
off = apart(best, true, period=180)[strong]
print("edge pixels", off.size, "  angles found", np.unique(best[strong]).size)
print("all within half of 22.5 degrees, and 1:", off.max() < 11.25 + 1)
assert off.max() < 11.25 + 1

# %%
best_on_cup = ANGLES[np.abs(answers).argmax(axis=-1)]
_, axes = plt.subplots(1, 4, figsize=(8, 2.4), width_ratios=(3, 3, 1.5, 1.5))
figures.show_angles(best, np.abs(ring_answers).max(axis=-1), axes[0], period=180, title="Eight angles")
figures.show_angles(best_on_cup, np.abs(answers).max(axis=-1), axes[1], period=180, full=1, title="of the cup")
figures.show_wheel(axes[2], period=180, title="gradient")
figures.show_wheel(axes[3], period=180, edges=True, title="edge")
plt.show()

# %% [markdown]
# **What we see.** One layer and an argmax over its channels make an orientation map, in eight steps. The left wheel
# names the gradient's angle modulo 180, the right one the orientation of the edge with this colour.

# %% [markdown]
# ## Eight channels, two independent ones
#
# Each kernel is a column of 81 weights. The rank of this 81 x 8 matrix is the number of columns that remain when, one
# by one, those that are weighted sums of the others are left out.
#
# **Predict.** What is the rank? And if eight kernels for *lines*, bright lines between dark sides, come in addition?


# %%
def line_kernel(angle, sigma=1.5, size=9):
    """A bright line that runs at a right angle to `angle`, in degrees, (size, size), with the sum 0."""
    y, x = np.mgrid[:size, :size] - size // 2
    across = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    gauss = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    kernel = (1 - (across / sigma) ** 2) * gauss
    kernel -= gauss * kernel.sum() / gauss.sum()
    return kernel / np.linalg.norm(kernel)


# %% tags=["nbval-check-output"]
lines = np.stack([line_kernel(angle) for angle in ANGLES], axis=-1)[:, :, None, :]
both = np.concatenate([bank, lines], axis=-1)
for name, kernels in (("edges", bank), ("lines", lines), ("both", both)):
    print(f"{name:6} {kernels.shape[-1]:2} channels, rank", np.linalg.matrix_rank(kernels.reshape(81, -1)))
assert [np.linalg.matrix_rank(k.reshape(81, -1)) for k in (bank, lines, both)] == [2, 3, 5]

# %% [markdown]
# **What we see.** Rank 2: six of eight channels are weighted sums of the other two. The formula says why: $K_\theta$
# contains $\theta$ only in two factors, so
#
# $$K_\theta = \cos\theta \; K_0 + \sin\theta \; K_{90}$$
#
# at *every* angle. Such a filter is called **steerable**. A line kernel contains
# $(x \cos\theta + y \sin\theta)^2$, with three such factors: $\cos^2\theta$, $2 \cos\theta \sin\theta$ and
# $\sin^2\theta$. The number of channels is not the number of independent features.
#
# **Predict.** Turn the filter below. Does any angle show an edge that both 0 and 90 degrees miss?

# %% tags=["nbval-check-output"]
for theta in (10, 33.3, 200):
    radians = np.radians(theta)
    steered = np.cos(radians) * edge_kernel(0) + np.sin(radians) * edge_kernel(90)
    assert relative_difference(steered, edge_kernel(theta)) < 1e-5
print("K(theta) = cos(theta) K(0) + sin(theta) K(90) at 10, 33.3 and 200 degrees")

# %%
widgets.turn_filter(cup, edge_kernel, angle=30)

# %% [markdown]
# **What we see.** No: with $g$ and $\varphi$ from the maps at 0 and 90 degrees, the answer at $\theta$ is
# $g \cos(\theta - \varphi)$: largest along the gradient, 0 across it, then of opposite sign.

# %% tags=["nbval-check-output"]
at_0, at_90 = answers[..., 0], answers[..., 4]
g, phi = np.hypot(at_0, at_90), np.arctan2(at_90, at_0)
by_formula = g[..., None] * np.cos(np.radians(ANGLES) - phi[..., None])
print("g cos(theta - phi) gives all", by_formula.shape[-1], "maps:", relative_difference(by_formula, answers) < 1e-5)
assert relative_difference(by_formula, answers) < 1e-5

# %% [markdown]
# **Predict.** Take the maps as a matrix, one row for each pixel of the cup, one column for each channel. Which rank
# has it, and which after a ReLU?

# %% tags=["nbval-check-output"]
pixels = answers.reshape(-1, 8).astype(float)
for name, values in (("maps", pixels), ("after ReLU", np.maximum(pixels, 0))):
    rank = np.linalg.matrix_rank(values, rtol=1e-4)  # the maps are float32
    print(f"{name:10} rank {rank}")
    assert rank == (2 if name == "maps" else 8)

# %% [markdown]
# **What we see.** After the ReLU, no channel is a weighted sum of the others any more. Whether
# channels are redundant depends on what comes next ([notebook 08](08_chaining_convolutional_layers.ipynb)).

# %% [markdown]
# ## What many channels give to the next layer
#
# The next layer reads these channels as notebook 04's layer read red, green and blue. With 1x1 kernels it takes, at
# each pixel, weighted sums of the channels.
#
# **Predict.** A layer with the 9x9 kernels $K_0$ and $K_{90}$, then a 1x1 layer from 2 to 8 channels with the weights
# $\cos\theta$ and $\sin\theta$. How many weights have the two together, and how many has the bank?

# %% tags=["nbval-check-output"]
mix = np.stack([np.cos(np.radians(ANGLES)), np.sin(np.radians(ANGLES))])[None, None]
pair, combine = layer_with(bank[..., [0, 4]], "pair"), layer_with(mix, "combine")
steered_maps = keras.ops.convert_to_numpy(combine(pair(cup[None, :, :, None])))[0]
assert relative_difference(steered_maps, answers) < 1e-5
print("1x1 kernel array", mix.shape, "- the same eight maps")
print("weights:", pair.count_params(), "+", combine.count_params(), "in place of", eight.count_params())

# %% [markdown]
# **What we see.** The same eight maps with 178 weights in place of 648, because the bank has rank 2.
#
# **Predict.** Now colour goes in. Write down, for each layer, the kernel array, the output and the number of
# parameters. (`None` stands for the number of images.)

# %% tags=["nbval-check-output"]
stack = [
    keras.layers.Conv2D(8, 5, name="first"),
    keras.layers.Conv2D(16, 3, name="second"),
    keras.layers.Conv2D(4, 1, name="third"),
]
network = keras.Sequential([keras.Input((64, 64, 3)), *stack])
for layer in network.layers:
    kernel = layer.get_weights()[0]
    print(f"{layer.name:7} {kernel.shape!s:14} {layer.output.shape!s:19} {layer.count_params()}")
    assert layer.count_params() == arithmetic.conv_parameters(kernel.shape[:2], *kernel.shape[2:])

# %% [markdown]
# **What we see.** The number of output channels of one layer is the number of input channels of the next. So it
# enters two counts: as $C_\text{out}$ of the one, as $C_\text{in}$ of the other.

# %% [markdown]
# ## The 32 learned first filters of a trained network
#
# [Notebook 05](05_output_activation.ipynb) has shown the first kernels of EfficientNet-Lite0, trained on photographs,
# and that four are dead. The layer reads colours. (It moves by two pixels in place of one and pads:
# [notebook 07](07_general_structure.ipynb).)
#
# **Predict.** It has 32 kernels of 3x3. Which shape has the kernel array? At most how large is the rank?

# %% tags=["nbval-check-output"]
net = models.build("efficientnet_lite0", weights="imagenet")
first = net.get_layer("stem_conv")
learned = first.get_weights()[0].astype(float)
places = learned.reshape(27, 32)  # one row for each row, column and colour of the kernels
print("kernel array", learned.shape, "output", first.output.shape, "bias:", first.use_bias)
print("rank", np.linalg.matrix_rank(places), "  different rows:", len(np.unique(places.round(4), axis=0)), "of 27")
assert np.linalg.matrix_rank(places) == 24

# %% [markdown]
# **What we see.** Columns of 27 weights have at most rank 27. Three rows repeat others, which leaves 24, far more than
# our bank's 2. What do these kernels do that ours don't? Two shares of the squared weights tell:
#
# - **even**: what stays when each weight is replaced by the mean of its colour. If it is 0, the kernel answers 0 to
#   every even surface, only to outlines;
# - **grey**: what stays when the three weights at each place are replaced by their mean. If it is 0, the kernel
#   answers 0 to every grey image, only to colour.
#
# **Predict.** Which shares have our kernels, used alike on red, green and blue? Of 28 *random* kernels, how many have
# an even share below 0.001, how many a grey share below 0.1?


# %%
def two_shares(kernels):
    """The shares even and grey of the squared weights of kernels (3, 3, 3, C_out), each (C_out,)."""
    energy = (kernels**2).sum(axis=(0, 1, 2))
    even = 9 * (kernels.mean(axis=(0, 1)) ** 2).sum(axis=0) / energy
    grey = 3 * (kernels.mean(axis=2) ** 2).sum(axis=(0, 1)) / energy
    return even, grey


# %% tags=["nbval-check-output"]
ours = np.stack([edge_kernel(angle, sigma=0.8, size=3) for angle in ANGLES], axis=-1)[:, :, None, :].repeat(3, axis=2)
live = np.flatnonzero(np.abs(learned).max(axis=(0, 1, 2)) > 1e-6)
random_kernels = np.random.default_rng(SEED).normal(size=(3, 3, 3, 28_000))
shares = [two_shares(kernels) for kernels in (ours, learned[..., live], random_kernels)]
found = {}
for k, (name, limit) in enumerate((("even", 0.001), ("grey", 0.1))):
    of_ours, of_learned, of_random = (pair[k] for pair in shares)
    found[name] = live[of_learned < limit]
    by_chance = 28 * (of_random < limit).mean()
    print(f"{name} share of ours {abs(of_ours).max():.2f}")
    print(f"{name} below {limit}: {found[name].size} of the {live.size} live kernels {found[name]}", end="; ")
    print(f"of {live.size} random ones {by_chance:.2f} on average")
    assert found[name].size > 10 * by_chance

# %% [markdown]
# **What we see.** Ours have the shares 0 and 1: outlines in grey. Six learned ones answer almost only to outlines,
# seven almost only to colour, of random ones not even one in 28. But we chose the limits *after* a look at the
# kernels, and independent random weights are only one idea of chance: a hint, not a test.
#
# Below, our bank in the first row and the 32 learned kernels. Zero is mid-grey; a coloured pixel weighs its colour up
# and the opposite down.
#
# **Predict.** Find the outline and colour kernels by their numbers. Which of 21, 3 and 23 draw the astronaut's
# outlines, which her surfaces?

# %%
shown = np.concatenate([ours, learned], axis=-1)  # our bank of eight, then the 32 learned ones
titles = [f"{angle:g}°" for angle in ANGLES] + [str(o) for o in range(32)]
_ = figures.show_colour_kernels(shown, titles)
plt.show()

# %%
astronaut = datasets.load_photograph("astronaut")[48:400:4, 88:288:4]
four = np.concatenate([ours[..., [4]], learned[..., [21, 3, 23]]], axis=-1)
four /= np.sqrt((four**2).sum(axis=(0, 1, 2)))
scaled = (255 * astronaut - 127) / 128  # as the network does it
four_maps = keras.ops.convert_to_numpy(layer_with(four, "four")(scaled[None]))[0]
pictures, titles = [astronaut, *np.moveaxis(four_maps, -1, 0)], ["photograph", "ours, 90°", "21", "3", "23"]
_ = figures.show_images(pictures, titles, columns=6, signed=[False] + [True] * 4, limit=1)
plt.show()

# %% [markdown]
# **What we see.** 21 draws outlines, as ours does. 3 and 23 paint surfaces by their colour: blue badge, orange suit.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("06.1", 1)` gives a first step.
#
# ### Exercise 6.1 ★ Shape and parameters of a layer
#
# A `Conv2D` with 12 kernels of 5x5, with biases, without padding, reads colour images of 32 x 40 pixels. Give height,
# width and channels of its output, and its number of parameters: four numbers in one row.

# %% tags=["exercise"]
height_width_channels_parameters = (28, 36, 12, 912)  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("06.1", height_width_channels_parameters)

# %% [markdown] tags=["solution"]
# 32 - 5 + 1 = 28 rows and 40 - 5 + 1 = 36 columns; one channel for each kernel. A kernel reads all three colours:
# 5 · 5 · 3 = 75 weights and one bias, 76 for each of the 12 channels.
#
# Common mistake: 36 channels, one for each kernel and colour. The sum runs over the colours; they don't survive as
# channels of the output.

# %% [markdown] tags=["exercise"]
# ### Exercise 6.2 ★★ From a list of kernels to a kernel array
#
# Each kernel of a list has the shape $(k_h, k_w, C_\text{in})$. Make of them the array that a `Conv2D` takes.


# %% tags=["exercise"]
def stack_kernels(kernels):
    """The kernel array of a layer, from a list of one kernel (kh, kw, C_in) for each output channel."""
    # BEGIN SOLUTION
    return np.stack(kernels, axis=-1)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("06.2", stack_kernels)

# %% [markdown] tags=["solution"]
# `np.stack` makes a new axis, and `axis=-1` puts it last, where Keras numbers the output channels.
#
# Common mistake: `np.array(kernels)`, which makes it the first; or a `reshape` to the right shape, which moves no
# number and so mixes the kernels. Neither is refused where the shape happens to be right.

# %% [markdown] tags=["exercise"]
# ### Exercise 6.3 ★★ Strength and direction of the gradient
#
# Compute both from the maps $g_x$ and $g_y$: the direction in degrees, more than -180 and at most 180, 0 to the right,
# 90 down; and 0 where there is no gradient.


# %% tags=["exercise"]
def strength_and_direction(g_x, g_y):
    """Two arrays (H, W) from two arrays (H, W): the length of the gradient and its angle in degrees."""
    # BEGIN SOLUTION
    return np.hypot(g_x, g_y), np.degrees(np.arctan2(g_y, g_x))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("06.3", strength_and_direction)

# %% [markdown] tags=["solution"]
# `np.arctan2` takes the vertical part first, looks at both signs and needs no division, also where a map is 0.
#
# Common mistake: `np.arctan(g_y / g_x)`, which gives a gradient to the left the angle of one to the right.

# %% [markdown] tags=["exercise"]
# ### Exercise 6.4 ★★★ Orientation of edges from a bank
#
# Given are the maps of a bank, $(H, W, C_\text{out})$, and for each channel the angle towards which its kernel
# rises. Take at each pixel the channel with the strongest answer, as above (no angle between channels). Give the
# orientation of the *edge* that it stands for, in degrees, at least 0 and less than 180.


# %% tags=["exercise"]
def edge_orientation(maps, angles):
    """The orientation (H, W) of the edge at each pixel, from maps (H, W, C_out) and angles (C_out,) in degrees."""
    # BEGIN SOLUTION
    strongest = np.abs(maps).argmax(axis=-1)
    return (np.asarray(angles)[strongest] + 90) % 180
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("06.4", edge_orientation)

# %% [markdown] tags=["solution"]
# A strong negative answer is the same edge with dark and bright exchanged, so the magnitude decides. The kernel rises
# *across* the edge; the edge runs at a right angle to it, and an orientation counts modulo 180.
#
# Common mistake: the argmax of the maps themselves. At an edge of the opposite contrast the filter that fits best
# answers with the *smallest* number.

# %% [markdown] tags=["exercise"]
# ### Exercise 6.5 ★★★ A bank of your own for colour images (open)
#
# Design six kernels 3x3x3 by hand. How well do weighted sums of them reproduce EfficientNet-Lite0's 32 first kernels?
# Measure the share of the sum of squared weights that `np.linalg.lstsq` leaves unexplained. Compare with six random
# kernels and with the best that *any* six can reach. (This limit comes from the **singular values** of the 27 x 32
# matrix, `np.linalg.svd`: the sum of their squares from the seventh on, divided by the sum of all.)
#
# *Rubric.* A good answer (1) has the share for its bank, for random banks as a mean over many draws, and the limit in
# one table, (2) checks the rank of its bank, (3) says which kernel helps most, by leaving each out, (4) shows the
# worst explained learned kernel and says what is missing, (5) explains the mean of random banks: six of 27 dimensions.

# %% [markdown]
# ## Summary
#
# - A layer has one kernel and one bias for each output channel; the last axis of the kernel array numbers them.
# - It has $(k_h k_w C_\text{in} + 1) \, C_\text{out}$ parameters.
# - Two channels hold the gradient: its length, and its direction modulo 360. At a right angle to it lies the edge's
#   orientation, modulo 180.
# - Many channels can be few features: eight edge filters have rank 2, until a ReLU comes between.
# - A trained first layer has kernels for outlines alone and for colour alone, which random weights hardly give.

# %% [markdown]
# ## Further reading
#
# - Freeman and Adelson, *The design and use of steerable filters*, IEEE Transactions on Pattern Analysis and Machine
#   Intelligence 13, 1991.
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*, 2012: figure 3
#   shows 96 learned first kernels.
# - Olah, Cammarata, Voss, Schubert and Goh, *Naturally occurring equivariance in neural networks*, Distill, 2020.
# - Tan and Le, *EfficientNet: rethinking model scaling for convolutional neural networks*, arXiv:1905.11946, 2019.
#   (Lite0 is a variant of 2020.)
