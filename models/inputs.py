"""Reads what a person gives a tabular model to answer: a row in words, or a CSV file."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.failures import UserMistake
from models.spec import ModelSpec


class InputError(UserMistake):
    """An input cannot be given to a model; the message says which part and what would do."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Rows to be answered: a name for each, and ``x`` of shape (n_rows, n_features), float64."""

    names: tuple[str, ...]
    x: np.ndarray


def read(spec: ModelSpec, given: Iterable[str]) -> Inputs:
    """Read inputs in the order given; each is ``key=value,...`` or the path of a CSV file.

    Raises
    ------
    InputError
        For a feature that is missing, unknown or no finite number, and a file that cannot be read.
    """
    names: list[str] = []
    rows: list[np.ndarray] = []
    for text in given:
        if "=" in text and not Path(text).exists():
            names.append(text)
            rows.append(row(spec, _pairs(text), text))
        else:
            for name, values in _csv(spec, Path(text)):
                names.append(name)
                rows.append(values)
    if not rows:
        raise InputError("There is no row to answer.")
    return Inputs(tuple(names), np.stack(rows))


def row(spec: ModelSpec, values: Mapping[str, object], where: str) -> np.ndarray:
    """One row in the order of the model's features, ndarray of shape (n_features,), float64.

    Raises
    ------
    InputError
        For a feature that is missing, unknown or no finite number; ``where`` begins the sentence.
    """
    wanted = [feature.name for feature in spec.features]
    unknown = [name for name in values if name not in wanted]
    missing = [name for name in wanted if name not in values]
    if unknown or missing:
        what = f"lacks {', '.join(missing)}" if missing else f"has the unknown feature {', '.join(unknown)}"
        raise InputError(f"{where} {what}. {spec.name} takes {', '.join(wanted)}.")
    return np.array([_number(name, values[name], where) for name in wanted])


def _number(name: str, value: object, where: str) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    # Trees compare in float32, where a larger number would become an infinity.
    if not abs(number) <= np.finfo(np.float32).max:
        raise InputError(f"{where}: {name} must be a number, not {value!r}.")
    return number


def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals:
            raise InputError(
                f"{text!r}: write each feature as name=value, separated by commas; {part!r} is not."
            )
        if name.strip() in found:
            raise InputError(f"{text!r} gives {name.strip()} twice.")
        found[name.strip()] = value.strip()
    return found


def _csv(spec: ModelSpec, path: Path) -> Iterable[tuple[str, np.ndarray]]:
    if not path.is_file():
        raise InputError(
            f"There is no file {path}. Give a CSV file, or a row as in "
            f"{','.join(f'{f.name}={f.default:g}' for f in spec.features)}."
        )
    wanted = {feature.name for feature in spec.features}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for line in reader:
                where = f"{path.name}, line {reader.line_num}"
                # A file may hold more columns, for instance the true class; they are not given to the model.
                known = {name: value for name, value in line.items() if name in wanted}
                yield where, row(spec, known, where)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not a CSV file in UTF-8 ({error}).") from error
