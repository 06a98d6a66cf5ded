"""The store is the truth: backlog, captures, cases and deliveries.  The only SQLAlchemy in the house."""

from detector.store.books import EvidenceChain
from detector.store.cases import PROGRAM, CustodyEntry
from detector.store.chain import ChainLink, Handover, HandoverRecord, ManifestRecord, Seal, SignedManifest
from detector.store.intake import Checkpoint, EndedLooks, Intake, Taken
from detector.store.leases import BacklogClaim
from detector.store.ledger import Delivery
from detector.store.phones import PhoneSummary
from detector.store.probes import DueProbe, ProbeQueue
from detector.store.rechecks import DueRecheck
from detector.store.runs import JobRun, RunBook, RunState
from detector.store.sites import site_of
from detector.store.store import Store

__all__ = [
    "PROGRAM",
    "BacklogClaim",
    "ChainLink",
    "Checkpoint",
    "CustodyEntry",
    "Delivery",
    "DueProbe",
    "DueRecheck",
    "EndedLooks",
    "EvidenceChain",
    "Handover",
    "HandoverRecord",
    "Intake",
    "JobRun",
    "ManifestRecord",
    "PhoneSummary",
    "ProbeQueue",
    "RunBook",
    "RunState",
    "Seal",
    "SignedManifest",
    "Store",
    "Taken",
    "site_of",
]
