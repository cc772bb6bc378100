"""A record's column says on which test rows it judged a model, so that looks at them are counted by an index.

Filled from what the records say themselves, whose content stays as it was written: the refusal to change a record
is lifted for that alone, inside the migration's transaction.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("records", sa.Column("test_digest", sa.String(64)))
    connection = op.get_bind()
    sqlite = connection.dialect.name == "sqlite"
    op.execute("DROP TRIGGER records_no_update" + ("" if sqlite else " ON records"))
    records = sa.table(
        "records", sa.column("id"), sa.column("kind"), sa.column("body"), sa.column("test_digest")
    )
    found = sa.select(records.c.id, records.c.kind, records.c.body).where(
        records.c.kind.in_(["run", "verification"])
    )
    # One after the other: a record of schema 1 holds every row's position, so many of them fill a memory.
    judged = {row.id: _judged_on(row.kind, row.body) for row in connection.execute(found)}
    for identity, digest in judged.items():
        if digest is not None:
            connection.execute(sa.update(records).where(records.c.id == identity).values(test_digest=digest))
    op.create_index("records_test_digest", "records", ["test_digest"])
    body = (
        "BEGIN SELECT RAISE(ABORT, 'records is written once'); END"
        if sqlite
        else "FOR EACH ROW EXECUTE FUNCTION crumbtrail_written_once()"
    )
    op.execute(f"CREATE TRIGGER records_no_update BEFORE UPDATE ON records {body}")


def _judged_on(kind: str, text: str) -> str | None:
    try:
        body = json.loads(text)
    except ValueError:
        return None  # Altered; the audit names it.
    run = body if kind == "run" else body.get("repeated")
    if not run or "metrics" not in run.get("results", {}):
        return None
    return run.get("data", {}).get("test_digest")
