"""One complaint: what both sides said and did, its remedies, notes and clock, and what may be answered now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from bpp.console.language import gettext
from bpp.console.orders.told import called
from bpp.console.orders.words import CHANNELS
from bpp.console.page import Visit
from bpp.console.tickets import words
from bpp.console.tickets.answer import Answer
from bpp.console.tickets.answers import possible_answers
from bpp.console.tickets.rows import row
from bpp.core.tickets import MORE
from bpp.core.world import World
from bpp.issues.model import Code
from bpp.operator.ticket_models import TicketAction, TicketDetail, TicketResolution
from bpp.operator.tickets import get_ticket, ticket_at
from bpp.storage.ports import Work

WEB = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Something that one side said or did. ``ours``: it was we; ``about`` what it was about, where that is known."""

    at: datetime
    by: str
    ours: bool
    title: str
    text: str
    about: str
    images: Sequence[str]


async def read_ticket(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The complaint as far as this person may see it."""
    call = visit.call()
    kept = await ticket_at(call, work)
    order = await work.orders.get(kept.issue.order_ref)
    assert order is not None  # noqa: S101  orders are never deleted
    ticket = (await get_ticket(call, work, world)).content
    assert isinstance(ticket, TicketDetail)  # noqa: S101  the call gives nothing else
    return {
        "ticket": ticket,
        "order": order,
        "items": [called(order, world)(one.name) for one in order.items],
        "provider": world.catalog.providers.get(ticket.provider_id),
        "row": row(ticket, world.now),
        "conversation": [_word(one, ticket) for one in ticket.actions],
        "told": _told(ticket.short_desc, ticket.long_desc),
        "images": pictures(ticket.images),
        "remedies": [(_remedy(one), one) for one in ticket.resolutions],
        "notes": [(one.at, words.noter(one.by), *words.noted(one.by, one.text)) for one in ticket.notes],
        "answers": _grouped(possible_answers(kept, order, visit.person.role, world)),
        "forgotten": kept.forgotten,
        "words": words,
        "channels": CHANNELS,
    }


def _told(short: str, long: str) -> Sequence[str]:
    """What the complainant wrote, each thing once: the short form is often how the long one begins."""
    once = " ".join(long.split()).startswith(short.removesuffix(MORE))
    return [one for one in ([long] if once else [short, long]) if one]


def _grouped(answers: Sequence[Answer]) -> Sequence[tuple[str, Sequence[Answer]]]:
    """In the order of the table, which has those of a group together."""
    return [(group, list(members)) for group, members in groupby(answers, key=lambda one: one.group)]


def pictures(urls: Sequence[str]) -> Sequence[str]:
    """The addresses of pictures that may be followed: whoever complains can send any text as one."""
    return [one for one in urls if _scheme(one) in WEB]


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""


def _word(one: TicketAction, ticket: TicketDetail) -> Word:
    ours = (one.side == "complainant") is ticket.ours
    other = words.BUYER_APP if ticket.peer else words.CUSTOMER
    return Word(
        at=one.at,
        by=gettext(words.WE if ours else other),
        ours=ours,
        title=gettext(words.DONE[one.code]),
        text=one.text,
        about=_about(one, ticket),
        images=pictures(one.images),
    )


def _about(one: TicketAction, ticket: TicketDetail) -> str:
    if one.code is Code.INFO_REQUESTED:
        return gettext(words.WANTED[one.name]) if one.name in words.WANTED else ""
    meant = next((each for each in ticket.resolutions if each.id == one.resolution_id), None)
    return _remedy(meant) if meant else ""


def _remedy(one: TicketResolution) -> str:
    return gettext(words.REMEDIES.get(one.code, words.OTHER_REMEDY))
