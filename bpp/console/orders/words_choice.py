"""Why which worker was sent and why others were not, and why orders are given up, in words."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import msg
from bpp.core.reassign import LATE

TRIGGERS: Mapping[str, str] = {
    "select": msg("A worker was looked for when the time was chosen."),
    "init": msg("A worker was looked for when the address was given."),
    "confirm": msg("A worker was looked for at the confirmation."),
    "requote": msg("A worker was looked for, for the further work."),
    "assign": msg("A worker was looked for anew."),
    "reschedule": msg("A worker was looked for, for the new time."),
    "reassign": msg("Another worker was looked for in the place of who cannot come."),
    "redo": msg("A worker was looked for, to do the work again."),
    "run": msg("A worker was looked for, for a whole day of the district."),
}
"""Why a worker was looked for."""
PREDICATES: Mapping[str, str] = {
    "of_provider": msg("works for another provider"),
    "active": msg("struck off by the provider"),
    "verified": msg("no police verification for that day"),
    "certified": msg("no certificate for this work on that day"),
    "serves_district": msg("not registered for the district"),
    "of_gender": msg("not of the gender asked for"),
    "did_not_drop_out": msg("dropped out of this visit before"),
    "available": msg("takes no work at present"),
    "not_on_leave": msg("on leave"),
    "not_engaged": msg("engaged elsewhere"),
    "free_in_slot": msg("not free at that time"),
    "can_be_there": msg("too far away to be there in time"),
}
"""What it means that somebody could not be chosen."""
GENDERS: Mapping[str, str] = {"female": msg("a woman"), "male": msg("a man")}
"""Whom a customer asks for."""
REASONS: Mapping[tuple[str, str], str] = {
    ("buyer", "001"): msg("the price has changed"),
    ("buyer", "003"): msg("cheaper elsewhere"),
    ("buyer", "006"): msg("it takes too long"),
    ("buyer", "010"): msg("something in the order has to be changed"),
    ("buyer", "012"): msg("not needed any more"),
    ("buyer", "051"): msg("the provider does not accept"),
    ("buyer", "999"): msg("the buyer app could not confirm the order"),
    ("seller", "002"): msg("no worker is available"),
    ("seller", "005"): msg("the provider cannot do it"),
    ("seller", "011"): msg("the customer cannot be reached"),
    ("seller", "013"): msg("the customer refused at the door"),
    ("seller", "014"): msg("the address was not found"),
    ("seller", "015"): msg("nobody was at home"),
    ("seller", "016"): msg("accident, rain or strike"),
    ("seller", "018"): msg("the place is not served"),
    ("seller", "021"): msg("the provider did not answer in time"),
    ("seller", "022"): msg("a technical problem"),
    ("seller", "023"): msg("outside working hours"),
    ("seller", "024"): msg("more orders than can be done"),
    ("system", "998"): msg("the order could not be confirmed to the buyer app"),
}
"""Why an order is given up, by who gives the code."""
OWN_REASONS: Mapping[str, str] = {
    LATE: msg("late"),
    "incorrect OTP": msg("the OTP was wrong"),
    "expired OTP": msg("the OTP had run out"),
    "may not go any more": msg("his or her papers have lapsed"),
}
"""Reasons that we write down ourselves; anything else is in somebody's own words."""
FOREIGN_REASON = msg("a reason that only the buyer app knows")


def reason_in_words(actor: str, reason: str) -> str:
    """A text of the catalogs for a reason, or empty for one in somebody's own words.

    Buyer apps send whatever codes they like, those of the seller's side too.
    """
    for side in (actor, "seller", "buyer", "system"):
        if (side, reason) in REASONS:
            return REASONS[side, reason]
    if reason in OWN_REASONS:
        return OWN_REASONS[reason]
    return FOREIGN_REASON if reason.isdecimal() else ""
