"""The command on models that only answer: a method for each, and reasons for what needs more of a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from ask import explain_command as command
from governance.home import open_store
from models.spec import Definition
from tests import answering_toys, toys

ROW = ",".join(f"{feature.name}={feature.default}" for feature in toys.FEATURES)


def run(*arguments: Any) -> tuple[int, str]:
    done = CliRunner().invoke(command.explain, [str(one) for one in arguments])
    return done.exit_code, done.stdout if done.exit_code == 0 else done.stderr


@pytest.fixture
def stored(home: Path, nothing_shipped: None, request: pytest.FixtureRequest) -> Iterator[Definition]:
    with answering_toys.registered(request.param) as definition:
        toys.train_into(open_store(), definition)
        yield definition


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("stored", [name], indirect=True)


@of("toy_linear")
def test_a_row_is_explained_and_the_model_looked_at(stored: Definition) -> None:
    code, told = run("toy_linear", ROW, "--method", "permutation_shap", "--look", "importance", "--json")
    assert code == 0
    document = json.loads(told)
    assert document["base_value"] + sum(document["values"].values()) == pytest.approx(document["output"])
    assert document["receipt"]["settings"]["background"]["rows"] == 50
    found = document["looks"]["importance"]
    assert found["permutation"].keys() == {feature.name for feature in toys.FEATURES}
    assert not {"impurity", "mean_absolute_shap"} & found.keys()
    assert (
        "TreeSHAP and impurity need a model made of decision trees, and Toy regression is not."
        in found["words"]
    )


@of("toy_linear")
def test_one_class_is_explained_over_another(stored: Definition) -> None:
    asked = ("toy_linear", ROW, "--method", "permutation_shap")
    code, told = run(*asked, "--target", "north over west", "--json")
    assert code == 0
    document = json.loads(told)
    assert document["target"] == document["receipt"]["target"] == "north over west"
    shares = document["probabilities"]
    assert document["output"] == pytest.approx(shares["north"] - shares["west"])
    assert document["base_value"] + sum(document["values"].values()) == pytest.approx(document["output"])
    code, told = run(*asked, "--target", "north over west")
    assert code == 0 and "north rather than west" in told
    code, said = run(*asked, "--look", "importance", "--target", "north over west")
    assert code == 2 and "a look is about one class" in said
    code, said = run(*asked, "--target", "north over north")
    assert code == 2 and "north over itself is no question" in said


@of("toy_linear")
@pytest.mark.parametrize("asked", [("--method", "tree_shap"), ("--look", "interactions")])
def test_what_needs_trees_says_so(stored: Definition, asked: tuple[str, str]) -> None:
    code, said = run("toy_linear", ROW, *asked)
    assert code == 2
    assert "needs a model made of decision trees, and Toy regression is not" in said


@of("toy_colours")
def test_a_picture_is_explained_in_log_odds(stored: Definition, tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    code, told = run("toy_colours", tmp_path / "a.png", "--method", "superpixel_shap", "--json")
    assert code == 0
    document = json.loads(told)
    assert document["units"] == "log-odds"
    assert document["trust"]["randomisation"] is None
    assert document["trust"]["completeness_gap"] < 1e-6
