"""The one way in which a YAML file is read: cards, guides and ``lineage.yaml`` all come through here.

YAML lets a few lines stand for billions of values, and people write these files by hand; so the size, the depth and
what aliases stand for are bounded while the file is read, and not once it is in memory.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import yaml

from data.failures import CrumbtrailError

LARGEST_BYTES = 256 * 1024
DEEPEST = 20
MOST_VALUES = 20_000
"""Counted with everything that an alias stands for, each time that it stands there."""
LONGEST_NUMBER = 300
"""Characters of a value that YAML takes for a number or a date; the largest float has 309 digits."""


class YamlError(CrumbtrailError):
    """What a file holds is no YAML that can be used; a sentence about the content, without the file's name."""


def read(path: Path) -> Any:
    """The content of a YAML file.

    Raises
    ------
    YamlError
        If the file is no regular file, cannot be read, is larger than `LARGEST_BYTES` or no UTF-8, or as `load`.
    """
    try:
        # Asked before it is opened: a pipe would never end.
        if not stat.S_ISREG(path.stat().st_mode):
            raise YamlError("it is no regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise YamlError(f"it cannot be opened ({error.strerror})") from error
    if len(content) > LARGEST_BYTES:
        raise YamlError(f"it is larger than {LARGEST_BYTES // 1024} KiB")
    try:
        return load(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise YamlError(f"it is not UTF-8 (byte {error.start + 1})") from error


def load(text: str) -> Any:
    """What a YAML text says: maps, lists, texts, numbers, dates.

    Raises
    ------
    YamlError
        If the text is no YAML, names one key twice in a map, is nested deeper than `DEEPEST`, holds more than
        `MOST_VALUES` values, an alias within what it stands for, a NUL or half a character, or a number that is none.
    """
    try:
        loader = _Bounded(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except _TooMuch as error:
        raise YamlError(str(error)) from error
    except yaml.YAMLError as error:
        raise YamlError(f"it is not YAML: {' '.join(str(error).split())}") from error
    except (ValueError, OverflowError, LookupError, AttributeError) as error:
        # What the library lets out where a value is not of its form or tag: a month 13, ``!!bool perhaps``.
        raise YamlError(f"it holds a value that is not of its form or tag ({error})") from error


class _TooMuch(Exception):
    """A bound is passed; not a YAMLError, whose words would be wrapped."""


class _Bounded(yaml.SafeLoader):
    """Counts the events of a text while they are made into values."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._open: list[tuple[str | None, int]] = []
        self._values = 0
        self._stands_for: dict[str, int] = {}

    def get_event(self) -> Any:
        event = super().get_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._values))
            self._values += 1
            if len(self._open) > DEEPEST:
                raise _TooMuch(f"line {line} is nested deeper than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            if anchor is not None:
                self._stands_for[anchor] = self._values - before
        elif isinstance(event, yaml.ScalarEvent):
            _check_text(event, line)
            self._values += 1
            if event.anchor is not None:
                self._stands_for[event.anchor] = 1
        elif isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in self._open):
                raise _TooMuch(f"line {line} has the alias *{event.anchor} within what it stands for")
            # One that stands for nothing is refused a moment later, by the library.
            self._values += self._stands_for.get(event.anchor or "", 0)
        if self._values > MOST_VALUES:
            raise _TooMuch(f"it holds more than {MOST_VALUES} values, aliases counted as what they stand for")
        return event

    def compose_mapping_node(self, anchor: Any) -> Any:
        # Here and not where the map is made: by then the keys of merged maps (<<) stand beside its own.
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise _TooMuch(f"line {key.start_mark.line + 1} has the key {key.value} a second time")
                seen.add((key.tag, key.value))
        return node

    def construct_yaml_int(self, node: Any) -> int:
        _check_number(node)
        return super().construct_yaml_int(node)

    def construct_yaml_float(self, node: Any) -> float:
        _check_number(node)
        return super().construct_yaml_float(node)


_Bounded.add_constructor("tag:yaml.org,2002:int", _Bounded.construct_yaml_int)
_Bounded.add_constructor("tag:yaml.org,2002:float", _Bounded.construct_yaml_float)


def _check_text(event: yaml.ScalarEvent, line: int) -> None:
    if "\0" in event.value:
        raise _TooMuch(f"line {line} holds the character NUL")
    if any("\ud800" <= character <= "\udfff" for character in event.value):
        raise _TooMuch(f"line {line} holds half a character (a surrogate)")


def _check_number(node: yaml.ScalarNode) -> None:
    # Base 60, as in 1:30:00, takes time that grows with the square of the length.
    if len(node.value) > LONGEST_NUMBER:
        raise _TooMuch(
            f"line {node.start_mark.line + 1} holds a number of more than {LONGEST_NUMBER} characters"
        )
