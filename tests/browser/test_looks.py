"""Every page in both looks, wide and on a telephone: pictures for a person, barriers for axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers
from tests.browser.conftest import Server, serving, settle

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
ANSWER = "of=iris_tree%401&of.explain=tree_shap&of.target=virginica"
ROW = "of.sepal_length=6&of.sepal_width=3&of.petal_length=4.9&of.petal_width=1.7"
PAGES = {
    "catalogue": "/",
    "tree": "/what-if?version=iris_tree%401&petal_length=5.2",
    "surface": "/what-if?version=iris_tree%401&petal_length=5.2&sepal_length=8.2&view=Surface",
    "curve": "/what-if?version=iris_forest%401&petal_length=5.2&view=Curve",
    "lineage": f"/lineage?{ANSWER}&{ROW}",
    "records": "/records?model=iris_tree",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, prepared_home: Path) -> Iterator[Server]:
    """A server whose home holds iris_tree@1 and iris_forest@1 already."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copytree(prepared_home, folder / "home")
    with serving(folder) as running:
        yield running


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_without_barriers_and_fits_the_screen(
    prepared: Server, page: Page, screenshot: Callable[[str], Path], name: str, look: str
) -> None:
    page.goto(prepared.url + PAGES[name])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    for word, size in (("wide", WIDE), ("narrow", NARROW)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        settle(page)
        # On a telephone the list of pages slides out of sight first.
        page.wait_for_function(
            "wide => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right > 1 === wide",
            arg=size is WIDE,
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], "scrolls sideways"
        screenshot(f"{name}_{look}_{word}")
        assert not barriers.serious(page)
