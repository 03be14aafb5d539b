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
# # 04 · Colour images as inputs
#
# So far an image was one number a pixel. A colour image has three, and so the kernel grows a third dimension: it
# reads red, green and blue at once and still gives *one* number. Here you compute that number by hand, see what such
# a kernel finds that no kernel on a grey image can find, and train a network on a task that needs the colour.
#
# **You will be able to**
#
# - take a colour image apart into its channels, and recognise channels in the wrong order or on the wrong axis;
# - compute an output of a kernel with three channels by hand, and count its parameters;
# - write a colour convolution as a sum of three correlations;
# - choose the weights of a 1x1 kernel for a colour that you want to find;
# - say when colour is needed, and show that neither of two facts alone is enough.
#
# **You should know** how a kernel is laid on a window ([notebook 02](02_convolution.ipynb)) and how Keras compiles and
# fits a model ([notebook 01](01_limits_of_fully_connected_layers.ipynb)).
#
# **Time** about 25 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, datasets, exercises, figures, reference, training, widgets

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% tags=["setup"]
SEED = 1
TRAIN_IMAGES = training.budget(quick=1600, full=4000)
TEST_IMAGES = 2048
EPOCHS = training.budget(quick=4, full=10)
BATCH_SIZE = 32
LEARNING_RATE = 0.004

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Three numbers a pixel
#
# A colour image is an array $(H, W, 3)$: height, width, and at each pixel how much red, green and blue light, in this
# order. All the red numbers together are one **channel**, a picture as large as the image.
#
# **Predict.** The photograph shows an astronaut in an orange suit. In which of the three channels is the suit
# brightest, in which darkest? (Each pixel is the mean of 8 x 8, so that you can see pixels.)

# %% tags=["nbval-check-output"]
photograph = datasets.load_photograph("astronaut").reshape(64, 8, 64, 8, 3).mean(axis=(1, 3))
print("shape", photograph.shape, "dtype", photograph.dtype)
suit = photograph[45:50, 10:15]
for channel, name in enumerate(["red", "green", "blue"]):
    print(f"{name:5} of the suit, mean: {suit[..., channel].mean():.1f}")

# %%
channels = [photograph[..., channel] for channel in range(3)]
tinted = [photograph * only for only in np.eye(3)]
titles = ["photograph", "red channel", "green channel", "blue channel", "the three added", "red", "green", "blue"]
_ = figures.show_images([photograph, *channels, sum(tinted), *tinted], titles, columns=4)
plt.show()

# %% [markdown]
# **What we see.** Each channel by itself is a grey picture: white means much of that light. The suit is bright in red
# and dark in blue; the white parts are bright in all three. The lower row shows the same numbers as light of their
# colour, which added up give the photograph.
#
# The array does not say which channel is which. Some libraries read photographs as blue, green, red, and some put the
# channels on the *first* axis, $(3, H, W)$. Keras expects them last.
#
# **Predict.** What colour is the suit if red and blue change places? What do our figures, and what does Keras, say
# to an image with its channels first?

# %%
_ = figures.show_images([photograph, photograph[..., ::-1]], ["red, green, blue", "blue, green, red"])
plt.show()

# %% tags=["nbval-check-output"]
channels_first = np.moveaxis(photograph, -1, 0)
try:
    figures.show_image(channels_first)
except ValueError as error:
    print(f"{type(error).__name__}: {error}")
layer = layers.Conv2D(1, kernel_size=3)
output = layer(channels_first[np.newaxis])
print("Keras: input", channels_first.shape, "output", tuple(output.shape[1:]), "parameters", layer.count_params())

# %% [markdown]
# **What we see.** A blue suit. The figure refuses the image, but Keras does not: it takes (3, 64, 64) for 3 rows and
# 64 columns with 64 channels, and computes nonsense without a word. The parameters betray it: 577 is
# $3 \cdot 3 \cdot 64 + 1$.

# %% [markdown]
# ## Colour images as inputs: one kernel, one sum
#
# The kernel gets a slice of weights for each channel, and the output is one sum over all of them:
#
# $$y[r, c] = b + \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} \sum_{m=0}^{C - 1} w[i, j, m] \, x[r + i, c + j, m]$$
#
# $x$ is the image, $(H, W, C)$, here with $C = 3$ channels; $w$ the kernel, $(k_h, k_w, C)$; $m$ the number of a
# channel; $b$ the **bias**, one number; $y$ the output.
#
# Here are a window and a kernel of 2 x 2 x 3, channel by channel.

# %% tags=["nbval-check-output"]
window = np.array([[[1, 0, 2], [2, 1, 0]], [[0, 1, 1], [3, 0, 1]]])
small_kernel = np.array([[[1, 0, -1], [0, 2, 0]], [[2, 1, 0], [-1, 0, 1]]])
for channel, name in enumerate(["red", "green", "blue"]):
    print(f"{name:5} window {window[..., channel].tolist()}  kernel {small_kernel[..., channel].tolist()}")

# %% [markdown]
# **Predict.** The bias is 1. What is the output?

# %%
_ = figures.show_channel_sums(window, small_kernel, bias=1)
plt.show()

# %% [markdown]
# **What we see.** Twelve products, a sum for each channel, and all three sums and the bias added: 1.
#
# **Predict.** Now a kernel of 3 x 3 x 3 on the whole photograph, 64 x 64 x 3. Which shape has the output: is there a
# map for each channel? How many parameters has the layer, and how many would three grey layers have?


# %%
def correlate_colour(image, kernel, bias):
    """Valid output (H', W') of a kernel (kh, kw, C) on an image (H, W, C), by its definition."""
    height, width = (i - k + 1 for i, k in zip(image.shape[:2], kernel.shape[:2], strict=True))
    output = np.zeros((height, width))
    for r in range(height):
        for c in range(width):
            window = image[r : r + kernel.shape[0], c : c + kernel.shape[1]]
            output[r, c] = bias + (window * kernel).sum()
    return output


# %% tags=["nbval-check-output"]
random = np.random.default_rng(SEED)
kernel, bias = random.normal(size=(3, 3, 3)), 0.5
layer = layers.Conv2D(1, kernel_size=3)
layer.build((None, 64, 64, 3))
layer.set_weights([kernel[..., np.newaxis], np.array([bias])])
by_keras = keras.ops.convert_to_numpy(layer(photograph[np.newaxis]))[0, :, :, 0]
by_hand = correlate_colour(photograph, kernel, bias)
print("image", photograph.shape, "kernel", kernel.shape, "output", by_hand.shape)
print("parameters: colour", layer.count_params(), "three grey layers", 3 * arithmetic.conv_parameters(3, 1, 1))
assert layer.count_params() == arithmetic.conv_parameters(3, 3, 1) == 3 * 3 * 3 + 1

# %% [markdown]
# **Predict.** Do three correlations, one of each channel, give the same map? Where does the bias go?

# %% tags=["nbval-check-output"]
by_channel = [reference.correlate(photograph[..., m].astype(float), kernel[..., m]) for m in range(3)]
print("loops equal Conv2D:", np.allclose(by_hand, by_keras, atol=1e-2))  # some GPUs keep only 10 bits of a factor
print("loops equal the sum of three correlations and one bias:", np.allclose(by_hand, sum(by_channel) + bias))
print("bias added in each channel:", np.allclose(by_hand, sum(map_ + bias for map_ in by_channel)))

# %% [markdown]
# **What we see.** One map, not three. Each channel is correlated with its own slice of weights, and the three results
# are added pixel by pixel. There is *one* bias, added once, so the parameters of one kernel are
#
# $$P = k_h k_w C + 1$$
#
# and 28 for ours. All 27 weights may differ: the slice for red may look for something else than that for blue.

# %% [markdown]
# ## What three channels can say
#
# The smallest kernel is 1x1: it sees one pixel, and mixes its three channels into one number.
#
# **Predict.** `datasets.to_grey` makes a colour image grey. Is that a convolution? If so, are its three weights equal?

# %% tags=["nbval-check-output"]
grey_kernel = np.array([0.299, 0.587, 0.114]).reshape(1, 1, 3, 1)
as_convolution = reference.conv2d(photograph[np.newaxis].astype(float), grey_kernel)[0, :, :, 0]
print("kernel", grey_kernel.ravel(), "sum of weights", grey_kernel.sum().round(3))
print("to_grey is this convolution:", np.allclose(as_convolution, datasets.to_grey(photograph), atol=1e-6))

# %% [markdown]
# **What we see.** A convolution, but not the mean: the weights say how bright each light looks to the eye, and green
# counts most. The result is called **luminance** (strictly: luma). Other weights give other maps. In Jupyter the next
# cell has sliders for them.
#
# **Predict.** Where is red minus blue positive (red), where negative (blue), where 0?

# %%
widgets.mix_channels(photograph, red=1.0, green=0.0, blue=-1.0)

# %% [markdown]
# **What we see.** The suit answers strongly, skin a little, the badge and the star field of the flag with the other
# sign, and white and black hardly at all: there red and blue are about equal. Such a kernel is called
# **colour-opponent**.
#
# Now an edge between two colours of equal luminance. Sobel's kernel works on the grey image; the colour kernel has
# Sobel's weights for red, zeros for green, and Sobel's negated for blue.
#
# **Predict.** What does each find?

# %% tags=["nbval-check-output"]
orange, blue = np.array([0.8, 0.45, 0.2]), np.array([0.3, 0.0, 0.8])
blue[1] = (orange - blue) @ grey_kernel.ravel() / 0.587  # the green that makes both equally bright
edge = np.full((12, 16, 3), orange)
edge[:, 8:] = blue
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
opponent = np.stack([sobel_x, 0 * sobel_x, -sobel_x], axis=-1)
in_grey = reference.correlate(datasets.to_grey(edge), sobel_x)
in_colour = correlate_colour(edge, opponent, bias=0)
print(f"largest answer in grey {np.abs(in_grey).max():.3f}, in colour {np.abs(in_colour).max():.1f}")
assert np.ptp(datasets.to_grey(edge)) < 1e-12  # every pixel has the same grey
assert np.abs(in_grey).max() < 1e-12 < 4 < np.abs(in_colour).max()

# %%
pictures = [edge, datasets.to_grey(edge), in_grey, in_colour]
titles = ["two colours", "grey: no edge", "Sobel on grey", "on red minus blue"]
_ = figures.show_images(pictures, titles, signed=[False, False, True, True])
plt.show()

# %% [markdown]
# **What we see.** In grey the edge does not exist, and *no* kernel can find what is not there. In colour it is strong,
# negative since red falls and blue rises to the right.
#
# How much is lost in ordinary photographs? We predict each channel of a pixel from its luminance by a straight line.
# The share of the variance that this explains is 1 less a quotient, the squared errors of the lines by those of the
# means.
#
# **Predict.** How large is this share, over all three channels?

# %% tags=["nbval-check-output"]
for name in datasets.photograph_names():
    pixels = datasets.load_photograph(name).reshape(-1, 3).astype(float)
    grey = datasets.to_grey(pixels)
    slopes, starts = np.polyfit(grey, pixels, deg=1)  # a line for each of the three channels
    errors = pixels - (grey[:, np.newaxis] * slopes + starts)
    print(f"{name:10} {1 - (errors**2).sum() / ((pixels - pixels.mean(axis=0)) ** 2).sum():.0%}")

# %% [markdown]
# **What we see.** Most of what varies in these photographs is brightness. (A part must be: luminance is a sum of the
# channels.)

# %% [markdown]
# ## A task that needs two facts
#
# Colour matters most where brightness says nothing. We draw such images. Each holds a disc or a plus sign, orange or
# blue, at a random place, size and angle, darker or brighter than its background, which has a weak colour of its own.
# The label is 1 if exactly one of two facts holds: "it is a plus", "it is blue". This is the **exclusive or**, XOR.
#
# **Predict.** You are told the shape, but not the hue. How well can you guess the label?

# %% tags=["nbval-check-output"]
train = datasets.make_coloured_shapes(TRAIN_IMAGES, seed=2 * SEED)
test = datasets.make_coloured_shapes(TEST_IMAGES, seed=2 * SEED + 1)
is_plus, is_blue = test.shapes == 1, test.hues == 1
facts = {"disc": ~is_plus, "plus": is_plus, "orange": ~is_blue, "blue": is_blue}
facts |= {"orange disc": ~is_plus & ~is_blue, "blue disc": ~is_plus & is_blue}
facts |= {"orange plus": is_plus & ~is_blue, "blue plus": is_plus & is_blue}
print("                label 0  label 1")
for name, holds in facts.items():
    print(f"{name:12} {(holds & (test.labels == 0)).sum():10} {(holds & (test.labels == 1)).sum():8}")

# %% [markdown]
# **What we see.** Among the discs both labels are equally frequent, and so among the pluses, the orange and the blue:
# one fact alone leaves you at a coin's toss. Both together decide.
#
# **Predict.** Here are eight images with their labels, and below them in grey. Which fact is lost in grey?

# %%
eight = test.take(8)
kinds = np.array(["orange disc", "blue disc", "orange plus", "blue plus"])[2 * eight.shapes + eight.hues]
titles = [f"{kind}: {label}".replace(" ", "\n", 1) for kind, label in zip(kinds, eight.labels, strict=True)]
_ = figures.show_images([*eight.images, *datasets.to_grey(eight.images)], titles + ["in grey"] * 8, columns=8)
plt.show()

# %% [markdown]
# **What we see.** The hue. Each pixel is a grey of random brightness to which we add a *change of colour* that leaves
# the luminance as it is. Such a change of red, green and blue solves one equation:
#
# $$0.299 \, \Delta_\text{red} + 0.587 \, \Delta_\text{green} + 0.114 \, \Delta_\text{blue} = 0$$
#
# Three unknowns and one equation leave two directions. We draw both, from minus to plus.

# %% tags=["nbval-check-output"]
changes = datasets.coloured_shapes.colour_axes()
for name, change in zip(["blue to orange ", "green to purple"], changes, strict=True):
    print(f"{name}: red {change[0]:+.3f}, green {change[1]:+.3f}, blue {change[2]:+.3f}")
print("their luminance is 0:", np.allclose(datasets.to_grey(changes), 0, atol=1e-15))

# %%
strips = [np.tile(0.5 + np.linspace(-0.4, 0.4, 9)[:, np.newaxis] * change, (3, 1, 1)) for change in changes]
pictures = [picture for strip in strips for picture in (strip, datasets.to_grey(strip))]
_ = figures.show_images(pictures, ["blue to orange", "in grey", "green to purple", "in grey"])
plt.show()

# %% [markdown]
# **What we see.** The eye finds nothing of either in grey. But images are stored as float32, which rounds.
#
# **Predict.** An orange and a blue are made from the same grey. Is their luminance exactly equal?

# %% tags=["nbval-check-output"]
brightness = np.linspace(0.33, 0.43, 101)[:, np.newaxis]  # the greys of dark shapes
both = [(brightness + change).astype("float32") for change in (0.22 * changes[0], -0.22 * changes[0])]  # orange, blue
trace = np.abs(np.subtract(*map(datasets.to_grey, both))).max()
jitter = datasets.to_grey(test.images[:, :4, :4]).std()  # these pixels belong to the background, of luminance 0.5
print("exactly equal:", bool(trace == 0))
print("brightness varies over 100,000 times as much from pixel to pixel:", bool(jitter > 1e5 * trace))
assert 0 < trace < 1e-6 < 0.02 < jitter

# %% [markdown]
# **What we see.** Rounding leaves a trace of the hue; the **jitter**, a small random change of each pixel's
# brightness, drowns it. So grey keeps the shape and loses the hue. To keep the hue and lose the shape, we give the
# pixels of each image a random order of its own.


# %%
def shuffle_pixels(images, seed):
    """Put the pixels of each image (N, H, W, 3) in a random order; each keeps its three channels."""
    pixels = images.reshape(len(images), -1, 3)
    order = np.random.default_rng(seed).random(pixels.shape[:2]).argsort(axis=1)
    return np.take_along_axis(pixels, order[..., np.newaxis], axis=1).reshape(images.shape)


# %%
two = eight.images[:2]
_ = figures.show_images([*two, *shuffle_pixels(two, seed=SEED)], [*kinds[:2], "the first, shuffled", "the second"])
plt.show()

# %% [markdown]
# We read the hue from the shuffled pixels: is the strongest answer to red minus blue positive? (The shape's colour is
# stronger than the background's.) We read the shape from the grey image: are its pixels close together? In a disc of
# radius $a$ the mean squared distance from the centre is $a^2 / 2$, the area $\pi a^2$. The quotient is $1 / (2 \pi)$
# in any disc, and larger in a plus.
#
# **Predict.** How often is the label guessed right from the shape, from the hue, from the XOR of both?


# %%
def read_shapes(grey):
    """1 where the pixels of the shape lie farther apart than those of a disc."""
    spread = []
    for image in grey:
        places = np.argwhere(np.abs(image - 0.5) > 0.06)  # the background differs by less: 0.05 at most
        spread.append(places.var(axis=0).sum() / len(places))
    return (np.array(spread) > 1.05 / (2 * np.pi)).astype(int)


# %% tags=["nbval-check-output"]
grey, shuffled = datasets.to_grey(test.images), shuffle_pixels(test.images, seed=SEED)
red_minus_blue = (shuffled[..., 0] - shuffled[..., 2]).reshape(len(test), -1)
is_strongest = np.abs(red_minus_blue).argmax(axis=1)
hues = (red_minus_blue[np.arange(len(test)), is_strongest] < 0).astype(int)
shapes = read_shapes(grey)
for name, answer in {"shape": shapes, "hue": hues, "shape XOR hue": shapes ^ hues}.items():
    print(f"label guessed as {name:14} right {np.mean(answer == test.labels):.1%}")
print(f"shape read from grey: {np.mean(shapes == test.shapes):.1%}")
print(f"hue read from shuffled pixels: {np.mean(hues == test.hues):.1%}")

# %% [markdown]
# **What we see.** Each view holds one fact whole, and this fact alone says nothing about the label.

# %% [markdown]
# ## Three views, one network
#
# Now learn it. The network: three times convolution, batch normalisation
# ([notebook 13](13_the_problem_with_depth.ipynb)), ReLU and max pooling ([notebook 10](10_pooling_layers.ipynb)),
# then the largest value of each map over all places ([notebook 15](15_global_average_pooling.ipynb)), and two dense
# layers. Beside it stands a *linear classifier*: one dense layer on all numbers of the image. Both first subtract 0.5,
# so that mid-grey becomes 0, as are the zeros that `padding="same"` puts around the image. Both end in logits, without
# softmax: with `from_logits=True` the loss applies it. Each is trained on three views: grey, shuffled, in colour.


# %%
def build_cnn(channels):
    blocks = []
    for kernels in (16, 32, 32):
        blocks += [layers.Conv2D(kernels, 3, padding="same", use_bias=False), layers.BatchNormalization(momentum=0.9)]
        blocks += [layers.ReLU(), layers.MaxPooling2D()]
    head = [layers.GlobalMaxPooling2D(), layers.Dense(32, activation="relu"), layers.Dense(2)]
    return keras.Sequential([keras.Input((32, 32, channels)), layers.Rescaling(1, offset=-0.5), *blocks, *head])


def build_linear(channels):
    classify = [layers.Rescaling(1, offset=-0.5), layers.Flatten(), layers.Dense(2)]
    return keras.Sequential([keras.Input((32, 32, channels)), *classify])


# %% [markdown]
# **Predict.** Which of the six learn the label? (The tables print the accuracy on *training* images, which a network
# may learn by heart. The *test* images below count.)

# %%
views = {
    "grey": lambda images: datasets.to_grey(images)[..., np.newaxis],
    "shuffled": lambda images: shuffle_pixels(images, seed=SEED),
    "colour": lambda images: images,
}


def train_and_test(build, view, answers="labels"):
    """Train a network on one view of the images; return its accuracy on test images and on training images."""
    seen = datasets.Dataset(views[view](train.images), getattr(train, answers), train.class_names)
    network = build(seen.images.shape[-1])
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * len(train) // BATCH_SIZE)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    history = training.fit(network, seen, epochs=EPOCHS, batch_size=BATCH_SIZE).history
    return training.accuracy(network, views[view](test.images), getattr(test, answers)), history["accuracy"][-1]


# %%
cnn, linear, linear_in_training = {}, {}, {}
for view in views:
    print(f"\n{view}: the linear classifier, then the CNN")
    linear[view], linear_in_training[view] = train_and_test(build_linear, view)
    cnn[view], _ = train_and_test(build_cnn, view)

# %%
for view in views:
    print(f"{view:9} test accuracy: linear {linear[view]:.3f}, CNN {cnn[view]:.3f}")
assert cnn["colour"] > 0.9  # bound
assert abs(cnn["grey"] - 0.5) < 0.08  # bound
assert abs(cnn["shuffled"] - 0.5) < 0.08  # bound
assert abs(linear["grey"] - 0.5) < 0.08  # bound
assert abs(linear["shuffled"] - 0.5) < 0.08  # bound
assert abs(linear["colour"] - 0.5) < 0.08  # bound
assert linear_in_training["shuffled"] > 0.7  # bound

# %% tags=["nbval-check-output"]
for view in views:
    verdicts = ["near chance" if abs(value - 0.5) < 0.08 else "learned" for value in (linear[view], cnn[view])]
    print(f"{view:9} linear: {verdicts[0]}, CNN: {verdicts[1]}")

# %% [markdown]
# **What we see.** One of six. The CNN is the same in all three rows but for the channels of its first kernels, so it
# is not too small for the task: what grey and shuffled pixels lack is the other fact.
#
# In colour both facts are there; why does the linear classifier stay near chance? We train it again on the colour
# images, for the shape only, then for the hue only. And we hand it the two facts themselves, as numbers 0 and 1, with
# the weights and the bias of the smallest squared error.
#
# **Predict.** Which of the two facts can it read? And with both given: which weights, which bias?

# %%
shape_read, _ = train_and_test(build_linear, "colour", "shapes")
hue_read, _ = train_and_test(build_linear, "colour", "hues")
assert abs(shape_read - 0.5) < 0.08  # bound
assert hue_read > 0.9  # bound

# %% tags=["nbval-check-output"]
print("shape from pixels:", "near chance" if abs(shape_read - 0.5) < 0.08 else "learned")
print("hue from pixels:  ", "near chance" if abs(hue_read - 0.5) < 0.08 else "learned")
facts_and_one = np.stack([train.shapes, train.hues, np.ones(len(train))], axis=1)
best = np.linalg.lstsq(facts_and_one, train.labels)[0]
print("is_plus, is_blue, bias:", best.round(6) + 0.0)
assert np.allclose(best, [0, 0, 0.5])

# %% [markdown]
# **What we see.** It fails twice. From pixels it reads the hue, a weighted sum of red and blue, but not the shape, at
# a random place and darker or brighter. And given both facts it says 0.5 to every image. No weights solve XOR. Let
# "plus" have weight $u$ and "blue" weight $v$. The sum must be positive for label 1: $u + b > 0$ (orange plus) and
# $v + b > 0$ (blue disc); and negative for label 0: $b < 0$ (orange disc) and $u + v + b < 0$ (blue plus). The first
# two add up to $u + v + 2 b > 0$, the last two to $u + v + 2 b < 0$: impossible. The CNN has layers behind the first,
# which combine what its kernels find.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("04.1", 1)` gives a first step.
#
# ### Exercise 4.1 ★ One output pixel of a colour image
#
# An image of 2 x 3 pixels and a kernel of 2 x 2, given channel by channel. Compute by hand the output pixel `[0, 1]`.

# %% tags=["exercise"]
image_red, kernel_red = [[1, 0, 2], [3, 1, 0]], [[1, 2], [0, 1]]
image_green, kernel_green = [[0, 2, 1], [1, 0, 1]], [[0, -1], [1, 0]]
image_blue, kernel_blue = [[0, 1, 0], [0, 1, 3]], [[1, 0], [1, -1]]
bias_by_hand = 3
output_pixel = 5  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("04.1", output_pixel)

# %% [markdown] tags=["solution"]
# The window holds columns 1 and 2. Red gives $0 \cdot 1 + 2 \cdot 2 + 1 \cdot 0 + 0 \cdot 1 = 4$, green
# $2 \cdot 0 - 1 \cdot 1 + 0 \cdot 1 + 1 \cdot 0 = -1$, blue $1 \cdot 1 + 0 \cdot 0 + 1 \cdot 1 - 3 \cdot 1 = -1$.
# Together 2, and with the bias 5.
#
# Common mistake: to add the bias in each channel. The bias belongs to the output, and there is one output.

# %% [markdown] tags=["exercise"]
# ### Exercise 4.2 ★★ Colour from single channels
#
# Write a colour convolution for any number of channels. Use `reference.correlate(image, kernel)`, which takes one
# channel $(H, W)$ and one slice $(k_h, k_w)$ of the kernel.


# %% tags=["exercise"]
def convolve_colour(image, kernel, bias):
    """Valid output (H', W') of a kernel (kh, kw, C) and a bias on an image (H, W, C)."""
    # BEGIN SOLUTION
    channels = range(image.shape[2])
    return sum(reference.correlate(image[..., m], kernel[..., m]) for m in channels) + bias
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("04.2", convolve_colour)

# %% [markdown] tags=["solution"]
# In the formula the sum over $m$ may be done last: for a fixed $m$ what is left is the correlation of one channel with
# one slice of the kernel. The bias is outside of all sums.
#
# Common mistake: to stack the three correlations. That is three maps, and a kernel gives one.

# %% [markdown] tags=["exercise"]
# ### Exercise 4.3 ★★★ A kernel for red
#
# Find three weights (for red, green, blue) and a bias of a 1x1 kernel whose output is
#
# - 0 at every grey pixel, from black to white;
# - positive at a pure red pixel, `(1, 0, 0)`;
# - negative at a pure green and at a pure blue pixel.
#
# Write them as `([red, green, blue], bias)`.

# %% tags=["exercise"]
red_finder = ([2, -1, -1], 0)  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("04.3", red_finder)

# %% [markdown] tags=["solution"]
# A grey pixel $(a, a, a)$ gives $a$ times the sum of the weights, plus the bias. It is 0 for *every* $a$ only if both
# are 0. The weight of green must be negative, that of blue too, and that of red makes up for both.
#
# Common mistake: `[1, 0, 0]`, the red channel itself. It is brightest where the image is white.

# %% [markdown] tags=["exercise"]
# ### Exercise 4.4 ★★★ How little luminance betrays the hue (open)
#
# `datasets.make_coloured_shapes(count, seed, luminance_gap=0.05)` makes dark blue shapes brighter by 0.05 than dark
# orange ones, and bright blue shapes than bright orange ones. The jitter reaches 0.05 to both sides. From which gap on
# does the grey network learn the label? (The largest gap is 0.15. Give it up to 20 epochs.) Then answer by hand: with
# the gap that you found, how would you read the hue from the grey image?
#
# *Rubric.* A good answer (1) predicts before it measures, (2) tests at least four gaps, 0 among them, with at least
# two seeds each, and trains until more epochs change nothing, (3) shows accuracy against gap, with chance marked:
# three standard deviations of 2,048 coin tosses, $0.5 \pm 0.033$, (4) explains why a gap below the jitter of one
# pixel can be read from a hundred pixels, and why one threshold on brightness is not enough, (5) says how the hue
# could be read at gap 0 if grey were the plain mean of the channels.

# %% [markdown]
# ## Summary
#
# - A colour image is $H \times W \times 3$: red, green, blue, and the channels come last.
# - A kernel for it is $k_h \times k_w \times 3$ and gives one map: one sum over all products, plus one bias.
# - The result is the sum of three correlations, one for each channel.
# - Grey is one 1x1 convolution of many; what it drops, no kernel can find again.
# - Where a label is the XOR of shape and hue, each alone says nothing about it, and no linear classifier solves it; a
#   CNN on colour learns it.

# %% [markdown]
# ## Further reading
#
# - Minsky and Papert, *Perceptrons*, 1969: what a linear classifier cannot compute.
# - Krizhevsky, Sutskever and Hinton, *ImageNet Classification with Deep Convolutional Neural Networks*, 2012: figure 3
#   shows the first kernels of a network, some of them learned for colour.
# - Recommendation ITU-R BT.601, 2011: the weights .299, .587 and .114 of luminance.
