"""A table is filled again from its changed file: seen first, whole or not at all, and older versions stay."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from data import __main__ as commands
from data import datasets, iris, refilling, tables, workspace
from data.dataset_types import FiledTable, Source
from data.tables import TableError

TYPES = {"id": "integer", "weight": "real", "name": "text"}
OLD = "id,weight,name\n1,2.5,plum\n2,3,pear\n3,4,fig\n"
NEW = "id,weight,name\n1,2.5,plum\n3,5,fig\n4,6,date\n"
KILLED = """
import os, signal, sys
from pathlib import Path
from data import refilling, tables, workspace
from data.dataset_types import FiledTable
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
tables.note_source = die
types = {"id": "integer", "weight": "real", "name": "text"}
refilling.refill(workspace.engine(), FiledTable("fruit", types, Path(sys.argv[1])), write=True)
"""


@pytest.fixture
def filed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiledTable:
    """A table of three fruits, whose file was changed since."""
    path = tmp_path / "fruit.csv"
    path.write_text(OLD)
    table = FiledTable("fruit", TYPES, path)
    tables.ingest_csv(workspace.engine(), "fruit", TYPES, path)
    path.write_text(NEW)
    source = Source("fruit", iris.card, iris.load, lambda: None, table)
    monkeypatch.setitem(datasets._REGISTERED, "fruit", source)
    return table


def rows(engine: Engine) -> tuple[tuple[tables.Value, ...], ...]:
    return tables.query(engine, "SELECT * FROM fruit ORDER BY id").values


def invoke(*words: str) -> Result:
    return CliRunner().invoke(commands.cli, ["refill", *words])


def test_what_would_change_is_shown_and_nothing_is_written(filed: FiledTable) -> None:
    before, note = rows(workspace.engine()), tables.source_of(workspace.engine(), "fruit")
    done = invoke("fruit")
    assert done.exit_code == 0
    assert "1 rows added, 1 removed, 1 changed" in done.stdout and "--yes writes it" in done.stdout
    assert rows(workspace.engine()) == before and tables.source_of(workspace.engine(), "fruit") == note


def test_yes_writes_the_file_s_rows_and_notes_it(filed: FiledTable) -> None:
    old = tables.query(workspace.engine(), "SELECT * FROM fruit ORDER BY id").fingerprint()
    said = json.loads(invoke("fruit", "--yes", "--json").stdout)
    assert (said["added"], said["removed"], said["changed"], said["written"]) == ([4], [2], [3], True)
    new = tables.query(workspace.engine(), "SELECT * FROM fruit ORDER BY id")
    assert new.values == ((1, 2.5, "plum"), (3, 5.0, "fig"), (4, 6.0, "date"))
    assert (said["before"], said["after"]) == (old, new.fingerprint())
    noted = tables.source_of(workspace.engine(), "fruit")
    assert noted is not None and noted.digest == tables.digest_of(filed.path)
    again = refilling.refill(workspace.engine(), filed, write=False)
    assert (again.added, again.removed, again.changed, again.before) == ((), (), (), again.after)


@pytest.mark.parametrize(
    "content", ["", "id,weight,name\n1,heavy,plum\n", "id,weight,name\n9223372036854775808,1,x\n"]
)
def test_a_file_that_cannot_fill_it_leaves_the_table(filed: FiledTable, content: str) -> None:
    before = rows(workspace.engine())
    filed.path.write_text(content)
    done = invoke("fruit", "--yes")
    assert done.exit_code == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert rows(workspace.engine()) == before


def test_who_is_killed_while_writing_changes_nothing(filed: FiledTable) -> None:
    before, note = rows(workspace.engine()), tables.source_of(workspace.engine(), "fruit")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(filed.path)], cwd=workspace.ROOT, env=os.environ, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert rows(workspace.engine()) == before and tables.source_of(workspace.engine(), "fruit") == note


def test_a_dataset_without_a_file_or_of_no_such_name_is_a_mistake(home: Path) -> None:
    for name, said in (
        ("scenes", "has no table that a file fills. These have: iris"),
        ("irsi", "Did you mean iris?"),
    ):
        done = invoke(name)
        assert done.exit_code == 2 and said in done.stderr


def test_a_table_that_is_not_there_yet_is_said(home: Path) -> None:
    with pytest.raises(TableError, match="no table iris yet"):
        refilling.refill(workspace.engine(), datasets.filed_table("iris"), write=True)
