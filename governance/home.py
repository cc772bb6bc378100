"""A home as every caller gets it: its store opened, and in it whatever comes with the repository."""

from __future__ import annotations

from governance import abandoned, shipped, store
from governance.store import Store


def open_store() -> Store:
    """Open the workspace's store, and take over what is shipped and not in it yet.

    Looked at whenever a store is opened, for one look at a fresh home can be cut off halfway. A job whose process was
    ended is noticed too, so that the same can be asked for again.

    Raises
    ------
    governance.store.StoreError
        If the database cannot be reached or was written by a newer Crumbtrail.
    governance.record.RecordError
        If what is shipped is not whole.
    """
    opened = store.connect()
    with store.explaining(opened.engine):
        shipped.adopt(opened)
        abandoned.notice(opened)
    return opened
