"""Parser of indicators from sharing platforms: STIX 2.1 objects and MISP attributes.

STIX 2.1, OASIS Standard, sections 4.7 (indicator), 6.3 (domain-name) and 6.15 (url); the MISP core format
(draft-dulaunoy-misp-core-format), section 2.4 (attribute).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PATTERN = re.compile(r"(?:url|domain-name):value\s*=\s*'((?:[^'\\]|\\.)*)'")
_STIX_VALUES = frozenset(("url", "domain-name"))
_MISP_VALUES = frozenset(("url", "uri", "domain", "hostname"))
_STIX_ID = re.compile(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f-]{27}")


def indicators(value: Mapping[str, Any]) -> list[str] | None:
    """Return URLs and domains of a STIX object or a MISP attribute; None where ``value`` is neither.

    An indicator that is revoked, or (MISP) not meant for detection, gives an empty list.
    """
    kind = value.get("type")
    if not isinstance(kind, str):
        return None
    if isinstance(identifier := value.get("id"), str) and _STIX_ID.fullmatch(identifier):
        return _of_stix(kind, value)
    if "to_ids" in value and "value" in value:
        listed = value["value"]
        wanted = (
            kind.partition("|")[0] in _MISP_VALUES and value["to_ids"] in (True, 1, "1") and isinstance(listed, str)
        )
        return [listed.partition("|")[0] if "|" in kind else listed] if wanted else []
    return None


def _of_stix(kind: str, value: Mapping[str, Any]) -> list[str] | None:
    if kind == "bundle":
        return None
    if value.get("revoked") is True:
        return []
    if kind in _STIX_VALUES and isinstance(value.get("value"), str):
        return [value["value"]]
    pattern = value.get("pattern")
    if kind == "indicator" and isinstance(pattern, str) and value.get("pattern_type", "stix") == "stix":
        return [re.sub(r"\\(.)", r"\1", found) for found in _PATTERN.findall(pattern)]
    return []
