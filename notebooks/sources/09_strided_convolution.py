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
# # 09 · Strided convolution
#
# A network that classifies an image must get from thousands of pixels to ten numbers. Strides do a large part of that:
# a layer with stride 2 leaves a quarter of the pixels to all layers behind it. Here you see exactly which outputs it
# keeps, what that saves, and what it breaks: fine patterns turn into coarse ones that are not there, and a shift of
# the image by one pixel is no longer a shift of the output.
#
# **You will be able to**
#
# - write a strided layer as a layer with stride 1 and subsampling, with `"same"` padding too;
# - count what a stride saves, and say where in a network it saves most;
# - predict the false pattern that a stride makes of fine stripes;
# - blur before you subsample, in one layer, and name the price;
# - put a stride in place of a pooling layer, and measure what changes.
#
# **You should know** stride, padding and output sizes from [notebook 07](07_general_structure.ipynb), receptive fields
# from [notebook 08](08_chaining_convolutional_layers.ipynb), blurs from [notebook 02](02_convolution.ipynb), and
# equivariance from [notebook 03](03_convolutional_layers.ipynb).
#
# **Time** about 15 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, datasets, exercises, figures, reference, training, widgets

import itertools
import time

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
EPOCHS = training.budget(quick=5, full=10)
TRAINING_IMAGES = 6000

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Strided convolution: every s-th output
#
# With stride $s$ and `"valid"` padding, the window of output $[r, c]$ starts at the pixel $[r s, c s]$. With stride 1
# there is a window at that pixel, too: that of output $[r s, c s]$. So, for the same weights,
#
# $$y_s[n, r, c, o] = y_1[n, \; r s, \; c s, \; o]$$
#
# where $y_s$ is the output with stride $s$ and $y_1$ that with stride 1. To keep every $s$-th row and column is called
# **subsampling**; in Python it is `[:, ::s, ::s]`.
#
# **Predict.** Two images of 28 x 25 pixels, 3x5 kernels, stride 2 down and 3 to the right. How large is the
# output with stride 1, how large the strided one?


# %%
def keras_layer(images, kernel, **settings):
    """The output of a Keras Conv2D without bias, with kernel (kh, kw, C_in, C_out), as a NumPy array."""
    layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[:2], use_bias=False, **settings)
    layer.build(images.shape)
    layer.set_weights([kernel])
    return keras.ops.convert_to_numpy(layer(images))


def relative_difference(a, b):
    """The largest difference of a and b, relative to the largest magnitude in b."""
    return np.abs(a - b).max() / np.abs(b).max()


# %% tags=["nbval-check-output"]
clothes = datasets.load_fashion_mnist("test", limit=2).images[:, :, :25]
for kernel_size, (down, right) in [((3, 5), (2, 3)), ((3, 3), (2, 2)), ((2, 4), (4, 1)), ((1, 1), (2, 5))]:
    kernel = np.random.normal(size=(*kernel_size, 1, 4))
    every, strided = keras_layer(clothes, kernel), keras_layer(clothes, kernel, strides=(down, right))
    print(f"kernel {kernel_size} stride {(down, right)}: {every.shape[1:3]} becomes {strided.shape[1:3]}")
    assert strided.shape == every[:, ::down, ::right].shape
    assert relative_difference(strided, every[:, ::down, ::right]) < 1e-5

# %% [markdown]
# **What we see.** The equation holds: a strided layer gives what computing everything and subsampling gives, without
# the waste. The sizes follow: $H'_s = \lceil H'_1 / s \rceil$.
#
# In the convolution matrix (notebook 03) a pixel has a column. Its entries that are not zero count the outputs that
# read the pixel.
#
# **Predict.** On 9 x 9 pixels with stride 2: how often does a 3x3 kernel read the middle pixel, how often each of its
# eight neighbours? Which share of the pixels does a 1x1 kernel never read?


# %% tags=["nbval-check-output"]
def times_read(size, kernel_size, stride):
    """How many outputs read each pixel of a square image, (size, size)."""
    kernel = np.ones((kernel_size, kernel_size, 1, 1))
    matrix = reference.convolution_matrix(kernel, (size, size, 1), stride=stride)
    return np.count_nonzero(matrix, axis=0).reshape(size, size)


print(times_read(9, 3, 2))
for kernel_size, stride in [(3, 2), (1, 2), (2, 3), (1, 4)]:
    away_from_the_end = times_read(12 + kernel_size, kernel_size, stride)[:12, :12]
    unread = np.mean(away_from_the_end == 0)
    print(f"kernel {kernel_size}, stride {stride}: {unread:.0%} of the pixels are never read")
    assert np.isclose(unread, 1 - min(kernel_size / stride, 1) ** 2)

# %% [markdown]
# **What we see.** The middle is read four times, its neighbours at the sides twice, those at the corners once. A
# $k \times k$ kernel with $k < s$ leaves holes: the share $1 - (k/s)^2$ of the image cannot have any effect.

# %% [markdown]
# ## "Same": where the kept outputs begin
#
# With `"same"` the padding depends on the stride, so the windows of the two layers need not start at the same place.
# A row 1, 2, 3, ... under the kernel 100, 10, 1 spells what each output reads (notebook 07).
#
# **Predict.** With stride 1 the outputs for a row of 8 are 012 123 234 345 456 567 678 780. Which does stride 2 keep?
# And for a row of 7?


# %% tags=["nbval-check-output"]
def spell(length, stride):
    """What each output of a "same" layer reads of the row 1 ... length."""
    row, weights = np.arange(1.0, length + 1).reshape(1, 1, -1, 1), np.array([100.0, 10, 1]).reshape(1, 3, 1, 1)
    outputs = keras_layer(row, weights, strides=stride, padding="same")
    return " ".join(f"{output:03.0f}" for output in outputs.ravel())


for length, stride in itertools.product((7, 8), (1, 2)):
    zeros = arithmetic.same_padding(length, 3, stride=stride)
    print(f"{length} pixels, stride {stride}, zeros {zeros}: {spell(length, stride)}")

# %% [markdown]
# **What we see.** Of 7 pixels it keeps `[::2]`, of 8 `[1::2]`. Let $p_1$ and $p_s$ be the zeros before the
# image with stride 1 and with stride $s$. Output $r$ of the strided layer starts at pixel $r s - p_s$. With stride 1,
# that is where output $r s + p_1 - p_s$ starts. So the strided layer keeps every $s$-th output, beginning at the
# **offset**
#
# $$p_1 - p_s$$
#
# in pixels; rows and columns have one each.
#
# **Predict.** Which offset has a 3x3 kernel with stride 2 for images of 27, 28, ..., 32 pixels? Can an offset be
# larger than 1?


# %% tags=["nbval-check-output"]
def offset(size, kernel_size, stride):
    """The first output of the "same" layer with stride 1 that the strided one keeps, along one dimension."""
    before = arithmetic.same_padding(size, kernel_size)[0]
    return before - arithmetic.same_padding(size, kernel_size, stride=stride)[0]


print("size               ", *range(27, 33))
for kernel_size, stride in [(3, 2), (5, 2), (2, 2), (3, 4), (7, 4)]:
    offsets = [offset(size, kernel_size, stride) for size in range(27, 33)]
    print(f"kernel {kernel_size}, stride {stride}:  ", *(f"{first:2}" for first in offsets))

# %% tags=["nbval-check-output"]
settings = list(itertools.product(range(27, 33), (1, 2, 3, 5, 7), (2, 3, 4)))
for size, k, s in settings:
    images, kernel = np.random.normal(size=(1, size, size + 3, 1)), np.random.normal(size=(k, k, 1, 1))
    every, strided = (keras_layer(images, kernel, strides=strides, padding="same") for strides in (1, s))
    kept = every[:, offset(size, k, s) :: s, offset(size + 3, k, s) :: s]
    assert kept.shape == strided.shape
    assert relative_difference(strided, kept) < 1e-5
    assert 0 <= offset(size, k, s) < s
print("settings in which the offset is right:", len(settings))

# %% tags=["nbval-check-output"]
kernel = np.random.normal(size=(3, 3, 1, 1))
for size in range(27, 33):
    images = np.random.normal(size=(1, size, size, 1))
    every, strided = (reference.conv2d(images, kernel, stride=strides, padding=1) for strides in (1, 2))
    print(f"{size} pixels, padding=1, offset 0:", np.allclose(strided, every[:, ::2, ::2]))

# %% [markdown]
# **What we see.** In an image that is one pixel larger, the same layer may take other places. The offset can be 2 (7x7
# kernels, stride 4), but is smaller than the stride (asserted). Padding that does not depend on the stride,
# such as PyTorch's `padding=1`, has offset 0.

# %% [markdown]
# ## What a stride saves
#
# A layer needs $H' W' k_h k_w C_\text{in} C_\text{out}$ MACs (notebook 08), multiplications with an addition each. A
# stride divides them, and the numbers in the output, by about $s^2$.
#
# **Predict.** 3x3 kernels, 64 channels in and out, images of 57 x 57 pixels, `"same"`. Is it exactly a quarter with
# stride 2?

# %% tags=["nbval-check-output"]
for size, stride in itertools.product((56, 57), (1, 2, 4)):
    output = arithmetic.output_size(size, 3, stride=stride, padding="same")
    macs = arithmetic.conv_macs(output, 3, 64, 64)
    of_all = macs / arithmetic.conv_macs(size, 3, 64, 64)
    kilobytes = arithmetic.memory_bytes(output**2 * 64) / 1000
    print(f"{size} pixels, stride {stride}: {macs:11,} MACs, {of_all:.4f} of all, {kilobytes:4.0f} KB of output")
    assert of_all == 1 / stride**2 or size % stride

# %% [markdown]
# **What we see.** Exactly $1/s^2$ where $s$ divides the size, a little more elsewhere.
#
# Layers behind the stride get smaller images, so they are cheaper too, and their kernels reach further. The **jump**
# is the distance of neighbouring outputs in pixels of the image.
#
# **Predict.** Four 3x3 layers, one of them (in the last row two) with stride 2. Where does it save most? Where does it
# give the largest receptive field?


# %% tags=["nbval-check-output"]
def four_layers(strides):
    layers = [keras.layers.Conv2D(16, 3, s, "same", name=f"conv{number}") for number, s in enumerate(strides, 1)]
    return keras.Sequential([keras.Input((64, 64, 16)), *layers])


everything = costs.count_macs(four_layers((1, 1, 1, 1)))
for strides in [(1, 1, 1, 1), (1, 1, 1, 2), (1, 1, 2, 1), (1, 2, 1, 1), (2, 1, 1, 1), (2, 1, 2, 1)]:
    model = four_layers(strides)
    field = arithmetic.receptive_field([(3, stride) for stride in strides])
    assert costs.receptive_field(model)[0][:2] == field[:2]
    fewer = everything / costs.count_macs(model)
    print(f"strides {strides}: MACs divided by {fewer:.2f}, receptive field {field.size:2}, jump {field.jump}")

# %% [markdown]
# **What we see.** As early as possible, for both. A stride in the last layer divides that layer's work alone, and
# comes too late to widen anything.
#
# Now the time: we let layers take turns, and compare medians.
#
# **Predict.** How many times as fast as with stride 1 is a layer with stride 2, 3, 4?

# %%
images = keras.ops.convert_to_tensor(np.random.normal(size=(16, 56, 56, 64)).astype("float32"))
layers = {stride: keras.layers.Conv2D(64, 3, stride, "same") for stride in (1, 2, 3, 4)}
seconds = {stride: [] for stride in layers}
for _ in range(9):
    for stride, layer in layers.items():
        start = time.perf_counter()
        keras.ops.convert_to_numpy(layer(images))
        seconds[stride].append(time.perf_counter() - start)
for stride in layers:
    ratio = np.median(seconds[1]) / np.median(seconds[stride])
    print(f"stride {stride}: MACs divided by {56**2 / len(range(0, 56, stride)) ** 2:4.1f}, time by {ratio:4.1f}")

# %% [markdown]
# **What we see.** The times belong to this machine and this run; they also hold reading the input and the cost of a
# call, which are not divided by $s^2$.

# %% [markdown]
# ## Aliasing: stripes that are not there
#
# Subsampling looks at every $s$-th pixel. Let an image have vertical stripes of **period** $T$ pixels from one bright
# stripe to the next: column $c$ has the brightness $\frac12 + \frac12 \cos(2 \pi c / T)$. From one kept pixel to the
# next the cosine runs through $s / T$ cycles. Whole cycles leave no trace; what is left is
#
# $$f = \left| \frac{s}{T} - \text{round} \frac{s}{T} \right|$$
#
# cycles per kept pixel, where round gives the nearest whole number. As kept pixels lie $s$ pixels apart, we see
# stripes of the period $s / f$ pixels. That is $T$ itself as long as $T > 2 s$. Periods below $2 s$, the **Nyquist
# limit**, turn into longer ones. This is **aliasing**. Exactly at the limit it depends on where the stripes lie.
#
# **Predict.** Stride 2. What becomes of stripes with the periods 8, 3, 2.25 and 2? And of period 4, if the first kept
# column is 0, if it is 1?


# %% tags=["nbval-check-output"]
def stripes(period, columns=144, rows=6):
    return np.tile(0.5 + 0.5 * np.cos(2 * np.pi * np.arange(columns) / period), (rows, 1))


def apparent_period(period, stride):
    cycles = stride / period
    folded = abs(cycles - round(cycles))  # f
    return stride / folded if folded > 1e-9 else np.inf


for period in (8, 4, 3, 2.4, 2.25, 2):
    kept = stripes(period)[:, ::2]
    strength = np.abs(np.fft.rfft(kept[0] - kept[0].mean()))  # of 0, 1, 2, ... cycles in the whole image
    measured = 144 / strength.argmax() if strength.max() > 1e-9 else np.inf
    print(f"period {period:4}: predicted {apparent_period(period, 2):4.0f} measured {measured:4.0f} pixels")
    assert np.isclose(apparent_period(period, 2), measured)
    assert np.allclose(kept, stripes(apparent_period(period, 2))[:, ::2])
for first in (0, 1):
    print(f"period 4 from column {first} on:", stripes(4)[0, first::2][:6].round(2))

# %% [markdown]
# **What we see.** Stripes of period 2.25 look eight times as wide, those of period 2 become an even surface (`inf`).
# The kept pixels are those of true stripes of the period seen (asserted), so no layer behind can tell the two apart.
# At period 4 we keep the brightest and the darkest columns, or the mid-grey ones between them.
#
# The dots below are the kept pixels. Run the cell for sliders.
#
# **Predict.** Period 3.6, stride 3: which period do the dots show?

# %%
widgets.sampled_stripes(period=3.6, stride=3)

# %% [markdown]
# **What we see.** The thin curve and the orange one, of period 18, run through the same dots. Above 6 pixels, twice
# the stride, they become one: move the slider.

# %% [markdown]
# ## Blur first
#
# What is finer than $2 s$ cannot be kept; but it can be removed *before* it does harm. Blur and subsampling together
# are one strided convolution, whose kernel is the blur. We take **binomial** weights, 1 4 6 4 1 divided by 16, in both
# directions.
#
# **Contrast** is here twice the largest distance from mid-grey, $\frac12$. The mean of two neighbouring pixels
# multiplies it by $\cos(\pi / T)$: at $T = 2$ the neighbours are bright and dark, and cancel. 1 4 6 4 1 is four such
# means in a row, which leave $\cos^4(\pi / T)$.
#
# **Predict.** What is left of stripes of period 2, 4, and 8, which needs no help?


# %% tags=["nbval-check-output"]
def binomial(order):
    """The blur (order + 1, order + 1) with weights from Pascal's triangle, with sum 1."""
    row = np.ones(1)
    for _ in range(order):
        row = np.convolve(row, [0.5, 0.5])
    return np.outer(row, row)


def strided_layer(image, kernel, stride):
    """One strided convolution of an image (H, W) that goes on around its borders, with an odd kernel."""
    margins = [(k // 2, k // 2) for k in kernel.shape]
    padded = np.pad(image, margins, mode="wrap")
    return reference.conv2d(padded[None, :, :, None], kernel[:, :, None, None], stride=stride)[0, :, :, 0]


bare, blur = np.ones((1, 1)), binomial(4)
for period in (2, 2.25, 3, 4, 8, 16):
    contrast = [2 * np.abs(strided_layer(stripes(period), kernel, 2) - 0.5).max() for kernel in (bare, blur)]
    print(f"period {period:4}: contrast {contrast[0]:.2f} strided, {contrast[1]:.2f} blurred first")
    assert np.isclose(contrast[1], np.cos(np.pi / period) ** 4)

# %% [markdown]
# **What we see.** The false stripes fade. The price: stripes of period 8, which stride 2 shows well, lose about a
# quarter of their contrast.
#
# The rings of a **zone plate** become finer outwards, down to 2 pixels at the middle of each side. With stride 2 the
# picture can hold the square of half its width; outside it should be even grey.
#
# **Predict.** What appears there instead?

# %%
along = np.arange(128) - 64
zone_plate = 0.5 + 0.5 * np.cos(np.pi * (along[:, None] ** 2 + along**2) / 128)
plates = [zone_plate, strided_layer(zone_plate, bare, 2), strided_layer(zone_plate, blur, 2)]
titles = ["zone plate", "stride 2: eight ghosts", "blurred first: ghosts fade"]
for ax, plate, title in zip(plt.subplots(1, 3, figsize=(7, 2.6))[1], plates, titles, strict=True):
    figures.show_image(plate, ax, title=title)
plt.show()

# %% tags=["nbval-check-output"]
outside = np.maximum(np.abs(along[::2])[:, None], np.abs(along[::2])) > 32
ghosts, details = [], []
for name, plate in zip(["strided", "blurred first"], plates[1:], strict=True):
    squares = (plate - 0.5) ** 2
    ghosts.append(squares[outside].mean())
    details.append(squares[~outside].mean())
    print(f"{name:14} mean square of the stripes outside {ghosts[-1]:.4f}, inside {details[-1]:.4f}")
assert ghosts[1] < 0.01 * ghosts[0]
assert 0.25 * details[0] < details[1] < 0.3 * details[0]

# %% [markdown]
# **What we see.** Ghosts of the plate at full contrast: four halves at the sides, four quarters at the corners. By
# this measure the blur removes more than 99 % of what is false, and nearly three quarters of what is true.
#
# Now the table under the cup of notebook 02, with its fine grain. Stride 4 needs a wider blur.
#
# **Predict.** What does stride 4 make of the grain?

# %%
cup = datasets.to_grey(datasets.load_photograph("coffee")).astype(float)[80:240, :160]
wide_blur = binomial(8)
pictures = [cup[4:-4, 4:-4]] + [strided_layer(cup, kernel, 4)[1:-1, 1:-1] for kernel in (bare, wide_blur)]
_ = figures.show_images(pictures, ["photograph", "stride 4", "blurred first"], columns=3)
plt.show()

# %% [markdown]
# **What we see.** A coarse weave that the table does not have. Blurred first, it is gone.

# %% [markdown]
# ## A shift by one pixel
#
# Away from the borders, a layer with stride 1 is equivariant: if the image moves, the output moves with it (notebook
# 03). With stride 2 there is no output half a step further.
#
# **Predict.** Stripes of period 2, bright at even columns, move by one pixel. What happens to the output?

# %% tags=["nbval-check-output"]
for name, kernel in {"strided": bare, "blurred first": blur}.items():
    before = strided_layer(stripes(2), kernel, 2)[0, :4]
    after = strided_layer(np.roll(stripes(2), 1, axis=1), kernel, 2)[0, :4]
    print(f"{name:14} {before.round(2)} becomes {abs(after).round(2)}")

# %% [markdown]
# **What we see.** White turns black: the layer now keeps what `[1::2]` was. Blurred first, all is mid-grey, and
# nothing is left that could change.
#
# Now the photograph moves to the right by 1 to 8 columns; what leaves it comes in on the left. A random 3x3 kernel
# stands for a learned one, with stride 4, once on the image and once on the blurred image. We compare the output with
# the one before, moved by the better of the two nearest whole steps.
#
# **Predict.** For which shifts is there no difference? Does the blur change that?


# %% tags=["nbval-check-output"]
def change(image, shift, stride, blur):
    """Root mean square of what a shift changes, relative to the output's standard deviation."""
    blurred = strided_layer(image, blur, 1)
    before = strided_layer(blurred, random_kernel, stride)
    after = strided_layer(np.roll(blurred, shift, axis=1), random_kernel, stride)
    steps = [np.roll(before, step, axis=1) for step in (shift // stride, shift // stride + 1)]
    return min(np.sqrt(np.mean((after - step) ** 2)) for step in steps) / before.std()


random_kernel = np.random.default_rng(SEED).normal(size=(3, 3))
for shift in range(1, 9):
    changes = [change(cup, shift, 4, kernel) for kernel in (bare, wide_blur)]
    print(f"{shift} columns: strided {changes[0]:.2f}, blurred first {changes[1]:.2f}")
    assert max(changes) < 1e-9 if shift % 4 == 0 else changes[1] < changes[0]

# %% [markdown]
# **What we see.** The strided layer is equivariant to shifts by multiples of its stride, exactly, and here to no
# others. The blur makes the difference smaller, not zero.

# %% [markdown]
# ## Stride in place of pooling
#
# Besides strides, networks shrink feature maps by **pooling layers**, which have no weights: max pooling keeps the
# largest of each 2 x 2 outputs ([notebook 10](10_pooling_layers.ipynb)). We train a net of each kind on 6,000 images
# of Fashion-MNIST.
#
# **Predict.** Which has more parameters? How many times the MACs does the pooling net need? Which classifies better?


# %% tags=["nbval-check-output"]
def two_stages(pooling):
    """Logits of ten classes from two 3x3 layers, each with stride 2 or followed by 2 x 2 max pooling."""
    layers = [keras.Input((28, 28, 1), name="image")]
    for number, filters in enumerate((16, 32), 1):
        strides = 1 if pooling else 2
        layers.append(keras.layers.Conv2D(filters, 3, strides, "same", activation="relu", name=f"conv{number}"))
        if pooling:
            layers.append(keras.layers.MaxPooling2D(2, name=f"pool{number}"))
    layers += [keras.layers.Flatten(name="flatten"), keras.layers.Dense(10, name="logits")]
    return keras.Sequential(layers)


print(costs.table(two_stages(pooling=False)))
macs = {pooling: costs.count_macs(two_stages(pooling)) for pooling in (False, True)}
print(f"with pooling: {macs[True]:,} MACs, {macs[True] / macs[False]:.1f} times as many")
assert costs.count_parameters(two_stages(True)) == costs.count_parameters(two_stages(False))

# %%
train = datasets.load_fashion_mnist("train", limit=TRAINING_IMAGES)
test = datasets.load_fashion_mnist("test", limit=2000)
nets, accuracies = {}, {}
for name, pooling in {"stride": False, "pooling": True}.items():
    training.setup(SEED)  # the same start for both
    nets[name] = two_stages(pooling)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    nets[name].compile(keras.optimizers.Adam(2e-3), loss)
    start = time.perf_counter()
    training.fit(nets[name], train, epochs=EPOCHS)
    seconds = time.perf_counter() - start
    accuracies[name] = training.accuracy(nets[name], test.images, test.labels)
    print(f"{name}: test accuracy {accuracies[name]:.3f}, {seconds:.1f} s of training")

stride_accuracy = accuracies["stride"]
given_up = accuracies["pooling"] - accuracies["stride"]
assert stride_accuracy > 0.80  # bound
assert given_up < 0.05  # bound

# %% [markdown]
# **What we see.** The net with strides needs about a quarter of the MACs, and we assert that it gives up less than
# 0.05 of accuracy for it; which net is better, a single pair of runs does not tell. Compare the times: pools,
# ReLU and updates of the weights need time and no MACs.
#
# Max pooling *chooses* the largest of four outputs; a stride takes one without looking. So the strided net is
# not the pooling net with less work, but a net with stride 1 that subsamples.
#
# **Predict.** From which rows and columns, so that the trained net's logits come out again?

# %% tags=["nbval-check-output"]
features = test.images[:100]
for name in ("conv1", "conv2"):
    kernel, bias = nets["stride"].get_layer(name).get_weights()
    everything = np.maximum(keras_layer(features, kernel, padding="same") + bias, 0)
    print(name, "computes", everything.shape[1:], end=" ")
    features = everything[:, 1::2, 1::2]
    print("and keeps", features.shape[1:])
weights, bias = nets["stride"].get_layer("logits").get_weights()
logits = features.reshape(100, -1) @ weights + bias
expected = nets["stride"].predict(test.images[:100], verbose=0)
print("the same logits:", bool(relative_difference(logits, expected) < 1e-4))
assert relative_difference(logits, expected) < 1e-4

# %% [markdown]
# **What we see.** 28 and 14 are even: offset 1, twice. ReLU acts on each output by itself, so it does not matter
# whether we throw away before or after it.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("09.1", 1)` gives a first step.
#
# ### Exercise 9.1 ★ The smallest image for a chain
#
# A chain of `"valid"` layers is given as a list of pairs (kernel size, stride), from the image on. What is the
# smallest image, in pixels along one dimension, of which the chain makes `outputs` outputs?


# %% tags=["exercise"]
def smallest_image(outputs, layers):
    """Pixels of the smallest image that gives this many outputs; layers is a list of (kernel_size, stride)."""
    # BEGIN SOLUTION
    size = outputs
    for kernel_size, stride in reversed(layers):
        size = (size - 1) * stride + kernel_size
    return size
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("09.1", smallest_image)

# %% [markdown] tags=["solution"]
# The last of $n$ windows starts $(n - 1) s$ pixels behind the first, and has $k$ pixels. That is the size of the
# layer's input, and so the number of outputs of the layer before. For one output it is the receptive field, and each
# further output adds one jump.
#
# Common mistake: to go through the chain from the image on. What the last layer needs is known first.

# %% [markdown] tags=["exercise"]
# ### Exercise 9.2 ★★ The offset without the padding
#
# Compute the offset of a strided `"same"` layer along one dimension, without `arithmetic`. The kernel may be smaller
# than the stride.


# %% tags=["exercise"]
def offset_of_same(size, kernel_size, stride):
    """The first output of the "same" layer with stride 1 that the strided one keeps; whole numbers of pixels."""
    # BEGIN SOLUTION
    outputs = -(-size // stride)  # rounded up
    needed = max((outputs - 1) * stride + kernel_size - size, 0)
    return (kernel_size - 1) // 2 - needed // 2
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("09.2", offset_of_same)

# %% [markdown] tags=["solution"]
# With stride 1 the layer needs $k - 1$ zeros in all, with stride $s$ it needs what its last window lacks. Of each the
# smaller half stands before the image; the offset is the difference.
#
# Common mistake: to halve the difference of the two totals. Both are rounded down *before* they are subtracted.

# %% [markdown] tags=["exercise"]
# ### Exercise 9.3 ★★★ Two strided layers as one
#
# Two `"valid"` convolutions of one channel without bias follow each other; `stride` is the first one's. A single layer
# with the product of both strides gives the same output, whatever the second stride is. Find its kernel.


# %% tags=["exercise"]
def one_kernel(first, second, stride):
    """The kernel that does the work of both, as an array; first and second are (kh, kw), stride a whole number."""
    # BEGIN SOLUTION
    places = (np.array(second.shape) - 1) * stride
    together = np.zeros(places + first.shape)
    for i, j in np.ndindex(second.shape):
        top, left = i * stride, j * stride
        together[top : top + first.shape[0], left : left + first.shape[1]] += second[i, j] * first
    return together
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("09.3", one_kernel)

# %% [markdown] tags=["solution"]
# Element $[i, j]$ of the second kernel reads an output of the first layer whose window starts $[i s, j s]$ pixels
# further on. So each element lays down a copy of the first kernel, times its weight, at that place, and where copies
# overlap they add up: the second kernel with dilation $s$, composed with the first. Its size is the receptive field
# of the two layers.
#
# Common mistake: to place the copies one pixel apart, as is right for stride 1, or side by side, as `np.kron` does,
# which is right where the stride is the kernel size.

# %% [markdown] tags=["exercise"]
# ### Exercise 9.4 ★★★ Does a net become steadier with a blur? (open)
#
# Build the strided net a third time: each layer with stride 1 and ReLU, then the binomial blur with stride 2 as a
# layer that is not trained (`DepthwiseConv2D`, one kernel for each channel,
# [notebook 17](17_depthwise_separable_convolutions.ipynb)). Put a frame of 4 black pixels around all images, and train
# all three with several seeds. Then move the test images 1, 2, 3 and 4 pixels to the right, with black on the left,
# and count how often a net's answer changes.
#
# *Rubric.* A good answer (1) sets the blur's weights and shows that training left them as they were, (2) reports
# accuracy and share of changed answers as mean and range over at least three seeds, (3) counts the blurred net's MACs
# and says where they come from, (4) tries the blur before the ReLU as well, and explains why it could then be merged
# with the convolution, (5) compares the shift by 4, the jump, where the maps move exactly (borders apart), with the
# others, and says what the dense layer adds.

# %% [markdown]
# ## Summary
#
# - A strided layer is the layer with stride 1, subsampled: `[::s]` with `"valid"`, from the offset $p_1 - p_s$ with
#   `"same"`.
# - A stride divides MACs and output by about $s^2$, in its own layer and in all behind it; time is another matter.
# - Stripes with a period below $2 s$ pixels appear as coarser ones. A blur before subsampling weakens them, and some
#   detail.
# - Strided layers are equivariant to shifts by multiples of the stride only.
# - A stride can take the place of a pooling layer, at a fraction of the MACs; it is another net.

# %% [markdown]
# ## Further reading
#
# - Shannon, *Communication in the presence of noise*, 1949: the sampling theorem.
# - Springenberg, Dosovitskiy, Brox and Riedmiller, *Striving for simplicity: the all convolutional net*,
#   arXiv:1412.6806, 2014: larger nets, and strided convolutions that are added in place of the pools.
# - Zhang, *Making convolutional networks shift-invariant again*, arXiv:1904.11486, 2019: blurs inside of networks.
