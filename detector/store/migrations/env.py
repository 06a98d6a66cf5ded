"""Run by Alembic: migrate the connection that :mod:`detector.store.schema` hands over, inside its transaction."""

from alembic import context

from detector.store.migrations import VERSION_TABLE
from detector.store.models import TableBase

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=TableBase.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
