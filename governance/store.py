"""The store of a workspace: a database brought up to date, and a folder of blobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from data import datasets, workspace
from data import tables as sql_tables
from data.failures import CrumbtrailError
from governance.blobs import Blobs

NEWEST = "0003"


class StoreError(CrumbtrailError):
    """The store cannot be opened."""


@dataclass(frozen=True, slots=True)
class Store:
    """One workspace's store."""

    engine: Engine
    blobs: Blobs

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is stored, or nothing."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state and cannot write."""
        with sql_tables.reading(self.engine) as connection:
            yield connection


def connect() -> Store:
    """The workspace's store alone; a missing one is made and an older one migrated.

    What else belongs to a home is put in by `governance.home.open_store`, which everybody calls.

    Raises
    ------
    StoreError
        If the database cannot be reached or was written by a newer Crumbtrail.
    """
    engine = workspace.engine()
    with explaining(engine):
        if _revision(engine) != NEWEST:
            with changing():
                if _revision(engine) is None:
                    # Datasets are put in before the first training, so that every training reads the same: a table,
                    # and not once the file that it was filled from. They come before the tables of the store:
                    # where this is cut off, the store still counts as missing, and the next caller begins again.
                    datasets.put_in_place()
                _migrate(engine)
    return Store(engine, Blobs(workspace.home() / "blobs"))


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
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreError(
            f"The database {engine.url.render_as_string(hide_password=True)} cannot be used: {cause}. "
            "Check CRUMBTRAIL_DB and CRUMBTRAIL_HOME."
        ) from error


def now() -> str:
    """This moment in UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _revision(engine: Engine) -> str | None:
    with engine.connect().execution_options(crumbtrail_read_only=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _migrate(engine: Engine) -> None:
    found = _revision(engine)
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
