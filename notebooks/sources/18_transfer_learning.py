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
# of each class, see how it goes wrong, and find a task on which it does not help.
#
# **You will be able to**
#
# - use a trained network as a fixed function from images to features, and put a linear head on it;
# - compare it fairly with training from scratch and with fine-tuning, on few images;
# - choose a learning rate for fine-tuning, and say what a too large one destroys;
# - freeze batch normalisation so that it stays frozen, and check that it did;
# - say when transfer does not help.
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
SMALL_RATE, LARGE_RATE = 3e-5, 1e-2
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
# The first step is done: EfficientNet-Lite0, the *E* of notebook 17, was trained on ImageNet, 1.3 million photographs
# of 1,000 classes. Our special task has five: bird, mammal, flower, fruit, vegetable. Ten images of each class are a
# fixed **test set** that no training ever sees. The smallest class has eight images left for training.

# %% tags=["nbval-check-output"]
test = datasets.load_object_photos("test", size=SIDE)
most = datasets.load_object_photos("train", max(SIZES), seed=SEED, size=SIDE)
for split, photos in {"training": most, "test": test}.items():
    counts = np.bincount(photos.labels)
    print(f"{split:8}", ", ".join(f"{count} {name}" for name, count in zip(photos.class_names, counts, strict=True)))

# %% [markdown]
# What does E say without any step of ours? We ask for its largest logit of 1,000.
#
# **Predict.** For which of the five classes will its names be right most often, for which least?

# %%
whole = models.build("efficientnet_lite0", weights="imagenet", input_shape=(SIDE, SIDE, 3))
answers = whole.predict(test.images, batch_size=50, verbose=0).argmax(axis=1)
names = np.array(datasets.imagenet_class_names())
figures.show_photos(test.images[:10], [name.split(",")[0][:18] for name in names[answers[:10]]])
plt.show()

# %% tags=["nbval-check-output"]
flowers = ["daisy", "yellow lady's slipper", "rapeseed"]
found = [flower for flower in flowers if any(name.split(",")[0] == flower for name in names)]
print(f"{len(names)} classes; flowers among them: {', '.join(found)}")
is_flower = test.labels == test.class_names.index("flower")
named_as_flower = np.isin([name.split(",")[0] for name in names[answers[is_flower]]], found).mean()
assert named_as_flower < 1
print("E gives each flower the name of a flower:", named_as_flower == 1)

# %% [markdown]
# **What we see.** Some names are right to the species, some are absurd. E never learned the classes "flower" or
# "vegetable"; it has few flowers to choose from, and takes one of its own 1,000 names for everything. Must the classes
# of the first step contain ours, then? We take the head off and see. E without it gives 1,280 feature maps.

# %% [markdown]
# ## Frozen features and a linear head
#
# We use E as a fixed function, in test mode: its weights are **frozen**. The mean of each last feature map over its
# places gives 1,280 pooled features for an image. We compute them once; then E is not needed any more. On them we fit
# the simplest head, a linear classifier with the loss
#
# $$L = -\frac{1}{N} \sum_{n=1}^{N} \ln p_{t_n}(x_n) + \frac{\lambda}{2} \sum_{m,k} w_{mk}^2$$
#
# with the $N$ training images, $x_n$ the features of image $n$, $t_n$ its class, $p$ the softmax of the logits and
# $w$ of shape $(1280, 5)$. The last term, **weight decay** with the factor $\lambda$, keeps the weights small. There
# are far more features than images, and many heads without a training error.


# %%
def fit_head(features, labels, *, decay=0.01, steps=200):
    """Weights (C, K) and bias (K,) of a linear classifier, by gradient descent on all images."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 0.1  # 0.1: what hardly varies stays small
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
# Which images do we happen to have? We draw five times. In a draw the first 10 images are two of each class, the first
# 20 four. (At eight a class only birds and mammals differ from draw to draw: there are no more fruits and vegetables,
# and one flower to leave out.)
#
# **Predict.** How good is the head with two images a class? How much do the draws differ?

# %%
test_features = pooled.predict(test.images, batch_size=50, verbose=0)
frozen = {count: [] for count in SIZES}
for draw in range(DRAWS):
    photos = datasets.load_object_photos("train", max(SIZES), seed=SEED + 100 * draw, size=SIDE)
    features = pooled.predict(photos.images, batch_size=50, verbose=0)
    for count in SIZES:
        weights, bias = fit_head(features[: 5 * count], photos.labels[: 5 * count])
        frozen[count].append(balanced_accuracy((test_features @ weights + bias).argmax(axis=1), test.labels))

figures.show_few_images({"frozen, mean": frozen}, guess=0.2, title="Ten images are enough to beat a guess by far")
plt.show()

# %% tags=["nbval-check-output"]
head = fit_head(features, photos.labels)
for mine, theirs in zip(head, transfer.fit_head(features, photos.labels), strict=True):
    assert np.array_equal(mine, theirs)
told = ((test_features @ head[0] + head[1]).argmax(axis=1) == test.labels)[is_flower].mean()
flower_gain = told - named_as_flower
frozen_two, frozen_eight = np.mean(frozen[2]), np.mean(frozen[8])
assert frozen_two > 0.45  # bound
assert frozen_eight > 0.6  # bound
assert flower_gain > 0.1  # bound
print("two images a class, mean of five draws: more than twice a guess:", frozen_two > 0.45)
print("eight images a class: more than three times a guess:", frozen_eight > 0.6)
print("of the flowers, the head tells more than E names flowers:", flower_gain > 0.1)

# %% [markdown]
# **What we see.** The band holds all five draws: with two images a class luck matters. "ImageNet must contain your
# classes" is a half-truth: flowers are told from the others by features that were learned for other names. Nor is
# freezing only a way to save time; with so few images it also keeps 3.4 million weights from fitting them by heart.
#
# Don't take high accuracy for understanding. Many fruits and vegetables here are small pictures scaled up: blur is a
# clue, too, and so may be the white around a shape.
#
# Another base is one word: `BASE = "mobilenet_v2"` runs this section with the weights of `keras.applications`, which
# Keras downloads once. `transfer.load_base` brings 0..1 to the range that each base was trained on. Without a network
# the next cell says so.

# %%
try:
    other = transfer.load_base("mobilenet_v2", SIDE)
    weights, bias = transfer.fit_head(transfer.pooled_features(other, photos.images), photos.labels)
    logits = transfer.pooled_features(other, test.images) @ weights + bias
    print(f"mobilenet_v2: balanced accuracy {balanced_accuracy(logits.argmax(axis=1), test.labels):.2f}")
except ValueError as error:
    print(f"ValueError: {str(error).split(' (')[0]}; connect to the internet once, or stay with E.")

# %% [markdown]
# ## From scratch, and fine-tuned
#
# The frozen head has two rivals, now with eight images a class. **From scratch**: a small CNN of our usual kind that
# has seen nothing else. **Fine-tuning**: E and its head are trained *together*, from the pre-trained weights and the
# head fitted above, with small steps and varied images (*Augmentation*, below). BN stays frozen; the next section says
# why.


# %%
def base_and_head(base, head):
    """One net that trains as a whole, but for BN."""
    base.trainable = True
    transfer.freeze_batch_norm(base)  # trainable = False on each BN layer
    return transfer.add_head(base, *head)  # augmentation, base, pooling, dense layer


def scores(net):
    """Balanced accuracy on test and on training images."""
    return [balanced_accuracy(net.predict(d.images, verbose=0).argmax(axis=1), d.labels) for d in (test, most)]


# %% [markdown]
# **Predict.** Order the three: frozen, from scratch, fine-tuned. And if the learning rate is 333 times larger?

# %%
training.setup(SEED)
head = fit_head(pooled.predict(most.images, batch_size=50, verbose=0), most.labels)
kept = base.get_weights()
by_average = balanced_accuracy((test_features @ head[0] + head[1]).argmax(axis=1), test.labels)
results = {"scratch": scores(transfer.train_from_scratch(most, seed=SEED, augmented=False))}
tuned = base_and_head(base, head)
start = tuned.get_weights()
for name, rate, steps in (("small", SMALL_RATE, 30), ("large", LARGE_RATE, 10)):
    tuned.set_weights(start)
    transfer.train_steps(tuned, most, rate=rate, steps=steps, seed=SEED)  # Adam, 8 images a step
    results[f"fine-tuned, {name} rate"] = scores(tuned)
base.set_weights(kept)
print(f"{'frozen':22} test {by_average:.2f}")
for name, (on_test, on_training) in results.items():
    print(f"{name:22} test {on_test:.2f}, training {on_training:.2f}")

# %% tags=["nbval-check-output"]
nets = transfer.small_cnn((SIDE, SIDE, 3), 5, augmented=False), transfer.add_head(base, *head, augmented=False)
print("parameters: small CNN {:,}, E with head {:,}".format(*map(costs.count_parameters, nets)))
gain = by_average - results["scratch"][0]
small_rate, large_rate = results["fine-tuned, small rate"][0], results["fine-tuned, large rate"][0]
assert gain > 0.1  # bound
assert small_rate > 0.5  # bound
assert large_rate < 0.45  # bound
print("frozen features are far better than training from scratch:", gain > 0.1)
print("fine-tuned with the small rate: more than 2.5 times a guess:", small_rate > 0.5)
print("fine-tuned with the large rate: near a guess:", large_rate < 0.45)

# %% [markdown]
# **What we see.** From scratch, the net learns much of its 40 images by heart and little that carries over.
# Fine-tuning with the small rate stays near the frozen head. The large rate, hundreds of times larger but not unusual
# for a net from scratch, has **destroyed the features** in ten steps: even the training images are lost.
#
# "Fine-tuning is always better" is a half-truth. With 50 test images one image is 0.02, so a small difference says
# nothing. The recorded grid repeats all ways at 2, 4 and 8 images a class, three seeds each; bands show all seeds.

# %%
grid = recording.transfer_logs.find()
if grid is None:
    print(recording.transfer_logs.how_to_record())
else:
    ways = {name: grid.accuracies(name) for name in ("frozen", "fine-tuned", "scratch")}
    ax = figures.show_few_images(ways, guess=0.2, title="Recorded: pre-trained features beat scratch at each size")
    ax.plot([8], [results["scratch"][0]], "x", color="black", label="scratch, live")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    print(f"recorded on {grid.device}: {grid.command}")
plt.show()

# %%
if grid is not None:
    for name in grid.recipe["methods"]:
        shown = [f"{count}: {np.mean(values):.2f}" for count, values in grid.accuracies(name).items()]
        print(f"{name:27} mean at images a class {', '.join(shown)}")

# %% [markdown]
# ## The BatchNorm trap
#
# BN keeps moving averages of mean and variance for test time. Those of E come from a million photographs, better than
# what 40 images tell. So they should stay. Two switches look as if they did it: `layer.trainable = False` and, when
# the net is built, `base(x, training=False)`. Popular guides say that with the second BN stays in test mode even when
# the base is trained.
#
# **Predict.** A tiny base of a convolution and BN stands in a Functional model, built with `training=False`. In which
# of three settings do the moving averages change in `fit`?


# %%
def averages_move(base_trainable, bn_trainable):
    """Whether fit changes the moving averages of a base that is called with training=False."""
    image, layers = keras.Input((8, 8, 3)), keras.layers
    bn = layers.BatchNormalization(name="bn")
    tiny = keras.Model(image, bn(layers.Conv2D(4, 3, name="conv")(image)), name="base")
    tiny.trainable = base_trainable  # for all its layers
    if not bn_trainable:
        bn.trainable = False  # after the line above, before compile
    inputs = keras.Input((8, 8, 3))
    outputs = layers.Dense(2)(layers.GlobalAveragePooling2D()(tiny(inputs, training=False)))
    net = keras.Model(inputs, outputs)
    net.compile(keras.optimizers.SGD(0.01), LOSS, jit_compile=False)
    before = [np.asarray(v) for v in bn.non_trainable_variables[-2:]]  # moving mean and variance
    net.fit(np.random.random((16, 8, 8, 3)), np.arange(16) % 2, batch_size=8, verbose=0)
    after = [np.asarray(v) for v in bn.non_trainable_variables[-2:]]
    return not all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


# %% tags=["nbval-check-output"]
settings = {"base frozen": (False, True), "base trained": (True, True), "base trained, BN frozen": (True, False)}
moved = {name: averages_move(*setting) for name, setting in settings.items()}
for name, moves in moved.items():
    print(f"{name:24} training=False: moving averages {'CHANGE' if moves else 'stay, bit for bit'}")
assert list(moved.values()) == [False, True, False]

# %% [markdown]
# **What we see.** "`training=False` freezes BatchNorm" is a half-truth. `fit` calls the whole model with
# `training=True`, and in a Functional model this overwrites the `False` from when it was built. In the first setting
# it is `trainable = False` that keeps the averages: **a BN layer that is not trainable runs in test mode**, whatever
# `training` says. So set `trainable = False` on each BN layer: after unfreezing the base, for `base.trainable = True`
# on a frozen base switches all its layers on, and before `compile`.
#
# For other layers the two are separate: `trainable` decides whether weights are changed, `training` how a layer
# computes. A frozen dropout layer still drops in `fit`.
#
# What would batch statistics do to E? We compute the test features with those of batches of five images, one of each
# class, and leave all weights as they are.
#
# **Predict.** The head stays the same. What happens to its balanced accuracy? And with batches of one?

# %%
stored = base.get_weights()
base.trainable = False
base.trainable = True  # from False to True: each BN layer is switched on, too
by_batch = {}
for size, count in ((1, 10), (5, 50)):  # in batches of one only the first ten images
    parts = [pooled(test.images[k : k + size], training=True) for k in range(0, count, size)]
    logits = np.concatenate([np.asarray(part) for part in parts]) @ head[0] + head[1]
    by_batch[size] = balanced_accuracy(logits.argmax(axis=1), test.labels[:count])
base.set_weights(stored)  # these calls moved the averages, too
print(f"moving averages {by_average:.2f}, batches of five {by_batch[5]:.2f}, of one {by_batch[1]:.2f}")

# %% tags=["nbval-check-output"]
fall_five, fall_one = by_average - by_batch[5], by_average - by_batch[1]
assert fall_five > 0.05  # bound
assert fall_one > 0.25  # bound
print("batches of 5: lower by more than 0.05:", fall_five > 0.05)
print("batches of 1: lower by more than 0.25:", fall_one > 0.25)

# %% [markdown]
# **What we see.** An image's features now depend on its company, and the statistics of few images are far from those
# that E's weights were trained with.

# %% [markdown]
# ## Augmentation
#
# **Augmentation** varies the training images in ways that keep their class: here each is mirrored at random, shifted
# and zoomed by up to a tenth. The shift fills with white, the photographs' own background.
#
# **Predict.** What do these layers do in test mode? With two images a class, do eight varied copies of each improve
# the frozen head?

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
change = abs(np.mean(varied) - np.mean(plain))
assert change < 0.15  # bound
print("in test mode the images stay as they are; the head's mean changes by less than 0.15:", change < 0.15)

# %% [markdown]
# **What we see.** In test mode nothing. In training, copies are not new flowers: over the draws the head gains little
# or nothing, and a draw may lose. E was itself trained with varied images, so its features hardly change under such
# variations. The table of the grid shows, with its three seeds, what augmentation did for the other two ways.

# %% [markdown]
# ## Where transfer does not help
#
# Features that serve objects on photographs need not serve other tasks. Images as in
# [notebook 08](08_chaining_convolutional_layers.ipynb): two white pixels in a row, 3 or 7 apart. *Which* is the
# class. We have 400 for training, at 32x32 pixels.
#
# **Predict.** Frozen E with 1,280 features and its head, or a CNN of two 1x3 convolutions from scratch: who wins?


# %%
def make_marks(count):
    """Images of two marks 3 (class 1) or 7 (class 0) pixels apart, at random places."""
    labels = np.arange(count, dtype="int32") % 2
    images, number = np.zeros((count, 32, 32, 3), "float32"), np.arange(count)
    rows, columns = np.random.randint(32, size=count), np.random.randint(32 - 7, size=count)
    images[number, rows, columns] = images[number, rows, columns + 7 - 4 * labels] = 1
    return datasets.Dataset(images, labels, ("far", "near"))


training.setup(SEED)
marks, other_marks = make_marks(400), make_marks(400)
small_base = transfer.load_base("efficientnet_lite0", 32)
features = transfer.pooled_features(small_base, np.concatenate([marks.images, other_marks.images]))
weights, bias = fit_head(features[:400], marks.labels)
marks_frozen = balanced_accuracy((features[400:] @ weights + bias).argmax(axis=1), other_marks.labels)

# %% tags=["nbval-check-output"]
parts = [keras.layers.Conv2D(16, (1, 3), activation="leaky_relu", name=f"conv{k}") for k in (1, 2)]
net = keras.Sequential([keras.Input((32, 32, 3)), *parts, keras.layers.GlobalAveragePooling2D()])
net.add(keras.layers.Dense(2, name="logits"))
transfer.train_steps(net, marks, rate=0.01, steps=300, seed=SEED, batch_size=16)
marks_scratch = training.accuracy(net, other_marks.images, other_marks.labels)
lead = marks_scratch - marks_frozen
assert marks_scratch > 0.9  # bound
assert lead > 0.15  # bound
print(f"the small CNN has {costs.count_parameters(net)} parameters and solves the task:", marks_scratch > 0.9)
print("frozen E is behind by more than 0.15:", lead > 0.15)

# %% [markdown]
# **What we see.** A network of a thousand parameters beats one of millions. Its task is simple, its training images
# are not that few, and its structure fits: stride 1, a receptive field just as wide as needed. E strides at once, and
# its last features answer other questions. How far the first task is from yours counts, and how many images you have.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("18.1", 1)` gives a first step.
#
# ### Exercise 18.1 ★ What is still trained
#
# A base has `kernel_weights` weights in convolutions without bias, and BN on `channels` channels in all. A dense head
# with bias leads from `features` to `classes`. How many numbers does training change if the base is "frozen", if
# "bn frozen" (only BN is), and if "nothing" is frozen?


# %% tags=["exercise"]
def trained_numbers(frozen, kernel_weights, channels, features, classes):
    """The learned numbers; `frozen` is "base", "bn" or "nothing"."""
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
    return bool(mode) and trainable
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
# larger images, fine-tuning of the last blocks only, what you like.
#
# *Rubric.* A good answer (1) chooses on training images only, for example by leaving some out in turn, and uses the
# test images once, (2) repeats at least five draws and compares draw by draw, (3) changes one thing at a time and says
# why it should help, (4) says which layers are frozen and proves it for BN, (5) says how large a difference 50 test
# images can show.

# %% [markdown]
# ## Summary
#
# - Pre-train on a large, general task; adapt on the small one. Frozen features with a linear head need few images.
# - From scratch on 40 images a CNN learns little that carries over; fine-tuning need not beat the frozen head.
# - A too large learning rate destroys what was learned before.
# - BN stays frozen by `layer.trainable = False` on each BN layer, set before `compile`, not by `training=False`.
# - Far from the first task, or with enough images, a small network from scratch can win.

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
