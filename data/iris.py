"""Fisher's iris: 150 flowers, four lengths in cm, three species.

The CSV beside this file is copied into the table ``iris`` of the workspace once. From then on the
table is what counts: the query below reads it, and ``lineage.yaml`` declares the same query.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data import cards, tables, workspace
from data.dataset_types import DatasetError, FiledTable, Source, TableDataset, stratified_split
from data.features import Feature

TABLE = "iris"
CLASSES = ("setosa", "versicolor", "virginica")
FEATURES = (
    Feature("sepal_length", "Sepal length", "cm", 4.0, 8.5, 0.1, 5.8),
    Feature("sepal_width", "Sepal width", "cm", 1.5, 5.0, 0.1, 3.0),
    Feature("petal_length", "Petal length", "cm", 0.5, 7.5, 0.1, 4.3),
    Feature("petal_width", "Petal width", "cm", 0.1, 3.0, 0.1, 1.3),
)
QUERY = (
    "SELECT flower_id, sepal_length, sepal_width, petal_length, petal_width, species "
    "FROM iris ORDER BY flower_id"
)
CSV = Path(__file__).with_name("iris.csv")
_TYPES = {
    "flower_id": "integer",
    **dict.fromkeys((feature.name for feature in FEATURES), "real"),
    "species": "text",
}


def card() -> cards.DatasetCard:
    """The dataset's card."""
    return cards.read(Path(__file__).parent / "cards" / "iris.yaml")


def put_in_place() -> None:
    """Fill the workspace's table from the CSV file, unless it is there."""
    tables.ingest_csv(workspace.engine(), TABLE, _TYPES, CSV)


def load() -> TableDataset:
    """Read the flowers from the workspace's table, which is filled first where it is missing.

    Raises
    ------
    DatasetError
        If the table cannot be read by the query, or holds a species that is not known.
    """
    try:
        put_in_place()
        rows = tables.query(workspace.engine(), QUERY)
    except tables.TableError as error:
        raise DatasetError(f"The dataset iris cannot be read from table {TABLE}. {error}") from error
    unknown = {str(row[-1]) for row in rows.values} - set(CLASSES)
    if unknown:
        raise DatasetError(f"Table {TABLE} holds an unknown species: {', '.join(sorted(unknown))}.")
    y = np.array([CLASSES.index(str(row[-1])) for row in rows.values], dtype=np.int64)
    declared = card()
    fraction, seed = float(declared.split["test_fraction"]), int(declared.split["seed"])
    return TableDataset(
        name="iris",
        card=declared,
        classes=CLASSES,
        features=tuple(feature.name for feature in FEATURES),
        x=np.array([row[1:-1] for row in rows.values], dtype=np.float64),
        y=y,
        ids=tuple(f"flower_id {row[0]}" for row in rows.values),
        split=stratified_split(y, fraction, seed),
        fingerprint=rows.fingerprint(),
        row_digests=tuple(rows.row_digests()),
        origin={"tables": [TABLE], "query": QUERY},
        transforms=(
            {"name": "query", "sql": QUERY},
            {"name": "stratified_split", "test_fraction": fraction, "seed": seed},
            {"name": "cast", "dtype": "float32", "why": "scikit-learn trees compare in float32"},
        ),
    )


SOURCE = Source(
    name="iris", card=card, load=load, put_in_place=put_in_place, table=FiledTable(TABLE, _TYPES, CSV)
)
