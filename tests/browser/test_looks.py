"""Every page in both looks, wide and on a telephone: pictures for a person, barriers for axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers
from tests.browser.conftest import Server, settle

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


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_page_is_without_barriers_and_fits_the_screen(
    server: Server, page: Page, screenshot: Callable[[str], Path], look: str
) -> None:
    for name, path in PAGES.items():
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(server.url + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settle(page)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_test_id("stAlert")).to_have_count(0)
        screenshot(f"{name}_{look}_wide")
        assert not barriers.serious(page), name
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        # On a telephone the list of pages slides out of sight first.
        page.wait_for_function(
            "document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1"
        )
        settle(page)
        screenshot(f"{name}_{look}_narrow")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], f"{name} is too wide"
