"""The schema's history, oldest first, known without loading Alembic; a test compares it with ``versions/``."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
HEAD = REVISIONS[-1]
VERSION_TABLE = "clonewatch_schema"
