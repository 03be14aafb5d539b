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
# # 18 · Transfer learning
#
# Most people who need a classifier have neither a million labelled images nor a week of computing. They take a network
# that others trained on a large, general task and adapt it to their own. Here you do so with as few as two photographs
# of each class, see how it goes wrong, and meet a task on which it brings nothing.
#
# **You will be able to**
#
# - use a trained network as a fixed function from images to features, and put a linear head on it;
# - compare it fairly with training from scratch and with fine-tuning, on few images;
# - choose a learning rate for fine-tuning on images left out, and say what a too large one destroys;
# - freeze batch normalisation so that it stays frozen, and check that it did;
# - say when transfer does not help, and ask first whether the input is to blame.
#
# **You should know** [heads and pooled features](15_global_average_pooling.ipynb), batch normalisation (BN) with its
# moving averages from [the problem with depth](13_the_problem_with_depth.ipynb), and
# [linear classifiers](04_colour_images_as_inputs.ipynb).
#
# **Time** about 50 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import costs, datasets, exercises, figures, models, recording, training
from cnncourse.recording import transfer

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
BASE = "efficientnet_lite0"
SIDE = 128  # pixels
SIZES = (2, 4, 8)  # training images of each class
DRAWS = 5
RATES = (3e-5, 3e-4, 1e-2)
STEPS = 10  # of fine-tuning
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Transfer learning: the two steps
#
# **Transfer learning** has two steps:
#
# 1. **Pre-train**: train a network on a large and general task.
# 2. **Adapt**: keep what it learned, and train as little as needed on the small, special task.
#
# The first step is done: EfficientNet-Lite0 (notebook 17), here *E*, was trained on ImageNet, 1.3 million photographs
# of 1,000 classes, at 224 pixels (weights by Google, Apache-2.0). Our special task has five, at 128 pixels: bird,
# mammal, flower, fruit, vegetable. Ten images of each class are fixed **test data** that no training ever sees. The
# smallest class has eight images left for training.

# %% tags=["nbval-check-output"]
test = datasets.load_object_photos("test", size=SIDE)
most = datasets.load_object_photos("train", max(SIZES), seed=SEED, size=SIDE)
for split, photos in {"training": most, "test": test}.items():
    counts = np.bincount(photos.labels)
    print(f"{split:8}", ", ".join(f"{count} {name}" for name, count in zip(photos.class_names, counts, strict=True)))
assert not {image.tobytes() for image in test.images} & {image.tobytes() for image in most.images}

# %% [markdown]
# What does E say without any step of ours? We ask for its largest logit of 1,000.
#
# **Predict.** Below are a true class and E's name for the first ten test images. Does it give each flower the name of
# a flower?

# %%
whole = models.build("efficientnet_lite0", weights="imagenet", input_shape=(SIDE, SIDE, 3))
answers = np.asarray(whole(test.images)).argmax(axis=1)
names = np.array([name.split(",")[0] for name in datasets.imagenet_class_names()])
titles = [f"{test.class_names[label]}\n{name[:18]}" for label, name in zip(test.labels, names[answers], strict=True)]
figures.show_photos(test.images[:10], titles[:10])
plt.show()

# %% tags=["nbval-check-output"]
flowers = ["daisy", "yellow lady's slipper", "rapeseed"]
assert np.isin(flowers, names).all()
print(f"{len(names)} names; flowers that we found among them: {', '.join(flowers)}")
is_flower = test.labels == test.class_names.index("flower")
named_as_flower = np.isin(names[answers[is_flower]], flowers).mean()
assert named_as_flower < 1
print("E gives each flower the name of a flower:", named_as_flower == 1)

# %% [markdown]
# **What we see.** Some names are right to the species, some are absurd. E never learned the classes "flower" or
# "vegetable"; it has its own 1,000 names for everything. Must the classes of the first step contain ours,
# then? The flowers will tell. We take the head off: E without it gives 1,280 feature maps.

# %% [markdown]
# ## Frozen features and a linear head
#
# We use E as a fixed function, in test mode: its weights are **frozen**. The mean of each last feature map over its
# places gives 1,280 pooled features for an image. We compute them once; then E is not needed any more. On them we fit
# the simplest head, a linear classifier with the loss
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \ln p_{t_n}(x_n) + \frac{\lambda}{2} \sum_{m,k} w[m,k]^2$$
#
# with the $N$ training images, $x_n$ the features of image $n$ (standardised: less their mean, over their spread),
# $t_n$ its class, $p$ the softmax of the logits and $w$ of shape $(1280, 5)$. The last term, **weight decay** with the
# factor $\lambda$, keeps the weights small: there are more features than images, so many heads make no error, and the
# decay chooses among them. (Decays, rates and steps on this page were found by trial, not by a rule.)
#
# **Predict.** Which loss has a head whose weights are all 0?


# %% tags=["nbval-check-output"]
def head_loss(x, labels, weights, decay=0.01):
    """The loss of a head without bias, and its gradient by the weights."""
    p, targets = np.exp(x @ weights), np.eye(5)[labels]
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log((p * targets).sum(axis=1)).mean() + decay / 2 * np.sum(weights**2)
    return loss, x.T @ (p - targets) / len(x) + decay * weights


x, labels, weights = np.random.normal(size=(10, 1280)), np.arange(10) % 5, np.random.normal(size=(1280, 5)) / 100
print(f"all weights 0: loss {head_loss(x, labels, 0 * weights)[0]:.3f}, ln 5 = {np.log(5):.3f}")
step = np.zeros((1280, 5))
step[3, 2] = 1e-4
slope = (head_loss(x, labels, weights + step)[0] - head_loss(x, labels, weights - step)[0]) / 2e-4
assert np.isclose(slope, head_loss(x, labels, weights)[1][3, 2], atol=1e-7)
print("a small step in one weight changes the loss as the gradient says")

# %% [markdown]
# **What we see.** All classes get $p = 0.2$. `fit_head` follows the gradient downhill.


# %%
def fit_head(features, labels, *, decay=0.01, steps=200):
    """Weights (C, K) and bias (K,) of a linear classifier, by gradient descent on all images."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 0.1  # + 0.1: what hardly varies stays small
    x, targets = (features - mean) / scale, np.eye(max(labels) + 1)[labels]
    weights, bias = np.zeros((x.shape[1], targets.shape[1])), np.zeros(targets.shape[1])
    rate = 1 / (np.linalg.norm(x, 2) ** 2 / len(x) / 2 + decay)  # the loss bends no more than 1 / rate
    for _ in range(steps):
        logits = x @ weights + bias
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        error = (p / p.sum(axis=1, keepdims=True) - targets) / len(x)  # gradient of the loss by the logits
        weights -= rate * (x.T @ error + decay * weights)
        bias -= rate * error.sum(axis=0)
    weights /= scale[:, None]  # for the features as they came
    return weights, bias - mean @ weights


def balanced_accuracy(answers, labels):
    """The mean over the classes of the share of right answers."""
    return float(np.mean([np.mean(answers[labels == label] == label) for label in np.unique(labels)]))


# %% [markdown]
# **Balanced accuracy** counts each class alike, even if one has more images.
#
# **Predict.** What is the balanced accuracy of a guess among five classes? How many numbers does the head learn, and
# from how many images?

# %% tags=["nbval-check-output"]
base = transfer.load_base(BASE, SIDE)
pooled = keras.Model(base.input, keras.layers.GlobalAveragePooling2D()(base.output))
print("maps", base.output_shape, "features", pooled.output_shape)
print("the head learns", (pooled.output_shape[1] + 1) * len(test.class_names), "numbers from 10, 20 or 40 images")
print("one answer for all images gets", balanced_accuracy(np.zeros(50), test.labels))

# %% [markdown]
# **What we see.** 6,405 numbers from at most 40 images, and a guess gets 0.2.
#
# Which images do we happen to have? We draw five times. In a draw the first 10 images are two of each class, the first
# 20 four.
#
# **Predict.** How good is the head with two images a class? How much do the draws differ?

# %%
test_features = pooled.predict(test.images, batch_size=50, verbose=0)
frozen, drawn = {count: [] for count in SIZES}, set()
for draw in range(DRAWS):
    photos = datasets.load_object_photos("train", max(SIZES), seed=SEED + 100 * draw, size=SIDE)
    features = pooled.predict(photos.images, batch_size=50, verbose=0)
    drawn.update((label, image.tobytes()) for label, image in zip(photos.labels, photos.images, strict=True))
    for count in SIZES:
        weights, bias = fit_head(features[: 5 * count], photos.labels[: 5 * count])
        frozen[count].append(balanced_accuracy((test_features @ weights + bias).argmax(axis=1), test.labels))

figures.show_few_images({"frozen, mean": frozen}, guess=0.2, title="Ten images are enough to beat a guess by far")
plt.show()

# %%
answers = (test_features @ weights + bias).argmax(axis=1)  # the last draw, eight images a class
table = np.zeros((5, 5), int)
np.add.at(table, (test.labels, answers), 1)
print(f"{'answers:':>10}", *(f"{name:>9}" for name in test.class_names), " | different training images in all draws")
for label, (name, row) in enumerate(zip(test.class_names, table, strict=True)):
    print(f"{name:>10}", *(f"{count:9}" for count in row), f" | {sum(label == other for other, _ in drawn)}")


# %% tags=["nbval-check-output"]
def quarters(images):
    """The mean colours of an image's four quarters, (N, 12)."""
    half = SIDE // 2
    return images.reshape(len(images), 2, half, 2, half, 3).mean(axis=(2, 4)).reshape(len(images), 12)


for mine, theirs in zip((weights, bias), transfer.fit_head(features, photos.labels), strict=True):
    assert np.array_equal(mine, theirs)
flower_gain = (answers == test.labels)[is_flower].mean() - named_as_flower
frozen_two, frozen_eight = np.mean(frozen[2]), np.mean(frozen[8])
weights, bias = fit_head(quarters(photos.images), photos.labels)
by_colours = balanced_accuracy((quarters(test.images) @ weights + bias).argmax(axis=1), test.labels)
assert frozen_two > 0.45  # bound
assert frozen_eight > 0.6  # bound
assert flower_gain > 0.1  # bound
assert by_colours > 0.22  # bound
print("two images a class, mean of five draws: more than twice a guess:", frozen_two > 0.45)
print("eight images a class: more than three times a guess:", frozen_eight > 0.6)
print("of the flowers, the head tells more than E names flowers:", flower_gain > 0.1)
print("a head on 12 colours in place of the features: better than a guess:", by_colours > 0.22)

# %% [markdown]
# **What we see.** The band holds all five draws: with two images a class luck matters. At eight it looks narrower than
# it is, for all draws have the same fruits and vegetables. "ImageNet must contain your classes" is a half-truth:
# flowers are told from the others (their row and column) by features that were learned for other names. But don't take
# accuracy for understanding: a few mean colours beat a guess, too.
#
# Nor does the band hold the luck of the *test* images, which all draws share. An accuracy $\text{acc}$ on $N$ images
# has the **standard error** $\sqrt{\text{acc} \, (1 - \text{acc}) / N}$.
#
# **Predict.** How much is that for 50 images and an accuracy of 0.8?

# %% tags=["nbval-check-output"]
for acc in (0.5, 0.8):
    print(f"accuracy {acc} on 50 images: standard error {np.sqrt(acc * (1 - acc) / 50):.3f}")

# %% [markdown]
# **What we see.** A difference below 0.1, less than two standard errors, says little on this page.
#
# Another base is one word: `BASE = "mobilenet_v2"` runs this section and the next three with weights of
# `keras.applications`, which Keras downloads once (they have licences of their own, see Keras' page); our bounds are
# for E. `transfer.load_base` brings 0..1 to the range that each base was trained on.

# %%
try:
    other = transfer.load_base("mobilenet_v2", SIDE)
except ValueError as error:
    if "could not be downloaded" not in str(error):
        raise
    print(f"ValueError: {str(error).split(' (')[0]}; connect to the internet once, or stay with E.")
else:
    weights, bias = transfer.fit_head(transfer.pooled_features(other, photos.images), photos.labels)
    logits = transfer.pooled_features(other, test.images) @ weights + bias
    print(f"mobilenet_v2: balanced accuracy {balanced_accuracy(logits.argmax(axis=1), test.labels):.2f}")

# %% [markdown]
# ## From scratch, and fine-tuned
#
# The frozen head has two rivals. **From scratch**: a small CNN that has seen nothing else, four 3x3 convolutions of
# stride 2 with BN and a pooled head. **Fine-tuning**: E and its head are trained *together*, from the pre-trained
# weights and the head fitted on frozen features. BN stays frozen; the next section says why. No way varies its
# images here.
#
# With which rate do we fine-tune? Test images must not choose it. So we leave two images of each class out, as
# *validation data*, and give all three ways the other six: scratch takes 160 steps, fine-tuning 10 at each rate.


# %%
def base_and_head(base, head):
    """One net that trains as a whole, but for BN."""
    base.trainable = True
    transfer.freeze_batch_norm(base)  # trainable = False on each BN layer
    return transfer.add_head(base, *head, augmented=False)  # base, pooling, dense layer


def scores(logits):
    """Balanced accuracy on the 30 training images, the 10 left out and the 50 test images."""
    parts = zip(np.split(logits.argmax(axis=1), (30, 40)), np.split(labels, (30, 40)), strict=True)
    return [balanced_accuracy(answers, right) for answers, right in parts]


# %% [markdown]
# **Predict.** Order the three: frozen, from scratch, fine-tuned. Which of the rates 0.00003, 0.0003, 0.01 is best? Can
# a new head repair what the worst one did?

# %%
training.setup(SEED)
images, labels = np.concatenate([most.images, test.images]), np.concatenate([most.labels, test.labels])
features = pooled.predict(images, batch_size=50, verbose=0)
head = fit_head(features[:30], labels[:30])
small = transfer.train_from_scratch(most.take(30), seed=SEED, augmented=False)
results = {"frozen": scores(features @ head[0] + head[1]), "scratch": scores(np.asarray(small(images)))}

# %%
kept, again = base.get_weights(), {}
tuned = base_and_head(base, head)
start = tuned.get_weights()
for rate in RATES:
    tuned.set_weights(start)
    transfer.train_steps(tuned, most.take(30), rate=rate, steps=STEPS, seed=SEED)  # Adam, 8 images a step
    features = pooled.predict(images, batch_size=50, verbose=0)
    weights, bias = tuned.layers[-1].get_weights()
    results[rate] = scores(features @ weights + bias)
    weights, bias = fit_head(features[:30], labels[:30])  # a new head
    again[rate] = scores(features @ weights + bias)
now = base.get_weights()
for k, weight in enumerate(base.weights):
    assert "moving" not in weight.path or np.array_equal(now[k], kept[k])  # BN's moving averages stayed
base.set_weights(kept)

# %%
for name, shares in results.items():
    label = name if name in ("frozen", "scratch") else f"tuned at {name}"
    text = "{:15} training {:.2f}, left out {:.2f}, test {:.2f}".format(label, *shares)
    print(text, f"(with a new head {again[name][2]:.2f})" if name in again else "")
print("best on the images left out:", max(RATES, key=lambda rate: results[rate][1]))

# %% [markdown]
# E is also larger than the small CNN. Is it that, or what it learned? We give E random weights, and its BN the
# averages of our images.

# %%
random_net = keras.models.clone_model(base)
for layer in random_net.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.trainable, layer.momentum = True, 0.0  # its averages become those of the next call
random_net(most.images, training=True)
base.set_weights(random_net.get_weights())
features = pooled.predict(images, batch_size=50, verbose=0)
weights, bias = fit_head(features[:30], labels[:30])
random_base = scores(features @ weights + bias)[2]
base.set_weights(kept)
print(f"frozen head on random E: test {random_base:.2f}")

# %% tags=["nbval-check-output"]
nets = transfer.small_cnn((SIDE, SIDE, 3), 5, augmented=False), transfer.add_head(base, *head, augmented=False)
print("parameters: small CNN {:,}, E with head {:,}".format(*map(costs.count_parameters, nets)))
least_training = min(results[name][0] for name in ("frozen", "scratch", RATES[0]))
gain = results["frozen"][2] - results["scratch"][2]
learned = results["frozen"][2] - random_base
small_rate, large_rate, new_head_after = results[RATES[0]][2], results[RATES[-1]][2], again[RATES[-1]][2]
assert least_training > 0.9  # bound
assert gain > 0.1  # bound
assert learned > 0.1  # bound
assert small_rate > 0.6  # bound
assert large_rate < 0.35  # bound
assert new_head_after < 0.45  # bound
print("frozen, scratch and the smallest rate: nearly all training images right:", least_training > 0.9)
print("test: frozen features are better than training from scratch by more than 0.1:", gain > 0.1)
print("test: and better than frozen random features by more than 0.1:", learned > 0.1)
print("test: the smallest rate gets more than three times a guess:", small_rate > 0.6)
print("test: the largest rate ends near a guess, and a new head does not repair it:", new_head_after < 0.45)

# %% [markdown]
# **What we see.** Nearly all training images are right with and without pre-training: this tells nothing about others.
# Random features are far behind: what E learned is what helps. The largest rate has **destroyed the features**: a new
# head does not repair them. Choose by the images left out; ten show only large differences.
#
# The recorded grid repeats the ways at 2, 4 and 8 images a class, three seeds each; it fine-tunes for 30 steps at the
# smallest rate. Bands show all seeds.

# %%
grid = recording.transfer_logs.find()
if grid is None:
    print(recording.transfer_logs.how_to_record())
else:
    recorded = {name: grid.accuracies(name) for name in grid.recipe["methods"]}
    ways = {"frozen": "frozen", "fine-tuned": "fine-tuned, not augmented", "scratch": "scratch, not augmented"}
    curves = {label: recorded[name] for label, name in ways.items()}
    figures.show_few_images(curves, guess=0.2, title="Recorded: pre-trained features beat scratch at each size")
    for count in SIZES:
        assert min(curves["frozen"][count]) > max(curves["scratch"][count])
        assert abs(np.mean(curves["fine-tuned"][count]) - np.mean(curves["frozen"][count])) < 0.1
    print(f"recorded on {grid.device}: {grid.command}")
plt.show()

# %% [markdown]
# "Fine-tuning is always better" is a half-truth: in the grid it never differs from the frozen head by two standard
# errors.

# %% [markdown]
# ## The BatchNorm trap
#
# BN keeps moving averages of mean and variance for test time, and E's weights were trained with theirs. Two switches
# look as if they kept them: `layer.trainable = False` and, when the net is built, `base(x, training=False)`.
#
# **Predict.** A tiny base of a convolution and BN stands in a Functional model, `keras.Model(inputs, outputs)`: it
# records which layer is called on what, and `fit` runs the record. In which of four settings do the moving averages
# change in `fit`?


# %%
def averages_move(base_trainable, bn_trainable, written):
    """Whether fit changes the moving averages of a base that is called with training=written."""
    image, layers = keras.Input((8, 8, 3)), keras.layers
    bn = layers.BatchNormalization(name="bn")
    tiny = keras.Model(image, bn(layers.Conv2D(4, 3, name="conv")(image)), name="base")
    tiny.trainable = base_trainable  # for all its layers
    if not bn_trainable:
        bn.trainable = False  # after the line above, before compile
    inputs = keras.Input((8, 8, 3))
    outputs = layers.Dense(2)(layers.GlobalAveragePooling2D()(tiny(inputs, training=written)))
    net = keras.Model(inputs, outputs)
    net.compile(keras.optimizers.SGD(0.01), LOSS)
    before = [np.asarray(v) for v in (bn.moving_mean, bn.moving_variance)]
    net.fit(np.random.random((16, 8, 8, 3)), np.arange(16) % 2, batch_size=8, verbose=0)
    after = [np.asarray(v) for v in (bn.moving_mean, bn.moving_variance)]
    return not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


print("Keras", keras.__version__)

# %% tags=["nbval-check-output"]
settings = {
    "base frozen, training=False": (False, True, False),
    "base trained, training=False": (True, True, False),
    "base trained, nothing written": (True, True, None),
    "base trained, training=False, BN frozen": (True, False, False),
}
moved = {name: averages_move(*setting) for name, setting in settings.items()}
for name, moves in moved.items():
    print(f"{name:40} moving averages {'CHANGE' if moves else 'stay, bit for bit'}")
assert list(moved.values()) == [False, True, True, False]

# %% tags=["nbval-check-output"]
bn, drop, numbers = keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), np.ones((4, 100), "float32")
bn.trainable = drop.trainable = False
print("frozen BN works as in test mode:", np.array_equal(bn(numbers, training=True), bn(numbers, training=False)))
print("frozen dropout drops:", 0 in np.asarray(drop(numbers, training=True)))

# %% [markdown]
# **What we see.** "`training=False` freezes BatchNorm", as popular guides say (`keras.io/guides/transfer_learning` is
# one), is a half-truth: with or without it the averages change. `fit` calls the whole model with `training=True`, and
# in a Functional model of Keras 3 this overwrites the `False` from when it was built. In the first setting it is
# `trainable = False` that keeps them: **a BN layer that is not trainable runs in test mode**, whatever
# `training` says. So set `trainable = False` on each BN layer: after unfreezing the base, for `base.trainable = True`
# on a frozen base switches all its layers on, and before `compile`, for `fit` keeps the step that it built. On E
# the loop above checked it.
#
# Elsewhere `trainable` only decides whether weights change. (In a subclassed model, as below, what `call` says
# holds.)
#
# What would batch statistics do to E? We compute the test features with those of batches of 1, of 5 (one of each
# class) and of all 50 images, and leave all weights as they are.
#
# **Predict.** The head stays the same. Which size of batch comes nearest to the moving averages?


# %%
class ByBatch(keras.Model):
    """A subclassed model: `predict` leaves alone what its `call` says."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def call(self, images):
        return self.net(images, training=True)


base.trainable = False
base.trainable = True  # from False to True: each BN layer is switched on, too
by_batches = ByBatch(pooled)
by_average, falls = results["frozen"][1], {}
print(f"moving averages {by_average:.2f}")
for size in (1, 5, 50):
    logits = by_batches.predict(test.images, batch_size=size, verbose=0) @ head[0] + head[1]
    by_batch = balanced_accuracy(logits.argmax(axis=1), test.labels)
    falls[size] = by_average - by_batch
    print(f"batches of {size:2}    {by_batch:.2f}")
base.set_weights(kept)  # these calls moved the averages, too

# %% tags=["nbval-check-output"]
fall_one, fall_five, fall_all = falls.values()
assert fall_one > 0.25  # bound
assert fall_five > 0.05  # bound
assert fall_all > 0.03  # bound
print("batches of 1: lower by more than 0.25:", fall_one > 0.25)
print("batches of 5: lower by more than 0.05:", fall_five > 0.05)
print("all 50 images at once: lower by more than 0.03:", fall_all > 0.03)

# %% [markdown]
# **What we see.** An image's features depend on its company. Few images are not the reason, for all 50 do not bring
# the accuracy back: the statistics of these photographs, objects on white at 128 pixels, are not the averages of
# ImageNet for which E and the head were fitted, however large the batch. A batch of one is a case of its own: each map
# is standardised by itself. (In fine-tuning the harm may be small: `predict` goes back to the averages, which few
# steps change little.)

# %% [markdown]
# ## Augmentation
#
# **Augmentation** varies the training images in ways that keep their class: here each is mirrored at random, shifted
# and zoomed by up to a tenth. The shift fills with white, the photographs' own background.
#
# **Predict.** What do these layers do in test mode, and to E's features in training? With two images a class, do eight
# varied copies of each improve the frozen head?

# %%
augment = transfer.augmentation()
views = [most.images[:2], *(np.asarray(augment(most.images[:2], training=True)) for _ in range(4))]
figures.show_photos(np.concatenate([np.stack(views)[:, k] for k in (0, 1)]))
plt.show()

# %%
plain, varied = [], []
for draw in range(DRAWS):
    photos = datasets.load_object_photos("train", 2, seed=SEED + 100 * draw, size=SIDE)
    copies = [photos.images, *(np.asarray(augment(photos.images, training=True)) for _ in range(7))]
    features = pooled.predict(np.concatenate(copies), batch_size=50, verbose=0)
    for scored, number in ((plain, 1), (varied, 8)):
        weights, bias = fit_head(features[: 10 * number], np.tile(photos.labels, number))
        scored.append(balanced_accuracy((test_features @ weights + bias).argmax(axis=1), test.labels))
print("draw by draw, varied less plain:", np.round(np.subtract(varied, plain), 2))

# %% tags=["nbval-check-output"]
assert np.array_equal(augment(most.images[:2], training=False), most.images[:2])
shifted = pooled.predict(np.asarray(augment(test.images, training=True)), batch_size=50, verbose=0)
feature_change = np.sqrt(np.mean((shifted - test_features) ** 2) / test_features.var(axis=0).mean())
change = abs(np.mean(varied) - np.mean(plain))
assert feature_change > 0.2  # bound
assert change < 0.06  # bound
print("in test mode the images stay as they are; the head's mean changes by less than 0.06:", change < 0.06)
print("a varied image moves the features by more than a fifth of their spread:", feature_change > 0.2)

# %%
if grid is not None:
    for name in ("scratch", "fine-tuned"):
        with_it, without = recorded[name], recorded[f"{name}, not augmented"]
        gains = [np.mean(with_it[count]) - np.mean(without[count]) for count in SIZES]
        assert np.abs(gains).max() < 0.1
        print(f"recorded, {name}: at 2, 4, 8 images a class augmentation adds", np.round(gains, 2))

# %% [markdown]
# **What we see.** In test mode nothing. In training the features do change, but copies are not new flowers: over the
# draws the head gains little or nothing, and a draw may lose. The recorded gains of the other ways lie below two
# standard errors, too.

# %% [markdown]
# ## Where transfer does not help
#
# Images as in [notebook 08](08_chaining_convolutional_layers.ipynb): two white pixels in one row, 3 or 7 columns
# apart; the distance is the class. We have 400 for training, at 32x32 pixels.
#
# **Predict.** Frozen E with 1,280 features and its head, or a CNN of two 1x3 convolutions from scratch: who wins?


# %%
def make_marks(count):
    """Images of two marks 3 (class 1) or 7 (class 0) pixels apart, at random places."""
    labels = np.arange(count, dtype="int32") % 2
    images, number, distances = np.zeros((count, 32, 32, 3), "float32"), np.arange(count), 7 - 4 * labels
    rows, columns = np.random.randint(32, size=count), np.random.randint(32 - distances)
    images[number, rows, columns] = images[number, rows, columns + distances] = 1
    return datasets.Dataset(images, labels, ("far", "near"))


def by_frozen(net, times):
    """Test accuracy of a head on the net's features, with each pixel enlarged to times x times."""
    images = np.concatenate([marks.images, other_marks.images]).repeat(times, axis=1).repeat(times, axis=2)
    features = np.concatenate([np.asarray(net(part)).mean(axis=(1, 2)) for part in np.split(images, 6)])
    weights, bias = fit_head(features[:400], marks.labels)
    return balanced_accuracy((features[400:] @ weights + bias).argmax(axis=1), other_marks.labels)


training.setup(SEED)
marks, other_marks = make_marks(400), make_marks(200)
any_size = transfer.load_base("efficientnet_lite0", None)
marks_frozen = by_frozen(any_size, 1)
print(f"frozen E: {marks_frozen:.2f}")

# %% tags=["nbval-check-output"]
layers = [keras.layers.Conv2D(16, (1, 3), activation="leaky_relu", name=f"conv{k}") for k in (1, 2)]
net = keras.Sequential([keras.Input((32, 32, 3)), *layers, keras.layers.GlobalAveragePooling2D()])
net.add(keras.layers.Dense(2, name="logits"))
transfer.train_steps(net, marks, rate=0.01, steps=300, seed=SEED, batch_size=16)
marks_scratch = training.accuracy(net, other_marks.images, other_marks.labels)
lead = marks_scratch - marks_frozen
assert marks_scratch > 0.9  # bound
assert lead > 0.15  # bound
print(f"the small CNN has {costs.count_parameters(net)} parameters and solves the task:", marks_scratch > 0.9)
print("frozen E is behind by more than 0.15:", lead > 0.15)
print("E's last maps:", tuple(any_size(marks.images[:1]).shape[1:3]))

# %% [markdown]
# **What we see.** A network of a thousand parameters beats one of millions. Does E lack knowledge or pixels? Its last
# maps have one place.
#
# **Predict.** We enlarge each pixel to 2x2. What changes for E?

# %%
marks_enlarged = by_frozen(any_size, 2)
print(f"at 64 pixels: frozen E {marks_enlarged:.2f}; small CNN, at 32: {marks_scratch:.2f}")

# %% tags=["nbval-check-output"]
transfer_gain = marks_enlarged - marks_scratch
assert marks_enlarged > 0.9  # bound
assert transfer_gain < 0.08  # bound
print("enlarged, frozen E solves the task:", marks_enlarged > 0.9)
print("frozen E is better than the small CNN by 0.08 or more:", transfer_gain > 0.08)
large = models.outline("efficientnet_lite0", include_top=False, input_shape=(64, 64, 3))
for name, count in {"parameters": costs.count_parameters, "MACs": costs.count_macs}.items():
    print(f"{name}: E {count(large):,}, small CNN {count(net):,}, factor {count(large) / count(net):,.0f}")

# %% [markdown]
# **What we see.** The same weights, the same kind of head: E lacked pixels, not knowledge. So before you say that
# transfer fails, ask at which size. Still, it does not *help* here: 400 images are enough for a thousand parameters
# from scratch, which are as good with a small part of the work.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("18.1", 1)` gives a first step.
#
# ### Exercise 18.1 ★ What is still trained
#
# A base has `kernel_weights` weights in convolutions without bias, and BN on `channels` channels in all. A dense head
# with bias leads from `features` to `classes`. How many numbers does the gradient change if "base" is frozen, if
# "bn" (BN only), and if "nothing" is frozen?


# %% tags=["exercise"]
def trained_numbers(frozen, kernel_weights, channels, features, classes):
    """The numbers that a gradient changes; `frozen` is "base", "bn" or "nothing"."""
    # BEGIN SOLUTION
    head = (features + 1) * classes
    if frozen == "base":
        return head
    return head + kernel_weights + (2 * channels if frozen == "nothing" else 0)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("18.1", trained_numbers)

# %% [markdown] tags=["solution"]
# BN learns a scale and a shift for each channel; its two moving averages are never learned by the gradient. The head
# is always trained.
#
# Common mistake: to count the moving averages, or to think that freezing BN stops only them.

# %% [markdown] tags=["exercise"]
# ### Exercise 18.2 ★★ Which statistics does BN use?
#
# A base with BN was called with `training=written` when a Functional model was built; the model is called with
# `training=called` (None: not given; then what was written holds, and None there means test mode). `trainable` is
# that of the BN layer. Does BN use the batch's own statistics?


# %% tags=["exercise"]
def uses_batch(trainable, written, called):
    """True or False."""
    # BEGIN SOLUTION
    mode = written if called is None else called
    return bool(mode) and trainable  # None is like False
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("18.2", uses_batch)

# %% [markdown] tags=["solution"]
# What the call says overwrites what was written; `fit` says True, `predict` False. And a BN layer that is not
# trainable never uses the batch.
#
# Common mistake: to let the written False win, as the guides do.

# %% [markdown] tags=["exercise"]
# ### Exercise 18.3 ★★ Balanced accuracy from a table
#
# `table[i, j]` counts the images of class `i` that got the answer `j`. Each class has at least one image.


# %% tags=["exercise"]
def balanced_from_table(table):
    """The balanced accuracy, in 0..1."""
    # BEGIN SOLUTION
    table = np.asarray(table)
    return float(np.mean(np.diag(table) / table.sum(axis=1)))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("18.3", balanced_from_table)

# %% [markdown] tags=["solution"]
# A row holds all images of a class, and its share of right answers stands on the diagonal. The mean of the shares
# counts each class alike.
#
# Common mistake: to divide by the sums of the columns, that is, by how often an answer was given.

# %% [markdown] tags=["exercise"]
# ### Exercise 18.4 ★★★ The range of the input
#
# A base was trained on inputs in `low`..`high`, and your images $x$ lie in 0..1: they need $\text{low} +
# (\text{high} - \text{low}) \, x$ first. Put this into the first layer instead, a convolution without padding: with
# the kernel `(high - low) * kernel` it reads $x$ itself. Which bias gives the same outputs? (`kernel` is $(k_h, k_w,
# C_\text{in}, C_\text{out})$, `bias` $(C_\text{out})$.)


# %% tags=["exercise"]
def bias_for_unit_range(kernel, bias, low, high):
    """The bias (C_out,) of the layer that reads images in 0..1."""
    # BEGIN SOLUTION
    return bias + low * kernel.sum(axis=(0, 1, 2))
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("18.4", bias_for_unit_range)

# %% [markdown] tags=["solution"]
# Each product $w \, (\text{low} + (\text{high} - \text{low}) \, x)$ is a number times $x$, and $w \, \text{low}$,
# which no image changes: summed over the window it joins the bias. With padding the border would differ, for a zero
# there means another brightness.
#
# Common mistake: to leave the bias as it is. Nothing raises an error; the features are only worse.

# %% [markdown] tags=["exercise"]
# ### Exercise 18.5 ★★★ Beat the frozen head (open)
#
# With four images a class, find a way that beats the frozen linear head: features of an earlier layer, another decay,
# another `SIDE`, fine-tuning of the last blocks only, what you like.
#
# *Rubric.* A good answer (1) chooses on training images only, for example by leaving some out in turn, and uses the
# test images once, (2) repeats at least five draws and compares draw by draw, (3) changes one thing at a time and says
# why it should help, (4) says which layers are frozen and proves it for BN, (5) says how large a difference 50 test
# images can show.

# %% [markdown]
# ## Summary
#
# - Pre-train on a large, general task; adapt on the small one. Frozen features with a linear head need few images.
# - All ways fit a few training images; on others the pre-trained features win. Fine-tuning need not beat them.
# - A too large learning rate destroys what was learned before. Choose it on images left out of training.
# - BN stays frozen by `layer.trainable = False` on each BN layer, set before `compile`; in a Functional model not by
#   `training=False`.
# - Ask whether the input's size suits the base; even then a small network from scratch may do as well.

# %% [markdown]
# ## Further reading
#
# - Donahue and others, *DeCAF: a deep convolutional activation feature for generic visual recognition*,
#   arXiv:1310.1531, 2013.
# - Yosinski, Clune, Bengio and Lipson, *How transferable are features in deep neural networks?*, arXiv:1411.1792,
#   2014.
# - Ioffe and Szegedy, *Batch normalization*, arXiv:1502.03167, 2015.
# - Kornblith, Shlens and Le, *Do better ImageNet models transfer better?*, arXiv:1805.08974, 2018.
# - Kumar and others, *Fine-tuning can distort pretrained features and underperform out-of-distribution*,
#   arXiv:2202.10054, 2022.
