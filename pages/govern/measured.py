"""What was measured about a version over many inputs, and the records that hold it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explain import measurement_catalogue as catalogue_of
from governance import digests, measurements
from governance.registry import Version
from governance.stored_records import StoredRecord
from models import catalogue
from pages.common import fact_table, measuring, workspace
from pages.common.page import note


def draw(version: Version) -> None:
    """List the newest measurement of each name, or say how one is made."""
    st.header("What was measured", anchor=False)
    found = measurements.all_newest(workspace.store(), version)
    lacking = [name for name in _measurable(version) if name not in found]
    if found:
        _table(version, found)
    if lacking:
        words = ", ".join(name.replace("_", " ") for name in lacking)
        measuring.offer(version, lacking, f"Not measured about this version over many inputs yet: {words}.")
    elif not found:
        note("Nothing can be measured over many inputs about this kind of model.")


def _measurable(version: Version) -> list[str]:
    """Names of what can be measured about a version; nothing where its model is in the catalogue no more."""
    if version.model not in catalogue.names():
        return []
    spec = workspace.spec_of(version.model)
    return [name for name in catalogue_of.names() if catalogue_of.measurement(name).unsupported(spec) is None]


def _table(version: Version, found: Mapping[str, StoredRecord]) -> None:
    st.dataframe(
        {
            "Measurement": [name.replace("_", " ") for name in found],
            "Inputs": [one.measurement.asked.get("n") for one in found.values()],
            "Seed": [one.measurement.asked.get("seed") for one in found.values()],
            "When": [fact_table.moment(one.created) for one in found.values()],
            "Record": [one.id[:12] for one in found.values()],
        },
        hide_index=True,
    )
    st.download_button(
        "Download the measurements as JSON",
        lambda: digests.canonical_json({name: one.body for name, one in found.items()}),
        f"measurements-{version.reference}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )
