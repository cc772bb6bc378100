"""The database itself refuses to change or delete what is written once.

The refusal guards against slips, not against somebody who owns the file: the digests and the chain
of hashes are there for that.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_POSTGRESQL_FUNCTION = """
CREATE FUNCTION crumbtrail_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is written once', TG_TABLE_NAME; END $$
"""


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(_POSTGRESQL_FUNCTION)
    for table in ("records", "versions", "audit_log"):
        for change in ("UPDATE", "DELETE"):
            body = (
                f"BEGIN SELECT RAISE(ABORT, '{table} is written once'); END"
                if sqlite
                else "FOR EACH ROW EXECUTE FUNCTION crumbtrail_written_once()"
            )
            op.execute(f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} {body}")
