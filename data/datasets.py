"""The datasets that can be loaded by name, and folders of photos by their path."""

from __future__ import annotations

from pathlib import Path

from data import definitions, iris, photo_folders, scenes
from data.cards import DatasetCard
from data.dataset_types import Dataset, FiledTable, Source, UnknownDataset
from data.failures import UserMistake
from data.names import did_you_mean, repeated

_BUILT_IN = {source.name: source for source in (iris.SOURCE, scenes.SOURCE, scenes.SHORTCUT_SOURCE)}
_REGISTERED: dict[str, Source] = {}


def register(source: Source) -> None:
    """Make a dataset loadable by its name; the last registration of a name wins."""
    _REGISTERED[source.name] = source


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
        return photo_folders.load(Path(name))
    return _source(name).load()


def is_folder(name: str) -> bool:
    """Whether this is the path of a folder, and not the name of a dataset."""
    try:
        return name not in names() and Path(name).is_dir()
    except (OSError, ValueError):
        # Too long for a path, or it holds NUL or half a character.
        return False


def located(name: str) -> str:
    """A name as it is, the path of a folder in full, so that a process started elsewhere finds it."""
    return str(Path(name).resolve()) if is_folder(name) else name


def filed_table(name: str) -> FiledTable:
    """The table of a dataset that is filled from a file.

    Raises
    ------
    UnknownDataset
        If no dataset has this name.
    UserMistake
        If it has no such table.
    """
    table = _source(name).table
    if table is None:
        having = [one for one, source in sorted(_known().items()) if source.table is not None]
        raise UserMistake(
            f"The dataset {name} has no table that a file fills. These have: {', '.join(having)}."
        )
    return table


def dataset_of(table: str) -> str | None:
    """The name of the dataset whose table is filled from a file under this name; None where it is of nobody."""
    sources = sorted(_known().items())
    return next((name for name, source in sources if source.table and source.table.name == table), None)


def put_in_place() -> None:
    """Put every dataset into the workspace that is not there yet."""
    for _, source in sorted(_known().items()):
        source.put_in_place()


def problems() -> list[str]:
    """What projects declare and cannot be used, a sentence each; see `data.definitions.problems`."""
    return definitions.problems("SOURCES", taken=_BUILT_IN)


def _known() -> dict[str, Source]:
    """Every dataset that can be loaded now: built in, registered in this process, or declared by a project."""
    return {**definitions.declared("SOURCES", taken=_BUILT_IN), **_BUILT_IN, **_REGISTERED}


def _source(name: str) -> Source:
    known = _known()
    if name not in known:
        hint = did_you_mean(name, known)
        there = f"There are: {', '.join(sorted(known))}, and any folder of photos."
        raise UnknownDataset(
            " ".join([f"No dataset is called '{repeated(name)}'.{hint} {there}", *problems()])
        )
    return known[name]
