"""Links between pages keep what they say.

Streamlit drops a link's parameter if a widget of the page that is left is bound to the same name. An
AppTest opens every page afresh and would never see it, so the names themselves are held apart here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import OpenPage
from tests.pages.reading import bound

pytestmark = pytest.mark.usefixtures("scenes_answered_once")

ANSWER = {"of": "iris_tree@1", "of.explain": "tree_shap"}
SCENE = {
    "version": "muffin_cnn@1",
    "explain": "grad_cam",
    "target": "muffin",
    "about": "Scene",
    "scene": "muffin-2",
}
ROW = {"of.sepal_length": "6", "of.sepal_width": "3", "of.petal_length": "4.9", "of.petal_width": "1.7"}


@pytest.mark.parametrize(
    ("file", "query"),
    [
        (None, {}),
        ("what_if.py", {"view": "Surface"}),
        ("what_if.py", {"view": "Curve"}),
        ("importance.py", {"about": "iris_tree"}),
        ("lineage.py", ANSWER | ROW),
        ("records.py", {}),
        ("image_what_if.py", {"version": "muffin_cnn@1"}),
        ("image_what_if.py", {"version": "muffin_cnn@1", "look": "Part effects"}),
        ("compare.py", {f"{side}.{name}": value for side in "ab" for name, value in SCENE.items()}),
        ("how_it_works.py", {"guide": "decision_tree"}),
        ("how_it_works.py", {"guide": "grad_cam"}),
        ("records.py", {"model": "muffin_cnn"}),
    ],
    ids=str,
)
def test_no_link_to_another_page_uses_a_name_that_this_page_binds(
    trained_home: Path, open_page: OpenPage, file: str | None, query: dict[str, str]
) -> None:
    page = open_page(file, query)
    assert not page.exception and not page.error and not page.warning
    here = (file or "catalogue.py").removesuffix(".py")
    leaving = [one.proto for one in page.get("page_link") if one.proto.page.replace("-", "_") != here]
    assert leaving
    taken = bound(page)
    assert taken
    for link in leaving:
        names = {pair.partition("=")[0] for pair in link.query_string.split("&") if pair}
        assert not names & taken, f"{link.label} would lose {names & taken}"
