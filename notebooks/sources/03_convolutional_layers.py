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
# # 03 · Convolutional layers
#
# Notebook 02 ended with a convolution that is a dense layer of zeros and repeated weights. A convolutional layer is
# what remains if the zeros and the copies are not stored. Leaving them out is an assumption about images. Here you
# count what it saves, see what it buys when it is true and what it costs when it is not, and follow it to what
# makes these layers special: the image moves, their output moves with it.
#
# **You will be able to**
#
# - say what the parameters of a convolutional layer are, and compute any output from them;
# - read the dense matrix of a convolution: its bands, its zeros, its few distinct values;
# - count the parameters of dense, locally connected and convolutional layers, and name what each step assumes;
# - predict how many images each of the three needs to learn a filter, and when sharing weights fails;
# - tell equivariance from invariance, and say at which pixels the border breaks the first.
#
# **You should know** [notebook 01](01_limits_of_fully_connected_layers.ipynb) and
# [notebook 02](02_convolution.ipynb): dense layers, kernels, windows, valid outputs, the convolution matrix.
#
# **Time** about 10 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, datasets, exercises, figures, reference, training, widgets

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
SIDE = 12
LEARNING_IMAGES = 200

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Convolutional layers: no flattening
#
# A convolutional layer slides a kernel over the image, as in notebook 02, and adds a bias. For one grey image $x$ of
# $H \times W$ pixels its output $y$, the feature map, is
#
# $$y[r, c] = b + \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} w[i, j] \, x[r + i, c + j]$$
#
# with the kernel $w$, here $k_h \times k_w$ weights, and the bias $b$, one number; both are learned. Nothing is
# flattened: the layer takes images $(N, H, W, C_\text{in})$ and returns $(N, H', W', C_\text{out})$. In Keras $w$ has
# the shape $(k_h, k_w, C_\text{in}, C_\text{out})$.
#
# **Predict.** A layer with one 3x3 kernel sees 28 x 28 pixels. Which shape has its output? How many parameters has the
# layer?

# %% tags=["nbval-check-output"]
bag = datasets.load_fashion_mnist("test", limit=25).images[24]
layer = keras.layers.Conv2D(1, kernel_size=3, name="layer")
output = layer(bag[None])
print("image", bag[None].shape, "output", tuple(output.shape))
for name, values in zip(["kernel", "bias"], layer.get_weights(), strict=True):
    print(f"{name:6} {values.shape}")
print("parameters:", layer.count_params())

# %% [markdown]
# **What we see.** 28 - 3 + 1 = 26 rows and columns, and 9 + 1 = 10 parameters: *one* bias for all 676 outputs.
#
# We set nine different weights, to tell them apart.
#
# **Predict.** Which pixels does output `[16, 9]` read, and what is done with them?

# %% tags=["nbval-check-output"]
weights = np.array([[-4, -3, -2], [-1, 5, 1], [2, 3, 4]]) / 10
bias = -0.5
layer.set_weights([weights[:, :, None, None], np.array([bias])])
feature_map = keras.ops.convert_to_numpy(layer(bag[None]))[0, :, :, 0]

by_hand = (weights * bag[16:19, 9:12, 0]).sum() + bias
print(f"by hand {by_hand:.3f}, the layer {feature_map[16, 9]:.3f}")
assert abs(by_hand - feature_map[16, 9]) < 1e-5

# %%
axes = figures.show_images([bag, feature_map], ["image, 28 x 28", "feature map, 26 x 26"], signed=[False, True])
plt.colorbar(axes[1].images[0], ax=axes[1], shrink=0.8)
plt.show()

# %% [markdown]
# **What we see.** The window of `[r, c]` *starts* at that pixel. Where the image is black the map is blue, the bias
# alone. It is red where the image gets brighter downwards: in windows that reach over the bag's upper edge, and
# under its dark clasp.

# %% [markdown]
# ## Local connections: the matrix of the layer
#
# What would a dense layer need to compute the same? The **convolution matrix** (notebook 02) has a row for each output
# pixel and a column for each input pixel.
#
# **Predict.** How many entries has it for our layer, how many are not zero, how many distinct values are among these?

# %% tags=["nbval-check-output"]
kernel = weights[:, :, None, None]
matrix = reference.convolution_matrix(kernel, (28, 28, 1))
used = matrix[matrix != 0]
print(f"{matrix.shape}: {matrix.size:,} entries, {used.size:,} not zero, {np.unique(used).size} distinct values")
assert matrix.size == (26 * 26) * (28 * 28)
assert used.size == (26 * 26) * 3 * 3

# %% [markdown]
# **What we see.** For unequal weights without a zero
#
# $$\text{entries } (H' W') (H W) \qquad \text{not zero } H' W' k_h k_w \qquad \text{distinct } k_h k_w$$
#
# The zeros say that connections are *local*, the few distinct values that weights are *shared*.
#
# **Predict.** Take the matrix for 8 x 8 pixels. Where in its first row do the nine weights lie: next to each other?

# %% tags=["nbval-check-output"]
small = reference.convolution_matrix(kernel, (8, 8, 1))
print("first row of the matrix, not zero at columns", np.flatnonzero(small[0]))

# %% [markdown]
# Lines cut the matrix into **blocks**: how one row of outputs reads one row of the image.

# %%
ax = plt.subplots(figsize=(7, 4.8))[1]
figures.show_image(small, ax, signed=True, title="A band of blocks, and a band of weights in each block")
for image_row in range(1, 8):
    ax.axvline(8 * image_row - 0.5, color=figures.GREY, linewidth=0.5)
for output_row in range(1, 6):
    ax.axhline(6 * output_row - 0.5, color=figures.GREY, linewidth=0.5)
ax.set_axis_on()
ax.set(xlabel="input pixel; between two lines: one row of the image", xticks=range(0, 64, 8))
ax.set(ylabel="output pixel; between two lines: one row of outputs", yticks=range(0, 36, 6))
plt.show()

# %% tags=["nbval-check-output"]
blocks = small.reshape(6, 6, 8, 8).swapaxes(1, 2)  # (output row, image row, output column, image column)
print("blocks:", 6 * 8, "different ones:", len(np.unique(blocks.reshape(6 * 8, -1), axis=0)))
for output_row in range(6):
    for i in range(3):
        assert np.array_equal(blocks[output_row, output_row + i], blocks[0, i])

# %% [markdown]
# **What we see.** Three times three neighbours, one image row apart. Inside a block one kernel row forms a band; along
# the diagonal the blocks repeat. Only four differ: one for each kernel row, and the zeros.
#
# **Predict.** To equal the layer, a `Dense` layer also needs biases. How many, and which?

# %% tags=["nbval-check-output"]
dense = keras.layers.Dense(26 * 26, name="dense")
dense.build((None, 28 * 28))
biases = np.full(26 * 26, bias)
dense.set_weights([matrix.T, biases])
by_dense = keras.ops.convert_to_numpy(dense(bag.reshape(1, -1))).reshape(26, 26)
assert np.abs(by_dense - feature_map).max() < 1e-5 * np.abs(feature_map).max()
print(f"the same output, from {dense.count_params():,} parameters or {layer.count_params()}")

# %% [markdown]
# **What we see.** 676 equal biases. But the dense layer sees no neighbourhood.
#
# **Predict.** We permute the 784 pixels. Are there weights with which the dense layer still gives the old output? Is
# there such a 3x3 kernel?

# %% tags=["nbval-check-output"]
order = np.random.permutation(28 * 28)
permuted = bag.ravel()[order]
dense.set_weights([matrix.T[order], biases])
again = keras.ops.convert_to_numpy(dense(permuted[None])).reshape(26, 26)
print("dense layer, the same output:", np.allclose(again, feature_map, atol=1e-4))

windows = np.lib.stride_tricks.sliding_window_view(permuted.reshape(28, 28), (3, 3)).reshape(-1, 9)
nearest = np.linalg.lstsq(windows, feature_map.ravel() - bias)[0]  # the nine weights of least squared error
print("best 3x3 kernel, the same output:", np.allclose(windows @ nearest + bias, feature_map.ravel(), atol=1e-4))

# %% [markdown]
# **What we see.** The dense layer needs its weights in another order (notebook 01). For the convolution, pixels to be
# seen together lie apart.
#
# With `padding="same"`, zeros around the image, the matrix has $H W$ rows and columns.
#
# **Predict.** Has it $9 H W$ entries that are not zero, more, or fewer?

# %% tags=["nbval-check-output"]
for side in (8, 16, 28):
    same = reference.convolution_matrix(kernel, (side, side, 1), padding="same")
    print(f"{side:2} x {side:2} pixels: {np.count_nonzero(same):,} not zero, 9 H W = {9 * side**2:,}")
    assert np.count_nonzero(same) == (3 * side - 2) ** 2

# %% [markdown]
# **What we see.** Fewer: some weights lie on the zeros around, which have no column. Count one axis: each of $H$
# places reads 3 rows, $3H$ in all, but the first reads one above the image, the last one below. So $3H - 2$ are real,
# and with the columns $(3H - 2)(3W - 2)$.

# %% [markdown]
# ## Shared weights: dense, locally connected, convolutional
#
# Between the dense and the convolutional lies the **locally connected layer**: it reads windows, but each place has a
# kernel and a bias of its own,
#
# $$y[r, c] = b[r, c] + \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} w[r, c, i, j] \, x[r + i, c + j]$$
#
# with $w$ of shape $(H', W', k_h, k_w)$ and $b$ of shape $(H', W')$. Keras has no such layer any more; in NumPy it
# is two lines.
#
# **Predict.** What does it compute if every place gets the same kernel?


# %%
def locally_connected(image, kernels, biases):
    """The output (H', W') for an image (H, W), kernels (H', W', kh, kw) and biases (H', W')."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[2:])  # (H', W', kh, kw)
    return np.einsum("rcij,rcij->rc", windows, kernels) + biases


# %% tags=["nbval-check-output"]
print("keras.layers.LocallyConnected2D exists:", hasattr(keras.layers, "LocallyConnected2D"))
kernels = np.tile(weights, (26, 26, 1, 1))
by_local = locally_connected(bag[:, :, 0], kernels, np.full((26, 26), bias))
print("kernels", kernels.shape, "the same output:", np.allclose(by_local, feature_map, atol=1e-5))
assert np.allclose(by_local, feature_map, atol=1e-5)

# %% [markdown]
# **What we see.** A convolution.
#
# **Predict.** All three layers compute one feature at $H' W'$ places of a square grey image. Its side grows from 28
# to 224 pixels, eightfold. How do the parameters grow?


# %% tags=["nbval-check-output"]
def parameter_counts(side):
    """Parameters of the three layers from side x side grey pixels to one valid 3x3 feature at each place."""
    places = arithmetic.output_size(side, 3) ** 2
    shared = arithmetic.conv_parameters(3, 1, 1)
    return [arithmetic.dense_parameters(side**2, places), places * shared, shared]


names = ["dense", "locally connected", "convolutional"]
counts = {side: parameter_counts(side) for side in (28, 224)}
for name, at_28, at_224 in zip(names, *counts.values(), strict=True):
    print(f"{name:17} {at_28:10,} at 28 pixels {at_224:15,} at 224 pixels   x {at_224 / at_28:,.0f}")
assert counts[28] == [dense.count_params(), kernels.size + 26 * 26, layer.count_params()]

# %%
ax = figures.new_axes(width=6, height=2.6)
for offset, (side, colour) in zip((-0.2, 0.2), [(28, figures.BLUE), (224, figures.ORANGE)], strict=True):
    bars = ax.barh(np.arange(3) + offset, counts[side], height=0.4, color=colour, label=f"{side} x {side} pixels")
    ax.bar_label(bars, fmt="{:,.0f}", padding=3, fontsize=8)
ax.set(xscale="log", xlim=(1, 1e12), yticks=range(3), yticklabels=names, xlabel="parameters")
ax.invert_yaxis()
ax.legend()
ax.set_title("Only the last count ignores the image's size")
plt.show()

# %% [markdown]
# **What we see.** With $k_h k_w + 1 = 10$ the counts are
#
# $$(H W + 1) H' W' \qquad 10 \, H' W' \qquad 10$$
#
# They grow like the side's fourth power, its square, and not at all: somewhat more than $8^4 = 4096$ and $8^2 = 64$,
# as the valid output grows from 26 to 222. Each step is an assumption:
#
# - **locality** makes the dense layer locally connected: for a low-level feature, pixels far away do not matter;
# - **stationarity** makes that one convolutional: what is useful here is useful there, so places can share weights
#   (**weight sharing**).

# %% [markdown]
# ## What the assumptions buy, and what they cost
#
# Fewer parameters also need less *data*. All three layers learn Sobel's filter from clothes, of which we cut out the
# middle 12 x 12 pixels (corners are mostly black). Without biases, each wanted output is one linear equation for the
# weights that compute it. `np.linalg.pinv`, the **pseudo-inverse**, solves them at once with the least squared error;
# of several best solutions it takes that with the smallest sum of squares.
#
# **Predict.** Compare unknown weights and equations: how many training images does each layer need to make no error
# on new ones? (You need not read the next two cells.)


# %%
def windows_of(images):
    """The 3x3 windows of images (N, H, W) as vectors, (N, H', W', 9)."""
    views = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
    return views.reshape(*views.shape[:3], 9)


def pseudo_inverse(matrices):
    return np.linalg.pinv(matrices, rcond=1e-10)  # what is smaller is rounding


def learn_dense(images, targets):
    """One vector of H W weights for each output: (H W, H' W')."""
    return pseudo_inverse(images.reshape(len(images), -1)) @ targets.reshape(len(images), -1)


def learn_local(images, targets):
    """Nine weights for each place: (H', W', 9)."""
    by_place = windows_of(images).transpose(1, 2, 0, 3)  # (H', W', N, 9)
    return (pseudo_inverse(by_place) @ targets.transpose(1, 2, 0)[..., None])[..., 0]


def learn_shared(images, targets):
    """Nine weights for all places: (9,)."""
    return pseudo_inverse(windows_of(images).reshape(-1, 9)) @ targets.ravel()


# %%
def apply_dense(images, learned):
    return (images.reshape(len(images), -1) @ learned).reshape(len(images), SIDE - 2, SIDE - 2)


def apply_local(images, learned):
    return np.einsum("nrcq,rcq->nrc", windows_of(images), learned)


def apply_shared(images, learned):
    return windows_of(images) @ learned


def relative_error(outputs, targets):
    """Root of the mean squared error, relative to that of answering 0 everywhere."""
    return np.sqrt(np.mean((outputs - targets) ** 2) / np.mean(targets**2))


# %% tags=["nbval-check-output"]
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
clothes = datasets.load_fashion_mnist("train", limit=LEARNING_IMAGES).images[..., 0].astype(float)
unseen = datasets.load_fashion_mnist("test", limit=LEARNING_IMAGES).images[..., 0].astype(float)
middle, unseen_middle = clothes[:, 8:20, 8:20], unseen[:, 8:20, 8:20]
targets, unseen_targets = (apply_shared(images, sobel_x.ravel()) for images in (middle, unseen_middle))
layers = [(learn_dense, apply_dense), (learn_local, apply_local), (learn_shared, apply_shared)]
numbers = [1, 2, 4, 8, 9, 16, 32, 64, 100, 128, 143, 144, 200]
errors = {}
for name, (learn, apply) in zip(names, layers, strict=True):
    learned = [learn(middle[:number], targets[:number]) for number in numbers]
    errors[name] = [relative_error(apply(unseen_middle, weights), unseen_targets) for weights in learned]
    enough = next(number for number, error in zip(numbers, errors[name], strict=True) if error < 1e-6)
    print(f"{name:17} no error from {enough:3} training images on")
assert errors["dense"][numbers.index(143)] > 0.01
assert errors["locally connected"][numbers.index(8)] > 0.05

# %%
ax = figures.new_axes(width=6.5, height=3)
styles = [(figures.GREY, ":", 9), (figures.ORANGE, "--", 6), (figures.BLUE, "-", 3)]
for (name, values), (colour, line, size) in zip(errors.items(), styles, strict=True):
    ax.plot(numbers, values, color=colour, linestyle=line, marker="o", markersize=size, label=name)
ax.set(xlabel="training images", ylabel="relative error, new images", xscale="log")
ax.set_yscale("symlog", linthresh=0.01)  # logarithmic above 0.01, linear below, so that 0 has a place
ax.set_ylim(-0.003, 1.6)
ax.set_xticks([1, 9, 144], ["1", "9", "144"])
ax.set_yticks([1, 0.1, 0.01, 0], ["1", "0.1", "0.01", "0"])
ax.minorticks_off()
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
ax.set_title("True assumptions save images")
plt.show()

# %% [markdown]
# **What we see.** A dense output has 144 unknown weights, a locally connected one 9, and each image gives one equation
# for them. With sharing, each image gives 100 equations for the same nine weights, one for each window; if these vary
# enough, one image will do. (Targets without noise.)
#
# Sharing does more. Now all training images show clothes in the *left* half.
#
# **Predict.** What do the two local layers answer to clothes in the right half?

# %%
little = clothes.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
unseen_little = unseen.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4))
on_the_left = np.pad(little, ((0, 0), (0, 0), (0, 14)))
on_the_right = np.pad(unseen_little, ((0, 0), (0, 0), (14, 0)))
left_targets, right_targets = (apply_shared(images, sobel_x.ravel()) for images in (on_the_left, on_the_right))
by_sharing = apply_shared(on_the_right, learn_shared(on_the_left, left_targets))
by_places = apply_local(on_the_right, learn_local(on_the_left, left_targets))

# Gradient descent ends at its start plus what the pseudo-inverse makes of the start's errors.
start = np.random.normal(scale=0.3, size=(12, 26, 9))
step = learn_local(on_the_left, left_targets - apply_local(on_the_left, start))
by_descent = apply_local(on_the_right, start + step)

# %%
pictures = [on_the_right[5], right_targets[5], by_sharing[5], by_places[5], by_descent[5]]
titles = ["new image", "wanted", "convolutional", "local", "random start"]
for ax in figures.show_images(pictures, titles, columns=5, signed=[False, True, True, True, True]):
    ax.set_axis_on()
    ax.spines[:].set_visible(True)
    ax.set(xticks=[], yticks=[])
plt.show()

# %% tags=["nbval-check-output"]
seen = windows_of(on_the_left)[:, :, 14:]
print("brightest pixel of the training windows in the right half:", seen.max())
print(f"convolutional:     relative error {relative_error(by_sharing, right_targets):.6f}")
print(f"locally connected: relative error {relative_error(by_places, right_targets):.6f}")
assert np.abs(by_places).max() < 1e-9
assert relative_error(by_sharing, right_targets) < 1e-9

# %% [markdown]
# **What we see.** The convolutional layer is right where it never saw a thing. Of the local weights there the data say
# nothing: the pseudo-inverse takes the smallest, zeros; gradient descent leaves the random start, noise.
#
# Assumptions have a price. Let the wanted output be Sobel x in the upper half and Sobel y in the lower.
#
# **Predict.** Which of the three can learn it from 200 images?


# %% tags=["nbval-check-output"]
def two_filters(images):
    wanted = apply_shared(images, sobel_x.ravel())
    wanted[:, SIDE // 2 - 1 :] = apply_shared(images, sobel_x.T.ravel())[:, SIDE // 2 - 1 :]
    return wanted


errors_by_place = {}
for name, (learn, apply) in zip(names, layers, strict=True):
    learned = learn(middle, two_filters(middle))
    errors_by_place[name] = relative_error(apply(unseen_middle, learned), two_filters(unseen_middle))
    print(f"{name:17} relative error {errors_by_place[name]:.2f}")
assert max(errors_by_place["dense"], errors_by_place["locally connected"]) < 1e-9
assert errors_by_place["convolutional"] > 0.5

# %% [markdown]
# **What we see.** The convolutional layer cannot: one kernel has to serve both halves. Where each place has a part
# of its own, as in aligned faces (Taigman et al., 2014), a layer without sharing may be the better one.

# %% [markdown]
# ## Translation equivariance, and where the border breaks it
#
# Write $S_{a,b}$ for the **shift** by $a$ rows down and $b$ columns to the right,
#
# $$(S_{a,b} \, x)[r, c] = x[r - a, c - b]$$
#
# and 0 where $[r - a, c - b]$ lies outside of $x$. In code:


# %% tags=["nbval-check-output"]
def shift(image, a, b):
    """Shift an image (H, W) by a rows down and b columns to the right; zeros come in."""
    padded = np.pad(image, ((abs(a), abs(a)), (abs(b), abs(b))))
    return padded[abs(a) - a :, abs(b) - b :][: image.shape[0], : image.shape[1]]


print(shift(np.arange(1, 13).reshape(3, 4), 1, -2))

# %% [markdown]
# A function $f$ is **equivariant** to shifts if it does not matter whether we shift before or after:
#
# $$f(S_{a,b} \, x) = S_{a,b} \, f(x)$$
#
# **Predict.** $f$ is a valid convolution with bias, then with ReLU too. At which pixels do the two sides agree for
# $a = 3$, $b = 2$?


# %% tags=["nbval-check-output"]
def convolution(image, weights, padding="valid", bias=7):  # with a bias, black does not answer 0
    return reference.conv2d(image[None, :, :, None], weights[:, :, None, None], [bias], padding=padding)[0, :, :, 0]


cat = datasets.to_grey(datasets.load_photograph("chelsea"))[:300, :450].reshape(30, 10, 45, 10).mean(axis=(1, 3))
cat = np.rint(cat * 255)  # whole numbers, as the weights: no sum is rounded
whole = np.rint(weights * 10)
for name, activation in {"convolution": lambda y: y, "with ReLU": lambda y: np.maximum(y, 0)}.items():
    shift_first = activation(convolution(shift(cat, 3, 2), whole))
    shift_after = shift(activation(convolution(cat, whole)), 3, 2)
    equal = shift_first == shift_after
    print(f"{name:12} equal at {equal[3:, 2:].mean():.0%} of the pixels in rows from 3 and columns from 2 on")
    assert equal[3:, 2:].all()
    assert not equal.all()

# %% [markdown]
# **What we see.** From row 3 and column 2 on, everywhere: these values stood in the map before, elsewhere. In the rows
# and columns before, the shifted map holds zeros that came in; the map of the shifted image, what the kernel makes of
# such zeros. ReLU works on each pixel by itself and changes nothing.
#
# **Predict.** Now `padding="same"`. Those rows and columns left out, where do the two sides differ for kernels of 1,
# 3, 5 and 7 pixels?

# %% tags=["nbval-check-output"]
for size in (1, 3, 5, 7):
    odd_weights = np.arange(1.0, size**2 + 1).reshape(size, size)
    shift_first = convolution(shift(cat, 3, 2), odd_weights, "same")
    shift_after = shift(convolution(cat, odd_weights, "same"), 3, 2)
    differ = (shift_first != shift_after)[3:, 2:]
    # Rows are judged away from the right border, where whole columns differ; columns away from the lower one.
    rows = 3 + np.flatnonzero(differ[:, :-size].any(axis=1))
    columns = 2 + np.flatnonzero(differ[:-size].any(axis=0))
    print(f"{size} x {size}: rows {rows} of {len(cat)}, columns {columns} of {cat.shape[1]}")
    assert len(rows) == len(columns) == size // 2

# %% [markdown]
# **What we see.** In $\lfloor k_h / 2 \rfloor$ rows and $\lfloor k_w / 2 \rfloor$ columns (odd sizes; rounded down) at
# the border that the image moved *towards*.
#
# **Predict.** Why not at the other border? One row and a kernel of three ones show it. Which sums differ?

# %% tags=["nbval-check-output"]
row = np.arange(1, 6)
row_map, moved_map = (np.correlate(values, [1, 1, 1], "same") for values in (row, shift(row[None], 0, 1)[0]))
print("row         ", row, "          its map", row_map)
print("row, shifted", shift(row[None], 0, 1)[0], "          its map", moved_map)
print("                     the first map, shifted", shift(row_map[None], 0, 1)[0])

# %% [markdown]
# **What we see.** At the right the last sum lacks the 5 that has left. At the left only the place that came in
# differs; the next sum reads a zero now as before.
#
# In a **circular** shift, `np.roll`, what leaves on one side comes in on the other; circular padding puts the
# opposite side around the image. The image becomes a torus.
#
# **Predict.** Where does the border break equivariance now?


# %% tags=["nbval-check-output"]
def on_a_torus(image, weights):
    return convolution(np.pad(image, len(weights) // 2, mode="wrap"), weights)


map_at_start = on_a_torus(cat, whole)
for a, b in [(3, 2), (-7, 20), (15, -40)]:
    shift_first = on_a_torus(np.roll(cat, (a, b), axis=(0, 1)), whole)
    equal = shift_first == np.roll(map_at_start, (a, b), axis=(0, 1))
    print(f"shift by ({a}, {b}): equal at {equal.sum()} of {equal.size} pixels")
    assert equal.all()

# %% [markdown]
# **What we see.** Nowhere: a torus has no border.
#
# Sliders now move the bag, a menu changes the padding. The map is moved back and compared with that at the start (no
# bias; grey: came from outside).
#
# **Predict.** We put 6 pixels of black around the bag. How far down can it go before the difference is not 0?

# %%
widgets.shift_object(np.pad(bag[:, :, 0], 6), weights, down=9, right=3)

# %% tags=["nbval-check-output"]
room = np.pad(np.rint(bag[:, :, 0] * 255), 6)
at_start = convolution(room, whole, "same")
for down in (5, 6, 7, 9):
    moved_map = convolution(shift(room, down, 0), whole, "same")
    print(f"{down} pixels down: {(moved_map[down:] != at_start[:-down]).sum()} pixels differ")

# %% [markdown]
# **What we see.** 6 pixels: the kernel then reads zeros outside, but before it read those of the frame. At 7 a row of
# the bag has left. On the still picture only the crossed border differs; moved back, it lies just above the grey.

# %% [markdown]
# ## Equivariance is not invariance
#
# A function is **invariant** to shifts if its output *stays*: $f(S_{a,b} \, x) = f(x)$. "CNNs are translation
# invariant" is a half-truth.
#
# Three readers look at the bag's ReLU map (no bias): a dense unit whose weights are the map at the start, the mean,
# and the maximum over all places. Each is scaled to answer 1 at the start.
#
# **Predict.** The bag moves to the right. What does each answer?

# %% tags=["nbval-check-output"]
framed = np.pad(np.rint(bag[:, :, 0] * 255), ((2, 2), (16, 16)))
distances = [0, 1, 2, 4, 8, 16, 24, 32]
maps = [np.maximum(convolution(shift(framed, 0, distance), whole, bias=0), 0) for distance in distances]
readers = {
    "dense": [(maps[0] * moved).sum() / (maps[0] ** 2).sum() for moved in maps],
    "mean": [moved.mean() / maps[0].mean() for moved in maps],
    "maximum": [moved.max() / maps[0].max() for moved in maps],
}
print("pixels ", *(f"{distance:5}" for distance in distances))
for name, answers in readers.items():
    print(f"{name:7}", *(f"{answer:5.2f}" for answer in answers))
assert readers["mean"][:6] == readers["maximum"][:6] == [1.0] * 6
assert readers["dense"][4] < 0.5

# %%
chosen = [distances.index(distance) for distance in (0, 8, 24)]
pictures = [shift(framed, 0, distances[k]) / 255 for k in chosen] + [maps[k] for k in chosen]
titles = [f"{distances[k]} pixels to the right" for k in chosen]
titles += [f"dense {readers['dense'][k]:.2f}, mean {readers['mean'][k]:.2f}" for k in chosen]
axes = figures.show_images(pictures, titles, columns=3, signed=3 * [False] + 3 * [True])
for ax in axes[3:]:
    ax.contour(maps[0], [0.2 * maps[0].max()], colors=figures.GREY, linewidths=0.8)
    ax.set_axis_on()
    ax.spines[:].set_visible(True)
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# **What we see.** The map moves; the dense unit still looks where it was (outline). The mean stays until the bag
# leaves the frame, the maximum longer. So the layer gives equivariance, and a mean or a maximum over all places makes
# *invariance* of it, up to the border ([notebook 15](15_global_average_pooling.ipynb)). Hence, in notebook 01, the CNN
# with a pooled head lost least on shifted images.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("03.1", 1)` gives a first step.
#
# ### Exercise 3.1 ★ Counting the dense matrix
#
# The kernel of a valid convolution on a grey image holds no zero and no value twice. Count in its convolution matrix,
# without building it: all entries, those that are not 0, and the distinct values among the latter.


# %% tags=["exercise"]
def matrix_counts(height, width, kernel_height, kernel_width):
    """(entries, entries that are not 0, distinct values among these), three whole numbers."""
    # BEGIN SOLUTION
    places = (height - kernel_height + 1) * (width - kernel_width + 1)
    weights = kernel_height * kernel_width
    return places * height * width, places * weights, weights
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("03.1", matrix_counts)

# %% [markdown] tags=["solution"]
# The matrix has a row for each of $H' W'$ places and a column for each of $H W$ pixels. Each row holds the whole
# kernel once, since a valid window never leaves the image.
#
# Common mistake: $H W$ rows. That is the matrix of a `"same"` convolution, whose rows at the border hold only a part
# of the kernel.

# %% [markdown] tags=["exercise"]
# ### Exercise 3.2 ★★ The matrix of a locally connected layer
#
# A locally connected layer without biases has the kernels `kernels`, $(H', W', k_h, k_w)$. Build the matrix whose
# product with the flattened image is the flattened output. Its size follows from the shape of `kernels`.


# %% tags=["exercise"]
def local_matrix(kernels):
    """Matrix (H' W', H W) of a valid locally connected layer with kernels (H', W', kh, kw)."""
    # BEGIN SOLUTION
    rows, columns, kernel_height, kernel_width = kernels.shape
    height, width = rows + kernel_height - 1, columns + kernel_width - 1
    matrix = np.zeros((rows, columns, height, width))
    for r in range(rows):
        for c in range(columns):
            matrix[r, c, r : r + kernel_height, c : c + kernel_width] = kernels[r, c]
    return matrix.reshape(rows * columns, height * width)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("03.2", local_matrix)

# %% [markdown] tags=["solution"]
# With four axes, `matrix[r, c]` is an image of the weights with which the place $[r, c]$ looks at the input: zeros,
# and the kernel `kernels[r, c]` laid on its window. Flattening comes last. The zeros lie as in the matrix of a
# convolution; what is missing is the repetition.
#
# Common mistake: `kernels[0, 0]` at each place, which is weight sharing, or a window that stays in the corner.

# %% [markdown] tags=["exercise"]
# ### Exercise 3.3 ★★★ Where equivariance holds
#
# $f$ is a convolution with `padding="same"`, a kernel of odd side, and positive weights and bias. At which output
# pixels do $f(S_{a,b} \, x)$ and $S_{a,b} \, f(x)$ agree for *every* image $x$ of positive pixels? `down` and
# `right` are $a$ and $b$; each may be negative or 0.


# %% tags=["exercise"]
def equivariant_at(height, width, kernel_size, down, right):
    """Boolean array (height, width): True where shifting before and after the convolution always agree."""

    # BEGIN SOLUTION
    def along(size, shift):
        margin = kernel_size // 2
        place = np.arange(size)
        if shift > 0:
            return (place >= shift) & (place < size - margin)
        if shift < 0:
            return (place < size + shift) & (place >= margin)
        return np.full(size, True)

    return along(height, down)[:, None] & along(width, right)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("03.3", equivariant_at)

# %% [markdown] tags=["solution"]
# Along each axis, two things go wrong. Pixels that came in are 0 in the shifted map, where $f$ answers at least its
# bias. And within half a kernel of the border that the image moved towards, $f$ reads zeros in place of pixels that
# have left. At the opposite border both sides read the same zeros. Without a move nothing differs. A pixel must be
# right along both axes.
#
# Common mistake: to give up half a kernel on all four sides.

# %% [markdown] tags=["exercise"]
# ### Exercise 3.4 ★★★ Where equivariance ends (open)
#
# Measure how far a function is from equivariant: the norm of $f(S_{a,b} \, x) - S_{a,b} \, f(x)$, relative to that
# of $f(x)$, for circular shifts by 0 to 8 pixels, down and right separately. Take, with a circular convolution `conv`,
#
# - `conv(x) + B`, with `B` a random bias for each output pixel;
# - `conv(x - x.mean())`;
# - `conv(x + ramp)`, the ramp rising from 0 at the left to 1 at the right;
# - `conv(x)[::2, ::2]` (shift this map by half, rounded down).
#
# Which are equivariant, which to some shifts, which not at all?
#
# *Rubric.* A good answer (1) draws this error against the shift, with the plain convolution as a baseline at 0, (2)
# explains why in one case it is 0 at even shifts alone, (3) says in which functions a value depends on *where* a
# thing is (in an equivariant one it only moves), and when that is useful, (4) adds one function of its own.

# %% [markdown]
# ## Summary
#
# - A convolutional layer keeps rows and columns; its parameters are one kernel and one bias for images of any size.
# - Its dense matrix has at most $H' W' k_h k_w$ entries that are not zero, in bands of bands, of $k_h k_w$ values.
# - Locality and stationarity, if true, save parameters and images; if false, they cannot be unlearned.
# - A convolution is equivariant to shifts, except where pixels come in and, if padded, at the border moved towards.
# - Equivariance is not invariance: the map moves; a mean or a maximum over all places stays.

# %% [markdown]
# ## Further reading
#
# - Y. LeCun, *Generalization and network design strategies*, 1989: compares dense, locally connected and shared
#   weights.
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*, 1998.
# - I. Goodfellow, Y. Bengio, A. Courville, *Deep Learning*, 2016, section 9.2: sparse interactions, parameter sharing,
#   equivariant representations.
# - Y. Taigman, M. Yang, M. Ranzato, L. Wolf, *DeepFace: closing the gap to human-level performance in face
#   verification*, 2014: locally connected layers for aligned faces.
# - O. S. Kayhan, J. C. van Gemert, *On translation invariance in CNNs*, 2020, arXiv:2003.07064: what the border
#   tells a network about places.
