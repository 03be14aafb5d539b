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
# # 08 · Chaining convolutional layers
#
# A 3x3 kernel sees nine pixels, and no object fits into nine pixels. Networks see more by chaining: each layer reads
# the maps of the layer before. Two questions decide whether that works. What stands between the layers? Without a
# non-linearity a chain is no more than one layer. And how far does an output see? What lies further apart it cannot
# relate. Here you compute and measure both, and watch a network fail because it sees one pixel too little.
#
# **You will be able to**
#
# - compose two linear layers into one, and say what ReLU changes;
# - compute the receptive field of any list of layers, and measure it with gradients;
# - tell the theoretical from the effective receptive field;
# - compare three 3x3 layers with one 7x7 layer in field, weights and work;
# - say which tasks a network cannot learn because of its receptive field.
#
# **You should know** [convolution](02_convolution.ipynb) and the flip, the rank of kernels and maps from
# [several output channels](06_multiple_output_channels.ipynb), and stride, padding and dilation from the
# [general structure](07_general_structure.ipynb) of a layer.
#
# **Time** about 25 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, backend, costs, exercises, figures, inspection, reference, training, widgets

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
ROWS, COLUMNS = 4, 32  # of the experiment's images, in pixels
SEPARATIONS = (3, 5, 8)  # pixels
EPOCHS = 30

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Chaining without a non-linearity: two layers are one
#
# We correlate an image of 5 x 5 pixels with a 3x3 kernel of ones, and the result, 3 x 3, with this kernel again. An
# image with a 1 at a single pixel tells how much that pixel counts.
#
# **Predict.** How much does the corner count, how much the centre?

# %% tags=["nbval-check-output"]
ones = np.ones((3, 3))
single_pixels = np.eye(25).reshape(25, 5, 5)
answers = [reference.correlate(reference.correlate(image, ones), ones) for image in single_pixels]
print(np.reshape(answers, (5, 5)).astype(int))

# %% [markdown]
# **What we see.** A pixel counts once for each way through the two layers. These 25 numbers are a 5x5 kernel: one
# layer does the work of both.
#
# Let the image $I$ meet $K_1$ first, then $K_2$. A step $[i, j]$ in $K_1$ and one $[i', j']$ in $K_2$ add up, and so
# do all ways to the same pixel:
#
# $$K[u, v] = \sum_{i + i' = u} \; \sum_{j + j' = v} K_1[i, j] \, K_2[i', j'], \qquad
# (I \star K_1) \star K_2 = I \star K$$
#
# $K$ is the convolution $K_1 * K_2$ of notebook 02, with zeros around $K_1$ first: on each side one row (column) fewer
# than $K_2$ has, so that every overlap counts.
#
# **Predict.** How large is the composed kernel of a 3x3 and a 4x4 kernel?


# %% tags=["nbval-check-output"]
def integers(*shape):
    return np.random.randint(-9, 10, shape).astype(float)


image = integers(12, 12)
for size in (3, 4):
    first, second = integers(3, 3), integers(size, size)
    composed = reference.convolve(np.pad(first, size - 1), second)
    in_turn = reference.correlate(reference.correlate(image, first), second)
    assert np.array_equal(in_turn, reference.correlate(image, composed))
    print(f"3x3, then {size}x{size}: equal to one kernel of {composed.shape}")

# %% [markdown]
# **What we see.** 3x3 and 3x3 give 5x5, 3x3 and 4x4 give 6x6.
#
# Now layers with biases, from 3 channels to `middle` to 2. We read off the one layer from answers: to an empty image
# (its bias) and to each pixel of each channel (its kernel).
#
# **Predict.** Can 64 channels in the middle do what a single 5x5 layer cannot?


# %%
def two_layers(middle, activation=None, **settings):
    """3x3, then 3x3, from 3 to 2 channels, for images of any size."""
    first = keras.layers.Conv2D(middle, 3, activation=activation, bias_initializer="normal", **settings)
    second = keras.layers.Conv2D(2, 3, bias_initializer="normal", **settings)
    return keras.Sequential([keras.Input((None, None, 3)), first, second])


def answers_of(net, images):
    return keras.ops.convert_to_numpy(net(images.astype("float32")))


def read_off(net):
    """The kernel (5, 5, 3, 2) and the bias (2,) of the one layer that a linear net is equal to."""
    bias = answers_of(net, np.zeros((1, 5, 5, 3))).reshape(2)
    answers = answers_of(net, np.eye(75).reshape(75, 5, 5, 3))
    return (answers.reshape(75, 2) - bias).reshape(5, 5, 3, 2), bias


# %% tags=["nbval-check-output"]
noise = np.random.normal(size=(16, 20, 20, 3))
for middle in (1, 8, 64):
    net = two_layers(middle)
    kernel, bias = read_off(net)
    difference = np.abs(answers_of(net, noise) - reference.conv2d(noise, kernel, bias)).max()
    assert difference < 1e-4
    print(f"channels between: {middle:2}, parameters: {net.count_params():5,}, of the one layer: {kernel.size + 2}")

# %% [markdown]
# **What we see.** However many channels lie between, one 5x5 layer with 152 parameters gives the same. Few channels
# do even less: all outputs pass through them. 1x1 kernels, plain matrices, show it.
#
# **Predict.** 8 channels, then `middle`, then 8: what is the rank of the composed matrix?

# %% tags=["nbval-check-output"]
for middle in (1, 2, 4, 8, 64):
    composed = integers(8, middle) @ integers(middle, 8)
    print(f"channels between: {middle:2}, rank {np.linalg.matrix_rank(composed)}")

# %% [markdown]
# **What we see.** Depth without a non-linear activation function adds nothing to what one layer can compute; it can
# only restrict it.
#
# Now the two layers of ones, and the one 5x5 layer, have padding `"same"`.
#
# **Predict.** Where do their answers to an image of ones differ?

# %% tags=["nbval-check-output"]
ones, kernel = np.ones((1, 6, 6, 1)), np.ones((3, 3, 1, 1))
twice = reference.conv2d(reference.conv2d(ones, kernel, padding="same"), kernel, padding="same")
composed = reference.convolve(np.pad(kernel[..., 0, 0], 2), kernel[..., 0, 0])
once = reference.conv2d(ones, composed[..., None, None], padding="same")
print((once - twice)[0, :, :, 0].astype(int))

# %% [markdown]
# **What we see.** Only in the outermost pixels: there the second layer reads zeros, not sums.

# %% [markdown]
# ## ReLU breaks it
#
# A linear layer without bias turns the sign with its input: $f(-x) = -f(x)$. Two with ReLU between them do not. Could
# one 5x5 layer still come near? We fit the best one, with bias, to a net's answers by least squares, take the share of
# their variance that it leaves unexplained, and average over ten random nets.
#
# **Predict.** What share is left without ReLU, and with it: nearly nothing, a few per cent, or more?


# %%
def unexplained(net):
    """The share of the variance of a net's answers that the best single 5x5 layer with bias leaves."""
    answers = answers_of(net, noise).reshape(-1, 2)
    windows = np.lib.stride_tricks.sliding_window_view(noise, (5, 5), axis=(1, 2)).reshape(len(answers), 75)
    inputs = np.column_stack([windows, np.ones(len(windows))])
    rest = answers - inputs @ np.linalg.lstsq(inputs, answers, rcond=None)[0]
    return rest.var() / answers.var()


shares = {}
for name, activation in {"linear": None, "with ReLU": "relu"}.items():
    shares[name] = np.mean([unexplained(two_layers(8, activation)) for _ in range(10)])
left_by_relu = shares["with ReLU"]
assert shares["linear"] < 1e-8
assert left_by_relu > 0.1  # bound
print(", ".join(f"{name}: {share:.0%} left" for name, share in shares.items()))

# %% tags=["nbval-check-output"]
for name, activation in {"linear": None, "with ReLU": "relu"}.items():
    net = two_layers(8, activation, use_bias=False)
    odd = np.allclose(answers_of(net, -noise), -answers_of(net, noise), atol=1e-4)
    print(f"{name}: f(-x) = -f(x) is {odd}")

# %% [markdown]
# **What we see.** With ReLU, no single 5x5 layer does the work of both. What is gained? An example: the right
# neighbour minus the left one is positive where a row gets brighter, negative where it gets darker.
#
# **Predict.** The second line below adds up two ReLUs. Which function of the first line is it?

# %% tags=["nbval-check-output"]
row = np.array([[0, 0, 0, 1, 1, 1, 0, 0, 0]])
change = reference.correlate(row, np.array([[-1, 0, 1]])).astype(int)
either = np.maximum(change, 0) + np.maximum(-change, 0)
print("change:      ", change[0])
print("two ReLUs:   ", either[0])
assert np.array_equal(either, np.abs(change))

# %% [markdown]
# **What we see.** The absolute value: an edge is found whatever its sign.

# %% [markdown]
# ## The receptive field: formula and gradient
#
# The **receptive field** of an output is the range of input pixels on which it can depend.
#
# **Predict.** How many pixels does an output of three 3x3 layers see, and how many if the first has stride 2?

# %%
_, grids = plt.subplots(1, 2, figsize=(8, 2.6))
figures.show_field_growth([3, 3, 3], title="Three layers", ax=grids[0])
figures.show_field_growth([(3, 2), 3, 3], title="Stride 2 in the first", ax=grids[1])
plt.show()

# %% [markdown]
# Orange is what the middle output depends on: 7 pixels, and 11. A layer with kernel size $k_l$ and dilation $d_l$ adds
# $(k_l - 1) d_l$ steps. A step is as long as the **jump** before that layer: the pixels between neighbouring dots of
# the row that it reads, the product of all strides so far.
#
# $$R = 1 + \sum_{l=1}^{D} (k_l - 1) \, d_l \; s_1 s_2 \cdots s_{l-1}$$
#
# $R$ is the receptive field in pixels along one dimension, $D$ the number of layers, $s_l$ the stride of layer $l$.
#
# `arithmetic.receptive_field` computes it for a list of layers, each a kernel size or (kernel size, stride, padding,
# dilation), `costs.receptive_field` for any Keras model. The last column is *measured*: the rows and columns of pixels
# by which one output has a gradient other than zero, on images of noise. (**Leaky ReLU** multiplies negative values by
# 0.2 in place of 0, so no way through the net is switched off.)
#
# **Predict.** Cover the output and work out the six fields. Does it matter whether the first or the last layer has
# the stride?


# %%
def chain(windows, side, **settings):
    """A Keras model for images (side, side, 1): a layer for each window (kernel size, stride, padding, dilation)."""
    net = keras.Sequential([keras.Input((side, side, 1))])
    for number, window in enumerate(windows):
        window = arithmetic.Window(*np.atleast_1d(window).tolist())
        places = {"strides": window.stride, "dilation_rate": window.dilation, "name": f"layer{number}"}
        net.add(keras.layers.Conv2D(8, window.kernel_size, **places, **settings))
    return net


# %% tags=["nbval-check-output"]
stacks = {
    "three 3x3": [3, 3, 3],
    "stride 2 first": [(3, 2), 3, 3],
    "stride 2 last": [3, 3, (3, 2)],
    "1x1 between": [3, 1, 3],
    "even kernels, stride 2": [2, (4, 2), 3],
    "dilation 1, 2, 4": [3, (3, 1, 0, 2), (3, 1, 0, 4)],
}
for name, windows in stacks.items():
    field = arithmetic.receptive_field(windows)
    net = chain(windows, field.size + 4 * field.jump, activation="leaky_relu")
    top, left, bottom, right = inspection.receptive_window(net, net.layers[-1].name, row=2, column=2)
    assert (top, bottom) == (left, right) == (2 * field.jump, 2 * field.jump + field.size)
    assert costs.receptive_field(net) == (field, field)
    print(f"{name:22} formula {field.size:2}, jump {field.jump}   gradient {bottom - top:2} x {right - left}")

# %% [markdown]
# **What we see.** Formula and gradient agree. A stride widens the steps of the layers *after* it, so in the last layer
# it does nothing for the field. 1x1 layers see no further. Dilations of 1, 2, 4 take three layers from 7 pixels to 15.

# %% [markdown]
# ## What a pixel counts: the effective receptive field
#
# Inside the receptive field not all pixels count alike. We take layers of three weights in a row, all 1. The gradient
# of one output by a pixel is then the number of ways between them.
#
# **Predict.** One layer gives 1 1 1, two give 1 2 3 2 1. And three?


# %% tags=["nbval-check-output"]
def ways(depth):
    """For each pixel of the field, the ways from it to the output, through layers of three ones."""
    shape = (1, 1, 2 * depth + 1, 1)
    layers = [keras.layers.Conv2D(1, (1, 3), kernel_initializer="ones") for _ in range(depth)]
    net = keras.Sequential([keras.Input(shape[1:]), *layers])
    return backend.value_and_gradient(lambda x: keras.ops.sum(net(x)), np.zeros(shape))[1].ravel()


for depth in (1, 2, 3, 4):
    print(depth, ways(depth).astype(int))

# %% [markdown]
# **What we see.** A bell. In each layer a way goes left, straight on or right, so where it ends is a sum of $D$ such
# steps. For a random way each has variance $2/3$, and the sum has the standard deviation
#
# $$\sigma = \sqrt{2 D / 3}$$
#
# in pixels, while the field has $R = 2 D + 1$.
#
# **Predict.** From 4 layers to 64 the field grows from 9 to 129 pixels. By which factor does the bell widen?

# %% tags=["nbval-check-output"]
bell = np.ones(1)
for depth in range(1, 65):
    bell = np.convolve(bell, np.ones(3) / 3)
    deviation = np.sqrt(bell @ (np.arange(2 * depth + 1) - depth) ** 2)
    assert np.isclose(deviation, np.sqrt(2 * depth / 3))
    if depth in (4, 16, 64):
        print(f"{depth:2} layers: field {len(bell):3} pixels, standard deviation {deviation:.1f}")

# %% [markdown]
# **What we see.** By 4, the square root of 16. The part of the field that counts, the **effective receptive field**,
# grows only with the square root of the depth, here for equal weights. For ten 3x3 layers with random weights,
# 8 channels and ReLU, we average the gradient's magnitude over images of noise and ten initialisations.
#
# **Predict.** The central 11 x 11 of the 21 x 21 pixels are 27 % of the area. Which share of the gradient do they
# hold?


# %%
def mean_gradient(windows, nets=10):
    """Mean magnitude of the gradient of one output by each pixel, for random layers with ReLU, adding up to 1."""
    side, total = arithmetic.receptive_field(windows).size, 0
    for _ in range(nets):  # he_normal: first weights that suit ReLU (notebook 13)
        net = chain(windows, side, activation="relu", kernel_initializer="he_normal")
        images = np.random.normal(size=(16, side, side, 1))
        gradient = backend.value_and_gradient(lambda x, net=net: keras.ops.sum(net(x)[..., 0]), images)[1]
        total = total + np.abs(gradient).mean(axis=(0, 3))
    return total / total.sum()


gradient = mean_gradient([3] * 10)
central_share = gradient[5:16, 5:16].sum()
assert central_share > 0.6  # bound

# %%
_, (picture, curve) = plt.subplots(1, 2, figsize=(8, 2.8), width_ratios=(1, 1.6))
figures.show_image(gradient / gradient.max(), picture, title="The centre counts most")
columns, equal = np.arange(-10, 11), ways(10) / 3**10
signed = np.sqrt(equal) / np.sqrt(equal).sum()
curve.plot(columns, gradient.sum(axis=0), color=figures.BLUE, label="random nets with ReLU")
curve.plot(columns, equal, "--", color=figures.ORANGE, label="all weights equal")
curve.plot(columns, signed, ":", color=figures.ORANGE, label="square root of that")
curve.axhline(1 / 21, color=figures.GREY, linestyle=":", label="all pixels alike")
curve.set(xlabel="column, from the centre (pixels)", ylabel="share of the gradient", title="A bell over 21 columns")
curve.set(ylim=(0, 0.23), xticks=range(-10, 11, 5))
curve.legend()
plt.show()

# %%
print(f"share of the central 11 x 11 pixels: random nets {central_share:.0%}, ", end="")
print(f"all weights equal {equal[5:16].sum() ** 2:.0%}, square root of that {signed[5:16].sum() ** 2:.0%}")

# %% [markdown]
# **What we see.** A bright spot in a field with a nearly black rim. The random nets' bell is wider than that of equal
# weights: with weights of either sign, ways partly cancel. The *square* of the gradient then grows as the number of
# ways does, its magnitude as the square root: a bell wider by $\sqrt 2$.
#
# The theoretical field says what an output *can* depend on; the effective one, what it mostly depends on before
# training (Luo et al., 2016).
#
# **Predict.** For which of the six lists above is the bell narrower than a field with all pixels alike?

# %%
narrower = 0
for name, windows in stacks.items():
    columns = mean_gradient(windows).sum(axis=0)
    R = len(columns)
    deviation = np.sqrt(columns @ (np.arange(R) - (R - 1) / 2) ** 2)
    alike = np.sqrt((R**2 - 1) / 12)  # the standard deviation of R equal shares
    narrower += deviation < alike
    print(f"{name:22} field {R:2}, standard deviation {deviation:.2f}, all pixels alike {alike:.2f} pixels")
assert narrower == len(stacks)

# %% [markdown]
# **What we see.** For all six.

# %% [markdown]
# ## Three 3x3 against one 7x7
#
# With $C$ channels everywhere and no biases, three 3x3 layers have $27 \, C^2$ weights, one 7x7 layer $49 \, C^2$.
#
# **Predict.** Which chain needs fewer multiply-accumulates (**MACs**,
# [notebook 12](12_number_of_learnable_parameters.ipynb))? Which needs more memory for its outputs?

# %% tags=["nbval-check-output"]
C, side = 64, 56  # with padding "same" all maps have this side, in pixels
for sizes in ([7], [3, 3, 3], [5], [3, 3]):
    weights = sum(arithmetic.conv_parameters(k, C, C, bias=False) for k in sizes)
    macs = sum(arithmetic.conv_macs((side, side), k, C, C) for k in sizes)
    outputs = arithmetic.memory_bytes(len(sizes) * side * side * C)
    assert weights == sum(k * k for k in sizes) * C**2
    print(f"{sizes!s:9} field {arithmetic.receptive_field(sizes).size}, weights {weights:7,}, ", end="")
    print(f"million MACs {macs / 1e6:.0f}, ReLUs {len(sizes)}, outputs {outputs / 1e6:.1f} MB")

# %% [markdown]
# **What we see.** Three small kernels save 45 % of the weights and of the MACs, and bring two more ReLUs. Their price
# in training is three outputs to keep in place of one. Simonyan and Zisserman (2014) built networks on this
# ([notebook 13](13_the_problem_with_depth.ipynb)).

# %% [markdown]
# ## The experiment: a receptive field of d against d + 1
#
# Can a network be too short-sighted for a task, whatever its weights? Each image has two marks, single pixels of 1 in
# one row: $d$ pixels apart in class 1 ($d$ is this separation, not a dilation), $d + 4$ in class 0. All else must
# be equal. So each row is closed to a ring, the last pixel next to the first: there is no border, and each place is
# marked equally often.
#
# **Predict.** In how many images of a class is a pixel marked, when the first mark takes every place once?


# %%
def place_marks(rows, columns, separation):
    """Images (N, ROWS, COLUMNS, 1), one for each row and column of a first mark."""
    images, number = np.zeros((len(rows), ROWS, COLUMNS, 1), "float32"), np.arange(len(rows))
    images[number, rows, columns] = 1
    images[number, rows, (columns + separation) % COLUMNS] = 1
    return images


def ring(images, field):
    """The first field - 1 columns again at the right end, for windows that run over it."""
    return np.pad(images, [(0, 0), (0, 0), (0, field - 1), (0, 0)], mode="wrap")


# %% tags=["nbval-check-output"]
every_row, every_column = np.divmod(np.arange(ROWS * COLUMNS), COLUMNS)
for separation in (8, 12):
    times = place_marks(every_row, every_column, separation).sum(axis=0)
    print(f"separation {separation:2}: fewest marks on a pixel {times.min():.0f}, most {times.max():.0f}")

# %% [markdown]
# **What we see.** In two, whatever the class: once by each mark. No single pixel gives a class away.
#
# The network: convolutions, global average pooling ([notebook 15](15_global_average_pooling.ipynb)), a dense layer. An
# output of the last convolution sees one window of $R$ pixels. Below: the windows that touch a mark, for $d = 5$.
#
# **Predict.** From which $R$ on does a window see both marks?

# %%
widgets.windows_over_marks(separation=5, receptive_field=5)

# %% [markdown]
# **What we see.** With $R = d$ none does: the last window that sees the left mark ends just before the right one.
#
# Pooling takes the mean over all windows, wherever they lie. So the network knows only which windows there are, and
# how many of each: the image's *bag* of windows. Images with one bag get one answer.
#
# **Predict.** How many different bags do the 256 images of both classes give, for $R = d$ and for $R = d + 1$?


# %% tags=["nbval-check-output"]
def bags(separation, field, wrap=ring):
    """How many bags of windows all images of both classes have, and the best accuracy with nothing but the bag."""
    images = np.concatenate([place_marks(every_row, every_column, separation + more) for more in (0, 4)])
    windows = np.lib.stride_tricks.sliding_window_view(wrap(images, field)[..., 0], field, axis=2)
    codes = (windows @ 2.0 ** np.arange(field)).reshape(len(images), -1)  # each kind of window has its number
    _, bag = np.unique(np.sort(codes, axis=1), axis=0, return_inverse=True)
    number, labels = bag.max() + 1, np.repeat([0, 1], len(every_row))
    in_class = [np.bincount(bag.ravel()[labels == label], minlength=number) for label in (0, 1)]
    return number, np.maximum(*in_class).sum() / len(images)


for d in SEPARATIONS:
    for R in (d - 1, d, d + 1, d + 2):
        number, best = bags(d, R)
        print(f"d = {d}, R = {R:2}: bags {number}, accuracy at best {best}")
        assert (number, best) == ((2, 1.0) if d < R else (1, 0.5))

# %% [markdown]
# **What we see.** With $R \le d$ *all* images have the same bag. So any such network gives all of them one answer,
# trained or not: this is a proof. With $R = d + 1$ there are two bags, one for each class.
#
# That a network *could* tell them does not mean that training finds it. We train both, with 16 channels and 1x3
# kernels, and one 1x2 where $R$ is even.


# %%
def short_sighted(field, activation="leaky_relu"):
    """A net whose outputs see `field` pixels of a row before they are pooled."""
    net = keras.Sequential([keras.Input((ROWS, COLUMNS + field - 1, 1))])
    for size in [3] * ((field - 1) // 2) + [2] * ((field - 1) % 2):
        net.add(keras.layers.Conv2D(16, (1, size), activation=activation, kernel_initializer="he_normal"))
    net.add(keras.layers.GlobalAveragePooling2D())
    net.add(keras.layers.Dense(2))
    assert costs.receptive_field(net)[1].size == field
    return net


class StopWhenLearned(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        self.model.stop_training = logs["loss"] < 0.1


# %%
def make_marks(count, separation):
    """Images at random places and their labels: 1 for the separation, 0 for 4 pixels more."""
    labels = np.arange(count) % 2
    rows, columns = np.random.randint(ROWS, size=count), np.random.randint(COLUMNS, size=count)
    return place_marks(rows, columns, separation + 4 * (1 - labels)), labels


def experiment(separation, field, activation="leaky_relu"):
    """Spread of the outputs over all images before and after training, and accuracy on them."""
    net, (images, labels) = short_sighted(field, activation), make_marks(256, separation)
    all_images = np.concatenate([place_marks(every_row, every_column, separation + more) for more in (0, 4)])
    all_images, all_labels = ring(all_images, field), np.repeat([1, 0], len(every_row))
    before = np.ptp(answers_of(net, all_images), axis=0).max()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(0.01), loss)
    net.fit(ring(images, field), labels, 16, EPOCHS, verbose=0, callbacks=[StopWhenLearned()])
    after = np.ptp(answers_of(net, all_images), axis=0).max()
    return before, after, training.accuracy(net, all_images, all_labels)


# %% [markdown]
# **Predict.** We test on all 256 images, half of each class, trained on or not. Which accuracy has a network that
# gives all one answer? And one that sees a pixel more?

# %%
blind = {d: experiment(d, d) for d in SEPARATIONS}
seeing = {d: experiment(d, d + 1) for d in SEPARATIONS}
far_sighted, linear = experiment(3, 7), experiment(3, 4, activation=None)

assert max(max(before, after) for before, after, _ in [*blind.values(), linear]) < 1e-5
lowest_seeing = min(accuracy for *_, accuracy in [*seeing.values(), far_sighted])
largest_blind = max(accuracy for *_, accuracy in [*blind.values(), linear])
assert lowest_seeing > 0.9  # bound
assert largest_blind < 0.55  # bound

# %% tags=["nbval-check-output"]
runs = {f"d = {d}, R = {d}": blind[d] for d in SEPARATIONS} | {f"d = {d}, R = {d + 1}": seeing[d] for d in SEPARATIONS}
runs |= {"d = 3, R = 7": far_sighted, "d = 3, R = 4, linear": linear}
for name, (before, after, accuracy) in runs.items():
    verdict = "solved" if accuracy > 0.9 else "at chance" if abs(accuracy - 0.5) < 0.05 else "between"
    answers = "one answer to all" if max(before, after) < 1e-5 else "several answers"
    print(f"{name:20} {answers:17} {verdict}")

# %% [markdown]
# **What we see.** At $R = d$ all images get one answer, up to rounding, before and after training: accuracy one half.
# One pixel more, and the task is solved. With $d = 3$ a field of 7 solves it though it never holds both marks of
# class 0, which are 7 apart.
#
# The last network sees both marks at once, but it is linear. Then the pooled maps are sums over all pixels, and two
# marks add up to the same wherever they stand. To notice *how far apart* two things lie takes a receptive field that
# holds both, and a non-linearity before the pooling.
#
# Without the ring, no window reaches over the border.
#
# **Predict.** How many windows of 3 pixels see a mark in column 0, how many one in column 5? Does $R = d$ still mean
# chance?

# %% tags=["nbval-check-output"]
windows = np.lib.stride_tricks.sliding_window_view(np.eye(COLUMNS), 3, axis=1)
print("windows that see a mark in columns 0 to 5:", windows.sum(axis=(1, 2)).astype(int)[:6])
for d in SEPARATIONS:
    number, best = bags(d, d, wrap=lambda images, field: images)
    print(f"d = {d}, R = {d}, with a border: bags {number}, accuracy at best {best:.2f}")

# %% [markdown]
# **What we see.** Fewer windows see a mark near the border, so the bag tells something of the marks' places and
# separation.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("08.1", 1)` gives a first step.
#
# ### Exercise 8.1 ★ The receptive field of a list of layers
#
# Compute $R$ along one dimension, without `arithmetic`. Each layer is a triple (kernel size, stride, dilation).


# %% tags=["exercise"]
def field_of(layers):
    """The receptive field in pixels of a list of (kernel size, stride, dilation), from the input on."""
    # BEGIN SOLUTION
    field, jump = 1, 1
    for kernel_size, stride, dilation in layers:
        field += (kernel_size - 1) * dilation * jump
        jump *= stride
    return field
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("08.1", field_of)

# %% [markdown] tags=["solution"]
# Each layer adds one step less than it has kernel elements; a step is `dilation` units long, and a unit is `jump`
# pixels from its neighbour. The layer's own stride counts from the next layer on, so the jump is updated last.
#
# Common mistake: to multiply the jump by the stride before adding. A single layer with stride 2 would then see 5
# pixels with three weights.

# %% [markdown] tags=["exercise"]
# ### Exercise 8.2 ★★ Two layers into one
#
# Two layers with channels have no bias, no non-linearity, stride 1 and no padding. Write the kernel with which one
# layer does what `first` and then `second` do.


# %% tags=["exercise"]
def compose(first, second):
    """One kernel (h1 + h2 - 1, w1 + w2 - 1, A, C) from first (h1, w1, A, B) and second (h2, w2, B, C)."""
    # BEGIN SOLUTION
    height, width = first.shape[:2]
    rows, columns = second.shape[:2]
    composed = np.zeros((height + rows - 1, width + columns - 1, first.shape[2], second.shape[3]))
    for i in range(rows):
        for j in range(columns):
            composed[i : i + height, j : j + width] += first @ second[i, j]
    return composed
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("08.2", compose)

# %% [markdown] tags=["solution"]
# The element $[i', j']$ of the second kernel reads the first layer's maps $[i', j']$ further on, so it contributes the
# first kernel shifted by $[i', j']$. The product `first @ second[i, j]` sums over the $B$ channels in between: every
# way through the net counts.
#
# Common mistake: to flip one of the kernels, because composing is called convolution. In $K[u, v]$ both kernels are
# indexed forwards; the flip appears only when the sum is written as one kernel sliding over the other.

# %% [markdown] tags=["exercise"]
# ### Exercise 8.3 ★★★ Far sight with few layers
#
# Write down strides, 1 or 2 each, for a chain of 3x3 layers: an output sees at least 50 pixels, the jump after the
# last layer is at most 4, and no shorter chain can do it.

# %% tags=["exercise"]
strides = [2, 2, 1, 1, 1, 1, 1, 1]  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("08.3", strides)

# %% [markdown] tags=["solution"]
# Each layer adds 2 jumps, so the jumps before the layers must add up to at least 24.5. With both strides of 2 at the
# start they are 1, 2, 4, 4, 4 and so on: seven layers reach 23, eight reach 27, and $R = 1 + 2 \cdot 27 = 55$.
#
# Common mistake: to put the strides at the end, where few layers profit. The same eight layers then see far less.
# (What an early stride costs is the subject of [notebook 09](09_strided_convolution.ipynb).)

# %% [markdown] tags=["exercise"]
# ### Exercise 8.4 ★★★ What a border gives away (open)
#
# Without the ring, for $d = R = 8$, `bags` allowed more than one half. Which images does the bag give away? Train
# networks without it (leave out both calls of `ring`, and `+ field - 1`): do they find this? Then place the marks in
# the 32 columns so that the bag tells nothing.
#
# *Rubric.* A good answer (1) shows at which columns of the marks the bag decides, and why, (2) reports mean and range
# over five seeds beside the best possible accuracy, (3) derives from $R$ how far from the border marks must stay, and
# finds one bag, (4) says whether marks then stand elsewhere in one class, and why this network cannot use it.

# %% [markdown]
# ## Summary
#
# - Two convolutional layers with neither padding nor a non-linearity are one.
# - $R = 1 + \sum_l (k_l - 1) d_l s_1 \cdots s_{l-1}$; a gradient measures the same.
# - The centre counts most; before training the effective field grows with the square root of the depth (stride 1).
# - Three 3x3 layers see as far as one 7x7, with fewer weights and more ReLUs.
# - Two pixels $d$ apart meet in an output only if $R \ge d + 1$; with less and no border, a pooled net cannot relate
#   them, whatever its weights.

# %% [markdown]
# ## Further reading
#
# - Simonyan and Zisserman, *Very deep convolutional networks for large-scale image recognition*,
#   arXiv:1409.1556, 2014.
# - Luo, Li, Urtasun and Zemel, *Understanding the effective receptive field in deep convolutional neural networks*,
#   NIPS 2016, arXiv:1701.04128.
# - Araujo, Norris and Sim, *Computing receptive fields of convolutional neural networks*, Distill, 2019.
