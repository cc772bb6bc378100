"""All guides: to methods and checks, which are texts in ``explain/guides/``, and to the algorithms."""

from __future__ import annotations

import functools
from pathlib import Path

from data import guides
from data.failures import UserMistake
from data.guides import Guide
from data.names import did_you_mean
from models import guides as model_guides


class UnknownGuide(UserMistake):
    """There is no guide with this name."""


@functools.cache
def all_guides() -> tuple[Guide, ...]:
    """Every guide: the algorithms' first, then by kind; raises `data.guides.GuideError` for a broken file."""
    return (*model_guides.all_guides(), *guides.read_folder(Path(__file__).parent / "guides"))


def guide(name: str) -> Guide:
    """Look a guide up by its name; raises `UnknownGuide` that names the nearest one."""
    for candidate in all_guides():
        if candidate.name == name:
            return candidate
    names = [candidate.name for candidate in all_guides()]
    hint = did_you_mean(name, names)
    raise UnknownGuide(f"There is no guide to {name!r}.{hint} There are: {', '.join(names)}.")
