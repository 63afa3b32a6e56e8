"""From the records of one order to the steps of its life in plain words, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bpp.console.language import gettext, msg
from bpp.console.orders import words
from bpp.console.orders.told import Fact, Names, Step, who
from bpp.console.orders.words_choice import GENDERS, PREDICATES, TRIGGERS, reason_in_words
from bpp.console.shown import moment, number, rupees, said
from bpp.operator.order_models import LedgerPosting, OrderDetail, TimelineEntry
from bpp.orders.choice import Choice
from bpp.orders.states import Event
from catalog.money import Money

UNTOLD = frozenset({"by", "serial", "fulfillment_id"})
"""Details of an event that stand elsewhere, or tell nobody anything."""
NONE = Money.parse("0.00")
DEBIT, CREDIT = msg("debit"), msg("credit")


def life(*parts: Iterable[Step]) -> list[Step]:
    """All steps in order of time; of one moment in the order in which they are given."""
    return sorted((step for part in parts for step in part), key=lambda one: one.at)


def events(order: OrderDetail, names: Names) -> list[Step]:
    """What happened to the order."""
    visits = {one.id: place for place, one in enumerate(order.fulfillments, 1)}
    quotations = {one.id: rupees(one.total) for one in order.quotations}
    found = [one for one in order.timeline if one.kind == "event"]
    return [_event(one, visits, quotations, names) for one in found]


def _event(one: TimelineEntry, visits: Mapping[str, int], quotations: Mapping[str, str], names: Names) -> Step:
    actor = one.actor or ""
    facts = [Fact(gettext(words.BY), who(str(one.detail.get("by", "")), actor))]
    facts += [
        Fact(
            gettext(words.DETAILS.get(name, words.FURTHER)),
            _detail(name, value, actor, names) if name != "quote_id" else quotations.get(str(value), ""),
        )
        for name, value in one.detail.items()
        if name not in UNTOLD
    ]
    place = visits.get(str(one.detail.get("fulfillment_id", "")))
    if place and len(visits) > 1:
        facts.append(Fact(gettext(words.VISIT), number(place)))
    return Step(
        at=one.at,
        kind="event",
        title=gettext(_title(one)),
        tag=gettext(words.STAGES[one.target]) if one.target else "",
        look="bad" if one.name in words.URGENT else "",
        facts=facts,
    )


def _title(one: TimelineEntry) -> str:
    if one.name == Event.ASSIGN and not one.source:
        return words.BOOKED
    if one.name == Event.START and one.source == one.target:
        return words.WRONG_OTP
    return words.EVENTS[one.name]


def _detail(name: str, value: object, actor: str, names: Names) -> str:
    text = str(value)
    match name:
        case "worker_id" | "dropped":
            return names.worker(text)
        case "start":
            return moment(datetime.fromisoformat(text))
        case "reason":
            known = reason_in_words(actor, text)
            return gettext(known) if known else text
        case _:
            return text


def choices(found: Sequence[Choice], names: Names) -> list[Step]:
    """Whom the choice of a worker fell on, and why not on others."""
    return [
        Step(
            at=one.at,
            kind="choice",
            title=gettext(TRIGGERS[one.trigger]),
            look="" if one.workers else "bad",
            facts=_chosen(one, names),
            points=[*(_ranked(one, place, names) for place in range(len(one.ranked))), *_rejected(one, names)],
        )
        for one in found
    ]


def _chosen(one: Choice, names: Names) -> list[Fact]:
    facts = [
        Fact(gettext("Chosen"), names.workers(one.workers)),
        Fact(gettext("Could go"), number(one.eligible)),
    ]
    if one.named:
        facts.append(Fact(gettext("Named by somebody"), names.worker(one.named)))
    if one.gender:
        label = gettext("The customer asks for") if one.gender_required else gettext("The customer would like")
        facts.append(Fact(label, gettext(GENDERS[one.gender])))
    return facts


def _ranked(choice: Choice, place: int, names: Names) -> str:
    one = choice.ranked[place]
    parts = [] if one.km is None else [gettext("%(km)s km away") % {"km": number(str(one.km))}]
    parts += [
        gettext("jobs that day: %(count)s") % {"count": number(one.jobs_today)},
        gettext("in the seven days before: %(count)s") % {"count": number(one.jobs_before)},
        gettext("rating %(value)s") % {"value": number(str(one.rating))},
        gettext("last job ended %(when)s") % {"when": moment(one.idle_since)}
        if one.idle_since
        else gettext("no job so far"),
    ]
    if not one.as_wished:
        parts.append(gettext("not of the gender wished for"))
    text = f"{names.worker(one.worker_id)}: {', '.join(parts)}"
    return gettext("Chosen: %(who)s") % {"who": text} if one.worker_id in choice.workers else text


def _rejected(choice: Choice, names: Names) -> list[str]:
    return [
        gettext("Not possible: %(who)s: %(why)s")
        % {
            "who": names.worker(worker),
            "why": ", ".join(gettext(PREDICATES[one]) if one in PREDICATES else one for one in failed),
        }
        for worker, failed in choice.rejected.items()
    ]


def money(postings: Sequence[LedgerPosting], names: Names) -> list[Step]:
    """What was written into the books."""
    return [
        Step(
            at=one.at,
            kind="money",
            title=said({"en": one.words, "hi": one.words_hi}),
            look="bad" if one.reverses else "",
            facts=[
                Fact(_account(line.party, line.id, line.purpose, names), _side(line.debit, line.credit))
                for line in one.lines
            ],
        )
        for one in postings
    ]


def _account(party: str, party_id: str, purpose: str, names: Names) -> str:
    whose = gettext(words.PARTIES[party])
    if party == "worker":
        whose = f"{whose} ({names.worker(party_id)})"
    return f"{whose}, {gettext(words.PURPOSES[purpose])}"


def _side(debit: str, credit: str) -> str:
    if Money.parse(debit) > NONE:
        return f"{rupees(debit)} {gettext(DEBIT)}"
    return f"{rupees(credit)} {gettext(CREDIT)}"
