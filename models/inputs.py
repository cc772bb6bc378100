"""Reads what a person gives a model: a row in words or a CSV file, pictures and scenes for an image model."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from data.names import did_you_mean
from models import image_inputs
from models.given import InputError, Inputs, brief, is_file, pairs
from models.spec import ModelSpec

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
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not abs(number) <= _LARGEST:
        raise InputError(f"{where}: {name} must be a finite number (float32), {_repeated(value)}.")
    return number


def _repeated(value: object) -> str:
    """A value as a sentence repeats it; a line of a CSV file that is too short has None."""
    return "and is missing" if value is None else f"not {brief(repr(value))}"


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
                    f"{brief(','.join(header))!r}. {spec.name} takes {', '.join(wanted)}."
                )
            empty = True
            for line in reader:
                empty = False
                where = f"{path.name}, line {reader.line_num}"
                # A file may hold more columns, for instance the true class; they are not given to the model.
                known = {name: value for name, value in line.items() if name in wanted}
                yield where, row(spec, known, where)
            if empty:
                raise InputError(f"{path.name} has no rows.")
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path.name} is not a CSV file in UTF-8 ({error}).") from error
    except OSError as error:
        raise InputError(f"{path.name} cannot be read ({error.strerror}).") from error
