"""Personal data of applications for empanelment and of histories, as somebody sees it who need not know it. Pure."""

from __future__ import annotations

from dataclasses import replace

from bpp.orders.masking import HIDDEN, hidden_detail, nearby, partly
from bpp.parties.model import Application, PartyEvent


def without_contact(application: Application) -> Application:
    """An application as a list shows it: who applies, for what, and how far it is."""
    return replace(
        application,
        contact=partly("name", application.contact),
        phone=partly("phone", application.phone),
        email=partly("email", application.email),
        address=partly("address", application.address),
        gps=nearby(application.gps),
        papers=(),
    )


def without_words(event: PartyEvent) -> PartyEvent:
    """A step of a history without what somebody wrote of it, and without numbers of papers."""
    return replace(event, reason=HIDDEN if event.reason else "", detail=hidden_detail(event.detail))
