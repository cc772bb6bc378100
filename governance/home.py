"""A home as every caller gets it: its store opened, and in it whatever comes with the repository."""

from __future__ import annotations

import os

from sqlalchemy import inspect, select

from data import workspace
from governance import abandoned, shipped, store, tables
from governance.store import Store, StoreError


def open_store() -> Store:
    """Open the workspace's store, and take over what is shipped and not in it yet.

    Looked at whenever a store is opened, for one look at a fresh home can be cut off halfway. A job whose process was
    ended is noticed too, so that the same can be asked for again, and what writers left that were ended is removed.

    Raises
    ------
    governance.store.StoreError
        If the database cannot be reached or was written by a newer Crumbtrail, or was emptied beside stored files; or
        if the folder of the files that it names is gone.
    governance.record.RecordError
        If what is shipped is not whole.
    """
    opened = store.connect()
    with store.explaining(opened.engine):
        if history_is_lost(opened):
            raise store.lost()
        _find_files(opened)
        opened.blobs.remove_left_over()
        shipped.adopt(opened)
        abandoned.notice(opened)
    return opened


def open_to_read() -> Store:
    """The store as it is, for whoever only looks; a missing or older one is opened as by `open_store`.

    Raises
    ------
    governance.store.StoreError
        As `open_store`, or if a missing or older one would have to be written and cannot be.
    """
    found = store.as_it_is()
    if found is not None:
        with store.explaining(workspace.engine()):
            if history_is_lost(found):
                raise store.lost()
        return found
    if not os.access(workspace.home(), os.W_OK):
        raise StoreError(
            f"{workspace.home()} holds no database that this Crumbtrail can read as it is, and cannot be written to. "
            "Copy the folder to where you may write, and name the copy in CRUMBTRAIL_HOME."
        )
    return open_store()


def _find_files(opened: Store) -> None:
    """Make the folder of stored files where nothing was stored yet; where versions name files, it must be there."""
    if opened.blobs.folder.is_dir():
        return
    with opened.reading() as connection:
        version = connection.execute(select(tables.versions.c.number).limit(1)).scalar()
    if version is not None or opened.blobs.folder.exists():
        raise StoreError(opened.blobs.gone())
    opened.blobs.folder.mkdir(exist_ok=True)


def history_is_lost(opened: Store) -> bool:
    """Whether nothing is logged, and files are stored that no first start can have left before it was cut off."""
    with opened.reading() as connection:
        if not inspect(connection).has_table(tables.audit_log.name):
            return False  # The audit says what is missing.
        if connection.execute(select(tables.audit_log.c.seq).limit(1)).scalar() is not None:
            return False
    return bool(opened.blobs.names() - shipped.digests_of_files())
