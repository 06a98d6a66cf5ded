"""Distinct telephone numbers of the lands whose people the fraud of 2022 called, as pages print them."""

from __future__ import annotations

from dataclasses import dataclass

TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")
"""Area codes of North America that cost a caller nothing."""
LANDS = ("US", "CA", "GB", "AU", "DE", "ES")


@dataclass(frozen=True, slots=True)
class Number:
    """One number."""

    land: str
    shown: str
    """As its land writes it."""
    e164: str
    """International form (ITU-T E.164)."""


def number(land: str, index: int) -> Number:
    """The number ``index`` (0 to 699,999) of a land: toll-free, valid by its plan, and no other's."""
    if land in ("US", "CA"):
        # both lands share one plan: even ones are printed in one, odd ones in the other
        serial = 2 * index + (land == "CA")
        area, (middle, last) = TOLL_FREE[serial % len(TOLL_FREE)], divmod(_spread(serial, 7_900_000), 10_000)
        return Number(land, f"1-{area}-{210 + middle}-{last:04}", f"+1{area}{210 + middle}{last:04}")
    if land == "GB":
        rest = f"{_spread(index, 9_000_000) + 1_000_000}"
        return Number(land, f"0800 {rest[:3]} {rest[3:]}", f"+44800{rest}")
    rest = f"{_spread(index, 900_000) + 100_000}"
    if land == "AU":
        return Number(land, f"1800 {rest[:3]} {rest[3:]}", f"+611800{rest}")
    if land == "DE":
        return Number(land, f"0800 {rest[:3]} {rest[3:]} 7", f"+49800{rest}7")
    return Number(land, f"900 {rest[:3]} {rest[3:]}", f"+34900{rest}")


def _spread(index: int, size: int) -> int:
    """Another number below ``size`` for each below it: consecutive ones look nothing alike."""
    return (index * 7_654_321 + 12_345) % size
