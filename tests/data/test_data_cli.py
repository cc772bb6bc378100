"""``python -m data list | bake`` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from data import __main__ as commands
from data import iris, workspace


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "data", *words], cwd=workspace.ROOT, capture_output=True, text=True, timeout=60
    )


def test_list_json_is_one_document_on_standard_output_in_a_fresh_home(home: Path) -> None:
    done = run("list", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    entry = next(entry for entry in document["datasets"] if entry["name"] == "iris")
    dataset = iris.load()
    assert entry["fingerprint"] == dataset.fingerprint
    assert entry["rows"] == 150
    assert entry["counts"] == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert entry["classification"] == "public"
    assert entry["licence_certainty"] == dataset.card.licence_certainty


def test_list_is_readable_without_json(home: Path) -> None:
    done = CliRunner().invoke(commands.cli, ["list"])
    assert done.exit_code == 0
    assert "iris: Fisher's iris, 150 rows, public" in done.stdout
    assert iris.load().fingerprint in done.stdout


def test_a_home_that_cannot_be_used_is_one_sentence_and_exit_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CRUMBTRAIL_HOME", str(tmp_path / "file"))
    done = run("list", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "Set CRUMBTRAIL_HOME" in done.stderr


def test_bake_writes_pictures_masks_and_parameters(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "scenes"
    first = run("bake", "--n", "3", "--seed", "7", "--out", str(out))
    assert first.returncode == 0, first.stderr
    manifest = json.loads((out / "scenes.json").read_text())
    assert len(manifest["scenes"]) == 3
    assert len(list(out.glob("images/*/*.png"))) == len(list(out.glob("masks/*/*.png"))) == 3
    again = run("bake", "--n", "3", "--seed", "7", "--out", str(out))
    assert "0 of them rendered now" in again.stdout


def test_bake_into_a_folder_that_holds_other_things_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    refused = run("bake", "--n", "2", "--out", str(tmp_path / "mine"))
    assert refused.returncode == 2
    assert refused.stdout == "" and refused.stderr.count("\n") == 1
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep me"
