"""The plan for a GPU, and its parts at small size."""

import dataclasses
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from cnncourse import __main__
from cnncourse.course import full_size, source_runs
from cnncourse.recording import throughput


def parsed(step):
    return __main__._parser().parse_args(list(step.words))


# ---- the plan


def test_every_step_is_a_command_that_can_be_parsed():
    for step in [*full_size.plan(), *full_size.plan("float32", "some folder")]:
        assert parsed(step).command is not full_size.run


def test_a_trial_has_every_step_but_the_nets_that_need_larger_images():
    def named(steps):
        return [(step.part, step.words[:2]) for step in steps if step.part not in ("speed", "notebooks")]

    trial = named(full_size.plan("float32", "some folder"))
    assert trial == [step for step in named(full_size.plan()) if step[1][1] != "vgg16"]
    assert all("--limit" in parsed_words for parsed_words in (s.words for s in full_size.plan("float32", "f")[1:20]))


def test_the_plan_has_what_it_is_for():
    steps = full_size.plan()
    runs = {(s.part, net, parsed(s).seed) for s in steps if s.words[0] == "record" for net in parsed(s).models}
    for depth in (20, 32, 44, 56):
        assert {("depth", f"plain{depth}", 1), ("depth", f"resnet{depth}", 1)} <= runs
    for seed in (2, 3):
        assert {("seeds", f"{kind}{depth}", seed) for kind in ("plain", "resnet") for depth in (20, 56)} <= runs
    recipes = [parsed(s) for s in steps if s.part in ("depth", "seeds")]
    assert len({(r.epochs, r.batch_size, r.learning_rate, r.weight_decay, r.precision) for r in recipes}) == 1
    assert {s.part for s in steps} == {"speed", "depth", "designs", "seeds", "notebooks", "paper"}
    assert parsed(steps[-1]).epochs == 164
    designs = " ".join(" ".join(s.words) for s in steps if s.part == "designs")
    for kind in ("lenet5", "alexnet", "vgg16", "resnext20", "mobilenet_v1", "mobilenet_v2"):
        assert kind in designs


def test_every_net_of_the_plan_can_be_built_as_its_command_says():
    from cnncourse.recording import command, train

    for step in full_size.plan():
        if step.words[0] == "record":
            choice = parsed(step)
            train.check(command.settings_of(choice, choice.models[0]))


def test_list_prints_and_runs_nothing(capsys, monkeypatch):
    monkeypatch.setattr(full_size.subprocess, "run", None)
    assert __main__.main(["record-full-size", "--list", "--part", "seeds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert all(line.startswith("seeds      python -m cnncourse record ") for line in lines)


@pytest.fixture
def ended(monkeypatch):
    """Steps are not run: each ends with the next of these codes, 0 when none is left."""
    codes, commands = [], []

    def run(command, **options):
        commands.append(command)
        return SimpleNamespace(returncode=codes.pop(0) if codes else 0)

    monkeypatch.setattr(full_size.subprocess, "run", run)
    return SimpleNamespace(codes=codes, commands=commands)


def test_a_step_that_fails_does_not_keep_the_others_from_running(ended, capsys):
    ended.codes += [0, 1, 0]
    assert __main__.main(["record-full-size"]) == 1
    assert len(ended.commands) == len(full_size.plan())
    assert capsys.readouterr().out.splitlines()[-1] == f"failed: {full_size.plan()[1]}"
    assert ended.commands[0][:3] == [sys.executable, "-m", "cnncourse"]


def test_ctrl_c_ends_the_plan(ended):
    ended.codes += [0, 130]
    assert __main__.main(["record-full-size"]) == 130
    assert len(ended.commands) == 2


def test_no_step_begins_after_the_time_is_over(ended, monkeypatch, capsys):
    times = iter(range(0, 10_000, 25))
    monkeypatch.setattr(full_size.time, "monotonic", lambda: next(times))
    assert __main__.main(["record-full-size", "--minutes", "2"]) == 0
    assert 0 < len(ended.commands) < len(full_size.plan())
    left = len(full_size.plan()) - len(ended.commands)
    assert f"2 minutes are over: {left} steps are left; the same command goes on." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--part", "depths"], "there is no part 'depths'; expected one of speed, depth"),
        (["--minutes", "0"], "too small"),
    ],
)
def test_a_wrong_call_is_one_sentence(ended, capsys, words, said):
    assert __main__.main(["record-full-size", *words]) == 1
    assert said in capsys.readouterr().err
    assert not ended.commands


def test_a_trial_trains_one_net_of_the_plan_and_skips_it_the_next_time(tmp_path, capfd):
    (step,) = [s for s in full_size.plan("float32", str(tmp_path)) if s.part == "designs" and "lenet5" in s.words]
    assert full_size._run_all([step], None) == 0
    (log,) = tmp_path.glob("lenet5*.json")
    assert json.loads(log.read_text())["images"] == {"train": 64, "test": 64}
    assert full_size._run_all([step], None) == 0
    assert "recorded already" in capfd.readouterr().out


# ---- sources


def test_a_source_that_fails_is_told_with_what_it_measured(tmp_path):
    source = tmp_path / "99_wrong.py"
    source.write_text("SEED = 1\na = SEED + 1\nassert a > 1  # bound\nassert a > 5  # bound\nassert a < 9  # bound\n")
    row = source_runs.run_source(source, "quick")
    assert (row["notebook"], row["passed"], row["error"]) == ("99", False, "AssertionError")
    assert [(b["asserted"], b["value"]) for b in row["bounds"]] == [("> 1", 2.0), ("> 5", 2.0), ("< 9", None)]


def test_the_budget_reaches_the_source(tmp_path):
    source = tmp_path / "98_budget.py"
    source.write_text("import os\nassert os.environ['CNNCOURSE_BUDGET'] == 'full'\n")
    assert source_runs.run_source(source, "full")["passed"]
    assert not source_runs.run_source(source, "quick")["passed"]


def test_sources_are_recorded_one_by_one_and_only_the_failed_run_again(tmp_path, monkeypatch, capsys):
    tried = []

    def run_source(path, budget):
        tried.append(path.stem[:2])
        passed = path.stem[:2] != "04" or len(tried) > 3
        return {
            "notebook": path.stem[:2],
            "seconds": 1.0,
            "passed": passed,
            "error": None if passed else "x",
            "bounds": [],
        }

    monkeypatch.setattr(source_runs, "run_source", run_source)
    words = ["record-sources", "--only", "03", "04", "06", "--budget", "quick", "--folder", str(tmp_path)]
    assert __main__.main(words) == 1
    assert __main__.main(words) == 0
    assert tried == ["03", "04", "06", "04"]
    (log,) = tmp_path.iterdir()
    stored = source_runs.read(log)
    assert [row["passed"] for row in stored["rows"]] == [True] * 3
    log.write_text(log.read_text().replace(stored["device"], "another machine"))
    assert __main__.main(words) == 1
    assert "holds a run on another machine with budget quick, this is" in capsys.readouterr().err
    log.write_text("{")
    assert __main__.main(words) == 1
    assert "cannot be read" in capsys.readouterr().err
    assert __main__.main([*words[:1], "--only", "77"]) == 1
    assert "there is no notebook '77'; expected numbers from 01" in capsys.readouterr().err


# ---- images a second

SHORT = ["--side", "16", "--batch-size", "2", "--steps", "2", "--repeats", "3"]


def test_rates_are_measured_net_by_net(tmp_path, capsys):
    words = ["record-throughput", "plain20", *SHORT, "--folder", str(tmp_path)]
    assert __main__.main(words) == 0
    (path,) = tmp_path.iterdir()
    first = throughput.read(path)
    assert [row["model"] for row in first.rows] == ["plain20"]
    assert [len(first.rows[0][what]) for what in ("training", "prediction")] == [3, 3]
    assert first.rows[0]["macs"] == (40_551_040 - 640) // 4 + 640  # of 32x32: a quarter, but for the dense layer
    assert first.command.endswith("--precision float32 --batch-size 2 --steps 2 --repeats 3 --side 16")
    assert __main__.main([words[0], "resnet20", *words[1:]]) == 0
    both = throughput.read(path)
    assert [row["model"] for row in both.rows] == ["plain20", "resnet20"]
    assert both.rows[0] == first.rows[0]
    assert "plain20: measured already" in capsys.readouterr().out
    assert len(str(both).splitlines()) == 3


def test_a_rate_counts_every_image(monkeypatch):
    times = iter([10.0, 12.0])
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: next(times))
    assert throughput._rate(lambda: None, 300) == 150


def test_times_of_another_device_are_not_mixed(tmp_path, capsys):
    words = ["record-throughput", "plain20", *SHORT, "--folder", str(tmp_path)]
    assert __main__.main(words) == 0
    (path,) = tmp_path.iterdir()
    table = dataclasses.replace(throughput.read(path), device="another machine")
    throughput.write(path, table)
    assert __main__.main([words[0], "resnet20", *words[1:]]) == 1
    assert "holds times of another machine, this is" in capsys.readouterr().err
    assert throughput.read(path) == table


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2}', '{"format": 1, "rows": [{}]}'])
def test_a_table_that_is_not_whole_is_one_sentence(tmp_path, text):
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(
        ValueError, match=r"the table .*table\.json cannot be read \(.*\); delete it and measure again\."
    ):
        throughput.read(tmp_path / "table.json")


def test_listing_the_plan_starts_neither_keras_nor_tensorflow():
    code = "import sys; from cnncourse import __main__; __main__.main(['record-full-size', '--list']); "
    code += "print({'keras', 'tensorflow', 'jax', 'nbformat'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize("rate", ["0", "-3.5", "NaN", "Infinity"])
def test_a_rate_that_cannot_be_is_refused(tmp_path, rate):
    rates = {"training": [1.0], "prediction": [1.0]}
    row = {"model": "plain20", "side": 32, "batch_size": 2, "parameters": 1, "macs": 1, **rates}
    path = tmp_path / "t.json"
    throughput.write(path, throughput.Throughput([row], "float32", "x", "tensorflow", {}, "", ""))
    path.write_text(path.read_text().replace('"training": [1.0]', f'"training": [{rate}]'))
    with pytest.raises(ValueError, match="a rate is no positive number"):
        throughput.read(path)


def test_the_first_run_which_compiles_does_not_count(monkeypatch):
    rates = iter(range(1, 100))
    monkeypatch.setattr(throughput, "_rate", lambda run, images: float(next(rates)))
    row = throughput.measure("plain20", batch_size=2, side=16, steps=1, repeats=2, precision="float32")
    assert (row["training"], row["prediction"]) == ([2.0, 3.0], [5.0, 6.0])
