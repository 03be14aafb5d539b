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
# # 01 · Limits of fully connected layers
#
# A fully connected (dense) layer joins every input to every output. That makes it general, and for images a poor
# choice: it can need more weights than a computer holds, it learns a pattern for one place only, and it does not
# know which pixels are neighbours. This notebook counts the first, measures the other two, and shows which part of a
# convolutional network mends what.
#
# **You will be able to**
#
# - build, train and test a network in Keras, and recognise overfitting in its curves;
# - count the weights and the memory that a dense layer needs for an image, and say how they grow with its side;
# - tell a power law from an exponential by the axes on which it is straight;
# - say what convolution gives and what pooling gives when an image is shifted;
# - explain why a dense network does not notice when all pixels change places.
#
# **You should know** Python, NumPy, and what a gradient is.
#
# **Time** about 40 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, datasets, exercises, figures, training

import math
import os

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %% tags=["setup"]
SEED = 1
TRAIN_IMAGES = training.budget(quick=6000, full=20000)  # quick without a GPU, full with one
TEST_IMAGES = 5000
SHIFTED_IMAGES = training.budget(quick=2000, full=5000)
EPOCHS = training.budget(quick=3, full=10)
BATCH_SIZE = 64
LEARNING_RATE = 0.004
MAX_SHIFT = 4

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Keras in ten cells
#
# The data are Fashion-MNIST: grey pictures of clothes, 28 x 28 pixels, in ten classes. The network learns from the
# **training data**. The **test data** are kept away from it, and only they tell how it does on pictures it never saw.

# %% tags=["nbval-check-output"]
# 1: the data
train = datasets.load_fashion_mnist("train", TRAIN_IMAGES)
test = datasets.load_fashion_mnist("test", TEST_IMAGES)
print("one image:", train.images.shape[1:], train.images.dtype, "from", train.images.min(), "to", train.images.max())
print("one label:", train.labels.dtype, "in", sorted(set(train.labels.tolist())))
print("classes:", ", ".join(train.class_names))

# %%
# 2: one image of each class
first_of_class = [int(np.argmax(train.labels == label)) for label in range(10)]
_ = figures.show_images(train.images[first_of_class], train.class_names, columns=5)
plt.show()

# %% [markdown]
# A `Sequential` model is a list of layers, each fed by the one before. `Flatten` turns an image into a list of 784
# numbers. `Dense(u)` computes $u$ weighted sums of all its inputs, each plus a bias: for $a$ inputs it has
# $(a + 1)\,u$ parameters. An **activation function**, here `relu`, then acts on each sum by itself: it replaces what
# is negative by 0. Without such a step, layers in a row would be no more than one
# ([notebook 08](08_chaining_convolutional_layers.ipynb)). This kind of network is a **multilayer perceptron** (MLP).
#
# **Predict.** How many parameters has the layer from 784 inputs to 64 outputs?


# %% tags=["nbval-check-output"]
# 3: a model
def build_mlp():
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Flatten(name="flatten"),
            layers.Dense(64, activation="relu", name="hidden1"),
            layers.Dense(64, activation="relu", name="hidden2"),
            layers.Dense(10, activation="softmax", name="classes"),
        ]
    )


mlp = build_mlp()
for layer in mlp.layers:
    print(f"{layer.name:8} output {layer.output.shape!s:11} parameters {layer.count_params():6,}")
print(f"all layers: {mlp.count_params():,} parameters")

# %% [markdown]
# **What we see.** (784 + 1) · 64 = 50,240 of the 55,050 parameters lie in the first layer, the one that touches
# pixels. `None` stands for the number $N$ of images, which may be any.
#
# The last layer computes ten numbers $z_k$, the **logits**, one for each class $k$. **Softmax** makes them
# probabilities $p_k$, and the **cross-entropy** $\ell$ is the loss for one image whose right class is $t$:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \qquad \ell = -\ln p_t$$
#
# **Predict.** A network that knows nothing gives each of ten classes 0.1. What is its loss?

# %% tags=["nbval-check-output"]
# 4: softmax
logits = np.array([2.0, 1.0, 0.0])
probabilities = np.exp(logits) / np.exp(logits).sum()
print("probabilities", probabilities.round(3), "sum", probabilities.sum().round(3))
assert np.allclose(probabilities, keras.ops.softmax(logits))

# %% tags=["nbval-check-output"]
# 5: cross-entropy
losses = -np.log(probabilities)
for label in range(3):
    print(f"right class {label}: loss {losses[label]:.2f}")
print(f"ten classes, nothing known: loss {-np.log(0.1):.3f}")
by_keras = keras.losses.sparse_categorical_crossentropy(np.arange(3), np.tile(probabilities, (3, 1)))
assert np.allclose(by_keras, losses, atol=1e-4)

# %% [markdown]
# **What we see.** A sure and right answer costs little, a sure and wrong one much; knowing nothing costs
# $\ln 10 \approx 2.303$.
#
# `compile` names the loss and the **optimizer** that follows its gradient; Adam chooses a step size for every weight.
# **Predict.** What are loss and accuracy before any training?

# %%
# 6: how to learn
mlp.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

# %%
# 7: before training
loss_before, accuracy_before = mlp.evaluate(test.images, test.labels, verbose=0)
print(f"loss {loss_before:.2f}, accuracy {accuracy_before:.2f}")

# %% [markdown]
# `training.fit` calls Keras' `fit`: in each **epoch** the network sees every training image once, 64 at a time, with
# a step of the optimizer after each such batch.

# %%
# 8: learn; "validation" in Keras is what is tested after each epoch, here the test data, which decide nothing
history = training.fit(mlp, train, epochs=EPOCHS, batch_size=BATCH_SIZE, validation=test)

# %%
# 9: accuracy on images that the network never saw
accuracy_after = training.accuracy(mlp, test.images, test.labels)
print(f"test accuracy {accuracy_after:.3f}, before training {accuracy_before:.3f}")
assert accuracy_after > 0.75  # bound

# %%
# 10: what it says of eight test images, and how sure it is
outputs = mlp.predict(test.images[:8], verbose=0)
said = [f"{test.class_names[p.argmax()]}, {p.max():.2f}" for p in outputs]
_ = figures.show_images(test.images[:8], said, columns=4)
plt.show()

# %% [markdown]
# **What we see.** Before training the loss is a little above 2.3 and the accuracy near 0.1, as for a blind guess;
# after it the test accuracy is above 0.75. Titles give the most probable class and its probability.

# %% [markdown]
# ## Overfitting, seen
#
# **Predict.** We train the same network on 200 images only, and for many epochs. What becomes of the loss on these
# 200, and of the loss on the test data?

# %% tags=["nbval-check-output"]
few = train.take(200)
print(f"{mlp.count_params() / len(few):.0f} parameters for each training image")

# %%
overfitted = build_mlp()
overfitted.compile(keras.optimizers.Adam(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
few_history = training.fit(overfitted, few, epochs=40, batch_size=50, validation=test.take(500)).history

# %%
memorised = few_history["accuracy"][-1]
rise = few_history["val_loss"][-1] / min(few_history["val_loss"])
assert memorised > 0.9  # bound
assert rise > 1.1  # bound
title = "Overfitting: the test loss turns and rises"
figures.show_learning_curves(
    few_history["loss"], few_history["val_loss"], quantity="cross-entropy loss", mark_lowest=True, title=title
)
plt.show()

# %% [markdown]
# **What we see.** This is **overfitting**: the training loss goes on falling while the test loss passes its lowest
# point and rises. The network learns the 200 images by heart. The test accuracy in the table hardly moves meanwhile,
# so it is the network's trust in its mistakes that grows. (To stop at the lowest point, find it on a third set, the
# *validation data*: what decides must not test.)

# %% [markdown]
# ## Limits of fully connected layers: the size of the dense layer
#
# Networks for images compute **features** at every pixel: is there an edge here, a corner? Let a dense layer compute
# a simple one, each pixel minus the pixel below it, with one output for each pixel.
#
# **Predict.** How many weights has this layer for 28 x 28 grey pixels? How many of them are not zero?

# %% tags=["nbval-check-output"]
pixels = 28 * 28
dense = layers.Dense(pixels, use_bias=False)
dense.build((None, pixels))
weights = np.eye(pixels) - np.eye(pixels, k=-28)  # rows: inputs, columns: outputs; 28 pixels on is one row below
dense.set_weights([weights])
print(f"{dense.count_params():,} weights, {np.count_nonzero(weights):,} of them not zero; values {np.unique(weights)}")

# %%
image = train.images[first_of_class[0]]
by_dense = np.asarray(dense(image.reshape(1, pixels))).reshape(28, 28)
_ = figures.show_images([image, by_dense], ["image", "pixel minus pixel below"], signed=[False, True])
plt.show()

# %% [markdown]
# **What we see.** A picture of edges: red where brightness falls on the way down, blue where it rises. Of its 784
# weights each output uses two, or one in the last row, which has no pixel below: 1,540 in all.
#
# In general, for an image of height $H$ and width $W$ in pixels with $C$ channels (grey 1, colour 3) and $F$ features
# at every pixel, the layer has
#
# $$P = (H W C) \cdot (H W F)$$
#
# weights: inputs times outputs. As float32 each takes 4 bytes. **Predict**, for one feature of a colour photograph:
# at which of the sides 28, 64, 224 and 1000 does the layer no longer fit into your computer's memory?

# %% tags=["nbval-check-output"]
assert dense.count_params() == arithmetic.dense_feature_weights(28, 28, 1)
sides = [28, 64, 224, 1000]
counts = [arithmetic.dense_feature_weights(side, side, 3) for side in sides]
sizes = [arithmetic.memory_bytes(count) for count in counts]
print("side     weights, F = 1        memory     F = 64: memory")
for side, count, size in zip(sides, counts, sizes, strict=True):
    print(f"{side:4} {count:18,} {size / 2**30:9,.2f} GiB {64 * size / 2**30:14,.2f} GiB")

# %%
memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
curves = {"1 feature": sizes, "64 features": [64 * size for size in sizes]}
title = "On log-log axes a straight line of slope 4"
figures.show_memory_growth(sides, curves, limit=memory, limit_name="this machine's memory", title=title)
plt.show()

# %% [markdown]
# **What we see.** With 64 features, a usual number, one layer takes 1,800 GiB for a photograph of 224 x 224 pixels.
# The grey line shows which sides your machine can hold. The two others are parallel: $F$ shifts the line up, and its
# slope stays 4.

# %% [markdown]
# ## A power law, not an exponential
#
# For a square image, $W = H$ and $P = C F H^4$: **quartic** growth, a **power law** in the side. It is not
# exponential: an exponential has the variable in the exponent, as $16^{H / 28}$ has.
#
# **Predict.** What does doubling the side do to $P$, at 28 pixels and at 112? And to an exponential that agrees with
# it at 28 and at 56 pixels?


# %% tags=["nbval-check-output"]
def power_law(side):
    return arithmetic.dense_feature_weights(side, side, 3)


def exponential(side):
    return power_law(28) * 16 ** ((side - 28) / 28)


for side in (28, 56, 112):
    print(f"{side:3} -> {2 * side:3} pixels: power law x {power_law(2 * side) / power_law(side):.0f},", end=" ")
    print(f"exponential x {exponential(2 * side) / exponential(side):,.0f}")

# %%
sides = np.array([28, 56, 84, 112, 168, 224])
_ = figures.show_power_law_and_exponential(sides, [power_law(int(s)) for s in sides], exponential(sides))
plt.show()

# %% [markdown]
# **What we see.** Doubling multiplies the power law by $2^4 = 16$ wherever we start, so it is straight where both axes
# are logarithmic. The exponential is straight where only the vertical axis is. The difference is practical: with 16
# times the memory the power law lets us double the side; the exponential would let us add 28 pixels.

# %% [markdown]
# ## Convolution to the rescue
#
# The weights of that layer which are not zero are the same two numbers, at every pixel anew. A **convolutional
# layer** stores only these: a small grid of weights, the **kernel**, that is slid over the image and computes the
# same weighted sum at each place. [Notebook 02](02_convolution.ipynb) opens it up. `padding="same"` adds zeros at the
# rim, so that the output is as large as the image.
#
# **Predict.** How many weights does it need for the same picture of edges?

# %% tags=["nbval-check-output"]
convolution = layers.Conv2D(1, (2, 1), padding="same", use_bias=False)  # a kernel of 2 rows and 1 column
convolution.build((None, 28, 28, 1))
convolution.set_weights([np.array([1.0, -1.0]).reshape(2, 1, 1, 1)])
by_convolution = np.asarray(convolution(image[None]))[0, :, :, 0]
assert np.allclose(by_convolution, by_dense, atol=1e-2)  # a GPU may round the pixels to 10 bits
print(f"{dense.count_params():,} weights or {convolution.count_params()}: the same output")

# %% [markdown]
# **What we see.** Two weights do the work of 614,656: the size of the image has no part in their number.
#
# What happens to the output when the image moves? We put the image into a frame of zeros, move it, and apply four
# random kernels of 3 x 3 weights with a ReLU; each makes one output image, a **feature map**.
#
# **Predict.** For each of the three lines: True or False?


# %% tags=["nbval-check-output"]
def same(a, b):
    return np.allclose(a, b, atol=1e-3)


framed = np.pad(image, ((8, 8), (8, 8), (0, 0)))[None]
moved = np.roll(framed, (3, 2), axis=(1, 2))  # 3 pixels down, 2 to the right; the frame is wide enough
kernels = layers.Conv2D(4, 3, padding="same", activation="relu")
maps, maps_of_moved = np.asarray(kernels(framed)), np.asarray(kernels(moved))

print("the feature maps stay:", same(maps, maps_of_moved))
print("they move with the image:", same(np.roll(maps, (3, 2), axis=(1, 2)), maps_of_moved))
print("their means over all places stay:", same(maps.mean(axis=(1, 2)), maps_of_moved.mean(axis=(1, 2))))

# %% [markdown]
# **What we see.** The same kernel visits every place, so convolution is **equivariant**: its output moves with the
# image. The mean over all places is **invariant**: it stays. To take one number for many places is called
# **pooling** ([notebook 10](10_pooling_layers.ipynb)).

# %% [markdown]
# ## Three networks on shifted images
#
# Beside the MLP we train two convolutional networks (CNNs) with as many parameters. They are alike but for the
# **head**, the layers after the convolutions: one flattens the feature maps, the other averages each over all places.
# (The flattened head has more weights; to make up for them its last convolution has fewer kernels.) `MaxPooling2D`
# halves both sides and keeps the largest of 2 x 2 values ([notebook 10](10_pooling_layers.ipynb)).
# `BatchNormalization` keeps the outputs of a layer on one scale, so that both learn quickly
# ([notebook 13](13_the_problem_with_depth.ipynb)).


# %%
def normalised_convolution(kernels):
    convolution = layers.Conv2D(kernels, 3, padding="same", use_bias=False)
    return [convolution, layers.BatchNormalization(momentum=0.9), layers.ReLU()]


def build_cnn(last_kernels, to_vector):
    first = [layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
    second = [*normalised_convolution(48), layers.MaxPooling2D()]
    head = [to_vector, layers.Dense(10, activation="softmax")]
    return keras.Sequential([keras.Input((28, 28, 1)), *first, *second, *normalised_convolution(last_kernels), *head])


def build_flattened_cnn():
    return build_cnn(52, layers.Flatten())


def build_pooled_cnn():
    return build_cnn(108, layers.GlobalAveragePooling2D())


# %% tags=["nbval-check-output"]
networks = {"MLP": build_mlp(), "CNN, flattened": build_flattened_cnn(), "CNN, pooled": build_pooled_cnn()}
parameters = {name: costs.count_parameters(network) for name, network in networks.items()}  # all that are learned
for name, count in parameters.items():
    print(f"{name:14} {count:,} parameters, {count / parameters['MLP'] - 1:+.1%}")
assert max(parameters.values()) / min(parameters.values()) < 1.02

# %% [markdown]
# One recipe for all three: Adam, with a **learning rate**, the factor that scales each step, that falls to zero along
# half a cosine wave.


# %%
def train_network(network, dataset):
    steps = EPOCHS * math.ceil(len(dataset) / BATCH_SIZE)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    network.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    training.fit(network, dataset, epochs=EPOCHS, batch_size=BATCH_SIZE)


for name, network in networks.items():
    print(name)
    train_network(network, train)

# %% [markdown]
# The training images are centred. We shift the *test* images and fill the freed pixels with zeros.


# %% tags=["nbval-check-output"]
def shift(images, down, right):
    """Shift images (N, H, W, C) by whole pixels, up to MAX_SHIFT; negative is up and left."""
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (MAX_SHIFT, MAX_SHIFT), (MAX_SHIFT, MAX_SHIFT), (0, 0)))
    top, left = MAX_SHIFT - down, MAX_SHIFT - right
    return padded[:, top : top + height, left : left + width]


print(shift(np.arange(1, 10).reshape(1, 3, 3, 1), down=1, right=-1)[0, :, :, 0])

# %%
shifted = [shift(test.images[1:2], down=0, right=distance)[0] for distance in range(MAX_SHIFT + 1)]
_ = figures.show_images(shifted, [f"shift {distance}" for distance in range(MAX_SHIFT + 1)], columns=5)
plt.show()


# %% [markdown]
# **Predict.** You recognise all five. How much accuracy does each network lose at a shift of 4 pixels?


# %%
def accuracy_when_shifted(network, distance):
    """Test accuracy at a shift of so many pixels, the mean over up, down, left and right."""
    moves = sorted({(distance, 0), (-distance, 0), (0, distance), (0, -distance)})
    images, labels = test.images[:SHIFTED_IMAGES], test.labels[:SHIFTED_IMAGES]
    moved_images = np.concatenate([shift(images, *move) for move in moves])
    return training.accuracy(network, moved_images, np.tile(labels, len(moves)))


shifts = range(MAX_SHIFT + 1)
print("shift in pixels", *(f"{distance:5}" for distance in shifts))
accuracies = {}
for name, network in networks.items():
    accuracies[name] = [accuracy_when_shifted(network, distance) for distance in shifts]
    print(f"{name:15}", *(f"{accuracy:5.2f}" for accuracy in accuracies[name]))

# %% tags=["readme-picture"]
mlp_drop, flattened_drop, pooled_drop = (values[0] - values[-1] for values in accuracies.values())
assert mlp_drop > 0.4  # bound
assert flattened_drop > 0.35  # bound
assert pooled_drop < 0.2  # bound
title = "Only the pooled CNN keeps its accuracy"
figures.show_accuracy_against_shift(shifts, accuracies, chance=0.1, title=title)
plt.show()

# %% [markdown]
# **What we see.** At 4 pixels the MLP loses more than 0.4 of its accuracy: each weight of its first layer belongs to
# one pixel. The flattened CNN loses more than 0.35: its feature maps move with the image, and a dense layer with a
# weight for each *place* reads them. The pooled CNN loses less than 0.2. So convolution alone does not make a
# network robust: **convolution gives the equivariance, averaging over all places the invariance**
# ([notebook 15](15_global_average_pooling.ipynb)). Some loss remains, since the rim cuts parts off; maps halved twice
# follow exactly only shifts by 4 ([notebook 10](10_pooling_layers.ipynb)).

# %% [markdown]
# ## Pixels in any order
#
# Draw one random order of the 784 pixels and rearrange every image by it, for training and for testing.
#
# **Predict.** We train an MLP and the flattened CNN anew on such images. Which of them loses accuracy?

# %% tags=["nbval-check-output"]
order = np.random.default_rng(SEED).permutation(pixels)


def permute(dataset):
    images = dataset.images.reshape(len(dataset), pixels)[:, order].reshape(dataset.images.shape)
    return datasets.Dataset(images, dataset.labels, dataset.class_names)


permuted_train, permuted_test = permute(train), permute(test)
print("the same values:", np.array_equal(np.sort(test.images[0].ravel()), np.sort(permuted_test.images[0].ravel())))
print("the same image:", np.array_equal(test.images[0], permuted_test.images[0]))

# %%
pairs = [picture for k in range(2) for picture in (test.images[k], permuted_test.images[k])]
_ = figures.show_images(pairs, ["in order", "permuted"] * 2)
plt.show()

# %%
change = {}
for name, build in {"MLP": build_mlp, "CNN, flattened": build_flattened_cnn}.items():
    network = build()
    print(name, "on permuted pixels")
    train_network(network, permuted_train)
    in_order = training.accuracy(networks[name], test.images, test.labels)
    permuted = training.accuracy(network, permuted_test.images, permuted_test.labels)
    change[name] = permuted - in_order
    print(f"test accuracy {in_order:.3f} in order, {permuted:.3f} permuted")

# %%
mlp_change, cnn_change = change.values()
assert abs(mlp_change) < 0.02  # bound
assert cnn_change < -0.01  # bound
print(f"change of accuracy: MLP {mlp_change:+.3f}, flattened CNN {cnn_change:+.3f}")

# %% [markdown]
# **What we see.** The MLP is as good as before, to within 0.02: it never knew which pixels are neighbours, so it has
# nothing to lose. The CNN loses accuracy. Its kernels assume that neighbours belong together; on ordinary images that
# is knowledge built in, on permuted ones it is wrong. Exercise 1.4 asks for the exact reason why the MLP cannot
# notice.

# %% [markdown]
# ## Exercises
#
# Replace each `...`, run the cell, then the check below it. `exercises.hint("01.1", 1)` gives a first step.

# %% [markdown] tags=["exercise"]
# ### Exercise 1.1 ★ Parameters of an MLP
#
# An MLP is given by the widths of its layers, inputs first: `[784, 64, 64, 10]` is the one above. Count its
# parameters, biases included.


# %% tags=["exercise"]
def mlp_parameters(widths):
    """Number of parameters of a dense network; widths is a list such as [784, 64, 64, 10]."""
    # BEGIN SOLUTION
    return sum((widths[k] + 1) * widths[k + 1] for k in range(len(widths) - 1))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("01.1", mlp_parameters)

# %% [markdown] tags=["solution"]
# Each output of a layer has one weight for each input and one bias: $(m + 1)\,n$. Widths are joined in pairs, so $L$
# widths make $L - 1$ layers. For `[784, 64, 64, 10]`: 50,240 + 4,160 + 650 = 55,050, as `count_params()` says. Common
# mistake: a bias for each *input*; the inputs are data and have none.

# %% [markdown] tags=["exercise"]
# ### Exercise 1.2 ★★ The largest image that fits
#
# A dense layer computes one feature at every pixel of a square image with `channels` channels; its weights are
# float32 and it has no biases. What is the largest side, in whole pixels, whose weights fit into `mebibytes` MiB?


# %% tags=["exercise"]
def largest_side(mebibytes, channels):
    """Largest side of a square image, in whole pixels, whose dense feature layer fits (1 MiB = 2**20 bytes)."""
    # BEGIN SOLUTION
    weights = mebibytes * 2**20 / 4
    return int((weights / channels) ** 0.25)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("01.2", largest_side)

# %% [markdown] tags=["solution"]
# A float32 takes 4 bytes, so $M$ bytes hold $M / 4$ weights. From $C H^4 = M / 4$ follows $H = (M / 4C)^{1/4}$,
# rounded down: a little more does not fit. A fourth root grows slowly, so 16 times the memory only doubles the
# side. Common mistake: a square root. $H^2$ counts the pixels, but *each* of $H^2$ outputs has a weight for *each*
# input.

# %% [markdown] tags=["exercise"]
# ### Exercise 1.3 ★★ Cross-entropy from logits
#
# Write the loss of a batch in NumPy: the mean cross-entropy over its images, straight from the logits.


# %% tags=["exercise"]
def cross_entropy(logits, labels):
    """Mean cross-entropy of N images; logits (N, classes), labels (N,) are the right classes."""
    # BEGIN SOLUTION
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    return -np.log(probabilities[np.arange(len(labels)), labels]).mean()
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("01.3", cross_entropy)

# %% [markdown] tags=["solution"]
# Softmax runs over the classes of *one* image, so along axis 1; of each row only the probability of the right class
# counts. Subtracting a row's largest logit changes nothing (it cancels) and keeps `exp` from overflowing. Common
# mistake: softmax twice, in Keras too. A last layer with `activation="softmax"` belongs to the plain loss; logits
# belong to `SparseCategoricalCrossentropy(from_logits=True)`.

# %% [markdown] tags=["exercise"]
# ### Exercise 1.4 ★★★ Why the MLP does not notice
#
# A first dense layer has the weights `weights`, shape (pixels, units). Each flat image `x` is rearranged to
# `x[:, permutation]`. Give the weights with which the layer computes *exactly* the same outputs from the rearranged
# images: `x[:, permutation] @ new_weights` equals `x @ weights` for every `x`.


# %% tags=["exercise"]
def weights_after_permutation(weights, permutation):
    """Weights (pixels, units) that give the same outputs for x[:, permutation] as `weights` give for x."""
    # BEGIN SOLUTION
    return weights[permutation]
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("01.4", weights_after_permutation)

# %% [markdown] tags=["solution"]
# Position $i$ of the new image holds the old pixel `permutation[i]`, so row $i$ of the new weights must be the old row
# of that pixel: every weight moves with its pixel, and the sum has the same terms in another order. The layers
# above receive the same numbers as before. For each MLP on ordinary images there is thus an equal one on permuted
# images, and random weights are as likely to start near one as near the other. Common mistake: the inverse
# permutation, `np.argsort(permutation)`, which would send the pixels back.

# %% [markdown] tags=["exercise"]
# ### Exercise 1.5 ★★★ Robustness from data (open)
#
# Make an *MLP* of at most 55,050 parameters that beats 0.6 at a shift of 4 pixels, by changing its training data and
# nothing else. (Epochs may stay as they are: count the steps.)
#
# *Rubric.* A good answer (1) shows accuracy against shift for this MLP and the pooled CNN in one figure, (2) says what
# the MLP now loses on *unshifted* images and how much longer it trains, (3) tests shifts larger than those it was
# trained on (raise `MAX_SHIFT`), and (4) explains in two sentences what the MLP must learn and the CNN has built in.

# %% [markdown]
# ## Summary
#
# - A dense layer with $F$ features at every pixel has $(H W C)(H W F)$ weights: a power law, quartic in the side.
# - Doubling the side always takes 16 times the memory; log-log axes show the slope 4.
# - A convolution computes a local feature with a few weights, the same at every place, and is equivariant to shifts.
# - Averaging over all places makes invariance of it; a flattened head does not.
# - To an MLP the order of the pixels means nothing; to a CNN neighbourhood does.

# %% [markdown]
# ## Further reading
#
# - Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, *Gradient-based learning applied to document recognition*,
#   Proceedings of the IEEE, 1998. Section II gives these reasons against dense layers.
# - A. Azulay, Y. Weiss, *Why do deep convolutional networks generalize so poorly to small image transformations?*,
#   2018, arXiv:1805.12177.
# - H. Xiao, K. Rasul, R. Vollgraf, *Fashion-MNIST: a novel image dataset for benchmarking machine learning
#   algorithms*, 2017, arXiv:1708.07747.
