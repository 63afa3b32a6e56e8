"""What our codes are called on the pages of a district."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import gettext, msg
from bpp.console.render import ROLES
from bpp.orders.states import Stage
from bpp.parties.states import State
from bpp.people.model import Role

STAGES: Mapping[str, str] = {
    Stage.PENDING: msg("To be assigned"),
    Stage.ASSIGNED: msg("Assigned"),
    Stage.EN_ROUTE: msg("On the way"),
    Stage.ARRIVED: msg("At the door"),
    Stage.STARTED: msg("Work under way"),
    Stage.COMPLETED: msg("Completed"),
    Stage.CANCELLED: msg("Cancelled"),
}
"""How an order stands."""
CHANNELS: Mapping[str, str] = {
    "ondc": msg("ONDC apps"),
    "portal": msg("Portal"),
    "app": msg("Sewamitra app"),
    "call_centre": msg("Call centre"),
    "csc": msg("Service centre (CSC)"),
    "department": msg("Departments"),
}
"""By which way an order or a search came."""
LACKS: Mapping[str, str] = {
    "no_service": msg("No such service is known"),
    "no_provider": msg("Nobody offers it there"),
    "no_slot": msg("Nobody had time"),
}
"""Why a search could not be served."""
PAPERS: Mapping[str, str] = {
    "agreement": msg("Agreement"),
    "verification": msg("Police verification"),
    "certificate": msg("Certificate"),
}
"""What may lapse."""
APPLICATIONS: Mapping[str, str] = {
    State.REQUESTED: msg("Requested"),
    State.UNDER_REVIEW: msg("Under review"),
    State.APPROVED: msg("Approved"),
    State.REFUSED: msg("Refused"),
    State.WITHDRAWN: msg("Withdrawn"),
}
"""How far an application for empanelment is."""
KINDS: Mapping[str, str] = {"firm": msg("Firm"), "individual": msg("Individual")}
"""What sort of provider."""
HAPPENED: Mapping[str, str] = {
    "request": msg("Applied"),
    "review": msg("Review began"),
    "approve": msg("Approved"),
    "refuse": msg("Refused"),
    "withdraw": msg("Withdrawn"),
    "suspend": msg("Suspended"),
    "restore": msg("Restored"),
    "renew": msg("Agreement renewed"),
    "create": msg("Registered"),
    "change": msg("Details changed"),
    "verify": msg("Police verification recorded"),
    "certify": msg("Certificate recorded"),
    "availability": msg("Availability changed"),
    "leave": msg("Leave entered"),
    "cancel_leave": msg("Leave given up"),
    "engage": msg("Contract elsewhere entered"),
    "end": msg("Contract elsewhere ended"),
    "bank_details": msg("Bank details changed"),
}
"""Steps in the history of an application, a provider or a worker."""
REVIEWED: Mapping[str, str] = {
    "given": msg("Given"),
    "changed": msg("Changed by the customer"),
    "set_aside": msg("Set aside"),
    "restored": msg("Restored"),
}
"""Steps in the life of a review."""
RATERS: Mapping[str, str] = {"ondc": msg("ONDC app"), "phone": msg("Telephone"), "portal": msg("Portal")}
"""By which way a review came."""
SUBJECTS: Mapping[str, str] = {
    "Provider": msg("Service provider"),
    "Order": msg("Booking"),
    "Fulfillment": msg("Visit"),
    "Item": msg("Service"),
    "Agent": msg("Sewamitra"),
}
"""What of an order was rated."""
STANDINGS: Mapping[str, str] = {
    "on_sale": msg("On sale"),
    "suspended": msg("Suspended"),
    "lapsed": msg("Agreement not in force"),
}
"""Whether a provider sells."""
FITNESS: Mapping[str, str] = {
    "verified": msg("Verified"),
    "unverified": msg("Verification missing or lapsed"),
    "suspended": msg("Suspended"),
}
"""Whether a worker may be sent."""
SYSTEM = msg("System")


def any_of(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Codes with their words to choose from, and all of them first."""
    return [("", gettext("All")), *((key, gettext(text)) for key, text in words.items())]


def who(actor: str) -> str:
    """Who did something, by the name of an actor: the role in words and the mark that tells persons apart."""
    role, _, mark = actor.partition(":")
    known = Role.ADMIN.value if role == "supervisor" else role
    name = gettext(ROLES[Role(known)]) if known in {one.value for one in Role} else gettext(SYSTEM)
    return f"{name} ({mark})" if mark else name
