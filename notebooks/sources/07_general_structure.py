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
# # 07 · General structure
#
# Nearly every convolutional layer of this course (not LeNet-5's C3 of 1998,
# [notebook 11](11_lenet_and_alexnet.ipynb)) is one formula with four settings: stride, padding, dilation and groups.
# If you can compute any output of any such layer by hand, you can read the drawings and tables of all these networks
# without guessing. Here the formula is put together, and you write the whole layer in NumPy.
#
# **You will be able to**
#
# - say which pixels and which channels any output of a layer reads;
# - compute the output shape and the number of parameters of a layer from its settings;
# - say what `"same"` does when it cannot be symmetric, and why that matters when weights change frameworks;
# - see a dilated kernel as a kernel with zeros between its weights;
# - write the whole layer in NumPy, equal to Keras.
#
# **You should know** [convolution](02_convolution.ipynb), [convolutional layers](03_convolutional_layers.ipynb), and
# kernels with several [input channels](04_colour_images_as_inputs.ipynb) and several
# [output channels](06_multiple_output_channels.ipynb).
#
# **Time** about 15 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, datasets, exercises, figures, reference, training, widgets

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
KERNEL_SIZES = [(1, 1), (3, 3), (2, 4), (5, 2)]
STRIDES_AND_DILATIONS = [((1, 1), (1, 1)), ((2, 2), (1, 1)), ((1, 3), (1, 1)), ((1, 1), (2, 2)), ((1, 1), (1, 3))]

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## One index at a time
#
# The formula so far is that of [notebook 06](06_multiple_output_channels.ipynb): $y[n, r, c, o] = b[o] + \sum_{i,j,m}
# w[i, j, m, o] \; x[n, r + i, c + j, m]$, with the input $x$ $(N, H, W, C_\text{in})$, the kernel $w$ $(k_h, k_w,
# C_\text{in}, C_\text{out})$, the bias $b$ $(C_\text{out})$ and the output $y$ $(N, H', W', C_\text{out})$. The image
# $I$ of notebook 02 is one $x[n, :, :, m]$, its kernel $K$ one $w[:, :, m, o]$.
#
# **Predict.** Five kernels of 3x2 read two images of 6 x 7 pixels with 4 channels. Which shapes do $w$ and $y$
# have? How many products are added up for one number of the output?


# %%
def keras_layer(x, w, b=None, **settings):
    """The output of a Keras Conv2D with kernel w (kh, kw, C_in / groups, C_out) and bias b, as a NumPy array."""
    layer = keras.layers.Conv2D(w.shape[3], w.shape[:2], use_bias=b is not None, **settings)
    layer.build(x.shape)
    layer.set_weights([w] if b is None else [w, b])
    return keras.ops.convert_to_numpy(layer(x))


def integers(*shape):
    return np.random.randint(-9, 10, shape).astype("float32")


# %% tags=["nbval-check-output"]
x, w, b = integers(2, 6, 7, 4), integers(3, 2, 4, 5), integers(5)
y = keras_layer(x, w, b)
n, r, c, o = 1, 3, 2, 4
products = w[:, :, :, o] * x[n, r : r + 3, c : c + 2, :]
print("kernel", w.shape, "output", y.shape, "products for one number:", products.size)
print("one output by the formula equals Keras:", bool(np.isclose(b[o] + products.sum(), y[n, r, c, o])))
assert np.isclose(b[o] + products.sum(), y[n, r, c, o])

# %% [markdown]
# **What we see.** Height and width shrink as in notebook 02, the input channels are summed away, and the output has
# as many channels as there are kernels.

# %% [markdown]
# ## Stride, padding, dilation: which pixels an output reads
#
# Three settings change *where* an output reads.
#
# - **Stride** $s$: the step on the input from one output to the next.
# - **Padding** $p$: rows or columns of zeros added at a side of the input. `"valid"` adds none; `"same"` makes an
#   output as large as the input where the stride is 1.
# - **Dilation** $d$: the distance on the input between neighbouring elements of the kernel.
#
# To see them, take an image of one row, 1 2 3 4 5 6 7, and the kernel 100, 10, 1. Each output then spells the three
# pixels that it has read.
#
# **Predict.** Without settings the first output is 123. Write down all outputs for stride 2, for dilation 2, for
# `"same"`.


# %% tags=["nbval-check-output"]
def spell(row, weights, **settings):
    """Outputs of a layer for an image of one row, each written with as many digits as there are weights."""
    x, w = np.array(row, "float32").reshape(1, 1, -1, 1), np.array(weights, "float32").reshape(1, -1, 1, 1)
    outputs = np.rint(keras_layer(x, w, **settings)).astype(int).ravel()
    return " ".join(f"{output:0{len(weights)}}" for output in outputs)


row, weights = [1, 2, 3, 4, 5, 6, 7], [100, 10, 1]
print("no settings    ", spell(row, weights))
print("stride 2       ", spell(row, weights, strides=2))
print("dilation 2     ", spell(row, weights, dilation_rate=2))
print("padding 'same' ", spell(row, weights, padding="same"))

# %% [markdown]
# **What we see.** Stride 2 moves the window by two pixels, dilation 2 spreads it, padding lets it read zeros
# outside. For output row $r$ and kernel row $i$ the input row is $r' = r s + i d - p_\text{top}$, and the
# same for columns.
#
# In two dimensions, for a 3x2 kernel and the output [1, 1]: orange is read, hatched is padding, and each pixel that
# is read carries the index $i, j$ of the weight on it.
#
# **Predict.** At which pixel of the input does the weight [0, 0] lie, in each of the four layers?

# %%
_, grids = plt.subplots(1, 4, figsize=(8, 2.3), sharex=True, sharey=True)
settings = {"no settings": {}, "stride 2": {"stride": 2}, "dilation 2": {"dilation": 2}, "same": {"padding": "same"}}
for ax, (name, setting) in zip(grids, settings.items(), strict=True):
    figures.show_pixels_read((6, 7), (3, 2), 1, 1, title=name, ax=ax, **setting)
plt.show()

# %% [markdown]
# **What we see.** At [1, 1], but at [2, 2] with stride 2, and at [0, 1] with `"same"`, which adds a row of zeros on
# top and no column on the left: two columns of weights need one column of zeros in all, and it stands on the right.
#
# The next cell has knobs for kernel size, stride, dilation, padding and output pixel. It starts with
# a 3x3 kernel, stride 2 and `"same"` on 7 x 9 pixels: one zero on each side.
#
# **Predict.** Which rows and columns does the output [0, 2] read, and how large is the output?

# %%
widgets.pixels_read((7, 9), row=0)

# %% [markdown]
# **What we see.** Rows -1 (zeros), 0 and 1, columns 3 to 5; the output has 4 x 5 pixels.

# %% [markdown]
# ## Groups: which channels an output reads
#
# With $G$ **groups** the input channels are split into $G$ parts, the output channels too, and each output channel
# reads only the input channels of its own part. Its kernel has $C_\text{in}/G$ channels. The output channels lie group
# by group, so channel $o$ belongs to group $q = \lfloor o \, G / C_\text{out} \rfloor$, counted from 0.
#
# Again the digits: one pixel with the channels 1, 2, 3, 4, and four output channels that spell what they read.
#
# **Predict.** Without groups ($G = 1$) all four outputs are 1234. And with 2 groups, with 4? Which shape does the
# kernel have?

# %% tags=["nbval-check-output"]
pixel = np.array([1.0, 2, 3, 4]).reshape(1, 1, 1, 4)
for groups, places in {1: [1000, 100, 10, 1], 2: [10, 1], 4: [1]}.items():
    w = np.repeat(np.reshape(places, (1, 1, -1, 1)), 4, axis=3)  # all four output channels have these weights
    outputs = reference.conv2d(pixel, w, groups=groups).astype(int).ravel()
    print(f"groups {groups}: kernel {w.shape}, outputs {outputs.tolist()}")

# %% [markdown]
# **What we see.** $G$ is the *number* of groups, not their width. It divides the kernel's weights by $G$.
#
# Now a Keras layer with random weights, 6 input and 4 output channels, 2 groups. We change one input channel after the
# other.
#
# **Predict.** Which output channels change with input channel 3, counted from 0? How many weights has the layer?

# %% tags=["nbval-check-output"]
x, w = integers(1, 5, 5, 6), integers(3, 3, 3, 4)
changed = np.repeat(x, 7, axis=0)  # image k has channel k changed, image 6 none
for channel in range(6):
    changed[channel, :, :, channel] += integers(5, 5)
outputs = keras_layer(changed, w, groups=2)
depends = np.abs(outputs[:6] - outputs[6]).max(axis=(1, 2)) > 0.5
for channel in range(6):
    print("input channel", channel, "changes output channels", np.flatnonzero(depends[channel]).tolist())
print("weights", w.size, "without groups", arithmetic.conv_parameters(3, 6, 4, bias=False))
assert w.size == arithmetic.conv_parameters(3, 6, 4, groups=2, bias=False)

# %% [markdown]
# **What we see.** Two layers side by side, each with half of the inputs and half of the outputs.
# ([Notebook 16](16_grouped_convolutions.ipynb) uses it.)

# %% [markdown]
# ## General structure: the formula of every output
#
# All settings together, with $p_\text{top}$ rows of zeros above the image and $p_\text{left}$ columns on its left:
#
# $$y[n, r, c, o] = b[o] + \sum_{i=0}^{k_h-1} \sum_{j=0}^{k_w-1} \sum_{m=0}^{C_\text{in}/G-1}
# w[i, j, m, o] \; x[n, \; r', \; c', \; m']$$
#
# $$r' = r s + i d - p_\text{top}, \qquad c' = c s + j d - p_\text{left}, \qquad m' = q \, C_\text{in}/G + m$$
#
# where $q$ is the group of $o$, and $x$ is zero outside the image. With 4 input channels, 6 output channels and 2
# groups, $o = 4$ belongs to group $q = 1$ and reads $m' = 2$ and 3. Rows and columns may differ in stride and
# dilation.
#
# **Predict.** Which of the indices $n, r, c, o$ of an output appear in the index of $w$, which in the index of $x$?


# %%
def one_output(x, w, b, index, stride, padding, dilation, groups):
    """Output [n, r, c, o] by the formula; padding is (top, left), stride and dilation are (rows, columns)."""
    n, r, c, o = index
    kernel_height, kernel_width, group_channels, channels_out = w.shape
    first = o * groups // channels_out * group_channels
    total = b[o]
    for i in range(kernel_height):
        for j in range(kernel_width):
            row = r * stride[0] + i * dilation[0] - padding[0]
            column = c * stride[1] + j * dilation[1] - padding[1]
            if 0 <= row < x.shape[1] and 0 <= column < x.shape[2]:
                for m in range(group_channels):
                    total += w[i, j, m, o] * x[n, row, column, first + m]
    return total


# %% [markdown]
# Keras refuses stride and dilation in one layer, so there are two layers, each with all the rest.
# `arithmetic.same_padding` gives the zeros before and after of `"same"`; its rule comes two sections below.

# %% tags=["nbval-check-output"]
x, w, b = integers(2, 8, 11, 4), integers(4, 3, 2, 6), integers(6)
for stride, dilation in [((2, 3), (1, 1)), ((1, 1), (2, 1))]:
    top, _ = arithmetic.same_padding(8, 4, stride=stride[0], dilation=dilation[0])
    left, _ = arithmetic.same_padding(11, 3, stride=stride[1], dilation=dilation[1])
    y = keras_layer(x, w, b, strides=stride, dilation_rate=dilation, padding="same", groups=2)
    by_formula = np.zeros(y.shape)
    for index in np.ndindex(y.shape):
        by_formula[index] = one_output(x, w, b, index, stride, (top, left), dilation, groups=2)
    agree = np.allclose(by_formula, y, atol=0.01)
    print(f"stride {stride}, dilation {dilation}, zeros {top, left}: output {y.shape}, agree: {agree}")
    assert np.abs(by_formula - y).max() < 1e-5 * np.abs(by_formula).max()

# %% [markdown]
# **What we see.** The formula gives every output of both layers. The kernel's index holds $o$ alone: one kernel serves
# all images and all places. The input's channel depends on $o$ through the group.

# %% [markdown]
# ## Output sizes, and a table of shapes
#
# In height, a dilated kernel spans $d (k_h - 1) + 1$ pixels. The first window starts at the edge of the padded
# image, and each further one $s$ pixels on, as long as it fits:
#
# $$H' = \left\lfloor \frac{H + p_\text{top} + p_\text{bottom} - d (k_h - 1) - 1}{s} \right\rfloor + 1$$
#
# with $\lfloor \cdot \rfloor$ rounding down; the same for columns. `"same"` makes $H' = \lceil H / s \rceil$, rounded
# up. The layer has $(k_h k_w C_\text{in}/G + 1) \, C_\text{out}$ parameters, the 1 for the bias.
#
# **Predict.** All inputs below are 32 x 48 pixels with 3 channels. Write down output shape and parameters of each row
# *before* you run its cell. First 16 kernels of 5x5: `"valid"`, `"same"`, and `"same"` with stride 2.


# %%
def table_row(filters, kernel_size, strides=1, padding="valid", dilation_rate=1, groups=1):
    """Output shape and parameters of a layer for inputs (32, 48, 3), by arithmetic and, asserted, by Keras."""
    kernel_size = np.broadcast_to(kernel_size, 2).tolist()
    settings = {"stride": strides, "padding": padding, "dilation": dilation_rate}
    height = arithmetic.output_size(32, kernel_size[0], **settings)
    width = arithmetic.output_size(48, kernel_size[1], **settings)
    parameters = arithmetic.conv_parameters(kernel_size, 3, filters, groups=groups)
    layer = keras.layers.Conv2D(filters, kernel_size, strides, padding, dilation_rate=dilation_rate, groups=groups)
    layer.build((None, 32, 48, 3))
    assert layer.compute_output_shape((None, 32, 48, 3)) == (None, height, width, filters)
    assert layer.count_params() == parameters
    print(f"{height} x {width} x {filters}  {parameters:5,} parameters")


# %% tags=["nbval-check-output"]
table_row(16, 5)
table_row(16, 5, padding="same")
table_row(16, 5, strides=2, padding="same")

# %% [markdown]
# **What we see.** Padding and stride change the shape, not the parameters.
#
# **Predict.** 5x5 with stride 2 and `"valid"`: what happens to the last row and column? Then a 1x7 kernel, and a 1x1.

# %% tags=["nbval-check-output"]
table_row(16, 5, strides=2)
table_row(16, (1, 7))
table_row(16, 1)

# %% [markdown]
# **What we see.** $\lfloor (48 - 5) / 2 \rfloor + 1 = 22$: the windows end at column 46 and never read the last one,
# 47. Likewise for rows: they end at 30 and never read row 31.
#
# **Predict.** 3x3 with dilation 4, `"valid"`; 15 kernels of 3x3 in 3 groups, `"same"`.

# %% tags=["nbval-check-output"]
table_row(16, 3, dilation_rate=4)
table_row(15, 3, padding="same", groups=3)

# %% [markdown]
# **What we see.** With dilation 4 the kernel spans 9 pixels and has the parameters of a 3x3. With 3 groups each kernel
# reads one channel: $(3 \cdot 3 \cdot 1 + 1) \cdot 15 = 150$.

# %% [markdown]
# ## "Same" when it cannot be symmetric
#
# `"same"` needs $\max((H' - 1) s + d (k_h - 1) + 1 - H, 0)$ rows of zeros in all. Half of them go on top. When the
# number is odd, Keras puts the extra row at the *bottom*, and the extra column on the right.
#
# **Predict.** The row 1 ... 8 with the kernel 100, 10, 1, stride 2 and `"same"`: where is the zero? Other frameworks,
# such as PyTorch with `padding=1`, put one zero on each side: what is spelled then?

# %% tags=["nbval-check-output"]
row = [1, 2, 3, 4, 5, 6, 7, 8]
print("zeros before, after:", arithmetic.same_padding(8, 3, stride=2))
print("'same'             ", spell(row, weights, strides=2, padding="same"))
print("one on each side   ", spell([0, *row, 0], weights, strides=2))
print("'same', kernel 10 1", spell(row, [10, 1], padding="same"))
assert arithmetic.same_padding(28, 3, stride=2) == (0, 1)

# %% [markdown]
# **What we see.** The shapes are equal, the outputs are not: each window lies one pixel further right in Keras.
#
# In the picture the windows are bars with their centres as dots; the triangle is the mean of all centres, the dashed
# line the centre of the image. The *shift* is from line to triangle, in pixels, positive to the right.
#
# **Predict.** Where is the triangle on the line: one zero after 8 pixels, one on each side of 8, of 9?

# %%
_, rows = plt.subplots(1, 3, figsize=(8, 1.7), sharex=True, sharey=True)
for ax, (pixels, padding) in zip(rows, [(8, "same"), (8, 1), (9, "same")], strict=True):
    figures.show_windows_in_a_row(pixels, 3, stride=2, padding=padding, ax=ax)
plt.show()

# %% [markdown]
# **What we see.** Only for 9. The output sits off where the windows together, from the first's start to the last's
# end, are not centred on the image: `"same"` reads a zero only on the right, and the symmetric zeros leave their last
# one unread.
#
# **Predict.** With `"same"`, which of these have a shift, and to which side: 28 and 29 pixels with kernel 3 and stride
# 2; 28 pixels with kernels 3 and 2 at stride 1, and with kernels 4 and 1 at stride 2?

# %% tags=["nbval-check-output"]
for size, kernel_size, stride in [(28, 3, 2), (29, 3, 2), (28, 3, 1), (28, 2, 1), (28, 4, 2), (28, 1, 2)]:
    before, after = arithmetic.same_padding(size, kernel_size, stride=stride)
    starts = np.arange(arithmetic.output_size(size, kernel_size, stride=stride, padding="same")) * stride - before
    shift = (starts + (kernel_size - 1) / 2).mean() - (size - 1) / 2
    print(f"{size} pixels, kernel {kernel_size}, stride {stride}: zeros ({before}, {after}), shift {shift:4} pixels")

# %% [markdown]
# **What we see.** An even kernel shifts the output at stride 1. A 1x1 kernel with stride 2 needs no zeros and shifts
# it to the left: its last window lies on the last pixel but one.
#
# Weights trained in one framework are often used in another. A layer with 3x3 kernels and stride 2 gets four
# images of Fashion-MNIST. PyTorch is not run here: `reference.conv2d` computes its `padding=1`.
#
# **Predict.** Which zeros must you add before a `"valid"` layer of Keras to get that, which to get `"same"`?

# %% tags=["nbval-check-output"]
images, w, b = datasets.load_fashion_mnist("test", limit=4).images, integers(3, 3, 1, 8), integers(8)
same = keras_layer(images, w, b, strides=2, padding="same")
symmetric = reference.conv2d(images, w, b, stride=2, padding=1)  # the zeros of PyTorch's padding=1
difference = np.abs(same - symmetric).max() / np.abs(symmetric).max()
print(
    "shapes", same.shape, symmetric.shape, "differ by more than a tenth of the largest output:", bool(difference > 0.1)
)
assert difference > 0.1

for name, padding in {"1 on each side": 1, "1 at bottom and right": ((0, 1), (0, 1))}.items():
    output = keras_layer(keras.layers.ZeroPadding2D(padding)(images), w, b, strides=2)
    print(name, "| equals padding=1:", np.allclose(output, symmetric, atol=1e-3), end=" | ")
    print("equals 'same':", np.allclose(output, same, atol=1e-3))

# %% [markdown]
# **What we see.** Nothing warns you: the shapes fit, and the numbers are wrong. `ZeroPadding2D`
# before a `"valid"` layer gives any padding.

# %% [markdown]
# ## Dilation: a wider reach with the same weights
#
# Between its weights a dilated kernel reads nothing, as if zeros stood there.
#
# **Predict.** The kernel 1 ... 9 has dilation 2. How large is the ordinary kernel that does the same, and where
# are its zeros?


# %% tags=["nbval-check-output"]
def stuffed(kernel, dilation):
    """The kernel (kh, kw) with dilation - 1 zeros between neighbouring weights."""
    larger = np.zeros([dilation * (k - 1) + 1 for k in kernel.shape])
    larger[::dilation, ::dilation] = kernel
    return larger


digits = np.arange(1, 10).reshape(3, 3)
print(stuffed(digits, 2).astype(int))

# %% tags=["nbval-check-output"]
for dilation in (1, 2, 4, 8):
    larger = stuffed(digits, dilation)[:, :, None, None]
    dilated = keras_layer(images, digits[:, :, None, None], dilation_rate=dilation)
    plain = keras_layer(images, larger)
    share = digits.size / larger.size
    print(f"dilation {dilation}: spans {larger.shape[:2]}, weights {digits.size}, {share:.0%} of the pixels spanned")
    assert np.allclose(dilated, plain, rtol=1e-5, atol=1e-5 * np.abs(plain).max())

# %% [markdown]
# **What we see.** Nine weights reach over 17 x 17 pixels, at the price of holes: of the neighbouring outputs 135 and
# 246 above, one reads odd pixels only, the other even ones.

# %% [markdown]
# ## The layer against Keras, setting by setting
#
# Now all settings together: four kernel sizes, five pairs of stride and dilation, both paddings, 1, 2 and 4 groups.
# For each image size one Keras model holds all layers side by side, and a layer in NumPy gets their weights.
#
# **Predict.** How many layers are these for two image sizes? How far apart will the outputs be?


# %% tags=["exercise"]
def all_layers():
    """One Keras layer for each combination of the settings, with 8 output channels and random weights."""
    grid = itertools.product(KERNEL_SIZES, STRIDES_AND_DILATIONS, ["valid", "same"], [1, 2, 4])
    for kernel_size, (strides, dilation), padding, groups in grid:
        settings = {"dilation_rate": dilation, "groups": groups, "bias_initializer": "random_normal"}
        yield keras.layers.Conv2D(8, kernel_size, strides, padding, **settings)


# %% tags=["exercise"]
compared = []  # images, Keras' layer, its output
for size in [(9, 10), (12, 11)]:
    inputs, layers = keras.Input((*size, 4)), list(all_layers())
    model = keras.Model(inputs, [layer(inputs) for layer in layers])  # from one input to the outputs of all layers
    images = np.random.normal(size=(2, *size, 4)).astype("float32")
    outputs = model.predict(images, verbose=0)
    compared += [(images, layer, output) for layer, output in zip(layers, outputs, strict=True)]


def differences_from_keras(numpy_layer):
    """The largest difference of a layer in NumPy from Keras, relative to the largest output, in each setting.

    A layer that returns nothing yet is compared in no setting.
    """
    differences = []
    for images, layer, output in compared:
        w, b = (weights.astype("float64") for weights in layer.get_weights())
        settings = {"stride": layer.strides, "dilation": layer.dilation_rate, "padding": layer.padding}
        by_numpy = numpy_layer(images, w, b, **settings, groups=layer.groups)
        if by_numpy is None:
            return []
        assert np.shape(by_numpy) == output.shape
        differences.append(np.abs(output - by_numpy).max() / np.abs(output).max())
    return differences


# %% tags=["nbval-check-output"]
differences = differences_from_keras(reference.conv2d)
print(len(differences), "settings; largest relative difference below 1e-5:", bool(max(differences) < 1e-5))
assert len(differences) > 100
assert max(differences) < 1e-5

# %% [markdown]
# **What we see.** $2 \cdot 4 \cdot 5 \cdot 2 \cdot 3 = 240$ layers, and one formula for all. What remains is
# rounding: Keras computes with 32 bits, NumPy with 64.
#
# **Predict.** Keras refuses some settings. Which of the next five layers, 8 kernels on 6 input channels, exist?

# %% tags=["nbval-check-output"]
for settings in [
    {"groups": 2},
    {"groups": 3},
    {"groups": 4},
    {"strides": 2, "dilation_rate": 2},
    {"strides": (1, 2), "dilation_rate": (2, 1)},
]:
    try:
        layer = keras.layers.Conv2D(8, 3, **settings)
        layer.build((None, 9, 9, 6))
        print(settings, "is fine")
    except ValueError as error:
        print(settings, "raises", type(error).__name__)

# %% [markdown]
# **What we see.** Groups must divide both numbers of channels: 3 does not divide 8, 4 does not divide 6. Stride and
# dilation together have a meaning in the formula, but not in Keras.
#
# **Predict.** Can you get them from a layer with dilation alone? And which outputs does stride 2 leave out of the row
# 1 ... 8 with `"same"`?

# %% tags=["nbval-check-output"]
x, w = integers(1, 13, 14, 2), integers(3, 2, 2, 4)
both = reference.conv2d(x, w, stride=2, dilation=3)
dilated = keras_layer(x, w, dilation_rate=3)
print("dilation 3:", dilated.shape, "every second row and column:", dilated[:, ::2, ::2].shape)
print("equals stride 2 with dilation 3:", np.allclose(dilated[:, ::2, ::2], both, atol=0.01))
assert np.allclose(dilated[:, ::2, ::2], both, atol=0.01)
print("'same', stride 1:", spell(row, weights, padding="same"))
print("'same', stride 2:", spell(row, weights, strides=2, padding="same"))

# %% [markdown]
# **What we see.** With `"valid"`, stride 2 leaves out outputs that stride 1 would compute: it keeps outputs 0, 2, ...
# With `"same"` the zeros may differ, and here it keeps 1, 3, ...
# [Notebook 09](09_strided_convolution.ipynb) takes it from there.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# You write the general layer in three steps. Replace each `...` and run the check. `exercises.hint("07.1", 1)` gives
# a first step.
#
# ### Exercise 7.1 ★ The output shape of a layer
#
# Compute $(H', W')$ without `arithmetic`. Padding is `"valid"` or `"same"`.


# %% tags=["exercise"]
def output_shape(height, width, kernel_size, stride, padding, dilation):
    """The pair (H', W') in pixels; kernel_size, stride, dilation are pairs (rows, columns)."""
    # BEGIN SOLUTION
    shape = []
    for size, k, s, d in zip((height, width), kernel_size, stride, dilation, strict=True):
        span = d * (k - 1) + 1
        shape.append((size - span) // s + 1 if padding == "valid" else (size + s - 1) // s)
    return tuple(shape)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("07.1", output_shape)

# %% [markdown] tags=["solution"]
# With `"valid"`, the first window ends at pixel `span`, and `size - span` pixels are left for further steps of `s`
# pixels: that many whole steps, and the first window itself. With `"same"` there is one output for every `s` pixels
# begun; `(size + s - 1) // s` rounds up.
#
# Common mistake: to round up with `"valid"` too. A window that does not fit wholly into the image is not computed.

# %% [markdown] tags=["exercise"]
# ### Exercise 7.2 ★★ How many zeros "same" adds
#
# For *one* dimension, compute the zeros before (on top, left) and after (at the bottom, right) by Keras' rule, again
# without `arithmetic`.


# %% tags=["exercise"]
def zeros_of_same(size, kernel_size, stride, dilation):
    """The pair (before, after) in pixels for one dimension; all arguments are whole numbers."""
    # BEGIN SOLUTION
    outputs = (size + stride - 1) // stride
    needed = (outputs - 1) * stride + dilation * (kernel_size - 1) + 1
    total = max(needed - size, 0)
    return total // 2, total - total // 2
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("07.2", zeros_of_same)

# %% [markdown] tags=["solution"]
# From the first pixel of the first window to the last pixel of the last there are `(outputs - 1) * stride + span`
# pixels. What the image lacks of that is added; where the stride jumps over the image's last pixels, it lacks nothing,
# and `max` keeps the number from becoming negative.
#
# Common mistake: `k // 2` on each side. It is right for odd kernels at stride 1, and wrong for an even kernel, or
# where a stride of 2 leaves an odd number.

# %% [markdown] tags=["exercise"]
# ### Exercise 7.3 ★★★ The general layer
#
# Now the layer, without `reference` (the check does not look); `arithmetic.output_size` and `arithmetic.same_padding`
# may help, with their settings by name. `stride` and `dilation` are pairs (rows, columns), `padding` is `"valid"` or
# `"same"`, and stride and dilation come together, too. The cell after the check runs your layer in the 240 settings
# of the section above, which Keras supports, and compares.


# %% tags=["exercise"]
def conv_layer(images, kernel, bias, stride, padding, dilation, groups):
    """The output (N, H', W', C_out) of a convolutional layer for images (N, H, W, C_in)."""
    # BEGIN SOLUTION
    sizes, zeros = [], []
    for axis in (0, 1):
        size, k = images.shape[axis + 1], kernel.shape[axis]
        settings = {"stride": stride[axis], "dilation": dilation[axis]}
        sizes.append(arithmetic.output_size(size, k, padding=padding, **settings))
        zeros.append(arithmetic.same_padding(size, k, **settings) if padding == "same" else (0, 0))
    padded = np.pad(images, [(0, 0), *zeros, (0, 0)])
    output = np.zeros((len(images), *sizes, len(bias))) + bias
    group_in, group_out = kernel.shape[2], len(bias) // groups
    for i, j, o in np.ndindex(kernel.shape[0], kernel.shape[1], len(bias)):
        top, left, first = i * dilation[0], j * dilation[1], o // group_out * group_in
        rows = slice(top, top + (sizes[0] - 1) * stride[0] + 1, stride[0])
        columns = slice(left, left + (sizes[1] - 1) * stride[1] + 1, stride[1])
        output[..., o] += padded[:, rows, columns, first : first + group_in] @ kernel[i, j, :, o]
    return output
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("07.3", conv_layer)

# %% tags=["exercise", "nbval-check-output"]
differences = differences_from_keras(conv_layer)
equal = sum(difference < 1e-5 for difference in differences)
print(f"your layer is compared in {len(differences)} of {len(compared)} settings, and equals Keras in {equal}")
assert equal == len(differences)

# %% [markdown] tags=["solution"]
# Fix the kernel's element $[i, j]$ and the output channel $o$, and let $n, r, c$ run over everything at once, as in
# exercise 2.3: the rows $r s + i d$ of the padded image for $r = 0 \ldots H' - 1$ are a slice with the step $s$ that
# starts at $i d$. The product `@` sums over the group's channels, which begin at group number times $C_\text{in}/G$.
#
# Common mistake: `o % groups` for the group of output channel `o`. Output channels lie group by group, not in turn.

# %% [markdown] tags=["exercise"]
# ### Exercise 7.4 ★★★ Weights from another framework (open)
#
# A network of three 3x3 layers with stride 2 and ReLU comes from PyTorch, where each has `padding=1` and a kernel of
# the shape $(C_\text{out}, C_\text{in}/G, k_h, k_w)$. Make up random weights, compute the output for a photograph with
# `reference.conv2d` (`padding=1`), and build the network in Keras twice: with `"same"`, and right. How far off is the
# wrong one after each layer (norm of the difference over norm of the output)? For which sizes of the photograph is it
# right?
#
# *Rubric.* A good answer (1) moves the kernel's axes with one `np.transpose` and says why a reshape would be wrong,
# (2) has a Keras network that equals the reference to 1e-4 of the largest output, (3) shows the error of `"same"`
# after each layer as a number *and* as a picture, (4) derives the sizes for which all three layers pad symmetrically,
# and tests one of these and one other.

# %% [markdown]
# ## Summary
#
# - Each output is its channel's bias plus its channel's kernel times what it reads of the input.
# - Stride is the step from output to output, dilation that from weight to weight; padding adds zeros. None of them
#   changes the number of parameters.
# - Each output channel reads the $C_\text{in}/G$ input channels of its own group.
# - `"same"` gives $\lceil H / s \rceil$ rows, with an odd zero at the bottom and on the right: there, symmetric
#   padding gives other numbers.
# - A dilated kernel is a larger kernel with zeros between its weights.

# %% [markdown]
# ## Further reading
#
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, 2016.
# - Yu and Koltun, *Multi-scale context aggregation by dilated convolutions*, arXiv:1511.07122, 2015.
# - Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional neural networks*, 2012: groups.
