"""Making a payout run, and taking back a payment that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.payouts import (
    PAYOUT,
    PayoutLine,
    PayoutRefused,
    PayoutRun,
    backed,
    owed,
    payout_of,
    released,
    same_request,
    taken_back,
)
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import Money

WALLETS = AccountFilter(purpose=Purpose.WALLET)


async def pay_out(run_id: str, until: datetime | None, minimum: Money, by: str, work: Work, world: World) -> PayoutRun:
    """Pay every wallet what it was owed before ``until`` (None: at all), if ``minimum`` or more; one run at a time.

    The same id in the same words again: the run as it is, and nothing is paid. Raises PayoutRefused where the id was
    used for other words, and for a moment that is yet to come.
    """
    await work.payouts.lock(PAYOUT)
    known = await work.payouts.run(run_id)
    if known is not None:
        if not same_request(known, until, minimum):
            raise PayoutRefused(f"there is a run {run_id!r} with another moment or minimum", path="id")
        return known
    lines = tuple(
        PayoutLine(party=account.party, party_id=account.party_id, amount=amount, posting_id=world.new_id())
        for account, amount in (await payable(until, minimum, work, world)).items()
    )
    run = PayoutRun(id=run_id, until=until or world.now, minimum=minimum, at=world.now, recorded_by=by, lines=lines)
    for line in lines:
        await work.ledger.post(payout_of(line, run))
    await work.payouts.add_run(run)
    return run


async def payable(until: datetime | None, minimum: Money, work: Work, world: World) -> Mapping[Account, Money]:
    """What a run would pay each wallet at this moment. Raises PayoutRefused for a moment that is yet to come."""
    if until is not None and until > world.now:
        raise PayoutRefused("a run pays what was owed before now", path="until")
    now = await _released(work)
    provider_of = {one.id: one.provider_id for one in world.catalog.workers.values()}
    return backed(owed(await _released(work, until), now, minimum), now, provider_of)


async def fail_line(run_id: str, party: Party, party_id: str, reason: str, work: Work, world: World) -> PayoutRun:
    """Take back the payment of a line that the bank did not carry out; a second time changes nothing.

    Raises PayoutRefused for a run or line that is not there.
    """
    await work.payouts.lock(PAYOUT)
    run = await work.payouts.run(run_id)
    if run is None:
        raise PayoutRefused(f"no run {run_id!r}", path="id", unknown=True)
    line = next((one for one in run.lines if (one.party, one.party_id) == (party, party_id)), None)
    if line is None:
        raise PayoutRefused(f"the run pays no {party} {party_id!r}", path="party_id", unknown=True)
    if line.state == "failed":
        return run
    reversal = taken_back(line, run, id_=world.new_id(), at=world.now, reason=reason)
    await work.ledger.post(reversal)
    await work.payouts.line_failed(run_id, party, party_id, reversal_id=reversal.id, reason=reason)
    failed = replace(line, state="failed", reversal_id=reversal.id, reason=reason)
    return replace(run, lines=tuple(failed if one is line else one for one in run.lines))


async def _released(work: Work, until: datetime | None = None) -> Mapping[Account, Money]:
    return released(await work.ledger.balances(WALLETS, until), await work.payouts.unpaid_earnings(until))
