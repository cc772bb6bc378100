"""A home of Crumbtrail 0.1 is opened, and everything that 0.1 said of it is still said."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from ask import explain_command
from ask.answer import values_digest
from governance import __main__ as governance_command
from governance import audit, digests, registry, store
from governance.home import open_store
from models import __main__ as models_command
from tests.old_home import grad_cam, said, unsaid

COMMANDS = {
    "explain": explain_command.explain,
    "governance": governance_command.cli,
    "models": models_command.cli,
}
SAID = said()
OF_PICTURES = [words for words in SAID if "muffin-2" in words]
# A convolution's last digits are the processor's; a tree's and a record's are not.
NEAR = 1e-5


def say(words: str, *more: str) -> dict[str, Any]:
    """What the command prints now."""
    room, *rest = words.split()
    done = CliRunner().invoke(COMMANDS[room], [*rest, *more])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def tables(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of the database, read past the code under test."""
    with closing(sqlite3.connect(home / "crumbtrail.db")) as database:
        database.row_factory = sqlite3.Row
        names = [
            row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: [dict(row) for row in database.execute(f"SELECT * FROM {name} ORDER BY rowid")]  # noqa: S608
            for name in names
        }


# Measurements that the repository ships and did not when the home was made.
SHIPPED_SINCE = 1


def blobs(home: Path) -> dict[str, str]:
    return {path.name: digests.of_file(path) for path in (home / "blobs").rglob("*") if path.is_file()}


def only(words: Sequence[str], part: str) -> list[str]:
    found = [one for one in words if part in one]
    assert found
    return found


def test_opening_migrates_once_and_changes_nothing_that_was_written(
    old_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, files = tables(old_home), blobs(old_home)
    assert before.pop("alembic_version") == [{"version_num": "0002"}]
    open_store().engine.dispose()
    after = tables(old_home)
    assert after["alembic_version"] == [{"version_num": store.NEWEST}]
    for name, rows in before.items():
        lost = [row for row in rows if not any(unsaid(row, now) == [] for now in after[name])]
        assert lost == [], name
    # What was measured and shipped since comes on top, with its entry in the log and whose session it was.
    more = {
        name: len(after[name]) - len(rows) for name, rows in before.items() if len(after[name]) != len(rows)
    }
    assert more == dict.fromkeys(("audit_log", "records", "sessions"), SHIPPED_SINCE)
    assert blobs(old_home) == files
    assert all(name == content for name, content in files.items())

    def migrated(*given: Any) -> None:
        pytest.fail("A home of today was migrated again.")

    monkeypatch.setattr(store, "_migrate", migrated)
    again = open_store()
    again.engine.dispose()
    assert tables(old_home) == after
    assert audit.verify(again).problems == ()


def test_the_new_column_says_what_the_old_records_say(old_home: Path) -> None:
    open_store().engine.dispose()
    judged = {}
    for row in tables(old_home)["records"]:
        body = json.loads(row["body"])
        run = body["repeated"] if row["kind"] == "verification" else body
        judged[row["id"]] = (row["test_digest"], run.get("data", {}).get("test_digest"))
    assert len({kept for kept, _ in judged.values() if kept}) == 2
    assert sum(kept is not None for kept, _ in judged.values()) == 5
    assert all(kept == wanted for kept, wanted in judged.values())


def test_records_are_whole_and_say_what_they_said(old_home: Path) -> None:
    for words in only(list(SAID), "governance show"):
        shown = say(words)
        assert unsaid(SAID[words], shown) == [], words
        # The digest covers what is left out of the file: the code's files, the split, the weights' digests.
        assert digests.of_json(shown["record"]) == shown["record_id"]


def test_the_log_holds_and_the_versions_are_listed(old_home: Path) -> None:
    listed, log = "models list --json", "governance audit --json"
    assert unsaid(SAID[listed], say(listed)) == []
    old, now = SAID[log], say(log)
    assert now["problems"] == old["problems"] == [] and now["files"] == old["files"]
    assert {name: now[name] - old[name] for name in ("entries", "records")} == dict.fromkeys(
        ("entries", "records"), SHIPPED_SINCE
    )


def test_lineage_is_the_same_but_for_the_code_that_moved_on(old_home: Path) -> None:
    (words,) = only(list(SAID), "governance lineage")
    found = say(words)
    assert unsaid(SAID[words], found) == []
    (code,) = (node for node in found["nodes"] if node["id"] == "code")
    (file,) = (one for one in found["declared"] if one["kind"] == "training_file")
    assert code["state"] == "bad"
    assert (file["state"], file["found"]) == ("mismatch", "The file was changed since the training.")


def test_rows_get_the_same_answers_explanations_and_receipts(old_home: Path) -> None:
    for words in only(list(SAID), "petal_length="):
        assert unsaid(SAID[words], say(words)) == [], words


def test_a_picture_gets_the_same_answer_map_and_trust(old_home: Path, tmp_path: Path) -> None:
    predict, explain = OF_PICTURES
    assert unsaid(SAID[predict], say(predict), NEAR) == []
    old, out = SAID[explain], tmp_path / "map.npy"
    found = say(explain, "--out", str(out))
    values = np.load(out, allow_pickle=False)
    np.testing.assert_allclose(values, grad_cam(), rtol=0, atol=NEAR)
    # A receipt also says now what a map was held against, so its name is another one.
    assert found["receipt"].pop("held_against")
    del old["receipt"]["id"]
    digest = old["receipt"].pop("values_digest")
    assert digest == values_digest(grad_cam())
    assert (found["receipt"]["values_digest"] == digest) == np.array_equal(values, grad_cam())
    assert unsaid(old, found, NEAR) == []


def test_an_old_version_is_made_again_bit_for_bit(old_home: Path) -> None:
    verdict = say("governance reproduce iris_tree@1 --json")
    assert verdict["level"] == "bit-identical"
    shown = say("governance show iris_tree@1 --json")
    assert [one["level"] for one in shown["verifications"]] == ["bit-identical", "bit-identical"]
    opened = open_store()
    assert registry.resolve(opened, "iris_tree@1").record_id == shown["record_id"]
    assert audit.verify(opened).problems == ()


def test_the_comparison_sees_what_is_lost_and_what_became_something_else() -> None:
    old = {"a": [1, {"b": 0.5}], "c": None}
    assert unsaid(old, {**old, "more": 1}) == []
    assert unsaid(old, {"a": [1, {"b": 0.5}]}) == [".c is gone"]
    assert unsaid(old, {"a": [1, {"b": 0.500001}], "c": None}) == [".a[1].b: 0.5 became 0.500001"]
    assert unsaid(old, {"a": [1, {"b": 0.500001}], "c": None}, near=1e-5) == []
    assert unsaid(old, {"a": [1], "c": False}) == [
        ".a: [1, {'b': 0.5}] became [1]",
        ".c: None became False",
    ]
