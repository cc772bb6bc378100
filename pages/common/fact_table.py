"""Recorded facts, set out for reading: short ones in a table, long ones in expanders, digests to copy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import streamlit as st

from draw.markdown import plain

_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_NAMES = {
    "cpu": "CPU",
    "os": "OS",
    "simd": "SIMD",
    "duration_s": "Duration in s",
    "distributions": "Libraries",
}
# Inside a measured value, after its own name.
_INNER = {
    "brier": "Brier score",
    "brier_before": "Brier score before the temperature",
    "ece": "calibration error",
    "ece_before": "calibration error before the temperature",
}
# Maps and lists up to this length are read in one line.
MOST_IN_A_LINE = 6


@dataclass(slots=True)
class Sheet:
    """Facts, sorted by how they are shown.

    Attributes
    ----------
    lines : dict
        Label to Markdown.
    code : dict
        Label to SQL.
    tables : dict
        Label to rows, each a map from column to value.
    digests : dict
        Label to the whole digest, whose beginning stands in `lines`.
    """

    lines: dict[str, str] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)


def sheet(facts: Mapping[str, Any]) -> Sheet:
    """Sort facts of any depth by how they can be shown."""
    made = Sheet()
    for name, value in facts.items():
        _add(made, name, value)
    return made


def draw(facts: Mapping[str, Any]) -> None:
    """Show facts: what can be read at once first, everything else one click away."""
    made = sheet(facts)
    if made.lines:
        key_values(made.lines)
    for label, sql in made.code.items():
        st.markdown(f"**{plain(label)}**")
        st.code(sql, language="sql", wrap_lines=True)
    for label, rows in made.tables.items():
        with st.expander(f"{plain(label)}: {len(rows)} rows"):
            # Its toolbar can search, sort and download.
            st.dataframe(rows, hide_index=True, height=min(420, 38 + 35 * len(rows)))
    if made.digests:
        with st.expander("Digests in full, to copy"):
            for label, digest in made.digests.items():
                st.markdown(f":gray[{plain(label)}]")
                st.code(digest, language=None, wrap_lines=True)


def key_values(lines: Mapping[str, str]) -> None:
    """A list of labels with what belongs to them, as Markdown."""
    rows = [{"what": f":gray[{plain(label)}]", "is": value} for label, value in lines.items()]
    st.table(rows, border="horizontal", hide_index=True, hide_header=True)


def moment(text: str) -> str:
    """``2026-11-23T13:41:32.605359Z`` as ``23 Nov 2026, 13:41 UTC``."""
    when = datetime.fromisoformat(text)
    return f"{when.day} {when:%b %Y, %H:%M} UTC"


def figure(value: Mapping[str, Any]) -> str:
    """A measured value with its interval: ``0.951 (95 % interval 0.906 to 0.995)``."""
    low, high = value["interval"]
    return f"{value['value']:.3f} (95 % interval {low:.3f} to {high:.3f})"


def _add(made: Sheet, name: str, value: Any) -> None:
    label = _label(name)
    if name in ("sql", "query") and isinstance(value, str):
        made.code["Query"] = value
    elif isinstance(value, Mapping):
        _add_map(made, name, dict(value))
    elif isinstance(value, list | tuple):
        _add_list(made, label, value)
    else:
        made.lines[label] = _scalar(made, label, value)


def _add_map(made: Sheet, name: str, value: dict[str, Any]) -> None:
    label = _label(name)
    if {"value", "interval"} <= value.keys():
        made.lines[label] = f"**{figure(value)}**"
        rest = {f"{name}: {k}": v for k, v in value.items() if k not in ("value", "interval")}
        for inner, content in rest.items():
            _add(made, inner, content)
        return
    sql = value.pop("sql", None)
    if sql is not None:
        made.code["Query"] = str(sql)
    if all(map(_is_scalar, value.values())):
        shown = {k: v for k, v in value.items() if k != "name"}
        if len(shown) <= MOST_IN_A_LINE:
            parts = [f":gray[{plain(k)}] {_scalar(made, f'{label}: {k}', v)}" for k, v in shown.items()]
            made.lines[label] = " · ".join(parts) or ("see the query" if sql else "none")
        else:
            made.tables[label] = [{"name": k, "value": str(v)} for k, v in shown.items()]
    elif len(shapes := {_shape(v) for v in value.values()}) == 1 and None not in shapes:
        made.tables[label] = [{"name": k, **v} for k, v in value.items()]
    elif all(isinstance(v, list) for v in value.values()):
        made.tables[label] = [{"part": k, name: one} for k, v in value.items() for one in v]
    else:
        for inner, content in value.items():
            _add(made, inner, content)


def _add_list(made: Sheet, label: str, value: Sequence[Any]) -> None:
    if value and all(isinstance(one, Mapping) for one in value):
        made.tables[label] = [dict(one) for one in value]
    elif value and all(isinstance(one, list) for one in value):
        made.tables[label] = [{str(i): x for i, x in enumerate(row, start=1)} for row in value]
    elif len(value) <= MOST_IN_A_LINE:
        made.lines[label] = ", ".join(plain(one) for one in value) or "none"
    else:
        made.tables[label] = [{"number": number, "value": one} for number, one in enumerate(value, start=1)]


def _shape(value: Any) -> tuple[str, ...] | None:
    """Names in a map of scalars, which can be the columns of a table; None for anything else."""
    if isinstance(value, Mapping) and value and all(map(_is_scalar, value.values())):
        return tuple(sorted(value))
    return None


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _scalar(made: Sheet, label: str, value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    if _DIGEST.fullmatch(text):
        made.digests[label] = text
        return f"`{text[:12]}…`"
    return plain(moment(text) if _MOMENT.fullmatch(text) else text)


def _label(name: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    outer, _, inner = name.partition(": ")
    if inner:
        return f"{_label(outer)}: {_INNER.get(inner, inner.replace('_', ' '))}"
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
