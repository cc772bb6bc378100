"""On PostgreSQL what is written once cannot be emptied by TRUNCATE either, which asks no trigger of a row.

SQLite has no such statement.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in ("records", "versions", "audit_log"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION crumbtrail_written_once()"
        )
