"""Dataset cards: what is known, and not known, about where data came from.

A card is a YAML file in ``data/cards/``; the people who answer for the data write it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from data import yaml_files
from data.failures import CrumbtrailError

CLASSIFICATIONS = ("public", "internal", "restricted")
CERTAINTIES = ("verified", "declared by the source", "unverified")


class CardError(CrumbtrailError):
    """A card cannot be used; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What a dataset declares about itself.

    ``licence_certainty`` is one of `CERTAINTIES` and ``classification`` one of `CLASSIFICATIONS`.
    ``counts`` gives examples by class. ``split`` holds what fixes the split: ``kind``,
    ``test_fraction`` in (0, 1), and ``seed`` where the kind is ``stratified``.
    """

    name: str
    title: str
    description: str
    source: str
    licence: str
    licence_certainty: str
    classification: str
    collection: str
    counts: dict[str, int]
    known_biases: tuple[str, ...]
    owner_role: str
    split: dict[str, Any]


def read(path: Path) -> DatasetCard:
    """Read one card.

    Raises
    ------
    CardError
        If the file is no YAML map, an entry is missing or unknown, or a value is not allowed.
    """
    try:
        raw = yaml_files.read(path)
    except yaml_files.YamlError as error:
        raise CardError(f"The card {path.name} cannot be read: {error}.") from error
    if not isinstance(raw, dict):
        raise CardError(f"The card {path.name} must be a map of entries.")
    wanted = {field.name for field in fields(DatasetCard)}
    missing, unknown = wanted - raw.keys(), raw.keys() - wanted
    if missing or unknown:
        parts = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        parts += [f"has the unknown entry {', '.join(sorted(map(str, unknown)))}"] if unknown else []
        raise CardError(f"The card {path.name} {' and '.join(parts)}.")
    for entry, wish in _WISHES.items():
        if not wish.holds(raw[entry]):
            raise CardError(f"The card {path.name} gives {entry} as {raw[entry]!r}; use {wish.words}.")
    return DatasetCard(**{**raw, "known_biases": tuple(raw["known_biases"])})


def _fixes_a_split(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("test_fraction"), float):
        return False
    seeded = value.get("kind") != "stratified" or isinstance(value.get("seed"), int)
    return seeded and 0 < value["test_fraction"] < 1


def _counts_classes(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(count, int) for count in value.values())


class _Wish(NamedTuple):
    holds: Callable[[Any], bool]
    words: str


_WISHES = {
    "classification": _Wish(CLASSIFICATIONS.__contains__, f"one of {', '.join(CLASSIFICATIONS)}"),
    "licence_certainty": _Wish(CERTAINTIES.__contains__, f"one of {', '.join(CERTAINTIES)}"),
    "known_biases": _Wish(lambda value: isinstance(value, list), "a list of sentences"),
    "counts": _Wish(_counts_classes, "a map from class to number"),
    "split": _Wish(_fixes_a_split, "a map with kind, test_fraction between 0 and 1, and seed"),
}
