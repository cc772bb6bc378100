"""What was given to a model: the inputs that were read, why one cannot be, and how a text of it is taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.failures import UserMistake

if TYPE_CHECKING:
    from data.bakery import Scene

# So many characters of what was given are repeated in a sentence.
_MOST_REPEATED = 120


class InputError(UserMistake):
    """An input cannot be given to a model; the message says which part and what would do."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be answered.

    Attributes
    ----------
    names : tuple of str
        What each row or picture is called.
    x : ndarray of shape (n, n_features), float64, or (n, height, width, 3), float32 in [0, 1]
    left_out : tuple of str
        A sentence for each file of a folder that could not be used.
    scenes : tuple of (Scene or None)
        The scene that each picture was rendered from, None for a photo; empty for rows.
    """

    names: tuple[str, ...]
    x: np.ndarray
    left_out: tuple[str, ...] = ()
    scenes: tuple[Scene | None, ...] = ()


def pairs(text: str) -> dict[str, str]:
    """``a=1,b=2`` as a map; raises `InputError` for a part that is no pair, and for a name that comes twice."""
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            raise InputError(
                f"{brief(text)!r}: write each value as name=value, separated by commas; {part!r} is not."
            )
        if name.strip() in found:
            raise InputError(f"{brief(text)!r} gives {name.strip()} twice.")
        found[name.strip()] = value.strip()
    return found


def brief(text: str) -> str:
    """A text that was given, as a sentence repeats it: cut where it is long."""
    return text if len(text) <= _MOST_REPEATED else f"{text[:_MOST_REPEATED]}…"


def is_file(text: str) -> bool:
    """Whether a text is the path of a file."""
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        # A row or a scene in words may be longer than a file's name can be, or hold NUL or half a character.
        return False
