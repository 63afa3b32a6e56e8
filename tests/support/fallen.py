"""Callbacks that came to nothing, as the delivery loop leaves them behind."""

from __future__ import annotations

from datetime import timedelta

from bpp.storage.ports import Attempt, CallbackState, Work
from tests.support.network import Network
from tests.support.order_builders import a_callback

LEASE = timedelta(seconds=30)


async def fallen(
    network: Network,
    peer: str,
    url: str,
    *,
    state: CallbackState = "refused",
    outcome: str = "nacked",
    status: int | None = 200,
    code: str = "30008",
    count: int = 1,
) -> list[int]:
    """Callbacks to a peer, each in a transaction of its own, tried once in vain; their numbers."""
    now = network.clock()

    async def unit(work: Work) -> list[int]:
        seqs = []
        for number in range(count):
            seq = await work.outbox.enqueue(
                a_callback(
                    peer=peer,
                    url=f"{url}/on_select",
                    transaction_id=f"T {state} {code} {number}",
                    message_id=f"M {state} {code} {number}",
                    created_at=now,
                    due_at=now,
                    give_up_at=now + LEASE,
                )
            )
            await work.outbox.claim(now, LEASE, 1, [seq], [], due=False)
            attempt = Attempt(at=now, number=1, outcome=outcome, http_status=status, code=code, signature="S")
            await work.outbox.settle(seq, state, None, attempt)
            seqs.append(seq)
        return seqs

    return await network.context.storage.run(unit)
