"""What is another now than when a run was recorded: files of its code, and what its dataset's card says."""

from __future__ import annotations

from pathlib import Path

from data import definitions, workspace
from governance import digests
from governance.record import Record

CARDS = "data/cards/"
"""Where the cards of datasets lie; each that a training read is among the files of its code."""


def changed_files(record: Record) -> dict[str, str]:
    """Every recorded file that is another now, by its place in the repository: ``"changed"`` or ``"gone"``."""
    declared = definitions.files()
    found: dict[str, str] = {}
    for name, digest in sorted(record.code.files.items()):
        now = _digest(declared.get(name, workspace.ROOT / name))
        if now != digest:
            found[name] = "gone" if now is None else "changed"
    return found


def changed_cards(record: Record) -> list[str]:
    """The recorded cards of data that are another now, by their places in the repository."""
    return [name for name in changed_files(record) if name.startswith(CARDS)]


def _digest(path: Path) -> str | None:
    try:
        return digests.of_file(path)
    except OSError:
        return None
