"""Recorded times of grouped layers: written and read, listed by checksum, refused when damaged, printed as a table."""

import json

import pytest

from cnncourse import recording
from cnncourse.datasets import files
from cnncourse.recording import speed

ROW = {"channels": 64, "groups": 2, "dense": [4.5, 9.25], "ours": [2.25, 4.0]}
SPEED = speed.GroupedSpeed(
    setting={"batch": 32, "side": 16, "repeats": 3},
    rows=[ROW, ROW | {"groups": 32}],
    device="a processor",
    backend="tensorflow",
    versions={"python": "3.11.7"},
    command="python tests/measure_grouped.py --write",
    date="2026-01-01 00:00",
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    (tmp_path / "SHA256SUMS").write_text(f"{'a' * 64}  a.npz\n")
    monkeypatch.setattr(files, "REPOSITORY_DATA", tmp_path)
    files.checksums.cache_clear() if hasattr(files.checksums, "cache_clear") else None
    return tmp_path


def test_what_is_written_is_read(data):
    assert recording.read_grouped_speed() is None
    path = speed.write_grouped_speed(SPEED, "grouped_tensorflow")
    assert path == data / "recorded_runs" / "speed" / "grouped_tensorflow.json"
    assert recording.read_grouped_speed() == SPEED
    assert recording.read_grouped_speed("grouped_jax") is None


def test_a_file_changed_by_hand_is_refused(data):
    path = speed.write_grouped_speed(SPEED, "grouped_tensorflow")
    path.write_text(path.read_text().replace("9.25", "1.25"))
    with pytest.raises(ValueError, match=r"is damaged|SHA-256|checksum"):
        recording.read_grouped_speed()


@pytest.mark.parametrize("change", [{"rows": []}, {"rows": [{"channels": 64}]}, {"format": 2}, {"strange": 1}])
def test_times_that_are_not_whole_are_refused(data, change):
    path = speed.write_grouped_speed(SPEED, "grouped_tensorflow")
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    speed.logs.list_checksum("recorded_runs/speed/grouped_tensorflow.json")
    with pytest.raises(ValueError, match=r"measure again|expected format"):
        recording.read_grouped_speed()


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="no times named 'grouped_torch'; expected one of grouped_tensorflow"):
        recording.read_grouped_speed("grouped_torch")


def test_the_table_has_a_line_for_each_row():
    head, first, second = str(SPEED).splitlines()
    assert head.split() == ["channels", "groups", "dense", "ours"]
    assert first.split() == ["64", "2", "4.50", "/", "9.25", "2.25", "/", "4.00"]
    assert second.split()[:2] == ["64", "32"]


@pytest.mark.parametrize("name", speed.NAMES)
def test_the_shipped_times_have_every_setting_and_meet_what_they_promise(name):
    shipped = recording.read_grouped_speed(name)
    settings = [(row["channels"], row["groups"]) for row in shipped.rows]
    assert settings == [(channels, groups) for channels in (64, 128) for groups in (2, 4, 8, 32)]
    allowed = 1.1 if name == "grouped_jax" else 1  # on JAX two groups of 64 channels take as long as the dense layer
    for what in (0, 1):  # forward, training step
        assert all(row["ours"][what] < allowed * row["dense"][what] for row in shipped.rows)
    assert all(
        row["ideal"] == pytest.approx([t / row["groups"] for t in row["dense"]], abs=1e-3) for row in shipped.rows
    )
    if name == "grouped_tensorflow":
        row = shipped.rows[-1]
        assert row["keras"][1] > 100 * row["ours"][1]
        assert row["ours"][1] < 0.5 * row["dense"][1]
