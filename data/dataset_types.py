"""What a dataset is to the rest: the contract that sources keep and the registry (`data.datasets`) hands out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.cards import DatasetCard
from data.failures import CrumbtrailError, UserMistake
from data.names import two_spellings


class DatasetError(CrumbtrailError):
    """A dataset cannot be loaded; the message names it and says what to do."""


class UnknownDataset(UserMistake):
    """No dataset has this name."""


@dataclass(frozen=True, slots=True)
class Split:
    """Row positions of the two parts, each sorted; together they are every row once."""

    train: np.ndarray
    test: np.ndarray


class Dataset(Protocol):
    """What every dataset says about itself, be it a `TableDataset` or a `data.images.ImageDataset`."""

    @property
    def name(self) -> str: ...
    @property
    def card(self) -> DatasetCard: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def features(self) -> tuple[str, ...]: ...
    @property
    def y(self) -> np.ndarray: ...
    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def split(self) -> Split: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def row_digests(self) -> tuple[str, ...]: ...
    @property
    def origin(self) -> dict[str, Any]: ...
    @property
    def transforms(self) -> tuple[dict[str, Any], ...]: ...
    def counts(self) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class TableDataset:
    """Rows of numbers with a class each.

    Attributes
    ----------
    features : tuple of str
        Column names of ``x``, in order.
    x : ndarray of shape (n_rows, n_features), float64
    y : ndarray of shape (n_rows,), int64
        Positions in ``classes``.
    ids : tuple of str
        A name for each row, by which a changed row is reported.
    fingerprint : str
        SHA-256 of the content, in hexadecimal.
    row_digests : tuple of str
        SHA-256 of each row, so that a changed row can be named.
    origin : dict
        Where it was read: ``tables`` (names) and ``query``.
    transforms : tuple of dict
        What was done to the rows, in order, each with ``name`` and its settings.

    Raises
    ------
    DatasetError
        If one class is there in two Unicode spellings.
    """

    name: str
    card: DatasetCard
    classes: tuple[str, ...]
    features: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    ids: tuple[str, ...]
    split: Split
    fingerprint: str
    row_digests: tuple[str, ...]
    origin: dict[str, Any]
    transforms: tuple[dict[str, Any], ...]

    def __post_init__(self) -> None:
        twice = two_spellings(self.classes)
        if twice is not None:
            raise DatasetError(
                f"The dataset {self.name} has the class {twice[0]} in two Unicode spellings ({twice[0]!a} and "
                f"{twice[1]!a}). Write both alike where it is stored."
            )

    def counts(self) -> dict[str, int]:
        """Rows of each class."""
        return {name: int(np.sum(self.y == index)) for index, name in enumerate(self.classes)}


@dataclass(frozen=True, slots=True)
class FiledTable:
    """A table of the workspace and the file that fills it: its name, columns as `data.tables.ingest_csv` takes them."""

    name: str
    types: dict[str, str]
    path: Path


@dataclass(frozen=True, slots=True)
class Source:
    """How a named dataset is described, put into the workspace, and loaded from there.

    ``put_in_place`` does nothing where the dataset is in the workspace already; ``load`` calls it. ``table`` is the one
    that it fills from a file, None where there is none: by it `data.refilling` fills it again.
    """

    name: str
    card: Callable[[], DatasetCard]
    load: Callable[[], Dataset]
    put_in_place: Callable[[], None]
    table: FiledTable | None = None


class TooFewRows(UserMistake):
    """So few rows that a part of them would lack a class; the sentence counts them."""


def stratified_split(
    y: np.ndarray, test_fraction: float, seed: int, names: Sequence[str] | None = None
) -> Split:
    """Split rows at random so that both parts hold the classes in equal shares (scikit-learn).

    Parameters
    ----------
    y : ndarray of shape (n_rows,), int
        A class for each row.
    test_fraction : float
        Share of the rows that ``test`` holds, above 0 and below 1; rounded up to whole rows.
    names : sequence of str, optional
        What the classes are called in an error, by their numbers.

    Raises
    ------
    TooFewRows
        If one of the parts would hold no row of some class.
    """
    from sklearn.model_selection import train_test_split

    held, counts = np.unique(y, return_counts=True)
    kept_back = math.ceil(test_fraction * len(y))
    # What scikit-learn asks for; and then a part can still lack a rare class, because shares are rounded.
    if min(counts.tolist(), default=0) < 2 or min(kept_back, len(y) - kept_back) < len(held):
        raise _too_few(held, counts, test_fraction, names)
    train, test = train_test_split(np.arange(len(y)), test_size=test_fraction, random_state=seed, stratify=y)
    if len(np.unique(y[test])) < len(held) or len(np.unique(y[train])) < len(held):
        raise _too_few(held, counts, test_fraction, names)
    return Split(np.sort(train), np.sort(test))


def _too_few(
    held: np.ndarray, counts: np.ndarray, test_fraction: float, names: Sequence[str] | None
) -> TooFewRows:
    told = ", ".join(
        f"{count} of {names[kind] if names else f'class {kind}'}"
        for kind, count in zip(held.tolist(), counts.tolist(), strict=True)
    )
    # With so many of each, both parts hold each class whatever the draw.
    enough = math.ceil(1 / min(test_fraction, 1 - test_fraction))
    return TooFewRows(
        f"There are too few to keep {test_fraction:.0%} of them back: {told or 'none'}. "
        f"{enough} of each are enough."
    )
