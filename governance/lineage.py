"""The lineage of a version: every step from the data to an answer, each with its recorded facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance import declared, registry
from governance.registry import StoredRecord, Version
from governance.store import Store


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the graph.

    ``kind`` is one of table, query, dataset, split, transforms, code, environment, run, version,
    verification, alias, explanation. ``facts`` are shown as they are; ``state`` is ``"good"``,
    ``"bad"`` or empty where nothing was checked.
    """

    id: str
    kind: str
    title: str
    facts: dict[str, Any] = field(default_factory=dict)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """From what was there before to what was made with it, with the verb in between."""

    source: str
    target: str
    verb: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of their making, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def node(self, identity: str) -> Node | None:
        """The node with this identity, or None."""
        return next((node for node in self.nodes if node.id == identity), None)

    def upstream(self, identity: str) -> set[str]:
        """Identities of everything that a node was made from, itself included."""
        found, waiting = set(), [identity]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += [edge.source for edge in self.edges if edge.target == current]
        return found

    def to_json(self) -> dict[str, Any]:
        """Nodes and edges as JSON."""
        return {
            "nodes": [
                {"id": n.id, "kind": n.kind, "title": n.title, "state": n.state, "facts": n.facts}
                for n in self.nodes
            ],
            "edges": [{"source": e.source, "target": e.target, "verb": e.verb} for e in self.edges],
        }


def of(store: Store, version: Version, explanation: Mapping[str, Any] | None = None) -> Graph:
    """The graph of one version, from its record and what is declared about it.

    Parameters
    ----------
    explanation : mapping, optional
        Receipt of an explanation that was made with this version; it becomes the last node.
    """
    record = version.record
    data, results = record["data"], record["results"]
    checks = _declared_checks(version)
    nodes: list[Node] = []
    edges: list[Edge] = []

    def add(
        identity: str,
        kind: str,
        title: str,
        facts: Mapping[str, Any],
        *sources: tuple[str, str],
        state: str = "",
    ) -> None:
        nodes.append(Node(identity, kind, title, dict(facts), state))
        edges.extend(Edge(source, identity, verb) for source, verb in sources)

    for table in data["origin"].get("tables", []):
        add(f"table:{table}", "table", table, _table_facts(table, checks), state=_state(checks, "table"))
    query = {
        "sql": data["origin"].get("query", ""),
        "declared": [_line(c) for c in checks if c.kind == "query"],
    }
    tables = [(node.id, "is read by") for node in nodes]
    add("query", "query", "Query", query, *tables, state=_state(checks, "query"))
    add("dataset", "dataset", data["card"]["title"], _dataset_facts(data), ("query", "gives"))
    split = {part: len(rows) for part, rows in data["split"].items()}
    title = " + ".join(f"{count} {part}" for part, count in split.items())
    add("split", "split", title, {**split, "rows": data["split"]}, ("dataset", "is divided into"))
    steps = {f"{i}. {t['name']}": t for i, t in enumerate(data["transforms"], start=1)}
    add("transforms", "transforms", f"{len(steps)} transforms", steps, ("split", "goes through"))
    files = record["code"]["files"]
    code = {"entry point": record["code"]["entry_point"], "git": record["code"]["git"], "files": files}
    add("code", "code", f"{len(files)} source files", code, state=_state(checks, "training_file"))
    environment = {**record["environment"], "numerics": record["numerics"]}
    add("environment", "environment", f"Python {record['environment']['python']}", environment)
    run = {
        "parameters": record["parameters"],
        "duration in s": results["duration_s"],
        "created": record["created"],
    }
    sources = (("transforms", "is trained on in"), ("code", "runs in"), ("environment", "surrounds"))
    add("run", "run", f"Run {version.record_id[:8]}", {"record": version.record_id, **run}, *sources)
    made = {
        "weights digest": results["weights_digest"],
        "files": results["files"],
        "metrics": results["metrics"],
    }
    add("version", "version", version.reference, {**made, "stored": version.created}, ("run", "made"))
    for verification in registry.verifications(store, version.record_id)[:1]:
        _add_verification(add, verification)
    for alias in version.aliases:
        add(f"alias:{alias}", "alias", alias, {"points to": version.reference}, ("version", "is called"))
    if explanation is not None:
        # A visitor asks for the name that points to the version, so the way leads through it.
        asked = [f"alias:{alias}" for alias in version.aliases] or ["version"]
        method = str(explanation["method"])
        add("explanation", "explanation", method, explanation, *((name, "is explained by") for name in asked))
    return Graph(tuple(nodes), tuple(edges))


def _add_verification(add: Any, verification: StoredRecord) -> None:
    body = verification.body
    facts = {"record": verification.id, "at": verification.created, "level": body["level"]}
    facts["differences"] = [f"{d['fact']}: {d['recorded']} → {d['found']}" for d in body["differences"][:50]]
    state = "good" if body["level"] in ("bit-identical", "prediction-identical") else "bad"
    add("verification", "verification", body["level"], facts, ("version", "made again"), state=state)


def _declared_checks(version: Version) -> list[declared.Check]:
    declaration = declared.read().get(version.model)
    return declared.check(declaration, version.record) if declaration else []


def _state(checks: list[declared.Check], kind: str) -> str:
    states = {check.state for check in checks if check.kind == kind}
    if "mismatch" in states:
        return "bad"
    return "good" if "observed" in states else ""


def _line(check: declared.Check) -> str:
    return f"{check.state}: {check.found}"


def _table_facts(table: str, checks: list[declared.Check]) -> dict[str, Any]:
    mentions = [c for c in checks if c.kind == "table" and f".{table}@" in c.declared]
    return {"table": table, "declared": [f"{c.declared}: {_line(c)}" for c in mentions] or "not declared"}


def _dataset_facts(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "fingerprint": data["fingerprint"],
        "rows": data["rows"],
        "rows by class": data["counts"],
        "features": data["features"],
        **data["card"],
    }
