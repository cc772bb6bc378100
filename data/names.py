"""What a person may have meant by a name that is not there, and one name that is written in two ways."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

_ALIKE = 0.6
# A shorter piece of a name stands in too many others to point at one.
_PIECE = 3
_MOST_REPEATED = 200
_UNIT = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_BETWEEN_WORDS = re.compile(r"[\s_\-.]+")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``" Did you mean muffin?"``, to be put behind a sentence; empty where nothing known is alike.

    A name that differs only in capitals, spaces, marks between words, a unit in brackets or its Unicode form comes
    first. Else capitals do not count, and alike is what shares 60 % of its characters in their order (difflib's
    ratio): the most alike is named, and of equals the first. Else the first name of which `name` is a piece: ``blur``
    of ``pixel_blur``.
    """
    small, names = name.casefold(), list(known)
    same = [one for one in names if _bare(one) == _bare(name) != ""]
    if same:
        return f" Did you mean {same[0]}?"
    shares = [difflib.SequenceMatcher(None, one.casefold(), small).ratio() for one in names]
    near = [one for one, share in zip(names, shares, strict=True) if share == max(shares) >= _ALIKE]
    if not near and len(small) >= _PIECE:
        near = [one for one in names if small in one.casefold()]
    return f" Did you mean {near[0]}?" if near else ""


def repeated(text: str) -> str:
    """A text that was given, as a sentence repeats it: cut where it is long, and what no line can show as ``\\x00``."""
    short = text if len(text) <= _MOST_REPEATED else f"{text[:_MOST_REPEATED]}…"
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode("ascii") for sign in short
    )


def two_spellings(names: Iterable[str]) -> tuple[str, str] | None:
    """Two of the names that look the same and are not: one text in two Unicode forms (NFC); None where there are none.

    An é can be one character, or an e and an accent, as macOS writes the names of files.
    """
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(unicodedata.normalize("NFC", name), name)
        if other != name:
            return other, name
    return None


def _bare(name: str) -> str:
    folded = unicodedata.normalize("NFC", name).casefold()
    return _BETWEEN_WORDS.sub("", _UNIT.sub("", folded))
