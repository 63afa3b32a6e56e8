"""What a step of the API does in a ticket: one function for each, the ticket after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bpp.actions.grievances import followed, resolved
from bpp.core.tickets import acting, says
from bpp.core.world import World
from bpp.issues import steps
from bpp.issues.facts import facts_of
from bpp.issues.model import Code, Side
from bpp.issues.remedies import NotRemediable, remedy_for
from bpp.issues.steps import Option as Offer
from bpp.issues.steps import Saying
from bpp.issues.ticket import Ticket
from bpp.issues.words import Language, saying
from bpp.operator.problems import CONFLICT, ApiProblem
from bpp.operator.ticket_models import Answer, Ask, Customer, Note, Option, Propose, Resolve
from bpp.orders.model import Order
from bpp.storage.ports import Work
from catalog.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Stepping:
    """Who takes a step, about which order, in which unit."""

    by: str
    order: Order
    work: Work
    world: World


Step = Callable[[Any, Ticket, Stepping], Awaitable[Ticket]]


async def ask(asked: Ask, ticket: Ticket, one: Stepping) -> Ticket:
    """More is wanted."""
    wanted = [(name, _own(asked.text) or saying(name, asked.language)) for name in asked.wanted]
    return replace(ticket, issue=steps.ask(ticket.issue, wanted, acting(one.world)))


def _own(text: str) -> Saying | None:
    """Somebody's own words, where there are any."""
    return Saying(text, text) if text else None


async def propose(asked: Propose, ticket: Ticket, one: Stepping) -> Ticket:
    """Remedies to choose from. Raises NotRemediable for one that the order does not allow."""
    offers = [offer(option, asked.language) for option in asked.options]
    told = saying("proposal", asked.language)
    proposed = replace(ticket, issue=steps.propose(ticket.issue, offers, told, acting(one.world)))
    for each in proposed.issue.proposed():
        remedy_for(proposed.issue, each, facts_of(one.order))
    return proposed


async def resolve(asked: Resolve, ticket: Ticket, one: Stepping) -> Ticket:
    """A remedy is imposed, and carried out in the same unit."""
    return await resolved(ticket, offer(asked.option, asked.language), one.order, one.work, one.world)


async def note(asked: Note, ticket: Ticket, one: Stepping) -> Ticket:
    """A note for ourselves."""
    return ticket.noted(one.world.now, one.by, asked.text)


async def customer(asked: Customer, ticket: Ticket, one: Stepping) -> Ticket:
    """What a customer of ours says, and what follows at once; a buyer app's customer speaks through the app."""
    if ticket.peer or ticket.ours:
        text = "the customer's buyer app says what the customer says"
        raise ApiProblem(CONFLICT, "said_by_buyer_app", text, path="step")
    issue = ticket.issue
    ref_id = asked.resolution_id or _meant(ticket, asked.says)
    said = says(issue, Code(asked.says), asked.text, one.world, ref_id=ref_id)
    return await followed(replace(ticket, issue=said), one.order, one.work, one.world, asked.language)


def _meant(ticket: Ticket, code: str) -> str:
    """The only remedy that waits, where one is taken without being named."""
    waiting = ticket.issue.proposed()
    return waiting[0].id if code == Code.RESOLUTION_ACCEPTED and len(waiting) == 1 else ""


async def answer(asked: Answer, ticket: Ticket, one: Stepping) -> Ticket:
    """What we say in a complaint of ours."""
    if ticket.issue.we is not Side.COMPLAINANT:
        raise ApiProblem(CONFLICT, "not_ours", "we answer this complaint and did not raise it", path="step")
    key = ANSWERS[Code(asked.says)]
    told = _own(asked.text) or saying(key, asked.language, why="")
    issue, hands = ticket.issue, acting(one.world)
    match Code(asked.says):
        case Code.INFO_PROVIDED:
            issue = steps.provide(issue, told, hands)
        case Code.INFO_NOT_AVAILABLE:
            issue = steps.have_not(issue, told, hands)
        case Code.RESOLUTION_ACCEPTED:
            issue = steps.accept(issue, asked.resolution_id or _meant(ticket, asked.says), told, hands)
        case Code.RESOLUTION_REJECTED:
            issue = steps.reject(issue, told, hands)
        case Code.ESCALATED:
            issue = steps.escalate(issue, told, hands)
        case _:
            issue = steps.close(issue, told, hands)
    return replace(ticket, issue=issue)


def offer(option: Option, language: Language) -> Offer:
    """A remedy in the terms of the core, in its own words or ours. Raises NotRemediable for none without a reason."""
    if option.code == "NO_ACTION" and not option.text:
        raise NotRemediable("a reason is expected where nothing is done", field="text")
    amount = Money.parse(option.amount) if option.amount is not None else None
    told = saying(option.code, language, amount=str(amount or ""), why=option.text)
    if option.text and option.code != "NO_ACTION":
        told = replace(told, long_desc=option.text)
    return Offer(code=option.code, saying=told, amount=amount, item_id=option.item_id)


ANSWERS: Mapping[Code, str] = {
    Code.INFO_PROVIDED: "provided",
    Code.INFO_NOT_AVAILABLE: "not_available",
    Code.RESOLUTION_ACCEPTED: "accepted",
    Code.RESOLUTION_REJECTED: "rejected",
    Code.ESCALATED: "escalated",
    Code.CLOSED: "closed",
}
"""In which words of ours each is said."""
STEPS: Mapping[type, Step] = {
    Ask: ask,
    Propose: propose,
    Resolve: resolve,
    Note: note,
    Customer: customer,
    Answer: answer,
}
