"""A question survives every way of writing it down: as an address, as a command and as JSON, whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ask import explain_command
from ask.codecs import command_codec, json_codec, link_codec
from ask.question import PictureInput, Question, RowInput, SceneInput, pairs_of
from data.bakery import CONCEPTS, KINDS, TRAITS, Scene, named_scenes
from data.failures import UserMistake
from explain.concepts.perturbations import PERTURBATIONS
from models import iris_tree, muffin_cnn
from models.spec import ModelSpec
from tests import picture_toys, toys

TABLES = (iris_tree.SPEC, toys.SPEC)
PICTURES = (muffin_cnn.SPEC, picture_toys.SPEC)
PHOTOS: dict[str, np.ndarray] = {}


def steps(feature: Any) -> st.SearchStrategy[float]:
    """A value that a feature's slider can hold."""
    count = round((feature.high - feature.low) / feature.step)
    return st.integers(0, count).map(lambda n: feature.snap(feature.low + n * feature.step))


def changes() -> st.SearchStrategy[tuple[tuple[str, float], ...]]:
    """Changes of pixels that are not at their defaults."""
    one = {f.name: steps(f) for f in PERTURBATIONS}
    defaults = {f.name: f.default for f in PERTURBATIONS}
    return st.fixed_dictionaries({}, optional=one).map(
        lambda found: pairs_of({name: value for name, value in found.items() if value != defaults[name]})
    )


@st.composite
def scenes(draw: Any) -> Scene:
    """A named scene with its concepts moved, or any scene at all."""
    if draw(st.booleans()):
        scene = named_scenes()[draw(st.sampled_from(sorted(named_scenes())))]
        return scene.replace(**{f.name: draw(steps(f)) for f in scene.live_concepts})
    kind = draw(st.sampled_from(KINDS))
    values = {f.name: draw(st.floats(f.low, f.high)) for f in CONCEPTS[kind]}
    traits = {name: draw(st.sampled_from(options)) for name, options in TRAITS[kind].items()}
    return Scene.of(kind, draw(st.integers(0, 2**31)), **values, **traits)


def photo_of(spec: ModelSpec, seed: int) -> np.ndarray:
    """Pixels as a photo's are once they were read: multiples of 1/255."""
    side = spec.image_size or 1
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3)).astype(np.float32) / 255


@st.composite
def questions(draw: Any) -> tuple[ModelSpec, Question]:
    """Any question that a front end can ask of one of the models."""
    spec = draw(st.sampled_from(TABLES + PICTURES))
    given: Any
    if spec in TABLES:
        given = RowInput.of(spec, np.array([draw(st.floats(-1e6, 1e6)) for _ in spec.features]))
    elif spec is muffin_cnn.SPEC and draw(st.booleans()):
        given = SceneInput(draw(scenes()), draw(changes()))
    else:
        given = PictureInput(photo_of(spec, draw(st.integers(0, 3))), draw(changes()))
    names = [f.name for f in spec.features] or ["bake", "blur"]
    picked = st.lists(st.sampled_from(names), unique=True, max_size=2)
    return spec, Question(
        version=f"{spec.name}@{draw(st.integers(1, 9))}",
        input=given,
        method=draw(st.sampled_from(["tree_shap", "occlusion", None])),
        target=draw(st.sampled_from([None, *spec.classes])),
        locked=tuple(sorted(draw(picked))),
        background=draw(st.sampled_from([None, "scenes", "a folder, with a comma"])),
        epoch=draw(st.sampled_from([None, 3])),
        looks=tuple(draw(st.lists(st.sampled_from(["flip", "curve"]), unique=True))),
        along=tuple(draw(picked)),
        other=draw(st.sampled_from([None, "iris_forest@2"])),
        seed=draw(st.integers(0, 5)),
    )


def keep(pixels: np.ndarray) -> str:
    name = str(len(PHOTOS))
    PHOTOS[name] = pixels
    return name


@given(questions())
@settings(max_examples=150, deadline=None)
def test_an_address_holds_the_whole_question(asked: tuple[ModelSpec, Question]) -> None:
    spec, question = asked
    link = link_codec.to_link(question, keep)
    assert all(isinstance(value, str) for value in link.values())
    assert link_codec.from_link(link, spec, PHOTOS.__getitem__) == question


@given(questions())
@settings(max_examples=150, deadline=None)
def test_json_holds_the_whole_question(asked: tuple[ModelSpec, Question]) -> None:
    spec, question = asked
    written = json.dumps(json_codec.to_json(question), allow_nan=False)
    assert json_codec.from_json(json.loads(written), spec) == question


@pytest.mark.parametrize("spec", TABLES + PICTURES, ids=lambda spec: spec.name)
def test_settings_of_a_method_are_held_too(spec: ModelSpec) -> None:
    question = Question(spec.name, method="occlusion", settings=(("baseline", "black"), ("window", 7)))
    assert link_codec.from_link(link_codec.to_link(question), spec) == question
    assert json_codec.from_json(json_codec.to_json(question), spec) == question


class Asked(Exception):
    """Ends a command at the question that it put together."""


def of_command(words: list[str], monkeypatch: pytest.MonkeyPatch) -> Question:
    """The question that ``python -m explain`` makes of its words."""
    asked: list[Question] = []

    def answer(store: Any, question: Question) -> Any:
        asked.append(question)
        raise Asked

    definitions = {d.spec.name: d for d in (iris_tree.DEFINITION, muffin_cnn.DEFINITION, toys.DEFINITION)}
    monkeypatch.setattr(explain_command.catalogue, "definition", definitions.__getitem__)
    monkeypatch.setattr(explain_command, "open_store", lambda: None)
    monkeypatch.setattr(explain_command.setup, "version_for", lambda *_: None)
    monkeypatch.setattr(explain_command, "answer", answer)
    done = CliRunner().invoke(explain_command.explain, words)
    assert isinstance(done.exception, Asked), done.output
    return asked[0]


SCENE = named_scenes()["muffin-2"].replace(bake=31.0, light=-0.25)
CHANGES = (("box_size", 30), ("noise", 0.1))


@pytest.mark.parametrize(
    ("spec", "question"),
    [
        (
            iris_tree.SPEC,
            Question("iris_tree@2", RowInput.of(iris_tree.SPEC, np.array([5.1, 3.5, 1 / 3, -0.2]))),
        ),
        (
            toys.SPEC,
            Question(
                "toy_table@1",
                RowInput.of(toys.SPEC, np.array([1.0, 2.0, 3.0, 4.0, 1e-9])),
                target="west",
                locked=("age", "length"),
                looks=("flip", "curve"),
                along=("width",),
            ),
        ),
        (muffin_cnn.SPEC, Question("muffin_cnn@1", SceneInput(SCENE, CHANGES), target="chihuahua")),
        (
            muffin_cnn.SPEC,
            Question(
                "muffin_cnn@1",
                SceneInput(Scene.of("chihuahua", 77, ear_size=1.1)),
                method="occlusion",
                settings=(("baseline", "black"), ("window", 20)),
                looks=("curve",),
                along=("blur",),
                epoch=2,
            ),
        ),
    ],
    ids=lambda one: getattr(one, "name", None),
)
def test_a_command_holds_the_whole_question(
    spec: ModelSpec, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = question.method or ("grad_cam" if spec.modality == "image" else "tree_shap")
    asked = Question(**{**{f: getattr(question, f) for f in question.__slots__}, "method": method})
    assert of_command(command_codec.to_command(asked), monkeypatch) == asked


def test_a_command_reads_a_photo_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    file = tmp_path / "photo.png"
    Image.fromarray(np.rint(photo_of(muffin_cnn.SPEC, 1) * 255).astype(np.uint8)).save(file)
    first = of_command(
        ["muffin_cnn", str(file), "--method", "saliency", "--change", "noise=0.1"], monkeypatch
    )
    assert isinstance(first.input, PictureInput) and first.changes == {"noise": 0.1}
    assert of_command(command_codec.to_command(first, str(file)), monkeypatch) == first
    with pytest.raises(UserMistake, match="Say where that is"):
        command_codec.to_command(first)


def test_addresses_of_before_had_bare_names() -> None:
    query = {"explain": "tree_shap", "sepal_length": "6", "sepal_width": "3", "petal_length": "5"}
    found = link_codec.from_link({**query, "petal_width": "2"}, iris_tree.SPEC)
    assert found.input == RowInput.of(iris_tree.SPEC, np.array([6.0, 3.0, 5.0, 2.0]))
    scene = link_codec.from_link({"scene": "muffin-2", "bake": "30", "noise": "0.1"}, muffin_cnn.SPEC)
    assert scene.input == SceneInput(named_scenes()["muffin-2"].replace(bake=30.0), (("noise", 0.1),))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"in.sepal_length": "1"}, "gives no sepal_width, petal_length, petal_width"),
        ({f"in.{f.name}": "x" for f in iris_tree.SPEC.features}, "sepal_length=x, which is not a number"),
        ({"epoch": "soon"}, "epoch=soon, which is not a whole number"),
        ({"locked": "[1"}, "cannot be made again"),
        ({"locked": "[1]"}, "no list of names"),
    ],
)
def test_an_address_that_means_nothing_is_refused(query: dict[str, str], said: str) -> None:
    with pytest.raises(link_codec.LinkMistake, match=said.replace("[", r"\[")):
        link_codec.from_link(query, iris_tree.SPEC)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "must be a JSON object"),
        ({}, "must name its version"),
        ({"version": "iris_tree", "metod": "x"}, "no 'metod'. Did you mean method?"),
        ({"version": 1}, "version must be a text"),
        ({"version": "v", "locked": "a"}, "locked must be a list of names"),
        ({"version": "v", "epoch": True}, "epoch must be a whole number"),
        ({"version": "v", "settings": []}, "settings must be a JSON object"),
        ({"version": "v", "input": {}}, "one of row, scene, picture"),
        ({"version": "v", "input": {"row": {"sepal_length": 1}}}, "lacks sepal_width"),
        ({"version": "v", "input": {"row": []}}, "row must be a JSON object"),
        ({"version": "v", "input": {"scene": {"kind": "dog"}}}, "is missing"),
        ({"version": "v", "input": {"scene": 1, "changes": 2}}, "changes must be a JSON object"),
        ({"version": "v", "input": {"picture": {"shape": [2, 2, 3], "float32": "!"}}}, "cannot be read"),
        ({"version": "v", "input": {"picture": {"shape": [9], "float32": "AAAA"}}}, "cannot be read"),
    ],
)
def test_json_that_is_no_question_is_refused(document: Any, said: str) -> None:
    with pytest.raises(UserMistake, match=said):
        json_codec.from_json(document, iris_tree.SPEC)
