"""Asks looks one after another, and puts what they find into JSON or lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ask.answer import Answer
from ask.looks.base import Finding, Look, Table
from explain.measure import Line


def find(looks: Iterable[Look], asked: Answer) -> dict[str, Finding]:
    """What each look finds, by its name, with a line on standard error that says how far it is."""
    found = {}
    for one in looks:
        line = Line(one.name)
        try:
            found[one.name] = one.tell(asked, line)
        finally:
            line.end()
    return found


def as_json(told: Mapping[str, Finding]) -> dict[str, Any]:
    """The part ``looks`` of what ``python -m explain --json`` prints."""
    return {name: {"words": list(one.words), **one.values} for name, one in told.items()}


def as_text(look: Look, told: Finding) -> list[str]:
    """A look's heading, its sentences, and its table."""
    return ["", look.title, "-" * len(look.title), look.asks, *told.words, *_lines(told.table)]


def _lines(table: Table | None) -> list[str]:
    if table is None:
        return []
    cells = [list(table.columns), *map(list, table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    # Names stand to the left, numbers to the right of their columns.
    return [
        "",
        *(
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in cells
        ),
    ]
