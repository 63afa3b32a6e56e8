"""The other end of the booking: what the provider's people tell the seller app, over its operator API.

Source: contract.md, "Operator API".
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import aiohttp

from bpp.sandbox.exchange import Json, part

TIMEOUT = aiohttp.ClientTimeout(total=15)
RUNNING = 202
LOOK_AGAIN = 0.05
"""Seconds between two looks at whether a run is over."""


class FieldRefused(Exception):
    """The operator API did not do what it was asked."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(f"the operator API answered {status}: {part(answer, 'error').get('message', answer)}")
        self.status = status
        self.answer = answer


class Field:
    """Speaks to the operator API at ``bpp_url`` with a bearer token; an async context manager."""

    def __init__(self, *, bpp_url: str, token: str) -> None:
        self._url = f"{bpp_url.rstrip('/')}/api/v1"
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self._token}"}
        self._session = aiohttp.ClientSession(headers=headers, timeout=TIMEOUT, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def find(self, *, bap_id: str, order_id: str) -> Json:
        """The order as the list shows it, with its ``ref``. Raises ``FieldRefused``, also where there is none."""
        status, answer = await self._call("GET", "/orders", params={"bap_id": bap_id, "order_id": order_id})
        items = answer.get("items") if status == 200 else None  # noqa: PLR2004  # HTTP's own number
        if not items:
            raise FieldRefused(status, answer)
        found: Json = items[0]
        return found

    async def try_event(self, ref: str, event: str, **more: Any) -> tuple[int, Json]:
        """Tell an event; the HTTP status and the answer, whatever they are."""
        return await self._call("POST", f"/orders/{ref}/events", json={"event": event, **more})

    async def event(self, ref: str, event: str, **more: Any) -> Json:
        """Tell an event; the order as it is now. Raises ``FieldRefused``."""
        status, answer = await self.try_event(ref, event, **more)
        if status != 200:  # noqa: PLR2004  # HTTP's own number
            raise FieldRefused(status, answer)
        return answer

    async def find_ticket(self, issue_id: str) -> Json:
        """The ticket of an issue, with its ``ref``; raises ``FieldRefused``, also where there is none."""
        params = {"limit": "500"}
        while True:
            status, page = await self._call("GET", "/tickets", params=params)
            for one in page.get("items") or ():
                if one["issue_id"] == issue_id:
                    found: Json = one
                    return found
            if status != 200 or not page.get("next"):  # noqa: PLR2004  # HTTP's own number
                raise FieldRefused(status, page)
            params["cursor"] = str(page["next"])

    async def try_step(self, ticket: str, step: str, **more: Any) -> tuple[int, Json]:
        """Take a step in a ticket; the HTTP status and the answer, whatever they are."""
        return await self._call("POST", f"/tickets/{ticket}/steps", json={"step": step, **more})

    async def try_complaint(self, ref: str, **more: Any) -> tuple[int, Json]:
        """Complain to the buyer app of an order; the HTTP status and the answer, whatever they are."""
        return await self._call("POST", f"/orders/{ref}/tickets", json={"against": "buyer_app", **more})

    async def run_settlement(self) -> tuple[int, Json]:
        """Begin a run of settlement and wait for its end; the HTTP status and the answer of its beginning."""
        status, begun = await self._call("POST", "/settlement/run", json={})
        async with asyncio.timeout(TIMEOUT.total):
            while status == RUNNING and await self._is_settling():  # noqa: ASYNC110  another program's doing
                await asyncio.sleep(LOOK_AGAIN)
        return status, begun

    async def _is_settling(self) -> bool:
        _, standing = await self._call("GET", "/settlement")
        return part(standing, "run").get("ended_at") is None

    async def try_recon(self, ref: str) -> tuple[int, Json]:
        """Compare an order with its buyer app; the HTTP status and the answer. Raises ``FieldRefused``."""
        status, page = await self._call("GET", "/settlements", params={"order_ref": ref, "open": "true"})
        items = page.get("items")
        if not items:
            raise FieldRefused(status, page)
        last = max(items, key=lambda one: int(one["number"]))
        return await self._call("POST", f"/settlements/{last['id']}/recon", json={})

    async def try_own_payout(self, amount: str) -> tuple[int, Json]:
        """File a payout of the seller app's own; the HTTP status and the answer, whatever they are."""
        return await self._call("POST", "/settlement/own-payouts", json={"amount": amount})

    async def fetch(self, url: str) -> int:
        """The status with which a public address answers; no token goes along."""
        async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False) as session, session.get(url) as response:
            await response.read()
            return response.status

    async def _call(self, method: str, path: str, **options: Any) -> tuple[int, Json]:
        if self._session is None:
            raise RuntimeError("a Field is used inside `async with`")
        async with self._session.request(method, f"{self._url}{path}", **options) as response:
            try:
                answer = await response.json()
            except ValueError as problem:
                raise FieldRefused(response.status, {}) from problem
            return response.status, answer if isinstance(answer, dict) else {}
