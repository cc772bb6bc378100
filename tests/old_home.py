"""A home that Crumbtrail 0.1 left behind, and what 0.1 said of it.

``tests/homes`` holds, as 0.1 wrote or printed it:

- ``home-0.1.tar.xz``: ``iris_tree@1`` (candidate, made again once) and ``@2`` (champion), ``iris_forest@1`` with 5
  trees, ``muffin_cnn@1`` as it was shipped then.
- ``home-0.1-said.json``: what commands printed, by the words behind ``python -m``; long lists that a record's digest
  covers were left out, and so was whether the code is unchanged, for it is not.
- ``home-0.1-grad-cam.npy``: the map of the one explanation of a picture.
- ``home-0.1-addresses.json``: addresses of pages, and what the pages showed.
"""

from __future__ import annotations

import json
import math
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

_FOLDER = Path(__file__).with_name("homes")


def unpack(home: Path) -> None:
    """Put the home in place, as 0.1 left it."""
    with tarfile.open(_FOLDER / "home-0.1.tar.xz") as archive:
        archive.extractall(home.parent, filter="data")
    (home.parent / "home").rename(home)


def said() -> dict[str, Any]:
    """What 0.1 printed, by the words of the command."""
    return json.loads((_FOLDER / "home-0.1-said.json").read_text("utf-8"))


def addresses() -> list[dict[str, Any]]:
    """Addresses of 0.1, each with ``page``, ``query`` and what the page ``shows``."""
    return json.loads((_FOLDER / "home-0.1-addresses.json").read_text("utf-8"))


def grad_cam() -> np.ndarray:
    """The map that 0.1 made, ndarray of shape (96, 96)."""
    return np.load(_FOLDER / "home-0.1-grad-cam.npy", allow_pickle=False)


def unsaid(old: Any, new: Any, near: float = 0.0, at: str = "") -> list[str]:
    """What an old document said and a new one does not, each with its place; more may be said than before.

    Parameters
    ----------
    near : float
        How far numbers may lie from the old ones, absolute; by default not at all.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        lost = [f"{at}.{name} is gone" for name in old if name not in new]
        kept = [unsaid(value, new[name], near, f"{at}.{name}") for name, value in old.items() if name in new]
        return [*lost, *(one for found in kept for one in found)]
    if at.endswith(".words") and isinstance(new, list):
        # Sentences: each must be there still, in their order, and others may stand between them.
        rest = iter(new)
        return [f"{at}: {sentence!r} is gone" for sentence in old if sentence not in rest]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        both = enumerate(zip(old, new, strict=True))
        return [one for number, pair in both for one in unsaid(*pair, near, f"{at}[{number}]")]
    if near and isinstance(old, float) and isinstance(new, float):
        return [] if math.isclose(old, new, rel_tol=0, abs_tol=near) else [f"{at}: {old} became {new}"]
    return [] if type(old) is type(new) and old == new else [f"{at}: {old!r} became {new!r}"]
