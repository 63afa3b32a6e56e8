"""Settlements as the console finds them: those of real orders, and as many as a list must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bpp.core.settlements import prepared
from bpp.settlement.model import Difference, Due, Entry, Figures, Filing, Kind, Settlement, Side
from bpp.settlement.states import OrderState, ReconState, SettlementState
from bpp.storage.ports import Work
from bpp.storage.ports_settlements import Filed
from catalog.money import Money
from tests.support.clock import MONDAY_MORNING
from tests.support.network import Network

OURS, THEIRS = (
    Figures(amount=Money(19196), commission=Money(704)),
    Figures(amount=Money(17196), commission=Money(2704)),
)


async def settlement_of(network: Network, ref: str, **more: Any) -> str:
    """The settlement of an order that is done, as its books say, with further values; its id."""

    async def unit(work: Work) -> str:
        order = await work.orders.get(ref)
        assert order is not None
        (one,) = await prepared(order, work, await network.context.worlds.current(work))
        await work.settlements.save(replace(one, **more))
        return one.id

    return await network.context.storage.run(unit)


async def a_dispute(network: Network, ref: str, mark: str = "") -> str:
    """The settlement of an order that was filed, not settled, and compared in vain; ``mark``: whatever others wrote."""
    settlement_id = await settlement_of(network, ref)
    filing = Filing(
        kind=Kind.NP_NP,
        transaction_id=mark or "T-1",
        message_id=mark or "M-1",
        at=network.clock(),
        wire_id=mark or "W-1",
        bap_id=mark or "buyer.example",
        entries=(
            Entry(settlement=settlement_id, own=OURS.amount, inter_participant=OURS.amount, order_id=mark or "O-1"),
        ),
    )

    async def unit(work: Work) -> None:
        await work.settlements.add_filing(filing, mark or "agency.example")
        filed = Filed(
            filing=filing,
            agency=mark or "agency.example",
            answered_at=network.clock(),
            answer=f"NOT_SETTLED {mark or '70024'}",
        )
        await work.settlements.save_filing(filed)

    await network.context.storage.run(unit)
    return await settlement_of(
        network,
        ref,
        state=SettlementState.IN_RECON,
        order=OrderState.RECON,
        recon=ReconState.SENT_REJECTED,
        recon_at=network.clock(),
        wire_id=filing.wire_id,
        transaction_id=filing.transaction_id,
        message_id=filing.message_id,
        filed_at=filing.at,
        attempts=1,
        counter=THEIRS,
        code=mark or "70024",
        reference_no=mark or "UTR-1",
        issue_id=mark,
        differences=(
            Difference(cause="recon", order_id=mark, field="amount", ours=OURS.amount, theirs=THEIRS.amount),
            Difference(cause="unknown", order_id=mark, field=mark or "their-id", theirs=THEIRS.amount, code=mark),
        ),
    )


def a_settlement(number: int = 1, **more: Any) -> Settlement:
    """A settlement of an order of 199.00 whose money a buyer app collected, its window over on Monday."""
    values = {
        "id": f"settlement-{number:04d}",
        "ref": f"ref-{number}",
        "order_id": f"O-{number}",
        "bap_id": "buyer.example",
        "payment_id": "pay",
        "number": 1,
        "due": Due(
            collected_by=Side.BAP,
            charged=Money(19900),
            collected=Money(19900),
            finder_fee=Money(597),
            finder_fee_gst=Money(107),
        ),
        "ready_at": MONDAY_MORNING + timedelta(minutes=number),
        "updated_at": MONDAY_MORNING,
    }
    return Settlement(**{**values, **more})


async def store(network: Network, settlements: Sequence[Settlement]) -> None:
    """Keep settlements."""

    async def unit(work: Work) -> None:
        for one in settlements:
            await work.settlements.save(one)

    await network.context.storage.run(unit)
