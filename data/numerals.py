"""Numbers in words, as people write them: the one place where a text becomes a number.

Python's own reading takes more than a person means: ``6_0`` as 60, digits of every script, ``infinity``, spaces
inside of cells. Such a text is no number here, whether it stands in a cell, a setting, a link or an option.
"""

from __future__ import annotations

import math
import re
from typing import Any

import click

from data.names import repeated

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")


def number(text: str) -> float:
    """The number that a text writes with a decimal point, as in ``-0.5`` or ``1e3``; spaces around it are ignored.

    Raises
    ------
    ValueError
        If it writes none, or one too large for a float of 64 bits.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(f"'{repeated(text)}' is no number{_hint(text)}")
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"{repeated(text)} is no finite number (the largest is about 1.8e308)")
    return value


def whole(text: str) -> int:
    """The whole number that a text writes; raises ValueError as `number` does, also for ``3.0``."""
    if not _WHOLE.fullmatch(text.strip()):
        raise ValueError(f"'{repeated(text)}' is no whole number{_hint(text)}")
    return int(text)


def exact_whole(text: str) -> int:
    """The whole number that a text writes, where JSON and every database hold it exactly; raises as `whole`."""
    value = whole(text)
    if abs(value) >= 2**53:
        raise ValueError(f"{repeated(text)} is too large (below 2^53 = 9007199254740992)")
    return value


def _hint(text: str) -> str:
    """What the writer may have meant, in brackets; empty where nothing is near."""
    plain = text.strip().replace("\u2212", "-").replace("_", "").replace("\u00a0", "").replace(",", ".")
    return f" (write {repeated(plain)})" if plain != text.strip() and _NUMBER.fullmatch(plain) else ""


class WholeNumber(click.IntRange):
    """An option's whole number in a range, read by `whole`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; fails with a sentence for anything else, and out of the range."""
        if isinstance(value, str):
            try:
                value = whole(value)
            except ValueError as error:
                self.fail(f"{error}.", param, ctx)
        return super().convert(value, param, ctx)
