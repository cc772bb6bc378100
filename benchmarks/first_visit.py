"""How long the first visitor waits, in a real browser and a fresh process, beside a bare page with the same libraries.

Each page is opened once in a server that nobody has asked yet, as soon as it is healthy: until its answer can be read,
and until nothing moves any more. The peer is a Streamlit page of three lines that imports what the page needs before it
writes its line. Both are served from a home of their own, in turns. Without Chromium there is nothing to measure.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import ROOT, Row

ROUNDS = 3
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
# What a visitor waits for, by page: its path, the text of its answer, and what the peer imports.
PAGES = {
    "catalogue": ("/", "Which model may answer for you?", ("numpy",)),
    "tabular what-if": ("/what-if?version=iris_tree", "The model says", ("numpy", "sklearn.tree", "shap")),
    "image what-if": (
        "/image-what-if?version=muffin_cnn",
        "The model says: ",
        ("numpy", "scipy.ndimage", "torch"),
    ),
}


def server_healthy() -> Row:
    """From the start of a process until it answers, against a bare page's server."""
    ours, peers = [], []
    for _ in range(ROUNDS):
        with _ours() as (_, seconds):
            ours.append(seconds)
        with _bare(("numpy",), "line") as (_, seconds):
            peers.append(seconds)
    return Row("server healthy", statistics.median(ours), "a bare page", statistics.median(peers))


def catalogue_answer() -> Row:
    """The catalogue's first visit until its title can be read."""
    return _visited("catalogue", at_rest=False)


def tabular_answer() -> Row:
    """The tabular what-if's first visit until its answer can be read."""
    return _visited("tabular what-if", at_rest=False)


def tabular_at_rest() -> Row:
    """The same until nothing moves any more."""
    return _visited("tabular what-if", at_rest=True)


def image_answer() -> Row:
    """The image what-if's first visit until its answer can be read; map, curve and checks come after."""
    return _visited("image what-if", at_rest=False)


def image_at_rest() -> Row:
    """The same until nothing moves any more, the checks of the map among it."""
    return _visited("image what-if", at_rest=True)


def _visited(name: str, at_rest: bool) -> Row:
    path, text, modules = PAGES[name]
    ours, peers = [], []
    for _ in range(ROUNDS):
        with _ours() as (url, _):
            ours.append(_visit(url + path, text, at_rest))
        with _bare(modules, text) as (url, _):
            peers.append(_visit(url, text, at_rest))
    what = f"first visit, {name}, {'at rest' if at_rest else 'answer'}"
    return Row(what, statistics.median(ours), "bare page, same imports", statistics.median(peers))


def _visit(url: str, text: str, at_rest: bool) -> float:
    """Seconds until a text can be read, or until the script of the page has ended."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as play:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = play.chromium.launch(executable_path=found, args=flags)
        page = browser.new_page()
        start = time.perf_counter()
        page.goto(url)
        page.get_by_text(text).first.wait_for(timeout=120_000)
        if at_rest:
            page.wait_for_selector(IDLE, timeout=120_000)
        taken = time.perf_counter() - start
        browser.close()
    return taken


@contextmanager
def _ours() -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory(prefix="crumbtrail-bench-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(_trained_home(), home)
        with _serving(ROOT / "app.py", "/api/health", {"CRUMBTRAIL_HOME": str(home)}) as running:
            yield running


@contextmanager
def _bare(modules: tuple[str, ...], text: str) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory(prefix="crumbtrail-bench-") as folder:
        script = Path(folder) / "bare.py"
        lines = ["import streamlit as st", *(f"import {name}" for name in modules), f"st.write({text!r})"]
        script.write_text("\n".join(lines), "utf-8")
        with _serving(script, "/_stcore/health", {}) as running:
            yield running


@contextmanager
def _serving(script: Path, health: str, environment: dict[str, str]) -> Iterator[tuple[str, float]]:
    """Serve a script; its address, and the seconds until it was healthy."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, **quiet)
    url = f"http://localhost:{port}"
    try:
        _wait(url + health)
        yield url, time.perf_counter() - start
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, seconds: float = 60) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {seconds:g} s.")


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
