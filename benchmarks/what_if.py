"""How long a what-if takes to answer a moved slider, once everything is loaded."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache

from streamlit.testing.v1 import AppTest

from benchmarks import page_harness
from benchmarks.measure import ROOT, Row, compare

EMPTY = (
    "import streamlit as st\nst.title('Empty')\nst.slider('Value', 0.0, 9.0, 1.0, 0.1, key='in.petal_length')"
)


def what_if_tree() -> Row:
    """A rerun of the what-if with the drawn tree against a rerun of a page with nothing but a slider.

    Both go through the same test harness, so the script body of the what-if, of which the budget is 50 ms,
    is about the difference of the two.
    """
    return _against_an_empty_page("Tree")


def what_if_surface() -> Row:
    """The same with the decision surface."""
    return _against_an_empty_page("Surface")


def what_if_curve() -> Row:
    """The same with the response curve."""
    return _against_an_empty_page("Curve")


def _against_an_empty_page(view: str) -> Row:
    _home()
    page_harness.as_a_server()
    page = AppTest.from_file(str(ROOT / "pages" / "_router.py"), default_timeout=120)
    page.run().switch_page("what_if.py")
    page.query_params.update(version="iris_tree", view=view)
    empty = AppTest.from_string(EMPTY)
    what = f"moved slider, what-if ({view.lower()})"
    return compare(what, _moves(page.run()), "a page with one slider", _moves(empty.run()), rounds=15)


def _moves(page: AppTest) -> Callable[[], object]:
    """Move the slider to and fro, so that every run has something new to draw."""
    values = itertools.cycle([4.6, 4.9, 5.2])
    return lambda: page.slider(key="in.petal_length").set_value(next(values)).run()


@cache
def _home() -> tempfile.TemporaryDirectory[str]:
    """A home with one trained tree, for this process and its children; it goes when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="crumbtrail-bench-")
    os.environ["CRUMBTRAIL_HOME"] = folder.name
    os.environ.pop("CRUMBTRAIL_DB", None)
    command = [sys.executable, "-m", "models", "train", "iris_tree", "--set", "max_depth=4"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder
