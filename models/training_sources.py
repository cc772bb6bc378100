"""The files that a dataset's tables were filled from, and a training on rows that are in no file any more."""

from __future__ import annotations

from data import datasets, tables, workspace
from data.dataset_types import Dataset, DatasetError
from data.tables import SourceFile


class SourceChanged(DatasetError):
    """The file that a table was filled from is another now."""


def of(dataset: Dataset) -> dict[str, SourceFile]:
    """The file that each of the dataset's tables was filled from, where that is known."""
    found = {table: tables.source_of(workspace.engine(), table) for table in dataset.origin.get("tables", [])}
    return {table: one for table, one in found.items() if one is not None and one.digest is not None}


def refuse_changed(dataset: Dataset) -> None:
    """Refuse a dataset of which a table holds other rows than its file; raises `SourceChanged`."""
    for table, source in of(dataset).items():
        now = source.now()
        if now not in ("changed", "gone"):
            continue
        raise SourceChanged(
            f"The file {source.file} {'was changed' if now == 'changed' else 'is gone'} since table {table} was "
            "filled from it, so a model would learn from rows that are in no file. Put the old file back"
            f"{_or_refill(table) if now == 'changed' else '.'}"
        )


def _or_refill(table: str) -> str:
    name = datasets.dataset_of(table)
    if name is None:
        return f", or drop table {table} from the workspace's database: it is then filled from the file that is there."
    return (
        f", or fill the table from the changed one: `python -m data refill {name}` shows what that changes."
    )
