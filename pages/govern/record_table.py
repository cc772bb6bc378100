"""The table of records, and which one of them is looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from governance import stored_records
from governance.record import RecordError
from governance.registry import Version
from governance.stored_records import StoredRecord
from pages.common import fact_table, workspace
from pages.common.levels import NEVER_VERIFIED
from pages.common.page import fail_clearly

_SIGNS = {
    "bit-identical": "✓",
    "prediction-identical": "✓",
    "within tolerance": "≈",
    "different": "✕",
    "not comparable": "∅",
}
ALTERED = "✕ altered in the database"
# As many digits of an identity as a URL carries.
SHORT = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """The version that is looked at, and the verification whose verdict is shown."""

    version: Version
    verdict: StoredRecord | None


def choose(
    versions: Sequence[Version], verifications: Mapping[str, list[StoredRecord]], scope: str
) -> Choice:
    """Show the table; the row that was picked, or the record in the URL, is the choice.

    Parameters
    ----------
    versions : sequence of Version
        Newest first, at least one.
    verifications : mapping
        Of each run, newest first, by the run's identity.
    scope : str
        What the versions were filtered by: another filter is another table.
    """
    identities = [version.record_id for version in versions]
    asked = _from_url()
    wanted = (asked.subject or asked.id) if asked else ""
    if wanted not in identities:
        wanted, asked = identities[0], None
    picked = identities[_show(versions, verifications, scope, identities.index(wanted))]
    if picked != wanted:
        st.query_params["record"] = picked[:SHORT]
        st.session_state["_record"] = wanted = picked
        asked = None
    version = versions[identities.index(wanted)]
    if asked is not None and asked.kind == "verification":
        return Choice(version, asked)
    return Choice(version, next(iter(verifications.get(wanted, [])), None))


def by_subject(store_records: Sequence[StoredRecord]) -> dict[str, list[StoredRecord]]:
    """Verifications by the run that they are about, in the order given."""
    found: dict[str, list[StoredRecord]] = {}
    for one in store_records:
        if one.kind == "verification" and one.subject:
            found.setdefault(one.subject, []).append(one)
    return found


def _from_url() -> StoredRecord | None:
    """The record that the URL names; says in a sentence what it names in vain."""
    given = st.query_params.get("record")
    if given:
        with fail_clearly():
            return stored_records.get_record(workspace.store(), given)
    return None


def _show(
    versions: Sequence[Version], verifications: Mapping[str, list[StoredRecord]], scope: str, selected: int
) -> int:
    """Draw the table and return the position of the selected row."""
    identity = versions[selected].record_id
    # The table keeps its selection; where the URL has led elsewhere since, it must begin anew.
    if st.session_state.get("_record") != identity:
        st.session_state["_record"] = identity
        st.session_state["_table"] = st.session_state.get("_table", 0) + 1
    event = st.dataframe(
        [_row(version, verifications.get(version.record_id, [])) for version in versions],
        hide_index=True,
        height=min(320, 38 + 35 * len(versions)),
        key=f"records of {scope} {st.session_state['_table']}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [selected]}},
        column_config={"Made again": st.column_config.TextColumn(width="medium")},
    )
    rows = event["selection"]["rows"]
    return int(rows[0]) if rows and rows[0] < len(versions) else selected


def _row(version: Version, verifications: Sequence[StoredRecord]) -> dict[str, Any]:
    names = f" ({', '.join(version.aliases)})" if version.aliases else ""
    row = {"Version": version.reference + names, "Made again": ALTERED}
    when = {"When": fact_table.moment(version.created), "Record": version.record_id[:SHORT]}
    try:
        record = version.record
    except RecordError:
        # Nothing that an altered record says is shown as true.
        return {**row, "95 % interval": None, "Data": None, "Seed": None, **when}
    headline, figure = record.results.headline, record.results.figure
    verified = stored_records.newest_unchanged(verifications)
    level = verified.verification.level if verified else None
    return {
        **row,
        "Made again": f"{_SIGNS.get(level, '')} {level}" if level else NEVER_VERIFIED,
        headline.title: headline.told(figure.value),
        "95 % interval": headline.told_interval(figure),
        "Data": record.data.name,
        "Seed": str(record.parameters.seed),
        **when,
    }
