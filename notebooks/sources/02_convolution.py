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
# # 02 · Convolution
#
# A dense layer that computes one local feature at every pixel needs a weight for every pair of pixels (notebook
# 01). A convolution does it with nine. Before networks learned such small grids of weights, people designed them by
# hand, to blur, to sharpen, to find edges. Here you use theirs, write the operation yourself, and then let a loss
# find the weights: the step to deep learning.
#
# **You will be able to**
#
# - compute any output of a convolution by hand, and the output's size;
# - say what a hand-made filter does by reading its weights;
# - tell correlation from convolution, and say which Keras computes;
# - see a convolution as a dense layer with few distinct weights;
# - learn a filter from pairs of input and output, and say when learning diverges.
#
# **You should know** Python, NumPy, what a gradient is, for one section the eigenvalues of a symmetric matrix, and
# from [notebook 01](01_limits_of_fully_connected_layers.ipynb) how Keras compiles and fits a model.
#
# **Time** about 15 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, datasets, exercises, figures, reference, training, widgets

import time

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
BATCH_SIZE = 32
EPOCHS = 13

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Convolution to the rescue
#
# What makes an edge an edge is the same everywhere in an image. So we take one small grid of weights, the
# **kernel**, lay it on a part of the image, the **window**, multiply each pixel by the weight on it, and add the
# products: one output pixel. Then the kernel moves on by one pixel.
#
# $$(I \star K)[r, c] = \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} I[r + i, c + j] \, K[i, j]$$
#
# $I$ is the image, $H \times W$ pixels; $K$ the kernel, $k_h \times k_w$ weights; $[r, c]$ row and column of the
# window's top left pixel, and of the output pixel. This is **correlation**, written $\star$.
#
# **Predict.** The image below is 0 on the left and 1 on the right; the kernel is Sobel's. What is the sum for the
# window that starts at row 1, column 2?

# %%
sobel_x = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
step = np.zeros((6, 7), dtype=int)
step[:, 4:] = 1
_ = figures.show_kernel_step(step, sobel_x, row=1, column=2)
plt.show()

# %% tags=["nbval-check-output"]
window = step[1:4, 2:5]
print(window * sobel_x)
print("sum:", (window * sobel_x).sum())

# %% [markdown]
# **What we see.** Only the right column of the window is bright, so the sum is 1 + 2 + 1 = 4.
#
# In code the formula is four nested loops. Later notebooks import them as `reference.correlate`.
#
# **Predict.** The image has 6 rows and 7 columns. How large is the output?


# %%
def correlate_loops(image, kernel):
    """Valid correlation of an image (H, W) with a kernel (kh, kw), by its definition."""
    (height, width), (kernel_height, kernel_width) = image.shape, kernel.shape
    output = np.zeros((height - kernel_height + 1, width - kernel_width + 1))
    for r in range(output.shape[0]):
        for c in range(output.shape[1]):
            for i in range(kernel_height):
                for j in range(kernel_width):
                    output[r, c] += image[r + i, c + j] * kernel[i, j]
    return output


# %% tags=["nbval-check-output"]
edges = correlate_loops(step, sobel_x)
print(edges)
print("image", step.shape, "kernel", sobel_x.shape, "output", edges.shape)
assert np.array_equal(edges, reference.correlate(step, sobel_x))

# %% [markdown]
# **What we see.** The kernel answers at the edge and nowhere else. It fits into the image at
#
# $$H' = H - k_h + 1, \qquad W' = W - k_w + 1$$
#
# rows and columns: 6 - 3 + 1 = 4 and 7 - 3 + 1 = 5. An output of this size is called *valid*: the kernel never
# leaves the image.
#
# Now move the kernel over a photograph of a cup (40 x 60 pixels). Running the cell gives you two sliders; the
# stored page shows one step, at the cup's left rim.
#
# **Predict.** Before each move: is the sum positive (red) or negative (blue)?

# %%
photograph = datasets.to_grey(datasets.load_photograph("coffee")).astype(float)
small = photograph.reshape(40, 10, 60, 10).mean(axis=(1, 3))
widgets.step_kernel(small, sobel_x, row=12, column=17)

# %% [markdown]
# **What we see.** The output is red where the image turns from dark to bright on the way to the right, blue where
# it turns dark again, near white on even surfaces.

# %% [markdown]
# ## The hand-made filters of classical vision
#
# Six classical kernels. `np.outer` multiplies a column of weights by a row; the Gaussian's weights are largest in the
# middle.

# %%
laplacian = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
unchanged = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]])
filters = {
    "box blur": np.outer(np.ones(5), np.ones(5)) / 25,
    "Gaussian blur": np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256,
    "sharpen": unchanged - laplacian,
    "Sobel x": sobel_x,
    "Sobel y": sobel_x.T,
    "Laplacian": laplacian,
}

# %%
_, grids = plt.subplots(1, 4, figsize=(7, 2))
for ax, name in zip(grids, ["sharpen", "Sobel x", "Sobel y", "Laplacian"], strict=True):
    figures.show_kernel(filters[name], ax, title=name)
plt.show()

# %% [markdown]
# **Predict.** On a surface of constant brightness $a$ each product is $a \, K[i, j]$, so the output is $a$ times
# the sum of the weights. Which of the six keep such a surface, which erase it?

# %% tags=["nbval-check-output"]
for name, kernel in filters.items():
    constant = reference.correlate(np.full((9, 9), 0.5), kernel)
    assert np.allclose(constant, 0.5 * kernel.sum())
    print(f"{name:14} sum of weights {kernel.sum():2.0f}   a surface of 0.5 becomes {constant[0, 0]:.1f}")

# %% [markdown]
# Kernels with sum 1 give an image again, those with sum 0 a *signed* map: red is positive, white zero, blue
# negative. The last picture is the strength of an edge in any direction, $\sqrt{g_x^2 + g_y^2}$, from the outputs
# $g_x$ and $g_y$ of Sobel x and y.
#
# **Predict.** Which parts of the cup's rim does Sobel x find, and which Sobel y?

# %%
cup = photograph.reshape(200, 2, 300, 2).mean(axis=(1, 3))[5:90, 80:210]
results = [cup] + [reference.correlate(cup, kernel) for kernel in filters.values()]
results.append(np.hypot(results[4], results[5]) / 2)  # halved, and the Laplacian times 3, for the picture alone
results[6] *= 3
titles = ["photograph", *filters, "edge strength"]
signed = [title in ("Sobel x", "Sobel y", "Laplacian") for title in titles]
_ = figures.show_images(results, titles, signed=signed, limit=1.5)  # from -1.5, blue, to 1.5, red
plt.show()

# %% [markdown]
# **What we see.** The blurs replace a pixel by a weighted mean of its neighbourhood. Sharpening, the image minus its
# Laplacian, adds to each pixel what distinguishes it from its neighbours. Sobel x takes differences from left to
# right and finds edges that run up and down; Sobel y finds those that run across.

# %% [markdown]
# ## What happens at the border
#
# A valid output is smaller than the image. An alternative is to surround the image with zeros first.
#
# **Predict.** An image of ones is surrounded by one row or column of zeros on each side. What does a 3x3 kernel of
# ones give in the corner, at the side, in the middle? What does Sobel x find in this image without an edge?

# %% tags=["nbval-check-output"]
for size in (3, 5, 11):
    print(f"{size} x {size} kernel: (400, 600) becomes", reference.correlate(photograph, np.ones((size, size))).shape)

surrounded = np.pad(np.ones((4, 4)), 1)
print("kernel of ones:", reference.correlate(surrounded, np.ones((3, 3))), sep="\n")
print("Sobel x:", reference.correlate(surrounded, sobel_x), sep="\n")

# %% [markdown]
# **What we see.** A valid output lacks $k_h - 1$ rows and $k_w - 1$ columns. With enough zeros around it is as large
# as the image, but the border is wrong: in the corner only 4 of 9 pixels are real, and Sobel finds an edge between
# image and zeros. Padding comes in [notebook 07](07_general_structure.ipynb).

# %% [markdown]
# ## Correlation and convolution: the flip
#
# In mathematics, **convolution**, written $*$, turns the kernel by 180 degrees first:
#
# $$(I * K)[r, c] = \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} I[r + i, c + j] \, K[k_h - 1 - i, k_w - 1 - j]$$
#
# **Predict.** An *impulse* is an image that is 1 at one pixel and 0 elsewhere. What is its correlation with the
# kernel 1 ... 9? In the first window that reaches the impulse, which weight lies on it?

# %% tags=["nbval-check-output"]
digits = np.arange(1, 10).reshape(3, 3)
impulse = np.zeros((5, 5))
impulse[2, 2] = 1
print("kernel:", digits, "correlation:", reference.correlate(impulse, digits), sep="\n")
print("convolution:", reference.convolve(impulse, digits), sep="\n")
assert np.array_equal(reference.correlate(impulse, digits), digits[::-1, ::-1])
assert np.array_equal(reference.convolve(impulse, digits), digits)

# %% [markdown]
# **What we see.** The first window touches the impulse with its *last* weight, 9. So correlation prints the kernel
# flipped in both axes; convolution, which flips it first, prints the kernel itself.
#
# Now on the photograph, with a row of 13 weights: 0.75 in the middle, 0.25 at the right end, 0 elsewhere. It adds a
# ghost.
#
# **Predict.** On which side of the cup does correlation put the ghost?

# %%
ghost = np.zeros((1, 13))
ghost[0, 6], ghost[0, 12] = 0.75, 0.25
reduced = photograph.reshape(80, 5, 120, 5).mean(axis=(1, 3))
pictures = [reduced[:, 6:-6], reference.correlate(reduced, ghost), reference.convolve(reduced, ghost)]
_ = figures.show_images(pictures, ["photograph", "correlation: ghost left", "convolution: ghost right"], columns=3)
plt.show()

# %% [markdown]
# **What we see.** In correlation the weight 0.25 reads the pixel 6 places to the right, so what is on the right
# appears again on the left. Convolution does the opposite.
#
# **Predict.** Which of the two does `keras.ops.conv` compute, the operation in Keras' convolutional layers? It
# takes images $(N, H, W, C_\text{in})$ and a kernel $(k_h, k_w, C_\text{in}, C_\text{out})$; here $N$ images and
# $C_\text{in}$, $C_\text{out}$ channels are one each.


# %% tags=["nbval-check-output"]
def keras_conv(image, kernel):
    """The output (H', W') of keras.ops.conv for one grey image (H, W) and one kernel (kh, kw)."""
    images = keras.ops.convert_to_tensor(image[None, :, :, None], dtype="float32")
    kernels = keras.ops.convert_to_tensor(kernel[:, :, None, None], dtype="float32")
    return keras.ops.convert_to_numpy(keras.ops.conv(images, kernels, padding="valid"))[0, :, :, 0]


def relative_difference(a, b):
    """The largest difference of a and b, relative to the largest magnitude in b."""
    return np.abs(a - b).max() / np.abs(b).max()


to_correlation = relative_difference(keras_conv(photograph, digits), reference.correlate(photograph, digits))
to_convolution = relative_difference(keras_conv(photograph, digits), reference.convolve(photograph, digits))
print("keras.ops.conv equals correlation:", bool(to_correlation < 1e-5))
print("keras.ops.conv equals convolution:", bool(to_convolution < 1e-5))
assert to_correlation < 1e-5 < 0.1 < to_convolution

# %% [markdown]
# **What we see.** What deep learning calls convolution is correlation; this course keeps the name. Mind the flip
# when you copy a kernel from a book. Whether it matters for learned weights, we see at the end.

# %% [markdown]
# ## Four ways to the same numbers
#
# Two other NumPy forms do without the four loops. **Sliding windows**: NumPy views the image as an array of all its
# windows, $(H', W', k_h, k_w)$, without a copy; one product with the kernel gives all sums. **Matrix**: one row for
# each output pixel holds the weights with which it reads the whole flattened image, as in a dense layer.
#
# **Predict.** For a 32 x 32 image and a 3x3 kernel the matrix has 900 rows and 1,024 columns. How many entries are
# not zero, and how many distinct values are among these?


# %%
def correlate_windows(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("rcij,ij->rc", windows, kernel)


def correlate_matrix(image, kernel, matrix):
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return (matrix @ image.ravel()).reshape(height, width)


# %% tags=["nbval-check-output"]
tile = photograph[200:232, 330:362]
matrix = reference.convolution_matrix(digits[:, :, None, None], (32, 32, 1))
used = matrix[matrix != 0]
print("matrix", matrix.shape, "entries", matrix.size, "not zero", used.size)
print("distinct values", np.unique(used))
whole = arithmetic.memory_bytes(398 * 598 * 400 * 600, "float64")
print(f"for the whole photograph: {whole / 1e9:.0f} gigabytes")
assert used.size == 30 * 30 * 3 * 3

# %% [markdown]
# Here is the matrix for an image of 6 x 6 pixels: 16 rows, 36 columns.

# %%
small_matrix = reference.convolution_matrix(digits[:, :, None, None], (6, 6, 1))
ax = plt.subplots(figsize=(7, 3.4))[1]
_ = figures.show_image(small_matrix, ax, signed=True, title="The same nine weights in every row, further right")
plt.show()

# %% [markdown]
# **Predict.** A Keras `Dense` layer shall compute the same. Which shape must its weights have, that of the matrix or
# of its transpose?

# %% tags=["nbval-check-output"]
dense = keras.layers.Dense(matrix.shape[0], use_bias=False)
dense.build((None, matrix.shape[1]))
dense.set_weights([matrix.T])
forms = {
    "loops": correlate_loops(tile, digits),
    "sliding windows": correlate_windows(tile, digits),
    "matrix": correlate_matrix(tile, digits, matrix),
    "keras.ops.conv": keras_conv(tile, digits),
    "dense layer": keras.ops.convert_to_numpy(dense(tile.reshape(1, -1))).reshape(30, 30),
}
for name, output in forms.items():
    assert relative_difference(output, reference.correlate(tile, digits)) < 1e-5
    print(f"{name:16} {output.shape}, agrees to 1e-5")

# %% [markdown]
# **What we see.** A convolution *is* a dense layer: 99 % of the weights are zeros, the others nine numbers,
# repeated. [Notebook 03](03_convolutional_layers.ipynb) starts here.
#
# **Predict.** How long does each take on the machine that ran this page? Does the time follow the number of
# multiplications?


# %%
def least_seconds(function, calls=20):
    """The time of the quickest of several calls: whatever else the machine does can only add to it."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


# %%
SMALL, LARGE = " 32 x  32", "400 x 600"
seconds = {
    ("sliding windows", SMALL): least_seconds(lambda: correlate_windows(tile, digits)),
    ("loops", SMALL): least_seconds(lambda: correlate_loops(tile, digits)),
    ("matrix", SMALL): least_seconds(lambda: correlate_matrix(tile, digits, matrix)),
    ("sliding windows", LARGE): least_seconds(lambda: correlate_windows(photograph, digits)),
    # Keras last: after a call its threads keep the processor busy for a while.
    ("keras.ops.conv", SMALL): least_seconds(lambda: keras_conv(tile, digits)),
    ("keras.ops.conv", LARGE): least_seconds(lambda: keras_conv(photograph, digits)),
}
products = {SMALL: used.size, LARGE: 398 * 598 * digits.size}
ratios = {}
for (name, size), least in sorted(seconds.items(), key=lambda entry: entry[0][1]):
    ratios[name, size] = least / seconds["sliding windows", size]
    count = matrix.size if name == "matrix" else products[size]
    print(f"{size}  {name:15} {count:9,} products {1e6 * least:8,.0f} microseconds", end="")
    print(f" {ratios[name, size]:7.1f} times sliding windows")
assert ratios["loops", SMALL] > 3
assert ratios["keras.ops.conv", SMALL] > ratios["keras.ops.conv", LARGE]

# %% [markdown]
# **What we see.** The times are this machine's, and vary from run to run. They do not follow the number of products
# alone. The loops make as many as the windows, but Python executes each by itself, so they are slower. The matrix
# makes 1,024 / 9, about 114 times as many, nearly all by zero. A call of Keras has a cost of its own, which weighs
# more on the tile than on the photograph.

# %% [markdown]
# ## From designed to learned
#
# Suppose we do not know Sobel's nine numbers and have only pairs: images, and what his filter makes of them. We
# start from random weights and make the mean squared error small:
#
# $$L(K) = \frac{1}{M} \sum_{q=1}^{M} \Big( \sum_{i,j} X_q[i, j] \, K[i, j] - T_q \Big)^2$$
#
# $X_q$ is the $q$-th of all $M$ windows, $T_q$ the wanted output there. In Keras this is a `Conv2D` layer with one
# kernel and no bias, and `SGD(rate)`, **stochastic gradient descent**: after each batch it takes rate times the
# gradient of that batch's $L$ (`"mse"`) away from $K$.


# %%
def learn_kernel(images, targets, optimizer, epochs=EPOCHS):
    """Fit one 3x3 kernel to images (N, H, W, 1) and targets (N, H - 2, W - 2, 1)."""
    layer = keras.layers.Conv2D(1, kernel_size=3, use_bias=False, name="kernel")
    model = keras.Sequential([keras.Input(images.shape[1:]), layer])
    model.compile(optimizer, loss="mse")
    history = model.fit(images, targets, batch_size=BATCH_SIZE, epochs=epochs, verbose=0)
    return layer.get_weights()[0][:, :, 0, 0], history.history["loss"]


# %% [markdown]
# First, 256 images of pure noise.
#
# **Predict.** Noise holds no edges. Can Sobel's kernel be learned from it?

# %%
noise = np.random.normal(scale=0.3, size=(256, 28, 28, 1))
noise_targets = reference.conv2d(noise, sobel_x[:, :, None, None])
noise_kernel, noise_loss = learn_kernel(noise, noise_targets, keras.optimizers.SGD(1.0))
noise_error = np.abs(noise_kernel - sobel_x).max()
assert noise_error < 1e-5  # bound

# %% tags=["nbval-check-output"]
print("steps:", EPOCHS * len(noise) // BATCH_SIZE)
print("learned kernel, rounded:", np.rint(noise_kernel).astype(int), sep="\n")

# %% [markdown]
# **What we see.** About a hundred steps find all nine weights, to within 0.00001.
#
# Now real images, from Fashion-MNIST, with the same learning rate of 1.
#
# **Predict.** They do hold edges. Does it go better?

# %%
clothes = datasets.load_fashion_mnist("train", limit=2048).images
clothes_targets = reference.conv2d(clothes, sobel_x[:, :, None, None])
_, diverging_loss = learn_kernel(clothes[:256], clothes_targets[:256], keras.optimizers.SGD(1.0), epochs=3)
print("mean loss in each epoch:", ", ".join(f"{loss:.0e}" for loss in diverging_loss))
powers_of_ten = np.log10(diverging_loss[-1] / diverging_loss[0])
assert powers_of_ten > 6  # bound

# %% [markdown]
# **What we see.** The loss explodes: learning **diverges**. The reason can be computed. $L$ is quadratic in the
# nine weights, with curvature
#
# $$A = \frac{2}{M} \sum_{q=1}^{M} x_q \, x_q^\top$$
#
# where $x_q$ is window $X_q$ as a vector of nine pixels. A gradient step on $L$ with learning rate $\eta$
# multiplies the error of $K$ along each eigenvector of $A$, with eigenvalue $\lambda$, by $1 - \eta \lambda$. That
# shrinks it only if $\eta < 2 / \lambda$, so the largest eigenvalue sets the limit.
#
# **Predict.** Neighbouring pixels of a shirt are alike. Which images have the larger $\lambda$, clothes or noise?


# %%
def curvature(images):
    """The nine eigenvalues of the loss's curvature for images (N, H, W, 1), in rising order."""
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0].astype(float), (3, 3), axis=(1, 2))
    vectors = windows.reshape(-1, 9)
    return np.linalg.eigvalsh(2 / len(vectors) * vectors.T @ vectors)


# %% tags=["nbval-check-output"]
of_noise, of_clothes = curvature(noise), curvature(clothes)
noise_limit, clothes_limit = 2 / of_noise[-1], 2 / of_clothes[-1]
print(f"noise:         limit of the learning rate about {noise_limit:.0f}")
print(f"Fashion-MNIST: limit of the learning rate about {clothes_limit:.1f}")
print(f"Fashion-MNIST: largest eigenvalue above {of_clothes[-1] / of_clothes[0] // 100 * 100:.0f} times the smallest")
assert clothes_limit < 1
assert noise_limit > 8  # bound

# %% tags=["nbval-check-output"]
steps = 256 // BATCH_SIZE  # in an epoch of the trial above
growth = 2 * steps * np.log10(abs(1 - 1.0 * curvature(clothes[:256])[-1]))  # 2: the loss is the error's square
print(f"rate 1: {steps} steps make the loss grow by {growth:.1f} powers of ten")
error_of_growth = abs(growth - powers_of_ten / 2)  # two epochs lie between the first loss and the last
assert error_of_growth < 0.5  # bound

# %% [markdown]
# **What we see.** For clothes a rate of 1 is beyond the limit, and the loss grew in each epoch as the largest
# $\lambda$ foretells, by $(1 - \lambda)^2$ a step. So we take 0.2, and more steps (2,048 images).
#
# **Predict.** Along the eigenvector of the smallest eigenvalue each step removes little of the error. Does
# **momentum** help, which adds 0.9 of the step before to each step?

# %%
careful = keras.optimizers.SGD(0.2, momentum=0.9)
clothes_kernel, clothes_loss = learn_kernel(clothes, clothes_targets, careful)
clothes_error = np.abs(clothes_kernel - sobel_x).max()
assert clothes_error < 1e-4  # bound

_, plain_loss = learn_kernel(clothes, clothes_targets, keras.optimizers.SGD(0.2))
lag_in_powers_of_ten = np.log10(plain_loss[-1] / clothes_loss[-1])
assert lag_in_powers_of_ten > 6  # bound

# %%
_, (curves, *grids) = plt.subplots(1, 3, figsize=(8, 2.8), width_ratios=(2, 1, 1))
curves.semilogy(range(1, EPOCHS + 1), noise_loss, color=figures.BLUE, label="noise")
curves.semilogy(range(1, EPOCHS + 1), clothes_loss, color=figures.ORANGE, linestyle="--", label="clothes, momentum")
curves.semilogy(range(1, EPOCHS + 1), plain_loss, color=figures.GREY, linestyle=":", label="clothes, no momentum")
curves.set(xlabel="epoch", ylabel="mean squared error")
curves.set_title("Momentum speeds up the slow direction")
curves.legend()
figures.show_kernel(noise_kernel, grids[0], title="from noise")
figures.show_kernel(clothes_kernel, grids[1], title="from clothes")
plt.show()

# %% [markdown]
# **What we see.** Two kinds of images, one kernel: the one that made the targets. Without momentum the loss is still
# more than a million times as large after as many steps.
#
# **Predict.** Now true convolution with an asymmetric kernel makes the targets, while the layer still computes
# correlation. What does it learn?

# %%
asymmetric = digits / 10
convolved = np.stack([reference.convolve(image[:, :, 0], asymmetric) for image in noise])[..., None]
flipped_kernel, _ = learn_kernel(noise, convolved, keras.optimizers.SGD(1.0))
flip_error = np.abs(flipped_kernel - asymmetric[::-1, ::-1]).max()
assert flip_error < 1e-5  # bound

# %% tags=["nbval-check-output"]
print("kernel of the targets:", asymmetric, "learned kernel, rounded:", flipped_kernel.round(2), sep="\n")

# %% [markdown]
# **What we see.** It learns the flipped kernel. Learning finds the weights that the operation needs, so deep
# learning can do without the flip.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("02.1", 1)` gives a first step.
#
# ### Exercise 2.1 ★ One output pixel by hand
#
# Compute by hand the pixel `[1, 0]` of the valid correlation of this image with this kernel.

# %% tags=["exercise"]
image_by_hand = np.array([[2, 0, 1, 3], [1, 4, 0, 2], [3, 1, 2, 0], [2, 2, 5, 1]])
kernel_by_hand = np.array([[1, 0, 2], [0, 3, 0], [0, 0, -1]])
output_pixel = -1  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("02.1", output_pixel)

# %% [markdown] tags=["solution"]
# The window of `[1, 0]` starts at row 1, column 0: rows 1 to 3, columns 0 to 2. The weights that are not zero, 1,
# 2, 3 and -1, meet the pixels 1, 0, 1 and 5: $1 \cdot 1 + 2 \cdot 0 + 3 \cdot 1 - 1 \cdot 5 = -1$.
#
# Common mistake: to lay the kernel's *centre* on the pixel `[1, 0]`. Without padding, an output pixel has the
# indices of its window's top left pixel.

# %% [markdown] tags=["exercise"]
# ### Exercise 2.2 ★★ From correlation to convolution
#
# Write true convolution. You may call `reference.correlate`, but not `reference.convolve`.


# %% tags=["exercise"]
def convolve(image, kernel):
    """Valid convolution of an image (H, W) with a kernel (kh, kw), as an array (H - kh + 1, W - kw + 1)."""
    # BEGIN SOLUTION
    return reference.correlate(image, kernel[::-1, ::-1])
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("02.2", convolve)

# %% [markdown] tags=["solution"]
# Convolution differs from correlation only in the index of the kernel: $k_h - 1 - i$ for $i$ and $k_w - 1 - j$ for
# $j$, that is, both axes reversed.
#
# Common mistake: `kernel.T`, which exchanges rows with columns and reverses nothing, or `kernel[::-1]`, which
# reverses the rows alone.

# %% [markdown] tags=["exercise"]
# ### Exercise 2.3 ★★ Correlation by shifting and adding
#
# The four loops visit every pixel. Write correlation with loops over the *kernel's* weights only: each weight
# multiplies one rectangle of the image, and the output is the sum of these rectangles. (The check looks at the numbers
# only.)


# %% tags=["exercise"]
def shift_and_add(image, kernel):
    """Valid correlation of an image (H, W) with a kernel (kh, kw), one shifted image for each weight."""
    # BEGIN SOLUTION
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    output = np.zeros((height, width))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            output += kernel[i, j] * image[i : i + height, j : j + width]
    return output
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("02.3", shift_and_add)

# %% [markdown] tags=["solution"]
# In the formula, fix $[i, j]$ and let $[r, c]$ run over the $H' \times W'$ outputs: the weight $K[i, j]$ meets the
# rectangle of $H' \times W'$ pixels that starts at $I[i, j]$. The order of a sum does not matter, so we may add
# weight by weight in place of window by window, and NumPy works on whole rectangles.
#
# Common mistake: an output of $H - k_h$ rows. A kernel as large as the image fits once, not zero times.

# %% [markdown] tags=["exercise"]
# ### Exercise 2.4 ★★★ A kernel for diagonal edges
#
# Design a 3x3 kernel for edges that run from the upper left to the lower right and are bright on the *upper right*.
# Its correlation must be
#
# - 0 on a constant image;
# - positive at such an edge, and nowhere negative;
# - 0 everywhere on an image with an edge along the *other* diagonal.

# %% tags=["exercise"]
diagonal_kernel = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("02.4", diagonal_kernel)

# %% [markdown] tags=["solution"]
# The weights are positive where the image is bright, and each is the negative of its mirror image at the edge. So
# the sum is 0 on every window that equals its own mirror image: a constant one, and one with an edge along the
# other diagonal.
#
# Common mistake: Sobel x or y, which answer to both diagonals.

# %% [markdown] tags=["exercise"]
# ### Exercise 2.5 ★★★ Against Gauss at removing noise (open)
#
# Add noise of standard deviation 0.2 to the photograph `"chelsea"`, in grey and cut into tiles of 32 x 32 pixels,
# and learn a 5x5 kernel that maps it to the clean one. (`learn_kernel` needs `kernel_size=5`; `curvature` with
# windows of 5x5 gives the limit of the learning rate.) Then remove fresh noise from `"coffee"` with the box blur,
# the Gaussian blur and your kernel, and compare mean squared errors. Do it again with noise of 0.02, 0.1 and 0.5.
# Does your kernel always win?
#
# *Rubric.* A good answer (1) tests on a photograph and noise that it did not train on, (2) aligns input and target:
# the target lacks the border that a valid output lacks, (3) has a table of errors with the noisy image itself as a
# row, and a picture of each kernel, learned until the loss has stopped falling, (4) names the noise at which a fixed
# blur, or no filter, is as good, and says how the sum of the learned weights changes.

# %% [markdown]
# ## Summary
#
# - A convolution lays one small kernel on every window; each output is a sum of products.
# - A valid output has $H - k_h + 1$ rows and $W - k_w + 1$ columns.
# - Kernels with sum 1 keep even surfaces, those with sum 0 erase them.
# - What deep learning calls convolution is correlation; learned weights make up for the missing flip.
# - A convolution is a dense layer of mostly zeros and a few repeated weights; gradient descent can find them.

# %% [markdown]
# ## Further reading
#
# - Duda and Hart, *Pattern Classification and Scene Analysis*, 1973: describes Sobel's operator.
# - Goodfellow, Bengio and Courville, *Deep Learning*, 2016, chapter 9: correlation and the flip.
# - Dumoulin and Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285, 2016.
