"""Reads model cards: YAML files in ``models/cards/``, written by those who answer for the model."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from data import yaml_files
from data.cards import CardError
from models.spec import ModelCard


def read(path: Path) -> ModelCard:
    """Read one card.

    Raises
    ------
    CardError
        If the file cannot be read as YAML, or an entry is missing or unknown.
    """
    try:
        raw = yaml_files.read(path)
    except yaml_files.YamlError as error:
        raise CardError(f"The card {path.name} cannot be read: {error}.") from error
    wanted = {field.name for field in fields(ModelCard)}
    if not isinstance(raw, dict) or raw.keys() != wanted:
        raise CardError(f"The card {path.name} must have exactly the entries {', '.join(sorted(wanted))}.")
    entries: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()
    }
    return ModelCard(**entries)


def built_in(name: str) -> ModelCard:
    """The card of a built-in model."""
    return read(Path(__file__).parent / "cards" / f"{name}.yaml")
