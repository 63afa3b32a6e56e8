"""How a settlement goes on: each function is one thing that happened to it, by the state tables (``states``).

All raise OutOfOrder, and change nothing, where the tables do not allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bpp.settlement.amounts import figures, figures_of
from bpp.settlement.differences import given, joined, lasting
from bpp.settlement.judge import Answered, Compared, OrderVerdict, binds, day_named, due_date
from bpp.settlement.judge_settle import Outcome
from bpp.settlement.model import Difference, Due, Figures, Filing, Settlement
from bpp.settlement.states import (
    ORDER,
    RECON,
    SETTLEMENT,
    UNFILED,
    OrderState,
    OutOfOrder,
    ReconState,
    SettlementState,
    Step,
    advance,
    allowed,
)
from catalog.money import ZERO, Money


def prepared(new: Settlement, before: Sequence[Settlement]) -> Settlement:
    """A further settlement of an order, by its number; of one that was done, the order begins again."""
    if not before:
        return new
    last = before[-1]
    return replace(new, number=last.number + 1, order=advance(last.order, Step.CORRECT, ORDER))


def redone(one: Settlement, due: Due, at: datetime) -> Settlement:
    """The settlement for what the books say now, while nothing binds us to what they said.

    What is filed, asked or agreed upon stays: what came later is a correction. What they say now may be what the
    counterparty answered; then there is nothing left to dispute.
    """
    if one.state not in UNFILED or one.recon is ReconState.SENT_PENDING or one.agreed is not None or one.due == due:
        return one
    return replace(one, due=due, updated_at=at)


def filed(one: Settlement, filing: Filing) -> Settlement:
    """A settle with it goes to the agency.

    Said when the settle is written down to be sent, so that no second run files it again. Where the agency refuses the
    settle itself, the settlement is ``not_settled`` by the code of the NACK.
    """
    state, order = advance(one.state, Step.FILE, SETTLEMENT), advance(one.order, Step.FILE, ORDER)
    recon = _closed(one.recon)
    return replace(
        one,
        state=state,
        order=order,
        recon=recon,
        wire_id=filing.wire_id,
        transaction_id=filing.transaction_id,
        message_id=filing.message_id,
        filed_at=filing.at,
        filed_due=one.due,
        filed_agreed=one.agreed,
        disputed_at=None,
        reported_at=None,
        reports=0,
        code="",
        attempts=one.attempts + 1,
        updated_at=filing.at,
    )


def _closed(recon: ReconState) -> ReconState:
    return advance(recon, Step.CLOSE, RECON) if Step.CLOSE in allowed(recon, RECON) else recon


def reported(one: Settlement, at: datetime) -> Settlement:
    """We asked the agency again."""
    return replace(one, reported_at=at, reports=one.reports + 1)


def answered(one: Settlement, outcome: Outcome, at: datetime) -> Settlement:
    """What an answer of the agency makes of a settlement; a stale one adds at most a difference with a name."""
    if outcome.stale:
        return replace(one, differences=joined(one, outcome.differences))
    if outcome.settled:
        return settled(_as_filed(one), outcome.amount, outcome.reference_no, at, outcome.differences)
    return not_settled(one, outcome.code, at, outcome.differences)


def _as_filed(one: Settlement) -> Settlement:
    """As it was filed last, which is what moved.

    What the books came to say since is a correction; what the two of us agreed upon or conceded since did not happen.
    """
    return one if one.filed_due is None else _bound(replace(one, due=one.filed_due), one.filed_agreed)


def settled(
    one: Settlement, amount: Money, reference: str, at: datetime, differences: Sequence[Difference] = ()
) -> Settlement:
    """The money moved, as much of it as is said; what was in dispute is settled as it was filed."""
    return replace(
        one,
        state=advance(one.state, Step.SETTLE, SETTLEMENT),
        order=advance(one.order, Step.SETTLE, ORDER),
        settled=amount,
        reference_no=reference,
        code="",
        counter=None,
        disputed_at=None,
        differences=tuple(dict.fromkeys((*lasting(one), *differences))),
        updated_at=at,
    )


def closed(one: Settlement, at: datetime) -> Settlement:
    """Nothing is left to be settled, and nobody was told that anything would be."""
    return settled(one, ZERO, "", at)


def not_settled(one: Settlement, code: str, at: datetime, differences: Sequence[Difference] = ()) -> Settlement:
    """The money did not move, for a reason that has a code."""
    state = advance(one.state, Step.FAIL, SETTLEMENT)
    return replace(one, state=state, code=code, differences=joined(one, differences), updated_at=at)


def retried(one: Settlement, day: date, at: datetime) -> Settlement:
    """To be filed again as it is, from a day on."""
    return replace(
        one,
        state=advance(one.state, Step.RETRY, SETTLEMENT),
        order=advance(one.order, Step.RETRY, ORDER),
        due_date=day,
        updated_at=at,
    )


def asked(one: Settlement, message_id: str, at: datetime) -> Settlement:
    """We sent a recon with it; one that the agency did not settle is in reconciliation from then on."""
    recon = advance(one.recon, Step.SEND, RECON)
    return replace(_disputed(one, at), recon=recon, recon_message_id=message_id, recon_at=at, recons=one.recons + 1)


def was_asked(one: Settlement, at: datetime) -> Settlement:
    """The counterparty sent a recon with it.

    Where ours is on its way, or it was agreed upon or is settled, theirs is answered and changes nothing.
    """
    if one.state is SettlementState.SETTLED or Step.RECEIVE not in allowed(one.recon, RECON):
        return one
    return replace(_disputed(one, at), recon=advance(one.recon, Step.RECEIVE, RECON), recon_at=at)


def compared(found: Compared, verdict: OrderVerdict, at: datetime) -> Settlement:
    """What a recon of the counterparty makes of the settlement that it meant: agreed upon, refused, or nothing new.

    Two that cross on their way and say the same to the paisa are an agreement, since ours is told in the answer.
    Nothing new where they cross otherwise, and where it was agreed upon before.
    """
    one = found.settlement
    if one is None:
        raise ValueError("a line that means no settlement of ours moves none")
    begun = was_asked(one, at)
    if verdict.accord and begun.recon in {ReconState.RECEIVED_PENDING, ReconState.SENT_PENDING}:
        day = due_date(one, at) if found.said.status != "SETTLED" else None
        bound = agreed(begun, at, day, theirs=found.said.figures if binds(one) else None)
        return replace(bound, differences=joined(bound, verdict.differences))
    if begun.recon is not ReconState.RECEIVED_PENDING:
        return one
    return refused(begun, found.said.figures, at, verdict.differences)


def told(answer: Answered, at: datetime) -> Settlement:
    """What the answer to our recon makes of the settlement that it was about; nothing, where it is over already.

    One that came when we waited for it no more is an answer: who said yes files it so.
    """
    one = answer.settlement
    if one.recon not in {ReconState.SENT_PENDING, ReconState.ERROR}:
        return one
    if answer.agreed or answer.counter == one.agreed:  # also who refused what we have given in to since
        theirs = answer.counter if one.state in UNFILED else None  # else ours has moved meanwhile
        return agreed(one, at, day_named(answer.due_date, at), theirs=theirs)
    if one.recon is ReconState.ERROR and answer.counter == figures_of(one):  # the books have come to say so since
        return cleared(one, at)
    return refused(one, answer.counter, at, answer.differences)


def agreed(one: Settlement, at: datetime, due_date: date | None = None, *, theirs: Figures | None = None) -> Settlement:
    """Both sides say the same: it is filed so, from the day that was named on.

    Where ``theirs`` are a paisa away they are filed, for the agency takes nothing for equal but what is.
    """
    recon = advance(one.recon, Step.ACCEPT, RECON)
    over = replace(_over(one), recon=recon, due_date=due_date or one.due_date)
    return _ready(_bound(over, theirs or figures_of(one)), at)


def refused(one: Settlement, counter: Figures, at: datetime, differences: Sequence[Difference] = ()) -> Settlement:
    """The two sides differ: ``counter`` is what the counterparty says. What was agreed upon before binds nobody.

    While the agency has our settle, and once it is settled, it stays what was filed.
    """
    recon = advance(one.recon, Step.REJECT, RECON)
    found = tuple(dict.fromkeys((*lasting(one), *differences)))
    since = (one.disputed_at or at) if one.state in UNFILED else None  # the time in which people can decide
    apart = replace(one, recon=recon, counter=counter, differences=found, disputed_at=since, updated_at=at)
    return _bound(apart, None if one.state in UNFILED else one.agreed)


def unanswered(one: Settlement, code: str, at: datetime) -> Settlement:
    """Our recon was answered by an error, or not at all (no code)."""
    silent = Difference(cause="unanswered", order_id=one.order_id, ours=figures_of(one).amount, code=code)
    recon = advance(one.recon, Step.FAIL, RECON)
    return replace(one, recon=recon, code=code or one.code, differences=joined(one, [silent]), updated_at=at)


def cleared(one: Settlement, at: datetime) -> Settlement:
    """The books have come to say what the counterparty answered: there is no dispute, and nothing that binds either."""
    return _ready(replace(_over(one), recon=_closed(one.recon)), at)


def conceded(one: Settlement, at: datetime) -> Settlement:
    """We give in: the counterparty's figures are filed, and what lies between is a difference with a name.

    Raises OutOfOrder where nothing was refused, and while the agency has our settle.
    """
    if one.counter is None:
        raise OutOfOrder(one.recon, Step.AGREE, allowed(one.recon, RECON))
    if one.state not in UNFILED:
        raise OutOfOrder(one.state, Step.AGREE, allowed(one.state, SETTLEMENT))
    return _ready(_bound(replace(one, differences=lasting(one), disputed_at=None), one.counter), at)


def _over(one: Settlement) -> Settlement:
    """Without a dispute."""
    return replace(one, counter=None, disputed_at=None, differences=lasting(one))


def _bound(one: Settlement, agreed: Figures | None) -> Settlement:
    """Bound to figures, or to none: what is given in by filing them has a name, and nothing else has that one."""
    ours = figures(one.due)
    kept = (each for each in one.differences if each.cause != "conceded")
    return replace(one, agreed=agreed, differences=(*kept, *given(one.order_id, ours, agreed or ours)))


def recorded(one: Settlement, ours: Money, theirs: Money) -> Settlement:
    """An accountant recorded another amount under the reference of what the agency moved."""
    found = Difference(cause="recorded", order_id=one.order_id, field="amount", ours=ours, theirs=theirs)
    return replace(one, differences=joined(one, [found]))


def raised(one: Settlement, issue_id: str, at: datetime) -> Settlement:
    """A grievance was raised about it."""
    return replace(one, issue_id=issue_id, updated_at=at)


def _ready(one: Settlement, at: datetime) -> Settlement:
    """What was in dispute is prepared again; what was not filed yet, or is settled, stays where it is."""
    if one.state is not SettlementState.IN_RECON:
        return replace(one, updated_at=at)
    return replace(
        one,
        state=advance(one.state, Step.AGREE, SETTLEMENT),
        order=advance(one.order, Step.AGREE, ORDER),
        updated_at=at,
    )


def _disputed(one: Settlement, at: datetime) -> Settlement:
    if one.state is not SettlementState.NOT_SETTLED:
        return replace(one, updated_at=at)
    order = one.order if one.order is OrderState.RECON else advance(one.order, Step.RECONCILE, ORDER)
    return replace(one, state=advance(one.state, Step.RECONCILE, SETTLEMENT), order=order, updated_at=at)
