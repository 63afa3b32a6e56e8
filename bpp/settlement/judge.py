"""Judging a reconciliation: theirs against our books, and their answer to ours. Pure; nothing is changed.

A recon is agreed to only if each of the five amounts is ours within a paisa (network.md 2.5), and the order's amount
has one of the three meanings that participants give it (2.2). What is refused has a published code.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from beckn_schemas.rsf_codes import INVALID_ORDER, INVALID_SCHEMA, UNKNOWN_MESSAGE
from beckn_schemas.rsf_sent import FIELDS
from bpp.orders.assignment import local_day
from bpp.settlement.amounts import figures_of, net_amount, order_total
from bpp.settlement.model import Difference, Figures, ReconLine, ReconOrder, Refused, Settlement
from bpp.settlement.states import RECON, UNFILED, SettlementState, Step, allowed
from catalog.money import ZERO, Money, total

TOLERANCE = Money(1)
LONGEST = timedelta(days=30)
"""How far away the day may be on which what was agreed upon is filed. No text of the network bounds it."""
NOTHING = Figures(amount=ZERO)
Books = Mapping[str, Sequence[Settlement]]
"""The settlements of one counterparty's orders by order id, oldest first; an order that is not there is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One settlement as both sides have it; ``settlement`` is None where we have none that could be meant."""

    said: ReconLine
    settlement: Settlement | None
    ours: Figures
    accord: bool

    @property
    def apart(self) -> Mapping[str, Money]:
        """By how much each amount differs, without a sign."""
        return {
            name: Money(abs((getattr(self.ours, name) - getattr(self.said.figures, name)).paise)) for name in FIELDS
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderVerdict:
    """An order of a recon: whether we agree to all of it, line by line, and what differs by name."""

    said: ReconOrder
    settlements: tuple[Settlement, ...]
    compared: tuple[Compared, ...]
    accord: bool
    differences: tuple[Difference, ...] = ()


def check_known(said: Sequence[ReconOrder], known: Container[str]) -> None:
    """Raise Refused (70030), for a recon as a whole, where one of its orders is none of ours."""
    for place, order in enumerate(said):
        if order.order_id not in known:
            raise Refused(INVALID_ORDER, f"message.orders[{place}].id", "an order between the two of us")


def judge_recon(said: Sequence[ReconOrder], books: Books) -> tuple[OrderVerdict, ...]:
    """What we say to a recon, each of its orders. Raises Refused as ``check_known`` does."""
    check_known(said, books)
    return tuple(_order(order, books[order.order_id]) for order in said)


def _order(said: ReconOrder, ours: Sequence[Settlement]) -> OrderVerdict:
    compared = tuple(_compare(line, one, _within(one)) for line, one in _paired(said.lines, ours))
    found = [difference for one in compared for difference in differences(said.order_id, one)]
    if not _adds_up(said, ours):
        found.append(
            Difference(cause="order_amount", order_id=said.order_id, ours=order_total(ours), theirs=said.amount)
        )
    accord = all(one.accord for one in compared) and _adds_up(said, ours)
    return OrderVerdict(said=said, settlements=tuple(ours), compared=compared, accord=accord, differences=tuple(found))


def _within(one: Settlement | None) -> Money:
    """How far from ours a line of theirs may be: a paisa, where what they say binds us or is over.

    Where something else binds us, ours is filed: then theirs is that, or there is nothing to agree to.
    """
    return TOLERANCE if one is not None and (binds(one) or one.state is SettlementState.SETTLED) else ZERO


def _compare(line: ReconLine, one: Settlement | None, within: Money) -> Compared:
    ours = figures_of(one) if one is not None else NOTHING
    near = all(abs((getattr(ours, name) - getattr(line.figures, name)).paise) <= within.paise for name in FIELDS)
    return Compared(said=line, settlement=one, ours=ours, accord=near)


def differences(order_id: str, one: Compared) -> Iterable[Difference]:
    """What differs in a settlement, by name: amounts, its standing, or that we have none such."""
    if one.settlement is None and not one.accord:
        yield Difference(cause="unknown", order_id=order_id, field=one.said.id, theirs=one.said.figures.amount)
    elif one.settlement is not None and not one.accord:
        yield from _unequal(one.settlement, one)
    settled = one.settlement is not None and one.settlement.state is SettlementState.SETTLED
    if one.said.status == "SETTLED" and not settled:
        yield Difference(cause="status", order_id=order_id, field=one.said.id, theirs=one.said.figures.amount)


def _unequal(settlement: Settlement, one: Compared) -> Iterable[Difference]:
    for name in FIELDS:
        ours, theirs = getattr(one.ours, name), getattr(one.said.figures, name)
        if ours != theirs:
            about, order_id = settlement.id, settlement.order_id
            yield Difference(cause="recon", order_id=order_id, of=about, field=name, ours=ours, theirs=theirs)


def _paired(lines: Sequence[ReconLine], ours: Sequence[Settlement]) -> Iterable[tuple[ReconLine, Settlement | None]]:
    """Which of our settlements each line means: by its id where it is one of ours, else by its place.

    Each side has ids of its own (network.md 2.1), and both have the settlements of an order one after the other. A
    single line means the last, or the last but one where it speaks of a settled one and the last is still to come.
    """
    known = {one.shown_id: one for one in ours}
    if len(lines) == 1 and len(ours) > 1 and lines[0].id not in known:
        over = [one for one in ours if one.state is SettlementState.SETTLED]
        return [(lines[0], over[-1] if lines[0].status == "SETTLED" and over else ours[-1])]
    return [
        (line, known.get(line.id) or (ours[place] if place < len(ours) else None)) for place, line in enumerate(lines)
    ]


def _adds_up(said: ReconOrder, ours: Sequence[Settlement]) -> bool:
    """Whether the order's amount is the sum of its settlements, or what all of it comes to, or less what goes back."""
    moved = total(one.figures.amount for one in said.lines)
    whole = total(getattr(one.figures, name) for one in said.lines for name in FIELDS)
    last = said.lines[-1].figures
    back, all_back = last.amount, total(getattr(last, name) for name in FIELDS)
    less = {moved - back - back, whole - all_back - all_back}
    meanings = {moved, whole, *less, order_total(ours), net_amount(ours)}
    return any(abs((said.amount - one).paise) <= TOLERANCE.paise for one in meanings)


def answer(verdicts: Iterable[OrderVerdict], amount_of: Mapping[str, Money], now: datetime) -> tuple[ReconOrder, ...]:
    """What stands in our on_recon: all orders, our amounts, and the day of payment of what is agreed upon.

    Of what they bind us to (``binds``) theirs, which are ours or a paisa away. ``amount_of`` is our amount of each
    order, in the meaning that is set (``wire.order_amount``).
    """
    return tuple(
        ReconOrder(
            order_id=one.said.order_id,
            amount=one.said.amount if _theirs(one) else amount_of[one.said.order_id],
            accord=one.accord,
            lines=tuple(_answered(line, now, accord=one.accord) for line in one.compared),
        )
        for one in verdicts
    )


def binds(one: Settlement) -> bool:
    """Whether an accord to a recon of theirs binds us to their figures.

    To ours, where we asked first, it was agreed upon before, or the agency has our settle.
    """
    return one.state in UNFILED and Step.RECEIVE in allowed(one.recon, RECON)


def _theirs(one: OrderVerdict) -> bool:
    """Whether we are bound to what is not quite ours; then the order's amount is theirs as well, as the sum of it."""
    return one.accord and any(
        line.settlement is not None and binds(line.settlement) and line.ours != line.said.figures
        for line in one.compared
    )


def _answered(one: Compared, now: datetime, *, accord: bool) -> ReconLine:
    to_come = one.said.status != "SETTLED"
    theirs = accord and one.settlement is not None and binds(one.settlement)
    return replace(
        one.said,
        figures=one.said.figures if theirs else one.ours,
        due_date=due_date(one.settlement, now) if accord and to_come else None,
        reference_no="" if to_come else _reference(one),
        updated_at=now,
    )


def _reference(one: Compared) -> str:
    """The reference of what they call settled: theirs, else ours, else the settlement's id, since one must be said."""
    ours = one.settlement.reference_no if one.settlement is not None else ""
    return one.said.reference_no or ours or one.said.id


def due_date(one: Settlement | None, now: datetime) -> date:
    """The day on which both sides file what is agreed upon: tomorrow, or when the order's window is over."""
    tomorrow = local_day(now) + timedelta(days=1)
    return tomorrow if one is None else max(tomorrow, local_day(one.ready_at))


def day_named(day: date | None, now: datetime) -> date | None:
    """The day that the counterparty named, or the last on which we wait for it: who agrees and never pays is filed."""
    return None if day is None else min(day, local_day(now) + LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an on_recon says of one of our settlements.

    ``agreed`` with the day named, else what they have (``counter``), and the differences by name.
    """

    settlement: Settlement
    agreed: bool
    due_date: date | None = None
    counter: Figures = NOTHING
    differences: tuple[Difference, ...] = ()


def judge_on_recon(said: Sequence[ReconOrder], message_id: str, books: Books) -> tuple[Answered, ...]:
    """What an answer to our recon says of the settlements that were asked about.

    ``books`` are the settlements of that counterparty. Raises Refused where we sent no such recon (70029), or an order
    that was asked about is missing (70002). An accord to other amounts than ours is none (``false_accord``).
    """
    asked = {order_id: [one for one in rows if one.recon_message_id == message_id] for order_id, rows in books.items()}
    asked = {order_id: rows for order_id, rows in asked.items() if rows}
    if not asked:
        raise Refused(UNKNOWN_MESSAGE, "context.message_id", "the message_id of a recon of ours")
    told = {one.order_id: one for one in said}
    missing = sorted(order_id for order_id in asked if order_id not in told)
    if missing:
        raise Refused(INVALID_SCHEMA, "message.orders", f"the order {missing[0]}")
    found: list[Answered] = []
    for order_id, rows in asked.items():
        known = {one.shown_id: one for one in rows}
        by_place = zip(told[order_id].lines[-len(rows) :], rows, strict=False)
        lines = {one.id: line for line, one in by_place}
        lines |= {known[line.id].id: line for line in told[order_id].lines if line.id in known}
        found += [_judged(one, told[order_id], lines.get(one.id)) for one in rows]
    return tuple(found)


def _judged(one: Settlement, said: ReconOrder, line: ReconLine | None) -> Answered:
    if line is None:
        missing = Difference(cause="unknown", order_id=one.order_id, field=one.shown_id, ours=figures_of(one).amount)
        return Answered(settlement=one, agreed=False, differences=(missing,))
    compared = _compare(line, one, TOLERANCE)
    if said.accord and compared.accord:
        return Answered(settlement=one, agreed=True, due_date=line.due_date, counter=line.figures)
    found = tuple(differences(one.order_id, compared))
    if said.accord:
        found = tuple(replace(each, cause="false_accord") if each.cause == "recon" else each for each in found)
    elif compared.accord:  # a paisa is too much for them; or it is refused for something else than these amounts
        mine, theirs = compared.ours.amount, line.figures.amount
        other = Difference(cause="recon", order_id=one.order_id, ours=mine, theirs=theirs)
        found += tuple(_unequal(one, compared)) or (other,)
    return Answered(settlement=one, agreed=False, counter=line.figures, differences=found)
