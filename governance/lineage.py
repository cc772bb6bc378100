"""The lineage of a version: every step from the data to an answer, each with its recorded facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from data.tables import SourceFile
from governance import declared, since, stored_records
from governance.record_parts import Data
from governance.registry import Version
from governance.store import Store
from governance.stored_records import StoredRecord


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the graph.

    ``kind`` is one of file, table, query, scenes, renderer, photos, dataset, split, transforms, code,
    environment, run, version, verification, alias, explanation. ``facts`` are shown as they are;
    ``state`` is ``"good"``, ``"bad"`` or empty where nothing was checked.
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
    growing = _Growing(_declared_checks(version), since.changed_files(version.record))
    growing.data(version.record.data, version.record.code.files)
    growing.making(version)
    verified = stored_records.newest_unchanged(stored_records.verifications(store, version.record_id))
    if verified is not None:
        growing.verification(verified)
    for alias in version.aliases:
        growing.add(
            f"alias:{alias}", "alias", alias, {"points to": version.reference}, ("version", "is called")
        )
    if explanation is not None:
        # A visitor asks for the name that points to the version, so the way leads through it.
        asked = [f"alias:{alias}" for alias in version.aliases] or ["version"]
        method = str(explanation["method"])
        growing.add(
            "explanation", "explanation", method, explanation, *((name, "is explained by") for name in asked)
        )
    return Graph(tuple(growing.nodes), tuple(growing.edges))


class _Growing:
    """A graph while it is put together, in the order in which things were made."""

    def __init__(self, checks: list[declared.Check], changed: Mapping[str, str]) -> None:
        self.checks = checks
        # A card is no code: what it says belongs to the dataset.
        self.cards = {name: how for name, how in changed.items() if name.startswith(since.CARDS)}
        self.code = {name: how for name, how in changed.items() if name not in self.cards}
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []

    def add(
        self,
        identity: str,
        kind: str,
        title: str,
        facts: Mapping[str, Any],
        *sources: tuple[str, str],
        state: str = "",
    ) -> None:
        self.nodes.append(Node(identity, kind, title, dict(facts), state))
        self.edges.extend(Edge(source, identity, verb) for source, verb in sources)

    def data(self, data: Data, files: Mapping[str, str]) -> None:
        """Where the data came from, the dataset, and what was done to it."""
        gives = [*self._from_tables(data), *self._from_pictures(data.origin, files)]
        card = {"card since the run": _lines(self.cards)} if self.cards else {}
        state = "bad" if self.cards else ""
        self.add("dataset", "dataset", data.card["title"], card | _dataset_facts(data), *gives, state=state)
        split = data.split
        counts = {"test": split.test, "train": split.train}
        title = " + ".join(f"{count} {part}" for part, count in counts.items())
        which = {"digest": split.digest} if split.inline is None else {"rows": split.inline}
        self.add("split", "split", title, counts | which, ("dataset", "is divided into"))
        steps = {f"{i}. {t['name']}": t for i, t in enumerate(data.transforms, start=1)}
        self.add("transforms", "transforms", f"{len(steps)} transforms", steps, ("split", "goes through"))

    def _from_tables(self, data: Data) -> list[tuple[str, str]]:
        if "query" not in data.origin:
            return []
        read = []
        for table in data.tables:
            filled = self._from_file(data.sources.get(table))
            facts = _table_facts(table, self.checks)
            self.add(f"table:{table}", "table", table, facts, *filled, state=_state(self.checks, "table"))
            read.append((f"table:{table}", "is read by"))
        facts = {
            "sql": data.origin["query"],
            "declared": [_line(c) for c in self.checks if c.kind == "query"],
        }
        self.add("query", "query", "Query", facts, *read, state=_state(self.checks, "query"))
        return [("query", "gives")]

    def _from_file(self, source: Mapping[str, Any] | None) -> list[tuple[str, str]]:
        if source is None:
            return []
        identity = f"file:{source['file']}"
        if all(node.id != identity for node in self.nodes):
            now = SourceFile(source["file"], source["digest"]).now()
            facts = {"file": source["file"], "digest": source["digest"], "now": now}
            state = {"same": "good", "unknown": ""}.get(now, "bad")
            self.add(identity, "file", source["file"].rpartition("/")[2], facts, state=state)
        return [(identity, "filled")]

    def _from_pictures(self, origin: Mapping[str, Any], files: Mapping[str, str]) -> list[tuple[str, str]]:
        gives = []
        if "scenes" in origin:
            scenes = origin["scenes"]
            self.add("scenes", "scenes", f"{scenes['scenes']} scenes", scenes)
            drawing = {name: digest for name, digest in files.items() if name.startswith("data/bakery/")}
            facts = {"version": scenes["renderer_version"], "files": drawing}
            title = f"Bakery {scenes['renderer_version']}"
            self.add("renderer", "renderer", title, facts, ("scenes", "are drawn by"))
            gives.append(("renderer", "gives"))
        if "photos" in origin:
            photos = origin["photos"]
            self.add("photos", "photos", f"{photos['files']} photos", photos)
            gives.append(("photos", "belong to"))
        return gives

    def making(self, version: Version) -> None:
        """Code and environment, the run, and the version that it made."""
        record, checks = version.record, self.checks
        results = record.results
        held = _lines(self.code) if self.code else "every file is as it was recorded"
        self.add(
            "code",
            "code",
            f"{len(record.code.files)} source files",
            {"since the run": held, **record.code.facts},
            state="bad" if self.code else _state(checks, "training_file"),
        )
        environment = {**record.environment.facts, "numerics": record.numerics.facts}
        self.add("environment", "environment", f"Python {record.environment.python}", environment)
        run = {
            "record": version.record_id,
            "parameters": record.parameters.facts,
            "duration in s": results.duration_s,
            "created": record.created,
        }
        sources = (("transforms", "is trained on in"), ("code", "runs in"), ("environment", "surrounds"))
        self.add("run", "run", f"Run {version.record_id[:8]}", run, *sources)
        made = {
            "weights digest": results.weights_digest,
            "files": results.files,
            "metrics": results.metrics,
            "stored": version.created,
        }
        self.add("version", "version", version.reference, made, ("run", "made"))

    def verification(self, verification: StoredRecord) -> None:
        """How the version was last made again with nothing changed on purpose."""
        verdict = verification.verification
        facts: dict[str, Any] = {
            "record": verification.id,
            "at": verification.created,
            "level": verdict.level,
        }
        facts["differences"] = [
            f"{d['fact']}: {d['recorded']} → {d['found']}" for d in verdict.differences[:50]
        ]
        states = {"bit-identical": "good", "prediction-identical": "good", "within tolerance": ""}
        state = states.get(verdict.level, "bad")
        self.add("verification", "verification", verdict.level, facts, ("version", "made again"), state=state)


def _declared_checks(version: Version) -> list[declared.Check]:
    declaration = declared.read().get(version.model)
    return declared.check(declaration, version.record) if declaration else []


def _state(checks: list[declared.Check], kind: str) -> str:
    states = {check.state for check in checks if check.kind == kind}
    if "mismatch" in states:
        return "bad"
    return "good" if "observed" in states else ""


def _lines(changed: Mapping[str, str]) -> list[str]:
    return [f"{name}: {how}" for name, how in changed.items()]


def _line(check: declared.Check) -> str:
    return f"{check.state}: {check.found}"


def _table_facts(table: str, checks: list[declared.Check]) -> dict[str, Any]:
    mentions = [c for c in checks if c.kind == "table" and f".{table}@" in c.declared]
    return {"table": table, "declared": [f"{c.declared}: {_line(c)}" for c in mentions] or "not declared"}


def _dataset_facts(data: Data) -> dict[str, Any]:
    return {
        "fingerprint": data.fingerprint,
        "rows": data.rows,
        "rows by class": data.counts,
        "features": data.features,
        **data.card,
    }
