"""Reads what a person gives a model: a row in words or a CSV file, pictures and scenes for an image model."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from data import numerals
from data.names import did_you_mean
from models import image_inputs
from models.given import InputError, Inputs, brief, is_file, pairs
from models.spec import ModelSpec

_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "upright bars"}
# Trees compare in float32, where a larger number would become an infinity.
_LARGEST = float(np.finfo(np.float32).max)


def read(spec: ModelSpec, given: Iterable[str]) -> Inputs:
    """Read inputs in the order given.

    For a tabular model each is ``key=value,...`` or the path of a CSV file, for an image model the
    path of a picture or of a folder of pictures, or a scene (`models.scene_inputs`).

    Raises
    ------
    InputError
        For a feature that is missing, unknown or no finite number, and a file that cannot be read.
    data.photos.PhotoError
        For a picture given by itself that cannot be used.
    """
    given = list(given)
    if not all(text.strip() for text in given):
        raise InputError("An input is empty. Give a file, or values in words.")
    if spec.modality == "image":
        return image_inputs.read(spec, given)
    names: list[str] = []
    rows: list[np.ndarray] = []
    for text in given:
        if "=" in text and not is_file(text):
            names.append(text)
            rows.append(row(spec, pairs(text), brief(text)))
        else:
            for name, values in _csv(spec, Path(text)):
                names.append(name)
                rows.append(values)
    if not rows:
        raise InputError("There is no input to answer.")
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
        # What is written in another way is both missing and unknown.
        hints = (did_you_mean(name, missing or wanted) for name in unknown)
        hint = next((one for one in hints if one), "")
        raise InputError(f"{where} {what}.{hint} {spec.name} takes {', '.join(wanted)}.")
    return np.array([_number(name, values[name], where) for name in wanted])


def _number(name: str, value: object, where: str) -> float:
    try:
        number = numerals.number(str(value))
    except ValueError:
        number = math.nan
    if not abs(number) <= _LARGEST:
        raise InputError(f"{where}: {name} must be a finite number (float32), {_repeated(value)}.")
    return number


def _repeated(value: object) -> str:
    """A value as a sentence repeats it; a line of a CSV file that is too short has None."""
    return "and is missing" if value is None else f"not {brief(repr(value))}"


def _header_hint(header: list[str], missing: list[str], wanted: list[str]) -> str:
    """What may be wrong with a first line that lacks columns; empty where nothing can be guessed."""
    if len(header) == 1:
        other = next((sign for sign in _OTHER_SEPARATORS if sign in header[0]), None)
        if other is not None:
            return f" Its columns are separated by {_OTHER_SEPARATORS[other]}; separate them by commas."
    others = [name for name in header if name not in wanted]
    hints = ((name, did_you_mean(name, others)) for name in missing)
    near = [
        f"{name} for {hint.removeprefix(' Did you mean ').removesuffix('?')!r}"
        for name, hint in hints
        if hint
    ]
    return f" Write {', '.join(near)}." if near else ""


def _check_cells(line: Mapping[str | None, object], header: list[str], where: str) -> None:
    """Refuse a line whose cells are not those of the header: nobody knows which value belongs to which column."""
    surplus = line.get(None)
    there = len(header) + (len(surplus) if isinstance(surplus, list) else 0)
    there -= sum(value is None for value in line.values())
    if there == len(header):
        return
    why = (
        "A decimal comma, a separator within a value that is not quoted or a column of row names without a name "
        "does that"
        if there > len(header)
        else "It was cut off, or a separator is missing"
    )
    raise InputError(
        f"{where} has {there} values, and the first line names {len(header)} columns "
        f"({brief(', '.join(header))}). {why}. Mend the line; nothing was answered."
    )


def _csv(spec: ModelSpec, path: Path) -> Iterable[tuple[str, np.ndarray]]:
    if not is_file(str(path)):
        raise InputError(
            f"{brief(str(path))} is no file. Give a CSV file, or a row as in "
            f"{','.join(f'{f.name}={f.default:g}' for f in spec.features)}."
        )
    wanted = [feature.name for feature in spec.features]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = list(reader.fieldnames or ())
            twice = [name for name in wanted if header.count(name) > 1]
            if twice:
                raise InputError(f"{path.name} has the column {twice[0]} twice.")
            missing = [name for name in wanted if name not in header]
            if header and missing:
                raise InputError(
                    f"{path.name} lacks {', '.join(missing)}: its first line must name the columns, and is "
                    f"{brief(','.join(header))!r}.{_header_hint(header, missing, wanted)} {spec.name} takes "
                    f"{', '.join(wanted)}."
                )
            empty = True
            for line in reader:
                empty = False
                where = f"{path.name}, line {reader.line_num}"
                _check_cells(line, header, where)
                # A file may hold more columns, for instance the true class; they are not given to the model.
                known = {name: value for name, value in line.items() if name in wanted}
                yield where, row(spec, known, where)
            if empty:
                raise InputError(f"{path.name} has no rows.")
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not a CSV file in UTF-8 ({error}).") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}).") from error
