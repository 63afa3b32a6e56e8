"""Settlements: prepared from the books, gone on by what agency and buyer apps say, posted when money moved.

Units that change settlements wait for one another (``Settlements.lock``) before they lock anything else. What an agency
says was moved is posted as it moved, whatever the accounts have: what lies between that and what was due stays open on
the buyer app's account, under the name of its difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bpp.core.receipts import lock_payer
from bpp.core.world import World
from bpp.ledger.receipts import posting_of, same_payment
from bpp.orders.assignment import local_day
from bpp.orders.model import Order
from bpp.settlement import moves
from bpp.settlement.amounts import done_at, due_of, lines_of
from bpp.settlement.judge_settle import Outcome, Said, find_filing, judge_answer
from bpp.settlement.model import Filing, Kind, Settlement
from bpp.settlement.plan import OrderDue, prepare
from bpp.settlement.receipts import came, receipt_of
from bpp.settlement.states import ReconState, SettlementState
from bpp.storage.ports import Work

BY = "settlement"
"""Who recorded the receipts of what the agency settled."""


async def prepared(order: Order, work: Work, world: World) -> Sequence[Settlement]:
    """The settlements of an order, oldest first, brought to what its books say now.

    None while work is to come, nor for work that was done before we settle at all.
    """
    before = await work.settlements.of_order(order.ref)
    terms = world.rules.settlement
    done = done_at(order)
    if order.peer is None or done is None or (terms.begins is not None and local_day(done) < terms.begins):
        return before
    lines = lines_of(await work.ledger.of_order(order.ref))
    due = OrderDue(
        ref=order.ref,
        order_id=order.order_id,
        bap_id=order.peer.bap_id,
        payment_id=next((one.id for one in order.payments if one.id), order.order_id),
        due=due_of(lines, order.peer.bap_id, taxes_by_collector=terms.taxes_by_collector),
        ready_at=done + terms.window,
    )
    after = prepare(due, before, world.now, world.new_id)
    known = {one.id: one for one in before}
    for one in after:
        if known.get(one.id) != one:
            await work.settlements.save(one)
    return after


async def renewed(one: Settlement, work: Work, world: World) -> Settlement:
    """A settlement by the books as they are now, before anything is done about it; what binds us stays as it is."""
    order = await work.orders.get(one.ref)
    rows = await prepared(order, work, world) if order is not None else ()
    return next((each for each in rows if each.id == one.id), one)


async def orders_between(bap_id: str, order_ids: Sequence[str], work: Work) -> Mapping[str, Order]:
    """The orders of a buyer app by the network's id; those that are not are left out."""
    found = {order_id: await work.orders.by_network_id(bap_id, order_id) for order_id in order_ids}
    return {order_id: order for order_id, order in found.items() if order is not None}


async def take_answer(said: Said, agency: str | None, work: Work, world: World) -> Sequence[Outcome]:
    """What the agency (None: a file, of whichever) answers to a settle; raises Refused, and nothing is changed then."""
    await work.settlements.lock()
    filed = await work.settlements.filings_of(said.transaction_id, agency)
    filing = find_filing(said, [one.filing for one in filed])
    rows = dict(await work.settlements.some([one.settlement for one in filing.entries if one.settlement]))
    outcomes = judge_answer(said, filing, rows)
    for outcome in outcomes:
        before = rows.get(outcome.entry.settlement)
        if before is not None:
            await _went_on(before, moves.answered(before, outcome, world.now), work, world)
    if outcomes or said.code or filing.kind is Kind.NIL:  # else nothing was said of it, and it is asked about again
        kept = next(one for one in filed if one.filing == filing)
        await work.settlements.save_filing(replace(kept, answered_at=world.now, answer=answer_of(said, outcomes)))
    return outcomes


def answer_of(said: Said, outcomes: Sequence[Outcome]) -> str:
    """What was answered to a settle, in the words of the network: its states and codes, each once."""
    words = ["SETTLED" if one.settled else f"NOT_SETTLED {one.code}".strip() for one in outcomes]
    return ", ".join(dict.fromkeys(words or [said.code or "ACCEPTED"]))


async def _went_on(before: Settlement, after: Settlement, work: Work, world: World) -> None:
    """Store it; of what was settled post the receipt, and prepare what came to the books while it was bound."""
    if after.state is not SettlementState.SETTLED or before.state is SettlementState.SETTLED:
        await work.settlements.save(after)
        return
    await work.settlements.save(await _posted(after, work, world))
    await renewed(after, work, world)


async def _posted(one: Settlement, work: Work, world: World) -> Settlement:
    """What was settled, its receipt in the books.

    One that an accountant recorded under the same reference stands for it; what that says otherwise has a name. Of our
    own, another settlement's has its number beside it, for some agencies give an order one reference for all.
    """
    receipt = receipt_of(one, posting_id=world.new_id(), at=world.now, recorded_by=BY)
    if receipt is None:
        return one
    await lock_payer(receipt.kind, receipt.payer, work)
    known = await work.payouts.receipt(receipt.kind, receipt.payer, receipt.reference)
    if known is not None and known.recorded_by == BY:
        receipt = replace(receipt, reference=f"{receipt.reference}/{one.number}")
        known = None
    if known is None:
        await work.ledger.post(posting_of(receipt))
        await work.payouts.add_receipt(receipt)
        return one
    return one if same_payment(known, receipt) else moves.recorded(one, known.amount, came(one))


async def file(filing: Filing, agency: str, work: Work) -> None:
    """Write down what is filed: it and each of its settlements, which no later run files again."""
    await work.settlements.add_filing(filing, agency)
    rows = await work.settlements.some([one.settlement for one in filing.entries if one.settlement])
    for one in rows.values():
        await work.settlements.save(moves.filed(one, filing))


async def not_filed(message_id: str, code: str, work: Work, world: World) -> None:
    """A settle was refused, or never arrived: what was filed by it was not settled."""
    await work.settlements.lock()
    for one in await work.settlements.of_filing(message_id):
        if one.state is SettlementState.PENDING:
            await work.settlements.save(moves.not_settled(one, code, world.now))
    filed = await work.settlements.filing(message_id)
    if filed is not None and filed.answered_at is None:  # else it did arrive, and this was a repetition
        await work.settlements.save_filing(replace(filed, answered_at=world.now, answer=f"NACK {code}"))


async def not_asked(bap_id: str, message_id: str, code: str, work: Work, world: World) -> None:
    """A recon of ours was refused, answered by an error, or never arrived (no code)."""
    await work.settlements.lock()
    for one in await work.settlements.of_recon(bap_id, message_id):
        if one.recon is ReconState.SENT_PENDING:
            await work.settlements.save(moves.unanswered(one, code, world.now))
