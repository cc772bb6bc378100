"""Scenes as inputs: in words, as JSON, out of a baked folder; and what can be wrong about them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import bakery
from data.bakery import Scene
from models import inputs
from models.given import InputError
from models.muffin_cnn import SPEC
from tests import picture_toys


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, document: object) -> str:
    Path(name).write_text(json.dumps(document), "utf-8")
    return name


def test_a_scene_in_words_is_that_scene_rendered_for_the_model() -> None:
    text = "muffin, seed=3, berry_spacing=1.2,bake=30,flavour=chocolate_chip"
    found = inputs.read(SPEC, [text, "chihuahua"])
    scene = Scene.of("muffin", 3, berry_spacing=1.2, bake=30.0, flavour="chocolate_chip")
    assert found.scenes == (scene, Scene.of("chihuahua"))
    assert found.names == (text, "chihuahua")
    assert np.array_equal(found.x[0], bakery.render(scene, SPEC.image_size).image)
    assert found.x.dtype == np.float32 and found.x.shape == (2, 96, 96, 3)


def test_a_scene_is_named_as_on_the_pages_and_changed_from_there() -> None:
    named = bakery.named_scenes()
    found = inputs.read(SPEC, [*named, "muffin-2, bake=30,flavour=plain", "chihuahua-4,seed=8"])
    changed = (named["muffin-2"].replace(bake=30, flavour="plain"), named["chihuahua-4"].replace(seed=8))
    assert found.scenes == (*named.values(), *changed)
    assert np.array_equal(found.x[1], bakery.render(named["muffin-2"], SPEC.image_size).image)


def test_a_scene_in_words_may_be_longer_than_a_file_s_name() -> None:
    concepts = ",".join(f"{feature.name}={feature.default:.20f}" for feature in bakery.CONCEPTS["muffin"])
    assert len(concepts) > 255
    assert inputs.read(SPEC, [f"muffin,{concepts}"]).scenes == (Scene.of("muffin"),)


def test_a_scene_is_read_from_json_alone_and_by_its_position_in_a_baked_folder() -> None:
    drawn = bakery.sample_scenes(3, 7)
    bakery.bake(3, 7, "baked", size=16)
    alone = write("one.json", drawn[1].to_json())
    found = inputs.read(SPEC, [alone, "baked/scenes.json#2", "baked/scenes.json#0"])
    assert found.scenes == (drawn[1], drawn[2], drawn[0])
    assert found.names == ("one.json", "baked/scenes.json#2", "baked/scenes.json#0")


def test_a_file_and_a_folder_win_over_a_scene_of_their_name() -> None:
    black = Image.fromarray(np.zeros((16, 16, 3), np.uint8))
    black.save("muffin", format="PNG")
    Path("chihuahua").mkdir()
    black.save("chihuahua/a.png")
    found = inputs.read(SPEC, ["muffin", "chihuahua", "muffin,seed=1"])
    assert found.names == ("muffin", "chihuahua/a.png", "muffin,seed=1")
    assert found.scenes == (None, None, Scene.of("muffin", 1))
    assert not found.x[:2].any()


def test_a_picture_s_file_may_hold_the_mark_of_a_position() -> None:
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save("a.json#1", format="PNG")
    assert inputs.read(SPEC, ["a.json#1"]).scenes == (None,)


def test_a_file_wins_over_a_position_in_another() -> None:
    write("a.json", {"scenes": []})
    write("a.json#1.json", Scene.of("chihuahua").to_json())
    assert inputs.read(SPEC, ["a.json#1.json"]).scenes == (Scene.of("chihuahua"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("muffin,bake=99", "bake is 99.0, it must be a number from 5 to 45 min"),
        ("muffin,bake=hot", "bake is 'hot', it must be a number"),
        ("muffin,bake=nan", "bake is 'nan'"),
        ("muffin,seed=1.5", "seed is '1.5', it must be an integer"),
        ("muffin,ear_size=1", "'ear_size' is not an input of this kind"),
        ("muffin,flavour=cheese", "flavour is 'cheese', it must be one of blueberry"),
        ("muffin,berry_spcing=1", "Did you mean berry_spacing? It has berry_spacing, "),
        ("muffin,flavour=blubery", "Did you mean blueberry?"),
        ("muffin-2,bake=99", "bake is 99.0, it must be a number from 5 to 45 min"),
        ("muffin-2,ear_size=1", "'ear_size' is not an input of this kind"),
        ("muffin-9,bake=9", "No scene is called 'muffin-9'. Did you mean muffin-"),
        ("cake,seed=1", "No scene is called 'cake'. There are: chihuahua, muffin, muffin-1, "),
        ("mufin,seed=1", "No scene is called 'mufin'. Did you mean muffin? There are: "),
        ("muffin,bake", "write each value as name=value"),
        ("muffin,bake=20,bake=30", "gives bake twice"),
        (
            "mufin",
            "is no file and no folder. Did you mean muffin? Give pictures (jpg, png, webp), a folder, or a scene, "
            "as in muffin,seed=3 or muffin-1.",
        ),
        ("gone.json", "is no file and no folder"),
        # Not the folder in which the command runs.
        (" ", "An input is empty. Give a file, or values in words."),
    ],
)
def test_what_is_wrong_about_a_scene_in_words_is_said(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        inputs.read(SPEC, [text])
    assert said in str(refused.value)


def test_what_is_wrong_about_a_scene_in_a_file_is_said() -> None:
    good = Scene.of("muffin").to_json()
    cases = {
        write(
            "many.json", {"scenes": [good, good]}
        ): "holds 2 scenes. Name one by its position, as in many.json#0",
        "many.json#2": "many.json holds scenes 0 to 1; '2' is none of them",
        "many.json#x": "'x' is none of them",
        write("alone.json", good) + "#0": "holds no list of scenes",
        write("bad.json", {**good, "seed": -1}): "bad.json: Scene: seed is -1",
        write("list.json", [good]): "is not a JSON object",
        write("short.json", {"kind": "muffin"}): "field 'seed' is missing",
    }
    Path("no.json").write_text("{", "utf-8")
    cases["no.json"] = "no.json is not JSON"
    for text, said in cases.items():
        with pytest.raises(InputError) as refused:
            inputs.read(SPEC, [text])
        assert said in str(refused.value), text


def test_a_model_of_other_classes_takes_no_scenes() -> None:
    with pytest.raises(InputError, match=r"muffin is no file and no folder. Give pictures .* or a folder\.$"):
        inputs.read(picture_toys.SPEC, ["muffin"])
