"""Keep the site that a case had before accounts of one host were told apart; opening the database names the sites anew."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no case has an earlier name yet."""
    op.add_column("cases", sa.Column("named", sa.Text(), server_default=sa.text("''"), nullable=False))
