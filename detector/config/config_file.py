"""The whole configuration, read from ``clonewatch.toml`` in the workspace; errors name file and line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import msgspec

from detector.config.capture_config import CaptureConfig, DetectConfig
from detector.config.job_config import BrokerConfig, ScheduleConfig
from detector.config.source_config import CtConfig, DiscoverConfig, ProbeConfig, RegistrationConfig
from detector.config.storage_config import EvidenceConfig, RetentionConfig, StoreConfig
from detector.config.takedown_config import TakedownConfig
from detector.errors import ConfigError
from detector.masking import remember_secrets
from detector.toml_lines import line_of, parse_toml, syntax_error

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONFIG_NAME = "clonewatch.toml"
_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
"""The end of msgspec's errors, such as ``- at `$.discover.feeds[0].name` ``."""
_KEY = re.compile(r"[a-z_]+(?:\[\d+\])?(?:\.[a-z_]+(?:\[\d+\])?)*")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything that ``clonewatch.toml`` can set, one attribute per table."""

    capture: CaptureConfig = field(default_factory=CaptureConfig)
    detect: DetectConfig = field(default_factory=DetectConfig)
    discover: DiscoverConfig = field(default_factory=DiscoverConfig)
    ct: CtConfig = field(default_factory=CtConfig)
    probe: ProbeConfig = field(default_factory=ProbeConfig)
    store: StoreConfig = field(default_factory=StoreConfig)
    evidence: EvidenceConfig = field(default_factory=EvidenceConfig)
    registration: RegistrationConfig = field(default_factory=RegistrationConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    broker: BrokerConfig = field(default_factory=BrokerConfig)
    takedown: TakedownConfig = field(default_factory=TakedownConfig)
    brands: tuple[str, ...] = ()
    """Folders of brands; empty: the one that ships with the program.  The workspace's own folder ``brands`` is read after them."""

    def brand_folders(self) -> tuple[Path, ...]:
        """Return the folders to load brands from; a brand of a later one takes the place of its like in an earlier one."""
        return tuple(Path(folder) for folder in self.brands) or (default_brands_dir(),)


def sections() -> dict[str, type[DataclassInstance]]:
    """Return the tables of ``clonewatch.toml`` by name, in the order of :class:`Config`: the only list of them."""
    return {
        name: kind for name, kind in get_type_hints(Config).items() if isinstance(kind, type) and is_dataclass(kind)
    }


def tables_of(section: type[DataclassInstance]) -> dict[str, type[DataclassInstance]]:
    """Return the arrays of tables in a section by key, such as ``feeds`` of ``[discover]`` for ``[[discover.feeds]]``."""
    return {
        name: member
        for name, kind in get_type_hints(section).items()
        for member in get_args(kind)[:1]
        if is_dataclass(member) and isinstance(member, type)
    }


def default_brands_dir() -> Path:
    """Return the folder of the shipped brands: ``brand_assets/`` in the installed package, or at the root of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "brand_assets"
    return installed if installed.is_dir() else package.parent / "brand_assets"


def load_config(workspace: Path) -> Config:
    """Read ``clonewatch.toml`` of a workspace; return the defaults where there is none.

    Raises:
        ConfigError: the file cannot be read, is not valid TOML, has unknown keys, or values that are malformed or contradict each
            other; names file and line.
    """
    path = workspace / CONFIG_NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not valid TOML: not UTF-8 ({error.reason})") from error
    try:
        data = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        line, problem = syntax_error(error, text)
        raise ConfigError(f"{path}:{line}: not valid TOML: {problem}") from error
    _refuse_unknown(path, text, data)
    try:
        config = msgspec.convert(data, Config)
        remember_secrets(config)
        return config
    except msgspec.ValidationError as error:
        place = _PLACE.search(str(error))
        key = place[1] if place else ""
        problem = _PLACE.sub("", str(error))
        raise ConfigError(f"{_where(path, text, key)}: {key or 'the file'}: {problem}") from error
    except ConfigError as error:  # of a section's own checks, which begin with the key
        found = _KEY.match(str(error))
        raise ConfigError(f"{_where(path, text, found[0] if found else '')}: {error}") from error


def _refuse_unknown(path: Path, text: str, data: dict[str, Any]) -> None:
    known_sections = sections()
    for key, value in data.items():
        if key == "brands":
            continue
        section = known_sections.get(key)
        if section is None:
            known = ", ".join([*known_sections, "brands"])
            raise ConfigError(f"{_where(path, text, key)}: unknown key {key!r}; known: {known}")
        if not isinstance(value, dict):
            raise ConfigError(f"{_where(path, text, key)}: {key} must be a table: [{key}]")
        _refuse_unknown_keys(path, text, key, section, value)
        for name, kind in tables_of(section).items():
            entries = value.get(name)
            for number, entry in enumerate(entries if isinstance(entries, list) else ()):
                if isinstance(entry, dict):
                    _refuse_unknown_keys(path, text, f"{key}.{name}", kind, entry, number)


def _refuse_unknown_keys(
    path: Path, text: str, table: str, kind: type[DataclassInstance], data: dict[str, Any], number: int = 0
) -> None:
    known = {entry.name for entry in fields(kind)}
    for name in data:
        if name not in known:
            line = line_of(text, name, table=(table, number))
            # an array of inline tables has no header of its own: its key is named
            where = f"{path}:{line}" if line else _where(path, text, table)
            raise ConfigError(f"{where}: unknown key {name!r} in [{table}]; known: {', '.join(sorted(known))}")


def _where(path: Path, text: str, key: str) -> str:
    """Return ``PATH:LINE`` of a dotted key such as ``discover.feeds[1].name``, or the path alone where it is not found."""
    # msgspec writes "[...]" for a key that it does not name
    table, _, name = key.replace("[...]", "").rpartition(".")
    table, _, number = table.partition("[")
    bare = name.partition("[")[0]
    line = line_of(text, bare, table=(table, int(number.rstrip("]") or 0))) if table else line_of(text, bare)
    return f"{path}:{line}" if line else str(path)
