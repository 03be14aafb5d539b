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
# # 10 · Pooling layers
#
# Between some convolutions of a classical CNN stand layers that mostly learn nothing: they replace each small
# neighbourhood of a feature map by its largest value, or by its mean. They make the maps smaller, and they are said to
# make a CNN "translation invariant". What they do is easy to write down; how far they protect against shifts is a
# matter of measurement, which you do here.
#
# **You will be able to**
#
# - compute max and average pooling by hand, and write both in NumPy, equal to Keras;
# - say which of the two is a convolution, and why the other is not;
# - follow the gradient back through a pooling layer;
# - say for which shifts pooling is equivariant, and measure how far a trained net is from invariant;
# - count what pooling saves, and what a stride saves beyond that.
#
# **You should know** [convolutional layers](03_convolutional_layers.ipynb) (shifts, equivariance, invariance), the
# [general structure](07_general_structure.ipynb) of a layer (stride, padding, output sizes), the receptive field
# from [notebook 08](08_chaining_convolutional_layers.ipynb), and
# [strided convolution](09_strided_convolution.ipynb).
#
# **Time** about 35 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, backend, costs, datasets, exercises, figures, models, reference, training, widgets

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% tags=["setup"]
SEED = 1
TRAIN_IMAGES = training.budget(quick=6000, full=20000)
TEST_IMAGES = 1000
SHIFTED_IMAGES = 200
EPOCHS = 4
BATCH_SIZE = 64
LEARNING_RATE = 0.003
MAX_SHIFT = 6

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Pooling: one number for each neighbourhood
#
# A **pooling** layer moves a window, the **pool**, over each channel by itself, and puts out one number for each
# place: the largest in the window (**max pooling**) or the mean (**average pooling**).
#
# $$y_\text{max}[n, r, c, m] = \max_{i, j} \; x[n, \; r s + i, \; c s + j, \; m]$$
#
# $$y_\text{avg}[n, r, c, m] = \frac{1}{k_h k_w} \sum_{i=0}^{k_h-1} \sum_{j=0}^{k_w-1}
# x[n, \; r s + i, \; c s + j, \; m]$$
#
# Input $x$ is $(N, H, W, C)$, output $y$ is $(N, H', W', C)$; $k_h \times k_w$ is now the size of the pool in pixels,
# with $i$ from 0 to $k_h - 1$ and $j$ from 0 to $k_w - 1$; $s$ is the stride in pixels, $m$ the channel. Size and
# stride are hyperparameters: we choose them. If no stride is given, it equals the size, and pools lie side by side.
#
# **Predict.** Pool this grid by hand with 2x2 pools, by maximum and by average.

# %% tags=["nbval-check-output"]
grid = np.array([[1, 3, 2, 0, 5, 4], [0, 2, 8, 1, 1, 3], [4, 4, 0, 6, 2, 0], [7, 1, 3, 2, 9, 5]])
print(grid)

# %%
_ = figures.show_pools(grid, 2)
plt.show()

# %% [markdown]
# **What we see.** Each outline is a pool; on orange stands its largest number. Pools overlap where the stride is
# smaller than the size. Here is size 3 with stride 2; one pixel wins twice:

# %%
_ = figures.show_pools(grid[:3, :5], 3, stride=2)
plt.show()

# %% [markdown]
# **Predict.** A Keras layer `MaxPooling2D(2)` reads 32 x 32 pixels with 16 channels. How many parameters and how many
# multiply-accumulates (MACs) has it? If one input channel changes, which output channels do?

# %% tags=["nbval-check-output"]
pool = layers.MaxPooling2D(2, name="pool")
net = keras.Sequential([keras.Input((32, 32, 16)), pool])
print(costs.table(net))
x = np.random.normal(size=(1, 32, 32, 16)).astype("float32")
changed = x.copy()
changed[..., 5] += 1
differs = np.abs(np.asarray(pool(changed)) - np.asarray(pool(x))).max(axis=(0, 1, 2)) > 0
print("output channels that change with input channel 5:", np.flatnonzero(differs).tolist())
assert pool.count_params() == costs.count_macs(net) == 0

# %% [markdown]
# **What we see.** No parameter, and no MAC by our count: pooling compares or adds, three times for each output here,
# but multiplies by no weight. Channels never mix.
#
# Sizes follow notebook 07: $H' = \lfloor (H - k_h) / s \rfloor + 1$ for `"valid"`.
#
# **Predict.** What becomes of 7 x 7 pixels for size 2; for size 3 with stride 2; for size 2 with
# stride 1? Does every pixel take part?

# %% tags=["nbval-check-output"]
for size, stride in [(2, 2), (3, 2), (2, 1)]:
    output = layers.MaxPooling2D(size, stride)(np.zeros((1, 7, 7, 1)))
    pixels_read = (output.shape[1] - 1) * stride + size
    print(f"size {size}, stride {stride}: {output.shape[1]} x {output.shape[2]}, rows read: {pixels_read} of 7")
    assert output.shape[1] == arithmetic.output_size(7, size, stride=stride)
same = layers.MaxPooling2D(2, padding="same")(np.zeros((1, 7, 7, 1)))
print(f"size 2, stride 2, 'same': {same.shape[1]} x {same.shape[2]}")

# %% [markdown]
# **What we see.** With size 2 and stride 2 no pool reads the last row and column; `"same"` gives them an output.
#
# Below are the edges around a cat's eye, found with Sobel's filters; running the cell gives you sliders for size and
# stride.
#
# **Predict.** Which pooling keeps thin bright lines, and which makes them fade?

# %%
cat = datasets.to_grey(datasets.load_photograph("chelsea"))[10:290, 80:390]
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
edges = np.hypot(reference.correlate(cat, sobel_x), reference.correlate(cat, sobel_x.T))
widgets.pool_map(np.clip(edges[60:180, 30:180], 0, 1), pool_size=4, stride=4)

# %% [markdown]
# **What we see.** Max pooling keeps the strongest response of each neighbourhood: thin lines stay bright and become
# thick. Average pooling spreads a line over its pool and darkens it. Where exactly the line ran is lost in both.

# %% [markdown]
# ## Pooling in NumPy, equal to Keras
#
# Pooling is a view of all windows and one reduction.


# %%
def pool_valid(x, size, stride, reduce):
    """Pool images (N, H, W, C) without padding; size and stride are (rows, columns), reduce is np.max or np.mean."""
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))  # (N, rows, columns, C, kh, kw)
    return reduce(windows[:, :: stride[0], :: stride[1]], axis=(4, 5))


# %% [markdown]
# With `padding="same"` some pools reach over the border.
#
# **Predict.** The image holds 5 everywhere. What does a 3x3 average pool give in the corner, if padding counts as
# zeros; and what does Keras give? If all values are -5, what does max pooling give there?

# %% tags=["nbval-check-output"]
fives = np.full((1, 4, 4, 1), 5.0, "float32")
zeros_counted = pool_valid(np.pad(fives, [(0, 0), (1, 1), (1, 1), (0, 0)]), (3, 3), (1, 1), np.mean)
average = np.asarray(layers.AveragePooling2D(3, 1, padding="same")(fives))
largest = np.asarray(layers.MaxPooling2D(3, 1, padding="same")(-fives))
print("zeros counted:", zeros_counted[0, 0, :, 0].round(2))
print("Keras average:", average[0, 0, :, 0])
print("Keras max of -5:", largest[0, 0, :, 0])
assert np.allclose(average, 5)
assert np.allclose(largest, -5)

# %% [markdown]
# **What we see.** Keras pools the real pixels only: it divides by as many as there are, and padding never wins.
#
# `reference.pool2d` adds this to the two lines above. Now against Keras, with pools that overlap, touch or leave gaps.
#
# **Predict.** How large is the difference for max pooling, which computes no new number?

# %% tags=["nbval-check-output"]
KERAS_LAYERS = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
x = np.random.normal(size=(2, 11, 14, 3)).astype("float32")
largest_difference = {"max": 0.0, "average": 0.0}
settings = list(itertools.product([2, 3, (2, 3), (4, 1)], [None, 1, 2, 3, (3, 2)], ["valid", "same"], KERAS_LAYERS))
for size, stride, padding, mode in settings:
    by_keras = np.asarray(KERAS_LAYERS[mode](size, stride, padding=padding)(x))
    by_numpy = reference.pool2d(x, size, stride=stride, padding=padding, mode=mode)
    assert by_keras.shape == by_numpy.shape
    largest_difference[mode] = max(largest_difference[mode], np.abs(by_keras - by_numpy).max())
print(len(settings), "settings; max equal:", bool(largest_difference["max"] == 0), end="; ")
print("average equal to 1e-5:", bool(largest_difference["average"] < 1e-5))
assert np.array_equal(pool_valid(x, (2, 3), (2, 1), np.max), reference.pool2d(x, (2, 3), stride=(2, 1)))
assert len(settings) > 50
assert largest_difference["max"] == 0
assert largest_difference["average"] < 1e-5

# %% [markdown]
# **What we see.** None: max pooling only picks numbers. The average is equal up to rounding.

# %% [markdown]
# ## Average pooling is a convolution, max pooling is not
#
# An average is a weighted sum with the weight $1 / (k_h k_w)$ everywhere. `DepthwiseConv2D` has one kernel for each
# channel: as many groups as channels ([notebook 17](17_depthwise_separable_convolutions.ipynb)).
#
# **Predict.** With these weights, does it equal average pooling everywhere, also with `"same"`?

# %% tags=["nbval-check-output"]
for padding in ("valid", "same"):
    depthwise = layers.DepthwiseConv2D((3, 2), strides=2, padding=padding, use_bias=False)
    depthwise.build(x.shape)
    depthwise.set_weights([np.full((3, 2, 3, 1), 1 / 6)])
    pooled = np.asarray(layers.AveragePooling2D((3, 2), 2, padding=padding)(x))
    equal = np.isclose(np.asarray(depthwise(x)), pooled, atol=1e-5).all(axis=(0, 3))
    print(f"{padding:5} which rows are equal:", equal.all(axis=1).astype(int))
    assert equal[1:-1].all()
    assert equal.all() == (padding == "valid")

# %% [markdown]
# **What we see.** Away from padding, average pooling is a strided convolution with fixed weights, a box blur with
# subsampling. With `"same"`, these 11 rows have one row of padding above and one below, where the divisors differ.
#
# **Predict.** For which of the two is the pool of a sum the sum of the pools, as for every linear function? Which may
# change places with ReLU?


# %% tags=["nbval-check-output"]
def pool2(x, mode):
    return reference.pool2d(x, 2, mode=mode)


def relu(x):
    return np.maximum(x, 0)


a, b = np.random.randint(-9, 10, (2, 1, 8, 8, 4)).astype(float)
for mode in ("max", "average"):
    linear = np.allclose(pool2(a + b, mode), pool2(a, mode) + pool2(b, mode))
    commutes = np.allclose(pool2(relu(a), mode), relu(pool2(a, mode)))
    print(f"{mode:8} linear: {linear!s:5}  exchanges with ReLU: {commutes}")
    assert linear == (mode == "average")
    assert commutes == (mode == "max")

# %% tags=["nbval-check-output"]
p, q = np.array([[4.0, 0], [0, 0]]), np.array([[0.0, 0], [0, 3]])
print("max of p:", p.max(), " max of q:", q.max(), " max of p + q:", (p + q).max())
r = np.array([[-4.0, 0], [0, 2]])
print("mean of ReLU:", relu(r).mean(), " ReLU of mean:", relu(r.mean()))

# %% [markdown]
# **What we see.** 4 and 3 do not meet in one pixel, so the maximum of the sum is 4, not 7: no linear function does
# that, hence no convolution. ReLU never reverses the order of two numbers, so a net may pool by maximum first and
# apply ReLU to a quarter of the numbers. A mean mixes negative numbers with positive ones before ReLU can remove them.

# %% [markdown]
# ## Where the gradient goes
#
# A layer without weights still hands the gradient of the loss $L$ back to the layer before. The layers behind it
# hand it one number for each output, $g[r, c]$: the derivative of $L$ by $y[r, c]$. Let them be 4, 8, 12 and 16, 20,
# 24. The simplest loss with these derivatives is $L = \sum_{r,c} g[r, c] \, y[r, c]$. The image is the grid from
# above.
#
# **Predict.** Which pixels get a derivative that is not 0 from max pooling? How large are they for average pooling?


# %%
def gradient_through(layer, image, g):
    """The derivative of sum(g * layer(image)) by each pixel of image (H, W)."""

    def loss(x):
        return keras.ops.sum(layer(x)[0, :, :, 0] * g)

    _, gradient = backend.value_and_gradient(loss, image[None, :, :, None])
    return gradient[0, :, :, 0]


# %%
g = np.array([[4, 8, 12], [16, 20, 24]], "float32")
max_gradient = gradient_through(layers.MaxPooling2D(2), grid, g)
average_gradient = gradient_through(layers.AveragePooling2D(2), grid, g)
_, grids = plt.subplots(1, 2, figsize=(8, 2.6))
figures.show_kernel(max_gradient, grids[0], title="max: the winner gets all")
figures.show_kernel(average_gradient, grids[1], title="average: a quarter for each", limit=24)
for number in [*grids[0].texts, *grids[1].texts]:
    number.set_fontsize(10)
plt.show()

# %% tags=["nbval-check-output"]
winners = grid == np.kron(pool2(grid[None, :, :, None], "max")[0, :, :, 0], np.ones((2, 2)))
spread = np.kron(g, np.ones((2, 2)))
print("max: pixels with a gradient", np.count_nonzero(max_gradient), "of", grid.size)
print("average: pixels with a gradient", np.count_nonzero(average_gradient), "of", grid.size)
print("sums:", max_gradient.sum(), average_gradient.sum(), g.sum())
assert np.array_equal(max_gradient, winners * spread)
assert np.array_equal(average_gradient, spread / 4)

# %% [markdown]
# **What we see.** Max pooling sends all of $g[r, c]$ to the pixel that won; a small change of the others does not
# change the output. Average pooling sends $g[r, c] / (k_h k_w)$ to every pixel. (Where pixels tie, the maximum has no
# derivative, and frameworks differ.)
#
# **Predict.** Now 3x3 pools with stride 1 overlap on a 3 x 5 image, and the 9 in the middle wins all three; $g$ is
# 1, 2, 4. What does it get? And with average pooling?

# %% tags=["nbval-check-output"]
peak = np.array([[1, 2, 3, 4, 5], [5, 4, 9, 2, 1], [3, 1, 2, 5, 4]])
g = np.array([[1, 2, 4]], "float32")
print(gradient_through(layers.MaxPooling2D(3, 1), peak, g).astype(int))
print("average, times 9:", (9 * gradient_through(layers.AveragePooling2D(3, 1), peak, g)[0]).round().astype(int))

# %% [markdown]
# **What we see.** Gradients of overlapping pools add up: 1 + 2 + 4 = 7.

# %% [markdown]
# ## Shifts: equivariant by whole strides only
#
# "Max pooling makes CNNs translation invariant" is a half-truth. Take one bright pixel in a row, and pools of 4.
#
# **Predict.** The pixel starts at column 4 and moves to the right, pixel by pixel. When does the output change?

# %% tags=["nbval-check-output"]
for shift in range(6):
    row = np.zeros(16)
    row[4 + shift] = 8
    outputs = {mode: reference.pool2d(row.reshape(1, 1, -1, 1), (1, 4), mode=mode).ravel() for mode in KERAS_LAYERS}
    print(f"shift {shift}: max {outputs['max'].astype(int)}  average {outputs['average'].astype(int)}")

# %% [markdown]
# **What we see.** As long as the pixel stays in its pool, both outputs stay. The step over the boundary moves the
# output by a whole pixel. A shift by $s b$ columns (notebook 03) passes through pooling as a shift by $b$; where pools
# overlap, only away from the border at which zeros come in:
#
# $$\text{pool}(S_{0, sb} \, x) = S_{0, b} \; \text{pool}(x)$$
#
# **Predict.** A photograph is shifted circularly, so without a border, by 1 to 6 pixels. When is the pooled map the
# old one, shifted?


# %%
def pool_on_a_torus(images, size, stride, mode):
    """Pooling of images (N, H, W, C) whose first columns follow again on the last ones."""
    wrapped = np.pad(images, [(0, 0), (0, 0), (0, size - stride), (0, 0)], mode="wrap")
    return reference.pool2d(wrapped, size, stride=stride, mode=mode)


# %% tags=["nbval-check-output"]
photograph = cat[None, :252, :252, None]
for mode, (size, stride) in itertools.product(KERAS_LAYERS, [(2, 2), (3, 3), (2, 1)]):
    start, exact = pool_on_a_torus(photograph, size, stride, mode), []
    for shift in range(1, 7):
        moved = pool_on_a_torus(np.roll(photograph, shift, axis=2), size, stride, mode)
        if any(np.array_equal(np.roll(start, b, axis=2), moved) for b in range(7)):
            exact.append(shift)
    print(f"{mode:8} size {size}, stride {stride}: shifted map for shifts by", exact)
    assert exact == [shift for shift in range(1, 7) if shift % stride == 0]

# %% [markdown]
# **What we see.** Pooling with stride $s$ is equivariant to shifts by multiples of $s$. After two layers with stride 2
# these are multiples of 4. In between, all we can ask is how much changes.

# %% [markdown]
# ## Measured on trained networks
#
# Four networks of three stages make their maps smaller in four ways: not at all; by a stride of 2; by max pooling; by
# average pooling. A stage is a convolution, batch normalisation (it keeps every channel at one scale,
# [notebook 13](13_the_problem_with_depth.ipynb)), ReLU, and the pool, if any. A pooled head follows: the mean of each
# map, and a dense layer ([notebook 15](15_global_average_pooling.ipynb)).


# %%
def build(downsampling, size=None):
    """Three convolutions and a pooled head; downsampling is "none", "stride", "max" or "average"."""
    net = [keras.Input((size, size, 1))]
    for stage, kernels in enumerate((16, 32, 32), start=1):
        stride = 2 if downsampling == "stride" and stage < 3 else 1
        net.append(layers.Conv2D(kernels, 3, stride, padding="same", use_bias=False, name=f"conv{stage}"))
        net += [layers.BatchNormalization(momentum=0.9, name=f"norm{stage}"), layers.ReLU(name=f"relu{stage}")]
        if downsampling in KERAS_LAYERS and stage < 3:
            net.append(KERAS_LAYERS[downsampling](2, name=f"pool{stage}"))
    net += [layers.GlobalAveragePooling2D(name="features"), layers.Dense(10, name="logits")]
    return keras.Sequential(net)


# %% [markdown]
# They learn Fashion-MNIST, framed to 32 x 32 pixels so that a shift by one pixel loses nothing. The net "none" is
# not trained: it gets the weights of the net with max pooling, and only its invariance is used.

# %%
train, test = datasets.load_fashion_mnist("train", TRAIN_IMAGES), datasets.load_fashion_mnist("test", TEST_IMAGES)


def frame(images, rows, columns):
    """Surround images (N, H, W, 1) by black rows above and below, and by black columns left and right."""
    return np.pad(images, [(0, 0), (rows, rows), (columns, columns), (0, 0)])


framed = datasets.Dataset(frame(train.images, 2, 2), train.labels, train.class_names)
nets = {}
for name in ("stride", "max", "average"):
    nets[name] = build(name)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * -(-len(framed) // BATCH_SIZE))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    nets[name].compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    print(name)
    training.fit(nets[name], framed, epochs=EPOCHS, batch_size=BATCH_SIZE)

# %% tags=["nbval-check-output"]
nets["none"] = build("none")
nets["none"].set_weights(nets["max"].get_weights())
for name in nets:
    print(f"{name:8} {costs.count_parameters(build(name, size=32)):,} parameters")

# %% [markdown]
# $f(x)$ are the pooled **features**, the 32 numbers before the last layer. How far does a shift by $a$ columns move
# them, compared with how far apart the features of different images lie?
#
# $$\delta(a) = \frac{\sqrt{\sum_n \lVert f(S_{0,a} \, x_n) - f(x_n) \rVert^2}}
# {\sqrt{\sum_n \lVert f(x_n) - \bar f \rVert^2}}$$
#
# $\bar f$ is the mean over the images $x_n$. A wide black frame keeps each window that sees clothes off the
# border, so that we measure downsampling alone.
#
# **Predict.** Draw the curve of each net for $a$ = 0 ... 6. Which nets return to 0, and where?


# %%
def relative_changes(net, images):
    """The change of the pooled features for shifts by 0 to MAX_SHIFT columns, relative to their spread."""
    to_features = keras.Model(net.inputs, net.get_layer("features").output)  # a model that ends at that layer
    start = to_features.predict(images, batch_size=50, verbose=0)
    spread = np.linalg.norm(start - start.mean(axis=0))
    shifted = (np.roll(images, a, axis=2) for a in range(MAX_SHIFT + 1))  # only black pixels come round
    return [np.linalg.norm(to_features.predict(moved, batch_size=50, verbose=0) - start) / spread for moved in shifted]


wide = frame(test.images[:SHIFTED_IMAGES], 16, 22)  # 60 x 72, multiples of 4; a shift leaves 16 black columns
changes = {name: relative_changes(net, wide) for name, net in nets.items()}

# %%
ax = figures.new_axes(width=6, height=3)
styles = {"stride": (figures.ORANGE, "-"), "max": (figures.BLUE, "-"), "average": (figures.BLUE, "--")}
for name, change in changes.items():
    colour, line = styles.get(name, (figures.GREY, ":"))
    ax.plot(range(MAX_SHIFT + 1), change, line, color=colour, marker="o", label=name)
ax.set(xlabel="shift in pixels", ylabel="relative change of features")
ax.set_title("Two strides of 2: invariant to 4 pixels, not to 1")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% tags=["nbval-check-output"]
for name, change in changes.items():
    unmoved = [a for a in range(MAX_SHIFT + 1) if change[a] < 1e-4]
    print(f"{name:8} features stay for shifts by", unmoved)
assert max(changes["none"]) < 1e-4
assert max(changes[name][4] for name in nets) < 1e-4

# %% tags=["nbval-check-output"]
for name in ("stride", "max", "average"):
    first_stage = keras.Model(nets[name].inputs, nets[name].get_layer("relu1" if name == "stride" else "pool1").output)
    start, exact = first_stage.predict(wide[:20], verbose=0), []
    for a in range(1, MAX_SHIFT + 1):
        moved = first_stage.predict(np.roll(wide[:20], a, axis=2), verbose=0)
        if any(np.allclose(np.roll(start, b, axis=2), moved, atol=1e-4) for b in range(4)):
            exact.append(a)
    print(f"{name:8} the first stage's map only moves for shifts by", exact)
    assert exact == [2, 4, 6]

# %%
stride_over_max = changes["stride"][1] / changes["max"][1]
max_over_average = changes["max"][1] / changes["average"][1]
assert stride_over_max > 1.1  # bound
assert max_over_average > 1.2  # bound

# %% [markdown]
# **What we see.** Without downsampling every map is equivariant, and the mean over all places makes that an exact
# invariance, whatever the weights. With two strides of 2 it holds for shifts by 4 only. For a shift by one pixel, in
# these nets strides change the features most, max pooling less, average pooling least. A strided convolution computes
# one of four places; a pool reads all four, and the mean weighs them alike: it is a blur before the subsampling
# (notebook 09).
#
# At 2 the first stage only moves its map, and the second alone errs. In the figure, average pooling then changes less
# than at 1, strides and max pooling more: measured, not explained here.
#
# Here are accuracy, and the share of images whose answer flips in a shift by one pixel.

# %%
test_images = frame(test.images, 2, 2)
for name in ("stride", "max", "average"):
    answers, moved = (
        nets[name].predict(images, batch_size=250, verbose=0).argmax(axis=1)
        for images in (test_images, np.roll(test_images, 1, axis=2))
    )
    print(f"{name:8} accuracy {np.mean(answers == test.labels):.3f}, flips {np.mean(answers != moved):.3f}")

# %% [markdown]
# Nothing is asserted here: set `SEED` to 2 and 3 and see which orders stay.
#
# **Predict.** We put one more pooling layer right before the pooled head. Does a max pool change the features, and
# does an average pool?

# %% tags=["nbval-check-output"]
maps = keras.Model(nets["max"].inputs, nets["max"].get_layer("relu3").output).predict(test_images[:50], verbose=0)
head = maps.mean(axis=(1, 2))
for mode in KERAS_LAYERS:
    equal = np.allclose(pool2(maps, mode).mean(axis=(1, 2)), head, rtol=1e-4, atol=1e-6)
    print(f"{mode:8} {maps.shape[1]} x {maps.shape[2]} maps, head sees the same features: {equal}")
    assert equal == (mode == "average")

# %% [markdown]
# **What we see.** The mean of the means of pools side by side *is* the mean of all, if they cover the map, as here.
# So an average pool right before a pooled head does nothing.

# %% [markdown]
# ## What pooling costs and saves, and where it stands today
#
# **Predict.** All four nets have the same parameters. For an image of 32 x 32 pixels, which one needs the fewest MACs,
# whose layers put out the most numbers, and whose last convolution sees the most of the image?

# %% tags=["nbval-check-output"]
print("                MACs  outputs of all layers  receptive field  jump")
for name in ("none", "stride", "max", "average"):
    net = build(name, size=32)
    outputs = sum(np.prod(row.output_shape) for row in costs.table(net))
    field, _ = costs.receptive_field(net, "relu3")
    print(f"{name:8}  {costs.count_macs(net):10,}  {outputs:21,}  {field.size:15}  {field.jump:4}")
assert costs.count_macs(build("max", 32)) == costs.count_macs(build("average", 32))

# %% [markdown]
# **What we see.** What a pool saves lies in the layers *after* it, whose maps have a quarter of the pixels. A stride
# saves more: it never computes the numbers that a pool would read. With either, the jump (notebook 08) becomes 4.
# Each pool adds $k_h - 1$ times the jump before it to the receptive field: $1 + 2 = 3$ pixels.
#
# **Predict.** EfficientNet-Lite0 is a network of 2020 ([notebook 17](17_depthwise_separable_convolutions.ipynb)). How
# many pooling layers has it, and how many convolutions with a stride?

# %% tags=["nbval-check-output"]
efficientnet = models.build("efficientnet_lite0")
kinds = [type(layer).__name__ for layer in efficientnet.layers]
strided = [layer for layer in efficientnet.layers if getattr(layer, "strides", (1, 1)) == (2, 2)]
print("max or average pooling:", kinds.count("MaxPooling2D") + kinds.count("AveragePooling2D"))
print("convolutions with stride 2:", len(strided))
print("global average pooling:", kinds.count("GlobalAveragePooling2D"))

# %% [markdown]
# **What we see.** It makes its maps smaller by [strides](09_strided_convolution.ipynb) alone, and pools once, over all
# places, at the end ([notebook 15](15_global_average_pooling.ipynb)).

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("10.1", 1)` gives a first step.
#
# ### Exercise 10.1 ★ Overlapping pools by hand
#
# Compute max pooling of this grid by hand, with 3x3 pools and stride 2, `"valid"`. Write the output as a list of rows.

# %% tags=["exercise"]
grid_by_hand = np.array([[2, 0, 1, 3, 0], [1, 6, 0, 2, 4], [3, 1, 5, 0, 1], [2, 9, 1, 1, 7], [0, 3, 2, 8, 1]])
pooled_by_hand = [[6, 5], [9, 8]]  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("10.1", pooled_by_hand)

# %% [markdown] tags=["solution"]
# The pools start at rows 0 and 2 and at columns 0 and 2, and each spans 3: the row and the column 2 belong to two
# pools, the 5 in the middle to all four. It wins only where nothing larger is near.
#
# Common mistake: to let the pools start 3 pixels apart. That is the default, when no stride is given; then only one
# pool fits.

# %% [markdown] tags=["exercise"]
# ### Exercise 10.2 ★★ Max pooling in NumPy
#
# Write max pooling without `reference` and without Keras, `"valid"`. Size and stride may differ.


# %% tags=["exercise"]
def max_pool(images, size, stride):
    """Max pooling of images (N, H, W, C) as (N, H', W', C); size and stride are whole numbers of pixels."""
    # BEGIN SOLUTION
    rows = (images.shape[1] - size) // stride + 1
    columns = (images.shape[2] - size) // stride + 1
    output = np.empty((len(images), rows, columns, images.shape[3]))
    for r in range(rows):
        for c in range(columns):
            window = images[:, r * stride : r * stride + size, c * stride : c * stride + size]
            output[:, r, c] = window.max(axis=(1, 2))
    return output
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("10.2", max_pool)

# %% [markdown] tags=["solution"]
# The maximum is taken over the axes 1 and 2 of the window, its rows and columns; images and channels stay.
#
# Common mistake: `reshape` into blocks, which works only where the stride equals the size and the size divides the
# image; or to start the output at 0 and take the larger of both, which is wrong for negative values.

# %% [markdown] tags=["exercise"]
# ### Exercise 10.3 ★★★ The gradient of max pooling
#
# Given an image and the derivatives `g` of the loss by the outputs of max pooling, compute the derivatives by the
# pixels of the image, in NumPy. No pool holds its largest value twice. Pools may overlap or leave gaps, which
# `np.kron` cannot do.


# %% tags=["exercise"]
def max_pool_gradient(image, g, size, stride):
    """The derivative of the loss by each pixel of image (H, W); g is (H', W'), size and stride are whole numbers."""
    # BEGIN SOLUTION
    gradient = np.zeros(image.shape)
    for r, c in np.ndindex(*g.shape):
        window = image[r * stride : r * stride + size, c * stride : c * stride + size]
        i, j = np.unravel_index(window.argmax(), window.shape)
        gradient[r * stride + i, c * stride + j] += g[r, c]
    return gradient
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("10.3", max_pool_gradient)

# %% [markdown] tags=["solution"]
# Each output hands its whole derivative to the one pixel it was copied from. `argmax` counts along the flattened
# window; `np.unravel_index` makes row and column of it, seen from the window's corner.
#
# Common mistake: `=` in place of `+=`. With overlapping pools one pixel may win several of them, and the derivative
# of a sum is the sum of the derivatives. Or to look for the winner's value in the whole image: it may stand
# outside the pool as well.

# %% [markdown] tags=["exercise"]
# ### Exercise 10.4 ★★★ A max pooling that shifts disturb less (open)
#
# A 2x2 max pool with stride 2 is one with stride 1, of which every second row and column is kept. Put a blur between
# the two: in the net "max", replace each pool by `MaxPooling2D(2, 1, padding="same")` and `AveragePooling2D(2)`.
# Train it, and measure its curve, its accuracy and its flips. As a third net take overlapping pools,
# `MaxPooling2D(3, 2, padding="same")`, without a blur.
#
# *Rubric.* A good answer (1) shows first, without training, that `[:, ::2, ::2]` of the first of the two layers is the
# old max pool on maps of even size, (2) has the curves of old and new nets in one figure, with three seeds each,
# (3) compares accuracy and MACs as well, (4) says which differences three seeds support and which they do not.

# %% [markdown]
# ## Summary
#
# - Pooling replaces each neighbourhood of each channel by its maximum or its mean; size and stride are chosen, nothing
#   is learned.
# - Average pooling is a depthwise convolution with constant weights; max pooling is not linear.
# - Max pooling sends the gradient to the winner, average pooling evenly to all; overlapping pools add up.
# - With stride $s$, pooling is equivariant to shifts by multiples of $s$. For a shift by one pixel, our
#   features change most with strides, less with max, least with average pooling.
# - What a pool saves lies in the layers after it; a stride saves in its own layer, too.

# %% [markdown]
# ## Further reading
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998:
#   subsampling layers, an average with a learned factor and bias.
# - D. Scherer, A. Müller, S. Behnke, *Evaluation of pooling operations in convolutional architectures for object
#   recognition*, 2010.
# - J. T. Springenberg and others, *Striving for simplicity: the all convolutional net*, 2014, arXiv:1412.6806: strides
#   in place of max pooling.
# - R. Zhang, *Making convolutional networks shift-invariant again*, 2019, arXiv:1904.11486: a blur before subsampling.
