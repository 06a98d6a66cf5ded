"""The journal: a hash chain of what people and the program did.  Opening the database takes in the rows that are there already."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and the head of its chain, and a column for what a destination was told."""
    op.create_table(
        "journal",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=True),
        sa.Column("stamped", sa.BigInteger(), nullable=True),
        sa.Column("stamp", sa.LargeBinary(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_journal"),
        sa.UniqueConstraint("sha256", name="uq_journal_sha256"),
        sa.UniqueConstraint("previous", name="uq_journal_previous"),
    )
    op.create_index("ix_journal_stamped", "journal", ["stamped"])
    heads = sa.table("chain_heads", sa.column("name"), sa.column("sequence"), sa.column("sha256"))
    op.bulk_insert(heads, [{"name": "journal", "sequence": 0, "sha256": "0" * 64}])
    op.add_column("deliveries", sa.Column("line", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("body_sha256", sa.String(64), nullable=True))
