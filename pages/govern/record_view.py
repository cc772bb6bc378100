"""One record in full: a line of summary for each of its parts, and all facts one click away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from governance import digests, sessions
from governance.record_parts import Code, Data, Environment, Numerics, Parameters, Results
from governance.registry import Version
from models import catalogue
from models.catalogue import UnknownModel
from pages.common import fact_table, workspace
from pages.common.page import note, subtitle

_ICONS = {
    "code": ":material/code:",
    "data": ":material/table:",
    "parameters": ":material/tune:",
    "numerics": ":material/memory:",
    "environment": ":material/dns:",
    "results": ":material/monitoring:",
    "session": ":material/person:",
}


def parts(version: Version) -> None:
    """Every part of a run's record."""
    record = version.record
    summaries = {
        "code": _code(record.code),
        "data": _data(record.data),
        "parameters": _parameters(record.parameters),
        "numerics": _numerics(record.numerics),
        "environment": _environment(record.environment),
        "results": _results(record.results),
    }
    for part, summary in summaries.items():
        with st.expander(f"**{part.capitalize()}** · {summary}", icon=_ICONS[part]):
            if part == "results":
                _confusion(version)
            fact_table.draw(_without_confusion(record.body[part]))
    who = _session(record.session)
    with st.expander(f"**Session** · {who['summary']}", icon=_ICONS["session"]):
        note(
            "Who and on which host stand in a row of their own that can be erased; the record keeps its digest."
        )
        fact_table.draw({k: v for k, v in who.items() if k != "summary"})


def download(version: Version) -> None:
    """The record as the bytes that its identity is the SHA-256 of, and how to check that."""
    name = f"{version.record_id}.json"
    st.download_button(
        "Download the record",
        digests.canonical_json(version.record.body),
        name,
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )
    note("Its name is the SHA-256 of its bytes. To check it anywhere, without Crumbtrail:")
    st.code(f'echo "{version.record_id}  {name}" | sha256sum --check', language=None, wrap_lines=True)


def _code(code: Code) -> str:
    if code.commit is None:
        return f"{len(code.files)} files, no git"
    return f"{len(code.files)} files, commit {code.commit[:8]}" + (
        " and uncommitted changes" if code.dirty else ""
    )


def _data(data: Data) -> str:
    return fact_table.plain(f"{data.card['title']}, {data.rows} rows, fingerprint {data.fingerprint[:8]}")


def _parameters(parameters: Parameters) -> str:
    chosen = [f"{name} {value}" for name, value in parameters.chosen.items()]
    return fact_table.plain(", ".join([*chosen, f"seed {parameters.seed}"]))


def _numerics(numerics: Numerics) -> str:
    threads = numerics.environment_variables.get("OMP_NUM_THREADS", "?")
    kinds = sorted({str(pool["internal_api"]) for pool in numerics.thread_pools})
    return fact_table.plain(f"{threads} threads, {', '.join(kinds) or 'no thread pools'}")


def _environment(environment: Environment) -> str:
    count = len(environment.distributions)
    return fact_table.plain(
        f"Python {environment.python}, {count} libraries, {environment.os}, {environment.cpu}"
    )


def _results(results: Results) -> str:
    told = f"{results.headline.title.lower()} {results.headline.told_with_interval(results.figure)}"
    return fact_table.plain(f"{told}, weights {results.weights_digest[:8]}")


def _session(digest: str) -> dict[str, Any]:
    found = sessions.get(workspace.store(), digest)
    if found is None or found.who is None:
        return {"summary": "erased", "digest": digest, "who": "erased", "host": "erased"}
    summary = fact_table.plain(f"{found.who} on {found.host}, by {found.kind}")
    facts = {"who": found.who, "host": found.host, "kind": found.kind, "started": found.started}
    return {"summary": summary, "digest": digest, **facts}


def _confusion(version: Version) -> None:
    """How often each class was taken for each other one on the test split."""
    matrix = version.record.results.metrics.get("test_accuracy", {}).get("confusion")
    if not matrix:
        return
    classes = _classes(version, len(matrix))
    subtitle("Test rows by true class (down) and answer (across)")
    rows = [
        {"": f"**{fact_table.plain(name)}**"}
        | {
            fact_table.plain(answer): f"**{count}**"
            if i == j
            else (f":red[{count}]" if count else ":gray[0]")
            for j, (answer, count) in enumerate(zip(classes, line, strict=True))
        }
        for i, (name, line) in enumerate(zip(classes, matrix, strict=True))
    ]
    st.table(rows, border="horizontal", hide_index=True, width="content")


def _classes(version: Version, count: int) -> list[str]:
    try:
        names = list(catalogue.definition(version.model).spec.classes)
    except UnknownModel:
        names = []
    return names if len(names) == count else [f"class {i}" for i in range(1, count + 1)]


def _without_confusion(part: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a part without the matrix that has a table of its own."""
    facts = dict(part)
    if "metrics" in facts:
        facts["metrics"] = {
            name: {k: v for k, v in value.items() if k != "confusion"}
            if isinstance(value, Mapping)
            else value
            for name, value in facts["metrics"].items()
        }
    return facts
