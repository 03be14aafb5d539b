"""Recorded runs: weight decay, rates, and what the net sees in an epoch."""

import numpy as np
import pytest

from cnncourse import backend
from cnncourse.recording import recipe, train
from cnncourse.recording.batches import PAD, EpochBatches, crop

from .recording_parts import build_tiny, compiled, house, load_dots, run, tiny  # noqa: F401

keras = backend.keras
pytestmark = pytest.mark.usefixtures("house")


def test_weight_decay_adds_its_part_of_each_kernel_to_the_gradient():
    """One step at rate 1 without and with weight decay: kernels differ by weight_decay * kernel, all else agrees."""
    images, labels = load_dots("train").images, load_dots("train").labels
    after = {}
    for weight_decay in (0.0, 0.25):
        keras.utils.set_random_seed(1)
        model = compiled(tiny(weight_decay=weight_decay, learning_rate=1.0))
        before = {weight.path: np.asarray(weight) for weight in model.trainable_weights}
        model.train_on_batch(images, labels)
        after[weight_decay] = {weight.path: np.asarray(weight) for weight in model.trainable_weights}
    for path, start in before.items():
        decay = 0.25 * start if path.endswith("kernel") else 0 * start
        assert after[0.0][path] - after[0.25][path] == pytest.approx(decay, abs=1e-5), path
    assert {path for path in before if path.endswith("kernel")} == {"conv/kernel", "logits/kernel"}


def test_the_measured_loss_is_without_weight_decay():
    images, labels = load_dots("train").images, load_dots("train").labels
    model = compiled(tiny(weight_decay=100.0))
    measured = model.evaluate(images, labels, verbose=0, return_dict=True)
    logits = model.predict(images, verbose=0)
    expected = np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(24), labels])
    assert measured["cross_entropy"] == pytest.approx(expected, rel=1e-5)
    assert measured["loss"] > 2 * expected


@pytest.mark.parametrize("warm_up", [0, 3])
def test_the_rate_drops_after_half_and_three_quarters_of_the_steps(warm_up):
    settings = tiny(epochs=6, batch_size=5, warm_up_steps=warm_up)  # 24 images: 5 steps an epoch, 30 in all
    rates = recipe.learning_rates(settings, 24)
    expected = [0.01] * warm_up + [0.1] * (15 - warm_up) + [0.01] * 7 + [0.001] * 8
    assert [float(rates(step)) for step in range(30)] == pytest.approx(expected)
    model = build_tiny("tiny", (8, 8, 3), 10)
    recipe.compile_model(model, settings, 24)
    assert float(model.optimizer.learning_rate) == pytest.approx(expected[0])
    assert model.optimizer.momentum == 0.9
    assert not model.optimizer.nesterov
    assert model.optimizer.weight_decay is None


def test_a_warm_up_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="warm_up_steps is 400, but the rate drops after 4 steps"):
        recipe.learning_rates(tiny(warm_up_steps=400), 24)


# ---- images of an epoch


def epoch(augmentation="crop+flip", seed=1, number=0, images=None):
    """Images and labels of a whole epoch, in the order in which the net sees them."""
    images = load_dots("train").images if images is None else images
    given = {"batch_size": 7, "augmentation": augmentation, "seed": seed, "epoch": number}
    seen = EpochBatches(images, np.arange(len(images)), **given)
    parts = [seen[k] for k in range(len(seen))]
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def pieces(image, flips):
    """Every piece that may be cut out of an image with its border of zeros, plain and mirrored."""
    height, width, channels = image.shape
    padded = np.zeros((height + 2 * PAD, width + 2 * PAD, channels), image.dtype)
    padded[PAD:-PAD, PAD:-PAD] = image
    places = [(top, left) for top in range(2 * PAD + 1) for left in range(2 * PAD + 1)]
    cut = [padded[top : top + height, left : left + width] for top, left in places]
    return cut + ([piece[:, ::-1] for piece in cut] if flips else [])


@pytest.mark.parametrize(("augmentation", "kinds"), [("crop", 81), ("crop+flip", 162)])
def test_augmented_images_are_pieces_of_the_padded_image_and_all_of_them_occur(augmentation, kinds):
    image = load_dots("train").images[:1]
    seen, _ = epoch(augmentation, images=np.repeat(image, 2000, axis=0))
    allowed = {piece.tobytes() for piece in pieces(image[0], flips=augmentation == "crop+flip")}
    assert len(allowed) == kinds
    assert {one.tobytes() for one in seen} == allowed


def test_every_image_is_seen_once_with_its_own_label():
    images = load_dots("train").images
    seen, labels = epoch("none")
    assert sorted(labels.tolist()) == list(range(24))
    assert labels.tolist() != list(range(24))
    assert np.array_equal(seen, images[labels])
    seen, labels = epoch("crop+flip")
    for one, label in zip(seen, labels, strict=True):
        assert any(np.array_equal(one, piece) for piece in pieces(images[label], flips=True))


def test_seed_and_epoch_alone_decide_what_is_seen():
    first = epoch()
    assert all(np.array_equal(a, b) for a, b in zip(first, epoch(), strict=True))
    for other in (epoch(seed=2), epoch(number=1)):
        assert not np.array_equal(first[0], other[0])
        assert not np.array_equal(first[1], other[1])
    original = load_dots("train").images
    assert np.array_equal(crop(original, np.full((24, 2), PAD)), original)


def test_the_net_sees_images_without_their_mean(tmp_path, monkeypatch):
    seen = []

    def look(settings, model, progress, seen_batches, test):
        seen.append((seen_batches.images, test[0]))
        progress.training_seconds.append(1.0)

    monkeypatch.setattr(train, "_one_epoch", look)
    monkeypatch.setattr(train, "_line", lambda *given: "one epoch")
    run(tiny(epochs=1), tmp_path / "state.npz")
    mean = load_dots("train").images.mean(axis=0)
    assert seen[0][0] == pytest.approx(load_dots("train").images - mean, abs=1e-6)
    assert seen[0][1] == pytest.approx(load_dots("test").images - mean, abs=1e-6)


def test_no_epoch_of_one_seed_is_that_of_another():
    def order(seed, epoch):
        images = np.zeros((50, 8, 8, 1), "float32")
        return EpochBatches(images, np.arange(50), batch_size=10, seed=seed, epoch=epoch).order.tolist()

    assert order(1, 1) != order(2, 0)
