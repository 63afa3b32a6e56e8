"""The seller's people in a run: whoever makes the seller app depart, arrive, start, complete, requote or cancel.

What a worker does is not part of the network's protocol, so each seller app is told in its own way: ours over its
operator API, another's over a webhook that it provides (``seller_webhook``), or by a person who is asked
(``seller_person``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from bpp.sandbox.exchange import Json
from bpp.sandbox.field import Field, FieldRefused

TAKEN = frozenset({200, 201, 202})
UNABLE = frozenset({401, 403, 404, 405, 429})
"""Statuses, beside those from 500 on, with which an operator API says that nobody acts, not that the deed is wrong."""
SERVER_FAULT = 500


class NobodyActs(Exception):
    """Nobody could be made to act, so nothing is known of how the seller app takes the deed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that the seller's people do to an order.

    ``event`` is one of ``assign``, ``depart``, ``arrive``, ``start`` (details: ``otp``), ``complete``, ``cancel``
    (``reason``), ``accept``, ``decline`` and ``requote`` (``lines`` of ``title``, ``price`` in rupees with tax,
    ``count``; ``valid_for``, an ISO-8601 duration): the operator API's events. Of a grievance about the order (details:
    its ``issue_id``) they are the steps of its tickets: ``ask`` (``wanted``, a list of INFO001 and INFO002),
    ``propose`` (``options``, each a ``code`` and what it needs), ``resolve`` (``option``), and in a complaint of the
    seller's own ``answer`` (``says``); ``complain`` raises one (``code``, ``short_desc``). Of settlement: ``settle``
    files the order with the settlement agency, ``report`` asks the agency about a settle that it has not answered,
    ``recon`` compares the order with its buyer app, ``pay_out`` files a payout of the seller app's own (``amount``).
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
        """Do it; whether it was taken. A wrong one-time password is a deed that is not taken. Raises NobodyActs."""


GRIEVING = frozenset({"ask", "propose", "resolve", "answer"})
"""Deeds that are steps in a grievance."""
COMPLAIN, SETTLE, REPORT, RECON, PAY_OUT = "complain", "settle", "report", "recon", "pay_out"


class OverOperatorApi:
    """Our own operator API (contract.md, "Operator API")."""

    def __init__(self, field_: Field) -> None:
        self._field = field_
        self._refs: dict[tuple[str, str], str] = {}

    async def act(self, deed: Deed) -> Done:
        """Find the order by the buyer app's number, then tell the event. Raises ``NobodyActs``."""
        try:
            status, answer = await self._told(deed)
        except FieldRefused as refused:
            if refused.status in UNABLE or refused.status >= SERVER_FAULT:
                raise NobodyActs(str(refused)) from refused
            return Done(taken=False, detail=str(refused))
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise NobodyActs(f"the operator API cannot be reached: {type(problem).__name__} {problem}") from problem
        return Done(taken=status in TAKEN, detail=f"HTTP {status} {answer.get('error', '')}".strip())

    async def _told(self, deed: Deed) -> tuple[int, Json]:
        if deed.event in GRIEVING:
            said = {key: value for key, value in deed.details.items() if key != "issue_id"}
            ticket = await self._field.find_ticket(str(deed.details.get("issue_id", "")))
            return await self._field.try_step(str(ticket["ref"]), deed.event, **said)
        if deed.event in {SETTLE, REPORT}:
            return await self._field.run_settlement()
        if deed.event == PAY_OUT:
            return await self._field.try_own_payout(**deed.details)
        order = (deed.bap_id, deed.order_id)
        if order not in self._refs:
            self._refs[order] = str((await self._field.find(bap_id=deed.bap_id, order_id=deed.order_id))["ref"])
        if deed.event == COMPLAIN:
            return await self._field.try_complaint(self._refs[order], **deed.details)
        if deed.event == RECON:
            return await self._field.try_recon(self._refs[order])
        return await self._field.try_event(self._refs[order], deed.event, **deed.details)
