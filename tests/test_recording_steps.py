"""Training for a number of steps: full batches, and the same course whatever the net was trained with before."""

import numpy as np
import pytest

from cnncourse.recording import transfer

from .recording_parts import keras, photos


def test_each_batch_is_full_and_each_image_comes_equally_often(monkeypatch):
    seen = {}
    net = transfer.small_cnn((16, 16, 3), 2)
    monkeypatch.setattr(net, "fit", lambda x, y, **options: seen.update(options, count=len(x), labels=y))
    transfer.train_steps(net, photos(6), rate=0.1, steps=3, seed=1, batch_size=4)
    assert (seen["count"], seen["batch_size"], seen["shuffle"]) == (12, 4, False)
    assert np.bincount(seen["labels"]).tolist() == [6, 6]


def test_a_net_trained_again_trains_as_if_for_the_first_time():
    net = transfer.small_cnn((16, 16, 3), 3, augmented=False)
    start, data = net.get_weights(), photos(6)
    ends = []
    for rate in (0.1, 0.01, 0.1):
        net.set_weights(start)
        transfer.train_steps(net, data, rate=rate, steps=3, seed=1, batch_size=4)
        ends.append(net.get_weights())
    assert all(np.array_equal(first, again) for first, again in zip(ends[0], ends[2], strict=True))
    assert not np.allclose(ends[0][0], ends[1][0])


@pytest.mark.parametrize("kinds", ["number, schedule", "schedule, number", "schedule, another"])
def test_a_net_trained_again_follows_the_new_rate(kinds):
    rates = {
        "number": 0.02,
        "schedule": keras.optimizers.schedules.CosineDecay(0.1, 50),
        "another": keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5),
    }
    first, second = (rates[kind] for kind in kinds.split(", "))
    net, fresh = (transfer.small_cnn((16, 16, 3), 3, augmented=False) for _ in range(2))
    start, data = net.get_weights(), photos(6)
    transfer.train_steps(net, data, rate=first, steps=3, seed=1, batch_size=4)
    for again in (net, fresh):
        again.set_weights(start)
        transfer.train_steps(again, data, rate=second, steps=3, seed=1, batch_size=4)
    for trained, expected in zip(net.get_weights(), fresh.get_weights(), strict=True):
        assert np.allclose(trained, expected, atol=1e-6)


def test_a_net_trained_again_at_another_number_keeps_its_traced_step():
    net = transfer.small_cnn((16, 16, 3), 3, augmented=False)
    transfer.train_steps(net, photos(6), rate=0.1, steps=1, seed=1, batch_size=4)
    optimizer, step = net.optimizer, net.train_function
    transfer.train_steps(net, photos(6), rate=0.01, steps=1, seed=1, batch_size=4)
    assert (net.optimizer, net.train_function) == (optimizer, step)
