"""Which notebooks are executed again: those whose source, package or data have changed."""

from cnncourse.course import sources

TITLE = "# %% [markdown]\n# # {number} · Title\n\n# %%\n{code}\n"


def make_course(root):
    """Two sources, of which the second draws recorded runs, a package of one file, and the list of checksums."""
    folder = root / "notebooks" / "sources"
    folder.mkdir(parents=True)
    (folder / "01_first.py").write_text(TITLE.format(number="01", code="print(1)"))
    (folder / "02_second.py").write_text(TITLE.format(number="02", code="runs = recording.find()"))
    for name in ("cnncourse/training.py", "cnncourse/course/build.py", "data/SHA256SUMS"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def fingerprints(root):
    return [sources.fingerprint(source) for source in sources.find_sources(root / "notebooks")]


def test_what_ages_a_notebook(tmp_path, monkeypatch):
    make_course(tmp_path)
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    before = fingerprints(tmp_path)
    changes = {  # the file that changes, and which of the two notebooks become old
        "data/SHA256SUMS": ("00  a.npz\n", [True, True]),
        "cnncourse/training.py": ("EPOCHS = 3", [True, True]),
        "cnncourse/course/build.py": ("FAST = True", [False, False]),
        "notebooks/sources/01_first.py": (TITLE.format(number="01", code="print(2)"), [True, False]),
    }
    for name, (text, aged) in changes.items():
        (tmp_path / name).write_text(text)
        after = fingerprints(tmp_path)
        assert [old != new for old, new in zip(before, after, strict=True)] == aged, name
        before = after
    with (tmp_path / "data" / "SHA256SUMS").open("a") as sums:
        sums.write("11  recorded_runs/plain20.json\n")
    assert [old != new for old, new in zip(before, fingerprints(tmp_path), strict=True)] == [False, True]
