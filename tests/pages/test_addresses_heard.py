"""What an address asks for and does not get is said at the head of the page, and nothing else is."""

from __future__ import annotations

import pytest

from tests.conftest import OpenPage

pytestmark = pytest.mark.usefixtures("trained_home", "scenes_answered_once")

# A page, what its address asks for in vain, and what is said of it.
IN_VAIN = [
    ("what_if.py", {"version": "iris_tree@999"}, "iris_tree@999"),
    ("what_if.py", {"version": "iris_tree", "view": "Hologram"}, "'Hologram'"),
    ("what_if.py", {"version": "iris_tree", "in.petal_length": "99"}, "'99'"),
    ("what_if.py", {"version": "iris_tree", "petal_length": "4_9"}, "'4_9'"),
    ("image_what_if.py", {"version": "muffin_cnn@999"}, "muffin_cnn@999"),
    ("image_what_if.py", {"scene": "muffin-99"}, "'muffin-99'"),
    ("image_what_if.py", {"method": "nope"}, "Shown instead is 'Grad-CAM'"),
    ("image_what_if.py", {"target": "croissant"}, "'croissant'"),
    ("image_what_if.py", {"noise": "9"}, "'9'"),
    ("image_what_if.py", {"about": "Smell"}, "'Smell'"),
    ("image_what_if.py", {"look": "Tarot"}, "'Tarot'"),
    ("image_what_if.py", {"along": "nowhere"}, "'nowhere'"),
    ("records.py", {"model": "oak"}, "'oak'"),
    ("records.py", {"record": "000000000000"}, "000000000000"),
    ("lineage.py", {"of": "iris_tree@1", "node": "nowhere"}, "'nowhere'"),
    ("how_it_works.py", {"guide": "astrology"}, "'astrology'"),
    ("how_it_works.py", {"guide": "decision_tree", "fig.depth": "99"}, "'99'"),
    ("importance.py", {"about": "iris_tree", "section": "None"}, "'None'"),
    ("tree_workbench.py", {"base": "iris_tree", "drawing": "Wood"}, "'Wood'"),
    ("catalogue.py", {"owner": "nobody"}, "'nobody'"),
]


def said(page: object) -> list[str]:
    return [one.value.replace("\\", "") for one in [*page.warning, *page.error]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("file", "query", "words"), IN_VAIN)
def test_what_cannot_be_had_is_said(
    open_page: OpenPage, file: str, query: dict[str, str], words: str
) -> None:
    page = open_page(file, query)
    assert not page.exception
    assert [words in one for one in said(page)] == [True], said(page)


@pytest.mark.parametrize(
    ("file", "query"),
    [
        (
            "what_if.py",
            {"version": "iris_tree", "in.petal_length": "5.2", "view": "Tree", "method": "TreeSHAP"},
        ),
        (
            "image_what_if.py",
            {"version": "muffin_cnn@1", "scene": "muffin-2", "about": "Scene", "in.noise": "0.00"},
        ),
        ("image_what_if.py", {"method": "Grad-CAM", "target": "muffin", "look": "Calibration"}),
        ("how_it_works.py", {"guide": "decision_tree", "fig.depth": "2"}),
        ("lineage.py", {"of": "iris_tree@1"}),
        ("what_if.py", {"version": "iris_tree@champion"}),
        ("image_what_if.py", {"look": "How sure is it?"}),
        ("records.py", {"model": "iris_tree"}),
        ("image_what_if.py", {"look": "Region occlusion", "erased": ["1", "3"]}),
    ],
)
def test_what_is_had_is_not_spoken_of(open_page: OpenPage, file: str, query: dict[str, str]) -> None:
    page = open_page(file, query)
    assert not page.exception
    assert said(page) == []


def test_a_name_that_stands_twice_is_said(open_page: OpenPage) -> None:
    page = open_page("image_what_if.py", {"scene": ["muffin-2", "chihuahua-1"]})  # type: ignore[dict-item]
    (sentence,) = said(page)
    assert "scene 2 times, to 'muffin-2', 'chihuahua-1'" in sentence
    assert f"Shown instead is {page.selectbox(key='scene').value!r}" in sentence


def test_it_stays_said_until_the_visitor_changes_what_it_is_about(open_page: OpenPage) -> None:
    page = open_page("what_if.py", {"version": "iris_tree", "view": "Hologram"})
    page.slider(key="in.petal_length").set_value(5.2).run()
    (sentence,) = said(page)
    assert "Hologram" in sentence
    page.slider(key="in.petal_length").set_value(4.9).run()
    assert len(said(page)) == 1, "a slider at rest is no fault of the address"
    page.segmented_control(key="view").set_value("Surface").run()
    assert said(page) == []
