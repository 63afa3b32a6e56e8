"""What every act of the demonstration needs: who is there, and the checks that hold for every message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.field import Field
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.journey import Exchange
from bpp.sandbox.narrate import Check, Narrator
from bpp.sandbox.offers import total_adds_up

BUYER_APP = "Buyer app"
GATEWAY_APP = "Gateway"
SELLER_APP = "Sewamitra"
WORKER = "Worker's phone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The participants. ``patience`` is in seconds for each answer."""

    narrator: Narrator
    buyer: Buyer
    gateway: Gateway
    field: Field
    bpp_url: str
    patience: float

    async def told(self, confirmed: Callback, wants: Callable[[Callback], bool]) -> Callback:
        """The next on_status that the seller app sends of its own accord and that is as wanted."""
        return await self.buyer.next_callback(confirmed.transaction_id, "on_status", where=wants, timeout=self.patience)

    def check(self, text: str, held: bool, detail: object = "") -> None:
        """One more thing that must hold."""
        self.narrator.check(Check(text=text, held=held, detail=str(detail)))

    def check_exchange(self, exchange: Exchange, *more: Check) -> None:
        """What holds for every answered request."""
        callback = exchange.callback
        self.narrator.check(
            Check(text="acknowledged before the answer came", held=exchange.acked_first),
            Check(
                text="the signature held",
                held=not callback.problem,
                detail=callback.problem,
            ),
            Check(
                text="it answers this very message",
                held=callback.message_id == exchange.answer.request.message_id,
                detail=callback.message_id,
            ),
            Check(text="without an error", held=not callback.error, detail=str(callback.error)),
            *more,
        )

    def check_unasked(self, callback: Callback, request_ids: set[str], *more: Check) -> None:
        """What holds for every message that the seller app sends of its own accord."""
        self.narrator.check(
            Check(text="the signature held", held=not callback.problem, detail=callback.problem),
            Check(text="it has a message_id of its own", held=callback.message_id not in request_ids),
            *more,
        )

    def asked(self, transaction_id: str) -> set[str]:
        """The message_ids of our requests in a conversation."""
        return {one.request.message_id for one in self.buyer.answers if one.request.transaction_id == transaction_id}


def adds_up(callback: Callback) -> Check:
    """The lines of the quote sum to its price."""
    quote = callback.order.get("quote", {})
    return Check(text="the lines of the price sum to the total, to the paisa", held=total_adds_up(quote))
