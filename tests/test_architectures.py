"""Every architecture, built once and held against published counts; the source of each row stands in the fixture."""

import ast
import csv
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnncourse import backend, costs, models

keras = backend.keras
FIXTURES = Path(__file__).parent / "fixtures"
COUNTS = list(csv.DictReader((FIXTURES / "published_counts.csv").read_text(encoding="utf-8").splitlines()))
LAYERS = list(csv.DictReader((FIXTURES / "published_layers.csv").read_text(encoding="utf-8").splitlines()))
COUNTED = ("parameters", "keras_total", "macs", "receptive_field", "jump", "activations")


def options_of(text):
    """'stride_on=3x3 width=0.5' as {'stride_on': '3x3', 'width': 0.5}."""
    texts = dict(part.split("=") for part in text.split())
    python = re.compile(r"True|False|[\d.]+|\([\d,]+\)")
    return {name: ast.literal_eval(text) if python.fullmatch(text) else text for name, text in texts.items()}


def counted(model):
    """What the fixture counts, of a model."""
    rows, field = costs.table(model), costs.receptive_field(model)[0]
    sums = [sum(getattr(row, name) for row in rows) for name in ("parameters", "macs", "activations")]
    values = (sums[0], model.count_params(), sums[1], field.size, field.jump, sums[2])
    return dict(zip(COUNTED, values, strict=True))


@pytest.mark.parametrize("row", COUNTS, ids=lambda row: f"{row['name']} {row['options']}".strip())
def test_counts_are_the_published_ones(row):
    model = models.outline(row["name"], **options_of(row["options"]))
    published = {name: int(row[name]) for name in COUNTED if row[name]}
    assert {name: counted(model)[name] for name in published} == published, row["source"]
    assert "parameters" in published


def test_every_name_has_a_published_count():
    lite = {name for name in models.names() if name.startswith("efficientnet_lite")}  # tests/test_models.py
    assert {row["name"] for row in COUNTS if not row["options"]} == set(models.names()) - lite


@pytest.mark.parametrize("name", [row["name"] for row in COUNTS if not row["options"]])
def test_every_network_can_be_built(name):
    model = models.build(name)
    published = next(row for row in COUNTS if row["name"] == name and not row["options"])
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == int(published["parameters"])
    assert model.name == name
    assert len(model.outputs) == 1
    assert model.output_shape == (None, 10 if model.input_shape[1] == 32 or name.startswith("lenet") else 1000)
    activation = getattr(model.get_layer("logits"), "activation", keras.activations.linear)
    assert activation is keras.activations.linear, "softmax belongs to the loss"
    automatic = re.compile(r"(conv2d|dense|batch_normalization|re_lu|add|activation|flatten|dropout)(_\d+)?$")
    assert not [layer.name for layer in model.layers if automatic.match(layer.name) and layer.name != "flatten"]


def test_nothing_is_built_at_import():
    code = "from cnncourse import backend, models; print(backend.keras.layers.Dense(1).name, len(models.names()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "dense", "a dense layer was made while models was imported"


def test_the_largest_residual_network_and_its_table_are_there_in_seconds():
    def seconds():  # of this process: other work does not count
        begin = time.process_time()
        text = str(costs.table(models.build("resnet152")))
        assert "60,192,808" in text
        keras.backend.clear_session()
        return time.process_time() - begin

    assert min(seconds() for _ in range(3)) < 5


def mobilenet_prefix(name):
    """Where our layers of a MobileNet stand, for a row's name: 'pw3' of version 1, 'b1_0_exp' of version 2."""
    if name in ("conv1", "conv_last"):
        return "stem" if name == "conv1" else "head"
    parts = {"dw": "_depthwise", "pw": "_pointwise", "exp": "_expand", "proj": "_project", "block": ""}
    if match := re.match(r"(dw|pw|block)(\d+)", name):
        return f"block{match[2]}{parts[match[1]]}"
    stage, block, part = re.match(r"b(\d)_(\d)_(\w+)", name).groups()
    return f"stage{int(stage) + 1}_block{int(block) + 1}{parts[part]}"


def layer_names(row):
    """The names of our layers whose counts together are the row's: a convolution and its normalisation."""
    name = row["layer"]
    if row["model"] in ("lenet5_1998", "lenet5"):
        return ["logits"] if name == "OUT" and row["model"] == "lenet5" else [name]
    if name in ("fc", "fc8"):
        return ["logits"]
    if row["model"] == "alexnet":
        return [name]
    if row["model"] == "vgg16":
        stage, number = re.match(r"(?:conv|pool|fc)(\d)_?(\d)?", name).groups()
        return [f"fc{int(stage) - 5}" if name[:2] == "fc" else f"stage{stage}_{name[:4]}{number or ''}"]
    if name == "gap":
        return ["pool"]
    if row["model"].startswith("mobilenet"):
        return [f"{mobilenet_prefix(name)}_{kind}" for kind in ("conv", "bn")]
    if name in ("conv1", "pool1"):
        return ["stem_conv", "stem_bn"] if name == "conv1" else ["stem_pool"]
    stage, block, part = re.match(r"(?:conv|s)(\d)[_b](\d)(\w)", name).groups()
    prefix = f"stage{int(stage) - (row['model'] != 'resnet20')}_block{block}"
    return [f"{prefix}_{kind}{'abc'.index(part) + 1}" for kind in ("conv", "bn")]


def rows_with_names(model_name):
    """The rows of one model; a projection belongs to the block of the convolution that stands before it."""
    block = None
    for row in LAYERS:
        if row["model"] != model_name:
            continue
        if row["layer"] == "proj":
            yield row, [f"{block}_shortcut_conv", f"{block}_shortcut_bn"]
        else:
            names = layer_names(row)
            block = names[0].rpartition("_")[0]
            yield row, names


@pytest.mark.parametrize("model_name", sorted({row["model"] for row in LAYERS}))
def test_layer_by_layer(model_name):
    name, _, options = model_name.partition(" ")
    model = models.outline(name, **options_of(options))
    table = {row.name: row for row in costs.table(model)}
    named = set()
    for row, names in rows_with_names(model_name):
        ours = [table[name] for name in names]
        assert sum(part.parameters for part in ours) == int(row["parameters"]), row
        assert sum(part.macs for part in ours) == int(row["macs"]), row
        height, width, channels = map(int, row["output"].split("x"))
        assert ours[0].output_shape in ((height, width, channels), (channels,)), row
        field = ours[0].receptive_field
        if field is not None and row["layer"] != "proj":  # the rows of projections tell the main path's field
            assert (field[0].size, field[0].jump) == (int(row["receptive_field"]), int(row["jump"])), row
        named.update(names)
    assert not [name for name, row in table.items() if (row.parameters or row.macs) and name not in named]
