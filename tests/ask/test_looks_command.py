"""``python -m explain --look``: the document that it prints, and what it refuses before anything is computed."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from ask import explain_command as command
from ask.looks import catalogue
from ask.question import picture_digest
from data import bakery
from data.bakery import Part
from explain.concepts import perturbations
from explain.rows.nearest_flip import nearest_flip
from explain.trust.report import assess
from explain.typicality.typicality import of_scene
from models import image_inputs, muffin_cnn
from tests import picture_toys, toys
from tests.ask.asking import answer_of, asked_again
from tests.pages import section_toys

ROW = ",".join(f"{feature.name}={feature.default}" for feature in toys.FEATURES)
DEFINITIONS = {
    "toy_table": toys.DEFINITION,
    "toy_pictures": picture_toys.DEFINITION,
    "muffin_cnn": muffin_cnn.DEFINITION,
}


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(command.explain, [str(one) for one in arguments])


@pytest.fixture
def catalogue_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three models, none of which can be loaded: what is refused is refused before that."""

    def never(*_: Any) -> None:
        raise AssertionError("The store was opened.")

    monkeypatch.setattr(command.catalogue, "definition", DEFINITIONS.__getitem__)
    monkeypatch.setattr(command, "open_store", never)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["toy_table"], "Say what to explain: --method"),
        (["toy_table", "--method", "tree_shap"], "--method tree_shap explains one answer. Give INPUT"),
        (["toy_table", "--look", "flipp"], "No look is called 'flipp'. Did you mean flip?"),
        (
            ["toy_table", "--look", "nudge"],
            "--look nudge is not for toy_table, which answers for rows of a table",
        ),
        (
            ["toy_pictures", "--look", "importance"],
            "which answers for pictures. What fits it: trust, methods, regions, adversarial",
        ),
        (
            ["toy_pictures", "x.png", "--look", "parts"],
            "which no scene shows: scenes are of chihuahua and muffin, so no part can be taken away",
        ),
        (
            ["toy_pictures", "x.png", "--look", "flip"],
            "Toy pictures knows red, green, blue, which no scene shows",
        ),
        (["toy_table", "--look", "flip"], "--look flip is about one input, and none is given"),
        (
            ["toy_table", ROW, "--look", "flip", "--lock", "lenght"],
            "--lock lenght: there is nothing of that name",
        ),
        (["toy_table", ROW, "--look", "flip", "--lock", "lenght"], "Did you mean length?"),
        (
            ["toy_table", ROW, "--look", "curve", "--along", "age", "--along", "age"],
            "--along age is given twice",
        ),
        (
            ["toy_table", ROW, "--look", "curve", *(["--along", "age"] * 3)],
            "--along is given 3 times. Give it once for a curve, twice for a map",
        ),
        (["toy_table", ROW, "--look", "curve", "--lock", "age"], "It is read by --look with: flip."),
        (
            ["toy_table", ROW, "--look", "flip", "--target", "east"],
            "--target changes nothing that was asked for",
        ),
        (["toy_table", "--look", "importance", "--target", "up"], "Toy table has no class 'up'"),
        (["toy_table", "--look", "importance", "--out", "x.npy"], "Choose one by --method"),
        (
            ["toy_table", ROW, "--method", "tree_shap", "--seed", "1"],
            "--seed changes nothing that was asked for",
        ),
        (
            ["toy_table", ROW, "--method", "tree_shap", "--background", "iris"],
            "--background changes nothing that was asked for",
        ),
        (
            ["muffin_cnn", "muffin", "--method", "saliency", "--background", "scenes"],
            "--background changes nothing that was asked for",
        ),
        (["toy_table", "--look", "second_opinion"], "name another version by --other MODEL[@V]"),
        (
            ["toy_table", "--look", "second_opinion", "--other", "muffin_cnn@1"],
            "muffin_cnn does not answer the same question as toy_table",
        ),
        (
            ["muffin_cnn", "muffin,bake=99", "--look", "parts"],
            "bake is 99.0, it must be a number from 5 to 45 min",
        ),
        (["muffin_cnn", "muffin", "--look", "flip", "--lock", "bak"], "Did you mean bake?"),
        (
            ["muffin_cnn", "muffin,flavour=plain", "--look", "flip", "--lock", "berry_size"],
            "--lock berry_size: there is nothing of that name to move here",
        ),
        (["muffin_cnn", "muffin", "--look", "curve", "--along", "ears"], "--along ears"),
        (
            ["muffin_cnn", "muffin-9", "--look", "flip"],
            "muffin-9 is no file and no folder. Did you mean muffin-",
        ),
        (["muffin_cnn", "muffin", "--look", "flip", "--target", "Mufin"], "'Mufin'. Did you mean muffin?"),
        (["toy_table", ROW, "--look", "flip", "--change", "noise=0.1"], "toy_table answers for rows"),
        (
            ["muffin_cnn", "muffin", "--look", "flip", "--change", "blur=2"],
            "No change of the pixels is called 'blur'. Did you mean pixel_blur?",
        ),
        (
            ["muffin_cnn", "muffin", "--look", "flip", "--change", "noise=0.6"],
            "noise must be a number from 0 to 0.5, not '0.6'",
        ),
        (
            ["muffin_cnn", "muffin", "--look", "flip", *["--change", "noise=0.1"] * 2],
            "The change noise is given twice",
        ),
        (
            ["toy_table", ROW, "--method", "tree_shap", "--lock", "lenght"],
            "--lock lenght: there is nothing of that name to move here. Did you mean length?",
        ),
        (
            ["muffin_cnn", "muffin", "--method", "saliency", "--lock", "bake"],
            "--lock changes nothing that was asked for",
        ),
    ],
)
@pytest.mark.usefixtures("catalogue_of_three")
def test_what_cannot_be_asked_is_refused_in_a_sentence(arguments: list[str], said: str) -> None:
    refused = run(*arguments)
    assert refused.exit_code == 2, refused.output
    assert said in refused.stderr and not refused.stdout
    assert refused.stderr.strip().endswith((".", "?", "]"))


@pytest.mark.usefixtures("catalogue_of_three")
def test_what_renders_again_refuses_a_photo(tmp_path: Any) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(path)
    for look in (["flip"], ["parts"], ["curve", "--along", "bake", "--along", "blur"]):
        refused = run("muffin_cnn", path, "--look", *look)
        assert refused.exit_code == 2 and "Give a scene" in refused.stderr, refused.output
    refused = run("muffin_cnn", path, "--look", "curve", "--along", "bake")
    assert refused.exit_code == 2 and "There are: pixel_blur, contrast" in refused.stderr


def test_every_look_has_a_name_of_its_own_for_each_modality() -> None:
    for definition in DEFINITIONS.values():
        found = [look.name for look in catalogue.looks_at(definition)]
        assert len(found) == len(set(found)) and found
        assert [catalogue.look(name, definition).name for name in found] == found


def loaded(monkeypatch: pytest.MonkeyPatch, model: Any) -> None:
    definition = SimpleNamespace(spec=model.spec, dataset="toy")
    monkeypatch.setattr(command.catalogue, "definition", lambda name: definition)
    monkeypatch.setattr(command, "open_store", lambda: None)
    monkeypatch.setattr(command.setup, "version_for", lambda store, reference, line: None)
    monkeypatch.setattr(command, "answer", lambda store, question: asked_again(model, question, {}))


def test_looks_stand_beside_the_attribution_or_alone(monkeypatch: pytest.MonkeyPatch, toy_tree: Any) -> None:
    loaded(monkeypatch, toy_tree)
    names = [feature.name for feature in toy_tree.spec.features]
    text = ",".join(f"{name}=4.5" for name in names)
    asked = ["toy", text, "--look", "flip", "--look", "flip", "--lock", names[0], "--json"]
    alone = json.loads(run(*asked).stdout)
    found = nearest_flip(toy_tree, np.full(5, 4.5), locked=[names[0]])
    told = alone["looks"]["flip"]
    assert told["words"][:2] == [found.summary, found.margin] and told["steps"] == found.steps
    assert alone["version"] == "toy@1" and alone["input"] == text
    assert alone["class"] == toy_tree.spec.classes[int(toy_tree.predict_proba(np.full((1, 5), 4.5)).argmax())]
    # A row on which it is unsure is never told of as if it were sure.
    assert max(alone["probabilities"].values()) < 0.6 and alone["words"][0].startswith("The model is unsure")
    assert alone["words"][1].startswith(f"Do not rely on this answer. It is {alone['class']}, with a ")
    assert run(*asked[:-1]).stdout.splitlines()[:2] == alone["words"]
    beside = json.loads(run(*asked, "--method", "tree_shap").stdout)
    assert beside["looks"] == alone["looks"]
    # The lock counts for the flip in the attribution's sentences too, which name it.
    before = json.loads(run("toy", text, "--method", "tree_shap", "--lock", names[0], "--json").stdout)
    assert before["words"][-1] == f"{found.summary} {found.margin}"
    assert before["words"][-1].startswith("With height kept as it is, moving ")
    assert "looks" not in before and {**before, "looks": beside["looks"]} == beside


def test_without_json_each_look_has_its_heading_and_sentences(
    monkeypatch: pytest.MonkeyPatch, toy_tree: Any
) -> None:
    loaded(monkeypatch, toy_tree)
    text = ",".join(f"{feature.name}=4.5" for feature in toy_tree.spec.features)
    done = run("toy", text, "--method", "tree_shap", "--look", "curve", "--along", "age", "--look", "flip")
    lines = done.stdout.splitlines()
    receipt = next(i for i, line in enumerate(lines) if line.startswith("receipt "))
    assert lines[receipt + 2] == "Individual conditional expectation"
    assert lines[receipt + 5].startswith("Response curve along Age. At 4.5 years the answer is ")
    assert "Counterfactual" in lines
    assert nearest_flip(toy_tree, np.full(5, 4.5)).summary in lines


@pytest.mark.usefixtures("one_torch_thread")
def test_an_attribution_of_a_scene_knows_what_it_shows_and_where(monkeypatch: pytest.MonkeyPatch) -> None:
    model: Any = section_toys.model()
    loaded(monkeypatch, model)
    # Of these two it takes one for a chihuahua.
    both = {bake: bakery.render(section_toys.SCENE.replace(bake=bake), 96) for bake in (20, 35)}
    (bake,) = (one for one, made in both.items() if model.predict_proba(made.image[None])[0, 0] > 0.5)
    text = f"muffin,seed=3,berry_spacing=1.5,framing=0.2,bake={bake}"
    told = json.loads(run("toy", text, "--method", "grad_cam", "--look", "typicality", "--json").stdout)
    x = both[bake].image
    expected = answer_of(model, scene=section_toys.SCENE.replace(bake=bake), method="grad_cam")
    assert told["words"] == list(expected.words)
    assert told["words"][0] == "The answer is wrong: the picture shows muffin."
    assert told["receipt"]["id"] == expected.receipt_id
    alone = json.loads(run("toy", text, "--look", "typicality", "--json").stdout)
    assert alone["words"] == told["words"][:2]
    mask = both[bake].mask != Part.BACKGROUND
    method = command.methods.image_method("grad_cam")
    checked = assess(model, x, method, expected.attribution, mask=mask)
    assert told["trust"]["localisation"] == checked.to_json()["localisation"]
    assert told["looks"]["typicality"]["words"] == [of_scene(section_toys.SCENE.replace(bake=bake)).sentence]


CHANGES = {"pixel_blur": 2.0, "noise": 0.1, "noise_seed": 7, "box_size": 30, "box_x": 20}
AS_WORDS = [part for name, value in CHANGES.items() for part in ("--change", f"{name}={value}")]


@pytest.mark.usefixtures("one_torch_thread")
def test_a_picture_with_changed_pixels_is_explained_as_if_it_had_been_given_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    model: Any = section_toys.model()
    loaded(monkeypatch, model)
    before = bakery.render(section_toys.SCENE, 96).image
    after = perturbations.apply(before, CHANGES)
    text = "muffin,seed=3,berry_spacing=1.5,bake=20,framing=0.2"
    asked = ["toy", text, "--method", "grad_cam"]
    told = json.loads(run(*asked, *AS_WORDS, "--json").stdout)
    expected = answer_of(model, scene=section_toys.SCENE, changes=CHANGES, method="grad_cam")
    assert np.array_equal(expected.input, after)
    assert told["values"] == expected.attribution.values.tolist()
    assert told["receipt"]["id"] == expected.receipt_id and told["words"] == list(expected.words)
    assert told["changes"] == CHANGES and told["receipt"]["input"]["digest"] == picture_digest(after)
    plain = json.loads(run(*asked, "--json", "--change", "contrast=1", "--change", "box_x=50").stdout)
    assert "changes" not in plain and plain["receipt"]["input"]["digest"] == picture_digest(before)
    first = run(*asked, *AS_WORDS).stdout.splitlines()[0]
    assert first == (
        "The pixels are changed: Blur of the pixels 2.00 px, Noise 0.10, Pattern of the noise 7, "
        "Box: side 30 % of the picture, Box: from left 20 % of the picture."
    )
    # The same without a method, and for a photo.
    Image.fromarray(np.rint(before * 255).astype(np.uint8)).save(tmp_path / "a.png")
    photo = image_inputs.one(model.spec, tmp_path / "a.png", "a.png")
    alone = json.loads(run("toy", tmp_path / "a.png", "--look", "regions", *AS_WORDS, "--json").stdout)
    answer = model.predict_proba(perturbations.apply(photo, CHANGES)[None])[0]
    assert alone["changes"] == CHANGES
    assert list(alone["probabilities"].values()) == pytest.approx(answer, abs=1e-6)
    assert alone["looks"]["regions"]["target"] == alone["class"]


@pytest.mark.usefixtures("one_torch_thread")
def test_a_curve_along_a_change_starts_from_where_it_is_and_keeps_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model: Any = section_toys.model()
    loaded(monkeypatch, model)
    text = "muffin,seed=3,berry_spacing=1.5,bake=20,framing=0.2"
    image = bakery.render(section_toys.SCENE, 96).image
    asked = ["toy", text, "--look", "curve", "--change", "contrast=0.5", "--change", "brightness=0.1"]
    told = json.loads(run(*asked, "--along", "contrast", "--json").stdout)["looks"]["curve"]
    assert told["now"]["value"] == 0.5
    for value, p in zip(told["values"], told["probabilities"]["muffin"], strict=True):
        made = perturbations.apply(image, {"contrast": value, "brightness": 0.1})
        assert p == pytest.approx(model.predict_proba(made[None])[0, 1], abs=1e-6)
    told = json.loads(run(*asked, "--along", "bake", "--json").stdout)["looks"]["curve"]
    for value, p in list(zip(told["values"], told["probabilities"]["muffin"], strict=True))[::5]:
        made = bakery.render(section_toys.SCENE.replace(bake=value), 96).image
        made = perturbations.apply(made, {"contrast": 0.5, "brightness": 0.1})
        assert p == pytest.approx(model.predict_proba(made[None])[0, 1], abs=1e-6)
