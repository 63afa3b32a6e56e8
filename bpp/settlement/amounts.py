"""The amounts of a settlement, read off the books and never computed a second time.

Who gets what of a price was decided when the order was posted (``bpp.ledger.split``, ``bpp.ledger.standing``). Here
the lines of an order are read for what lies between the buyer app and us. Source of the arithmetic: network.md 2.3.

=============  ===================================================  =====================================
collected by   the sale                                             what turns round (a refund, a fee back)
=============  ===================================================  =====================================
BAP            collector = fees and taxes kept; the rest moves      we pay: it moves, collector 0, ours 0
BPP            the finder fee moves; collector = price less fee     they pay: it moves, collector 0, all ours
=============  ===================================================  =====================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bpp.ledger import chart
from bpp.ledger.booked import PartLine, is_charge, sums
from bpp.ledger.model import Posting, Purpose
from bpp.orders.model import Order
from bpp.orders.states import TERMINAL, Stage
from bpp.settlement.model import Due, Figures, Settlement, Shares, Side
from bpp.settlement.states import SettlementState
from catalog.money import ZERO, Money, total


def lines_of(postings: Iterable[Posting]) -> tuple[PartLine, ...]:
    """The postings of an order as lines with the part that each belongs to."""
    return tuple(PartLine(one.part, line.account, line.amount) for one in postings for line in one.lines)


def due_of(lines: Iterable[PartLine], bap_id: str, *, taxes_by_collector: bool = False, withheld: Money = ZERO) -> Due:
    """What lies between a buyer app and us for an order with these lines in the books.

    TCS and TDS are taken by whoever releases the money to the supplier, and that is us (CBIC circular 194/06/2023,
    CBDT circular 20/2023): they are nothing between the participants unless ``taxes_by_collector``, and then only of
    money that the buyer app collected. ``withheld`` is what it may keep back until the time for returns is over.
    """
    lines = tuple(lines)
    held, of = chart.collected(bap_id), sums(lines)
    collected_by = Side.BAP if any(line.account == held for line in lines) else Side.BPP
    taxes = taxes_by_collector and collected_by is Side.BAP
    return Due(
        collected_by=collected_by,
        charged=total(one.amount for one in lines if is_charge(one) and one.account.purpose is Purpose.DUE),
        collected=of.get(held, ZERO),
        finder_fee=-of.get(chart.finder_fee(bap_id), ZERO),
        finder_fee_gst=-of.get(chart.finder_fee_gst(bap_id), ZERO),
        tcs=-of.get(chart.TCS, ZERO) if taxes else ZERO,
        tds=-of.get(chart.TDS, ZERO) if taxes else ZERO,
        withheld=withheld,
    )


def still_due(now: Due, settlements: Iterable[Settlement]) -> Due:
    """What of it is not settled yet: a refund or a correction after the sale was, as a settlement of its own.

    What was conceded is not asked for again; nor is it paid, where the books have come to say the same since.
    """
    over = [one for one in settlements if one.state is SettlementState.SETTLED]
    rest, given = now, now - now
    for one in over:
        rest -= effective(one)
        given += one.due - effective(one)
    return rest - rest.each(given, _within)


def _within(rest: Money, given: Money) -> Money:
    """What of the rest lies between nothing and what was conceded."""
    return max(min(rest, max(given, ZERO)), min(given, ZERO))


def effective(one: Settlement) -> Due:
    """What a settlement counts for: what the books said, or what was filed where the other side's was conceded."""
    due, filed = one.due, one.agreed
    if filed is None:
        return due
    to_us = (due.collected_by is Side.BAP) != turned(due)
    moved = filed.amount if to_us else -filed.amount
    if due.collected_by is Side.BPP:
        return replace(due, finder_fee=due.finder_fee + due.balance - moved)
    if not turned(due):
        ours = figures(due)
        due = replace(
            due,
            finder_fee=due.finder_fee + filed.commission - ours.commission,
            tcs=due.tcs + filed.tcs - ours.tcs,
            tds=due.tds + filed.tds - ours.tds,
            withheld=due.withheld + filed.withholding_amount - ours.withholding_amount,
        )
    return replace(due, collected=due.collected + moved - due.balance)


def turned(due: Due) -> bool:
    """Whether the money goes the other way than at the sale: from us where the buyer app collected, or the reverse."""
    return due.balance < ZERO if due.collected_by is Side.BAP else due.balance > ZERO


def figures(due: Due) -> Figures:
    """The five amounts that a reconciliation compares; of what has turned round the first alone."""
    amount = Money(abs(due.balance.paise))
    if turned(due):
        return Figures(amount=amount)
    return Figures(
        amount=amount,
        commission=max(due.commission, ZERO),
        withholding_amount=max(due.withheld, ZERO),
        tcs=max(due.tcs, ZERO),
        tds=max(due.tds, ZERO),
    )


def figures_of(one: Settlement) -> Figures:
    """What is filed of a settlement: what was agreed upon, else what the books say."""
    return one.agreed or figures(one.due)


def shares(one: Settlement) -> Shares:
    """What stands in our settle. As receiver ours is what moves, as collector what we keep (network.md 2.3)."""
    due, filed = one.due, figures_of(one)
    moves = filed.amount
    if turned(due):
        return Shares(inter_participant=moves, collector=ZERO, own=ZERO if due.collected_by is Side.BAP else moves)
    if due.collected_by is Side.BAP:
        kept = filed.commission + filed.tcs + filed.tds
        return Shares(inter_participant=moves, collector=kept, own=moves)
    kept = max(due.charged - moves, ZERO)
    return Shares(inter_participant=moves, collector=kept, own=kept)


def order_total(settlements: Sequence[Settlement]) -> Money:
    """What an order comes to, refunds taken off: what moves and what the collector keeps of all its settlements.

    Nothing, where more goes back than came: no amount of the wire is below zero.
    """
    return max(total(_signed(one, _whole(one)) for one in settlements), ZERO)


def net_amount(settlements: Sequence[Settlement]) -> Money:
    """What moves between the participants, refunds taken off; nothing, where more goes back than came."""
    return max(total(_signed(one, figures_of(one).amount) for one in settlements), ZERO)


def _whole(one: Settlement) -> Money:
    filed = shares(one)
    return filed.inter_participant + filed.collector + figures_of(one).withholding_amount


def _signed(one: Settlement, amount: Money) -> Money:
    return -amount if turned(one.due) else amount


def done_at(order: Order) -> datetime | None:
    """From when an order's settlement window counts: its last visit was completed; None while one is still to come.

    Basis "Completed", as the payment tags of the order say. One that was given up without any work done counts from
    when that was written.
    """
    if not all(one.stage in TERMINAL for one in order.fulfillments):
        return None
    done = [one.completed_at for one in order.fulfillments if one.stage is Stage.COMPLETED and one.completed_at]
    return max(done, default=order.updated_at)
