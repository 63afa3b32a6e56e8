"""The seller's people in a run: whoever makes the seller app depart, arrive, start, complete, requote or cancel.

What a worker does is not part of the network's protocol, so each seller app is told in its own way: ours over its
operator API, another's over a webhook that it provides, or by a person who is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bpp.sandbox.field import Field, FieldRefused

OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that the seller's people do to an order.

    ``event`` is one of ``assign``, ``depart``, ``arrive``, ``start`` (details: ``otp``), ``complete``, ``cancel``
    (``reason``), ``accept``, ``decline`` and ``requote`` (``lines`` of ``title``, ``price`` in rupees with tax,
    ``count``; ``valid_for``, an ISO-8601 duration): the operator API's events.
    """

    event: str
    bap_id: str
    order_id: str
    transaction_id: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """Whether the seller's program took the deed; ``detail`` says what it answered."""

    taken: bool
    detail: str = ""


class SellersPeople(Protocol):
    """Those who act for the seller."""

    async def act(self, deed: Deed) -> Done:
        """Do it; whether it was taken. A wrong one-time password is a deed that is not taken."""


class OverOperatorApi:
    """Our own operator API (contract.md, "Operator API")."""

    def __init__(self, field_: Field) -> None:
        self._field = field_
        self._refs: dict[tuple[str, str], str] = {}

    async def act(self, deed: Deed) -> Done:
        """Find the order by the buyer app's number, then tell the event."""
        order = (deed.bap_id, deed.order_id)
        try:
            if order not in self._refs:
                self._refs[order] = str((await self._field.find(bap_id=deed.bap_id, order_id=deed.order_id))["ref"])
            status, answer = await self._field.try_event(self._refs[order], deed.event, **deed.details)
        except FieldRefused as refused:
            return Done(taken=False, detail=str(refused))
        return Done(taken=status == OK, detail=f"HTTP {status} {answer.get('error', '')}".strip())
