"""A workspace: one folder with the configuration, the database, the evidence and the reports.  A copy of the folder is complete."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from detector.config import CONFIG_NAME, Config, load_config
from detector.errors import EnvironmentFault, UsageError
from detector.evidence import Evidence
from detector.store import Store

if TYPE_CHECKING:
    from detector.brands import BrandLibrary
    from detector.bundle import EvidenceSealer, SigningKey

VARIABLE = "CLONEWATCH_WORKSPACE"
DEFAULT = "workspace"
DATABASE = "clonewatch.sqlite"
OWN_BRANDS = "brands"
"""Folder of the workspace's own brands, which take the place of shipped ones of the same id."""
OWN_QUEUE = "workspace"
"""Name of the workspace's own queue in the store, so that a copied or moved workspace still knows what it has exported."""
Options = Mapping[str, Any]


class Workspace:
    """An open workspace.  Use it as a context manager; two programs may use one workspace at a time."""

    def __init__(self, path: Path, config: Config, store: Store, evidence: Evidence) -> None:
        """Use :meth:`open`."""
        self.path = path
        self.config = config
        self.store = store
        self.evidence = evidence

    @classmethod
    def open(
        cls,
        path: Path | None = None,
        *,
        create: bool = True,
        capture: Options | None = None,
        detect: Options | None = None,
        discover: Options | None = None,
        store: Options | None = None,
        brands: Sequence[str | Path] | None = None,
    ) -> Workspace:
        """Open the workspace at ``path``, ``$CLONEWATCH_WORKSPACE`` or ``./workspace``.

        ``create`` makes the folder and its database where they are missing; without it, a folder that is missing or is
        somebody else's is refused, and one that cannot be written can be read.  An empty folder is a workspace in both cases.

        The mappings hold fields of the parts of :class:`~detector.config.Config` that take the place of what
        ``clonewatch.toml`` says, as options of a command do: ``capture={"slots": 2}``.  Relative paths in the file are
        relative to the workspace, those in options to the current folder.

        Raises:
            ConfigError: the configuration cannot be used.
            EnvironmentFault: the folder cannot be made or is a file.
            StoreError: the database cannot be opened.
            UsageError: nothing may be created, and there is no workspace.
        """
        folder = workspace_path(path)
        if not create:
            _must_be_there(folder)
        _make(folder)
        _refuse_emptied(folder)
        config = read_config(folder, capture=capture, detect=detect, discover=discover, store=store, brands=brands)
        opened = Store.open(
            config.store.database or folder / DATABASE,
            lease_seconds=config.store.lease_seconds,
            max_attempts=config.store.max_attempts,
            fair_share=config.store.fair_share,
            per_site=config.store.per_site,
            may_be_read_only=not create,
            signer=_signer(config),
        )
        try:
            evidence = Evidence(config.store.evidence or str(folder / "evidence"))
        except BaseException:
            opened.close()
            raise
        return cls(folder, config, opened, evidence)

    @property
    def reports_dir(self) -> Path:
        """Default folder for reports."""
        return self.path / "reports"

    @property
    def takedown_dir(self) -> Path:
        """Default folder for the takedown queue."""
        return self.path / "takedown"

    @cached_property
    def _library(self) -> BrandLibrary:
        from detector.brands import load_library  # noqa: PLC0415  reads pictures of every brand: only where pages are judged

        return load_library(self.config.brand_folders())

    def library(self) -> BrandLibrary:
        """The brands, loaded once.

        Raises:
            BrandFileError: a brand's folder is malformed.
        """
        return self._library

    @cached_property
    def sealer(self) -> EvidenceSealer:
        """Sealer for the evidence of results, with the key of ``[evidence]``.

        Raises:
            ConfigError: there is a key, and it cannot be used.
        """
        from detector.bundle import EvidenceSealer  # noqa: PLC0415  cryptography is slow to import: only where evidence is sealed

        signer = _signer(self.config)
        return EvidenceSealer(self.evidence, signer() if signer else None)

    def close(self) -> None:
        """Close the store."""
        self.store.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _signer(config: Config) -> Callable[[], SigningKey] | None:
    """The key of ``[evidence]``, loaded when it is first needed; None where none is configured."""
    path = config.evidence.key
    if not path:
        return None

    @cache
    def load() -> SigningKey:
        from detector.bundle import load_key  # noqa: PLC0415  as above

        return load_key(Path(path))

    return load


def read_config(
    path: Path | None = None,
    *,
    capture: Options | None = None,
    detect: Options | None = None,
    discover: Options | None = None,
    store: Options | None = None,
    brands: Sequence[str | Path] | None = None,
) -> Config:
    """Configuration of ``clonewatch.toml`` and the options together, for commands that need no store; makes no folder.

    Its ``brands`` name every folder to load brands from: those of ``brands`` here and no others, else those of the file, else the
    shipped ones, and after either the workspace's own folder :data:`OWN_BRANDS`, where there is one.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    folder = workspace_path(path)
    config = _anchored(load_config(folder), folder)
    if not brands:
        brands = _with_own(config.brand_folders(), folder / OWN_BRANDS)
    return replace(
        config,
        capture=replace(config.capture, **capture or {}),
        detect=replace(config.detect, **detect or {}),
        discover=replace(config.discover, **discover or {}),
        store=replace(config.store, **store or {}),
        brands=tuple(str(brand) for brand in brands),
    )


def _with_own(folders: Sequence[Path], own: Path) -> tuple[Path, ...]:
    """Return the folders to load brands from, the workspace's own last, where there is one."""
    if not own.is_dir():
        return tuple(folders)
    return (*(folder for folder in folders if folder.resolve() != own.resolve()), own)


def workspace_path(path: Path | None) -> Path:
    """Absolute path of the folder named by ``--workspace``, else by the environment, else the default."""
    chosen = path if path is not None else Path(os.environ.get(VARIABLE) or DEFAULT)
    return chosen.expanduser().absolute()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        blamed = next((place for place in (folder, *folder.parents) if place.is_file()), folder)
        raise EnvironmentFault(
            f"workspace {folder}: {blamed} is a file, not a folder; name another with --workspace or {VARIABLE}"
        ) from error
    except OSError as error:
        hints = {
            errno.ENOSPC: "the disk is full: free some space",
            errno.EDQUOT: "your quota is used up: free some space",
        }
        hint = hints.get(error.errno or 0, "check its permissions, or name another with --workspace")
        raise EnvironmentFault(f"workspace {folder} cannot be made ({error.strerror}); {hint}") from error


def _must_be_there(folder: Path) -> None:
    """Refuse a folder that is missing, or that holds other things only: its name is mistyped more likely than meant.

    Raises:
        UsageError: there is no workspace.
    """
    remedy = f"name yours with --workspace or {VARIABLE}; `clonewatch scan` and `clonewatch discover` make a new one"
    if not folder.exists():
        raise UsageError(f"there is no workspace {folder}; {remedy}")
    if (
        folder.is_dir()
        and not any((folder / name).exists() for name in (DATABASE, CONFIG_NAME))
        and not any((folder / OWN_BRANDS).glob("*/brand.toml"))
        and any(folder.iterdir())
    ):
        raise UsageError(f"{folder} is no workspace: it holds neither {DATABASE} nor {CONFIG_NAME}; {remedy}")


def _refuse_emptied(folder: Path) -> None:
    """Refuse a database of 0 bytes beside evidence: something has emptied it, and going on would count as a new workspace.

    Without evidence it is a new one: a program that was killed while it made the database leaves such a file.

    Raises:
        EnvironmentFault: the database was emptied.
    """
    database, evidence = folder / DATABASE, folder / "evidence"
    if database.is_file() and not database.stat().st_size and evidence.is_dir() and any(evidence.iterdir()):
        raise EnvironmentFault(
            f"database {database} is empty (0 bytes), and there is evidence beside it; put a backup in its place, or delete "
            "the empty file to begin with a new database"
        )


def _place(location: str, folder: Path) -> str:
    return location if "://" in location else str(folder / Path(location).expanduser())


def _anchored(config: Config, folder: Path) -> Config:
    """Make relative paths of the file relative to its folder, so that the workspace can be copied and used from anywhere."""
    store, proof = config.store, config.evidence
    database, evidence = store.database, store.evidence
    scheme = "sqlite:///"
    if database.startswith(scheme) and not database.startswith(scheme + "/"):
        database = f"{scheme}{folder}/{database.removeprefix(scheme)}"
    if evidence and "://" not in evidence:
        evidence = str(folder / Path(evidence).expanduser())
    feeds = tuple(replace(feed, location=_place(feed.location, folder)) for feed in config.discover.feeds)
    boxes = tuple(replace(each, location=_place(each.location, folder)) for each in config.discover.mailboxes)
    lists = tuple(replace(each, location=_place(each.location, folder)) for each in config.discover.name_lists)
    return replace(
        config,
        capture=replace(
            config.capture,
            profiles=tuple(str(folder / Path(path).expanduser()) for path in config.capture.profiles),
        ),
        store=replace(store, database=database, evidence=evidence),
        discover=replace(config.discover, feeds=feeds, name_lists=lists, mailboxes=boxes),
        evidence=replace(
            proof,
            key=proof.key and str(folder / Path(proof.key).expanduser()),
            timestamp_roots=proof.timestamp_roots and str(folder / Path(proof.timestamp_roots).expanduser()),
        ),
        brands=tuple(str(folder / Path(brand).expanduser()) for brand in config.brands),
    )
