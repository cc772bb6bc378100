"""Who did something, when and on which host.

The personal part stands in one row that can be erased. Records and the audit log refer to it by a
digest; the salt is erased with the row, so that the digest cannot be tried against guessed names.
"""

from __future__ import annotations

import getpass
import secrets
import socket
import threading
from dataclasses import dataclass

from sqlalchemy import insert, select

from governance import digests, tables
from governance.store import Store, now

_started: dict[tuple[str, str], str] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it was stored; ``who`` and ``host`` are None once erased."""

    digest: str
    kind: str
    started: str
    who: str | None
    host: str | None


def start(store: Store, kind: str) -> str:
    """The digest of this process's session of a kind (``cli``, ``app``), stored at the first call."""
    key = store.engine.url.render_as_string(), kind
    with _lock:
        if key not in _started:
            _started[key] = _store_new(store, kind)
        return _started[key]


def _store_new(store: Store, kind: str) -> str:
    try:
        who = getpass.getuser()
    except (OSError, KeyError):
        who = "unknown"
    row = {"kind": kind, "started": now(), "who": who, "host": socket.gethostname()}
    row["salt"] = secrets.token_hex(16)
    digest = digests.of_json(row)
    with store.writing() as connection:
        connection.execute(insert(tables.sessions).values(digest=digest, **row))
    return digest


def get(store: Store, digest: str) -> Session | None:
    """The session with this digest, or None."""
    columns = tables.sessions.c
    query = select(columns.digest, columns.kind, columns.started, columns.who, columns.host)
    with store.reading() as connection:
        row = connection.execute(query.where(columns.digest == digest)).one_or_none()
    return Session(*row) if row else None
