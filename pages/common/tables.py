"""All rows of the table that a version was made from, by the parts of its split, for pages that judge models."""

from __future__ import annotations

from ask.question import Question
from explain.rows.table_rows import Rows
from governance.registry import Version
from pages.common.visit import ask

__all__ = ["Rows", "rows"]


def rows(version: Version) -> Rows | None:
    """The rows of a version's record; None where they are gone or are no longer the same."""
    return ask(Question(version.reference), version).evidence.table_rows()
