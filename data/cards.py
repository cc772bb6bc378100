"""Dataset cards: what is known, and not known, about where data came from.

A card is a YAML file in ``data/cards/``; the people who answer for the data write it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from data.failures import CrumbtrailError

CLASSIFICATIONS = ("public", "internal", "restricted")
CERTAINTIES = ("verified", "declared by the source", "unverified")


class CardError(CrumbtrailError):
    """A card cannot be used; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class DatasetCard:
    """What a dataset declares about itself.

    ``licence_certainty`` is one of `CERTAINTIES` and ``classification`` one of `CLASSIFICATIONS`.
    ``counts`` gives examples by class. ``split`` holds what fixes the split: ``test_fraction`` in
    (0, 1) and ``seed``.
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
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise CardError(f"The card {path.name} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise CardError(f"The card {path.name} must be a map of entries.")
    wanted = {field.name for field in fields(DatasetCard)}
    missing, unknown = wanted - raw.keys(), raw.keys() - wanted
    if missing or unknown:
        parts = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        parts += [f"has the unknown entry {', '.join(sorted(map(str, unknown)))}"] if unknown else []
        raise CardError(f"The card {path.name} {' and '.join(parts)}.")
    for entry, allowed in (("classification", CLASSIFICATIONS), ("licence_certainty", CERTAINTIES)):
        if raw[entry] not in allowed:
            raise CardError(
                f"The card {path.name} gives {entry} as {raw[entry]!r}; use one of {', '.join(allowed)}."
            )
    return DatasetCard(**{**raw, "known_biases": tuple(raw["known_biases"])})
