"""``python -m explain`` for a picture tells how far its map can be trusted."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ask import explain_command as command
from explain.targets import ClassTarget
from explain.trust.report import assess
from explain.trust.trust_verdict import METRICS
from governance.record import Measurement
from models import image_inputs
from tests.ask.asking import asked_again
from tests.explain import image_toys

# What is known about the toy's version in a test.
FACTS: dict = {}

RESULTS = {"limits": dict.fromkeys(METRICS, 0.25), "scenes": 123}


@pytest.fixture
def model(monkeypatch):
    model = image_toys.small()
    definition = SimpleNamespace(spec=model.spec, dataset="toy_pictures")
    monkeypatch.setattr(command.catalogue, "definition", lambda name: definition)
    monkeypatch.setattr(command, "open_store", lambda: None)
    monkeypatch.setattr(command.setup, "version_for", lambda store, reference, line: None)
    monkeypatch.setattr(command, "answer", lambda store, question: asked_again(model, question, FACTS))
    FACTS.clear()
    return model


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(np.rint(image_toys.picture(5) * 255).astype(np.uint8)).save(path)
    return path


def run(*arguments):
    done = CliRunner().invoke(command.explain, ["toy", *(str(one) for one in arguments)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_json_holds_the_trust_of_this_very_map(model, photo):
    told = json.loads(run(photo, "--method", "saliency", "--json"))["trust"]
    x = image_inputs.one(model.spec, photo, "photo.png")
    method = command.methods.image_method("saliency")
    target = int(np.argmax(model.predict_proba(x[None])[0]))
    expected = assess(model, x, method, method.attribute(model, x, ClassTarget(target)))
    assert told == json.loads(json.dumps(expected.to_json()))
    assert "localisation" not in told and told["compared_with"]["scenes"] is None


def test_the_gap_stands_beside_the_checks(model, photo):
    told = json.loads(run(photo, "--method", "integrated_gradients", "--json"))
    gap = abs(told["base_value"] + np.sum(told["values"]) - told["output"])
    assert told["trust"]["completeness_gap"] == pytest.approx(gap)
    share = gap / abs(told["output"] - told["base_value"])
    assert told["trust"]["completeness_gap_share"] == pytest.approx(share)


def test_the_versions_own_limits_are_used_where_there_are_some(model, photo):
    FACTS["stored_limits"] = SimpleNamespace(measurement=Measurement({"results": RESULTS}), id="1" * 64)
    words = run(photo, "--method", "saliency")
    assert "Trust in the map: " in words and "Compared with the placebos on 123 scenes." in words
    FACTS.clear()
    assert "the placebos on this picture alone." in run(photo, "--method", "saliency")
