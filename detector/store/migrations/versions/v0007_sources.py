"""Store the first source of each candidate, by which turns are shared out."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, filled from the sources that are kept, and the index that turns read."""
    op.add_column("backlog", sa.Column("source", sa.Text(), nullable=False, server_default=sa.text("''")))
    first = "json_extract(sources, '$[0]')"
    if op.get_bind().dialect.name == "postgresql":
        first = "sources::json ->> 0"
    op.execute(sa.text(f"UPDATE backlog SET source = coalesce({first}, '')"))  # nosec B608  # noqa: S608  no text of anybody's
    op.create_index("ix_backlog_source", "backlog", ["state", "source", "urgency", "due", "id"])
