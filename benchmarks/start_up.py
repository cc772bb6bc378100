"""How long a start takes."""

from __future__ import annotations

from benchmarks.measure import Row, compare, python


def import_of_the_app() -> Row:
    """The whole app against the framework alone, each in a fresh process."""
    return compare("import app", python("import app"), "import streamlit", python("import streamlit"))
