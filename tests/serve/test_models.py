"""``GET /api/models``: what can be asked here, as it is declared and stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from governance import registry, sessions
from governance.home import open_store
from models import catalogue
from models.spec import Definition
from serve import api
from tests import toys
from tests.governance.conftest import tampering

SUMMARY = {"name", "title", "question", "modality", "classes", "dataset", "owner", "tags", "champion"}
DETAILS = {"summary", "intended_use", "limits", "users", "image_size", "features", "versions"}
VERSION = {"version", "aliases", "record", "created", "weights_digest", "accuracy"}


@pytest.fixture
def client(home: Path) -> TestClient:
    """The interface, with whatever lies in the test's home."""
    return TestClient(api.create_server())


def ask(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.json()


def test_the_list_has_every_model_with_its_champion(trained_home: Path, client: TestClient) -> None:
    body = ask(client, "/api/models")
    assert list(body) == ["models", "problems"] and body["problems"] == []
    assert [model["name"] for model in body["models"]] == catalogue.names()
    store = open_store()
    for model in body["models"]:
        assert set(model) == SUMMARY
        definition = catalogue.definition(model["name"])
        assert model["classes"] == list(definition.spec.classes)
        assert model["question"] == definition.card.question
        if not registry.versions(store, model["name"]):
            assert model["champion"] is None
            continue
        champion = registry.resolve(store, model["name"])
        measured = champion.record.body["results"]["metrics"]["accuracy"]
        assert model["champion"] == {
            "version": champion.reference,
            "aliases": ["champion"],
            "record": champion.record_id,
            "created": champion.created,
            "weights_digest": champion.weights_digest,
            "accuracy": {"value": measured["value"], "interval": measured["interval"]},
        }
    named = {model["name"] for model in body["models"] if model["champion"]}
    assert {"iris_tree", "iris_forest"} <= named


def test_an_empty_home_has_models_without_champion(client: TestClient) -> None:
    models = {model["name"]: model for model in ask(client, "/api/models")["models"]}
    assert list(models) == catalogue.names()
    assert models["iris_tree"]["champion"] is models["iris_forest"]["champion"] is None
    details = ask(client, "/api/models/iris_tree")
    assert (details["champion"], details["versions"]) == (None, [])


def test_one_model_has_its_card_its_features_and_all_versions(trained_home: Path, client: TestClient) -> None:
    store = open_store()
    toys.train_into(store, catalogue.definition("iris_tree"), max_depth=1)
    registry.promote(store, "iris_tree@2", "candidate", sessions.start(store, "test"), "a look")
    body = ask(client, "/api/models/iris_tree")
    definition = catalogue.definition("iris_tree")
    assert set(body) == SUMMARY | DETAILS
    assert body["limits"] == list(definition.card.limits)
    assert body["users"] == list(definition.card.users)
    assert body["image_size"] is None
    for given, feature in zip(body["features"], definition.spec.features, strict=True):
        assert given == {
            key: getattr(feature, key) for key in ("name", "label", "unit", "low", "high", "step")
        }
    assert all(set(version) == VERSION for version in body["versions"])
    told = [(version["version"], version["aliases"]) for version in body["versions"]]
    assert told == [("iris_tree@2", ["candidate"]), ("iris_tree@1", ["champion"])]
    assert body["champion"] == body["versions"][1]


def test_a_champion_that_was_moved_is_named(trained_home: Path, client: TestClient) -> None:
    store = open_store()
    toys.train_into(store, catalogue.definition("iris_tree"), max_depth=1)
    registry.promote(store, "iris_tree@2", "champion", sessions.start(store, "test"), "a look")
    assert ask(client, "/api/models/iris_tree")["champion"]["version"] == "iris_tree@2"


def test_a_model_that_was_added_is_served_like_any_other(
    trained_home: Path, toy: Definition, client: TestClient
) -> None:
    body = ask(client, f"/api/models/{toys.MODEL}")
    assert body["classes"] == list(toys.CLASSES)
    assert [feature["name"] for feature in body["features"]] == [feature.name for feature in toys.FEATURES]
    assert body["champion"]["version"] == f"{toys.MODEL}@1"


def test_a_damaged_record_is_said_where_it_stands_and_hides_no_other_model(
    trained_home: Path, client: TestClient
) -> None:
    record = registry.resolve(open_store(), "iris_tree").record_id
    with tampering(trained_home) as database:
        database.execute("UPDATE records SET body = replace(body, 'gini', 'entropy') WHERE id = ?", (record,))
    models = {model["name"]: model for model in ask(client, "/api/models")["models"]}
    damaged = models["iris_tree"]["champion"]
    assert set(damaged) == VERSION - {"weights_digest", "accuracy"} | {"problem"}
    assert "was altered in the database" in damaged["problem"]
    assert set(models["iris_forest"]["champion"]) == VERSION
    details = ask(client, "/api/models/iris_tree")
    assert details["champion"] == damaged and details["versions"] == [damaged]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("iris_treee", "Did you mean iris_tree?"), ("zzz", "There are: iris_tree, iris_forest")],
)
def test_an_unknown_model_is_answered_with_what_there_is(client: TestClient, name: str, hint: str) -> None:
    answer = client.get(f"/api/models/{name}")
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]
    assert f"No model is called '{name}'." in answer.json()["error"] and hint in answer.json()["error"]


def test_the_schema_names_both_paths(client: TestClient) -> None:
    assert {"/models", "/models/{model}"} <= set(ask(client, "/api/openapi.json")["paths"])
