"""Text for Markdown."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$:!&])")


def plain(text: object) -> str:
    """Text that means nothing to Markdown."""
    return _MARKS.sub(r"\\\1", str(text))
