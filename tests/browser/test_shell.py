"""The shell around the pages, in a real Chromium."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import BACKGROUND, Server, settle

pytestmark = pytest.mark.browser
TITLE = "Which model may answer for you?"


@pytest.mark.parametrize("look", ["light", "dark"])
def test_home_page_is_up_in_both_looks(
    server: Server, page: Page, look: str, screenshot: Callable[[str], None]
) -> None:
    page.goto(server.url)
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    settle(page)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND[look])
    expect(page.get_by_test_id("stSidebarHeader").get_by_role("img")).to_be_visible()
    expect(page).to_have_title("Crumbtrail")
    screenshot(f"shell_{look}")


def test_the_page_icon_is_our_own(server: Server, page: Page) -> None:
    page.goto(server.url)
    settle(page)
    icon = page.locator("link[rel~=icon]")
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))


def test_the_script_learns_of_another_look_and_not_before(server: Server, page: Page) -> None:
    """Charts carry their colours, and Streamlit alone keeps a switch to itself until the next run."""
    sent: list[bytes] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(bytes(frame))))
    page.goto(server.url)
    settle(page)
    page.wait_for_timeout(500)
    assert sent
    assert not any(b"_theme" in message for message in sent), "a first visit runs the page twice"
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", BACKGROUND["dark"])
    deadline = time.monotonic() + 10
    while not any(b"_theme" in message for message in sent) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert any(b"_theme" in message for message in sent)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/lineage", "Lineage · Crumbtrail"),
        ("/records", "Records · Crumbtrail"),
    ],
)
def test_a_deep_link_opens_its_page_in_a_fresh_process(
    fresh_server: Server, page: Page, path: str, title: str
) -> None:
    page.goto(fresh_server.url + path)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\w"))
    expect(page).to_have_title(title)
    settle(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_test_id("stSidebarHeader").get_by_role("img")).to_be_visible()
    assert page.url.startswith(fresh_server.url + path)


def test_health_is_served_beside_the_pages(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/api/health") as answer:  # noqa: S310
        body = json.load(answer)
    assert body["status"] == "ok"
    assert body["database"] == {"reachable": True, "problem": None}
