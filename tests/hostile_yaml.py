"""YAML files that somebody wrote to do harm, or by mistake: each is made here, with the words that refuse it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file's content and part of the sentence that refuses it."""

    content: str | bytes
    said: str


def _laughs(levels: int = 12, at_once: int = 9) -> str:
    lines = ["a0: &a0 ha"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * at_once)}]" for n in range(1, levels)]
    return "\n".join(lines)


def _merged(levels: int = 16, at_once: int = 4) -> str:
    lines = ["a0: &a0 {ha: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * at_once)}]}}" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE = {
    "twenty megabytes": Hostile("a: " + "x" * 20_000_000, "larger than 256 KiB"),
    "twenty megabytes of maps": Hostile("- a: 1\n" * 3_000_000, "larger than 256 KiB"),
    "too many values": Hostile("- 1\n" * 30_000, "more than 20000 values"),
    "too many in one line": Hostile(f"[{'1,' * 50_000}]", "more than 20000 values"),
    "billion laughs": Hostile(_laughs(), "more than 20000 values"),
    "billion laughs of merged maps": Hostile(_merged(), "more than 20000 values"),
    "an alias of itself in a list": Hostile("a: &a [*a]", "the alias *a within what it stands for"),
    "an alias of itself in a map": Hostile("&a {b: *a}", "the alias *a within what it stands for"),
    "an alias of itself as a key": Hostile("&a {*a : 1}", "the alias *a within what it stands for"),
    "an alias of nothing": Hostile("a: *b", "undefined alias"),
    "an anchor twice": Hostile("a: &x 1\nb: &x 2\n", "duplicate anchor"),
    "deep lists": Hostile("[" * 5_000 + "]" * 5_000, "nested deeper than 20 levels"),
    "deep lists that never end": Hostile("[" * 100_000, "nested deeper than 20 levels"),
    "deep maps": Hostile("{a: " * 5_000 + "}" * 5_000, "nested deeper than 20 levels"),
    "deep indents": Hostile("\n".join(f"{' ' * n}a:" for n in range(300)), "nested deeper than 20 levels"),
    "deep dashes": Hostile("- " * 5_000 + "a", "nested deeper than 20 levels"),
    "deep keys": Hostile("? " * 5_000 + "a", "nested deeper than 20 levels"),
    "NUL": Hostile(b"a: b\0c", "special characters are not allowed"),
    "NUL that is written": Hostile('a: "b\\0c"', "line 1 holds the character NUL"),
    "NUL in a key": Hostile('"a\\x00": b', "line 1 holds the character NUL"),
    "half a character": Hostile('a: "\\ud800"', "half a character"),
    "a bell": Hostile(b"a: \x07", "special characters are not allowed"),
    "no character at all": Hostile('a: "\\UFFFFFFFF"', "not of its form or tag"),
    "no UTF-8": Hostile(b"a: \xff", "it is not UTF-8 (byte 4)"),
    "UTF-16": Hostile("a: b".encode("utf-16"), "it is not UTF-8 (byte 1)"),
    "zeros": Hostile(b"\0" * 1000, "special characters are not allowed"),
    "a program": Hostile(b"\x7fELF\x02\x01\x01\xfe", "it is not UTF-8"),
    "two documents": Hostile("a: 1\n---\nb: 2\n", "expected a single document"),
    "a key twice": Hostile("a: 1\nb: 2\na: 3\n", "line 3 has the key a a second time"),
    "a list as a key": Hostile("[1, 2]: 3", "unhashable key"),
    "a map as a key": Hostile("{a: 1}: 3", "unhashable key"),
    "a tab as indent": Hostile("a:\n\tb: 1", "it is not YAML"),
    "an open list": Hostile("a: [", "it is not YAML"),
    "an open text": Hostile('a: "', "it is not YAML"),
    "an open text of many lines": Hostile('a: "' + "b\n" * 50_000, "it is not YAML"),
    "two colons": Hostile("a: b: c", "it is not YAML"),
    "code": Hostile("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
    "code by a module": Hostile("!!python/name:os.system", "could not determine a constructor"),
    "a tag of nobody": Hostile("a: !mine b", "could not determine a constructor"),
    "a directive of tags": Hostile("%TAG ! tag:nobody,\n---\na: !b c", "could not determine a constructor"),
    "a version to come": Hostile("%YAML 9.9\n---\na: b", "found incompatible YAML document"),
    "a long number": Hostile("a: " + "9" * 100_000, "a number of more than 300 characters"),
    "a long number of base 60": Hostile("a: 1" + ":59" * 60_000, "a number of more than 300 characters"),
    "a long float of base 60": Hostile(
        "a: 1" + ":59" * 60_000 + ".5", "a number of more than 300 characters"
    ),
    "a number by its tag": Hostile("a: !!int eleven", "not of its form or tag"),
    "a float by its tag": Hostile("a: !!float eleven", "not of its form or tag"),
    "a month 13": Hostile("a: 2020-13-01", "month must be in 1..12"),
    "a date by its tag": Hostile("a: !!timestamp soon", "not of its form or tag"),
    "bytes by their tag": Hostile("a: !!binary é", "it is not YAML"),
    "no truth by its tag": Hostile("a: !!bool perhaps", "not of its form or tag"),
    "a merge with a text": Hostile("a: {<<: b}", "expected a mapping"),
}
