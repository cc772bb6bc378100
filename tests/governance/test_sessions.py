"""Sessions: who and where stand in one row that can be erased, and nowhere else."""

from __future__ import annotations

import getpass
import hashlib
import socket
import threading
from pathlib import Path

import pytest
import rfc8785
import sqlalchemy as sa

from governance import audit, registry, sessions, tables
from governance.home import open_store
from governance.store import Store
from tests.governance.conftest import NewFolder
from tests.toys import MODEL


@pytest.fixture
def ada(store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    """The digest of a session by a user with a name that occurs nowhere else."""
    monkeypatch.setattr(getpass, "getuser", lambda: "ada-lovelace")
    monkeypatch.setattr(socket, "gethostname", lambda: "analytical-engine")
    return sessions.start(store, "test")


def row(store: Store, digest: str) -> dict[str, str]:
    with store.reading() as connection:
        query = sa.select(tables.sessions).where(tables.sessions.c.digest == digest)
        return dict(connection.execute(query).mappings().one())


def test_a_session_says_who_when_and_where(store: Store, ada: str) -> None:
    session = sessions.get(store, ada)
    assert session is not None
    assert (session.kind, session.who, session.host) == ("test", "ada-lovelace", "analytical-engine")
    assert session.started.endswith("Z")
    assert sessions.get(store, "0" * 64) is None


def test_digest_is_that_of_the_row_with_its_salt(store: Store, ada: str) -> None:
    content = row(store, ada)
    assert content.pop("digest") == ada == hashlib.sha256(rfc8785.dumps(content)).hexdigest()
    assert len(content["salt"]) == 32
    # Without the salt the digest cannot be tried against guessed names.
    del content["salt"]
    assert hashlib.sha256(rfc8785.dumps(content)).hexdigest() != ada


def test_a_process_has_one_session_of_a_kind_in_a_store(store: Store, ada: str) -> None:
    assert sessions.start(open_store(), "test") == ada
    assert sessions.start(store, "other") != ada
    with store.reading() as connection:
        kinds = connection.execute(sa.select(tables.sessions.c.kind)).scalars().all()
    assert kinds.count("test") == 1


def test_threads_that_start_a_session_at_once_share_it(store: Store) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(sessions.start(open_store(), "threads")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_name_and_host_stand_in_no_other_table_and_no_file(
    store: Store, ada: str, new_folder: NewFolder, home: Path
) -> None:
    version = registry.register(store, new_folder(), ada)
    registry.promote(store, version.reference, "candidate", ada, "a reason")
    assert version.record.body["session"] == ada
    erase(store, ada)
    with store.reading() as connection:
        for name in sa.inspect(connection).get_table_names():
            content = str(connection.execute(sa.text(f"SELECT * FROM {name}")).all())  # noqa: S608
            assert "ada-lovelace" not in content, name
            assert "analytical-engine" not in content, name
    for path in store.blobs.folder.rglob("*"):
        assert path.is_dir() or b"ada-lovelace" not in path.read_bytes()


def erase(store: Store, digest: str) -> None:
    with store.writing() as connection:
        connection.execute(
            sa.update(tables.sessions)
            .where(tables.sessions.c.digest == digest)
            .values(who=None, host=None, salt=None)
        )


def test_erasing_a_person_leaves_log_and_records_whole(store: Store, ada: str, new_folder: NewFolder) -> None:
    version = registry.register(store, new_folder(), ada)
    before = audit.verify(store)
    erase(store, ada)
    assert audit.verify(store) == before
    assert before.problems == ()
    session = sessions.get(store, ada)
    assert session is not None
    assert (session.who, session.host) == (None, None)
    assert registry.resolve(store, MODEL).record_id == version.record_id
