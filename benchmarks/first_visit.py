"""How long the first visitor waits, in a real browser and a fresh process, beside a bare page with the same libraries.

Each page is opened once in a server that nobody has asked yet, as soon as it is healthy: until its answer can be read,
and until nothing moves any more. The peer is a Streamlit page of three lines that imports the libraries that the page
uses before it writes its line, in a server that imports those of ours before it answers. Both are served in turns, each
in a process of its own. Without Chromium there is nothing to measure.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import ROOT, Row
from benchmarks.serving import Served, serving

ROUNDS = 3
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
SERVER = ("fastapi", "numpy", "sqlalchemy")
TABLE = ("pandas", "sklearn.tree", "shap")
PICTURE = ("pandas", "scipy.ndimage", "torch", "captum.attr")
# What a visitor waits for, by page: its path, the text of its answer, and what the peer imports.
PAGES = {
    "catalogue": ("/", "Which model may answer for you?", ()),
    "tabular what-if": ("/what-if?version=iris_tree", "The model says", TABLE),
    "image what-if": ("/image-what-if?version=muffin_cnn", "The model says: ", PICTURE),
    "tree workbench": ("/tree-workbench?base=iris_tree", "leaves", TABLE),
    "compare": ("/compare", "Nothing to compare yet", ()),
    "global importance": ("/importance?about=iris_tree", "Permutation", TABLE),
    "model comparison": ("/second-opinion", "agree", TABLE),
    "method benchmark": ("/methods-against-truth?version=muffin_cnn", "Grad-CAM", ()),
    "planted shortcut": ("/shortcut", "No version with a planted shortcut", ()),
    "guides": ("/how-it-works", "Decision tree", ()),
    "lineage": ("/lineage?of=iris_tree", "Lineage", ()),
    "records": ("/records?model=iris_tree", "Reproduce now", ()),
}


def server_healthy() -> Row:
    """From the start of a process until it answers, against a bare page's server."""
    ours, peers = [], []
    for _ in range(ROUNDS):
        with _ours() as served:
            ours.append(served.seconds)
        with _bare((), "line") as served:
            peers.append(served.seconds)
    return Row("server healthy", statistics.median(ours), "a bare page", statistics.median(peers))


def first_visits() -> Iterator[Row]:
    """Every page's first visit until its answer can be read, and until nothing moves any more."""
    for name, (path, text, modules) in PAGES.items():
        ours, peers = [], []
        for _ in range(ROUNDS):
            with _ours() as served:
                ours.append(_visit(served.url + path, text))
            with _bare(modules, text) as served:
                peers.append(_visit(served.url, text))
        for which, what in enumerate(("answer", "at rest")):
            yield Row(
                f"first visit, {name}, {what}",
                statistics.median(one[which] for one in ours),
                "bare page, same imports",
                statistics.median(one[which] for one in peers),
            )


def _visit(url: str, text: str) -> tuple[float, float]:
    """Seconds until a text can be read, and until the script of the page has ended."""
    from playwright.sync_api import sync_playwright

    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)))
    with sync_playwright() as play:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(url)
        # The list of pages has some of these words too.
        page.get_by_test_id("stMain").get_by_text(text).first.wait_for(timeout=120_000)
        answered = time.perf_counter() - start
        page.wait_for_selector(IDLE, timeout=120_000)
        taken = time.perf_counter() - start
        browser.close()
    return answered, taken


@contextmanager
def _ours() -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="crumbtrail-bench-") as name:
        folder = Path(name)
        shutil.copytree(_trained_home(), folder / "home")
        with serving(folder / "log", {"CRUMBTRAIL_HOME": str(folder / "home")}) as served:
            yield served


@contextmanager
def _bare(modules: tuple[str, ...], text: str) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="crumbtrail-bench-") as name:
        folder = Path(name)
        script, page = folder / "bare.py", folder / "page.py"
        served_by = [
            *(f"import {name}" for name in SERVER),
            "import streamlit as st",
            f"app = st.App({str(page)!r})",
        ]
        script.write_text("\n".join(served_by), "utf-8")
        lines = ["import streamlit as st", *(f"import {name}" for name in modules), f"st.write({text!r})"]
        page.write_text("\n".join(lines), "utf-8")
        with serving(folder / "log", {}, script, "/_stcore/health") as served:
            yield served


_made: list[tempfile.TemporaryDirectory[str]] = []


def _trained_home() -> Path:
    """A home with one version of each model, made once; it goes when the process ends."""
    if not _made:
        _made.append(tempfile.TemporaryDirectory(prefix="crumbtrail-bench-"))
        environment = {**os.environ, "CRUMBTRAIL_HOME": _made[0].name}
        for model, setting in (("iris_tree", "max_depth=4"), ("iris_forest", "n_estimators=5")):
            command = [sys.executable, "-m", "models", "train", model, "--set", setting]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return Path(_made[0].name)
