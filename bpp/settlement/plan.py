"""What is to be done today: which orders are filed with whom, and what is overdue and followed up.

A day's run files each settlement whose window is over, one settle for each counterparty and settlement id, NIL where
there is nothing, MISC for payouts of our own. Then what waits too long: a report where no on_settle came, a recon where
the two sides filed different things, the same again where nobody was wrong, and people (a grievance, IGM) where it
still does not come out equal. Source: network.md 2.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from bpp.orders.assignment import local_day
from bpp.settlement.amounts import shares, still_due, turned
from bpp.settlement.codes import Remedy, not_theirs, remedy_of
from bpp.settlement.differences import come_round
from bpp.settlement.model import Due, Entry, Filing, Kind, Settlement
from bpp.settlement.moves import cleared, closed, prepared, redone
from bpp.settlement.states import ReconState, SettlementState
from catalog.money import Money

NewId = Callable[[], str]
AGREED = frozenset({ReconState.SENT_ACCEPTED, ReconState.RECEIVED_ACCEPTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long is waited for whom. The network publishes only the ttl of P1D; the rest is a practice of ours.

    ``agency`` is the time for an on_settle before we report, ``counterparty`` that for an on_recon, ``reports`` how
    often the agency is asked and ``recons`` how often the counterparty while nobody answers, and ``settles`` how often
    the same order is filed before people look at it.
    """

    agency: timedelta = timedelta(hours=6)
    counterparty: timedelta = timedelta(days=1)
    reports: int = 3
    recons: int = 3
    settles: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDue:
    """An order as its books are now; ``ready_at`` is when it may be settled (``amounts.ready_at``)."""

    ref: str
    order_id: str
    bap_id: str
    payment_id: str
    due: Due
    ready_at: datetime


def prepare(order: OrderDue, settlements: Sequence[Settlement], now: datetime, new_id: NewId) -> tuple[Settlement, ...]:
    """The settlements of an order (oldest first) as its books now ask for: the open one renewed, or a further one.

    A settlement that binds us already stays as it is; what came later waits for the next. Where the books have come to
    say all that the counterparty answered, the dispute is over; where nothing is left of one that nobody has heard of,
    such as of an order that was paid back whole, it is over as well.
    """
    due = still_due(order.due, settlements)
    if settlements and settlements[-1].state is not SettlementState.SETTLED:
        last = redone(settlements[-1], due, now)
        asked = last.recon in {ReconState.SENT_PENDING, ReconState.RECEIVED_PENDING}
        if undecided(last) and not asked and come_round(last):
            last = cleared(last, now)
        return (*settlements[:-1], closed(last, now) if _came_to_nothing(last) else last)
    if due.nothing:
        return tuple(settlements)
    new = Settlement(
        id=new_id(),
        ref=order.ref,
        order_id=order.order_id,
        bap_id=order.bap_id,
        payment_id=order.payment_id,
        number=1,
        due=due,
        ready_at=order.ready_at,
        updated_at=now,
    )
    return (*settlements, prepared(new, settlements))


def _came_to_nothing(one: Settlement) -> bool:
    unheard = one.state is SettlementState.PREPARED and not one.attempts and one.recon is ReconState.INACTIVE
    return unheard and one.agreed is None and one.due.nothing


def file_today(
    settlements: Iterable[Settlement],
    now: datetime,
    new_id: NewId,
    *,
    payouts: Sequence[Money] = (),
    nil: bool = False,
) -> tuple[Filing, ...]:
    """The settles of a day's run, and ``payouts`` of our own through the agency.

    ``nil``: that nothing is to be settled is filed as well, where it is so (buyer apps must, seller apps may). A
    settlement filed before keeps its settlement id and its transaction (network.md 2.1).
    """
    ready = sorted((one for one in settlements if fileable(one, now)), key=_company)
    filings = [_np_np(list(rows), now, new_id) for _, rows in groupby(ready, key=_company)]
    if payouts:
        filings.append(_misc(payouts, now, new_id))
    if not filings and nil:
        filings.append(Filing(kind=Kind.NIL, transaction_id=new_id(), message_id=new_id(), at=now))
    return tuple(filings)


def fileable(one: Settlement, now: datetime) -> bool:
    """Whether a settlement is filed now: its window is over, the day agreed upon is there, and no recon is out.

    A refund, and whatever else is settled apart from the sale, is agreed upon first: it is filed by the payer alone
    (network.md 2.4, refund flow), so that nothing compares it.
    """
    return (
        one.state is SettlementState.PREPARED
        and one.recon is not ReconState.SENT_PENDING
        and (one.agreed is not None or not (one.due.nothing or _apart(one)))
        and one.ready_at <= now
        and (one.due_date is None or one.due_date <= local_day(now))
    )


def undecided(one: Settlement) -> bool:
    """Whether the counterparty says otherwise, and nobody has given in or filed it: a person decides."""
    over = one.state in {SettlementState.SETTLED, SettlementState.PENDING}
    return one.counter is not None and one.agreed is None and not over


def _apart(one: Settlement) -> bool:
    """Whether it is apart from the sale: later than it, or the other way round."""
    return one.number > 1 or turned(one.due)


def _company(one: Settlement) -> tuple[str, str, str]:
    return one.bap_id, one.due.collected_by, one.wire_id


def _np_np(rows: Sequence[Settlement], now: datetime, new_id: NewId) -> Filing:
    first = rows[0]
    return Filing(
        kind=Kind.NP_NP,
        wire_id=first.wire_id or new_id(),
        transaction_id=first.transaction_id or new_id(),
        message_id=new_id(),
        at=now,
        bap_id=first.bap_id,
        collected_by=first.due.collected_by,
        entries=tuple(_entry(one) for one in sorted(rows, key=lambda one: one.order_id)),
    )


def _entry(one: Settlement) -> Entry:
    filed = shares(one)
    return Entry(
        settlement=one.id,
        order_id=one.order_id,
        inter_participant=filed.inter_participant,
        collector=filed.collector,
        own=filed.own,
    )


def _misc(payouts: Sequence[Money], now: datetime, new_id: NewId) -> Filing:
    entries = tuple(Entry(own=one) for one in payouts)
    return Filing(
        kind=Kind.MISC, wire_id=new_id(), transaction_id=new_id(), message_id=new_id(), at=now, entries=entries
    )


class Follow(StrEnum):
    """What is done about a settlement that did not go on by itself."""

    REPORT = "report"
    """Ask the agency (``moves.reported``)."""
    RECON = "recon"
    """Send a recon (``moves.asked``)."""
    RETRY = "retry"
    """Prepare it again, for tomorrow's run (``moves.retried``)."""
    GIVE_UP_RECON = "give_up_recon"
    """Nobody answered our recon: it is over (``moves.unanswered``), and a grievance says so."""
    GRIEVANCE = "grievance"
    """Still unequal, or nobody answers: IGM, to end in RECONCILED or NOT_RECONCILED."""
    PEOPLE = "people"
    """An operator looks at it: something is set up wrongly."""


def follow_up(one: Settlement, now: datetime, pace: Pace) -> Follow | None:
    """What is overdue of a settlement now; None where nothing is, others are on the move, or a grievance was raised."""
    found = _follow_up(one, now, pace)
    return None if found is Follow.GRIEVANCE and one.issue_id else found


def _follow_up(one: Settlement, now: datetime, pace: Pace) -> Follow | None:
    if one.recon is ReconState.SENT_PENDING:
        return Follow.GIVE_UP_RECON if _over(one.recon_at, pace.counterparty, now) else None
    match one.state:
        case SettlementState.PENDING:
            return _pending(one, now, pace)
        case SettlementState.NOT_SETTLED:
            return _not_settled(one, pace)
        case SettlementState.IN_RECON:
            return _in_dispute(one, now, pace)
        case SettlementState.PREPARED:
            return _to_be_agreed(one, now, pace)
        case SettlementState.SETTLED:
            return None


def _pending(one: Settlement, now: datetime, pace: Pace) -> Follow | None:
    if not _over(one.reported_at or one.filed_at, pace.agency, now):
        return None
    return Follow.REPORT if one.reports < pace.reports else Follow.PEOPLE


def report_due(filing: Filing, now: datetime, pace: Pace) -> bool:
    """Whether the agency is asked about a settle of no order, MISC or NIL, of which it has said nothing."""
    asked = len(filing.reports)
    return asked < pace.reports and filing.at + pace.agency * (asked + 1) <= now


def _not_settled(one: Settlement, pace: Pace) -> Follow:
    remedy = remedy_of(one.code)
    if remedy is Remedy.PEOPLE:
        return Follow.PEOPLE
    if one.attempts >= pace.settles:  # nobody complains to the buyer app of what is no fault of its own
        return Follow.PEOPLE if one.code in not_theirs(one.due.collected_by) else Follow.GRIEVANCE
    if remedy is Remedy.REFILE or one.recon in AGREED:
        return Follow.RETRY
    return Follow.RECON


def _to_be_agreed(one: Settlement, now: datetime, pace: Pace) -> Follow | None:
    """A refund or correction that is still to be agreed upon."""
    if not _apart(one) or one.agreed is not None or one.due.nothing or one.ready_at > now:
        return None
    return Follow.RECON if one.recon is ReconState.INACTIVE else _in_dispute(one, now, pace)


def _in_dispute(one: Settlement, now: datetime, pace: Pace) -> Follow | None:
    """Nobody answered: asked again for some days. Answered otherwise: a day for people, then a grievance."""
    if one.recon is ReconState.ERROR and one.recons < pace.recons:
        return Follow.RECON
    return Follow.GRIEVANCE if _over(one.disputed_at or one.recon_at, pace.counterparty, now) else None


def _over(since: datetime | None, wait: timedelta, now: datetime) -> bool:
    return since is not None and since + wait <= now
