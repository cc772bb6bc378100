"""Every hostile or damaged file in one table: which reader it is for, and how it is made.

Each ends in an answer or in one sentence, in bounded time and memory. Those of artefacts and of YAML stand in modules
of their own, with what refuses them; the pictures with their sentences in `tests.data.made_photos`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import hostile_pictures, hostile_texts, hostile_yaml
from tests.models import hostile_artefacts


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One entry: the reader that it is for, and what puts it into an empty folder and gives its path or words."""

    reader: str
    make: Callable[[Path], str]


def _written(reader: str, name: str, content: str | bytes | Callable[[], bytes]) -> HostileFile:
    def make(folder: Path) -> str:
        path = folder / name
        made = content() if callable(content) else content
        path.write_bytes(made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass"))
        return str(path)

    return HostileFile(reader, make)


def _words(reader: str, said: str) -> HostileFile:
    return HostileFile(reader, lambda _: said)


def _entries() -> dict[str, HostileFile]:
    found: dict[str, HostileFile] = {}
    for name, content in hostile_texts.ROWS.items():
        found[f"rows: {name}"] = _written("rows", "rows.csv", content)
    for name, content in hostile_texts.TABLES.items():
        found[f"table: {name}"] = _written("table", "fruit.csv", content)
    for name, picture in hostile_pictures.PICTURES.items():
        found[f"picture: {name}"] = _written("picture", picture.file, picture.content)
    for name, fill in hostile_pictures.FOLDERS.items():
        found[f"folder: {name}"] = HostileFile("folder", fill)
    for name, hostile in hostile_yaml.HOSTILE.items():
        found[f"lineage: {name}"] = _written("lineage", "lineage.yaml", hostile.content)
    for reader, contents in (("question", hostile_texts.QUESTIONS), ("record", hostile_texts.RECORDS)):
        for name, content in contents.items():
            found[f"{reader}: {name}"] = _written(reader, f"{reader}.json", content)
    for reader, said in (
        ("query", hostile_texts.QUERIES),
        ("name", hostile_texts.NAMES),
        ("address", hostile_texts.ADDRESSES),
    ):
        for name, words in said.items():
            found[f"{reader}: {name}"] = _words(reader, words)
    return found


FILES = _entries()
ARTEFACTS = {
    **{f"network: {name}": change for name, change in hostile_artefacts.NETWORKS.items()},
    **{f"tree: {name}": change for name, change in hostile_artefacts.TREES.items()},
}
"""Changes of a trained artefact, which `tests/models/test_hostile_artefacts.py` runs beside the whole one."""
