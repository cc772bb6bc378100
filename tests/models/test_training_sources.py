"""A table that was filled from a file is trained on while the file is the same, and else not without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import iris, workspace
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
