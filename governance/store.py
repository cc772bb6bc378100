"""The store of a workspace: a database brought up to date, and a folder of blobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from data import datasets, workspace
from data import tables as sql_tables
from data.failures import CrumbtrailError
from governance.blobs import Blobs

NEWEST = "0004"


class StoreError(CrumbtrailError):
    """The store cannot be opened."""


@dataclass(frozen=True, slots=True)
class Store:
    """One workspace's store."""

    engine: Engine
    blobs: Blobs

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is stored, or nothing; raises `StoreError` where the database cannot do its work."""
        with _at_work(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state and cannot write; raises as `writing`."""
        with _at_work(self.engine), sql_tables.reading(self.engine) as connection:
            yield connection


def connect() -> Store:
    """The workspace's store alone; a missing one is made and an older one migrated.

    What else belongs to a home is put in by `governance.home.open_store`, which everybody calls.

    Raises
    ------
    StoreError
        If the database cannot be reached or was written by a newer Crumbtrail, or is empty beside stored files.
    """
    engine = workspace.engine()
    blobs = Blobs(workspace.home() / "blobs")
    with explaining(engine):
        if revision(engine) != NEWEST:
            with changing():
                if revision(engine) is None:
                    if blobs.names():
                        raise lost()
                    # Datasets are put in before the first training, so that every training reads the same: a table,
                    # and not once the file that it was filled from. They come before the tables of the store:
                    # where this is cut off, the store still counts as missing, and the next caller begins again.
                    datasets.put_in_place()
                _migrate(engine)
    return Store(engine, blobs)


def as_it_is() -> Store | None:
    """The store for whoever only looks: nothing in its home is changed, and a read-only one is enough.

    Returns
    -------
    Store or None
        None where the database is missing, or not as this Crumbtrail writes it.

    Raises
    ------
    StoreError
        If the database cannot be read.
    """
    with explaining(workspace.engine()):
        found = never_written()
        reading = workspace.engine_as_it_is()
        if found or revision(reading) != NEWEST:
            return None
    return Store(reading, Blobs(workspace.home() / "blobs"))


def never_written() -> bool:
    """Whether the database is a file that is missing or empty."""
    path = workspace.database_file()
    return path is not None and not (path.exists() and path.stat().st_size)


def lost() -> StoreError:
    """The sentence for a home whose files are there and whose history is not."""
    name = workspace.engine().url.render_as_string(hide_password=True)
    return StoreError(
        f"The database {name} is empty, but {workspace.home() / 'blobs'} holds files of a history that it once told. "
        "Put the database back from a backup, or move the folder blobs away to begin a new history."
    )


def changing() -> FileLock:
    """The lock for whoever changes what every process finds in this home when it opens the store."""
    return FileLock(workspace.home() / "migration.lock")


@contextmanager
def explaining(engine: Engine) -> Iterator[None]:
    """Say what the database could not do, and where it is set up.

    Raises
    ------
    StoreError
        Instead of any error of the database.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _unusable(engine, error) from error


@contextmanager
def _at_work(engine: Engine) -> Iterator[None]:
    """Say that a database is gone, locked or full; what a statement did wrong is its caller's error and goes on."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _unusable(engine, error) from error


def _unusable(engine: Engine, error: SQLAlchemyError) -> StoreError:
    return StoreError(
        f"The database {engine.url.render_as_string(hide_password=True)} cannot be used: {cause_of(error)}. "
        "Check CRUMBTRAIL_DB and CRUMBTRAIL_HOME."
    )


def cause_of(error: SQLAlchemyError) -> str:
    """What the database said, in a line and without the query."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def now() -> str:
    """This moment in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def revision(engine: Engine) -> str | None:
    """Which migration was the last; None for a database that no Crumbtrail has written."""
    if never_written():
        return None  # Looking would make it.
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    found = revision(engine)
    if found is not None and found > NEWEST:
        raise StoreError(
            f"The store was written by a newer Crumbtrail (revision {found}, this one knows {NEWEST}). "
            "Use that version, or another CRUMBTRAIL_HOME."
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
