"""What a dataset is to the rest, and the list of those that can be loaded by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from data.cards import DatasetCard
from data.failures import CrumbtrailError, UserMistake
from data.names import did_you_mean


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

    def counts(self) -> dict[str, int]:
        """Rows of each class."""
        return {name: int(np.sum(self.y == index)) for index, name in enumerate(self.classes)}


@dataclass(frozen=True, slots=True)
class Source:
    """How a named dataset is described, put into the workspace, and loaded from there.

    ``put_in_place`` does nothing where the dataset is in the workspace already; ``load`` calls it.
    """

    name: str
    card: Callable[[], DatasetCard]
    load: Callable[[], Dataset]
    put_in_place: Callable[[], None]


_SOURCES: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a dataset loadable by its name; the last registration of a name wins."""
    _SOURCES[source.name] = source


def names() -> list[str]:
    """Names of all datasets, sorted."""
    return sorted(_known())


def card(name: str) -> DatasetCard:
    """The card of a dataset; raises `UnknownDataset`."""
    return _source(name).card()


def load(name: str) -> Dataset:
    """Load a dataset, fresh from where it is stored.

    Parameters
    ----------
    name : str
        Name of a dataset, or path of a folder of photos (see `data.photo_folders.load`).

    Raises
    ------
    UnknownDataset
        If no dataset has this name and no folder is there.
    DatasetError
        If what it needs cannot be read.
    """
    if is_folder(name):
        from data import photo_folders

        return photo_folders.load(Path(name))
    return _source(name).load()


def is_folder(name: str) -> bool:
    """Whether this is the path of a folder, and not the name of a dataset."""
    return name not in names() and Path(name).is_dir()


def located(name: str) -> str:
    """A name as it is, the path of a folder in full, so that a process started elsewhere finds it."""
    return str(Path(name).resolve()) if is_folder(name) else name


def put_in_place() -> None:
    """Put every dataset into the workspace that is not there yet."""
    for _, source in sorted(_known().items()):
        source.put_in_place()


def stratified_split(y: np.ndarray, test_fraction: float, seed: int) -> Split:
    """Split rows at random so that both parts hold the classes in equal shares (scikit-learn)."""
    from sklearn.model_selection import train_test_split

    train, test = train_test_split(np.arange(len(y)), test_size=test_fraction, random_state=seed, stratify=y)
    return Split(np.sort(train), np.sort(test))


def _known() -> dict[str, Source]:
    """Every dataset that can be loaded now: built in, registered in this process, or declared by a project."""
    from data import definitions, iris, scenes

    built_in = {source.name: source for source in (iris.SOURCE, scenes.SOURCE, scenes.SHORTCUT_SOURCE)}
    return {**definitions.declared("SOURCES", taken=built_in), **built_in, **_SOURCES}


def _source(name: str) -> Source:
    known = _known()
    if name not in known:
        hint = did_you_mean(name, known)
        raise UnknownDataset(
            f"No dataset is called {name!r}.{hint} There are: {', '.join(sorted(known))}, and any folder of photos."
        )
    return known[name]
