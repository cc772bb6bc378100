"""Tables of the store, as the newest migration leaves them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

# Who and on which host: personal, therefore erasable; what stays elsewhere is the digest alone.
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("started", String(32), nullable=False),
    Column("who", String(200)),
    Column("host", String(200)),
    Column("salt", String(32)),
)

# The body is canonical JSON and its SHA-256 is the key, so a changed record betrays itself.
records = Table(
    "records",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("model", String(80), nullable=False),
    Column("subject", String(64), ForeignKey("records.id")),
    Column("created", String(32), nullable=False),
    Column("body", Text, nullable=False),
    # The rows on which a run or a verification judged a model, repeated from the body to be counted.
    Column("test_digest", String(64)),
    Index("records_subject", "subject"),
    Index("records_test_digest", "test_digest"),
)

versions = Table(
    "versions",
    metadata,
    Column("model", String(80), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("record", String(64), ForeignKey("records.id"), nullable=False),
    Column("created", String(32), nullable=False),
)

ALIAS_LENGTH = 80
aliases = Table(
    "aliases",
    metadata,
    Column("model", String(80), primary_key=True),
    Column("alias", String(ALIAS_LENGTH), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("since", String(32), nullable=False),
    ForeignKeyConstraint(["model", "number"], ["versions.model", "versions.number"]),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("session", String(64), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

UNFINISHED = ("queued", "running")
jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("model", String(80), nullable=False),
    Column("request", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("session", String(64), nullable=False),
    Column("created", String(32), nullable=False),
    Column("started", String(32)),
    Column("ended", String(32)),
    Column("cancel_requested", Integer, nullable=False, server_default="0"),
    Column("progress", Text, nullable=False, server_default="{}"),
    Column("result", Text),
    Column("message", Text),
)
# Two visitors who ask for the same training get the one job that is not finished.
Index(
    "jobs_unfinished_key",
    jobs.c.key,
    unique=True,
    sqlite_where=text("status IN ('queued', 'running')"),
    postgresql_where=text("status IN ('queued', 'running')"),
)
