"""Lineage: from an answer back to the data, crumb by crumb."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from ask.answer import Answer
from ask.codecs.link_codec import METHOD, LinkMistake, from_link, input_link
from draw.charts.lineage_graph import SELECTION, lineage_chart
from draw.lineage_words import option
from explain.numbers import PER_CENT
from governance import lineage, registry
from governance.lineage import Graph
from governance.registry import Version
from models import catalogue
from pages.common import saved, url, workspace
from pages.common.page import cannot_show, chart, fail_clearly, header, link, note, palette, what_if_page
from pages.common.visit import ask
from pages.govern import lineage_panel

TITLE = "Lineage"


def main() -> None:
    """Draw the page."""
    references = workspace.stored_references()
    if not references:
        header(
            TITLE,
            "Where does this answer come from? "
            "Every step from the data to a model's answer, each with what was recorded of it.",
        )
        st.info("No model has a version yet, so there is nothing to follow. Train one in the catalogue.")
        link("catalogue.py", "Open the catalogue", icon=":material/grid_view:")
        return
    title, choice = st.columns([3, 1], vertical_alignment="bottom")
    with fail_clearly():
        url.version_from_url(references, url.LINEAGE_VERSION)
    chosen = choice.selectbox(
        "Model or version",
        references,
        key=url.LINEAGE_VERSION,
        bind="query-params",
        help="A bare name means the champion.",
    )
    with fail_clearly():
        version = registry.resolve(workspace.store(), chosen)
        asked = None
        with fail_clearly():
            asked = _answer(version, url.asked(st.query_params.to_dict()))
        with title:
            header(TITLE, _sentence(version, asked))
        _draw(version, asked)
    cannot_show(
        "A record says what the training read and loaded, not whether the data were right, or collected with "
        "consent. What is declared is its author's statement: only what can be looked up here is checked. "
        "The chain is tamper-evident, not tamper-proof: who can rewrite the whole store can rewrite it too, "
        "unless a digest was noted elsewhere."
    )


def _answer(version: Version, said: Mapping[str, str]) -> Answer | None:
    """The answer that the address speaks of; None where it speaks of none."""
    if METHOD not in said:
        return None
    try:
        question = from_link(said, catalogue.definition(version.model).spec)
        if question.input is None:
            raise LinkMistake(
                f"The link asks to explain an answer of {version.reference} and gives no input. Open the what-if page "
                "and follow the answer from there."
            )
        found = ask(replace(question, version=version.reference))
        # Whatever cannot be asked is said here, and not where it is drawn.
        _ = found.attribution, found.words
    except ValueError as error:
        raise LinkMistake(f"The answer in the link cannot be made again. {error}") from error
    return found


def _draw(version: Version, asked: Answer | None) -> None:
    graph = lineage.of(workspace.store(), version, None if asked is None else asked.receipt)
    url.one_of("node", [option(node.id) for node in graph.nodes], "step")
    drawing, panel = st.container(), st.container(border=True)
    with panel:
        heading, choice = st.columns([3, 1], vertical_alignment="center")
        with choice:
            selected = _selected(graph)
        node = graph.node(selected)
        if node is not None:
            with heading:
                lineage_panel.heading(node)
            lineage_panel.facts(graph, node)
        if asked is not None and node is not None and node.kind == "explanation":
            _way_back(asked)
    with drawing:
        drawn = lineage_chart(graph, selected, _turn(selected), palette())
        chart(drawn, drawn["description"], key="graph", on_select="rerun", selection_mode=SELECTION)
        note(
            "✓ checked and holds · ✕ checked and does not hold · no mark: recorded, nothing to check it against"
        )
    lineage_panel.declarations(version)
    st.download_button(
        "Download this graph as JSON",
        lambda: json.dumps(graph.to_json(), indent=2, ensure_ascii=False),
        f"lineage-{version.reference}.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _selected(graph: Graph) -> str:
    """The step that was clicked on, or chosen in the list, or stands in the URL; else the last one."""
    options = {option(node.id): node.id for node in graph.nodes}
    event = st.session_state.get("graph") or {}
    for point in event.get("selection", {}).get(SELECTION, []):
        clicked = option(str(point.get("node")))
        if clicked in options and point.get("turn") == st.session_state.get("_turn"):
            st.session_state["node"] = clicked
    last = "explanation" if "explanation" in options else "version"
    label = st.selectbox(
        "Step",
        list(options),
        list(options).index(last),
        key="node",
        bind="query-params",
        label_visibility="collapsed",
    )
    return options[label]


def _turn(selected: str) -> int:
    """Counts how often another step was selected; a click on a drawing of an earlier turn is done with.

    The chart keeps its last click for ever and reports no second one on the same box. With the number
    of the turn in it every click is a new one, and one that the list has overruled stays overruled.
    """
    turn: int = st.session_state.get("_turn", 0)
    if st.session_state.get("_selected", selected) != selected:
        turn += 1
    st.session_state.update(_turn=turn, _selected=selected)
    return turn


def _sentence(version: Version, asked: Answer | None) -> str:
    if asked is None:
        return f"Follow {version.reference} back to its data: pick a step to see what was recorded of it."
    answer, share = asked.spec.classes[asked.predicted], asked.probabilities[asked.predicted]
    return (
        f"{version.reference} answers {answer} with {100 * share:.1f}{PER_CENT}. These are the steps that led there, "
        "crumb by crumb back to the data: pick one to see what was recorded of it."
    )


def _way_back(asked: Answer) -> None:
    for sentence in asked.words:
        st.markdown(sentence)
    note(f"Receipt {asked.receipt_id[:12]}: the same as beside the answer, if that is the one you followed.")
    assert asked.question.input is not None
    link(
        what_if_page(asked.spec),
        "Back to the what-if with these values",
        icon=":material/tune:",
        version=asked.version.reference,
        target=asked.question.target,
        **input_link(asked.question.input),
    )
    saved.draw(asked)


main()
