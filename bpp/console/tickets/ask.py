"""The page before something is answered: what will be said in both languages, what is asked, and whether it is sure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from bpp.console.orders.told import ticket_path
from bpp.console.page import Deed, Done, Page, Visit, outcome
from bpp.console.refusals import CODES, problem
from bpp.console.tickets.answer import Answer
from bpp.console.tickets.answers import ANSWERS, possible_answers
from bpp.console.tickets.words import LANGUAGES, REMEDIES, STATUSES
from bpp.core.tickets import possible_remedies
from bpp.core.world import World
from bpp.issues.words import saying
from bpp.operator.problems import ApiProblem, ErrorObject
from bpp.operator.ticket_models import TicketStep
from bpp.operator.tickets import post_step, ticket_at
from bpp.storage.ports import Work

GAP = "…"
STEP: TypeAdapter[Any] = TypeAdapter(TicketStep)
NOT_NOW = ErrorObject(code="not_allowed", message=CODES["not_allowed"])


@dataclass(frozen=True, slots=True)
class Preview:
    """What will be said, in one language."""

    language: str
    called: str
    lines: Sequence[str]


def previews(answer: Answer, possible: Collection[str] = tuple(REMEDIES)) -> Sequence[Preview]:
    """The templates of an answer in both languages, with what is filled in later left open.

    Of the remedies only the ``possible`` ones.
    """
    says = [key for key in answer.says if key in possible or key not in REMEDIES]
    gaps = dict.fromkeys(("amount", "why", "ticket", "remedy"), GAP)
    return [
        Preview(code, called, [saying(key, code, **gaps).long_desc for key in says])
        for code, called in LANGUAGES
        if says
    ]


def page_of(answer: Answer) -> Page:
    """The page that asks. Nothing personal of the customer is on it."""

    async def read(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
        ticket = await ticket_at(visit.call(), work)
        order = await work.orders.get(ticket.issue.order_ref)
        assert order is not None  # noqa: S101  orders are never deleted
        possible = answer in possible_answers(ticket, order, visit.person.role, world)
        return {
            "answer": answer,
            "ticket": ticket,
            "status": STATUSES[ticket.issue.status],
            "asked": answer.ask(visit, ticket, order, world) if possible else None,
            "previews": previews(answer, possible_remedies(ticket, order, world)),
            "why": None if possible else problem(NOT_NOW),
        }

    return Page(
        path=f"/tickets/{{ticket}}/{answer.name}",
        name=answer.page,
        title=answer.title,
        roles=answer.roles,
        read=read,
        template="ticket_ask.html",
    )


def deed_of(answer: Answer) -> Deed:
    """What its form does."""

    async def act(visit: Visit, work: Work, world: World) -> Done:
        ticket = await ticket_at(visit.call(), work)
        body = STEP.validate_python(answer.body(visit.form))
        try:
            return outcome(await post_step(visit.call(body=body), work, world), ticket_path(ticket.ref))
        except ApiProblem as refusal:
            error = refusal.answer.error
            if error.path in answer.form.model_fields:
                raise
            raise ApiProblem(refusal.status, error.code, error.message, allowed=error.allowed) from refusal

    return Deed(
        path=f"/tickets/{{ticket}}/{answer.name}",
        name=answer.deed,
        roles=answer.roles,
        act=act,
        page=answer.page,
        said=answer.said,
        form=answer.form,
    )


PAGES = tuple(page_of(one) for one in ANSWERS)
DEEDS = tuple(deed_of(one) for one in ANSWERS)
