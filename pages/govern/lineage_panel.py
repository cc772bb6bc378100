"""What stands under the drawing on the lineage page: the selected step, and what is declared."""

from __future__ import annotations

import streamlit as st
import yaml

from draw.lineage_words import beside, kind_words, meaning, short_title, state_words
from governance import declared
from governance.declared import Declaration
from governance.lineage import Graph, Node
from governance.registry import Version
from pages.common import fact_table
from pages.common.page import note

_STATES = {
    "observed": ":green-badge[:material/check: observed]",
    "mismatch": ":red-badge[:material/close: mismatch]",
    "declared": ":gray-badge[:material/edit_note: only declared]",
}


def heading(node: Node) -> None:
    """What the selected step is, and what was found when it was checked."""
    st.header(f"{kind_words(node)}: {fact_table.plain(short_title(node))}", anchor=False)
    words = state_words(node)
    if words:
        look = {"good": (":material/check:", "green"), "bad": (":material/close:", "red")}
        icon, color = look.get(node.state, (":material/rule:", "blue"))
        st.markdown(f":{color}-badge[{icon} {words[2:]}]")


def facts(graph: Graph, node: Node) -> None:
    """What the selected step means, what stands beside it, and everything that is recorded about it."""
    note(meaning(node))
    st.markdown(beside(graph, node))
    fact_table.draw(node.facts)


def declarations(version: Version) -> None:
    """What `lineage.yaml` says about the model, each entry with what was found of it."""
    st.header("Declared and observed", anchor=False)
    declaration = declared.read().get(version.model)
    if declaration is None:
        _nothing_declared(version)
        return
    checks = declared.check(declaration, version.record)
    mismatches = sum(check.state == "mismatch" for check in checks)
    note(
        f"What the author declares in {declaration.file}, held against the record of {version.reference}: "
        + (f"{mismatches} of {len(checks)} entries do not fit." if mismatches else "nothing contradicts it.")
    )
    rows = [
        {
            "state": _STATES[check.state],
            "what": f"**{fact_table.plain(check.kind.replace('_', ' ').capitalize())}** "
            f"`{' '.join(check.declared.replace('`', ' ').split())}`  \n:gray[{fact_table.plain(check.found)}]",
        }
        for check in checks
    ]
    st.table(rows, border="horizontal", hide_index=True, hide_header=True)
    with st.expander(f"What {declaration.file} says"):
        st.code(_as_yaml(version.model, declaration), language="yaml", wrap_lines=True)


def _nothing_declared(version: Version) -> None:
    data = version.record.data
    example = Declaration(
        tuple(f"{declared.DATABASE}.{table}@{declared.CLUSTER}" for table in data.tables),
        {"query": data.origin.get("query", ""), "training_file": f"models/{version.model}.py"},
        declared.NAMES[0],
    )
    st.info(
        f"Nothing is declared about {version.model}, so the record stands alone. To declare where its data "
        f"come from, add this to {example.file} in the repository; each entry is then looked up here.",
        icon=":material/edit_note:",
    )
    st.code(_as_yaml(version.model, example), language="yaml", wrap_lines=True)


def _as_yaml(model: str, declaration: Declaration) -> str:
    body = {"hive_table_qualified_names": list(declaration.tables), "metadata": declaration.metadata}
    return yaml.safe_dump({model: body}, sort_keys=False, allow_unicode=True, width=100)
