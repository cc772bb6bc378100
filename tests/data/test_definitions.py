"""What projects declare in Python: found, read again once it has changed, refused in a sentence."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from data import datasets, definitions
from data.failures import UserMistake
from governance import doctor
from models import catalogue
from tests.conftest import ROOT

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


@pytest.mark.parametrize(
    "text", ["raise ValueError('no such column')", "this is no Python", "DEFINITIONS = (3,)", "SOURCES = 3"]
)
def test_a_file_that_cannot_be_run_is_named_and_ends_no_other_s_work(home: Path, text: str) -> None:
    write(home, "bikes", text)
    write(home, "cars", SOURCE.format("cars_rows", "the card"))
    assert catalogue.names()[:3] == ["iris_tree", "iris_forest", "muffin_cnn"]
    assert "cars_rows" in datasets.names()
    (said,) = catalogue.problems()
    assert re.match(r"projects/bikes/definition\.py cannot be read \(.*\)\. Correct it, or move it out", said)
    assert datasets.problems() == [said]
    for ask, unknown in ((catalogue.definition, catalogue.UnknownModel), (datasets.load, UserMistake)):
        with pytest.raises(unknown) as raised:
            ask("bikes")  # type: ignore[operator]
        assert str(raised.value).endswith(said)


def test_a_file_that_was_corrected_is_read_again(home: Path) -> None:
    path = write(home, "bikes", "this is no Python")
    assert catalogue.problems()
    path.write_text(SOURCE.format("bikes_rows", "the card"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert not catalogue.problems() and datasets.card("bikes_rows") == "the card"


def test_a_name_is_given_once(home: Path) -> None:
    write(home, "bikes", SOURCE.format("iris", "another"))
    assert datasets.card("iris") != "another"
    assert datasets.problems() == [
        "projects/bikes/definition.py declares iris, a name that is given already. Choose another."
    ]
    write(home, "bikes", SOURCE.format("mine", "one"))
    os.utime(home / "projects" / "bikes" / "definition.py", ns=(1, 1))
    write(home, "cars", SOURCE.format("mine", "two"))
    assert datasets.card("mine") == "one"
    (said,) = datasets.problems()
    assert said.startswith("projects/cars/definition.py declares mine")


def test_every_list_says_what_it_leaves_out(home: Path) -> None:
    write(home, "bikes", "this is no Python")
    said = r"Left out: projects/bikes/definition\.py cannot be read"
    for module, words in (("models", ["list", "--json"]), ("data", ["list", "--json"])):
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert re.search(said, done.stderr) and json.loads(done.stdout)
    assert any("projects/bikes" in found.said for found in doctor.examine())


def test_models_are_told_apart_by_their_specs_names(home: Path) -> None:
    write(
        home,
        "bikes",
        "from types import SimpleNamespace as N\nDEFINITIONS = (N(spec=N(name='a')), N(spec=N(name='b')))",
    )
    assert list(definitions.declared("DEFINITIONS")) == ["a", "b"]
    assert catalogue.names()[-2:] == ["a", "b"]
    assert catalogue.definition("b").spec == SimpleNamespace(name="b")  # type: ignore[comparison-overlap]
