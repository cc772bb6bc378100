"""What projects declare in Python: found, read again once it has changed, refused in a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from data import datasets, definitions
from data.definitions import DefinitionError
from models import catalogue

SOURCE = "from types import SimpleNamespace\nSOURCES = (SimpleNamespace(name={!r}, card=lambda: {!r}),)\n"


def write(home: Path, project: str, text: str) -> Path:
    folder = home / "projects" / project
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "definition.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_home_without_projects_declares_nothing(home: Path) -> None:
    assert definitions.files() == {} == definitions.declared("SOURCES")


def test_what_is_declared_is_listed_beside_what_is_built_in(home: Path) -> None:
    before = datasets.names()
    write(home, "bikes", SOURCE.format("bikes_rows", "the card"))
    write(home, "empty", "")
    assert set(datasets.names()) - set(before) == {"bikes_rows"}
    assert datasets.card("bikes_rows") == "the card"
    assert list(definitions.files()) == ["projects/bikes/definition.py", "projects/empty/definition.py"]


def test_projects_are_elsewhere_where_the_environment_says_so(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "other", "bikes", SOURCE.format("bikes_rows", "the card"))
    monkeypatch.setenv("CRUMBTRAIL_PROJECTS", str(tmp_path / "other" / "projects"))
    assert list(definitions.declared("SOURCES")) == ["bikes_rows"]


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(home: Path) -> None:
    path = write(home, "bikes", SOURCE.format("bikes_rows", "first"))
    first = definitions.declared("SOURCES")["bikes_rows"]
    assert definitions.declared("SOURCES")["bikes_rows"] is first
    path.write_text(SOURCE.format("bikes_rows", "second"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert datasets.card("bikes_rows") == "second"


@pytest.mark.parametrize("text", ["raise ValueError('no such column')", "this is no Python"])
def test_a_file_that_cannot_be_run_is_named(home: Path, text: str) -> None:
    write(home, "bikes", text)
    with pytest.raises(
        DefinitionError, match=r"projects/bikes/definition\.py cannot be read.*Correct it, or"
    ):
        catalogue.names()
    assert catalogue.definition("iris_tree").spec.name == "iris_tree", "what is built in needs no project"


def test_a_name_is_given_once(home: Path) -> None:
    write(home, "bikes", SOURCE.format("iris", "another"))
    with pytest.raises(
        DefinitionError, match=r"projects/bikes/definition\.py declares iris, a name that is given"
    ):
        datasets.names()
    write(home, "bikes", SOURCE.format("mine", "one"))
    write(home, "cars", SOURCE.format("mine", "two"))
    with pytest.raises(DefinitionError, match=r"projects/cars/definition\.py declares mine"):
        datasets.names()


def test_models_are_told_apart_by_their_specs_names(home: Path) -> None:
    write(
        home,
        "bikes",
        "from types import SimpleNamespace as N\nDEFINITIONS = (N(spec=N(name='a')), N(spec=N(name='b')))",
    )
    assert list(definitions.declared("DEFINITIONS")) == ["a", "b"]
    assert catalogue.names()[-2:] == ["a", "b"]
    assert catalogue.definition("b").spec == SimpleNamespace(name="b")  # type: ignore[comparison-overlap]
