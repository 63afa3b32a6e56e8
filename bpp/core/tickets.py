"""Tickets: how an issue is opened, kept and watched, whatever the channel. What goes over the network is elsewhere.

The clock of a ticket is a durable timer set to its next alarm (``bpp.issues.clock``); at the last of them it is the
grievance officer's, which the inbox shows and a figure tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from textwrap import shorten

import structlog

from bpp.core.world import World
from bpp.issues.checks import Known
from bpp.issues.clock import Alarm, alarms, next_alarm, resolution_overdue
from bpp.issues.facts import facts_of
from bpp.issues.model import Action, Actor, Code, Complaint, Desk, Issue, Person, Ref, Resolution, Side, Stamp
from bpp.issues.remedies import NotRemediable, remedy_for
from bpp.issues.states import advance
from bpp.issues.steps import Acting, process
from bpp.issues.ticket import Ticket
from bpp.issues.words import Language, saying
from bpp.orders.model import Order
from bpp.orders.numbers import order_number
from bpp.storage.ports import OrderFilter, Timer, VersionConflict, Work

log = structlog.get_logger(__name__)
TIMER = "timer"
"""Who notes that time goes by."""
NETWORK = "network"
"""Who notes what a buyer app made of a message of ours."""
MOST_HEARD = 20
"""Such notes of one ticket: beyond that they tell nothing new."""
CUSTOMER = "CUSTOMER"
"""The id of the customer among the actors of a ticket of our own channels."""
LONGEST_SHORT, LONGEST_WORDS = 200, 1_000
"""Characters of what somebody complains of, in short and in full; and of a note."""
MORE = " …"
"""Where the rest of a text was left out."""
MOST_ORDERS = 100
"""Orders of one transaction that a complaint may be about."""


def desk_of(world: World) -> Desk:
    """Who answers for us: the call centre, and the grievance officer above it."""
    own = world.identity
    return Desk(
        subscriber_id=own.subscriber_id,
        agent=Person(name=own.legal_name, phone=own.support_phone, email=own.support_email),
        officer=Person(name=own.officer_name, phone=own.officer_phone, email=own.officer_email),
    )


def acting(world: World) -> Acting:
    """We, now."""
    return Acting(now=world.now, desk=desk_of(world), new_id=world.new_id)


def possible_remedies(ticket: Ticket, order: Order, world: World) -> tuple[str, ...]:
    """The remedies that an order allows as it stands, by their codes; a refund where anything can go back."""
    known = facts_of(order)

    def fits(code: str) -> bool:
        asked = Resolution(id="", code=code, at=Stamp.of(world.now), by="", short_desc=code, amount=known.refundable)
        try:
            remedy_for(ticket.issue, asked, known)
        except NotRemediable:
            return False
        return True

    return tuple(code for code in ("REFUND", "REPLACEMENT", "CANCEL", "NO_ACTION") if fits(code))


async def known_of(said: Issue, before: Ticket | None, work: Work, world: World) -> tuple[Known, Order | None]:
    """What is found of an issue that a buyer app tells, and the order that it is about, if there is one.

    The order is locked, so that of two complaints about the same, told at once, the second finds the first; and a
    remedy may change it. What else was complained of counts as far as buyer apps told it: a ticket of our own channels
    is none that they could go on with.
    """
    echo = said.echo
    which = OrderFilter(bap_id=said.bap_id, transaction_id=str(echo["transaction_id"]), limit=MOST_ORDERS)
    orders = [order for _, order in await work.orders.found(which) if order.forgotten_at is None]
    ref = next((one.ref for one in orders if one.order_id == said.order_id), None)
    order = await work.orders.get(ref) if ref is not None else None
    others = await work.issues.of_order(ref) if ref is not None else ()
    known = Known(
        orders=tuple(facts_of(order if order is not None and one.ref == ref else one) for one in orders),
        before=before.issue if before else None,
        others=tuple(one.issue for one in others if one.peer),
        times=world.rules.issue_times,
    )
    return known, order


def ticket_of(issue: Issue, order: Order, world: World) -> Ticket:
    """A new ticket of an issue about an order."""
    return Ticket(
        ref=order_number(world.new_id()),
        issue=replace(issue, order_ref=order.ref),
        peer=order.peer.bap_id if order.peer else "",
        channel=order.channel,
        provider_id=order.seller.provider_id,
        district=order.visit.district or "",
    )


def by_customer(
    order: Order, complaint: Complaint, world: World, *, fulfillment_id: str = "", item_id: str = ""
) -> Issue:
    """What a customer of ours complains of, opened now: it is no conversation on the network."""
    now = Stamp.of(world.now)
    contact = order.visit.customer.get("contact") or {}
    person = order.visit.customer.get("person") or {}
    refs = [Ref(ref_type="ORDER", ref_id=order.order_id), Ref(ref_type="PROVIDER", ref_id=order.seller.provider_id)]
    refs.append(Ref(ref_type="FULFILLMENT", ref_id=fulfillment_id or order.visit.id))
    refs += [Ref(ref_type="ITEM", ref_id=item_id)] if item_id else []
    times = world.rules.issue_times
    issue = Issue(
        id=world.new_id(),
        echo={"bap_id": "", "domain": ""},
        order_ref=order.ref,
        created=now,
        level_from=now.at,
        expected_response=times.response,
        expected_resolution=times.resolution,
        refs=tuple(refs),
        actors=(
            Actor(
                id=CUSTOMER,
                type="CONSUMER",
                person=Person(name=str(person.get("name", "")), phone=str(contact.get("phone", ""))),
            ),
        ),
        source_id=CUSTOMER,
        complainant_id=CUSTOMER,
        complaint=complaint,
    )
    return advance(
        issue, Action(id=world.new_id(), code=Code.OPEN, at=now, by=CUSTOMER, short_desc=complaint.short_desc)
    )


def says(issue: Issue, code: Code, text: str, world: World, *, ref_id: str = "") -> Issue:
    """What a customer of our own channels says in an issue, at our desk; raises NotPossible as the state table does."""
    after = Stamp.of(max(world.now, issue.updated.at))
    action = Action(id=world.new_id(), code=code, at=after, by=CUSTOMER, short_desc=text, ref_id=ref_id)
    return advance(issue, action)


def at_it(ticket: Ticket, world: World, language: Language = "en") -> Ticket:
    """The ticket with our word that we are at it, and its number to be told."""
    if ticket.issue.we is not Side.RESPONDENT:
        return ticket
    if ticket.issue.last.code is Code.ESCALATED:
        told = saying("officer", language, officer=world.identity.officer_name, phone=world.identity.officer_phone)
    else:
        told = saying("processing", language, ticket=ticket.ref)
    return replace(ticket, issue=process(ticket.issue, told, acting(world)))


def heard(ticket: Ticket, text: str, world: World) -> Ticket:
    """The ticket with a note of what became of a message of ours in it, as long as there are not too many."""
    if sum(one.by == NETWORK for one in ticket.notes) >= MOST_HEARD:
        return ticket
    return ticket.noted(world.now, NETWORK, in_short(text))


def in_short(text: str) -> str:
    """The beginning of what somebody says, as the short description has it."""
    short = shorten(text, LONGEST_SHORT, placeholder=MORE)
    return short if short != MORE.strip() else text[: LONGEST_SHORT - len(MORE)] + MORE  # no gap to cut at


async def take_down(issue: Issue, order: Order, work: Work, world: World, language: Language) -> Ticket:
    """Keep what a customer of ours complains of as a new ticket, whose number he or she hears at once."""
    ticket = replace(ticket_of(issue, order, world), peer="")  # though a buyer app may have brought the order
    return await keep(at_it(ticket, world, language), work, world, new=True)


async def keep(ticket: Ticket, work: Work, world: World, *, new: bool = False) -> Ticket:
    """Store a ticket and set its clock to the next alarm."""
    if not new:
        ticket = await work.issues.save(ticket)
    elif not await work.issues.add(ticket):
        raise VersionConflict(ticket.ref)  # told twice at once, or a number that is taken: again
    await _watch(ticket, work, world)
    return ticket


async def _watch(ticket: Ticket, work: Work, world: World) -> None:
    alarm = next_alarm(ticket.issue, _heeded(ticket), world.rules.issue_times)
    if alarm is None:
        await work.timers.cancel("issue", ticket.ref)
    else:
        serial = len(ticket.issue.actions)
        await work.timers.set(Timer(kind="issue", subject=ticket.ref, due_at=alarm.at, serial=serial))


def _heeded(ticket: Ticket) -> datetime:
    """Up to when a ticket's clock was heeded: an alarm that is past and was not noted is still to be told.

    So it is where we were down at its time, where a complaint comes that is long due, and where a step came first.
    """
    return max((one.at for one in ticket.notes if one.by == TIMER), default=datetime.min.replace(tzinfo=UTC))


async def alarmed(timer: Timer, work: Work, world: World) -> tuple[Ticket, Alarm] | None:
    """Note that so much of a ticket's time is over, and whose it is from now on: the last alarm that was not noted.

    None where there is none.
    """
    ticket = await work.issues.get(timer.subject)
    if ticket is None:
        await work.timers.cancel(timer.kind, timer.subject)
        return None
    heeded = _heeded(ticket)
    passed = [one for one in alarms(ticket.issue, world.rules.issue_times) if heeded < one.at <= world.now]
    if not passed:  # a timer that went off twice, or is out of date
        await _watch(ticket, work, world)
        return None
    last = passed[-1]
    log.warning("ticket_waits", ticket=ticket.ref, share=last.share, to=last.to)
    return await keep(ticket.noted(world.now, TIMER, f"{last.share} % {last.to}"), work, world), last


async def texts_due(timer: Timer, work: Work, world: World) -> Sequence[tuple[str, str]]:
    """Text messages, each with its telephone, that a timer leads to which went off now.

    The grievance officer hears of a ticket that has become overdue, without a word of what it is about.
    """
    ticket = await work.issues.get(timer.subject) if timer.kind == "issue" else None
    officer = world.identity.officer_phone
    if ticket is None or ticket.ours or not officer or not ticket.notes:
        return ()
    last = ticket.notes[-1]
    if (last.at, last.by) != (world.now, TIMER) or not resolution_overdue(
        ticket.issue, world.now, world.rules.issue_times
    ):
        return ()
    told = (saying("overdue", language, ticket=ticket.ref).long_desc for language in ("hi", "en"))
    return ((officer, " ".join(told)),)
