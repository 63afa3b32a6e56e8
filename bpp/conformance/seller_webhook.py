"""The seller's people behind a webhook: an address of the seller's that is told what its people are to do.

One POST for each deed, with this JSON body:

    {"event": "start", "bap_id": "buyer.example", "order_id": "O-1", "transaction_id": "…", "otp": "1234"}

``event`` and its details are those of ``Deed``; details stand beside the ids. The order's number is the buyer app's, as
in ``message.order.id`` of confirm. A 2xx says that the seller app took the deed; 409 or 422 that it refused it, as it
must refuse a wrong one-time password. Anything else says that nobody acted. The answer's text goes into the report.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import aiohttp

from bpp.conformance.seller import Deed, Done, NobodyActs

TIMEOUT = aiohttp.ClientTimeout(total=30)
TAKEN = range(200, 300)
REFUSED = frozenset({409, 422})
LONGEST_TOLD = 300
"""Characters of an answer that are told."""


class OverWebhook:
    """Tells a webhook; an async context manager."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def act(self, deed: Deed) -> Done:
        """Tell it and read the answer. Raises ``NobodyActs``."""
        if self._session is None:
            raise RuntimeError("a webhook is used inside `async with`")
        body = {
            **deed.details,
            "event": deed.event,
            "bap_id": deed.bap_id,
            "order_id": deed.order_id,
            "transaction_id": deed.transaction_id,
        }
        try:
            async with self._session.post(self._url, json=body, allow_redirects=False) as answer:
                told = (await answer.content.read(LONGEST_TOLD)).decode(errors="replace").strip()
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            raise NobodyActs(f"the webhook cannot be reached: {type(problem).__name__} {problem}".strip()) from problem
        detail = f"HTTP {answer.status} {told}".strip()
        if answer.status not in TAKEN and answer.status not in REFUSED:
            raise NobodyActs(f"the webhook did not act: {detail}")
        return Done(taken=answer.status in TAKEN, detail=detail)
