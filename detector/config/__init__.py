"""One frozen, typed configuration, read from ``clonewatch.toml`` in the workspace; unknown keys are refused.

Each table of the file is a dataclass that checks its own values.  docs/configuration.md and docs/configuration.schema.json are
written from these classes by tools/write_config_docs.py.
"""

from detector.config.capture_config import CaptureConfig, DetectConfig
from detector.config.config_file import CONFIG_NAME, Config, default_brands_dir, load_config, sections, tables_of
from detector.config.job_config import JOB_NAME, STEPS, BrokerConfig, CrawlJob, ScheduleConfig
from detector.config.source_config import (
    NAMING_SOURCES,
    CtConfig,
    DiscoverConfig,
    Feed,
    Mailbox,
    NameList,
    ProbeConfig,
    RegistrationConfig,
)
from detector.config.storage_config import EvidenceConfig, RetentionConfig, StoreConfig
from detector.config.takedown_config import ReleaseRule, TakedownConfig

__all__ = [
    "CONFIG_NAME",
    "JOB_NAME",
    "NAMING_SOURCES",
    "STEPS",
    "BrokerConfig",
    "CaptureConfig",
    "Config",
    "CrawlJob",
    "CtConfig",
    "DetectConfig",
    "DiscoverConfig",
    "EvidenceConfig",
    "Feed",
    "Mailbox",
    "NameList",
    "ProbeConfig",
    "RegistrationConfig",
    "ReleaseRule",
    "RetentionConfig",
    "ScheduleConfig",
    "StoreConfig",
    "TakedownConfig",
    "default_brands_dir",
    "load_config",
    "sections",
    "tables_of",
]
