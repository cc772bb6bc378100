"""Where this workspace keeps what it stores: the home folder and the database.

``CRUMBTRAIL_HOME`` names the home folder (default ``.crumbtrail/`` in the repository),
``CRUMBTRAIL_DB`` the database as a SQLAlchemy URL (default ``crumbtrail.db`` in the home),
``CRUMBTRAIL_CACHE`` the folder of what can be made again at any time (default ``cache/`` in the home) and
``CRUMBTRAIL_PROJECTS`` the folder of projects (default ``projects/`` in the home).
"""

from __future__ import annotations

import os
import sqlite3
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import NullPool

from data.failures import CrumbtrailError, UserMistake

ROOT = Path(__file__).resolve().parent.parent


class WorkspaceError(UserMistake):
    """The workspace cannot be used as it is set up; the message says what to change."""


class DatabaseLost(CrumbtrailError):
    """The server of the database does not answer, or ended while it was asked."""


def place() -> Path:
    """Where the home folder is, or would be."""
    return _followed(os.environ.get("CRUMBTRAIL_HOME") or str(ROOT / ".crumbtrail"))


def home() -> Path:
    """The home folder, created if it is missing.

    Raises
    ------
    WorkspaceError
        If the folder cannot be made or is not a folder.
    """
    path = place()
    if path.is_dir():
        return path
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkspaceError(
            f"The home folder {path} cannot be made ({error.strerror}). "
            "Set CRUMBTRAIL_HOME to a folder that you may write to."
        ) from error
    return path


@lru_cache(maxsize=16)
def _followed(path: str) -> Path:
    """A path without links; asked for some ten times by every drawing of a page."""
    return Path(path).expanduser().resolve()


def cache() -> Path:
    """The folder for what can be made again, such as rendered scenes; whoever writes there makes it."""
    return Path(os.environ.get("CRUMBTRAIL_CACHE") or home() / "cache").expanduser().resolve()


def projects() -> Path:
    """The folder of the projects, which need not be there; what is in them, see `data.definitions`."""
    return Path(os.environ.get("CRUMBTRAIL_PROJECTS") or home() / "projects").expanduser().resolve()


def database_url() -> str:
    """SQLAlchemy URL of the workspace's database."""
    # Built and not pasted together: a folder may be called ``what?`` or ``feature%2Fx``.
    own = URL.create("sqlite", database=str(home() / "crumbtrail.db"))
    return os.environ.get("CRUMBTRAIL_DB") or own.render_as_string(hide_password=False)


def engine() -> Engine:
    """The engine of the workspace's database, one for each URL and process.

    Raises
    ------
    WorkspaceError
        If ``CRUMBTRAIL_DB`` is no SQLAlchemy URL or its driver is not installed.
    """
    return _engine(database_url())


def database_file() -> Path | None:
    """The file of the workspace's database; None for one that is no file. Raises as `engine`."""
    url = engine().url
    memory = url.database in (None, "", ":memory:")
    return None if memory or url.get_backend_name() != "sqlite" else Path(url.database or "")


def engine_as_it_is() -> Engine:
    """An engine that only reads, also where neither the database nor its folder can be written; raises as `engine`.

    SQLite writes beside a database even to read it, unless nobody else has it open and it may take it for one that
    does not change. So this is for one look, and is not kept.
    """
    path = database_file()
    if path is None:
        return engine()
    beside = [Path(f"{path}-{name}") for name in ("wal", "shm")]
    written = beside[0].exists() and (beside[0].stat().st_size > 0 or beside[1].exists())
    uri = f"file:{quote(str(path))}?mode=ro" + ("" if written else "&immutable=1")
    made = create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=NullPool)
    event.listen(made, "connect", _leave_transactions_alone)
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return made


def _leave_transactions_alone(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout = 20000")


# A server may have been started again since a connection was kept, or be gone without a word.
_OPTIONS: dict[str, dict[str, Any]] = {
    "postgresql": {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
}
# Any number that other programs in the same database do not use; the bytes of "crumb".
_WRITERS = int.from_bytes(b"crumb", "big")


@lru_cache(maxsize=8)
def _engine(url: str) -> Engine:
    try:
        if not url.isprintable():
            raise ValueError("it holds a character that no address has")
        parsed = make_url(url)
        made = create_engine(parsed, **_OPTIONS.get(parsed.get_backend_name(), {}))
    except (ArgumentError, ImportError, ValueError) as error:
        raise WorkspaceError(
            f"CRUMBTRAIL_DB is not a database URL that can be used here ({error}). "
            "Write it as in sqlite:////path/to/crumbtrail.db, or leave it unset."
        ) from error
    if parsed.get_backend_name() == "sqlite":
        _refuse_long(parsed)
        event.listen(made, "connect", _prepare_sqlite)
        if parsed.database not in (None, "", ":memory:"):
            _notice_another_file(made, Path(str(parsed.database)))
        event.listen(made, "begin", _begin_immediate)
    if parsed.get_backend_name() == "postgresql":
        event.listen(made, "begin", _begin_in_turn)
        event.listen(made, "handle_error", _say_that_it_is_lost)
    return made


def _refuse_long(url: URL) -> None:
    try:
        Path(url.database or "").exists()
    except OSError as error:
        raise WorkspaceError(
            f"CRUMBTRAIL_DB names a file that no folder can hold ({error.strerror}). Choose a shorter path."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions on its own: _begin_immediate does, so that two writers
    # wait for one another instead of failing when both try to turn a read lock into a write lock.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 20000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # Otherwise INSERT OR REPLACE would delete a row past the triggers that guard what is written once.
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _notice_another_file(engine: Engine, path: Path) -> None:
    """A file that was deleted or replaced stays open, and would be read and written where nobody finds it again."""

    def identity() -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def note(_connection: Any, record: Any) -> None:
        record.info["file"] = identity()

    def compare(_connection: Any, record: Any, _proxy: Any) -> None:
        now = identity()
        if now is None:
            raise WorkspaceError(
                f"The database {path} is gone, or its folder cannot be read. Put it back, from a backup if need be; "
                "what was stored in it is not begun anew."
            )
        if now != record.info["file"]:
            raise DisconnectionError  # The pool opens the file that is there now.

    event.listen(engine, "connect", note)
    event.listen(engine, "checkout", compare)


def _begin_immediate(connection: Any) -> None:
    reading = connection.get_execution_options().get("crumbtrail_read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_in_turn(connection: Any) -> None:
    """Let writers wait for one another as SQLite's do: who reads the end of the log then adds to that end."""
    if connection.get_execution_options().get("crumbtrail_read_only", False):
        return
    connection.exec_driver_sql("SET LOCAL lock_timeout = '20s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS})")


def _say_that_it_is_lost(context: Any) -> None:
    """Wherever it is asked; an error of a query stays what it is, and so does a look whether a connection is good."""
    if context.is_pre_ping or not (context.is_disconnect or context.connection is None):
        return
    cause = str(context.original_exception).splitlines()[0]
    name = context.engine.url.render_as_string(hide_password=True)
    raise DatabaseLost(
        f"The database {name} cannot be reached: {cause}. Start its server, or check CRUMBTRAIL_DB; "
        "what it holds is used again as soon as it answers."
    ) from context.original_exception
