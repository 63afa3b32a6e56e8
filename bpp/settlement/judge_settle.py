"""Judging the agency's answer (on_settle, on_report) against what was filed, leg by leg. Pure; nothing is changed.

Legs fail separately: our own account may be inactive while the money between the participants moved. We file all of our
share as our own, and pay providers ourselves. The receiver's identity (what moves = own share + provider) is not
demanded of an answer: the specification's own example breaks it by 0.12 (network.md 2.3). What is demanded is that the
answer is to what we filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from beckn_schemas.rsf_codes import INVALID_ORDER, INVALID_SCHEMA, UNKNOWN_MESSAGE, UNKNOWN_TRANSACTION
from bpp.settlement.model import Cause, Difference, Entry, Filing, Kind, Refused, Settlement
from bpp.settlement.states import SettlementState
from catalog.money import ZERO, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLeg:
    """A leg of an answer; None and empty where nothing is said."""

    status: str = ""
    amount: Money | None = None
    settled: Money | None = None
    reference_no: str = ""
    code: str = ""


NO_LEG = SaidLeg()


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOrder:
    """An order of an answer; ``code`` is that of an error beside it."""

    order_id: str = ""
    inter_participant: SaidLeg = NO_LEG
    collector: SaidLeg = NO_LEG
    provider: SaidLeg = NO_LEG
    own: SaidLeg = NO_LEG
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an agency answers; ``code`` is that of an error at the top, of all orders."""

    transaction_id: str
    message_id: str
    wire_id: str = ""
    orders: tuple[SaidOrder, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an answer means for one entry of a filing.

    ``settled``: the money between the participants moved (of a MISC entry: ours did), ``amount`` of it. ``stale``:
    the answer changes nothing, since the settle was replaced or answered before. That money moved after all is no such
    answer, whatever was said before.
    """

    entry: Entry
    settled: bool
    amount: Money = ZERO
    reference_no: str = ""
    code: str = ""
    stale: bool = False
    differences: tuple[Difference, ...] = ()


def find_filing(said: Said, filings: Iterable[Filing]) -> Filing:
    """Which settle is answered, by the ids of the settle itself or of a report about it.

    Raises Refused where nothing of ours has that transaction (70028) or, within it, that message (70029).
    """
    ours = [one for one in filings if one.transaction_id == said.transaction_id]
    if not ours:
        raise Refused(UNKNOWN_TRANSACTION, "context.transaction_id", "the transaction_id of a settle of ours")
    for one in ours:
        if said.message_id == one.message_id or said.message_id in one.reports:
            return one
    raise Refused(UNKNOWN_MESSAGE, "context.message_id", "the message_id of a settle or a report of ours")


def judge_answer(said: Said, filing: Filing, settlements: Mapping[str, Settlement]) -> tuple[Outcome, ...]:
    """What an answer says of each entry of a settle that it speaks of; ``settlements`` are those filed, by their id.

    Raises Refused where it names another settlement than the one filed or an order twice (70002), or an order that was
    not in it (70030). NIL has nothing to say, whatever orders came with it (network.md 2.2). An answer without a word
    on an order leaves it as it is, so that it is asked about again.
    """
    if filing.kind is Kind.NIL:
        return ()
    if said.wire_id and said.wire_id != filing.wire_id:
        raise Refused(INVALID_SCHEMA, "message.settlement.id", "the id of the settlement that was filed")
    if filing.kind is Kind.MISC:
        pairs = zip(said.orders, filing.entries, strict=False)
        return tuple(_misc(one, entry, said.code) for one, entry in pairs if _says_something(one, one.own, said.code))
    filed = {one.order_id: one for one in filing.entries}
    seen: set[str] = set()
    for place, order in enumerate(said.orders):
        if order.order_id not in filed:
            raise Refused(INVALID_ORDER, f"message.settlement.orders[{place}].id", "an order that was filed")
        if order.order_id in seen:
            raise Refused(INVALID_SCHEMA, f"message.settlement.orders[{place}].id", "each order once")
        seen.add(order.order_id)
    if said.code and not said.orders:
        every = [SaidOrder(order_id=one, code=said.code) for one in filed]
        return tuple(_order(one, filed[one.order_id], filing, settlements) for one in every)
    spoken = [one for one in said.orders if _says_something(one, one.inter_participant, said.code)]
    return tuple(_order(one, filed[one.order_id], filing, settlements, said.code) for one in spoken)


def _says_something(one: SaidOrder, leg: SaidLeg, code: str) -> bool:
    return bool(code or one.code or leg.status or leg.code)


def _order(
    said: SaidOrder, entry: Entry, filing: Filing, settlements: Mapping[str, Settlement], top: str = ""
) -> Outcome:
    """The leg between the participants decides; an error is where it stands, beside the order, or at the top."""
    one, leg = settlements[entry.settlement], said.inter_participant
    moved = leg.status == "SETTLED"
    amount = (leg.settled if leg.settled is not None else entry.inter_participant) if moved else ZERO
    replaced = one.message_id != filing.message_id
    over = one.state is SettlementState.SETTLED or (one.state is not SettlementState.PENDING and not moved)
    if replaced:
        found = [_difference(entry, "late", filing.message_id, ZERO, amount)] if moved else []
    elif over:
        found = list(_moved_otherwise(entry, one.settled, amount)) if leg.status and one.settled != ZERO else []
    else:
        found = list(_altered(said, entry))
        filed = entry.inter_participant
        found += [*_moved_otherwise(entry, filed, amount), *_failed_leg(said, entry)] if moved else []
    return Outcome(
        entry=entry,
        settled=moved,
        amount=amount,
        reference_no=leg.reference_no,
        code="" if moved else leg.code or said.code or top,
        stale=replaced or over,
        differences=tuple(found),
    )


def _moved_otherwise(entry: Entry, due: Money, amount: Money) -> Iterable[Difference]:
    if amount != due:
        yield _difference(entry, "settled_amount", "settled_amount", due, amount)


def _misc(said: SaidOrder, entry: Entry, top: str) -> Outcome:
    """An own payout: our leg alone."""
    paid = said.own.status == "SETTLED"
    return Outcome(
        entry=entry,
        settled=paid,
        amount=(said.own.settled if said.own.settled is not None else entry.own) if paid else ZERO,
        reference_no=said.own.reference_no,
        code="" if paid else said.own.code or said.code or top,
        differences=tuple(_failed_leg(said, entry)),
    )


def _altered(said: SaidOrder, entry: Entry) -> Iterable[Difference]:
    """The amounts of an answer are those filed, where they are repeated."""
    pairs: Sequence[tuple[str, SaidLeg, Money]] = (
        ("inter_participant", said.inter_participant, entry.inter_participant),
        ("collector", said.collector, entry.collector),
        ("self", said.own, entry.own),
        ("provider", said.provider, ZERO),
    )
    for name, leg, filed in pairs:
        if leg.amount is not None and leg.amount != filed:
            yield _difference(entry, "altered", name, filed, leg.amount)


def _failed_leg(said: SaidOrder, entry: Entry) -> Iterable[Difference]:
    """Our own leg that did not arrive, though the money between the participants moved."""
    if said.own.status == "NOT_SETTLED" and entry.own != ZERO:
        yield _difference(entry, "leg", "self", entry.own, ZERO, said.own.code)


def _difference(entry: Entry, cause: Cause, field: str, ours: Money, theirs: Money, code: str = "") -> Difference:
    return Difference(cause=cause, order_id=entry.order_id, field=field, ours=ours, theirs=theirs, code=code)
