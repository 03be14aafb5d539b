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
# # 15 · Global average pooling
#
# Between the last feature maps and the classes, LeNet, AlexNet and VGG flatten the maps and put most of their
# parameters there. Later networks take the mean of each map and one small dense layer. That is cheaper, takes images
# of any size, and lets us see which places of a photograph spoke for a class. It has a price: the mean forgets where
# things were. Here you count the savings, see the maps, and build a task on which the cheaper head must fail.
#
# **You will be able to**
#
# - count parameters and multiply-accumulates of a flattened and of a pooled head;
# - show why the mean and the dense layer may change places;
# - compute a class activation map and say what it does and does not tell;
# - say which shifts leave a pooled head's answer as it was;
# - tell the tasks that a pooled head can solve from those that it cannot.
#
# **You should know** the flattened and the pooled network of [notebook
# 01](01_limits_of_fully_connected_layers.ipynb), the [receptive field](08_chaining_convolutional_layers.ipynb) and
# [pooling](10_pooling_layers.ipynb).
#
# **Time** about 15 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import arithmetic, costs, datasets, exercises, figures, models, reference, training, widgets

import itertools

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
PLACES = 12  # of 49 that are covered, a quarter
SHIFTS = (1, 2, 4, 8, 16, 32, 64)  # pixels
TRAIN_IMAGES, TEST_IMAGES = 512, 256  # of marks
EPOCHS = 10

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Global average pooling
#
# **Global average pooling** replaces each feature map by its mean over all places. Here are three maps of 3 x 3.
#
# **Predict.** Which of the three numbers that it makes are equal?

# %% tags=["nbval-check-output"]
corner = [[4, 0, 0], [0, 0, 0], [0, 0, 2]]
point = [[0, 0, 0], [0, 9, 0], [0, 0, 0]]
even = [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
three_maps = np.moveaxis(np.array([[corner, point, even]], dtype="float32"), 1, -1)  # (1, 3, 3, 3)
pooled = keras.layers.GlobalAveragePooling2D()(three_maps)
print("maps", three_maps.shape, "features", pooled.shape, keras.ops.convert_to_numpy(pooled).round(2))

# %% [markdown]
# **What we see.** Much at one place and little everywhere give the same mean.
#
# A **pooled head** is this mean and one dense layer:
#
# $$z_k = b_k + \sum_{m=0}^{C-1} w[m, k] \; f_m, \qquad
# f_m = \frac{1}{H' W'} \sum_{r=0}^{H'-1} \sum_{c=0}^{W'-1} x[r, c, m]$$
#
# $x$ are the last feature maps $(H', W', C)$, $f_m$ the **pooled feature** of map $m$, $w$ the weights $(C, K)$, $b$
# the biases $(K)$ for $K$ classes, $z_k$ the logit of class $k$. (Elsewhere $K$ is a kernel.)
# A **flattened head** has a weight for each place of each map, $(H' W' C) \times K$, and often further dense layers.
# VGG-16 ([notebook 13](13_the_problem_with_depth.ipynb)) flattens 512 maps of 7 x 7 into dense layers of 4096, 4096
# and 1000, with nearly nine tenths of its parameters.
#
# **Predict.** Which share would a pooled head have? And which share of the multiply-accumulates (MACs) has either?

# %% tags=["nbval-check-output"]
vgg, last_maps = models.outline("vgg16"), models.outline("vgg16", include_top=False)
body, body_macs = costs.count_parameters(last_maps), costs.count_macs(last_maps)
heads = {
    "flattened": (costs.count_parameters(vgg) - body, costs.count_macs(vgg) - body_macs),
    "pooled": (arithmetic.dense_parameters(512, 1000), arithmetic.dense_macs(512, 1000)),
}
for name, (head, macs) in heads.items():
    print(f"{name:9} head {head:11,} parameters, {head / (body + head):5.1%} of the net's {body + head:11,};", end=" ")
    print(f"{macs:11,} MACs, {macs / (body_macs + macs):.3%}")

# %% [markdown]
# **What we see.** 3.4 % of the parameters. Even the flattened head has less than a hundredth of the MACs. The same in
# small:
#
# **Predict.** Two nets end in 64 maps of 7 x 7 and a dense layer of 10 named `logits`, after `Flatten` or after the
# mean. How many parameters has each `logits`?


# %% tags=["nbval-check-output"]
def small_net(to_vector, size=28):
    """Three convolutions and a head; to_vector makes one list of numbers of the last maps."""
    net = [keras.Input((size, size, 1))]
    for stage, kernels in enumerate((16, 32, 64), start=1):
        net.append(keras.layers.Conv2D(kernels, 3, padding="same", activation="relu", name=f"conv{stage}"))
        net += [keras.layers.MaxPooling2D(name=f"pool{stage}")] if stage < 3 else []
    return keras.Sequential([*net, to_vector, keras.layers.Dense(10, name="logits")])


flattened_net = small_net(keras.layers.Flatten(name="flatten"))
pooled_net = small_net(keras.layers.GlobalAveragePooling2D(name="means"))
print(costs.table(pooled_net))
flat, mean = costs.table(flattened_net)[-1], costs.table(pooled_net)[-1]
print(f"logits of the flattened net: {flat.parameters:,} parameters, {flat.macs:,} MACs")
assert flat.macs == 49 * mean.macs

# %% [markdown]
# **What we see.** For each of the 640 weights of the pooled head the flattened one has 49. Lin, Chen and Yan
# (2013), who proposed global average pooling, call it a **regulariser**, a means against overfitting; we do not test
# that.

# %% [markdown]
# ## The mean and the dense layer change places
#
# The mean sums over places, alike for every channel; the dense layer sums over channels, alike at every place. The
# order of two such sums does not matter, and the mean of equal biases is the bias. So the dense layer could come
# first, at every place, as a [1x1 convolution](04_colour_images_as_inputs.ipynb):
# $w^\top \overline{x} + b = \overline{w^\top x + b}$, where a bar stands for the mean over all places.
#
# **Predict.** What may change places with this mean: a dense layer, a dense layer and ReLU, a dense layer and
# softmax? And a dense layer with the *maximum* over all places?


# %%
def mean_of(maps):
    return maps.mean(axis=(1, 2))


def maximum_of(maps):
    return maps.max(axis=(1, 2))


maps = np.random.normal(size=(5, 7, 7, 64))
weights, bias = np.random.normal(size=(64, 10)), np.random.normal(size=10)


def dense(x):
    return x @ weights + bias


def dense_relu(x):
    return np.maximum(0, dense(x))


def dense_softmax(x):
    exponentials = np.exp(dense(x))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


# %% tags=["nbval-check-output"]
for pool, function in [(mean_of, dense), (mean_of, dense_relu), (mean_of, dense_softmax), (maximum_of, dense)]:
    equal = np.allclose(pool(function(maps)), function(pool(maps)))
    print(f"{pool.__name__:10} and {function.__name__:13} change places: {equal}")
    assert equal == (pool is mean_of and function is dense)

# %% [markdown]
# **What we see.** Only the dense layer and the mean do. A pooled head answers with the mean of all places' logits,
# which it never computes.
#
# **Predict.** Which order would you compute, for 7 x 7 places?

# %% tags=["nbval-check-output"]
after, before = arithmetic.dense_macs(512, 1000), arithmetic.conv_macs((7, 7), 1, 512, 1000)
print(f"mean first: {after:,} MACs; dense layer first: {before:,}, {before // after} times as many")
fixed = np.tile(np.eye(64), (49, 1)) / 49  # (49 * 64, 64): the mean as a matrix
assert np.allclose(maps.reshape(5, -1) @ fixed, mean_of(maps))
print("the mean as a matrix:", fixed.shape, "with", np.count_nonzero(fixed), "entries of 1/49, the others 0")

# %% [markdown]
# **What we see.** The mean first is cheaper; the dense layer first shows *where*.

# %% [markdown]
# ## Images of any size through one network
#
# **Predict.** With `size=None`, only one of the two small nets can be built (notebook 12). Which shape has its output
# for 28 x 28, 40 x 25 and 101 x 64 pixels?

# %% tags=["nbval-check-output"]
for to_vector in (keras.layers.GlobalAveragePooling2D(name="means"), keras.layers.Flatten(name="flatten")):
    try:
        net = small_net(to_vector, size=None)
        shapes = [net(np.zeros((1, *size, 1))).shape for size in ((28, 28), (40, 25), (101, 64))]
        print(to_vector.name, "takes all three sizes:", *shapes)
    except ValueError as error:
        print(f"{to_vector.name} raises {type(error).__name__}: {str(error).split('. Received')[0]}")

# %% [markdown]
# **What we see.** Three sizes, ten numbers each.
#
# EfficientNet-Lite0 ([notebook 05](05_output_activation.ipynb)), trained at 224 x 224, has a pooled head. It gets two
# photographs whole, halved, and cut to a square, resized to 128, 224 and 448 pixels.
#
# **Predict.** How large are its last maps for 300 x 451 pixels, if it halves five times and rounds up?

# %% tags=["nbval-check-output"]
lite = models.build("efficientnet_lite0", weights="imagenet", input_shape=(None, None, 3))
opened = keras.Model(lite.input, [lite.get_layer("head_relu").output, lite.output])
class_names = np.array(datasets.imagenet_class_names())


def look(images):
    """The last maps (N, H', W', 1280) and the probabilities (N, 1000) of EfficientNet-Lite0."""
    maps, logits = opened(images)
    return keras.ops.convert_to_numpy(maps), keras.ops.convert_to_numpy(keras.ops.softmax(logits))


surest = {}
for name in ("chelsea", "coffee"):
    whole = datasets.load_photograph(name)
    squares = [datasets.load_photograph(name, size) for size in (128, 224, 448)]
    for image in [whole, whole[::2, ::2], *squares]:
        (maps,), (p,) = look(image[None])
        surest[name, image.shape[:2]] = p.max()
        print(f"{name:8} {image.shape[:2]!s:10} maps {maps.shape[:2]!s:8} {class_names[p.argmax()]}")

# %% [markdown]
# **What we see.** 10 x 15. Ten images of seven sizes, and no change of the answer.
#
# **Predict.** Then is it as sure at every size?

# %%
for (name, size), p in surest.items():
    print(f"{name:8} {size!s:10} probability of its answer {p:.2f}")
assert surest["coffee", (128, 128)] > 0.9 > 0.2 > surest["coffee", (448, 448)]

# %% [markdown]
# **What we see.** No. At 128 pixels it is sure of the espresso, in the same square of 448 not at all: to kernels of
# fixed size a larger cup is another pattern. To *accept* any size is not to be good at it. And images of one batch
# must still have one size (exercise 15.3).

# %% [markdown]
# ## Class activation maps
#
# The logits of each place without the bias are the **class activation map** of class $k$ (Zhou and others, 2016):
#
# $$M_k[r, c] = \sum_{m=0}^{C-1} w[m, k] \; x[r, c, m], \qquad
# z_k = b_k + \frac{1}{H' W'} \sum_{r, c} M_k[r, c]$$
#
# $M_k$ has $(H', W')$ values in the unit of a logit: how much each place speaks for class $k$, or against it. It
# needs only the head's weights.
#
# **Predict.** For 224 x 224 pixels, how many values has a map of EfficientNet-Lite0, and how many pixels does each
# of them see?

# %% tags=["nbval-check-output"]
photo_names = datasets.photograph_names()
photographs = np.stack([datasets.load_photograph(name, size=224) for name in photo_names])
maps, probabilities = look(photographs)
weights, bias = (keras.ops.convert_to_numpy(v) for v in lite.get_layer("logits").weights)
class_maps = maps @ weights  # (4, 7, 7, 1000): every place, every class
logits = keras.ops.convert_to_numpy(lite(photographs))
by_maps = class_maps.mean(axis=(1, 2)) + bias
assert np.abs(by_maps - logits).max() / np.abs(logits).max() < 1e-3
field = costs.receptive_field(models.build("efficientnet_lite0"), "head_relu")[0]
print("class activation maps", class_maps.shape, "and their means plus bias are the logits")
print(f"places {field.jump} pixels apart, each sees up to {field.size} x {field.size} pixels")

# %% [markdown]
# **What we see.** 49 values, each of which may depend on *every* pixel.
#
# In the maps below red speaks for the class, blue against it, white is 0, each on its own scale.
#
# **Predict.** Where will the map of the most probable class be largest: on the cup, on the rocket?

# %%
ranking = np.argsort(-logits, axis=1)
_, grids = plt.subplots(1, 4, figsize=(7.2, 2.1))
for n, ax in enumerate(grids):
    best = ranking[n, 0]
    figures.show_class_map(photographs[n], class_maps[n, :, :, best], ax, title=class_names[best])
plt.show()

# %% [markdown]
# **What we see.** On the cup, but beside the rocket.
#
# Astronaut is no class; its second answer is football helmet. We hold that class's map, and those of
# espresso and missile, against boxes drawn by hand.
#
# **Predict.** In which boxes does the largest of the 49 values lie?

# %% tags=["nbval-check-output"]
print("astronaut is a class:", "astronaut" in class_names)
boxes = {  # photograph, class: top, left, bottom, right in pixels
    ("astronaut", "football helmet"): (148, 125, 224, 219),
    ("coffee", "espresso"): (12, 40, 170, 172),
    ("rocket", "missile"): (70, 104, 216, 122),
}
for (name, label), (top, left, bottom, right) in boxes.items():
    class_map = class_maps[photo_names.index(name), :, :, np.flatnonzero(class_names == label)[0]]
    row, column = (int(i) for i in np.unravel_index(class_map.argmax(), (7, 7)))
    y, x = 32 * row + 16, 32 * column + 16
    inside = top <= y < bottom and left <= x < right
    print(f"{label:15} largest at place {(row, column)}, around pixel {(y, x)}, in the box: {inside}")

# %% [markdown]
# **What we see.** Helmet and cup: yes. The missile's largest value lies in the sky on the rocket's left. The rocket is
# 18 pixels wide, a place 32. The smooth colours between the places are drawn, not measured.
#
# A softmax compares logits: between two classes the *difference* of their maps decides. In a running notebook two
# menus choose a class and one to subtract (one scale for all; the mean is the logit less its bias).
#
# **Predict.** Where is the map of the first answer, bobsled, largest? And the helmet's map less the bobsled's?

# %%
five = ranking[0, :5]
widgets.choose_class(photographs[0], class_maps[0][:, :, five], class_names[five])

# %%
bobsled, helmet = (class_maps[0, :, :, k] for k in ranking[0, :2])
_, grids = plt.subplots(1, 2, figsize=(4.4, 2.4))
figures.show_class_map(photographs[0], helmet, grids[0], title="helmet, 49 values", smooth=False)
figures.show_class_map(photographs[0], helmet - bobsled, grids[1], title="less bobsled", smooth=False)
plt.show()

# %% tags=["nbval-check-output"]
cats = class_maps[photo_names.index("chelsea")][:, :, ranking[photo_names.index("chelsea"), :2]].reshape(49, 2)
pair = np.stack([bobsled.ravel(), helmet.ravel()], axis=1)
for name, columns in {"Egyptian cat, tiger cat": cats, "bobsled, football helmet": pair}.items():
    print(f"{name:25} correlation of the two maps {np.corrcoef(columns.T)[0, 1]:.1f}")
for name, values in {"bobsled": bobsled, "helmet": helmet, "helmet less bobsled": helmet - bobsled}.items():
    print(f"{name:25} largest at place {tuple(int(i) for i in np.unravel_index(values.argmax(), (7, 7)))}")

# %% [markdown]
# **What we see.** The bobsled's map is largest beside the helmet at her side: what speaks for a class may speak for
# its neighbour. Only the difference tells them apart: red at the helmet; over her shoulder, blue, the bobsled has
# more. The maps of the two cats are almost one.
#
# Does the answer hang on the largest values? A test: cover a quarter of the places with the photograph's mean colour,
# those of the largest values or of the smallest. The controls: as many scattered places (four covers), and a block in
# the middle, where photographers put things.
#
# **Predict.** After which cover is the probability of the answer lowest?


# %%
def cover(photograph, places):
    """The photograph with the squares of these places (numbers 0 to 48) in its mean colour."""
    mask = np.isin(np.arange(49), places).reshape(7, 7)
    covered = photograph.copy()
    covered[np.kron(mask, np.ones((32, 32))) > 0] = photograph.mean(axis=(0, 1))
    return covered


middle = np.arange(49).reshape(7, 7)[2:5, 1:5].ravel()
chosen, covered_maps, answers = {}, {}, {}
for n, name in enumerate(photo_names):
    order = np.argsort(class_maps[n, :, :, ranking[n, 0]].ravel())
    scattered = [np.arange(start, 48, 4) for start in range(4)]
    covers = [order[-PLACES:], order[:PLACES], *scattered, middle]
    chosen[name] = np.stack([cover(photographs[n], places) for places in covers])
    covered_maps[name], p = look(chosen[name])
    answers[name] = p[:, ranking[n, 0]]

# %%
_, grids = plt.subplots(1, 3, figsize=(4.8, 1.9))
for ax, image, places in zip(grids, chosen["chelsea"], ["largest", "smallest", "scattered"], strict=False):
    figures.show_image(image, ax, title=places)
plt.show()

# %%
print("           uncovered  largest  smallest  scattered                middle")
for n, (name, (largest, smallest, *others)) in enumerate(answers.items()):
    before = probabilities[n, ranking[n, 0]]
    print(f"{name:10} {before:9.2f} {largest:8.2f} {smallest:9.2f}", *(f"{p:6.2f}" for p in others))

# %% tags=["nbval-check-output"]
print("largest lower than  smallest  all scattered  middle;  change at uncovered places over 30 %")
for n, (name, (largest, smallest, *scattered, block)) in enumerate(answers.items()):
    before, after = (values @ weights[:, ranking[n, 0]] for values in (maps[n], covered_maps[name][0]))
    uncovered = np.argsort(before.ravel())[:-PLACES]
    change = np.abs(after - before).ravel()[uncovered].sum() / np.abs(before).ravel()[uncovered].sum()
    lower = largest < smallest, largest < min(scattered), largest < block
    print(f"{name:19} {lower[0]!s:9} {lower[1]!s:14} {lower[2]!s:8} {change > 0.3}")
    assert largest < smallest
    assert change > 0.3
cat_before = probabilities[photo_names.index("chelsea")].max()
print("the cat's probability rises under all seven covers:", bool(answers["chelsea"].min() > cat_before))

# %% [markdown]
# **What we see.** On all four photographs the answer is less probable without the largest values than without the
# smallest. But on the astronaut a scattered cover does more, on the cat the middle does, and the cat becomes *more*
# Egyptian under every cover. A cover does not take terms out of a sum, it shows something else: under the first one
# the values at uncovered places, which see it, change by more than 30 %. The map answers "where is the sum large",
# not "what would happen without it".

# %% [markdown]
# ## What either head does under shifts
#
# In [notebook 01](01_limits_of_fully_connected_layers.ipynb) shifts cost the flattened head far more accuracy than
# the pooled one. Here is why. Two random layers with ReLU have **circular padding** (notebook 03): the opposite
# side is put around the image, so there is no border.
#
# **Predict.** For which circular shifts by 0 to 8 columns does a head's output stay, with stride 1 in both layers,
# and with 2?


# %% tags=["nbval-check-output"]
def circular_layers(images, stride):
    """Two 3x3 layers of 8 channels on images (N, H, W, 1) that have no border."""
    for kernel in kernels:
        images = np.pad(images, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="wrap")
        images = np.maximum(0, reference.conv2d(images, kernel, stride=stride))
    return images


kernels = [np.random.normal(size=(3, 3, 1, 8)), np.random.normal(size=(3, 3, 8, 8))]
cat = datasets.to_grey(datasets.load_photograph("chelsea", size=32)).astype(float)[None, :, :, None]
heads = {"pooled": mean_of, "flattened": lambda maps: maps.reshape(len(maps), -1)}
for stride, (name, head) in itertools.product((1, 2), heads.items()):
    start, same = head(circular_layers(cat, stride)), []
    for shift in range(9):
        moved = head(circular_layers(np.roll(cat, shift, axis=2), stride))
        same += [shift] if np.abs(moved - start).max() < 1e-5 * np.abs(start).max() else []
    print(f"stride {stride}, {name:9} output stays for shifts by", same)

# %% [markdown]
# **What we see.** Without border and stride the maps move with the image, and a mean does not depend on the order of
# its terms: the pooled output is *invariant*, whatever the weights. With two strides of 2 that holds for multiples
# of 4, as in [notebook 10](10_pooling_layers.ipynb). The flattened output stays for shift 0 only.
#
# EfficientNet-Lite0 has borders, and five strides of 2 that multiply to 32. We move a window of 224 x 224 pixels
# over larger photographs and measure $\delta$ of notebook 10, the change relative to the photographs' spread.
#
# **Predict.** At which shift do the pooled features change less, by 1 pixel or by 32?


# %%
def window_at(column):
    return np.stack([datasets.load_photograph(name, size=288)[32:256, column : column + 224] for name in photo_names])


def relative_change(moved, start):
    return np.linalg.norm(moved - start) / np.linalg.norm(start - start.mean(axis=0))


start, _ = look(window_at(0))
changes = {name: [] for name in heads}
for shift in SHIFTS:
    moved, _ = look(window_at(shift))
    for name, head in heads.items():
        changes[name].append(relative_change(head(moved), head(start)))

# %%
ax = figures.new_axes(width=5, height=2.8)
ax.plot(SHIFTS, changes["flattened"], color=figures.ORANGE, marker="s", label="flattened maps")
ax.plot(SHIFTS, changes["pooled"], color=figures.BLUE, marker="o", label="pooled features")
ax.set_xscale("log", base=2)
ax.set_xticks(SHIFTS, SHIFTS)
ax.set(xlabel="shift in pixels", ylabel="relative change", ylim=(0, None))
ax.set_title("Pooled features change less, not nothing")
ax.legend()
plt.show()

# %% tags=["nbval-check-output"]
ratios = np.array(changes["flattened"]) / np.array(changes["pooled"])
print("the flattened maps change more at every shift:", bool(ratios.min() > 1.3))
print("some shift leaves the pooled features as they were:", bool(min(changes["pooled"]) < 0.05))
print("the pooled features change more by 32 pixels than by 1:", changes["pooled"][-2] > changes["pooled"][0])
assert ratios.min() > 1.3
assert min(changes["pooled"]) > 0.05

# %% [markdown]
# **What we see.** They change less than the flattened maps, but they do change, even by one pixel. By 32, where the
# strides would allow invariance, they change more: the window has lost and gained content. The mean is
# invariant; what comes before it is not equivariant.

# %% [markdown]
# ## How much, not where
#
# Images of 16 x 40 pixels with one or two marks of 2 x 2 pixels, all in the left half or all in the right.
#
# **Predict.** Task A: in which half are the marks? Task B: how many are there? (Learned from marks in the
# *left* half, tested on both.) Which head can learn which task?


# %%
def make_marks(sides):
    """Images with marks in the half sides[n], 0 left or 1 right, and whether there are two marks."""
    images, two = np.zeros((len(sides), 16, 40, 1), "float32"), np.random.randint(2, size=len(sides))
    for image, side, second in zip(images, sides, two, strict=True):
        down, right = np.random.randint(2, size=2)
        for cell in np.random.choice(12, 1 + second, replace=False):  # 3 x 4 cells that do not overlap
            r, c = 4 + 2 * (cell // 4) + down, 4 + 3 * (cell % 4) + right + 18 * side
            image[r : r + 2, c : c + 2] = 1
    return images, two


sides = np.arange(TRAIN_IMAGES) % 2
both_halves, _ = make_marks(sides)
left_half, left_two = make_marks(np.zeros(TRAIN_IMAGES, int))
test_left, test_two = make_marks(np.zeros(TEST_IMAGES, int))
test_right = np.roll(test_left, 18, axis=2)
_ = figures.show_images([test_left[0], test_right[0]], ["a test image", "the same, 18 columns on"], columns=2)
plt.show()

# %% tags=["nbval-check-output"]
print("test images that stand in training, too")
for task, shown in {"A": both_halves, "B": left_half}.items():
    known = {image.tobytes() for image in shown}
    seen = [np.mean([image.tobytes() in known for image in images]) for images in (test_left, test_right)]
    print(f"task {task}: {seen[0]:4.0%} of those on the left, {seen[1]:4.0%} of those on the right")
assert seen[1] == 0  # of task B


# %%
class StopWhenLearned(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        self.model.stop_training = logs["loss"] < 0.05


def train(to_vector, images, labels):
    """Two convolutions without padding and a head, trained until the loss is below 0.05, or for EPOCHS epochs."""
    settings = {"activation": "leaky_relu", "kernel_initializer": "he_normal"}
    convolutions = [keras.layers.Conv2D(8, 3, **settings), keras.layers.Conv2D(16, 3, **settings)]
    net = keras.Sequential([keras.Input((16, 40, 1)), *convolutions, to_vector, keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(0.01), loss)
    net.fit(images, labels, 32, EPOCHS, verbose=0, callbacks=[StopWhenLearned()])
    return net


# %%
answers, table = {}, {}
print("accuracy:  A, half  B, left  B, right")
for name, to_vector in {"pooled": keras.layers.GlobalAveragePooling2D, "flattened": keras.layers.Flatten}.items():
    net_a, net_b = train(to_vector(), both_halves, sides), train(to_vector(), left_half, left_two)
    answers[name] = [net_a.predict(images, verbose=0) for images in (test_left, test_right)]
    side_is_right = [(logits.argmax(axis=1) == side).mean() for side, logits in enumerate(answers[name])]
    number_is_right = [training.accuracy(net_b, images, test_two) for images in (test_left, test_right)]
    table[name] = [np.mean(side_is_right), *number_is_right]
    print(f"{name:10}", *(f"{accuracy:7.2f}" for accuracy in table[name]))

# %%
(side_pooled, left_pooled, right_pooled), (side_flattened, left_flattened, right_flattened) = table.values()
assert abs(side_pooled - 0.5) < 0.05  # bound
assert side_flattened > 0.9  # bound
assert left_pooled > 0.9  # bound
assert right_pooled > 0.9  # bound
assert left_flattened > 0.9  # bound
assert right_flattened < 0.8  # bound

# %% tags=["nbval-check-output"]
for name, (left, right) in answers.items():
    same = np.abs(left - right).max() < 1e-4
    print(f"{name:10} net of task A gives an image and its shifted copy the same logits: {same}")
    assert same == (name == "pooled")

# %% [markdown]
# **What we see.** The heads fail on opposite tasks. To the pooled head an image and its copy 18 columns on are the
# same: of each pair it gets one right. So what it learned about *how many* on the left holds on the right. The
# flattened head tells the halves, but where it never saw a mark, it knows nothing. (Most test
# images stand in training, too; a real test is only B on the right.)
#
# A pooled head can tell places apart if the maps do: near a border the convolutions see the zeros of a zero padding
# (Islam and others, 2020). Here there is none, and no mark is near a border.
#
# **Predict.** An image with two marks gets a wide black frame. What becomes of its mean?

# %% tags=["nbval-check-output"]
one, two = (test_left[test_two == second][0, :, :, 0] for second in (0, 1))
framed = np.pad(two, ((8, 8), (20, 20)))
for image in (one, two, framed):
    print(f"{image.shape[0]} x {image.shape[1]}: mean {image.mean():.6f}, maximum {image.max():.0f},", end=" ")
    print(f"mean x area / 4 = {image.mean() * image.size / 4:.0f} marks")

# %% [markdown]
# **What we see.** Four times the area, a quarter of the mean: it is a *share* of the area. **Global max pooling**
# ignores the frame, but says only whether there is a mark.

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("15.1", 1)` gives a first step.
#
# ### Exercise 15.1 ★ Parameters of both heads
#
# The last maps are `height` x `width` x `channels`; each head is one dense layer with biases. Return the number of
# parameters of the flattened head, and of the pooled head.


# %% tags=["exercise"]
def head_parameters(height, width, channels, classes):
    """Parameters (flattened, pooled) of the two heads; all arguments are whole numbers."""
    # BEGIN SOLUTION
    return (height * width * channels + 1) * classes, (channels + 1) * classes
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("15.1", head_parameters)

# %% [markdown] tags=["solution"]
# Each output of a dense layer has one weight for each input and one bias. The flattened head has $H' W' C$ inputs,
# the pooled head $C$, since the mean leaves one number for each map.
#
# Common mistake: to multiply the bias by the places as well. There is one for each class, in both heads.

# %% [markdown] tags=["exercise"]
# ### Exercise 15.2 ★★ Class activation maps in NumPy
#
# Each image has a class of its own. Compute its map, without a bias.


# %% tags=["exercise"]
def class_activation_maps(maps, weights, classes):
    """Maps (N, H', W') from feature maps (N, H', W', C), weights (C, K) and the class of each image (N,)."""
    # BEGIN SOLUTION
    return np.einsum("nrcm,mn->nrc", maps, weights[:, classes])
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("15.2", class_activation_maps)

# %% [markdown] tags=["solution"]
# `weights[:, classes]` is $(C, N)$: column $n$ holds the weights of the class of image $n$. The letter `n` stands in
# both arguments *and* in the result, so image $n$ meets its own column; `m` stands in no result and is summed over.
#
# Common mistake: to pool first. The mean over the places is the logit without its bias: one number, no map.

# %% [markdown] tags=["exercise"]
# ### Exercise 15.3 ★★ The trap of the batch
#
# To put images of several sizes into one batch, one adds zeros below and on the right. (Take it that the maps are
# zero there, too.) A plain mean then counts the zeros. Write the mean over the real places: of image $n$, the first
# `heights[n]` rows and `widths[n]` columns.


# %% tags=["exercise"]
def mean_of_real_places(maps, heights, widths):
    """Pooled features (N, C) of maps (N, H', W', C), of which (heights[n], widths[n]) places are real."""
    # BEGIN SOLUTION
    return maps.sum(axis=(1, 2)) / (heights * widths)[:, None]
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("15.3", mean_of_real_places)

# %% [markdown] tags=["solution"]
# The zeros add nothing to the sum; only the number by which it is divided must be that of the real places.
#
# Common mistake: to leave out all places that are zero. After a ReLU many *real* places are zero, and they count.

# %% [markdown] tags=["exercise"]
# ### Exercise 15.4 ★★★ The pooled head inside the flattened head
#
# What a pooled head computes, a flattened head can, too. From the weights $(C, K)$ of the pooled head make those of
# the flattened one, for maps of $H' \times W'$ places in the order of `maps.reshape(N, -1)`.


# %% tags=["exercise"]
def flattened_weights(weights, height, width):
    """Weights (height * width * C, K) with which a flattened head equals the pooled head with weights (C, K)."""
    # BEGIN SOLUTION
    return np.tile(weights, (height * width, 1)) / (height * width)
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("15.4", flattened_weights)

# %% [markdown] tags=["solution"]
# The last axis of the maps, the channels, runs fastest when they are flattened: first all channels of the first
# place, then all of the second. So the whole block of weights is repeated, place after place, each time divided by
# $H' W'$. The flattened head is thus at least as powerful; what it does not have is the invariance built in.
#
# Common mistake: `np.repeat`, which repeats each row before it goes on to the next, as if places ran fastest.

# %% [markdown] tags=["exercise"]
# ### Exercise 15.5 ★★★ Between how much and where (open)
#
# After the two convolutions of the last section the maps have 12 x 36 places. `AveragePooling2D((12, 18))`, then
# `Flatten`, takes the means of their left and right halves: a head between the two. Train it on both tasks (`train`
# takes `keras.Sequential([keras.layers.AveragePooling2D((12, 18)), keras.layers.Flatten()])`), and beside it
# `AveragePooling2D` with (12, 36) and (12, 9), and `MaxPooling2D` with (12, 36).
#
# *Rubric.* A good answer (1) counts the parameters of each head, (2) has a table of both tasks, on both halves, with
# three seeds, (3) says before training which entries must be one half, which will only be near it, and why, (4)
# explains which shifts each head is invariant to, and why the maximum tells "how many" only in part.

# %% [markdown]
# ## Summary
#
# - Global average pooling replaces each map by its mean. VGG-16's flattened head has 89 % of the parameters, less
#   than 1 % of the MACs.
# - The mean and the dense layer change places: a pooled head averages the logits of all places.
# - These logits without the bias are the class activation map: where the sum is large, not what would happen
#   without that place.
# - The mean is invariant where the maps move with the image; borders and strides break it.
# - A pooled head takes images of any size and keeps how much, as a share of the area, not where.

# %% [markdown]
# ## Further reading
#
# - M. Lin, Q. Chen, S. Yan, *Network in network*, 2013, arXiv:1312.4400: global average pooling.
# - B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba, *Learning deep features for discriminative
#   localization*, 2016, arXiv:1512.04150: class activation maps.
# - J. Adebayo and others, *Sanity checks for saliency maps*, 2018, arXiv:1810.03292: how such maps can mislead.
# - M. A. Islam, S. Jia, N. D. B. Bruce, *How much position information do convolutional neural networks encode?*,
#   2020, arXiv:2001.08248: zero padding tells where.
