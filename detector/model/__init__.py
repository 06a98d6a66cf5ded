"""The data model, as frozen dataclasses: brands, candidates, captures, verdicts and cases.

All of them survive a round trip through JSON (``to_json``/``from_json``).  Coordinates are CSS pixels of the viewport's
screenshot, origin at the top left; times are UTC.
"""

from detector.model.brand import Brand, Logo, OfficialPage
from detector.model.candidate import Candidate
from detector.model.capture import BUNDLE_ROLES, Bundle, Capture, Challenge, Click, Outcome, http_outcome
from detector.model.case import (
    CASE_MOVES,
    CONFIRMED_STATES,
    INITIAL_STATE,
    RECHECKED_STATES,
    TAKEDOWN_DUE_STATES,
    VERDICT_DECIDES_STATES,
    Case,
    CaseMover,
    CasePage,
    CaseState,
    may_move,
    next_states,
)
from detector.model.files import StoredFile
from detector.model.json import from_json, to_builtins, to_json, utcnow
from detector.model.page import (
    NO_PRESSURE,
    NOWHERE,
    SKETCH,
    Box,
    ChallengeMark,
    Form,
    FrameFacts,
    ImageBox,
    InputField,
    Origin,
    PageFacts,
    Pressure,
)
from detector.model.phone import Phone, PhoneSource
from detector.model.traffic import DnsAnswer, Hosting, NetworkEntry, RedirectHop, Registration, TlsSummary
from detector.model.verdict import Decision, Finding, Verdict

__all__ = [
    "BUNDLE_ROLES",
    "CASE_MOVES",
    "CONFIRMED_STATES",
    "INITIAL_STATE",
    "NOWHERE",
    "NO_PRESSURE",
    "RECHECKED_STATES",
    "SKETCH",
    "TAKEDOWN_DUE_STATES",
    "VERDICT_DECIDES_STATES",
    "Box",
    "Brand",
    "Bundle",
    "Candidate",
    "Capture",
    "Case",
    "CaseMover",
    "CasePage",
    "CaseState",
    "Challenge",
    "ChallengeMark",
    "Click",
    "Decision",
    "DnsAnswer",
    "Finding",
    "Form",
    "FrameFacts",
    "Hosting",
    "ImageBox",
    "InputField",
    "Logo",
    "NetworkEntry",
    "OfficialPage",
    "Origin",
    "Outcome",
    "PageFacts",
    "Phone",
    "PhoneSource",
    "Pressure",
    "RedirectHop",
    "Registration",
    "StoredFile",
    "TlsSummary",
    "Verdict",
    "from_json",
    "http_outcome",
    "may_move",
    "next_states",
    "to_builtins",
    "to_json",
    "utcnow",
]
