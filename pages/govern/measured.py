"""What was measured about a version over many inputs, and the records that hold it."""

from __future__ import annotations

import streamlit as st

from governance import digests, measurements
from governance.registry import Version
from pages.kit import fact_table, workspace
from pages.kit.page import note


def draw(version: Version) -> None:
    """List the newest measurement of each name, or say how one is made."""
    st.subheader("What was measured", anchor=False)
    found = measurements.all_newest(workspace.store(), version)
    if not found:
        note(
            "Nothing was measured about this version over many inputs yet. Where it can be, this does it: "
            f"`python -m explain.measure {version.reference}`"
        )
        return
    st.dataframe(
        {
            "Measurement": [name.replace("_", " ") for name in found],
            "Inputs": [one.body["asked"].get("n") for one in found.values()],
            "Seed": [one.body["asked"].get("seed") for one in found.values()],
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
