"""The guides to the algorithms that models are made by: texts in ``models/guides/``."""

from __future__ import annotations

import functools
from pathlib import Path

from data import guides
from data.guides import Guide


@functools.cache
def all_guides() -> tuple[Guide, ...]:
    """Every algorithm's guide, in reading order; raises `data.guides.GuideError` for a broken file."""
    return guides.read_folder(Path(__file__).parent / "guides")
