"""What happens in a complaint, in words: each table has a row for every value that there is, and a test compares."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import gettext, msg
from bpp.console.orders.told import who
from bpp.console.orders.words import BY_ITSELF
from bpp.core.public_complaint import CUSTOMERS_NOTE
from bpp.core.tickets import NETWORK, TIMER
from bpp.issues.model import Code, Level, Status
from bpp.issues.words import Language

STATUSES: Mapping[str, str] = {
    Status.OPEN: msg("New complaint"),
    Status.PROCESSING: msg("Being looked into"),
    Status.RESOLVED: msg("Resolved"),
    Status.CLOSED: msg("Closed"),
}
"""Where a complaint stands."""
LOOKS: Mapping[str, str] = {
    Status.OPEN: "warn",
    Status.PROCESSING: "",
    Status.RESOLVED: "good",
    Status.CLOSED: "good",
}
"""The class of its mark."""
LEVELS: Mapping[str, str] = {
    Level.ISSUE: msg("With the call desk"),
    Level.GRIEVANCE: msg("With the grievance officer"),
    Level.DISPUTE: msg("With somebody outside"),
}
"""Who deals with it."""
DONE: Mapping[str, str] = {
    Code.OPEN: msg("The complaint was made."),
    Code.INFO_PROVIDED: msg("What was asked for was sent."),
    Code.INFO_NOT_AVAILABLE: msg("What was asked for is not to be had."),
    Code.RESOLUTION_ACCEPTED: msg("The solution was accepted."),
    Code.RESOLUTION_REJECTED: msg("The solutions were refused."),
    Code.ESCALATED: msg("It was taken to the grievance officer."),
    Code.CLOSED: msg("The complaint was closed."),
    Code.PROCESSING: msg("It is being looked into."),
    Code.INFO_REQUESTED: msg("Something was asked for."),
    Code.RESOLUTION_PROPOSED: msg("Solutions were offered."),
    Code.RESOLUTION_CASCADED: msg("Another participant offered a solution."),
    Code.CASCADED: msg("Another participant was asked."),
    Code.RESOLVED: msg("It was resolved."),
}
"""What somebody did."""
WANTED: Mapping[str, str] = {"INFO001": msg("A picture"), "INFO002": msg("The invoice")}
"""What may be asked for."""
REMEDIES: Mapping[str, str] = {
    "REFUND": msg("Money back"),
    "REPLACEMENT": msg("The work is done again without charge"),
    "CANCEL": msg("The booking is cancelled without charge"),
    "NO_ACTION": msg("Nothing is done"),
}
"""What may be offered; codes of others that nobody has published are shown with what was written of them."""
OTHER_REMEDY = msg("Another solution")
CUSTOMER, BUYER_APP, WE = msg("Customer"), msg("Buyer app"), msg("We")
SHARES: Mapping[str, str] = {
    "50": msg("Half of the time for it is over."),
    "80": msg("Four fifths of the time for it are over."),
    "100": msg("The time for it is over: it is the grievance officer's now."),
}
"""What the clock notes, by the share of the time, per cent."""
ALARMS: Mapping[str, str] = {
    "0 % desk": msg("The buyer app has not answered in time."),
    "100 % desk": msg("The buyer app's time for it is over."),
    "100 % complainant": msg("Nobody has said a word to the solution: it was told once more."),
}
"""What it notes that is no reminder of ours."""
NOT_DONE = msg("What was accepted could not be done.")
NOTERS: Mapping[str, str] = {
    TIMER: BY_ITSELF,
    "system": BY_ITSELF,
    NETWORK: BUYER_APP,
    CUSTOMERS_NOTE: msg("Customer, on our page"),
}
"""Who notes that is none of our people."""
LANGUAGES: tuple[tuple[Language, str], ...] = (("hi", "हिन्दी"), ("en", "English"))


def noter(by: str) -> str:
    """Who noted something."""
    return gettext(NOTERS[by]) if by in NOTERS else who(by, "")


def noted(by: str, text: str) -> tuple[str, str]:
    """What was noted: in words of ours where the program notes, and as it was written."""
    alarm = ALARMS.get(text) or SHARES.get(text.partition(" ")[0])
    if by == TIMER and alarm is not None:
        return gettext(alarm), ""
    return (gettext(NOT_DONE) if by == "system" else ""), text
