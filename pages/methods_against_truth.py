"""Methods, measured: whose maps agree with what the parts of many scenes really do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from draw.charts import truth_table_chart
from explain.numbers import plural
from explain.truth import truth_table
from governance import measurements, registry
from governance.registry import Version
from pages.assessment import truth_tables
from pages.common import measuring, url, workspace
from pages.common.page import cannot_show, chart, fail_clearly, header, link, note, palette, subtitle

NAME = "truth_table"


def main() -> None:
    """Draw the page."""
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with title:
        header(
            "Method benchmark",
            "Whose maps can be believed? "
            "Parts of rendered scenes are taken away one at a time, and every method's map is laid beside what "
            "that really does to the answer.",
        )
    with fail_clearly():
        references = [
            reference
            for reference in workspace.references("image")
            if truth_table.unsupported(workspace.spec_of(registry.split_reference(reference)[0])) is None
        ]
        if references:
            url.version_from_url(references)
            chosen = choice.selectbox("Model or version", references, key="version", bind="query-params")
            _draw(registry.resolve(workspace.store(), chosen))
        else:
            st.info("No model that answers for scenes has a version yet. Train one in the catalogue.")
            link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
    cannot_show(
        "The truth here is what happens to one model when one part of a drawing is taken away or painted grey. "
        "Another way to take it away can give another truth, what holds for drawings need not hold for photos, "
        "and a method that finds the right parts may still be wrong within them. A scene has four or five parts: "
        "only the mean over many says something."
    )


def _draw(version: Version) -> None:
    found = measurements.newest(workspace.store(), version, NAME)
    if found is None:
        measuring.offer(
            version,
            [NAME],
            f"{version.reference} was not measured yet, so nobody knows whose maps of it are right.",
        )
        return
    results = found.measurement.results
    asking = _best_first(line for line in results["lines"] if line["passes"] is not None)
    lines = [*asking, *_best_first(line for line in results["lines"] if line["passes"] is None)]
    _finding(asking, results["judged"])
    left, right = st.columns(2)
    with left, st.container(border=True):
        drawn = truth_table_chart(lines, results["judged"], palette())
        chart(drawn, drawn["description"], key="truth_table")
        note(
            "Line: 95 % interval over scenes. Orange tick: the best placebo on the same question. Hollow: what never "
            "asks the model about this picture, placebos and the lookup table of what each part does in the other "
            "scenes. Maps with signs say which way a part counts, the others only how much: compare each with its "
            "tick, not with the other kind."
        )
    with right, st.container(border=True):
        subtitle("What the parts really do")
        truth_tables.parts(results["parts"])
    truth_tables.methods(lines)
    note(
        f"Measured on {plural(results['scenes'], 'held-out scene')}, of which {results['judged']} have a part that "
        f"matters; explained is {results['target']}. Record {found.id[:12]}, {found.created[:10]}, made by "
        f"`python -m explain.measure {version.reference}`."
    )


def _best_first(lines: Any) -> list[Mapping[str, Any]]:
    """Maps with signs first, because they are asked another question; then by correlation."""
    return sorted(lines, key=lambda line: (not line["signed"], -line["correlation"]["value"]))


def _finding(asking: Sequence[Mapping[str, Any]], judged: int) -> None:
    """Which methods are better than a map that explains nothing, and which say something about this one picture."""
    over = plural(judged, "scene")
    better, others, worse = _held_against(asking, "over_placebo")
    rest = f" Cannot be told from it: {', '.join(others)}." if others else ""
    rest += f" Surely worse: {', '.join(worse)}." if worse else ""
    if better:
        st.markdown(
            f"**Better than any placebo over {over}: {', '.join(better)}.**{rest} Better means: the rank correlation "
            "with what the parts really do is above the best placebo's, and the whole interval of the difference too."
        )
    else:
        st.markdown(
            "**No method is surely better than a placebo.** As far as these "
            f"{over} can tell, the best map that never asks the model agrees with what the parts really do as well "
            f"as any method.{rest}"
        )
    if any(line.get("over_lookup") is None for line in asking):
        return
    better, _, _ = _held_against(asking, "over_lookup")
    bar = (
        "a lookup table, which never sees the picture and says of each part what it does in the other scenes"
    )
    st.markdown(
        f"**More than {bar}: {', '.join(better)}.**"
        if better
        else f"**No method surely says more about a picture than {bar}.**"
    )


def _held_against(asking: Sequence[Mapping[str, Any]], bar: str) -> tuple[list[str], list[str], list[str]]:
    """Titles of the methods that are surely better than a bar, that cannot be told from it, surely worse."""
    better = [line["title"] for line in asking if line[bar]["interval"][0] > 0]
    worse = [line["title"] for line in asking if line[bar]["interval"][1] < 0]
    return better, [line["title"] for line in asking if line["title"] not in (*better, *worse)], worse


main()
