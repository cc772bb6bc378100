"""The verdict of a verification: its level, large; every array; every fact that differs, by its part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from governance.stored_records import StoredRecord
from pages.common import fact_table
from pages.common.levels import look
from pages.common.page import link, note
from pages.govern.reproduction import changes_in_words

# Parts of a record in the order in which a cause comes before its effect.
PARTS = ("code", "data", "parameters", "numerics", "environment", "results")


def headline(verification: StoredRecord | None) -> None:
    """The level in large letters with what it means; without a verification, that there is none."""
    if verification is None:
        st.header(":gray[:material/pending: Nobody has tried yet]", anchor=False)
        note("A record says how the version was made. Making it again shows whether that is all it takes.")
        return
    found = verification.verification
    shown = look(found.level)
    st.header(f":{shown.colour}[{shown.icon} {found.level}]", anchor=False)
    st.markdown(shown.meaning)
    if found.reason:
        st.markdown(fact_table.plain(found.reason))
    asked = changes_in_words(found.overrides)
    note(f"Made again on {fact_table.moment(verification.created)}, {asked}.")


def figures(verification: StoredRecord) -> None:
    """How much came out the same, in numbers."""
    found = verification.verification
    tensors, headline = found.tensors, found.headline
    if not tensors:
        return
    same, largest = sum(tensors.values()), found.largest_probability_difference
    tolerance = f"{found.tolerance:g}" + (f" {headline.unit}" if headline.unit else "")
    cells = (
        (
            "Arrays identical",
            f"{same} of {len(tensors)}",
            "Arrays that decide an answer, compared by digest.",
        ),
        (
            "Probability gap",
            "not comparable" if largest is None else _small(largest),
            "Largest difference of any probability over the stored probe inputs, which range wider than "
            "the training rows.",
        ),
        (f"{headline.title} gap", _small(found.gap), f"Tolerance: {tolerance}."),
    )
    for column, (label, value, help_text) in zip(st.columns(3), cells, strict=True):
        column.metric(label, value, help=help_text)
    note(f"Tolerance for the {headline.title.lower()} gap, set in the record beforehand: {tolerance}.")


def differences(verification: StoredRecord) -> None:
    """Every recorded fact that came out otherwise, by the part of the record that it belongs to."""
    found: list[dict[str, Any]] = verification.verification.differences
    if not found:
        if verification.verification.level != "not comparable":
            st.markdown(":green[:material/check:] No recorded fact differs.")
        return
    count = "One recorded fact differs" if len(found) == 1 else f"{len(found)} recorded facts differ"
    st.markdown(f"**{count}.** A cause usually stands above its effect.")
    for part in PARTS:
        rows = [entry for entry in found if str(entry["fact"]).partition(".")[0] == part]
        if rows:
            with st.expander(f"**{part.capitalize()}**: {_names(rows)}"):
                _table(rows)


def arrays(verification: StoredRecord) -> None:
    """Which arrays came out the same."""
    tensors: Mapping[str, bool] = verification.verification.tensors
    if not tensors:
        return
    with st.expander(f"Every array: {sum(tensors.values())} of {len(tensors)} identical"):
        rows = [
            {"array": name, "result": "✓ identical" if same else "✕ different"}
            for name, same in tensors.items()
        ]
        st.dataframe(rows, hide_index=True, height=min(420, 38 + 35 * len(rows)))


def history(verifications: Sequence[StoredRecord], shown: StoredRecord | None) -> None:
    """All verifications of a run, each with a link that shows its verdict."""
    if not verifications:
        return
    with st.expander(f"Every time it was made again: {len(verifications)}"):
        for one in verifications:
            here = " (shown)" if shown is not None and one.id == shown.id else ""
            asked = changes_in_words(one.verification.overrides)
            link(
                "records.py",
                f"{one.verification.level}, {fact_table.moment(one.created)}, {asked}{here}",
                icon=look(one.verification.level).icon,
                record=one.id[:12],
            )


def _names(rows: Sequence[Mapping[str, Any]]) -> str:
    names = [str(row["fact"]).partition(".")[2].removeprefix("files.") or str(row["fact"]) for row in rows]
    names = [fact_table.plain(name) for name in names]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _table(rows: Sequence[Mapping[str, Any]]) -> None:
    shown = [
        {"fact": row["fact"], "recorded": _value(row["recorded"]), "found now": _value(row["found"])}
        for row in rows
    ]
    st.dataframe(shown, hide_index=True, height=min(420, 38 + 35 * len(shown)))


def _value(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _small(value: float) -> str:
    return "0" if value == 0 else f"{value:.2g}"
