"""Deliveries of one case to one destination are numbered, so that a withdrawal and a later delivery have rows of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add number and kind; what was delivered before is the first delivery of its case."""
    with op.batch_alter_table("deliveries") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("withdrawal", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.drop_constraint("uq_deliveries_destination_case_id", type_="unique")
        table.create_unique_constraint("uq_deliveries_destination_case_id_number", ["destination", "case_id", "number"])
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("number", server_default=None)
        table.alter_column("withdrawal", server_default=None)
