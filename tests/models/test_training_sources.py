"""A table that was filled from a file is trained on while the file is the same, and else not without a word."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import iris, workspace
from data.failures import UserMistake
from governance import since
from models import __main__ as commands
from models import catalogue, training
from models.training_sources import SourceChanged


@pytest.fixture
def root(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another repository, where iris.csv has a changed line; the table was filled from the file as it is."""
    iris.put_in_place()
    root = tmp_path / "repository"
    (root / "data").mkdir(parents=True)
    (root / "data" / "iris.csv").write_text(iris.CSV.read_text(encoding="utf-8").replace("5.1", "5.2", 1))
    monkeypatch.setattr(workspace, "ROOT", root)
    return root


def train(folder: Path, expect: str | None = None) -> dict[str, object]:
    folder.mkdir(exist_ok=True)
    definition = catalogue.definition("iris_tree")
    return training.run(definition, {}, 0, 1, folder, lambda _: None, expect=expect)


@pytest.mark.parametrize("now", ["was changed", "is gone"])
def test_a_changed_source_file_is_refused_with_what_to_do(root: Path, tmp_path: Path, now: str) -> None:
    if now == "is gone":
        (root / "data" / "iris.csv").unlink()
    with pytest.raises(SourceChanged) as caught:
        train(tmp_path / "training")
    said = str(caught.value)
    assert said.startswith(f"The file data/iris.csv {now} since table iris was filled from it")
    assert ("python -m data refill iris" in said) == (
        now == "was changed"
    ) and "Put the old file back" in said
    assert list((tmp_path / "training").iterdir()) == []


def test_what_is_made_again_takes_the_rows_of_the_record(root: Path, tmp_path: Path) -> None:
    """Other rows are described and not trained on; the file has no say in it."""
    record = train(tmp_path / "training", expect="0" * 64)
    data = record["data"]
    assert isinstance(data, dict)
    assert data["origin"]["sources"]["iris"]["file"] == "data/iris.csv"
    assert data["fingerprint"] == iris.load().fingerprint


def test_a_class_in_another_unicode_spelling_is_named_with_the_model_s(home: Path) -> None:
    data = replace(iris.load(), classes=("cafe\u0301", *iris.CLASSES[1:]))
    definition = catalogue.definition("iris_tree")
    spec = replace(definition.spec, classes=("caf\u00e9", *iris.CLASSES[1:]))
    with pytest.raises(UserMistake, match=r"another Unicode spelling.*iris_tree means 'caf\\xe9'"):
        training._check_fits(replace(definition, spec=spec), data)


def test_a_training_says_that_the_card_changed_since_the_newest_version(
    trained_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        since, "changed_files", lambda _: {"data/cards/iris.yaml": "changed", "x.py": "changed"}
    )
    done = CliRunner().invoke(commands.cli, ["train", "iris_tree", "--seed", "3"])
    assert done.exit_code == 0, done.output
    assert (
        "data/cards/iris.yaml changed since iris_tree@1 was trained" in done.stdout
        and "x.py" not in done.stdout
    )
