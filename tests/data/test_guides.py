"""Guides as files: whatever is wrong in one is said with the file's name and the entry."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from data import guides
from data.guides import PARTS, GuideError

GOOD: dict[str, Any] = {
    "name": "plum_test",
    "title": "Plum test",
    "kind": "check",
    "order": 3,
    "summary": "It squeezes a plum.",
    "fits": ["Plums", "Peaches"],
    "does_not_fit": ["Nuts"],
    "cannot_show": "Whether it is sweet.",
    "figure": "plum",
    "example": {"page": "what-if", "params": {"plum": 1.5, "view": "Tree"}},
    "references": [
        {"authors": "P. Lum", "title": "On plums", "venue": "Fruit 1", "year": 1901},
        {
            "authors": "P. Each",
            "title": "On peaches",
            "venue": "Fruit 2",
            "year": 1902,
            "identifier": "doi:1",
        },
    ],
}
TEXT = "\n\n".join(f"## {part}\n\nAbout {part}.\n### A smaller heading\nMore." for part in PARTS)


def write(folder: Path, entries: Any = None, text: str = TEXT) -> Path:
    path = folder / "plum_test.md"
    path.write_text(f"---\n{yaml.safe_dump(GOOD if entries is None else entries)}---\n{text}\n", "utf-8")
    return path


def test_a_good_guide_is_read_whole(tmp_path: Path) -> None:
    guide = guides.read(write(tmp_path))
    for entry in ("name", "title", "kind", "order", "summary", "cannot_show", "figure"):
        assert getattr(guide, entry) == GOOD[entry]
    assert guide.fits == ("Plums", "Peaches") and guide.does_not_fit == ("Nuts",)
    # What a URL holds is text.
    assert guide.example == guides.Example("what-if", {"plum": "1.5", "view": "Tree"})
    assert [one.identifier for one in guide.references] == [None, "doi:1"]
    assert guide.references[1].year == 1902
    assert guide.parts == {part: f"About {part}.\n### A smaller heading\nMore." for part in PARTS}


@pytest.mark.parametrize("entry", sorted(GOOD))
def test_a_missing_entry_is_named(tmp_path: Path, entry: str) -> None:
    rest = {name: value for name, value in GOOD.items() if name != entry}
    with pytest.raises(GuideError, match=rf"^The guide plum_test\.md lacks {entry}\.$"):
        guides.read(write(tmp_path, rest))


def test_an_unknown_entry_is_named(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match=r"plum_test\.md has the unknown entry colour\."):
        guides.read(write(tmp_path, {**GOOD, "colour": "blue"}))


@pytest.mark.parametrize(
    ("entry", "value", "use"),
    [
        ("kind", "fruit", "one of algorithm, method, check, overview"),
        ("kind", ["check"], "one of"),
        ("order", "first", "a whole number"),
        ("title", "", "text"),
        ("summary", 7, "text"),
        ("fits", "Plums", "a list of sentences"),
        ("fits", [], "a list of sentences"),
        ("does_not_fit", [1], "a list of sentences"),
        ("references", [], "a list of publications"),
        ("references", "none", "a list of publications"),
        ("example", "what-if", "a map with page and params"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(tmp_path: Path, entry: str, value: Any, use: str) -> None:
    with pytest.raises(GuideError, match=rf"plum_test\.md gives {entry} as .*; use {use}"):
        guides.read(write(tmp_path, {**GOOD, entry: value}))


@pytest.mark.parametrize(
    ("example", "sentence"),
    [
        ({"page": "what-if"}, "lacks params in its example."),
        ({"page": "what-if", "params": {}, "url": "x"}, "has the unknown entry url in its example."),
        ({"page": "what-if", "params": "view=Tree"}, "gives params as 'view=Tree'; use a map."),
    ],
)
def test_a_broken_example_is_named(tmp_path: Path, example: Any, sentence: str) -> None:
    with pytest.raises(GuideError, match=re.escape(f"plum_test.md {sentence}")):
        guides.read(write(tmp_path, {**GOOD, "example": example}))


@pytest.mark.parametrize("entry", ["authors", "title", "venue", "year"])
def test_a_reference_without_an_entry_is_named(tmp_path: Path, entry: str) -> None:
    first = {name: value for name, value in GOOD["references"][0].items() if name != entry}
    with pytest.raises(GuideError, match=rf"plum_test\.md lacks {entry} in the reference"):
        guides.read(write(tmp_path, {**GOOD, "references": [first]}))


def test_a_year_that_is_no_number_and_a_reference_that_is_no_map_are_named(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match="gives the year '1901a' in the reference 'On plums'; use a number"):
        guides.read(write(tmp_path, {**GOOD, "references": [{**GOOD["references"][0], "year": "1901a"}]}))
    with pytest.raises(GuideError, match="has the reference 'Lum 1901'; use a map"):
        guides.read(write(tmp_path, {**GOOD, "references": ["Lum 1901"]}))


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("## Assumptions", "## Guesses"),
        TEXT.replace("## Assumptions", "## Where it fails", 1),
        "\n".join(f"## {part}\ntext" for part in reversed(PARTS)),
        "\n".join(f"## {part}\n" for part in PARTS),
        "",
    ],
)
def test_other_headings_than_the_agreed_ones_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(GuideError, match=r"plum_test\.md must have these headings in this order"):
        guides.read(write(tmp_path, text=text))


def test_text_above_the_first_heading_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match=r"plum_test\.md has text above its first heading: 'Hello'"):
        guides.read(write(tmp_path, text=f"Hello\n{TEXT}"))


@pytest.mark.parametrize("content", ["", "# Plum\n", "---\ntitle: Plum\n", "title: Plum\n---\n"])
def test_a_file_without_entries_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plum_test.md"
    path.write_text(content, "utf-8")
    with pytest.raises(GuideError, match=r"plum_test\.md must begin with its entries"):
        guides.read(path)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ("title: [", "cannot be read: it is not YAML"),
        ("!!python/object:os.system {}", "cannot be read: it is not YAML"),
        ("- a", "must be a map"),
    ],
)
def test_entries_that_are_no_map_are_refused(tmp_path: Path, entries: str, sentence: str) -> None:
    path = tmp_path / "plum_test.md"
    path.write_text(f"---\n{entries}\n---\n{TEXT}", "utf-8")
    with pytest.raises(GuideError, match=rf"The entries of the guide plum_test\.md {sentence}"):
        guides.read(path)


def test_a_name_that_is_not_the_files_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match=r"plum_test\.md calls itself pear; the two must be the same"):
        guides.read(write(tmp_path, {**GOOD, "name": "pear"}))
    path = tmp_path / "plum_test.md"
    path.write_bytes(b"---\ntitle: \xfc\n---\n")
    with pytest.raises(GuideError, match=r"plum_test\.md cannot be read"):
        guides.read(path)


def test_a_folder_is_read_by_kind_and_order(tmp_path: Path) -> None:
    for name, kind, order in (
        ("a", "check", 2),
        ("b", "check", 1),
        ("c", "algorithm", 9),
        ("d", "overview", 0),
    ):
        write(tmp_path, {**GOOD, "name": name, "kind": kind, "order": order}).rename(tmp_path / f"{name}.md")
    assert [guide.name for guide in guides.read_folder(tmp_path)] == ["c", "b", "a", "d"]
