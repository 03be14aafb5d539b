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
# # 05 · Output activation
#
# A convolutional layer has many kernels, and each makes one image of its answers. Whoever wants to know what a network
# does with a photograph looks at these images first. Here you learn what one value in them means and what it does not
# mean, and you use the tools with which trained networks are taken apart: filters, maps, patches, silenced maps, and
# images made to excite one map.
#
# **You will be able to**
#
# - compute an output activation from kernel, bias and ReLU, and say when a map is dead;
# - say what a large value tells about the window, and what it leaves open;
# - find out what the maps of a trained network answer to, and which classes need them;
# - judge a picture that claims to show what a network sees.
#
# **You should know** [notebook 01](01_limits_of_fully_connected_layers.ipynb): training and logits;
# [notebook 02](02_convolution.ipynb): kernels and windows; [notebook 03](03_convolutional_layers.ipynb) and
# [notebook 04](04_colour_images_as_inputs.ipynb): the layer, its bias, and colour images as inputs.
#
# **Time** about 35 s on two CPU cores; not yet measured on a GPU.
#
# <!-- navigation -->

# %% tags=["setup"]
from cnncourse import backend, datasets, exercises, figures, inspection, models, reference, training, widgets

import keras
import matplotlib.pyplot as plt
import numpy as np

# %% tags=["setup"]
SEED = 1
TRAIN_IMAGES, TEST_IMAGES = 8_000, 4_000
EPOCHS = training.budget(quick=6, full=10)
CLIMBING_STEPS = 25

training.setup(SEED)
figures.use_style()

# %% [markdown]
# ## Output activation: one kernel, one feature map
#
# Kernel number $o$ of a layer makes one output channel, its **feature map**:
#
# $$y[r, c, o] = b[o] + \sum_{i=0}^{k_h - 1} \sum_{j=0}^{k_w - 1} \sum_{m=0}^{C_\text{in} - 1}
# w[i, j, m, o] \; x[r + i, c + j, m]$$
#
# $x$ is one image $(H, W, C_\text{in})$, $w$ the kernels $(k_h, k_w, C_\text{in}, C_\text{out})$, $b$ the biases
# $(C_\text{out})$, $[r, c]$ the place. The ReLU turns $y$, the sum plus the bias, into the **output activation**
# $\max(0, y)$. Below, *map* means these values, unless it says "before the ReLU".
#
# **Predict.** The kernel is Sobel's, the bias -0.5. At three places around a cat's eye the sums are -1.83, 0.16 and
# 1.74. What are the output activations?

# %% tags=["nbval-check-output"]
photograph = datasets.to_grey(datasets.load_photograph("chelsea")).astype(float)
cat = photograph[:, :448].reshape(75, 4, 112, 4).mean(axis=(1, 3))  # 75 x 112 pixels
sobel_x, bias = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]), -0.5
layer = keras.layers.Conv2D(1, kernel_size=3, activation="relu", name="edges")
layer.build((None, *cat.shape, 1))
layer.set_weights([sobel_x[:, :, None, None], np.array([bias])])
by_layer = keras.ops.convert_to_numpy(layer(cat[None, :, :, None]))[0, :, :, 0]
for r, c in ((27, 32), (28, 42), (27, 51)):
    total = (cat[r : r + 3, c : c + 3] * sobel_x).sum()
    print(f"[{r}, {c}] sum {total:5.2f}, plus bias {total + bias:5.2f}, after ReLU {by_layer[r, c]:.2f}")
by_hand = np.maximum(0, reference.correlate(cat, sobel_x) + bias)
assert np.abs(by_hand - by_layer).max() < 1e-5

# %% [markdown]
# **What we see.** Two zeros: only strong edges from dark to bright remain. The bias is a threshold: a sum must exceed
# 0.5 to leave a trace.
#
# The next cell has two sliders: the bias, and the row (framed) to which the kernel has slid.
#
# **Predict.** Pixels lie in 0..1. At which bias is the map zero everywhere, on *every* such image?

# %%
widgets.choose_bias(cat, sobel_x, bias=-0.5, row=52)

# %% tags=["nbval-check-output"]
best_window = (sobel_x > 0).astype(float)
print("largest sum that any window in 0..1 can give:", (best_window * sobel_x).sum())
for bias in (4, 0, -0.5, -1, -4):
    activation = np.maximum(0, reference.correlate(cat, sobel_x) + bias)
    print(f"bias {bias:4}: {100 * (activation > 0).mean():3.0f} % of the cat's map above zero")

# %% [markdown]
# **What we see.** The best window is 1 under the positive weights, 0 elsewhere; its sum is 4. With a bias of -4
# nothing is left of any image; with +4 the ReLU removes nothing.

# %% [markdown]
# ## What a large value means
#
# Lay window and kernel out as two long vectors. The sum is their scalar product,
#
# $$\sum_{i,j} w[i, j] \, x[r + i, c + j] = \lVert w \rVert \, \lVert x_{rc} \rVert \cos \alpha$$
#
# with their lengths $\lVert w \rVert$, $\lVert x_{rc} \rVert$ ($x_{rc}$ is the window at $[r, c]$) and the angle
# $\alpha$ between them. The cosine is 1 at most, where both have one direction. So among windows *of one length* the
# kernel itself, brighter or darker, gives the largest sum: a kernel is the pattern that it seeks.
#
# **Predict.** We take the cat's eye on the left, 17 x 18 pixels, as a kernel. Where is the sum largest, at the eye?


# %% tags=["nbval-check-output"]
def place_of_largest(values):
    return tuple(int(i) for i in np.unravel_index(values.argmax(), values.shape))


eye = cat[21:38, 33:51]
copy = reference.correlate(cat, eye)
lengths = np.sqrt(reference.correlate(cat**2, np.ones(eye.shape)))
cosine = copy / lengths / np.linalg.norm(eye)
without_mean = reference.correlate(cat, eye - eye.mean())
print("the eye is at                (21, 33)")
print("copy of the eye: largest at ", place_of_largest(copy))
print("cosine: largest at          ", place_of_largest(cosine), f"with {cosine.max():.2f}")
print("copy less its mean: largest ", place_of_largest(without_mean))

# %%
pictures = [cat, copy / copy.max(), without_mean / without_mean.max()]
titles = ["cat", "kernel: the eye", "kernel: the eye less its mean"]
axes = figures.show_images(pictures, titles, columns=3, signed=[False, False, True])
for values, colour in ((without_mean, figures.ORANGE), (copy, figures.BLUE)):
    row, column = place_of_largest(values)
    axes[0].add_patch(plt.Rectangle((column, row), 18, 17, fill=False, edgecolor=colour, linewidth=2))
plt.show()

# %% [markdown]
# **What we see.** The copy finds bright fur (blue frame): its weights are all positive, and a brighter window is
# longer. The cosine is 1 at the eye (orange), but a convolution does not divide by the window's length. Weights that
# sum to 0 help: a brightness *added* to all pixels then has no effect. (Such a kernel seeks windows that are like it
# *less their mean*.)
#
# **Predict.** We halve the light. The bias is -5. What becomes of the eye's activation?

# %% tags=["nbval-check-output"]
for light in (1, 0.5):
    total = (light * eye * (eye - eye.mean())).sum()
    print(f"light {light:3}: sum {total:.2f}, activation {max(0, total - 5):.2f}")

# %% [markdown]
# **What we see.** Half the light, half the sum, and the same eye falls below the threshold. An activation is not
# "present" or "absent": it mixes likeness with contrast.

# %% [markdown]
# ## A trained network: maps specialise
#
# Three layers of kernels for Fashion-MNIST. `"same"` adds zeros around
# ([notebook 07](07_general_structure.ipynb)), `MaxPooling2D` keeps the largest of each 2 x 2 values
# ([notebook 10](10_pooling_layers.ipynb)), and the means of the last maps go into a dense layer, the **head**
# ([notebook 15](15_global_average_pooling.ipynb)).


# %% tags=["nbval-check-output"]
def build_net():
    layers = keras.layers
    net = [keras.Input((28, 28, 1))]
    net += [layers.Conv2D(16, 3, padding="same", activation="relu", name="conv1"), layers.MaxPooling2D(name="pool1")]
    net += [layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2"), layers.MaxPooling2D(name="pool2")]
    net += [layers.Conv2D(32, 3, padding="same", activation="relu", name="conv3")]
    net += [layers.GlobalAveragePooling2D(name="means"), layers.Dense(10, name="logits")]
    return keras.Sequential(net)


def compile_net(net, learning_rate):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(learning_rate), loss, metrics=["accuracy"])


train = datasets.load_fashion_mnist("train", TRAIN_IMAGES)
test = datasets.load_fashion_mnist("test", TEST_IMAGES)
net = build_net()
for name in ("conv1", "conv2", "conv3"):
    print(f"{name}: maps {inspection.feature_maps(net, name, test.images[:1]).shape[1:]}")

# %%
compile_net(net, learning_rate=0.003)
_ = training.fit(net, train, epochs=EPOCHS)
test_accuracy = training.accuracy(net, test.images, test.labels)
print(f"test accuracy {test_accuracy:.2f}")
assert test_accuracy > 0.6  # bound

# %%
_ = figures.show_images(inspection.filters(net, "conv1"), range(16), columns=8, signed=True)
plt.show()

# %% [markdown]
# The 16 learned kernels of the first layer, red above zero. Below, each row is an image with two unlike maps of each
# layer. White is a map's largest value on the three images.
#
# **Predict.** In which layer can you still recognise the object?


# %%
def two_unlike(maps):
    """The two channels that are least alike among the eight with the largest means."""
    strong = np.argsort(-maps.mean(axis=(0, 1, 2)))[:8]
    alike = np.corrcoef(maps[..., strong].reshape(-1, 8).T)
    return [int(strong[k]) for k in np.unravel_index(alike.argmin(), alike.shape)]


layer_names = ("conv1", "conv2", "conv3")
few = test.take(2000)
maps = {name: inspection.feature_maps(net, name, few.images) for name in layer_names}
chosen = [(name, o) for name in layer_names for o in two_unlike(maps[name])]
shown = [int(np.argmax(few.labels == label)) for label in (1, 7, 8)]
pictures, titles = [], []
for n in shown:
    pictures.append(few.images[n])
    pictures += [maps[name][n, ..., o] / (maps[name][shown, ..., o].max() + 1e-9) for name, o in chosen]
    titles += [few.class_names[few.labels[n]]] + [f"{name}, {o}" for name, o in chosen]
_ = figures.show_images(pictures, titles, columns=7)
plt.show()

# %% [markdown]
# **What we see.** The first maps are pictures of the object. The second show parts of it. The last, of 7 x 7 pixels,
# say roughly where something is. What? We look for the images that excite a channel the most, and cut out what its
# strongest output can see: its **top patches**, smaller at an image's border.

# %%
rows, titles = [], []
for name, o in chosen[3:]:
    found = inspection.top_patches(net, name, o, few.images, count=8)
    classes = np.bincount(few.labels[found.places[:, 0]], minlength=10)
    rows.append(found.images)
    titles.append(f"{name}, map {o}: {classes.max()} of 8 are {few.class_names[classes.argmax()]}")
_ = figures.show_patches(rows, titles, size=0.7)
plt.show()

# %% [markdown]
# **What we see.** In a row the patches look alike, whether they come from one class or from several.
#
# **Predict.** Of the fifty images that excite a map the most, which share belongs to one class, in each layer? In
# networks that were *not trained*? For fifty images by chance?


# %%
def top_labels(feature_maps, count):
    """The classes of the images that excite each map the most: (count, maps)."""
    return few.labels[np.argsort(-feature_maps.max(axis=(1, 2)), axis=0)[:count]]


def class_share(feature_maps):
    """The share of the most frequent class among each map's fifty top images, mean over the maps."""
    live = feature_maps.max(axis=(0, 1, 2)) > 0
    return np.mean([np.bincount(labels).max() / 50 for labels in top_labels(feature_maps, 50).T[live]])


untrained_nets = [build_net() for _ in range(2)]
by_chance = np.mean([np.bincount(np.random.choice(few.labels, 50)).max() / 50 for _ in range(2000)])
shares, untrained = {}, {}
for name in layer_names:
    shares[name] = class_share(maps[name])
    untrained[name] = np.mean([class_share(inspection.feature_maps(u, name, few.images)) for u in untrained_nets])
    print(f"{name}: {shares[name]:.2f}, untrained {untrained[name]:.2f}, by chance {by_chance:.2f}")
gain_by_training = shares["conv3"] - untrained["conv3"]
assert shares["conv3"] - shares["conv1"] > 0.1  # bound
assert gain_by_training > 0.05  # bound
assert untrained["conv3"] - by_chance > 0.05  # bound


# %% [markdown]
# **What we see.** Chance gives more than a tenth, as the largest of ten counts is taken. Random kernels lie above it;
# in the last layer the trained ones lie above these. Only this part is learned.

# %% [markdown]
# ## Silence one map
#
# Patches show what excites a map. What the network *uses* it for shows when the map is set to zero. From the means
# $f_o$ of the 32 last maps, the head computes the logit of class $k$ with weights $v$ $(32, 10)$ and biases $\beta$
# $(10)$:
#
# $$z_k = \beta_k + \sum_{o} f_o \, v[o, k]$$
#
# Without map $o$ each logit loses one term. We try it with map 5.

# %% tags=["nbval-check-output"]
means = inspection.feature_maps(net, "conv3", test.images).mean(axis=(1, 2))  # (images, maps)
head, head_bias = net.get_layer("logits").get_weights()
logits = means @ head + head_bias
silenced = inspection.silence(net, "conv3", 5).predict(few.images, verbose=0)
by_subtraction = (logits - means[:, 5:6] * head[5])[: len(few)]
difference = np.abs(silenced - by_subtraction).max() / np.abs(silenced).max()
print("the net without map 5 = logits less one term:", bool(difference < 1e-4))
assert difference < 1e-4


# %%
def falls_of_accuracy(groups):
    """For each silenced map (rows), how far the accuracy of each of ten groups of images falls."""
    falls = []
    for o in range(means.shape[1]):
        lost = (logits.argmax(1) == test.labels).astype(float)
        lost -= (logits - means[:, o : o + 1] * head[o]).argmax(1) == test.labels
        falls.append([lost[groups == k].mean() for k in range(10)])
    return np.array(falls)


# %% [markdown]
# Of ten falls one is always the largest. How unequal is chance? Shuffled labels make ten *groups* as large as the
# classes, with images of all kinds. For both we compare the largest fall with the middle one.
#
# **Predict.** Which classes suffer, all alike or a few? Can a class *gain*?

# %%
class_falls = falls_of_accuracy(test.labels)
group_falls = falls_of_accuracy(np.random.permutation(test.labels))
class_excess = (class_falls.max(axis=1) - np.median(class_falls, axis=1)).max()
group_excess = (group_falls.max(axis=1) - np.median(group_falls, axis=1)).max()
used = np.flatnonzero(class_falls.mean(axis=1) > 0.02)
largest_gain = -class_falls[used].min(axis=1).mean()
print(f"most unequal map, largest less middle fall: classes {class_excess:.2f}, groups {group_excess:.2f}")
print(f"largest gain of a class, mean over the {len(used)} maps that matter: {largest_gain:.2f}")
assert class_excess > 0.3  # bound
assert group_excess < 0.15  # bound
assert largest_gain > 0.02  # bound
most_selective = int((class_falls.max(axis=1) - np.median(class_falls, axis=1)).argmax())
widgets.silence_map(class_falls, group_falls, test.class_names, channel=most_selective)

# %% [markdown]
# **What we see.** Some classes break down, others hardly notice or gain; all groups fall alike.
#
# **Predict.** Is the class of most of a map's eight top images also the class that loses the most without the map?

# %%
favourite = np.array([np.bincount(labels).argmax() for labels in top_labels(maps["conv3"], 8).T])
for o in used[np.argsort(-class_falls[used].max(axis=1))[:5]]:
    worst, excites = class_falls[o].argmax(), favourite[o]
    print(f"map {o:2}: {test.class_names[worst]} falls by {class_falls[o, worst]:.2f};", end=" ")
    print(f"most top images: {test.class_names[excites]}, falls by {class_falls[o, excites]:.2f}")
same_class = (favourite[used] == class_falls[used].argmax(axis=1)).mean()
print(f"both are the same class: {same_class:.2f} of the maps that matter")
assert same_class < 0.7  # bound

# %% [markdown]
# **What we see.** Often it is not. What excites a map need not be what the network uses it for.
#
# **Predict.** What must be large for a class to lose: the map's activation on it, the head's weight, or both?


# %%
def rank_correlation(a, b):
    return np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1]


activation_on_class = np.array([means[test.labels == k].mean(axis=0) for k in range(10)]).T  # (maps, classes)
correlations = {}
guesses = {"activation": activation_on_class, "weight": head, "weight x activation": head * activation_on_class}
for name, guess in guesses.items():
    correlations[name] = np.mean([rank_correlation(class_falls[o], guess[o]) for o in used])
    print(f"{name:19} rank correlation with the fall {correlations[name]:.2f}")
correlation = correlations["weight"]
assert correlation > 0.5  # bound
assert correlation - correlations["activation"] > 0.1  # bound
assert correlations["weight x activation"] - correlation < 0.15  # bound

# %% [markdown]
# **What we see.** The weight: alone it goes with the order of the falls (*rank* correlation: 1 is the same order)
# nearly as well as the product, the mean of the term that goes away. The activation alone tells much less: a class may
# excite a map that speaks against it. A map is one term among 32, for some classes and against others.

# %% [markdown]
# ## A network that learned from photographs
#
# EfficientNet-Lite0 (of blocks as in [notebook 17](17_depthwise_separable_convolutions.ipynb)) was trained on
# ImageNet, more than a million photographs in 1,000 classes.
#
# **Predict.** Among the classes are cats, cups and missiles, but no astronaut. What does it call her?

# %% tags=["nbval-check-output"]
whole = models.build("efficientnet_lite0", weights="imagenet")
photographs = np.stack([datasets.load_photograph(name, size=224) for name in datasets.photograph_names()])
names = np.array(datasets.imagenet_class_names())
for photograph, logits in zip(datasets.photograph_names(), whole.predict(photographs, verbose=0), strict=True):
    print(f"{photograph:9}: {', '.join(names[np.argsort(-logits)[:3]])}")

# %% [markdown]
# **What we see.** Fitting names where there are any; without one it still answers with classes that it knows. Its
# first layer has 32 kernels, drawn as colour images (grey is 0), the largest first.
# ([Notebook 06](06_multiple_output_channels.ipynb) looks closer.)
#
# **Predict.** Which kinds do you expect?

# %%
lite = models.build("efficientnet_lite0", weights="imagenet", input_shape=(None, None, 3))
kernels = inspection.filters(lite, "stem_conv")
size = np.abs(kernels).max(axis=(1, 2, 3))
order = np.argsort(-size)
_ = figures.show_images([0.5 + kernels[o] / (2 * max(size[o], 1e-3)) for o in order], order, columns=16)
plt.show()

# %% [markdown]
# **What we see.** Edges, blobs of colour, and four grey squares, to which we come back.
#
# **Predict.** Kernels 24 and 30 are edges, 23 is orange, 20 turquoise. Which maps are bright on a cup with a red
# saucer, which on an evening sky?

# %%
two = np.stack([datasets.load_photograph(name, size=128) for name in ("coffee", "rocket")])
stem_maps = inspection.feature_maps(lite, "stem_relu", two)[..., [24, 30, 23, 20]]
pictures = []
for photograph, its_maps in zip(two, stem_maps / stem_maps.max(axis=(0, 1, 2)), strict=True):
    pictures += [photograph, *np.moveaxis(its_maps, -1, 0)]
_ = figures.show_images(pictures, ["photograph", "map 24", "map 30", "map 23", "map 20"] * 2, columns=5)
orange, turquoise = stem_maps.mean(axis=(1, 2))[:, 2:].T  # of both photographs
assert orange[0] > 5 * orange[1]
assert turquoise[1] > 5 * turquoise[0]
plt.show()

# %% [markdown]
# **What we see.** Outlines in 24 and 30; the saucer in 23, the sky in 20. For a layer further in we cut four
# photographs into tiles and look for the patches that excite three of its maps the most.
#
# **Predict.** What would you call the map of each row?


# %%
def cut_into_tiles(names, side=64):
    """Tiles (N, side, side, 3) of photographs, side by side."""
    tiles = []
    for name in names:
        image = datasets.load_photograph(name)
        rows, columns = image.shape[0] // side, image.shape[1] // side
        whole = image[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
        tiles.append(whole.swapaxes(1, 2).reshape(-1, side, side, 3))
    return np.concatenate(tiles)


inside = "stage2_block2_expand_relu"
tiles, cat_tiles = cut_into_tiles(datasets.photograph_names()), cut_into_tiles(["chelsea"])
found = [inspection.top_patches(lite, inside, o, tiles, count=6) for o in (9, 11, 0)]
found.append(inspection.top_patches(lite, inside, 0, cat_tiles, count=6))
titles = ["map 9", "map 11", "map 0", "map 0, on tiles of the cat alone"]
_ = figures.show_patches([patches.images for patches in found], titles, size=0.7)
plt.show()

# %% tags=["nbval-check-output"]
print("pixels of a whole patch:", max(patch.shape for patch in found[0].images))
print("map 0 answers more strongly to other photographs:", bool(found[2].activations[0] > found[3].activations[0]))

# %% [markdown]
# **What we see.** Map 9 seeks edges, dark at the upper left and light at the lower right; map 11 edges and stripes of
# the other diagonal. Map 0 seems to seek orange. Had we only the cat, we should call it brown, or fur. Top patches are
# the best *of the images that we showed*.

# %% [markdown]
# ## Images made to excite a map
#
# Without a set of images: **activation maximisation** starts from grey noise and changes the *pixels* step by step
# along a gradient. What climbs is
#
# mean of the map $-$ `smoothness` $\cdot$ mean squared difference of neighbouring pixels.
#
# (`smoothness=0` leaves the second term out.) Each step first shifts the image by up to two pixels, so
# that no pattern clings to its place, then changes pixels by about `step_size`. `seed` chooses noise and shifts.
#
# **Predict.** From the first layer inwards: colours, stripes, textures, objects? And which excites the map more, the
# made image or the best tile?

# %%
made_for = [("stem_relu", 4), (inside, 11), ("stage3_block2_expand_relu", 1), ("stage4_block2_expand_relu", 2)]
made, ratios = [], []
for name, o in made_for:
    image, climb = inspection.maximise_activation(
        lite, name, o, shape=(40, 40, 3), steps=CLIMBING_STEPS, step_size=0.05, smoothness=10
    )
    of_tiles = inspection.feature_maps(lite, name, tiles)[..., o].mean(axis=(1, 2))
    made.append(image)
    ratios.append(climb[-1] / of_tiles.max())
_ = figures.show_images(made, [f"{name.split('_')[0]}, map {o}" for name, o in made_for])
plt.show()

# %% tags=["nbval-check-output"]
print("tiles:", len(tiles))
for (name, o), ratio in zip(made_for, ratios, strict=True):
    print(f"{name}, map {o}: the made image excites it more than every tile: {bool(ratio > 1)}")
assert min(ratios) > 1

# %% [markdown]
# **What we see.** A colour, stripes, then textures, and no objects. Each excites its map more than every tile, though
# it looks like none. So it is not "what the network sees", but one of many images that drive one number up. Of such a
# picture, ask which number was maximised, and against which penalty or among which images. Patches tell what excites a
# map in practice, made images what could, silencing what it is used for.

# %% [markdown]
# ## Dead maps
#
# A map is **dead** if it is zero on every image.
#
# **Predict.** One layer of EfficientNet-Lite0 has 480 maps. How many are zero on a single tile, on average, and on all
# tiles of the photographs?

# %%
peaks = inspection.feature_maps(lite, "stage4_block2_expand_relu", tiles).max(axis=(1, 2))  # (tiles, maps)
zero_on_one, zero_on_all = (peaks <= 0).sum(axis=1).mean(), (peaks.max(axis=0) <= 0).sum()
print(f"zero on one tile: {zero_on_one:.0f} of {peaks.shape[1]} maps; on all {len(tiles)} tiles: {zero_on_all}")
assert zero_on_one > 3 * zero_on_all

# %% [markdown]
# **What we see.** Most maps that are silent on one tile answer to another, and a further photograph may wake the rest.
#
# **Predict.** What is left of a map whose kernel is zero, as the four grey squares?

# %% tags=["nbval-check-output"]
dead = np.flatnonzero(size < 1e-6)  # zero up to rounding
assert np.delete(size, dead).min() > 0.1
cat_maps = inspection.feature_maps(lite, "stem_bn", cat_tiles)
print(f"{len(dead)} of {len(kernels)} kernels are zero")
print("their maps before the ReLU:", [round(float(cat_maps[..., o].max()), 1) for o in dead])
assert np.ptp(cat_maps[..., dead], axis=(0, 1, 2)).max() < 1e-3

# %% [markdown]
# **What we see.** A number that no image can change. It is negative (batch normalisation,
# [notebook 13](13_the_problem_with_depth.ipynb), adds it in place of a bias), so the ReLU makes it zero: these maps
# are dead on every image.
#
# Can a dead map come back? Learning needs a gradient. We give one kernel the task to make the mean of its map 1.
#
# **Predict.** With a bias of 0, and with one of -10: what is the gradient by the nine weights and the bias?


# %% tags=["nbval-check-output"]
def loss(parameters):
    kernel, bias = keras.ops.reshape(parameters[:9], (3, 3, 1, 1)), parameters[9]
    feature_map = keras.ops.relu(keras.ops.conv(test.images[:64], kernel) + bias)
    return (keras.ops.mean(feature_map) - 1) ** 2


for bias in (0.0, -10.0):
    value, gradient = backend.value_and_gradient(loss, np.array([*sobel_x.ravel(), bias]))
    print(f"bias {bias:5}: gradient of all ten is exactly zero: {bool((gradient == 0).all())}")
print(f"and the loss with this bias is {value}")
assert value == 1
assert (gradient == 0).all()

# %% [markdown]
# **What we see.** The loss is 1 and the gradient exactly zero: the slope of the ReLU is 0 wherever its input is
# negative. Nothing pulls the kernel or its bias back, unless layers *before* it change its input.
#
# **Predict.** The same network learns with a learning rate of 0.1 in place of 0.003. Which share of its 32 last maps
# dies?

# %%
hurried = build_net()
compile_net(hurried, learning_rate=0.1)
_ = training.fit(hurried, train.take(2000), epochs=2)
hurried_maps = inspection.feature_maps(hurried, "conv3", train.images[:2000])
dead_share = (hurried_maps.max(axis=(0, 1, 2)) <= 0).mean()
print(f"dead maps in conv3: {dead_share:.2f} of all")
assert dead_share > 0.3  # bound

# %% [markdown]
# **What we see.** A few large steps push weights and biases so far that many of the last maps die. Where all are dead,
# the head gives the same answer to every image, and the loss cannot fall below about $\ln 10 = 2.30$, that of a guess
# (notebook 01).

# %% [markdown] tags=["exercise"]
# ## Exercises
#
# Replace each `...` and run the check. `exercises.hint("05.1", 1)` gives a first step.
#
# ### Exercise 5.1 ★ An output activation by hand
#
# Compute by hand the output activation, 2 x 2 values, with a ReLU.

# %% tags=["exercise"]
image_by_hand = np.array([[1, 0, 6], [3, 1, 0], [0, 2, 4]])
kernel_by_hand = np.array([[1, -1], [0, 2]])
bias_by_hand = -4
output_activation = [[0, 0], [2, 5]]  # SOLUTION

# %% tags=["check", "nbval-check-output"]
exercises.check("05.1", output_activation)

# %% [markdown] tags=["solution"]
# The sums are 3, -6, 6 and 9. With the bias they are -1, -10, 2 and 5, and the ReLU makes the negative ones 0.
#
# Common mistake: to apply the ReLU first and add the bias then, which gives negative activations. The bias is part of
# what the ReLU judges.

# %% [markdown] tags=["exercise"]
# ### Exercise 5.2 ★★ A bias for a sparse map
#
# The other way round: which is the largest bias that leaves at most `keep` values of the map above zero?
# `reference.correlate(image, kernel)` gives the sums.


# %% tags=["exercise"]
def sparse_bias(image, kernel, keep):
    """The largest bias with which at most `keep` values of the output activation are above zero.

    image: (H, W); kernel: (kh, kw); keep: 0 or more, less than the number of sums.
    """
    # BEGIN SOLUTION
    sums = np.sort(reference.correlate(image, kernel), axis=None)[::-1]  # the largest first
    return -sums[keep]
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("05.2", sparse_bias)

# %% [markdown] tags=["solution"]
# The `keep` largest sums may stay above zero, the next one must not: bias and this sum give 0 at most. It has the
# index `keep`, as counting starts at 0. Where several sums are equal to it, they vanish with it, so that fewer may
# remain.
#
# Common mistake: to sort after a ReLU. The bias is added *before* it, and a positive bias lifts negative sums.

# %% [markdown] tags=["exercise"]
# ### Exercise 5.3 ★★ Which maps are dead?
#
# From the output activations of a layer on a set of images, say for each map whether it is dead on this set.


# %% tags=["exercise"]
def dead_maps(activations):
    """True for each map that is zero at every place of every image, as a boolean array (C,).

    activations: (N, H, W, C), after the ReLU.
    """
    # BEGIN SOLUTION
    return activations.max(axis=(0, 1, 2)) <= 0
    # END SOLUTION


# %% tags=["check", "nbval-check-output"]
exercises.check("05.3", dead_maps)

# %% [markdown] tags=["solution"]
# A map is alive as soon as one value at one place of one image is above zero. So the largest value over images, rows
# and columns decides, and the channel axis alone is left.
#
# Common mistake: to call a map dead that is silent on *some* image, or that has *some* zeros. After a ReLU many maps
# have both.

# %% [markdown] tags=["exercise"]
# ### Exercise 5.4 ★★★ What is this map for? (open)
#
# Choose one of the last maps of `net`. Collect its top patches (`inspection.top_patches`), two images made for it
# (`inspection.maximise_activation` with `smoothness=10` and two seeds), and the classes that fall and gain without it
# (`class_falls`). Give the map a name and test it: measure the map on images that have what the name
# says, and on images that lack it.
#
# *Rubric.* A good answer (1) says beforehand which measurement would refute the name, (2) compares with another map,
# (3) keeps apart what excites the map and what the network uses it for, (4) reports where the name failed.

# %% [markdown]
# ## Summary
#
# - One kernel makes one feature map; the output activation is $\max(0, y)$, with $y$ the sum plus the bias.
# - A large value means that the window resembles the kernel, *or* that it is bright and rich in contrast.
# - Maps of deep layers specialise; measure against an untrained network, as part of it is there before training.
# - What excites a map need not be what it is used for: silencing it hurts the classes with a large weight in the head.
# - A dead map is zero on every image, and so is its gradient; silence on one image is no death.

# %% [markdown]
# ## Further reading
#
# - Zeiler and Fergus, *Visualizing and Understanding Convolutional Networks*, arXiv:1311.2901, 2013: top patches.
# - Simonyan, Vedaldi and Zisserman, *Deep Inside Convolutional Networks*, arXiv:1312.6034, 2013: images by gradient.
# - Olah, Mordvintsev and Schubert, *Feature Visualization*, Distill, 2017: how to make such images, and their limits.
# - Morcos et al., *On the importance of single directions for generalization*, arXiv:1803.06959, 2018: silencing.
# - Tan and Le, *EfficientNet*, arXiv:1905.11946, 2019. (Lite0 is a variant of 2020.)
