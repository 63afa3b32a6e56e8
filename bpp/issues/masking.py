"""Tickets forgotten with their order: what was done, when and by whose side stays; no name, number or word. Pure."""

from __future__ import annotations

from dataclasses import replace

from bpp.issues.clock import runs
from bpp.issues.model import Action, Actor, Complaint, Person, Resolution, Status
from bpp.issues.ticket import Ticket


def forgotten(ticket: Ticket) -> Ticket:
    """The ticket without anything personal: codes, moments, amounts and what was carried out stay.

    One that nobody has resolved in all that time is over: nobody can any more.
    """
    issue = ticket.issue
    complaint = issue.complaint
    return replace(
        ticket,
        issue=replace(
            issue,
            status=Status.CLOSED if runs(issue) else issue.status,
            actors=tuple(_actor(one) for one in issue.actors),
            complaint=Complaint(code=complaint.code, category=complaint.category, sub_category=complaint.sub_category),
            actions=tuple(_action(one) for one in issue.actions),
            resolutions=tuple(_resolution(one) for one in issue.resolutions),
        ),
        notes=tuple(replace(one, text="") for one in ticket.notes),
        forgotten=True,
    )


def _actor(one: Actor) -> Actor:
    return replace(one, person=Person(org=one.person.org))


def _action(one: Action) -> Action:
    return replace(one, person="", short_desc="", images=())


def _resolution(one: Resolution) -> Resolution:
    return replace(one, short_desc="", long_desc="")
