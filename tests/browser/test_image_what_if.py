"""The image what-if in a real Chromium: scenes, photos, methods, hostile files, a training with progress."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, rest, settle
from tests.browser.test_first_light import PATIENCE, card, versions

pytestmark = pytest.mark.browser


def photo() -> bytes:
    content = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(content, "PNG")
    return content.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    # While the page is drawn again, the widget of the drawing before may still stand beside the new one.
    settle(page)
    chooser = page.locator("input[type=file]")
    expect(chooser).to_have_count(1)
    chooser.set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_a_concept_moved_by_keyboard_changes_picture_answer_and_url(server: Server, page: Page) -> None:
    page.goto(server.url + "/image-what-if?scene=muffin-1")
    settle(page)
    pictures = page.get_by_test_id("stImage").locator("img")
    before = pictures.count()
    slider = page.get_by_role("slider", name="Berry spacing, cm")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="Now: ")).to_be_visible()
    expect(page).to_have_url(re.compile(r"berry_spacing=\d"))
    settle(page)
    expect(pictures).to_have_count(before + 1)
    page.get_by_role("button", name="chihuahua-2", exact=True).click()
    expect(page).to_have_url(re.compile(r"scene=chihuahua-2"))
    expect(page.get_by_role("slider", name="Ear size, ×")).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_another_method_draws_another_map(server: Server, page: Page) -> None:
    page.goto(server.url + "/image-what-if")
    settle(page)
    expect(page.get_by_text("1 forward and 1 backward passes")).to_be_visible()
    page.get_by_role("combobox", name="by the method").click()
    page.get_by_role("option", name="Occlusion").click()
    expect(page.get_by_text(re.compile(r"\d+ forward and 0 backward passes"))).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("method=Occlusion"))


def test_a_photo_is_answered_and_a_hostile_file_is_refused_by_name(server: Server, page: Page) -> None:
    page.goto(server.url + "/image-what-if?about=Your+photo")
    settle(page)
    upload(page, "script.png", b"<script>alert(1)</script>")
    expect(page.get_by_text("script.png is not a JPEG, PNG or WebP picture.")).to_be_visible()
    # A name is shown as text: as Markdown it would fetch a picture from another machine, which `page` notices.
    hostile = "![x](http:&#47;&#47;example.org&#47;a.png) **b**.png"
    upload(page, hostile, b"no picture")
    expect(page.get_by_text(f"{hostile} is not a JPEG, PNG or WebP picture.")).to_be_visible()
    upload(page, "cut.png", photo()[:300])
    expect(page.get_by_text(re.compile("^cut.png is broken"))).to_be_visible()
    upload(page, "noise.png", photo())
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="The model would say: ")).to_be_visible()
    settle(page)
    assert "noise.png" not in page.url


def test_a_small_network_is_trained_with_progress(busy_server: Server, page: Page) -> None:
    before = versions(busy_server, "muffin_cnn")
    page.goto(busy_server.url)
    settle(page)
    card(page, "Muffin CNN").get_by_role("button", name="Train").click()
    dialog = page.get_by_role("dialog")
    for name, value in (("Epochs", 1), ("Width", 4), ("Scenes", 16)):
        box = dialog.get_by_role("spinbutton", name=name)
        box.fill(str(value))
        box.press("Tab")
    dialog.get_by_role("button", name="Train").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("progressbar")).to_have_count(1)
    made = f"muffin_cnn@{len(before) + 1}"
    expect(page.get_by_text(f"{made} is trained")).to_be_visible(timeout=PATIENCE)
    assert versions(busy_server, "muffin_cnn") == [made, *before]


# Where the map, its badge and the first slider begin, in pixels, at every frame.
WATCH = """() => {
    window.seen = new Set();
    const top = (one) => (one ? Math.round(one.getBoundingClientRect().top) : "gone");
    const look = () => {
        const maps = [...document.querySelectorAll("[data-testid=stImage] img")];
        const map = maps.find((one) => /^(Grad-CAM|Occlusion|A coarse map)/.test(one.alt));
        const others = ["stPopover", "stSlider"].map((id) => document.querySelector(`[data-testid=${id}]`));
        window.seen.add([map, ...others].map(top).join(" "));
        requestAnimationFrame(look);
    };
    look();
}"""


def test_the_trust_score_is_seen_without_scrolling_and_leads_to_the_checks(
    server: Server, page: Page
) -> None:
    page.goto(server.url + "/image-what-if?version=muffin_cnn%401&scene=muffin-2")
    badge = page.get_by_text(re.compile("Trust in this map: (strong|weak|fails)"))
    expect(badge).to_be_visible(timeout=PATIENCE)
    rest(page)
    sentence = page.get_by_text(re.compile("^It hangs on what|^It hardly changes|^Its pixels matter"))
    details = page.get_by_role("button", name="Details")
    for seen in (badge, sentence, details):
        expect(seen).to_be_in_viewport(ratio=1)
    details.click()
    page.get_by_role("button", name="Show every check, below").click()
    expect(page).to_have_url(re.compile(r"look=Trust\+checks"))
    expect(page.get_by_text("How far can this map be trusted?")).to_be_visible(timeout=PATIENCE)


def test_nothing_moves_while_map_and_badge_are_on_their_way(server: Server, page: Page) -> None:
    page.goto(server.url + "/image-what-if?version=muffin_cnn%401&scene=muffin-2&framing=0.5")
    rest(page)
    page.evaluate(WATCH)
    slider = page.get_by_role("slider", name="Berry spacing, cm")
    slider.focus()
    slider.press("ArrowRight")
    rest(page)
    page.get_by_role("combobox", name="by the method").click()
    page.get_by_role("option", name="Occlusion").click()
    expect(page.get_by_text(re.compile(r"\d+ forward and 0 backward passes"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("Trust in this map: (strong|weak|fails)"))).to_be_visible(
        timeout=PATIENCE
    )
    rest(page)
    seen = page.evaluate("[...window.seen]")
    assert len(seen) == 1 and "gone" not in seen[0], seen


def test_the_story_of_the_berries_trust_parts_and_comparison(server: Server, page: Page) -> None:
    story = "version=muffin_cnn%401&scene=muffin-2&along=Berry+spacing&berry_spacing=2.4&framing=0.8"
    page.goto(server.url + f"/image-what-if?{story}")
    settle(page)
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="Now: chihuahua")).to_be_visible()
    expect(page.get_by_text(re.compile("Trust in this map: (strong|weak|fails)"))).to_be_visible(
        timeout=PATIENCE
    )

    page.get_by_text("Part effects", exact=True).first.click()
    expect(page.get_by_text("Berries taken away").first).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile(r"look=Part\+effects"))

    page.get_by_role("button", name="Pin as A").click()
    settle(page)
    spacing = page.get_by_role("slider", name="Berry spacing, cm")
    spacing.focus()
    spacing.press("Home")
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="Now: muffin")).to_be_visible(
        timeout=PATIENCE
    )
    settle(page)
    page.get_by_role("link", name=re.compile("^Compare with A")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Comparison of two answers")
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="A: chihuahua")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_test_id("stMetricLabel").filter(has_text="B: muffin")).to_be_visible()
    difference = page.get_by_text(re.compile("^Berry spacing: 2.4 cm in A, 1.0 cm in B"))
    expect(difference).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
