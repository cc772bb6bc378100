"""What is wrong with a home is said in a line each; looking changes nothing, mending only what nobody can miss."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from data import workspace
from governance import __main__ as commands
from governance import abandoned, audit, jobs, registry
from governance.home import open_store, open_to_read
from governance.store import Store, StoreError
from tests.governance.conftest import tampering

SESSION = "5e" * 32


def doctor(*words: str) -> Result:
    return CliRunner().invoke(commands.cli, ["doctor", *words])


def contents(home: Path) -> dict[str, str]:
    """Every file below a home, by its place, with the digest of its content; what processes share holds none."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def artefact(home: Path) -> Path:
    store = open_store()
    results = registry.resolve(store, "iris_tree").record.results
    path = store.blobs.path(results.digest_of(results.artefact) or "")
    store.engine.dispose()
    return path


def left_file(home: Path, age: float = 3600.0) -> Path:
    """As a writer leaves one that was ended before it could give it its name."""
    folder = next(path for path in sorted((home / "blobs").iterdir()) if path.is_dir())
    left = folder / "tmpabcdef"
    left.write_bytes(b"half of a fi")
    before = left.stat().st_mtime - age
    os.utime(left, (before, before))
    return left


def test_a_home_that_is_whole_is_well_and_left_alone(trained_home: Path) -> None:
    before = contents(trained_home)
    result = doctor()
    assert (result.exit_code, result.stdout) == (0, f"{trained_home} is well.\n")
    assert contents(trained_home) == before


def test_a_home_that_nobody_made_is_well_and_not_made(home: Path) -> None:
    assert doctor().exit_code == 0
    assert not home.exists()


def no_database(home: Path) -> None:
    (home / "crumbtrail.db").write_bytes(b"this is not a database, it is a text file")


def torn_database(home: Path) -> None:
    content = bytearray((home / "crumbtrail.db").read_bytes())
    content[4096 : len(content) // 2] = bytes(len(content) // 2 - 4096)
    (home / "crumbtrail.db").write_bytes(content)


def foreign_database(home: Path) -> None:
    (home / "crumbtrail.db").unlink()
    with closing(sqlite3.connect(home / "crumbtrail.db")) as database, database:
        database.execute("CREATE TABLE recipes (name TEXT)")


def emptied_database(home: Path) -> None:
    (home / "crumbtrail.db").write_bytes(b"")


def gone_database(home: Path) -> None:
    (home / "crumbtrail.db").unlink()


def emptied_tables(home: Path) -> None:
    with tampering(home) as database:
        for table in ("aliases", "versions", "records", "audit_log", "jobs"):
            database.execute(f"DELETE FROM {table}")  # noqa: S608


def newer_form(home: Path) -> None:
    with closing(sqlite3.connect(home / "crumbtrail.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9000'")


def missing_file(home: Path) -> None:
    artefact(home).unlink()


def altered_file(home: Path) -> None:
    path = artefact(home)
    path.write_bytes(path.read_bytes()[:-1])


def altered_job(home: Path) -> None:
    jobs.submit(open_store(), "train", "iris_tree", {}, SESSION)
    with closing(sqlite3.connect(home / "crumbtrail.db")) as database, database:
        database.execute("UPDATE jobs SET request = 'no json' WHERE status = 'queued'")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_database, "is damaged: file is not a database. Restore"),
        (torn_database, "is damaged: "),
        (foreign_database, "was made by something else: it holds the tables recipes"),
        (emptied_database, "is empty, but "),
        (gone_database, "is empty, but "),
        (emptied_tables, "is empty, but "),
        (newer_form, "was written by a newer Crumbtrail (revision 9000"),
        (missing_file, "is missing from blobs/. Restore it from a backup"),
        (altered_file, "was altered: its content now has the digest"),
        (altered_job, "cannot be read, because somebody altered its request in the database"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do_and_nothing_is_changed(
    trained_home: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(trained_home)
    workspace.engine().dispose()
    before = contents(trained_home)
    for words in ([], ["--mend"]):
        result = doctor(*words)
        assert result.exit_code == 1, result.output
        assert said in result.stdout
        assert all(line.endswith(".") for line in result.stdout.splitlines())
        assert contents(trained_home) == before


def test_a_left_over_file_is_named_and_mended(trained_home: Path) -> None:
    left = left_file(trained_home)
    result = doctor()
    assert (result.exit_code, result.stdout.count("\n")) == (1, 1)
    assert f"{left.relative_to(trained_home)} is left over" in result.stdout
    assert left.exists()
    assert doctor("--mend").exit_code == 0
    assert not left.exists()
    assert doctor().exit_code == 0


def test_a_job_that_nobody_runs_is_named_and_mended(trained_home: Path) -> None:
    store = open_store()
    job, _ = jobs.submit(store, "train", "iris_tree", {}, SESSION)
    with abandoned.lock():
        jobs.claim(store)
        assert doctor().exit_code == 0, "somebody runs the queue"
    result = doctor()
    assert result.exit_code == 1
    assert "A job says that it is running, and nobody runs the queue." in result.stdout
    assert jobs.get(store, job.id).status == "running"
    assert doctor("--mend").exit_code == 0
    assert jobs.get(store, job.id).status == "broken"
    assert doctor().exit_code == 0


# A history that is gone


@pytest.mark.parametrize("damage", [emptied_database, gone_database, emptied_tables])
def test_a_home_whose_history_is_gone_is_not_begun_anew(
    trained_home: Path, damage: Callable[[Path], None]
) -> None:
    saved = (trained_home / "crumbtrail.db").read_bytes()
    damage(trained_home)
    workspace.engine().dispose()
    before = contents(trained_home / "blobs")
    for opened in (open_store, open_to_read):
        with pytest.raises(StoreError, match=r"is empty, but .*blobs holds files .* Put the database back"):
            opened()
    assert contents(trained_home / "blobs") == before
    result = CliRunner().invoke(commands.cli, ["audit"])
    assert (result.exit_code, result.stdout) == (1, "")
    if damage is not emptied_tables:
        database = trained_home / "crumbtrail.db"
        assert not database.exists() or not database.stat().st_size, (
            "nothing was begun that a backup would hide"
        )
    # As the sentence says: put back, it opens; and moved away, a new history begins.
    workspace.engine().dispose()
    database = trained_home / "crumbtrail.db"
    if damage is emptied_database:
        database.write_bytes(saved)
        assert audit.verify(open_store()).problems == ()
    elif damage is gone_database:
        (trained_home / "blobs").rename(trained_home / "blobs-before")
        assert audit.verify(open_store()).problems == ()


# A read-only archive

_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"'
_SMALL = 'mount -t tmpfs -o size=1m tmpfs "$1"'


def mounted(mount: str, home: Path, word: str) -> subprocess.CompletedProcess[str]:
    """A command with the home mounted as said, for this process alone: who is root can write past modes."""
    script = f'{mount} || exit 77; shift; exec "$@"'
    command = [sys.executable, "-m", "governance", word]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", str(home), *command],
        cwd=workspace.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        # Containers may be forbidden to; a mode would not do, for tests may run as root.
        pytest.skip("this system lets no process mount a folder")
    return done


def test_a_read_only_archive_is_audited_and_examined(trained_home: Path) -> None:
    before, entries = contents(trained_home), len(audit.entries(open_to_read()))
    done = mounted(_READ_ONLY, trained_home, "audit")
    assert done.returncode == 0, done.stderr
    assert f"{entries} entries" in done.stdout
    done = mounted(_READ_ONLY, trained_home, "doctor")
    assert done.returncode == 1
    assert f"{trained_home} cannot be written to" in done.stdout and done.stderr == ""
    assert contents(trained_home) == before


def test_a_read_only_archive_that_does_not_hold_is_a_finding(trained_home: Path) -> None:
    with tampering(trained_home) as database:
        database.execute("UPDATE audit_log SET subject = 'x' WHERE seq = 2")
    workspace.engine().dispose()
    done = mounted(_READ_ONLY, trained_home, "audit")
    assert (done.returncode, done.stdout) == (1, "Entry 2 of the audit log was altered.\n")


def test_an_audit_reads_what_a_running_app_wrote_a_moment_ago(trained_home: Path) -> None:
    """It lies beside the database until it is folded in, and whoever takes the file for one at rest misses it."""
    store = open_store()
    with store.writing() as connection:
        audit.append(connection, SESSION, "test", "x", {})
    assert (trained_home / "crumbtrail.db-wal").stat().st_size > 0
    assert len(audit.entries(open_to_read())) == len(audit.entries(store))


def test_an_audit_changes_nothing(trained_home: Path) -> None:
    before = contents(trained_home)
    assert CliRunner().invoke(commands.cli, ["audit"]).exit_code == 0
    assert contents(trained_home) == before


def test_a_full_disk_is_said(home: Path, tmp_path: Path) -> None:
    """A disk of one megabyte, for one process alone."""
    home.mkdir()
    done = mounted(_SMALL, home, "doctor")
    assert (done.returncode, done.stdout) == (
        1,
        f"The disk of {home} is full: 1 MiB are free. Free at least 100 MiB.\n",
    )


def test_a_store_is_closed_to_writing_where_it_is_opened_to_be_read(trained_home: Path) -> None:
    store: Store = open_to_read()
    with pytest.raises(Exception, match="readonly database"), store.writing() as connection:
        audit.append(connection, SESSION, "test", "x", {})
