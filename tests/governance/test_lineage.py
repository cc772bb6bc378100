"""The lineage graph: a whole chain, every fact from the record."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from data import iris, workspace
from governance import jobs, lineage, registry, sessions, stored_records
from governance.home import open_store
from governance.lineage import Edge, Graph, Node
from governance.registry import Version
from governance.store import Store
from models.spec import Definition
from tests import toys

RECEIPT: Mapping[str, Any] = {"method": "tree_shap", "input": "5.1, 3.5, 1.4, 0.2", "values": "ab" * 32}
CHAIN = ("file", "table", "query", "dataset", "split", "transforms", "run", "version", "alias", "explanation")


@pytest.fixture
def store(trained_home: Path) -> Store:
    return open_store()


@pytest.fixture
def version(store: Store) -> Version:
    return registry.resolve(store, "iris_tree@1")


def kind(graph: Graph, wanted: str) -> Node:
    (node,) = [node for node in graph.nodes if node.kind == wanted]
    return node


def test_chain_from_the_table_to_the_explanation_is_whole(store: Store, version: Version) -> None:
    graph = lineage.of(store, version, RECEIPT)
    edges = {(edge.source, edge.target) for edge in graph.edges}
    chain = [kind(graph, step).id for step in CHAIN]
    assert set(itertools.pairwise(chain)) <= edges
    assert graph.upstream("explanation") == {node.id for node in graph.nodes}
    assert {node.kind for node in graph.nodes} == {*CHAIN, "code", "environment"}


def test_every_edge_joins_nodes_that_are_there_and_goes_forward(store: Store, version: Version) -> None:
    graph = lineage.of(store, version, RECEIPT)
    order = [node.id for node in graph.nodes]
    assert len(set(order)) == len(order)
    for edge in graph.edges:
        assert order.index(edge.source) < order.index(edge.target)
        assert edge.verb


def test_facts_are_those_of_the_record(store: Store, version: Version) -> None:
    graph, record = lineage.of(store, version, RECEIPT), version.record.body
    data, results = record["data"], record["results"]
    assert kind(graph, "table").facts["table"] == "iris"
    assert kind(graph, "query").facts["sql"] == data["origin"]["query"]
    facts = kind(graph, "dataset").facts
    assert facts["fingerprint"] == data["fingerprint"]
    assert (facts["rows"], facts["rows by class"]) == (150, data["counts"])
    assert facts["licence"] == data["card"]["licence"]
    assert kind(graph, "split").facts == {"train": 120, "test": 30, "digest": data["split"]["digest"]}
    assert list(kind(graph, "transforms").facts.values()) == data["transforms"]
    assert kind(graph, "code").facts["files"] == record["code"]["files"]
    assert kind(graph, "environment").facts["numerics"] == record["numerics"]
    run = kind(graph, "run").facts
    assert (run["record"], run["parameters"]) == (version.record_id, record["parameters"])
    made = kind(graph, "version").facts
    assert made["weights digest"] == results["weights_digest"]
    assert (made["files"], made["metrics"]) == (results["files"], results["metrics"])
    assert kind(graph, "alias").facts == {"points to": "iris_tree@1"}
    assert kind(graph, "explanation").facts == RECEIPT


def test_what_is_declared_and_observed_is_good(store: Store, version: Version) -> None:
    graph = lineage.of(store, version)
    assert [kind(graph, step).state for step in ("table", "query", "code")] == ["good"] * 3
    assert "observed" in str(kind(graph, "table").facts["declared"])


def test_a_changed_row_turns_the_query_bad(store: Store, version: Version) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE iris SET petal_width = 2.6 WHERE flower_id = 101")
    graph = lineage.of(store, version)
    assert kind(graph, "query").state == "bad"
    assert kind(graph, "table").state == "good"


def test_the_file_that_filled_the_table_is_a_step_with_its_digest(store: Store, version: Version) -> None:
    node = kind(lineage.of(store, version), "file")
    digest = hashlib.sha256(iris.CSV.read_bytes()).hexdigest()
    assert node.facts == {"file": "data/iris.csv", "digest": digest, "now": "same"}
    assert (node.title, node.state) == ("iris.csv", "good")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: Version) -> Path:
    """A copy of every file of the record, as the repository; a test may change them."""
    root = tmp_path / "repository"
    for name in [*version.record.code.files, "data/iris.csv"]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(workspace.ROOT / name, root / name)
    monkeypatch.setattr(workspace, "ROOT", root)
    return root


@pytest.mark.parametrize(
    ("file", "step", "fact"),
    [
        ("models/sklearn_trees.py", "code", "since the run"),
        ("governance/digests.py", "code", "since the run"),
        ("data/cards/iris.yaml", "dataset", "card since the run"),
    ],
)
def test_any_recorded_file_that_is_another_now_is_named_at_its_step(
    store: Store, version: Version, elsewhere: Path, file: str, step: str, fact: str
) -> None:
    before = lineage.of(store, version)
    assert "bad" not in {kind(before, one).state for one in ("file", "code", "dataset")}
    (elsewhere / file).write_text("# another\n")
    graph = lineage.of(store, version)
    assert {node.kind for node in graph.nodes if node.state == "bad"} == {step}
    assert kind(graph, step).facts[fact] == [f"{file}: changed"]
    (elsewhere / file).unlink()
    assert kind(lineage.of(store, version), step).facts[fact] == [f"{file}: gone"]


@pytest.mark.parametrize("now", ["changed", "gone"])
def test_a_source_file_that_is_another_now_is_a_bad_step(
    store: Store, version: Version, elsewhere: Path, now: str
) -> None:
    path = elsewhere / "data" / "iris.csv"
    path.write_text("another") if now == "changed" else path.unlink()
    node = kind(lineage.of(store, version), "file")
    assert (node.facts["now"], node.state) == (now, "bad")
    # It is no code, although the training looked at it.
    assert kind(lineage.of(store, version), "code").state != "bad"


def test_an_early_record_without_sources_has_a_graph_as_before(old_home: Path) -> None:
    store = open_store()
    early = registry.resolve(store, "iris_tree@1")
    assert early.record.data.sources == {}
    graph = lineage.of(store, early)
    assert "file" not in {node.kind for node in graph.nodes}
    assert kind(graph, "table").state == "good"
    # Much was changed since 0.1.
    assert (kind(graph, "code").state, kind(graph, "version").title) == ("bad", "iris_tree@1")


def test_a_model_that_declares_nothing_has_a_graph_too(store: Store, toy: Definition) -> None:
    graph = lineage.of(store, registry.resolve(store, toys.MODEL), RECEIPT)
    assert kind(graph, "table").title == toys.DATASET
    assert kind(graph, "table").state == kind(graph, "query").state == ""
    assert graph.upstream("explanation") == {node.id for node in graph.nodes}


def test_without_a_name_the_explanation_hangs_on_the_version(store: Store, version: Version) -> None:
    registry.promote(store, "iris_tree@1", "candidate", sessions.start(store, "test"), "a look")
    both = lineage.of(store, registry.resolve(store, "iris_tree@1"), RECEIPT)
    assert {"alias:champion", "alias:candidate"} <= both.upstream("explanation")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM aliases")
    none = lineage.of(store, registry.resolve(store, "iris_tree@1"), RECEIPT)
    assert Edge("version", "explanation", "is explained by") in none.edges
    assert none.upstream("explanation") == {node.id for node in none.nodes}


@pytest.mark.parametrize(
    ("level", "state"),
    [
        ("bit-identical", "good"),
        ("prediction-identical", "good"),
        ("different", "bad"),
        ("not comparable", "bad"),
    ],
)
def test_the_newest_verification_is_shown_with_its_level(
    store: Store, version: Version, level: str, state: str
) -> None:
    with store.writing() as connection:
        for moment, found in (("2026-01-01T00:00:00Z", "within tolerance"), ("2026-01-02T00:00:00Z", level)):
            body = {
                **{"kind": "verification", "model": "iris_tree", "created": moment, "level": found},
                "differences": [{"fact": "parameters.seed", "recorded": 0, "found": 1}],
            }
            stored_records.put_record(connection, body, subject=version.record_id)
    node = kind(lineage.of(store, version), "verification")
    assert (node.title, node.state) == (level, state)
    assert node.facts["differences"] == ["parameters.seed: 0 → 1"]


def test_upstream_and_node_of_a_small_graph() -> None:
    nodes = tuple(Node(name, "k", name) for name in "abcd")
    graph = Graph(nodes, (Edge("a", "b", "v"), Edge("b", "c", "v"), Edge("a", "c", "v")))
    assert graph.upstream("c") == {"a", "b", "c"}
    assert graph.upstream("d") == {"d"}
    assert graph.node("b") == nodes[1]
    assert graph.node("z") is None
    assert graph.to_json()["edges"][0] == {"source": "a", "target": "b", "verb": "v"}


def test_looking_at_lineage_asks_for_no_work(store: Store, version: Version) -> None:
    before = len(jobs.recent(store)), len(stored_records.list_records(store))
    lineage.of(store, version, RECEIPT)
    assert (len(jobs.recent(store)), len(stored_records.list_records(store))) == before
