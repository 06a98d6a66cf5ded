"""Telephone numbers, and the captures that show them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables; captures that are stored already name no numbers, so there is nothing to fill in."""
    op.create_table(
        "phones",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("region", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phones"),
        sa.UniqueConstraint("number", name="uq_phones_number"),
    )
    op.create_table(
        "phone_sightings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("vanity", sa.Boolean(), nullable=False),
        sa.Column("official", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["phone_id"], ["phones.id"], name="fk_phone_sightings_phone_id"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_phone_sightings_capture_id"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_sightings"),
    )
    op.create_index("ix_phone_sightings_phone_id_capture_id", "phone_sightings", ["phone_id", "capture_id"])
    op.create_index("ix_phone_sightings_capture_id", "phone_sightings", ["capture_id"])
