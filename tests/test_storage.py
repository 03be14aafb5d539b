"""Files are written whole or not at all, and what hinders it is one sentence."""

import stat

import pytest

from cnncourse import storage


def test_a_full_disk_is_one_sentence_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.txt"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "replace", full)
    with pytest.raises(storage.CannotWrite, match=r"the disk is full: .*x\.txt was not written; free some space"):
        storage.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("number", "advice"), [(13, "check the folder's permissions"), (27, "name another file")])
def test_permissions_are_blamed_only_for_what_is_denied(tmp_path, monkeypatch, number, advice):
    def refuse(*_):
        raise OSError(number, "Refused")

    monkeypatch.setattr(storage.os, "replace", refuse)
    with pytest.raises(storage.CannotWrite, match=rf"was not written: Refused; {advice}\.$"):
        storage.write_text(tmp_path / "x.txt", "new")


def test_a_file_may_have_the_longest_name_there_is(tmp_path):
    storage.write_text(tmp_path / f"{'x' * 251}.txt", "new")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["new"]


def test_others_can_read_what_is_written(tmp_path):
    storage.write_text(tmp_path / "a.txt", "x")
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644
