"""``python -m explain`` for a picture, on a toy model that is not stored anywhere."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ask import explain_command as command
from data import datasets
from data.images import ImageDataset
from models import image_inputs
from tests.ask.asking import answer_of, asked_again
from tests.explain import image_toys


@pytest.fixture
def model(monkeypatch):
    model = image_toys.small()
    definition = SimpleNamespace(spec=model.spec, dataset="toy_pictures")
    monkeypatch.setattr(command.catalogue, "definition", lambda name: definition)
    monkeypatch.setattr(command, "open_store", lambda: None)
    monkeypatch.setattr(command.setup, "version_for", lambda store, reference, line: None)
    monkeypatch.setattr(command, "answer", lambda store, question: asked_again(model, question, {}))
    return model


@pytest.fixture
def photo(tmp_path):
    pixels = np.rint(image_toys.picture(5, side=48) * 255).astype(np.uint8)
    path = tmp_path / "photo.png"
    Image.fromarray(pixels).save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(command.explain, [str(one) for one in arguments])


def test_gives_the_values_that_explain_image_gives(model, photo, tmp_path):
    x = image_inputs.one(model.spec, photo, "photo.png")
    expected = answer_of(model, x, method="occlusion", target="c")
    done = run("toy", photo, "--method", "occlusion", "--target", "c", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert np.array_equal(told["values"], expected.attribution.values)
    assert told["receipt"]["id"] == expected.receipt_id
    out = tmp_path / "map.npy"
    done = run("toy", photo, "--method", "occlusion", "--target", "c", "--json", "--out", out)
    told = json.loads(done.stdout)
    assert told["out"] == str(out) and "values" not in told
    assert np.array_equal(np.load(out), expected.attribution.values)


def test_prints_words_and_the_receipt(model, photo):
    done = run("toy", photo, "--method", "grad_cam")
    assert done.exit_code == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "with a probability of" in done.stdout
    assert lines[-2].endswith(" logit") and lines[-1].startswith("receipt ")


def test_the_background_is_read_where_a_method_needs_one(model, photo, monkeypatch):
    asked = []

    def load(name):
        asked.append(name)
        return object() if name == "rows" else dataset

    dataset = ImageDataset(
        name="toy_pictures",
        card=None,
        classes=("a", "b", "c"),
        y=np.arange(6) % 3,
        ids=(),
        sources=("made up",),
        source=np.zeros(6, dtype=np.int64),
        size=32,
        pixels=lambda progressed, rows: np.rint(image_toys.background(6) * 255).astype(np.uint8)[rows],
        split=SimpleNamespace(train=np.arange(6)),
        fingerprint="",
        row_digests=(),
        origin={},
        transforms=(),
    )
    monkeypatch.setattr(datasets, "load", load)
    done = run("toy", photo, "--method", "gradient_shap", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["receipt"]["settings"]["background"]["pictures"] == 6
    assert run("toy", photo, "--method", "gradient_shap", "--background", "mine").exit_code == 0
    refused = run("toy", photo, "--method", "gradient_shap", "--background", "rows")
    assert refused.exit_code == 2 and "holds no pictures to compare with" in refused.stderr
    run("toy", photo, "--method", "saliency")
    assert asked == ["toy_pictures", "mine", "rows"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--method", "tree_shap"), "TreeSHAP explains rows of a table, and Toy CNN answers for pictures."),
        (("--method", "saliency", "--target", "z"), "Toy CNN has no class 'z'. There are: a, b, c."),
        (("--method", "grad_can"), "Did you mean grad_cam?"),
    ],
)
def test_refuses_with_a_sentence(model, photo, arguments, sentence):
    done = run("toy", photo, *arguments)
    assert done.exit_code == 2 and sentence in done.stderr and not done.stdout
