"""An answer saved from a page is the document that the command line prints, to the last digit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, settle
from tests.conftest import ROOT

pytestmark = pytest.mark.browser


def saved(page: Page, url: str) -> tuple[str, dict[str, Any]]:
    """Name and content of the file that a page offers."""
    page.goto(url)
    settle(page)
    button = page.get_by_role("button", name="Save this answer (JSON)")
    expect(button).to_be_visible()
    with page.expect_download() as coming:
        button.click()
    return coming.value.suggested_filename, json.loads(Path(coming.value.path()).read_text("utf-8"))


def printed(server: Server, *arguments: str) -> dict[str, Any]:
    """What ``python -m explain --json`` says in the server's home."""
    command = [sys.executable, "-m", "explain", *arguments, "--json"]
    environment = {**os.environ, "CRUMBTRAIL_HOME": str(server.home)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_row_outside_the_training_is_saved_as_it_is_printed(server: Server, page: Page) -> None:
    row = {"sepal_length": 8.2, "sepal_width": 3.0, "petal_length": 5.2, "petal_width": 1.3}
    asked = "&".join(f"{name}={value}" for name, value in row.items())
    name, told = saved(page, f"{server.url}/what-if?version=iris_tree%401&{asked}")
    given = ",".join(f"{key}={value}" for key, value in row.items())
    expected = printed(server, "iris_tree@1", given, "--method", "tree_shap")
    assert told == expected
    assert name == f"iris_tree-1-tree_shap-{expected['receipt']['id'][:12]}.json"
    # It says what the page says: the answer, and that this row is like none of the training.
    for sentence in told["words"]:
        expect(page.get_by_text(sentence).first).to_be_visible()
    assert any("8.2" in sentence for sentence in told["words"])


def test_a_scene_is_saved_with_the_trust_in_its_map(server: Server, page: Page) -> None:
    url = (
        f"{server.url}/image-what-if?version=muffin_cnn%401&scene=muffin-1&method=Saliency&berry_spacing=1.3"
        "&noise=0.1&box_size=20"
    )
    _, told = saved(page, url)
    changes = ("--change", "noise=0.1", "--change", "box_size=20")
    scene = "muffin-1,berry_spacing=1.3"
    assert told == printed(server, "muffin_cnn@1", scene, "--method", "saliency", *changes)
    assert told["receipt"]["version"] == "muffin_cnn@1" and told["method"] == "saliency"
    assert told["trust"]["badge"] in ("strong", "weak", "fails")
    assert told["trust"]["compared_with"] == {"scenes": 200}
    expect(page.get_by_text(f"Trust in this map: {told['trust']['badge']}").first).to_be_visible()
