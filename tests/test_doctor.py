"""What doctor says of this machine, and of GPUs."""

import importlib.metadata
import re
from types import SimpleNamespace

import pytest

from cnncourse import __main__, backend
from cnncourse.course import doctor
from cnncourse.recording import machine


def test_doctor_says_what_is_installed(capsys):
    assert __main__.main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "Fashion-MNIST: complete" in text
    assert "Budget" in text


def test_a_backend_s_package_may_have_another_name(monkeypatch):
    name, version = backend.keras.backend.backend(), importlib.metadata.version

    def version_of_a_package(package):
        if package == name:  # as where `tensorflow-cpu` brings the module
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(doctor, "version", version_of_a_package)
    monkeypatch.setattr(machine, "version", version_of_a_package)
    assert f" on {name} {backend.version()}, " in doctor.report()[1]
    assert machine.made_here()["versions"][name] == backend.version()


class Backend:
    """A made-up machine: whether the backend sees a GPU, and whether that is quick in bfloat16."""

    def __init__(self, sees, quick=True):
        self.has_gpu, self.has_quick_bfloat16 = (lambda: sees), (lambda: quick)


GPU = [("H100", "81559", "80000", "570.1")]


@pytest.mark.parametrize(
    ("sees", "name", "hidden", "words"),
    [
        (False, "tensorflow", None, r"tensorflow does not see the GPU: .* -m pip install -e '\.\[gpu\]'`"),
        (False, "jax", None, r"jax does not see the GPU: .* -m pip install 'jax\[cuda12\]'`"),
        (False, "jax", "", "CUDA_VISIBLE_DEVICES is '' and hides it; unset it"),
        (True, "jax", None, "jax uses the GPU; bfloat16 .* is quick there"),
    ],
)
def test_doctor_says_what_to_do_with_a_gpu(monkeypatch, sees, name, hidden, words):
    monkeypatch.setattr(doctor, "installed_gpus", lambda: GPU)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    first, second = doctor._gpu_lines(Backend(sees), name)
    assert first == "GPU in this machine: H100, 80000 of 81559 MiB free, driver 570.1"
    assert re.search(words, second)


def test_doctor_reads_the_driver_s_own_words(monkeypatch):
    said = SimpleNamespace(stdout="NVIDIA H100 80GB HBM3, 81559, 81008, 570.86\n", returncode=0)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(doctor.subprocess, "run", lambda *given, **options: said)
    assert doctor.installed_gpus() == [("NVIDIA H100 80GB HBM3", "81559", "81008", "570.86")]
    said.returncode = 9
    assert doctor.installed_gpus() == []


def test_doctor_says_how_much_memory_is_free():
    free, total = re.fullmatch(r"([\d.]+) of ([\d.]+) GiB free", doctor._main_memory()).groups()
    assert 0 < float(free) <= float(total)
