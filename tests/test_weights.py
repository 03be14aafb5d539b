"""Weights files: what is saved comes back, and every wrong file is refused with a sentence that helps."""

import pickle
import re

import numpy as np
import pytest

from cnncourse import backend, datasets, models
from cnncourse.models.weights import weights_as_bytes

keras = backend.keras


def small_net(name="small", filters=3):
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(filters, 3, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(inputs, keras.layers.Dense(2, name="logits")(x), name=name)
    for k, weight in enumerate(model.weights):
        weight.assign(np.random.default_rng(k).normal(size=weight.shape).astype("float16"))
    return model


@pytest.fixture
def saved(tmp_path):
    model = small_net()
    models.save_weights(model, tmp_path / "small.npz")
    return model, tmp_path / "small.npz"


def refusal(model, path):
    """The sentence with which a file is refused; the model keeps its weights to the last bit."""
    before = [np.asarray(weight) for weight in model.weights]
    with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
        models.load_weights(model, path)
    assert all(np.array_equal(a, np.asarray(b)) for a, b in zip(before, model.weights, strict=True))
    message = str(caught.value)
    assert "\n" not in message
    assert ";" in message or ":" in message
    return message


def test_what_is_saved_comes_back_to_the_last_bit_of_float16(saved):
    model, path = saved
    other = keras.models.clone_model(model)
    assert not np.array_equal(other.get_weights()[0], model.get_weights()[0])
    models.load_weights(other, path)
    for mine, theirs in zip(other.get_weights(), model.get_weights(), strict=True):
        assert mine.dtype == np.float32
        assert np.array_equal(mine, theirs)


def test_float32_keeps_every_digit_and_float16_refuses_what_it_cannot_hold(saved, tmp_path):
    model, _ = saved
    model.weights[0].assign(np.full(model.weights[0].shape, 1e5 + 1 / 128, "float32"))
    with pytest.raises(ValueError, match=r"conv/kernel does not fit into float16"):
        models.save_weights(model, tmp_path / "large.npz")
    assert not (tmp_path / "large.npz").exists()
    models.save_weights(model, tmp_path / "large.npz", "float32")
    other = small_net()
    models.load_weights(other, tmp_path / "large.npz")
    assert other.get_weights()[0].ravel()[0] == np.float32(1e5 + 1 / 128)


def test_the_same_weights_make_the_same_bytes():
    assert weights_as_bytes(small_net()) == weights_as_bytes(small_net())


def test_a_truncated_file_is_refused(saved):
    model, path = saved
    content = path.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert "copy or download it again" in refusal(model, path)


def test_a_changed_byte_is_refused_wherever_a_number_is_stored(saved):
    model, path = saved
    content = path.read_bytes()
    for weight in model.weights:
        middle = content.index(np.asarray(weight).astype("float16").tobytes()[:8]) + 3
        path.write_bytes(content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :])
        message = refusal(model, path)
        assert "is damaged" in message
        assert "copy or download it again" in message


def test_another_models_weights_are_refused(saved, tmp_path):
    model, _ = saved
    inputs = keras.Input((8, 8, 3))
    stranger = keras.Model(inputs, keras.layers.Dense(2, name="dense")(inputs), name="stranger")
    models.save_weights(stranger, tmp_path / "stranger.npz")
    message = refusal(model, tmp_path / "stranger.npz")
    assert "the weights of 'stranger': it lacks conv/kernel" in message
    assert "pass a file that save_weights wrote for 'small'" in message
    inputs = keras.Input((8, 8, 3))
    part = keras.Model(inputs, keras.layers.Conv2D(3, 3, name="conv")(inputs), name="part")
    models.save_weights(model, tmp_path / "whole.npz")
    assert "also holds bn/gamma (4 of 2 in all)" in refusal(part, tmp_path / "whole.npz")


def test_a_wider_models_weights_are_refused(saved, tmp_path):
    model, _ = saved
    models.save_weights(small_net(filters=5), tmp_path / "wide.npz")
    message = refusal(model, tmp_path / "wide.npz")
    assert "conv/kernel has shape (3, 3, 3, 5), expected (3, 3, 3, 3)" in message
    assert "of the same width and classes" in message


class Trap:
    """Unpickling it would leave a mark."""

    def __reduce__(self):
        return (pytest.fail, ("a pickle was executed",))


def test_a_pickle_is_never_loaded_whatever_its_name(saved, tmp_path):
    model, path = saved
    path.write_bytes(pickle.dumps(Trap()))
    assert "a pickle is never loaded" in refusal(model, path)
    np.savez(tmp_path / "objects.npz", **{"model": np.array("small"), "conv/kernel": np.array([Trap()], object)})
    assert "nothing is unpickled" in refusal(model, tmp_path / "objects.npz")


def test_arrays_that_are_no_weights_are_refused(saved, tmp_path):
    model, path = saved
    with np.load(path) as arrays:
        stored = dict(arrays)
    nameless = {name: array for name, array in stored.items() if name != "model"}
    np.savez(tmp_path / "nameless.npz", **nameless)
    assert "does not say which model" in refusal(model, tmp_path / "nameless.npz")
    for wrong in (np.full((3, 3, 3, 3), np.nan, "float16"), np.ones((3, 3, 3, 3), "int32")):
        np.savez(tmp_path / "wrong.npz", **stored | {"conv/kernel": wrong})
        assert "conv/kernel holds" in refusal(model, tmp_path / "wrong.npz")
    assert "there is no weights file" in refusal(model, tmp_path / "nowhere.npz")


def test_build_takes_the_path_of_a_file(tmp_path):
    net = models.build("efficientnet_lite0", num_classes=3, input_shape=(32, 32, 3))
    models.save_weights(net, tmp_path / "three.npz")
    again = models.build("efficientnet_lite0", num_classes=3, input_shape=(64, 64, 3), weights=tmp_path / "three.npz")
    first, second = (model.get_layer("logits").get_weights()[0] for model in (net, again))
    np.testing.assert_allclose(first, second, atol=1e-3)
    with pytest.raises(ValueError, match=r"logits/kernel has shape \(1280, 3\), expected \(1280, 4\)"):
        models.build("efficientnet_lite0", num_classes=4, weights=tmp_path / "three.npz")


def test_imagenet_weights_are_refused_where_there_are_none_or_they_do_not_fit():
    with pytest.raises(ValueError, match="no ImageNet weights for 'efficientnet_lite1'; expected efficientnet_lite0"):
        models.build("efficientnet_lite1", weights="imagenet")
    with pytest.raises(ValueError, match=r"logits/kernel has shape \(1280, 1000\), expected \(1280, 7\)"):
        models.build("efficientnet_lite0", num_classes=7, weights="imagenet")


def test_the_shipped_weights_are_held_against_their_checksum(tmp_path, monkeypatch):
    data = datasets.files.REPOSITORY_DATA
    content = bytearray((data / "efficientnet_lite0_imagenet.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "SHA256SUMS").write_bytes((data / "SHA256SUMS").read_bytes())
    (tmp_path / "efficientnet_lite0_imagenet.npz").write_bytes(content)
    monkeypatch.setattr(datasets.files, "REPOSITORY_DATA", tmp_path)
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)
    with pytest.raises(ValueError, match=r"is damaged: its SHA-256 begins with .* restore both with `git checkout"):
        models.build("efficientnet_lite0", weights="imagenet")
    (tmp_path / "efficientnet_lite0_imagenet.npz").unlink()
    with pytest.raises(ValueError, match=r"restore it with `git checkout -- data/efficientnet_lite0_imagenet\.npz`"):
        models.build("efficientnet_lite0", weights="imagenet")


def test_a_model_without_its_head_takes_the_other_weights(tmp_path):
    whole = models.build("efficientnet_lite0", input_shape=(32, 32, 3), num_classes=3)
    models.save_weights(whole, tmp_path / "whole.npz", "float32")
    headless = models.build("efficientnet_lite0", input_shape=(32, 32, 3), include_top=False)
    models.load_weights(headless, tmp_path / "whole.npz")
    images = np.random.default_rng(0).random((2, 32, 32, 3), dtype="float32")
    features = keras.Model(whole.inputs, whole.get_layer("head_relu").output)
    np.testing.assert_array_equal(np.asarray(headless(images)), np.asarray(features(images)))


def test_a_head_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"logits/kernel has shape \(1280, 1000\), expected \(1280, 5\)"):
        models.build("efficientnet_lite0", weights="imagenet", num_classes=5)
