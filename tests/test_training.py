"""Seed, budget, quiet fitting and accuracy."""

import keras
import numpy as np
import pytest

from cnncourse import training
from cnncourse.datasets import Dataset


def make_model():
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def two_classes(count=64):
    images = np.random.default_rng(1).random((count, 3, 3, 1), dtype="float32")
    return Dataset(images, (images.mean((1, 2, 3)) > 0.5).astype("int32"), ("dark", "bright"))


def weights_after_training(seed):
    training.setup(seed)
    model = make_model()
    training.fit(model, two_classes(), epochs=2)
    return np.concatenate([w.ravel() for w in model.get_weights()])


def test_one_seed_trains_one_net_and_another_seed_another():
    first = weights_after_training(3)
    assert np.array_equal(first, weights_after_training(3))
    assert not np.array_equal(first, weights_after_training(4))


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "1", True, None])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises((TypeError, ValueError), match=r"seed=.*: pass (one|a) whole number"):
        training.setup(seed)


@pytest.mark.parametrize(
    ("said", "gpu", "value"), [("quick", True, 1), ("full", False, 2), ("", True, 2), ("", False, 1)]
)
def test_the_budget_is_what_the_environment_says_or_the_device(monkeypatch, said, gpu, value):
    monkeypatch.setenv("CNNCOURSE_BUDGET", said)
    monkeypatch.setattr(training.backend, "has_gpu", lambda: gpu)
    assert training.budget(quick=1, full=2) == value


def test_another_budget_is_refused(monkeypatch):
    monkeypatch.setenv("CNNCOURSE_BUDGET", "large")
    with pytest.raises(ValueError, match="CNNCOURSE_BUDGET is 'large'; set it to 'quick' or 'full'"):
        training.budget(quick=1, full=2)


def test_fit_prints_one_table_and_nothing_else(capfd, monkeypatch):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    history = training.fit(make_model(), two_classes(), epochs=6, validation=two_classes(32))
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == ""
    assert lines[0].split() == ["epoch", "accuracy", "loss", "test", "accuracy", "test", "loss"]
    assert [line.split()[0] for line in lines[1:]] == ["1", "3", "4", "6"]
    assert lines[-1].split()[2] == f"{history.history['loss'][-1]:.3f}"


def test_a_watching_person_sees_the_epochs_and_then_the_table(capsys, monkeypatch):
    monkeypatch.setattr(training, "is_watched", lambda: True)
    training.fit(make_model(), two_classes(), epochs=2)
    out = capsys.readouterr().out
    assert out.index("epoch 1 of 2") < out.index("epoch 2 of 2") < out.index("epoch  accuracy")


def test_nobody_watches_a_build(monkeypatch):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setattr(training, "_in_notebook", lambda: True)
    assert not training.is_watched()
    monkeypatch.delenv("CNNCOURSE_UNATTENDED")
    assert training.is_watched()


@pytest.mark.parametrize(("name", "value"), [("epochs", 0), ("epochs", 2.0), ("batch_size", -1), ("batch_size", True)])
def test_fit_refuses_what_is_no_count(name, value):
    arguments = {"epochs": 1, "batch_size": 8, name: value}
    with pytest.raises((TypeError, ValueError), match=name):
        training.fit(make_model(), two_classes(), **arguments)


def test_fit_refuses_a_model_that_is_not_compiled():
    with pytest.raises(ValueError, match=r"is not compiled; call model\.compile"):
        training.fit(keras.Sequential([keras.layers.Dense(1)]), two_classes(), epochs=1)


def test_accuracy_counts_the_largest_output():
    model = keras.Sequential([keras.layers.Flatten()])
    outputs = np.array([[1.0, 2.0], [3.0, 1.0], [0.0, 5.0], [2.0, 1.0]])
    assert training.accuracy(model, outputs[:, None, :], [1, 0, 0, 0]) == 0.75
    with pytest.raises(ValueError, match="4 images and 3 labels"):
        training.accuracy(model, outputs[:, None, :], [1, 0, 0])


@pytest.mark.parametrize(("labels", "shape"), [([[1], [0]], r"\(2, 1\)"), (np.eye(2), r"\(2, 2\)")])
def test_accuracy_compares_one_label_an_image_and_no_table_of_them(labels, shape):
    model = keras.Sequential([keras.layers.Flatten()])
    with pytest.raises(
        ValueError, match=rf"labels have shape {shape}; expected one number an image: pass labels\.ravel"
    ):
        training.accuracy(model, np.eye(2)[:, None], labels)


def test_accuracy_wants_an_output_for_each_class():
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
    with pytest.raises(ValueError, match=r"outputs have shape \(2, 1\); expected \(N, classes\)"):
        training.accuracy(model, np.eye(2)[:, None], [0, 1])


@pytest.mark.parametrize("name", ["dataset", "validation"])
def test_fit_says_which_data_are_no_dataset(name):
    pair = two_classes().images, two_classes().labels
    arguments = {"dataset": two_classes(), "validation": two_classes(), name: pair}
    with pytest.raises(TypeError, match=rf"^{name} is of type tuple; pass a Dataset\(images, labels, class_names\)"):
        training.fit(make_model(), epochs=1, **arguments)


def test_the_precision_is_chosen_by_true_or_false_alone():
    with pytest.raises(TypeError, match="mixed_precision='off' is of type str: pass True or False"):
        training.setup(1, mixed_precision="off")
    assert keras.config.dtype_policy().name == "float32"


def test_the_table_shows_the_first_and_the_last_epoch():
    table = training.end_table({"loss": [0.1 * k for k in range(20)], "learning_rate": [1] * 20}, rows=3)
    assert [line.split()[0] for line in table.splitlines()] == ["epoch", "1", "10", "20"]
    assert "learning" not in table


def test_only_a_leading_val_means_test_data():
    heads = training.end_table({"interval_mse": [1.0], "val_interval_mse": [2.0]}).splitlines()[0].split("  ")
    assert [head.strip() for head in heads] == ["epoch", "interval_mse", "test interval_mse"]


def test_weight_gradients_are_those_of_the_loss_and_leave_the_model_alone():
    training.setup(1)
    net = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(2, 3, name="conv"),
            keras.layers.BatchNormalization(name="bn"),
            keras.layers.Flatten(),
            keras.layers.Dense(3, name="logits"),
        ]
    )
    images, labels = np.random.normal(size=(6, 4, 4, 1)).astype("float32"), np.array([0, 1, 2, 0, 1, 2])
    before = net.get_weights()
    gradients = training.weight_gradients(net, images, labels)
    assert [g.shape for g in gradients] == [tuple(v.shape) for v in net.trainable_variables]
    for one, other in zip(before, net.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    logits = keras.ops.convert_to_numpy(net(images, training=True)).astype(float)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    by_bias = (probabilities - np.eye(3)[labels]).mean(axis=0)
    np.testing.assert_allclose(gradients[-1], by_bias, atol=1e-6)
    assert np.abs(gradients[0]).max() > 0
    np.testing.assert_allclose(gradients[1], 0, atol=1e-6)  # batch normalisation takes the convolution's bias away


def test_accuracy_of_nothing_is_refused():
    with pytest.raises(ValueError, match="0 images and 0 labels"):
        training.accuracy(keras.Sequential([keras.layers.Flatten()]), np.ones((0, 2, 2)), [])
