"""Open work of a brand by its date: a brand whose names all wait for later days is passed over at once."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index that turns by brand read."""
    op.create_index("ix_backlog_brands_due", "backlog_brands", ["brand", "due", "backlog_id"])
