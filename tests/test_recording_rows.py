"""Tables of throughput and sources: --force makes anew what is asked for, and no table mixes devices or settings."""

import pytest

from cnncourse import __main__
from cnncourse.course import source_runs
from cnncourse.recording import machine, throughput
from cnncourse.recording.command import keras_backend

HERE = machine.made_here()


@pytest.fixture
def times(tmp_path, monkeypatch):
    """The command's first words, with measurements that take no time: each has the next number as its rate."""
    numbers = iter(range(1, 100))

    def measure(name, *, batch_size, **_):
        rates = [float(next(numbers))]
        return {"model": name, "batch_size": batch_size, "macs": 1, "training": rates, "prediction": rates}

    monkeypatch.setattr(throughput, "measure", measure)
    return ["record-throughput", "--folder", str(tmp_path)]


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """The command's first words, with runs that take no time: each has the next number as its seconds."""
    numbers = iter(range(1, 100))

    def run_source(path, budget):
        row = {"notebook": path.stem[:2], "seconds": float(next(numbers)), "passed": True, "error": None}
        return row | {"bounds": []}

    monkeypatch.setattr(source_runs, "run_source", run_source)
    return ["record-sources", "--folder", str(tmp_path), "--budget", "quick"]


def set_device(monkeypatch, name):
    monkeypatch.setattr(machine, "made_here", lambda: HERE | {"device": name})


def rates(folder):
    table = throughput.read(throughput.path_of(keras_backend(), "float32", folder))
    return {row["model"]: row["training"][0] for row in table.rows}


def seconds(folder):
    (log,) = folder.iterdir()
    return {row["notebook"]: row["seconds"] for row in source_runs.read(log)["rows"]}


def test_a_forced_net_leaves_the_others_as_they_are(times, tmp_path, capsys):
    assert __main__.main([*times, "alexnet", "vgg16", "resnet50"]) == 0
    capsys.readouterr()
    assert __main__.main([*times, "vgg16", "--force"]) == 0
    assert rates(tmp_path) == {"alexnet": 1, "vgg16": 4, "resnet50": 3}
    assert capsys.readouterr().out.splitlines()[0].startswith("vgg16")


def test_a_forced_source_leaves_the_others_as_they_are(sources, tmp_path):
    assert __main__.main([*sources, "--only", "02", "03", "04"]) == 0
    assert __main__.main([*sources, "--only", "03", "--force"]) == 0
    assert seconds(tmp_path) == {"02": 1, "03": 4, "04": 3}


@pytest.mark.parametrize(
    "other", [["--batch-size", "32"], ["--steps", "3"], ["--repeats", "2"], ["--side", "64"]], ids=lambda w: w[0]
)
def test_times_of_other_settings_are_not_mixed(times, tmp_path, capsys, other):
    assert __main__.main([*times, "alexnet", "vgg16"]) == 0
    for words in (["resnet50"], ["alexnet"], ["alexnet", "--force"], ["alexnet", "resnet50", "--force"]):
        assert __main__.main([*times, *other, *words]) == 1
        said = capsys.readouterr().err
        assert "holds times of `" in said
        assert "--precision float32 --batch-size 64 --steps 30 --repeats 5`, this is `" in said
        assert "use --force for all of alexnet vgg16 to make it anew, or --folder FOLDER." in said
        assert rates(tmp_path) == {"alexnet": 1, "vgg16": 2}
    assert __main__.main([*times, *other, "resnet50", "vgg16", "alexnet", "--force"]) == 0
    assert rates(tmp_path) == {"resnet50": 3, "vgg16": 4, "alexnet": 5}
    assert __main__.main([*times, *other, "mobilenet_v1"]) == 0


def test_times_of_another_device_are_measured_anew_only_together(times, tmp_path, monkeypatch, capsys):
    assert __main__.main([*times, "alexnet", "vgg16"]) == 0
    set_device(monkeypatch, "an abacus")
    for words in (["resnet50"], ["alexnet", "--force"]):
        assert __main__.main([*times, *words]) == 1
        assert f"holds times of {HERE['device']}, this is an abacus; use --force" in capsys.readouterr().err
        assert rates(tmp_path) == {"alexnet": 1, "vgg16": 2}
    assert __main__.main([*times, "alexnet", "vgg16", "--force"]) == 0
    assert rates(tmp_path) == {"alexnet": 3, "vgg16": 4}


def test_a_damaged_table_is_refused_forced_or_not(times, tmp_path, capsys):
    path = throughput.path_of(keras_backend(), "float32", tmp_path)
    path.write_text("{")
    for force in ([], ["--force"]):
        assert __main__.main([*times, "alexnet", *force]) == 1
        assert "delete it and measure again" in capsys.readouterr().err
        assert path.read_text() == "{"


def test_sources_of_another_device_or_budget_are_not_mixed(sources, tmp_path, monkeypatch, capsys):
    assert __main__.main([*sources, "--only", "02", "03"]) == 0
    (log,) = tmp_path.iterdir()
    log.write_text(log.read_text().replace('"budget": "quick"', '"budget": "full"'))
    for words in (["--only", "04"], ["--only", "02", "--force"]):
        assert __main__.main([*sources, *words]) == 1
        said = capsys.readouterr().err
        assert f"holds a run on {HERE['device']} with budget full, this is {HERE['device']} with budget quick" in said
        assert "use --force for all of 02 03 to make it anew" in said
        assert seconds(tmp_path) == {"02": 1, "03": 2}
    assert __main__.main([*sources, "--only", "02", "03", "--force"]) == 0
    set_device(monkeypatch, "an abacus")
    assert __main__.main([*sources, "--only", "02", "--force"]) == 1
    assert seconds(tmp_path) == {"02": 3, "03": 4}
    assert __main__.main([*sources, "--only", "02", "03", "--force"]) == 0
    assert seconds(tmp_path) == {"02": 5, "03": 6}
