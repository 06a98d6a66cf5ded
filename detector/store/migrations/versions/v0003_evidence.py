"""The chain of evidence manifests, and the log of what was handed over."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, and the heads of both chains; captures that are stored already are sealed when they are exported."""
    heads = op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_chain_heads"),
    )
    nothing = "0" * 64
    op.bulk_insert(heads, [{"name": name, "sequence": 0, "sha256": nothing} for name in ("manifests", "handovers")])
    _manifests()
    _handovers()


def _manifests() -> None:
    op.create_table(
        "manifests",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=True),
        sa.Column("public_key", sa.LargeBinary(32), nullable=True),
        sa.Column("stamped", sa.BigInteger(), nullable=True),
        sa.Column("stamp", sa.LargeBinary(), nullable=True),
        sa.Column("manifest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_manifests_case_id"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_manifests_capture_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_manifests"),
        sa.UniqueConstraint("sha256", name="uq_manifests_sha256"),
        sa.UniqueConstraint("previous", name="uq_manifests_previous"),
        sa.UniqueConstraint("capture_id", name="uq_manifests_capture_id"),
    )
    op.create_index("ix_manifests_case_id", "manifests", ["case_id"])
    op.create_index("ix_manifests_stamped", "manifests", ["stamped"])


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("manifest", sa.Integer(), nullable=True),
        sa.Column("manifest_sha256", sa.String(64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_handovers_case_id"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_handovers_capture_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_handovers"),
        sa.UniqueConstraint("sha256", name="uq_handovers_sha256"),
        sa.UniqueConstraint("previous", name="uq_handovers_previous"),
    )
    op.create_index("ix_handovers_case_id", "handovers", ["case_id"])
