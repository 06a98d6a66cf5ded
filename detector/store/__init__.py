"""The store is the truth: backlog, captures, cases and deliveries.  The only SQLAlchemy in the house."""

from detector.store.books import EvidenceChain
from detector.store.cases import NEXT_STATES, PROGRAM, CustodyEntry
from detector.store.chain import Handover, HandoverRecord, Link, ManifestRecord, Seal, Signed
from detector.store.intake import Checkpoint, EndedLooks, Intake, Taken
from detector.store.leases import Claim
from detector.store.ledger import Delivery
from detector.store.phones import PhoneSummary
from detector.store.probes import Probe, ProbeQueue
from detector.store.rechecks import Recheck
from detector.store.runs import Run, RunBook, RunState
from detector.store.sites import site_of
from detector.store.store import Store

__all__ = [
    "NEXT_STATES",
    "PROGRAM",
    "Checkpoint",
    "Claim",
    "CustodyEntry",
    "Delivery",
    "EndedLooks",
    "EvidenceChain",
    "Handover",
    "HandoverRecord",
    "Intake",
    "Link",
    "ManifestRecord",
    "PhoneSummary",
    "Probe",
    "ProbeQueue",
    "Recheck",
    "Run",
    "RunBook",
    "RunState",
    "Seal",
    "Signed",
    "Store",
    "Taken",
    "site_of",
]
