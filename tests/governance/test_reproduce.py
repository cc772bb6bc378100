"""Making a version again: levels, named differences, and that nothing stored is looked at or touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from click.testing import CliRunner, Result

from data import workspace
from data.failures import UserMistake
from governance import __main__ as commands
from governance import registry, reproduce, stored_records
from governance.home import open_store
from governance.record import Record
from governance.registry import Version
from governance.reproduce import LEVELS
from governance.store import Store


@pytest.fixture
def store(trained_home: Path) -> Store:
    return open_store()


@pytest.fixture
def original(store: Store) -> Version:
    """``iris_tree@1``, depth 3, trained in a child by the queue."""
    return registry.resolve(store, "iris_tree@1")


def run(*words: str) -> Result:
    """``python -m governance reproduce`` in this process; the training is a real child all the same."""
    return CliRunner().invoke(commands.cli, ["reproduce", "iris_tree@1", *words])


def verdict_of(result: Result) -> dict[str, Any]:
    return json.loads(result.stdout)


def facts(verdict: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {d["fact"]: (d["recorded"], d["found"]) for d in verdict["differences"]}


def row_bytes(store: Store, identity: str) -> list[Any]:
    with store.reading() as connection:
        return list(connection.exec_driver_sql("SELECT * FROM records WHERE id = ?", (identity,)).one())


def sql(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_a_tree_is_made_again_bit_for_bit_without_its_artefact(
    store: Store, original: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every stored file but the probe is gone, and the environment of the caller is another."""
    files = original.record.body["results"]["files"]
    for name in ("model.skops", "rows.json"):
        store.blobs.path(files[name]["digest"]).unlink()
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("NPY_DISABLE_CPU_FEATURES", "AVX512F")
    before = row_bytes(store, original.record_id)

    result = run("--json")
    verdict = verdict_of(result)
    assert result.exit_code == 0, result.stderr
    assert verdict["level"] == "bit-identical"
    assert verdict["version"] == "iris_tree@1"
    assert [fact for fact in facts(verdict) if not fact.startswith("code.")] == []
    assert verdict["tensors"] and all(verdict["tensors"].values())
    assert verdict["tensors"].keys() == original.record.body["results"]["tensors"].keys()
    assert verdict["largest_probability_difference"] == 0
    assert verdict["accuracy_difference"] == 0
    assert verdict["reason"] is None

    # The original is untouched, and the verification is a record of its own that names it.
    assert row_bytes(store, original.record_id) == before
    assert [v.number for v in registry.versions(store, "iris_tree")] == [1]
    (made,) = stored_records.verifications(store, original.record_id)
    assert made.id == verdict["record"] != original.record_id
    assert (made.kind, made.subject, made.body["level"]) == (
        "verification",
        original.record_id,
        "bit-identical",
    )
    assert hashlib.sha256(rfc8785.dumps(made.body)).hexdigest() == made.id
    assert made.body["repeated"]["results"]["weights_digest"] == original.weights_digest
    assert not (store.blobs.path(files["model.skops"]["digest"])).exists()


def test_a_changed_row_is_not_comparable_and_named_with_its_table(store: Store, original: Version) -> None:
    sql(store, "UPDATE iris SET sepal_length = sepal_length + 0.1 WHERE flower_id = 42")
    from data import iris

    result = run("--json")
    verdict = verdict_of(result)
    assert result.exit_code == 1
    assert verdict["level"] == "not comparable"
    recorded, found = original.record.body["data"]["fingerprint"], iris.load().fingerprint
    assert recorded != found
    for part in ("Table iris", recorded, found, "Changed: flower_id 42."):
        assert part in verdict["reason"]
    assert facts(verdict)["data.fingerprint"] == (recorded, found)
    assert "tensors" not in verdict or verdict["tensors"] == {}
    # It was not trained: nothing may look as if it had been compared.
    (made,) = stored_records.verifications(store, original.record_id)
    assert made.body["repeated"]["results"].keys() == {"files"}

    said = run()
    assert said.exit_code == 1
    assert said.stdout.startswith("iris_tree@1: not comparable. ")
    assert "flower_id 42" in said.stdout


def test_rows_that_are_gone_and_new_are_named(store: Store, original: Version, tmp_path: Path) -> None:
    before = {f"flower_id {i}": "a" for i in range(1, 151)}
    after = {name: "a" for name in before if name not in ("flower_id 3", "flower_id 4")} | {
        "flower_id 151": "b"
    }
    (tmp_path / "rows.json").write_text(json.dumps(after))
    record = json.loads(json.dumps(original.record.body))
    record["results"]["files"]["rows.json"]["digest"] = store.blobs.put(json.dumps(before).encode())
    repeated = {"data": {**record["data"], "fingerprint": "f" * 64}}
    sentence = reproduce._changed_data(store, Record(record), Record(repeated), tmp_path)
    assert "Gone: flower_id 3, flower_id 4." in sentence
    assert "New: flower_id 151." in sentence
    assert "Changed" not in sentence


def test_a_deleted_table_is_not_comparable_and_is_not_filled_again(store: Store, original: Version) -> None:
    sql(store, "DROP TABLE iris")
    result = run("--json")
    verdict = verdict_of(result)
    assert result.exit_code == 1
    assert verdict["level"] == "not comparable"
    assert "no table iris" in verdict["reason"]
    assert original.record.body["data"]["fingerprint"] in verdict["reason"]
    with store.reading() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'iris'").all()
    assert tables == []


def test_a_table_that_cannot_be_read_is_not_comparable_with_the_cause(
    store: Store, original: Version
) -> None:
    sql(store, "ALTER TABLE iris RENAME COLUMN petal_width TO width")
    result = run("--json")
    verdict = verdict_of(result)
    assert (result.exit_code, verdict["level"]) == (1, "not comparable")
    assert "iris cannot be read from table iris" in verdict["reason"]
    assert stored_records.get_record(store, verdict["record"]).body["repeated"] is None


def test_other_settings_are_named_and_the_level_is_as_found(store: Store, original: Version) -> None:
    """Depth 1 cannot tell versicolor from virginica, whatever the seed: a third of the flowers is wrong."""
    result = run("--json", "--set", "max_depth=1", "--set", "seed=3")
    verdict = verdict_of(result)
    assert verdict["level"] == "different"
    assert result.exit_code == 1
    found = facts(verdict)
    assert found["parameters.settings.max_depth"] == (3, 1)
    assert found["parameters.chosen.max_depth"] == (3, 1)
    assert found["parameters.seed"] == (0, 3)
    assert found["results.weights_digest"][0] == original.weights_digest
    assert verdict["accuracy_difference"] > 0.02 == verdict["tolerance"]
    assert verdict["largest_probability_difference"] > 0.3
    assert not any(same for name, same in verdict["tensors"].items() if name in ("threshold", "value"))
    assert stored_records.get_record(store, verdict["record"]).body["asked"] == {
        "overrides": {"max_depth": "1", "seed": "3"}
    }


def test_another_seed_is_named_even_where_the_tree_is_the_same(store: Store, original: Version) -> None:
    result = run("--json", "--set", "seed=1")
    verdict = verdict_of(result)
    assert facts(verdict)["parameters.seed"] == (0, 1)
    same = facts(verdict).get("results.weights_digest") is None
    assert (verdict["level"] == "bit-identical") == same
    assert verdict["level"] in LEVELS[:3]
    assert result.exit_code == 0


@pytest.fixture
def copied_repository(tmp_path: Path) -> Path:
    """What a training needs of the working tree, somewhere else and without git."""
    copy = tmp_path / "copy"
    for room in ("data", "governance", "models"):
        shutil.copytree(workspace.ROOT / room, copy / room, ignore=shutil.ignore_patterns("artifacts"))
    shutil.copy2(workspace.ROOT / "lineage.yaml", copy)
    return copy


def reproduced_by(repository: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "governance", "reproduce", "iris_tree@1", "--json"],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_training_rows_that_are_rounded_make_a_different_model(
    store: Store, original: Version, copied_repository: Path
) -> None:
    """The cross-validation sees nothing of it: it is the rows of the last training alone that are rounded."""
    path = copied_repository / "models" / "sklearn_trees.py"
    code = path.read_text(encoding="utf-8")
    changed = code.replace("x, y = dataset.x[rows]", "x, y = dataset.x[rows].round()")
    assert changed != code
    path.write_text(changed, encoding="utf-8")
    done = reproduced_by(copied_repository)
    verdict = json.loads(done.stdout)
    assert (done.returncode, verdict["level"]) == (1, "different"), done.stderr
    assert verdict["accuracy_difference"] == 0
    assert "code.files.models/sklearn_trees.py" in facts(verdict)


def test_a_changed_source_line_is_named_whatever_the_level(
    store: Store, original: Version, copied_repository: Path
) -> None:
    path = copied_repository / "models" / "iris_tree.py"
    path.write_text(path.read_text(encoding="utf-8") + "# A comment changes nothing that is computed.\n")
    done = reproduced_by(copied_repository)
    verdict = json.loads(done.stdout)
    assert (done.returncode, verdict["level"]) == (0, "bit-identical"), done.stderr
    found = facts(verdict)
    recorded, now = found.pop("code.files.models/iris_tree.py")
    assert recorded == original.record.body["code"]["files"]["models/iris_tree.py"]
    assert now == hashlib.sha256(path.read_bytes()).hexdigest()
    # What else is named is the commit, which a copy does not have; no other file.
    assert [fact for fact in found if not fact.startswith("code.git")] == []


def test_a_source_file_changed_during_the_training_aborts_it(
    home: Path, copied_repository: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "into"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "models", "train", "iris_tree", "--set", "max_depth=2", "--into", str(folder)],
        cwd=copied_repository,
        env=os.environ | {"PYTHONPATH": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdin is not None and process.stderr is not None
    assert "cross-validation" in process.stdout.readline()
    path = copied_repository / "models" / "sklearn_trees.py"
    path.write_text(path.read_text(encoding="utf-8") + "# Edited while it ran.\n")
    assert process.stdout.read() is not None
    complaint = process.stderr.read()
    assert process.wait(timeout=120) == 1
    assert complaint.startswith("models/sklearn_trees.py changed during the training")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "seed=x"], "seed must be a whole number"),
        (["--set", "seed=-1"], "seed must be a whole number"),
        (["--set", "seed=2147483648"], "seed must be a whole number from 0 to 2147483647, not '2147483648'."),
        (["--set", "threads=1.5"], "threads must be a whole number"),
        (["--set", "threads=0"], "threads must be a whole number from 1 to 64, not '0'."),
        (["--set", "max_depth"], "--set takes key=value"),
        (["--set", "=3"], "--set takes key=value"),
        (["--set", "seed=1", "--set", "seed=2"], "--set gives seed twice"),
        (["--set", "depth=3"], "iris_tree has no setting 'depth'"),
    ],
)
def test_an_override_that_cannot_be_is_a_user_s_mistake(store: Store, words: list[str], said: str) -> None:
    result = run("--json", *words)
    assert result.exit_code == UserMistake.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr.splitlines()[-1]
    assert stored_records.list_records(store, "iris_tree") == [
        r for r in stored_records.list_records(store, "iris_tree") if r.kind == "run"
    ]
