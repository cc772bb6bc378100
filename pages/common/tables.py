"""All rows of the table that a version was made from, by the parts of its split, for pages that judge models."""

from __future__ import annotations

import streamlit as st

from data.datasets import DatasetError, UnknownDataset
from explain.rows import table_rows
from explain.rows.table_rows import Rows
from governance.registry import Version

__all__ = ["Rows", "rows"]


def rows(version: Version) -> Rows | None:
    """The rows of a version's record; None where they are gone or are no longer the same."""
    try:
        return _rows(version.record_id, version)
    except (DatasetError, UnknownDataset):
        return None


# Shared and never copied: nobody writes to the arrays.
@st.cache_resource(show_spinner=False, max_entries=32)
def _rows(record_id: str, _version: Version) -> Rows:
    return table_rows.rows_of(_version)
