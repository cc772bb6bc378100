"""What a person may have meant by a name that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_ALIKE = 0.6
# A shorter piece of a name stands in too many others to point at one.
_PIECE = 3


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``" Did you mean muffin?"``, to be put behind a sentence; empty where nothing known is alike.

    Capitals do not count. Alike is what shares 60 % of its characters in their order (difflib's ratio), the most
    alike is named, and of equals the first; else the first name of which `name` is a piece: ``blur`` of
    ``pixel_blur``.
    """
    small, names = name.casefold(), list(known)
    shares = [difflib.SequenceMatcher(None, one.casefold(), small).ratio() for one in names]
    near = [one for one, share in zip(names, shares, strict=True) if share == max(shares) >= _ALIKE]
    if not near and len(small) >= _PIECE:
        near = [one for one in names if small in one.casefold()]
    return f" Did you mean {near[0]}?" if near else ""
