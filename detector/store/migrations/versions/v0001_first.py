"""The first schema: backlog, captures, cases, custody log, deliveries, memory."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    _captures()
    _backlog()
    _cases()
    _deliveries()


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_token", sa.String(32), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(32), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("brand", sa.Text(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("stored", sa.BigInteger(), nullable=False),
        sa.Column("screenshot_sha256", sa.String(64), nullable=True),
        sa.Column("capture_json", sa.Text(), nullable=False),
        sa.Column("verdict_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
        sa.UniqueConstraint("claim_token", name="uq_captures_claim_token"),
    )
    op.create_index("ix_captures_site", "captures", ["site"])
    op.create_index("ix_captures_url_key", "captures", ["url_key"])
    op.create_index("ix_captures_decision_brand", "captures", ["decision", "brand"])
    op.create_index("ix_captures_started", "captures", ["started"])


def _backlog() -> None:
    op.create_table(
        "backlog",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url_key", sa.LargeBinary(32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("brands", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Float(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_token", sa.String(32), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_backlog_capture_id"),
        sa.PrimaryKeyConstraint("id", name="pk_backlog"),
        sa.UniqueConstraint("url_key", name="uq_backlog_url_key"),
    )
    op.create_index("ix_backlog_urgent", "backlog", ["state", "urgency", "due", "id"])
    op.create_index("ix_backlog_due", "backlog", ["state", "due"])
    op.create_index("ix_backlog_lease", "backlog", ["state", "lease_until"])
    op.create_table(
        "backlog_brands",
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("backlog_id", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Float(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["backlog_id"], ["backlog.id"], name="fk_backlog_brands_backlog_id"),
        sa.PrimaryKeyConstraint("brand", "backlog_id", name="pk_backlog_brands"),
    )
    op.create_index("ix_backlog_brands_urgent", "backlog_brands", ["brand", "urgency", "due", "backlog_id"])
    op.create_index("ix_backlog_brands_backlog_id", "backlog_brands", ["backlog_id"])


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("decision", sa.String(20), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_cases_capture_id"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("site", "brand", name="uq_cases_site_brand"),
    )
    op.create_index("ix_cases_state", "cases", ["state"])
    op.create_table(
        "custody",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state_before", sa.String(24), nullable=True),
        sa.Column("state_after", sa.String(24), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_custody_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_custody"),
    )
    op.create_index("ix_custody_case_id", "custody", ["case_id"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("capture_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_deliveries_case_id"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_deliveries_capture_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("destination", "case_id", name="uq_deliveries_destination_case_id"),
    )
    op.create_table(
        "memory",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="pk_memory"),
    )
