"""Dataset cards: whatever is wrong in one is said with the card's name and the entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from data import cards
from data.cards import CardError

GOOD: dict[str, Any] = {
    "name": "plums",
    "title": "Plums",
    "description": "Two plums.",
    "source": "A garden",
    "licence": "CC0",
    "licence_certainty": "verified",
    "classification": "internal",
    "collection": "Picked.",
    "counts": {"ripe": 1, "green": 1},
    "known_biases": ["One garden.", "One year."],
    "owner_role": "Gardener",
    "split": {"kind": "stratified", "test_fraction": 0.5, "seed": 1},
}


def write(folder: Path, content: Any) -> Path:
    path = folder / "plums.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def test_a_good_card_is_read_whole(tmp_path: Path) -> None:
    card = cards.read(write(tmp_path, GOOD))
    assert card.known_biases == ("One garden.", "One year.")
    for name, value in GOOD.items():
        if name != "known_biases":
            assert getattr(card, name) == value


@pytest.mark.parametrize(
    "path", sorted(Path(cards.__file__).with_name("cards").glob("*.yaml")), ids=lambda p: p.stem
)
def test_every_card_that_is_shipped_can_be_read(path: Path) -> None:
    assert cards.read(path).name == path.stem


@pytest.mark.parametrize("entry", sorted(GOOD))
def test_a_missing_entry_is_named(tmp_path: Path, entry: str) -> None:
    with pytest.raises(CardError, match=rf"plums\.yaml lacks {entry}\."):
        cards.read(write(tmp_path, {name: value for name, value in GOOD.items() if name != entry}))


def test_an_unknown_entry_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"plums\.yaml has the unknown entry license\."):
        cards.read(write(tmp_path, {**GOOD, "license": "MIT"}))


def test_missing_and_unknown_entries_are_named_together(tmp_path: Path) -> None:
    content = {**GOOD, "license": "MIT", 7: "x"}
    del content["licence"]
    with pytest.raises(CardError, match=r"lacks licence and has the unknown entry 7, license"):
        cards.read(write(tmp_path, content))


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("classification", "secret"),
        ("classification", None),
        ("licence_certainty", "sure"),
        ("known_biases", "One garden."),
        ("counts", ["ripe", "green"]),
        ("counts", {"ripe": "many"}),
        ("split", "random"),
        ("split", {"kind": "stratified", "seed": 1}),
        ("split", {"kind": "stratified", "test_fraction": 0.5}),
        ("split", {"kind": "stratified", "test_fraction": 0, "seed": 1}),
        ("split", {"kind": "stratified", "test_fraction": 1.5, "seed": 1}),
        ("split", {"kind": "stratified", "test_fraction": "half", "seed": 1}),
        ("split", {"kind": "stratified", "test_fraction": 0.5, "seed": "x"}),
    ],
)
def test_a_value_that_is_not_allowed_is_named(tmp_path: Path, entry: str, value: Any) -> None:
    with pytest.raises(CardError, match=rf"plums\.yaml gives {entry}"):
        cards.read(write(tmp_path, {**GOOD, entry: value}))


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "just words", "42"])
def test_something_else_than_a_map_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(CardError, match=r"plums\.yaml must be a map"):
        cards.read(write(tmp_path, content))


@pytest.mark.parametrize("content", [b"title: [", b"title: \xfc", b"!!python/object:os.system {}"])
def test_something_else_than_yaml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plums.yaml"
    path.write_bytes(content)
    with pytest.raises(CardError, match=r"plums\.yaml cannot be read"):
        cards.read(path)


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"nowhere\.yaml cannot be read"):
        cards.read(tmp_path / "nowhere.yaml")
