"""The first path, from a fresh home to a model that is made again, in a real Chromium."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from draw.palette import DARK, LIGHT
from tests.browser.conftest import Server, serving, settle

pytestmark = pytest.mark.browser
PATIENCE = 120_000
QUESTION = "What if the petal were longer?"
BETWEEN = "/what-if?version=iris_tree%401&petal_length=4.8&petal_width=1.5"


def told(server: Server, path: str) -> Any:
    """What the REST interface beside the pages answers."""
    with urllib.request.urlopen(f"{server.url}/api/{path}") as answer:  # noqa: S310
        return json.load(answer)


def versions(server: Server, model: str) -> list[str]:
    return [version["version"] for version in told(server, f"models/{model}")["versions"]]


def wait_for_running_job(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not told(server, "health")["jobs"]["running"]:
        assert time.monotonic() < deadline, "no job began"
        time.sleep(0.02)


def card(page: Page, title: str) -> Any:
    """A model's card on the catalogue: the innermost bordered box with its title."""
    heading = page.get_by_role("heading", name=title, exact=True)
    return page.get_by_test_id("stVerticalBlock").filter(has=heading).last


def train(page: Page, title: str, change: Callable[[Any], None] | None = None) -> None:
    """Ask for a training in the dialog."""
    card(page, title).get_by_role("button", name="Train").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if change:
        change(dialog)
    dialog.get_by_role("button", name="Train").click()
    expect(dialog).to_have_count(0)


def with_seed(seed: int) -> Callable[[Any], None]:
    def change(dialog: Any) -> None:
        box = dialog.get_by_role("spinbutton", name="Seed")
        box.fill(str(seed))
        box.press("Tab")

    return change


def test_a_fresh_home_is_usable_while_it_trains_and_fills_without_a_reload_also_after_a_kill(
    tmp_path: Path, page: Page
) -> None:
    with serving(tmp_path) as server:
        page.goto(server.url)
        expect(page.get_by_role("heading", name="Which model may answer for you?")).to_be_visible()
        expect(page.get_by_role("progressbar").first).to_be_visible()
        expect(page.get_by_text("Its first version is being trained").first).to_be_visible()
        # The page can be used meanwhile.
        search = page.get_by_label("Search")
        search.fill("forest")
        search.press("Enter")
        expect(page.get_by_role("heading", name="Iris tree", exact=True)).to_have_count(0)
        wait_for_running_job(server)
        # The page must not look for a server that is gone.
        page.goto("about:blank")
        server.process.kill()
        server.process.wait()
    with serving(tmp_path) as server:
        page.goto(server.url)
        loads: list[str] = []
        page.on("load", lambda _: loads.append(page.url))
        expect(page.get_by_text("Training iris_tree was broken off.").first).to_be_visible(timeout=PATIENCE)
        # Nothing of it was kept, and the home still gets its first versions by itself.
        for title in ("Iris tree", "Iris forest"):
            expect(card(page, title).get_by_test_id("stMetricValue")).to_have_text(
                re.compile(r"^0\.9\d\d$"), timeout=PATIENCE
            )
            expect(card(page, title)).to_contain_text("@1 champion")
        for model in ("iris_tree", "iris_forest"):
            expect(page.get_by_text(f"{model}@1 is trained")).to_be_visible()
            assert versions(server, model) == [f"{model}@1"]
        assert not loads, "the page was loaded again"
        champions = {one["name"]: one["champion"] for one in told(server, "models")["models"]}
        assert champions["iris_tree"]["version"] == "iris_tree@1"
        assert champions["iris_forest"]["version"] == "iris_forest@1"
        page.goto("about:blank")


def test_a_deep_link_into_a_fresh_process_opens_its_view(fresh_server: Server, page: Page) -> None:
    page.goto(fresh_server.url + BETWEEN + "&view=Surface&x=Petal+length&y=Petal+width&target=virginica")
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    settle(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("slider", name="Petal length, cm")).to_have_value("4.8")
    expect(page.get_by_label(re.compile("^Decision surface over Petal length"))).to_be_visible()
    expect(page.get_by_label(re.compile("^Waterfall: .* for virginica"))).to_be_visible()


def test_a_slider_moved_by_keyboard_changes_answer_and_url_and_a_reload_keeps_both(
    server: Server, page: Page
) -> None:
    page.goto(server.url + "/what-if?version=iris_tree%401&petal_length=4.9&petal_width=1.5")
    settle(page)
    answer = page.get_by_test_id("stMetricValue")
    expect(answer).to_have_text(re.compile("^versicolor"))
    slider = page.get_by_role("slider", name="Petal length, cm")
    slider.focus()
    slider.press("ArrowRight")
    expect(answer).to_have_text(re.compile("^virginica"))
    expect(page).to_have_url(re.compile(r"petal_length=5(&|$)"))
    settle(page)
    shown = answer.inner_text()
    said = page.get_by_label(re.compile("^Bars: the model answers virginica"))
    expect(said).to_be_visible()
    page.reload()
    settle(page)
    expect(answer).to_have_text(shown)
    expect(slider).to_have_value("5")
    page.get_by_role("button", name="Apply this change").click()
    expect(answer).to_have_text(re.compile("^versicolor"))
    page.get_by_role("button", name="Undo").click()
    expect(answer).to_have_text(shown)


def test_a_training_goes_on_while_its_page_is_left(busy_server: Server, page: Page) -> None:
    before = versions(busy_server, "iris_tree")
    page.goto(busy_server.url)
    settle(page)
    train(page, "Iris tree", with_seed(7))
    progress = page.get_by_role("progressbar")
    expect(progress).to_have_count(1)
    page.get_by_role("link", name="Records").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Records and reproduction")
    page.get_by_role("link", name="Catalogue").click()
    expect(page.get_by_text("iris_tree@2 is trained")).to_be_visible(timeout=PATIENCE)
    expect(progress).to_have_count(0)
    assert versions(busy_server, "iris_tree") == ["iris_tree@2", *before]
    page.get_by_role("link", name="Tabular what-if").click()
    settle(page)
    page.get_by_role("combobox", name="Model or version").click()
    page.get_by_role("option", name="iris_tree@2").click()
    expect(page.get_by_text("iris_tree@2 answers at once")).to_be_visible()


def test_a_training_can_be_cancelled(busy_server: Server, page: Page) -> None:
    before = versions(busy_server, "iris_forest")
    page.goto(busy_server.url)
    settle(page)
    train(page, "Iris forest", with_seed(8))
    wait_for_running_job(busy_server)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Training iris_forest was stopped.")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert told(busy_server, "health")["jobs"] == {"queued": 0, "running": 0}
    assert versions(busy_server, "iris_forest") == before


def test_a_record_is_made_again_to_the_bit(busy_server: Server, page: Page) -> None:
    record = told(busy_server, "models/iris_tree")["versions"][-1]["record"]
    page.goto(f"{busy_server.url}/records?record={record[:12]}")
    settle(page)
    page.get_by_role("button", name="Reproduce now").click()
    # The word stands in the table too, in a cell that only screen readers see.
    verdict = page.get_by_role("heading").filter(has_text="bit-identical")
    expect(verdict).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Catalogue").click()
    expect(card(page, "Iris tree").get_by_text("bit-identical")).to_be_visible()


def test_an_answer_is_followed_back_to_its_data(server: Server, page: Page) -> None:
    page.goto(server.url + BETWEEN)
    settle(page)
    receipt = re.search(r"Receipt (\w{12})", page.get_by_test_id("stMain").inner_text())
    assert receipt
    page.get_by_role("link", name="Follow this answer back to its data").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Lineage")
    settle(page)
    expect(page.get_by_text(receipt[1]).first).to_be_visible()
    expect(page).to_have_url(re.compile(r"of=iris_tree%401&.*of\.in\.petal_length=4\.8"))
    graph = page.get_by_test_id("stVegaLiteChart").first
    for step in ("Table", "Query", "Dataset", "Split", "Run", "Version", "Explanation"):
        expect(graph.get_by_text(step, exact=True).first).to_be_visible()


def colours(page: Page) -> str:
    return page.get_by_test_id("stVegaLiteChart").first.inner_html().lower()


def test_charts_take_the_colours_of_the_look_without_a_reload(server: Server, page: Page) -> None:
    page.goto(server.url + BETWEEN)
    settle(page)
    light, dark = LIGHT.of_class(1).lower(), DARK.of_class(1).lower()
    assert light in colours(page) and dark not in colours(page)
    loads: list[str] = []
    page.on("load", lambda _: loads.append(page.url))
    page.get_by_test_id("stMainMenu").get_by_role("button").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    page.wait_for_function(
        "colour => document.querySelector('[data-testid=stVegaLiteChart]').innerHTML.toLowerCase().includes(colour)",
        arg=dark,
        timeout=PATIENCE,
    )
    assert light not in colours(page) and not loads
    expect(page.get_by_role("slider", name="Petal length, cm")).to_have_value("4.8")
