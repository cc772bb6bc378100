"""Every page in both looks, wide and on a telephone: pictures for a person, barriers for axe."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import barriers
from tests.browser.conftest import BACKGROUND, Server, put_on, rest

pytestmark = pytest.mark.browser
NARROW: ViewportSize = {"width": 390, "height": 844}
ANSWER = "of=iris_tree%401&of.explain=tree_shap&of.target=virginica"
ROW = "of.sepal_length=6&of.sepal_width=3&of.petal_length=4.9&of.petal_width=1.7"
SCENE = "/image-what-if?version=muffin_cnn%401&scene=muffin-2&framing=0.8"
PINNED = (
    "{0}.version=muffin_cnn%401&{0}.explain=grad_cam&{0}.target=muffin&{0}.about=Scene&{0}.scene=muffin-2"
)
PAGES = {
    "catalogue": "/",
    "tree": "/what-if?version=iris_tree%401&petal_length=5.2",
    "surface": "/what-if?version=iris_tree%401&petal_length=5.2&sepal_length=8.2&view=Surface",
    "curve": "/what-if?version=iris_forest%401&petal_length=5.2&view=Curve",
    "workbench": "/tree-workbench?base=iris_tree%401&with.max_depth=2",
    "image": SCENE + "&berry_spacing=1.2",
    "photo": "/image-what-if?about=Your+photo",
    "trust": SCENE + "&look=Trust+checks",
    "smallest change": SCENE + "&look=Concepts",
    "which concepts": SCENE + "&look=Concepts&concepts=Which+matter+overall",
    "regions": SCENE + "&look=Region+occlusion",
    "temperature": SCENE + "&look=Calibration",
    "training": SCENE + "&look=Training+checkpoints",
    "adversarial": SCENE + "&look=Adversarial+example",
    "compare": f"/compare?{PINNED.format('a')}&{PINNED.format('b')}&b.berry_spacing=2.4",
    "nothing to compare": "/compare",
    "importance": "/importance?about=iris_tree",
    "second opinion": "/second-opinion",
    "methods, measured": "/methods-against-truth?version=muffin_cnn%401",
    "shortcut": "/shortcut",
    "guides": "/how-it-works",
    "guide to a model": "/how-it-works?guide=convolutional_network",
    "guide to a method": "/how-it-works?guide=grad_cam",
    "lineage": f"/lineage?{ANSWER}&{ROW}",
    "lineage of pictures": "/lineage?of=muffin_cnn%401",
    "records": "/records?model=iris_tree",
    "records of pictures": "/records?model=muffin_cnn",
}
# What takes long to compute is opened in one look only.
SLOW = {
    "parts": SCENE + "&look=Part+effects",
    "all methods": SCENE + "&look=Method+agreement",
    "two concepts": SCENE + "&look=Concepts&concepts=Two+concepts+at+once",
    "many scenes": SCENE + "&look=Concepts&concepts=Over+many+scenes",
    "nearest examples": SCENE + "&look=Nearest+neighbours",
}
# What a page rightly says in a box; no other page says anything in one.
SAYS = {
    "photo": "The answer appears here as soon as there is a picture",
    "training": "was stored without copies of the network",
    "all methods": "methods disagree about this picture",
    "nothing to compare": "Nothing to compare yet",
    "shortcut": "No version with a planted shortcut is stored yet",
}


# Which look a page is opened in; every second page is opened in the dark and then lit.
FIRST = {name: ("light", "dark")[number % 2] for number, name in enumerate(PAGES)}


@pytest.mark.parametrize(("name", "look"), [*FIRST.items(), *((name, "light") for name in SLOW)])
def test_every_page_is_without_barriers_and_fits_the_screen(
    server: Server, page: Page, screenshot: Callable[[str], None], look: str, name: str
) -> None:
    page.goto(server.url + {**PAGES, **SLOW}[name])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    rest(page)
    check(page, name, look, screenshot)
    if name in PAGES:
        look = {"light": "dark", "dark": "light"}[look]
        put_on(page, look)
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND[look])
        rest(page)
        check(page, name, look, screenshot, seen=True)
    page.set_viewport_size(NARROW)
    # On a telephone the list of pages slides out of sight first.
    page.wait_for_function(
        "document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1"
    )
    rest(page)
    screenshot(f"{name}_{look}_narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], "too wide"


def check(page: Page, name: str, look: str, screenshot: Callable[[str], None], seen: bool = False) -> None:
    """Nothing failed, nothing is said that should not be, and nothing keeps anybody out."""
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND[look])
    expect(page.get_by_test_id("stException")).to_have_count(0)
    said = page.get_by_test_id("stAlert").all_inner_texts()
    assert all(name in SAYS and re.search(SAYS[name], one) for one in said), said
    screenshot(f"{name}_{look}_wide")
    assert not barriers.serious(page, only_colours=seen)
