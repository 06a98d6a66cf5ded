"""The exceptions that clonewatch raises on purpose.

::

    ClonewatchError            exit 1
    ├── UsageError             exit 2   the arguments of a command cannot be used
    ├── ConfigError            exit 3   clonewatch.toml or an option is malformed or contradicts another
    │   └── BrandFileError     exit 3   a brand folder that cannot be used, with file and line
    └── EnvironmentFault       exit 4   the machine lacks or refuses something that is needed
        ├── BrowserMissing              no Chromium that could be started
        ├── StoreError                  the database cannot be opened, is locked, or is of another version
        ├── EvidenceError               a picture or page could not be stored or read (disk full, altered file)
        └── SourceError                 a feed, file or resolver could not be read

Each message says what happened, where, and what to do.  A page that cannot be captured and a picture that
cannot be judged raise nothing: they are a Capture with an outcome and a Finding that abstained.
"""

from __future__ import annotations

from pathlib import Path


class ClonewatchError(Exception):
    """Root of the tree; ``exit_code`` is the exit status of the command line."""

    exit_code = 1


class UsageError(ClonewatchError):
    """The caller's arguments cannot be used."""

    exit_code = 2


class ConfigError(ClonewatchError):
    """The configuration cannot be used."""

    exit_code = 3


class BrandFileError(ConfigError):
    """A brand's folder is malformed.

    ``path`` and ``line`` (1-based, None where it is no single line) name the place; ``expected`` says what would be right.
    """

    def __init__(self, path: Path, line: int | None, problem: str, expected: str) -> None:
        self.path = path
        self.line = line
        self.problem = problem
        self.expected = expected
        where = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{where}: {problem}; expected {expected}")


class EnvironmentFault(ClonewatchError):
    """The machine lacks or refuses something that the work needs."""

    exit_code = 4


class BrowserMissing(EnvironmentFault):
    """No Chromium was found, or the one found does not start."""


class StoreError(EnvironmentFault):
    """The database cannot be opened or written."""


class EvidenceError(EnvironmentFault):
    """A file of evidence could not be written, or is not what its SHA-256 says."""


class SourceError(EnvironmentFault):
    """A source of URLs could not be read."""
