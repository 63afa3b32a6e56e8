"""From a stored ticket to what the API shows of it, as far as the reader may see."""

from __future__ import annotations

from datetime import datetime

from bpp.core.privacy import PersonalData, Reader
from bpp.core.world import World
from bpp.issues.categories import label
from bpp.issues.clock import deadlines, resolution_overdue
from bpp.issues.model import PARENT, Action, Code, Issue, Person, Resolution, Side
from bpp.issues.states import allowed
from bpp.issues.ticket import Ticket
from bpp.operator.ticket_models import TicketAction, TicketDetail, TicketNote, TicketResolution, TicketSummary
from bpp.orders.masking import HIDDEN, partly


def summary(ticket: Ticket, world: World) -> TicketSummary:
    """A row of the list: nothing in it is personal."""
    return TicketSummary(**_common(ticket, world))


def detail(ticket: Ticket, reader: Reader, world: World) -> TicketDetail:
    """One ticket. Who complains is for those who see consumers, what is said for those who see complaints."""
    issue = ticket.issue
    words = reader.sees(PersonalData.COMPLAINT)
    who = _complainant(issue)
    person = reader.sees(PersonalData.CONSUMER)
    return TicketDetail(
        **_common(ticket, world),
        version=issue.version,
        channel=ticket.channel,
        response_due=deadlines(issue, world.rules.issue_times).response,
        short_desc=issue.complaint.short_desc if words else HIDDEN,
        long_desc=issue.complaint.long_desc if words else HIDDEN,
        images=[one.url for one in issue.complaint.images] if words else [],
        complainant=who.name if person else partly("name", who.name),
        complainant_phone=who.phone if person else partly("phone", who.phone),
        complainant_email=who.email if person else partly("email", who.email),
        actions=[_action(one, words=words) for one in issue.actions],
        resolutions=[_resolution(one, ticket) for one in issue.resolutions if one.code != PARENT],
        notes=[TicketNote(at=one.at, by=one.by, text=one.text if words else HIDDEN) for one in ticket.notes],
        allowed=list(allowed(issue, issue.we)),
        customer_may=list(allowed(issue, Side.COMPLAINANT)) if not ticket.peer and not ticket.ours else [],
    )


def _common(ticket: Ticket, world: World) -> dict[str, object]:
    issue, now = ticket.issue, world.now
    called = label(issue.complaint)
    return {
        "ref": ticket.ref,
        "issue_id": issue.id,
        "order_ref": issue.order_ref,
        "peer": ticket.peer,
        "ours": ticket.ours,
        "status": issue.status,
        "level": issue.level,
        "code": issue.complaint.code or issue.complaint.sub_category,
        "category": called.en,
        "category_hi": called.hi,
        "provider_id": ticket.provider_id,
        "district": ticket.district,
        "created_at": issue.created.at,
        "updated_at": issue.updated.at,
        "resolution_due": _due(issue, world),
        "overdue": resolution_overdue(issue, now, world.rules.issue_times),
    }


def _due(issue: Issue, world: World) -> datetime:
    return deadlines(issue, world.rules.issue_times).resolution


def _complainant(issue: Issue) -> Person:
    found = {one.id: one.person for one in issue.actors}
    return found.get(issue.source_id) or found.get(issue.complainant_id) or Person()


def _action(one: Action, *, words: bool) -> TicketAction:
    return TicketAction(
        at=one.at.at,
        side=one.code.side.value,
        code=one.code,
        by=one.by,
        text=one.short_desc if words or one.code.side is Side.RESPONDENT else HIDDEN,
        name=one.name,
        resolution_id=one.ref_id if one.code in {Code.RESOLUTION_ACCEPTED, Code.RESOLVED} else "",
        images=[each.url for each in one.images] if words else [],
    )


def _resolution(one: Resolution, ticket: Ticket) -> TicketResolution:
    return TicketResolution(
        id=one.id,
        code=one.code,
        text=one.long_desc or one.short_desc,
        amount=str(one.amount) if one.amount is not None else None,
        item_id=one.item_id,
        waits=one in ticket.issue.proposed(),
        done=one.id in ticket.remedied,
    )
