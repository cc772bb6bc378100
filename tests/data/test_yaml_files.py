"""YAML in the one way it is read: what it says, and every file that would hang or break a reader."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from data import cards, guides, yaml_files
from data.cards import CardError
from data.yaml_files import YamlError
from governance import declared
from governance.declared import DeclarationError
from models import cards as model_cards
from tests.hostile_yaml import HOSTILE

SECONDS = 5.0
"""Generous: the slowest takes half a second on an idle core."""


def write(folder: Path, content: str | bytes, name: str = "lineage.yaml") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_what_people_write_is_read_as_ever() -> None:
    text = """
    query: &q >-
      SELECT a
      FROM b
    again: *q
    both: [1, 2.5, true, null, 2020-01-31, "é"]
    base: &base {a: 1, b: 2}
    more: {<<: *base, b: 3}
    """
    found = yaml_files.load(text)
    assert found["query"] == found["again"] == "SELECT a FROM b"
    assert [type(one).__name__ for one in found["both"]] == [
        "int",
        "float",
        "bool",
        "NoneType",
        "date",
        "str",
    ]
    assert found["more"] == {"a": 1, "b": 3}
    assert yaml_files.load("") is None


def test_a_map_that_merges_another_may_be_merged_itself() -> None:
    """Its keys are held against one another as they are written, and not as they are merged."""
    found = yaml_files.load("x: {y: {z: &a {<<: &b {k: 1}, k: 2}}}\nc: {<<: *a, k: 3}\n")
    assert found == {"x": {"y": {"z": {"k": 2}}}, "c": {"k": 3}}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_at_once(tmp_path: Path, name: str) -> None:
    hostile, started = HOSTILE[name], time.perf_counter()
    with pytest.raises(DeclarationError) as caught:
        write(tmp_path, hostile.content)
        declared.read(tmp_path)
    assert time.perf_counter() - started < SECONDS
    said = str(caught.value)
    assert hostile.said in said
    assert said.startswith("lineage.yaml cannot be read: ") and said.endswith(" Mend it, or take it away.")
    assert "\n" not in said and len(said) < 500


@pytest.mark.parametrize("name", ["billion laughs", "deep lists", "NUL that is written", "a month 13"])
def test_cards_and_guides_come_through_the_same_reader(tmp_path: Path, name: str) -> None:
    hostile = HOSTILE[name]
    card = write(tmp_path, hostile.content, "plums.yaml")
    for read in (cards.read, model_cards.read):
        with pytest.raises(CardError) as caught:
            read(card)
        assert str(caught.value).startswith("The card plums.yaml cannot be read: ")
        assert hostile.said in str(caught.value)
    assert isinstance(hostile.content, str)
    guide = write(tmp_path, f"---\n{hostile.content}\n---\n## In plain words\n", "plum.md")
    with pytest.raises(guides.GuideError) as said:
        guides.read(guide)
    assert hostile.said in str(said.value)


def test_nothing_else_reads_yaml() -> None:
    """Whoever loads YAML past the one reader loads it without its bounds."""
    root = Path(yaml_files.__file__).resolve().parent.parent
    rooms = ("app.py", "data", "governance", "models", "explain", "ask", "draw", "serve", "pages")
    files = [
        path
        for room in rooms
        for path in ([root / room] if room.endswith(".py") else (root / room).rglob("*.py"))
    ]
    loads = (
        "yaml.SafeLoader",
        "yaml.load(",
        "yaml.safe_load",
        "yaml.full_load",
        "yaml.unsafe_load",
        "yaml.load_all",
        "yaml.compose(",
    )
    found = [path.name for path in files if any(load in path.read_text(encoding="utf-8") for load in loads)]
    assert found == ["yaml_files.py"]


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (tmp_path / "pipe", "no regular file"),
        (Path("/dev/zero"), "no regular file"),
        (tmp_path, "no regular file"),
        (tmp_path / "nowhere", "No such file"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        with pytest.raises(YamlError, match=said):
            yaml_files.read(path)


def test_the_largest_file_that_is_read_is_read_soon(tmp_path: Path) -> None:
    line = "k{0}: {{a: [1, 2], b: text}}\n"
    text = "".join(line.format(n) for n in range(2_400))
    text += "#" * (yaml_files.LARGEST_BYTES - len(text))
    started = time.perf_counter()
    assert len(yaml_files.read(write(tmp_path, text))) == 2_400
    assert time.perf_counter() - started < 2 * SECONDS
    with pytest.raises(YamlError, match="larger than 256 KiB"):
        yaml_files.read(write(tmp_path, text + "#"))
