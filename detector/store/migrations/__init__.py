"""The schema's history, oldest first, known without loading Alembic; a test compares it with ``versions/``."""

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011")
HEAD = REVISIONS[-1]
JOURNAL_REVISION = "0010"
"""The revision that brought the journal: what older databases hold is taken in when they are opened."""
ACCOUNTS_REVISION = "0011"
"""The revision since which accounts of one host are sites of their own: older databases are named anew when they are opened."""
VERSION_TABLE = "clonewatch_schema"
