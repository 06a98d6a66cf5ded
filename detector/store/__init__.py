"""The database of a workspace: backlog, captures, cases, custody and deliveries.  No other package uses SQLAlchemy."""

from detector.store.backlog.leases import BacklogClaim
from detector.store.backlog.queue import Backlog
from detector.store.backlog.rechecks import DueRecheck
from detector.store.captures import Captures
from detector.store.cases import Cases
from detector.store.chains.chain import ChainLink, Handover, HandoverRecord, ManifestRecord, Seal, SignedManifest
from detector.store.chains.evidence_chain import EvidenceChain
from detector.store.chains.journal_reader import Journal, JournalEntry, JournalRecord, JournalSnapshot
from detector.store.custody import PROGRAM, CustodyEntry, CustodyLog, CustodyStep
from detector.store.deliveries import Deliveries, Delivery
from detector.store.intake import Checkpoint, EndedProbes, Intake, IntakeCounts
from detector.store.phones import PhoneNumbers, PhoneSummary
from detector.store.probes import DueProbe, ProbeQueue
from detector.store.runs import JobRun, RunLog, RunState
from detector.store.sites import site_of
from detector.store.source_state import SourceKey, SourceStates, json_key, text_key, time_key
from detector.store.store import Store

__all__ = [
    "PROGRAM",
    "Backlog",
    "BacklogClaim",
    "Captures",
    "Cases",
    "ChainLink",
    "Checkpoint",
    "CustodyEntry",
    "CustodyLog",
    "CustodyStep",
    "Deliveries",
    "Delivery",
    "DueProbe",
    "DueRecheck",
    "EndedProbes",
    "EvidenceChain",
    "Handover",
    "HandoverRecord",
    "Intake",
    "IntakeCounts",
    "JobRun",
    "Journal",
    "JournalEntry",
    "JournalRecord",
    "JournalSnapshot",
    "ManifestRecord",
    "PhoneNumbers",
    "PhoneSummary",
    "ProbeQueue",
    "RunLog",
    "RunState",
    "Seal",
    "SignedManifest",
    "SourceKey",
    "SourceStates",
    "Store",
    "json_key",
    "site_of",
    "text_key",
    "time_key",
]
