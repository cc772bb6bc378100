"""What ``python -m explain --look`` says is what the pages show: the same sentences, the same numbers."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from ask import explain_command as command
from ask.asking import instead_of
from models import muffin_cnn
from tests.conftest import OpenPage
from tests.pages import section_toys
from tests.pages.reading import alts, words

VALUES = {"sepal_length": 6.1, "sepal_width": 2.8, "petal_length": 4.9, "petal_width": 1.6}
ROW = ",".join(f"{name}={value}" for name, value in VALUES.items())


def looks(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(command.explain, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)["looks"]
    return found


def plain(page: AppTest) -> str:
    """What a page says, without the marks for bold."""
    assert not page.exception
    return words(page).replace("**", "")


@pytest.mark.usefixtures("trained_home")
def test_a_row_is_told_of_as_on_its_page(open_page: OpenPage) -> None:
    query = {name: str(value) for name, value in VALUES.items()}
    told = looks("iris_tree", ROW, "--look", "flip", "--look", "typicality", "--look", "neighbours")
    page = open_page("what_if.py", query)
    for sentence in (*told["flip"]["words"][:2], *told["typicality"]["words"], *told["neighbours"]["words"]):
        assert sentence in plain(page)
    (near,) = (frame.value for frame in page.dataframe if "Distance" in frame.value)
    assert [f"{one['distance']:.2f}" for one in told["neighbours"]["neighbours"]] == list(near["Distance"])
    assert [one["class"] for one in told["neighbours"]["neighbours"]] == list(near["Class"])
    curve = looks("iris_tree", ROW, "--look", "curve")["curve"]
    assert curve["words"][0] in alts(open_page("what_if.py", {**query, "view": "Curve"}))
    along = curve["along"], "sepal_length"
    surface = looks("iris_tree", ROW, "--look", "curve", "--along", along[0], "--along", along[1])["curve"]
    labels = {"x": "Petal width", "y": "Sepal length"}
    assert along[0] == "petal_width"
    assert surface["words"][0] in alts(open_page("what_if.py", {**query, "view": "Surface", **labels}))


@pytest.mark.usefixtures("trained_home")
def test_a_whole_model_is_told_of_as_on_its_pages(open_page: OpenPage) -> None:
    told = looks("iris_tree", "--look", "importance", "--look", "interactions", "--target", "virginica")
    assert told["importance"]["words"][0] in plain(open_page("importance.py", {"about": "iris_tree"}))
    together = {"about": "iris_tree", "section": "Interactions", "for": "virginica"}
    assert " ".join(told["interactions"]["words"]) in plain(open_page("importance.py", together))


@pytest.mark.usefixtures("trained_home")
def test_second_opinions_are_told_as_on_their_page(open_page: OpenPage) -> None:
    query = {"mine": "iris_tree", **{f"at.{name}": str(value) for name, value in VALUES.items()}}
    asked = ["--look", "second_opinion", "--other", "iris_forest", "--look", "seeds"]
    told = looks("iris_tree", ROW, *asked)
    page = plain(open_page("second_opinion.py", {**query, "against": "iris_forest"}))
    first, *rest = told["second_opinion"]["words"]
    assert first in page and " ".join(rest[:2]) in page and rest[2] in page
    same = told["seeds"]["words"][:3]
    page = plain(open_page("second_opinion.py", {**query, "opinion": "Other seeds"}))
    assert same[0].removeprefix("Same rows, another seed: ") in page
    assert same[1] in page and same[2] in page


def concepts_section() -> None:
    """A page with a section alone, about the scene of `section_toys`."""
    from pages.looks import concepts
    from tests.pages.section_toys import shown

    concepts.draw(shown())


def adversarial_section() -> None:
    """The same of the adversarial."""
    from pages.looks import adversarial
    from tests.pages.section_toys import shown

    adversarial.draw(shown())


def regions_section() -> None:
    """The same of regions."""
    from pages.looks import regions
    from tests.pages.section_toys import shown

    regions.draw(shown())


@pytest.fixture
def scene_model(home: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The model of `section_toys`, as if it were a stored muffin_cnn."""
    import torch

    torch.set_num_threads(1)
    shown = section_toys.shown()
    monkeypatch.setattr(command.setup, "version_for", lambda store, reference, line: None)
    monkeypatch.setattr(command, "answer", lambda store, question: instead_of(shown, question))
    monkeypatch.setattr(command.catalogue, "definition", lambda name: muffin_cnn.DEFINITION)
    return SimpleNamespace(text="muffin,seed=3,berry_spacing=1.5,bake=20,framing=0.2")


def test_a_scene_is_told_of_as_in_its_sections(scene_model: Any) -> None:
    locks = [name for name, _ in section_toys.SCENE.concepts if name != "bake"]
    held = [part for name in locks for part in ("--lock", name)]
    told = looks(
        "muffin_cnn", scene_model.text, "--look", "flip", *held, "--look", "adversarial", "--look", "regions"
    )
    run = partial(AppTest.from_function, default_timeout=60)
    page = run(concepts_section)
    page.session_state["held"] = locks
    said = plain(page.run())
    assert told["flip"]["found"] and all(sentence in said for sentence in told["flip"]["words"])
    said = plain(run(adversarial_section).run())
    assert all(sentence in said for sentence in told["adversarial"]["words"][:4])
    said = plain(run(regions_section).run())
    assert told["regions"]["words"][0].removeprefix("Covered by its mean colour: ") in said


def test_a_map_over_two_concepts_is_told_of_as_in_its_section(scene_model: Any) -> None:
    along = ["--look", "curve", "--along", "bake", "--along", "berry_spacing"]
    told = looks("muffin_cnn", scene_model.text, *along)["curve"]
    page = AppTest.from_function(concepts_section, default_timeout=60)
    page.session_state["concepts"] = "Two concepts at once"
    assert told["words"][0] in alts(page.run())
