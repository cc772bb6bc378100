"""Guides: what is known about an algorithm, a method or a check, as text in a file.

A guide is a Markdown file. Between two lines ``---`` at its top stand its entries in YAML; the text
below them has one part under each of the headings in `PARTS`. People write it, a page draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from data import yaml_files
from data.failures import CrumbtrailError

KINDS = ("algorithm", "method", "check", "overview")
PARTS = ("In plain words", "Assumptions", "Where it fails", "For practitioners")
_FENCE = "---"


class GuideError(CrumbtrailError):
    """A guide cannot be used; the message names the file and the entry."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A publication; ``identifier`` is a DOI or an arXiv number as text, None where there is neither."""

    authors: str
    title: str
    venue: str
    year: int
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A what-if to open: the page's place in the URL, and what the URL says there."""

    page: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide.

    Attributes
    ----------
    name : str
        The method's name in the catalogue, or that of the algorithm or check; also the file's.
    kind : str
        One of `KINDS`.
    order : int
        Where it stands among those of its kind, ascending.
    summary : str
        One sentence.
    fits, does_not_fit : tuple of str
        Families of problems.
    cannot_show : str
        What nobody may read out of it.
    figure : str
        Name of the live figure.
    parts : mapping of str to str
        Markdown, by the headings in `PARTS`.
    """

    name: str
    title: str
    kind: str
    order: int
    summary: str
    fits: tuple[str, ...]
    does_not_fit: tuple[str, ...]
    cannot_show: str
    figure: str
    example: Example
    references: tuple[Reference, ...]
    parts: Mapping[str, str]


def read(path: Path) -> Guide:
    """Read one guide.

    Raises
    ------
    GuideError
        If the file cannot be read, an entry is missing, unknown or not allowed, or the text has other
        headings than `PARTS`.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GuideError(f"The guide {path.name} cannot be read: {error}") from error
    if not lines or lines[0] != _FENCE or _FENCE not in lines[1:]:
        raise GuideError(
            f"The guide {path.name} must begin with its entries, between two lines that are only {_FENCE}."
        )
    end = lines.index(_FENCE, 1)
    entries = _entries(path, "\n".join(lines[1:end]))
    _check(path, "", entries, {field.name for field in fields(Guide)} - {"parts"})
    for entry, wish in _WISHES.items():
        if not wish.holds(entries[entry]):
            raise GuideError(f"The guide {path.name} gives {entry} as {entries[entry]!r}; use {wish.words}.")
    if entries["name"] != path.stem:
        raise GuideError(f"The guide {path.name} calls itself {entries['name']}; the two must be the same.")
    return Guide(
        **{
            **entries,
            "fits": tuple(entries["fits"]),
            "does_not_fit": tuple(entries["does_not_fit"]),
            "example": _example(path, entries["example"]),
            "references": tuple(_reference(path, one) for one in entries["references"]),
            "parts": _parts(path, lines[end + 1 :]),
        }
    )


def read_folder(folder: Path) -> tuple[Guide, ...]:
    """All guides of a folder, by kind in the order of `KINDS`, then by their own order.

    Raises
    ------
    GuideError
        As `read`.
    """
    found = [read(path) for path in sorted(folder.glob("*.md"))]
    return tuple(sorted(found, key=lambda guide: (KINDS.index(guide.kind), guide.order)))


def _entries(path: Path, text: str) -> dict[str, Any]:
    try:
        entries = yaml_files.load(text)
    except yaml_files.YamlError as error:
        raise GuideError(f"The entries of the guide {path.name} cannot be read: {error}.") from error
    if not isinstance(entries, dict):
        raise GuideError(f"The entries of the guide {path.name} must be a map.")
    return entries


def _check(path: Path, of: str, entries: Mapping[str, Any], wanted: set[str]) -> None:
    missing, unknown = wanted - entries.keys(), entries.keys() - wanted
    if missing or unknown:
        parts = [f"lacks {', '.join(sorted(missing))}"] if missing else []
        parts += [f"has the unknown entry {', '.join(sorted(map(str, unknown)))}"] if unknown else []
        raise GuideError(f"The guide {path.name} {' and '.join(parts)}{of}.")


def _example(path: Path, raw: Any) -> Example:
    if not isinstance(raw, dict):
        raise GuideError(f"The guide {path.name} gives example as {raw!r}; use a map with page and params.")
    _check(path, " in its example", raw, {"page", "params"})
    if not isinstance(raw["params"], dict):
        raise GuideError(f"The guide {path.name} gives params as {raw['params']!r}; use a map.")
    return Example(str(raw["page"]), {str(name): str(value) for name, value in raw["params"].items()})


def _reference(path: Path, raw: Any) -> Reference:
    if not isinstance(raw, dict):
        raise GuideError(
            f"The guide {path.name} has the reference {raw!r}; use a map with authors and so on."
        )
    named = f" in the reference {raw.get('title', raw)!r}"
    _check(path, named, {"identifier": None, **raw}, {field.name for field in fields(Reference)})
    if not isinstance(raw["year"], int):
        raise GuideError(f"The guide {path.name} gives the year {raw['year']!r}{named}; use a number.")
    return Reference(**raw)


def _parts(path: Path, lines: list[str]) -> dict[str, str]:
    parts: dict[str, list[str]] = {}
    heading = None
    for line in lines:
        if line.startswith("## "):
            heading = line.removeprefix("## ").strip()
            parts[heading] = []
        elif heading is not None:
            parts[heading].append(line)
        elif line.strip():
            raise GuideError(f"The guide {path.name} has text above its first heading: {line!r}.")
    texts = {heading: "\n".join(lines).strip() for heading, lines in parts.items()}
    if tuple(texts) != PARTS or not all(texts.values()):
        raise GuideError(
            f"The text of the guide {path.name} must have these headings in this order, each with text "
            f"below it: {', '.join(PARTS)}. It has {', '.join(texts) or 'none'}."
        )
    return texts


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


class _Wish(NamedTuple):
    holds: Callable[[Any], bool]
    words: str


_TEXT, _TEXTS = _Wish(_is_text, "text"), _Wish(_is_texts, "a list of sentences")
_WISHES = {
    **dict.fromkeys(("name", "title", "summary", "cannot_show", "figure"), _TEXT),
    **dict.fromkeys(("fits", "does_not_fit"), _TEXTS),
    "kind": _Wish(KINDS.__contains__, f"one of {', '.join(KINDS)}"),
    "order": _Wish(lambda value: isinstance(value, int), "a whole number"),
    "references": _Wish(lambda value: isinstance(value, list) and bool(value), "a list of publications"),
}
