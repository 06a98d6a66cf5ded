"""Store the IP addresses of probed names, so that names on one server are found."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was seen before has none."""
    op.add_column("probes", sa.Column("address", sa.String(length=45), nullable=True))
    op.create_index("ix_probes_address", "probes", ["address"])
