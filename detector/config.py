"""One frozen, typed configuration, read from ``clonewatch.toml`` in the workspace; unknown keys are refused."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from detector.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONFIG_NAME = "clonewatch.toml"
JOB_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


def default_brands_dir() -> Path:
    """Return the folder of the shipped brands: ``brand_assets/`` inside the installed package, or at the root of a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "brand_assets"
    return installed if installed.is_dir() else package.parent / "brand_assets"


@dataclass(frozen=True, kw_only=True)
class CaptureConfig:
    """How pages are looked at."""

    slots: int = 4
    """Captures at once."""
    total_seconds: float = 30.0
    """Hard limit of one capture; the watchdog ends what takes longer."""
    navigation_seconds: float = 15.0
    settle_seconds: float = 1.0
    """Waiting after load for late scripts, cut short once the network is quiet."""
    viewport_width: int = 1280
    viewport_height: int = 800
    full_page_height: int = 8000
    """Pixels at which a full-page picture is cut."""
    max_text: int = 200_000
    """Characters of visible text that are kept."""
    max_response_bytes: int = 20_000_000
    max_total_bytes: int = 60_000_000
    max_requests: int = 600
    max_redirects: int = 20
    max_page_memory: int = 2_000_000_000
    """Bytes of memory that one page's process may take; it is ended beyond that (Linux)."""
    recycle_after: int = 200
    """Captures after which a browser process is replaced."""
    resolve: tuple[str, ...] = ()
    """``HOST:PORT:ADDRESS`` as curl has it; ``*`` allowed for HOST."""
    nameservers: tuple[str, ...] = ()
    """``ADDRESS`` or ``ADDRESS:PORT`` of those who resolve what pages ask for; empty: the system's."""
    allow_private: tuple[str, ...] = ()
    """CIDR blocks that the guard lets through although they are not public: tests and labs only."""
    profile: str = "desktop"
    """Who looks first: ``DEVICE[-PLACE][@REFERRER]``; ``clonewatch profiles`` lists them."""
    profiles: tuple[str, ...] = ()
    """TOML files with more devices, places and referrers."""
    proxy: str | None = None
    """Upstream proxy, ``http://[USER:PASSWORD@]HOST:PORT`` or ``socks5://...``; the guard goes through it."""
    proxies: dict[str, str] = field(default_factory=dict)
    """Proxies of places, instead of ``proxy``: ``de = "http://HOST:PORT"``; empty: none."""
    no_sandbox: bool = False
    """Start Chromium without its sandbox: only as root in a container."""
    second_looks: int = 1
    """Other profiles that look at a candidate whose first view shows nothing suspicious; 0: none."""
    max_clicks: int = 2
    """Harmless clicks ("Continue", "Sign in", "Accept cookies") to reach a form that is not shown at once; 0: none."""
    evidence: Literal["suspect", "all", "none"] = "suspect"
    """Captures that keep traffic, document and certificates: those of flagged and review verdicts, all, or none."""


@dataclass(frozen=True, kw_only=True)
class DetectConfig:
    """How pages are judged."""

    flag_at: float = 0.8
    """Probability from which a page is flagged."""
    review_at: float = 0.35
    """Probability from which a page is sent to review."""
    max_pixels: int = 50_000_000
    """Pictures with more are not decoded."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One list of URLs: ``location`` is a file or an http(s) address."""

    name: str
    location: str
    format: str = "auto"
    """``auto``, ``text``, ``csv``, ``json`` or ``taxii`` (a TAXII 2.1 collection's objects: those added since the last run)."""
    url_field: str = "url"
    """Column or key that holds the URL."""
    brand_field: str | None = None
    max_entries: int = 0
    """Entries that one run takes of it, so that one feed does not starve the rest; 0: all."""
    authorization: str = ""
    """Environment variable that holds the value of the Authorization header; empty: none is sent."""


@dataclass(frozen=True)
class NameList:
    """One list of everything that is registered: a zone file, or what was registered on a day."""

    name: str
    location: str
    """A file, plain, gzip or bzip2, as CZDS hands zones out; or a small list at an http(s) address."""
    format: str = "zone"
    """``zone`` (RFC 1035; what is new since the last run is reported) or ``names`` (one a line; all of them are new)."""

    def __post_init__(self) -> None:
        if self.format not in {"zone", "names"}:
            raise ConfigError(f"discover.name_lists: {self.name}: format must be zone or names, not {self.format!r}")


@dataclass(frozen=True)
class Mailbox:
    """Where customers' reports arrive."""

    name: str
    location: str
    """A folder of ``.eml`` files, a Maildir, an mbox file, or ``imaps://USER@HOST/FOLDER``."""
    password: str = ""
    """Environment variable that holds the password of an IMAP mailbox."""


@dataclass(frozen=True, kw_only=True)
class DiscoverConfig:
    """Where candidates come from."""

    feeds: tuple[Feed, ...] = ()
    name_lists: tuple[NameList, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    nameservers: tuple[str, ...] = ()
    """``ADDRESS`` or ``ADDRESS:PORT``; empty: the system's."""
    dns_seconds: float = 4.0
    dns_concurrency: int = 200
    max_names: int = 5000
    """Lookalike names a brand's domain that are tried, most dangerous first."""
    max_feed_bytes: int = 200_000_000
    """Decompressed bytes after which a feed is cut."""
    url_ports: tuple[int, ...] = ()
    """Ports that a live name is captured on beside the default; tests and labs."""
    schemes: tuple[str, ...] = ("https", "http")
    """Schemes that a live name is tried with, in this order."""
    brand_weights: dict[str, float] = field(default_factory=dict)
    """How much harm an impersonation of a brand does, 1 being usual: ``mybank = 3.0`` is looked at sooner, ``0.5`` later."""

    def __post_init__(self) -> None:
        for brand, weight in self.brand_weights.items():
            if not 0.01 <= weight <= 100:
                raise ConfigError(f"discover.brand_weights.{brand} is {weight}; expected 0.01 to 100")


@dataclass(frozen=True, kw_only=True)
class CtConfig:
    """Which certificate transparency logs are read, and from where on."""

    log_list: str = ""
    """Address of the list of logs; empty: none is read.  The public one: ``https://www.gstatic.com/ct/log_list/v3/log_list.json``."""
    certstream: str = ""
    """Address (``ws://``, ``wss://``) of a certstream server of one's own, for the source ``certstream``; empty: none."""
    certstream_seconds: float = 300.0
    """How long a run listens to it."""
    start: str = "now"
    """Where a log that was never read is begun: ``now`` (its end) or ``oldest`` (its first entry)."""
    max_entries: int = 5_000_000
    """Entries of one log that one run reads; the next run goes on there."""
    at_once: int = 4
    """Requests to one log at a time."""
    patience_seconds: float = 300.0
    """How long one answer of a log may be waited for, its 429 and 5xx answers and ``Retry-After`` included."""

    def __post_init__(self) -> None:
        if self.log_list and not self.log_list.startswith(("http://", "https://")):
            raise ConfigError("ct.log_list must begin with http:// or https://")
        if self.certstream and not self.certstream.startswith(("ws://", "wss://")):
            raise ConfigError("ct.certstream must begin with ws:// or wss://")
        if self.certstream_seconds <= 0:
            raise ConfigError("ct.certstream_seconds must be above 0")
        if self.start not in {"now", "oldest"}:
            raise ConfigError(f"ct.start must be now or oldest, not {self.start!r}")
        if self.max_entries < 1 or not 1 <= self.at_once <= 64 or self.patience_seconds <= 0:
            raise ConfigError("ct.max_entries and ct.patience_seconds must be above 0, ct.at_once from 1 to 64")


NAMING_SOURCES = frozenset({"ct_logs", "certstream", "new_names"})
"""Sources that report every name there is."""


@dataclass(frozen=True, kw_only=True)
class ProbeConfig:
    """The cheap look at names that say nothing: front page and icon by plain HTTP, without a browser."""

    sources: tuple[str, ...] = ()
    """Whose other names get one: ``ct_logs``, ``certstream``, ``new_names``; empty: nobody's."""
    at_once: int = 300
    """Names that are looked at at a time; most of them wait for a server."""
    seconds: float = 8.0
    """How long a server may take to answer, and the same to be reached."""
    max_bytes: int = 600_000
    """Of a front page, as they come over the network; it is cut there."""
    profiles: tuple[str, ...] = ("phone@search", "desktop")
    """Who looks first, and who looks where that one is shown nothing: most sites that choose their visitors want phones."""
    remember_hours: float = 24.0
    """For how long a name that was looked at is not looked at again when it is reported once more."""
    processes: int = 0
    """That judge what was fetched; 0: one less than there are cores, up to four."""

    def __post_init__(self) -> None:
        unknown = sorted(set(self.sources) - NAMING_SOURCES)
        if unknown:
            known = ", ".join(sorted(NAMING_SOURCES))
            raise ConfigError(
                f"probe.sources: {', '.join(unknown)} does not report every name there is; known: {known}"
            )
        if not 1 <= self.at_once <= 5000 or self.seconds <= 0 or self.max_bytes < 1000 or self.remember_hours < 0:
            raise ConfigError(
                "probe.at_once must be from 1 to 5000, probe.seconds above 0, probe.max_bytes at least 1000, "
                "probe.remember_hours not below 0"
            )
        if not self.profiles or not 0 <= self.processes <= 256:
            raise ConfigError("probe.profiles must not be empty, probe.processes must be from 0 to 256")


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    """Where facts and files live."""

    database: str = ""
    """SQLAlchemy URL, SQLite or PostgreSQL; empty: ``clonewatch.sqlite`` in the workspace."""
    evidence: str = ""
    """fsspec URL, ``s3://BUCKET/PREFIX``; empty: ``evidence/`` in the workspace."""
    lease_seconds: float = 300.0
    max_attempts: int = 3
    """Workers that a candidate may kill before it is quarantined; two at least, since the first may have died of another."""
    fair_share: float = 0.2
    """Share of the looks that goes by turns and not by priority: to the longest due, to each source, to each brand."""
    per_site: int = 4
    """Looks at one registrable domain at a time, on all machines together; 0: any number."""

    def __post_init__(self) -> None:
        if not 0 <= self.fair_share <= 1 or self.per_site < 0:
            raise ConfigError("store.fair_share must be from 0 to 1, store.per_site not below 0")


@dataclass(frozen=True, kw_only=True)
class EvidenceConfig:
    """How evidence is made to stand up."""

    key: str = ""
    """File of the Ed25519 key (PEM) that signs manifests; empty: they are not signed.  ``clonewatch evidence keygen`` makes one."""
    timestamp_url: str = ""
    """Address of an RFC 3161 time-stamp authority; empty: manifests get no time stamp."""
    timestamp_roots: str = ""
    """PEM file of the root certificates that the authority's time stamps must lead to; empty: they are kept unchecked."""
    timestamp_seconds: float = 20.0
    """How long one answer of the authority may take."""

    def __post_init__(self) -> None:
        if self.timestamp_url and not self.timestamp_url.startswith(("http://", "https://")):
            raise ConfigError("evidence.timestamp_url must begin with http:// or https://")
        if self.timestamp_seconds <= 0:
            raise ConfigError("evidence.timestamp_seconds must be above 0")


@dataclass(frozen=True, kw_only=True)
class RegistrationConfig:
    """Whether registries are asked how old the name of a suspicious page is (RDAP)."""

    bootstrap: str = ""
    """Address of the list of RDAP servers (RFC 9224); empty: nobody is asked.  IANA's: ``https://data.iana.org/rdap/dns.json``."""
    seconds: float = 5.0
    """How long one answer may take."""
    pause_seconds: float = 1.0
    """Between two questions to one server."""

    def __post_init__(self) -> None:
        if self.bootstrap and not self.bootstrap.startswith(("http://", "https://")):
            raise ConfigError("registration.bootstrap must begin with http:// or https://")
        if self.seconds <= 0 or self.pause_seconds < 0:
            raise ConfigError("registration.seconds must be above 0, registration.pause_seconds not below")


STEPS = ("discover", "capture", "report", "takedown", "tidy")
"""What a crawl job can do, in this order."""


@dataclass(frozen=True)
class CrawlJob:
    """One crawl job, which runs again and again."""

    name: str
    cron: str
    """When: minute, hour, day of the month, month, day of the week, as cron has them."""
    steps: tuple[str, ...] = ("discover", "capture", "report")
    """``discover`` (ask sources), ``capture`` (what is due), ``report``, ``takedown`` (append to the queue), ``tidy``."""
    sources: tuple[str, ...] = ()
    """Sources that are asked; empty: all that are configured."""
    brands: tuple[str, ...] = ()
    """Brands that it is about; empty: all."""

    def __post_init__(self) -> None:
        unknown = [step for step in self.steps if step not in STEPS]
        if unknown or not self.steps:
            raise ConfigError(
                f"schedule.jobs: {self.name}: steps are of {', '.join(STEPS)}, not {', '.join(unknown)!r}"
            )
        if not JOB_NAME.fullmatch(self.name):
            raise ConfigError(
                f"schedule.jobs: {self.name[:80]!r}: a name is made of letters, digits, - and _, 60 at most"
            )
        if self.sources and "discover" not in self.steps:
            raise ConfigError(f"schedule.jobs: {self.name}: it names sources, but discover is not among its steps")


@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Which crawl jobs run when; ``clonewatch schedule`` runs them."""

    jobs: tuple[CrawlJob, ...] = ()
    timezone: str = "UTC"
    """Of the cron expressions: a name such as ``Europe/Zurich``."""
    jitter_seconds: float = 20.0
    """A run begins up to so much later than its time: not all jobs of all machines in the same second."""
    catch_up_hours: float = 24.0
    """A moment that was missed (the machine was off) is caught up with, once a job, unless it is longer ago."""
    keep_days: float = 90.0
    """For how long runs stay in the book."""
    metrics: str = ""
    """``ADDRESS:PORT`` at which ``clonewatch schedule`` serves metrics for Prometheus; empty: nowhere."""

    def __post_init__(self) -> None:
        names = [job.name for job in self.jobs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigError(f"schedule.jobs: two jobs are called {twice[0]}")
        if not 0 <= self.jitter_seconds <= 3600 or self.catch_up_hours < 0 or self.keep_days <= 0:
            raise ConfigError(
                "schedule.jitter_seconds must be from 0 to 3600, schedule.catch_up_hours not below 0, "
                "schedule.keep_days above 0"
            )


@dataclass(frozen=True, kw_only=True)
class BrokerConfig:
    """A message broker that brings candidates to workers on many machines; without one they ask the database."""

    url: str = ""
    """``amqp://USER:PASSWORD@HOST//`` (RabbitMQ, quorum queues), or ``redis://HOST/0`` for one box; empty: none."""
    ahead: int = 50
    """Messages that the dispatcher keeps in the queue: enough that no worker waits, few enough that what is urgent comes soon."""
    hold_seconds: float = 900.0
    """For how long a candidate may lie in the queue; then it is due again."""
    soft_seconds: float = 150.0
    """After which a capture with its second looks is ended in good order."""
    hard_seconds: float = 200.0
    """After which its process is killed, and the message comes to another one."""
    recycle_after: int = 500
    """Messages after which a worker's process is replaced."""
    job_seconds: float = 21600.0
    """After which a crawl job that a worker runs is ended in good order."""

    def __post_init__(self) -> None:
        if self.url and not self.url.startswith(("amqp://", "amqps://", "redis://", "rediss://")):
            raise ConfigError("broker.url must begin with amqp://, amqps://, redis:// or rediss://")
        if self.ahead < 1 or self.recycle_after < 1 or self.hold_seconds <= 0 or self.job_seconds <= 0:
            raise ConfigError("broker.ahead, recycle_after, hold_seconds and job_seconds must be above 0")
        if not 0 < self.soft_seconds < self.hard_seconds:
            raise ConfigError("broker.soft_seconds must be above 0 and below broker.hard_seconds")


@dataclass(frozen=True, kw_only=True)
class RetentionConfig:
    """How long what proves nothing is kept; what belongs to a case is kept for ever."""

    cleared_days: float = 0.0
    """Captures of cleared pages (clear, owned, unseen) are deleted by ``clonewatch tidy`` after so many days, 31 at least.

    0: never.
    """

    def __post_init__(self) -> None:
        if self.cleared_days != 0 and self.cleared_days < 31:
            raise ConfigError(
                "retention.cleared_days must be 0 (never) or at least 31: until then what showed nothing is looked at again"
            )


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything a run can be told, checked at the edge."""

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
    brands: tuple[str, ...] = ()
    """Folders of brands; empty: the ones that ship with the program."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.detect.review_at <= self.detect.flag_at <= 1.0:
            raise ConfigError(
                f"detect.review_at ({self.detect.review_at}) must not be above detect.flag_at ({self.detect.flag_at}), "
                "both within 0 and 1"
            )
        for name in ("slots", "max_requests", "viewport_width", "viewport_height", "full_page_height", "recycle_after"):
            if getattr(self.capture, name) < 1:
                raise ConfigError(f"capture.{name} must be at least 1")
        for name in ("second_looks", "max_clicks"):
            if not 0 <= getattr(self.capture, name) <= 5:
                raise ConfigError(f"capture.{name} must be from 0 to 5")
        if self.capture.total_seconds <= 0 or self.capture.navigation_seconds <= 0:
            raise ConfigError("capture.total_seconds and capture.navigation_seconds must be above 0")
        for block in self.capture.allow_private:
            try:
                ip_network(block)
            except ValueError as error:
                raise ConfigError(f"capture.allow_private: {block!r} is no CIDR block ({error})") from error

    def brand_folders(self) -> tuple[Path, ...]:
        """Folders to load brands from, in order."""
        return tuple(Path(folder) for folder in self.brands) or (default_brands_dir(),)


def load_config(workspace: Path) -> Config:
    """Read ``clonewatch.toml`` of a workspace; defaults where there is none.

    Raises:
        ConfigError: the file is no TOML, has unknown keys or values of a wrong type; names file and place.
    """
    path = workspace / CONFIG_NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    try:
        data = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    _refuse_unknown(path, data)
    try:
        return msgspec.convert(data, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}") from error


def _refuse_unknown(path: Path, data: dict[str, object]) -> None:
    sections: dict[str, type[DataclassInstance]] = {
        "capture": CaptureConfig,
        "detect": DetectConfig,
        "discover": DiscoverConfig,
        "ct": CtConfig,
        "probe": ProbeConfig,
        "store": StoreConfig,
        "evidence": EvidenceConfig,
        "registration": RegistrationConfig,
        "schedule": ScheduleConfig,
        "retention": RetentionConfig,
        "broker": BrokerConfig,
    }
    for key, value in data.items():
        if key == "brands":
            continue
        section = sections.get(key)
        if section is None:
            known = ", ".join([*sections, "brands"])
            raise ConfigError(f"{path}: unknown key {key!r}; known: {known}")
        if not isinstance(value, dict):
            raise ConfigError(f"{path}: {key} must be a table: [{key}]")
        known_names = {entry.name for entry in fields(section)}
        for name in value:
            if name not in known_names:
                raise ConfigError(f"{path}: unknown key {name!r} in [{key}]; known: {', '.join(sorted(known_names))}")
