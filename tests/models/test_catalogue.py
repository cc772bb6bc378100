"""The catalogue, its cards, and what a fresh home trains by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from data.cards import CardError
from governance import jobs
from governance.home import open_store
from models import cards, catalogue, first_start
from models.catalogue import UnknownModel
from models.spec import Definition
from tests import toys


def test_an_unknown_model_gets_the_nearest_and_the_whole_list() -> None:
    with pytest.raises(
        UnknownModel, match=r"'iris_teer'\. Did you mean iris_tree\? There are: iris_tree, iris_forest"
    ):
        catalogue.definition("iris_teer")
    with pytest.raises(UnknownModel, match=r"'zzz'\. There are: "):
        catalogue.definition("zzz")
    assert UnknownModel.exit_code == 2


def test_a_registered_model_is_listed_last_and_can_leave(toy: Definition) -> None:
    assert catalogue.names()[-1] == toys.MODEL
    assert catalogue.definition(toys.MODEL) is toy
    assert toy in catalogue.definitions()
    toys.unregister_table_model()
    assert toys.MODEL not in catalogue.names()
    with pytest.raises(UnknownModel):
        catalogue.definition(toys.MODEL)


def test_names_and_definitions_agree() -> None:
    assert [definition.spec.name for definition in catalogue.definitions()] == catalogue.names()
    assert len(set(catalogue.names())) == len(catalogue.names())


CARD: dict[str, Any] = yaml.safe_load(
    (Path(cards.__file__).parent / "cards" / "iris_tree.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("entry", sorted(CARD))
def test_a_card_without_an_entry_is_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "plum.yaml"
    path.write_text(yaml.safe_dump({name: value for name, value in CARD.items() if name != entry}))
    with pytest.raises(CardError, match=rf"plum\.yaml must have exactly the entries .*{entry}"):
        cards.read(path)


@pytest.mark.parametrize(
    "content", ["", "- a", "words", "title: [", b"\xff\xfe", yaml.safe_dump({**CARD, "x": 1})]
)
def test_another_form_of_card_is_refused(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "plum.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CardError, match=r"plum\.yaml"):
        cards.read(path)


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"nowhere\.yaml"):
        cards.read(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("name", catalogue.names())
def test_examples_of_a_card_speak_of_the_model_s_own_features(name: str) -> None:
    definition = catalogue.definition(name)
    features = {feature.name: feature for feature in definition.spec.features}
    for example in definition.card.examples:
        assert example["title"] and example["sentence"] and example["view"]
        for key, value in example["view"].items():
            if key in features:
                assert features[key].low <= value <= features[key].high, (name, key)


def test_a_fresh_home_asks_for_the_iris_models_once(home: Path) -> None:
    store = open_store()
    first_start.submit_missing(store)
    first_start.submit_missing(store)
    waiting = [(job.model, job.request["settings"]) for job in jobs.recent(store)]
    assert sorted(waiting, key=str) == [("iris_forest", {}), ("iris_tree", {})]


def test_what_failed_at_first_start_is_not_tried_again_and_what_broke_is(home: Path) -> None:
    store = open_store()
    for identity in first_start.submit_missing(store):
        if jobs.get(store, identity).model == "iris_tree":
            jobs.cancel(store, identity)
    jobs.claim(store)
    jobs.mark_broken(store)
    first_start.submit_missing(store)
    assert [job.model for job in jobs.recent(store, unfinished_only=True)] == ["iris_forest"]


def test_a_home_with_versions_asks_for_nothing(trained_home: Path) -> None:
    assert first_start.submit_missing(open_store()) == []
