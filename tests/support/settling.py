"""A settlement agency and a buyer app's desk around the real server: what they say is signed and goes over sockets.

Their arithmetic is their own (``tests.support.settlements``, ``buyer_app_books``); nothing here knows ``bpp.settlement``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from beckn_schemas.registry import Role
from bpp.sandbox.exchange import Callback
from bpp.sandbox.identities import (
    BPP,
    record,
    write_records,
)
from signing.keys import SigningKey, encode_public_key
from tests.support.buyer_app_books import Account, BuyerAppBooks
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network
from tests.support.peers import FakeSeller
from tests.support.settlements import Agency

Json = dict[str, Any]
AGENCY_KEY = SigningKey(b"agency" + bytes(26))
AGENCY = replace(BPP, subscriber_id="agency.sandbox.example", unique_key_id="agency-1", key=AGENCY_KEY)
PATIENCE = 60.0
"""Seconds until what does not come never comes, on a busy machine too."""
ACKED = (200, {"message": {"ack": {"status": "ACK"}}})
CONTEXT = {
    "domain": "ONDC:NTS10",
    "location": {"country": {"code": "IND"}, "city": {"code": "*"}},
    "version": "2.0.0",
    "ttl": "P1D",
}


@dataclass(kw_only=True)
class Settling:
    """The three of them. ``judge`` is the agency's own matching, ``books`` are the buyer app's."""

    network: Network
    agency: FakeSeller
    judge: Agency = field(default_factory=Agency)
    books: BuyerAppBooks = field(default_factory=BuyerAppBooks)
    taken: int = 0

    @property
    def buyer_id(self) -> str:
        return str(self.network.buyer.participant.subscriber_id)

    async def sold(self, **more: Any) -> str:
        """An order that was done, of which the buyer app knows what it collected and what its fee is; its id."""
        confirmed, _ = await self.network.completed(**more)
        order = confirmed.order
        total = round(float(order["quote"]["price"]["value"]) * 100)
        fee = round(total * 0.03)  # as the order's terms say; and 18 of a hundred tax on it
        self.books.orders[order["id"]] = Account(total=total, fee=fee + round(fee * 0.18))
        return str(order["id"])

    async def later(self, hours: float = 1) -> None:
        """Time passes; what is overdue is followed up every hour, and once a day what is due is filed.

        Not in the middle of a run: it would begin on one day and end on the next, whose own begins an hour later.
        """
        await self.rested()
        self.network.clock.tick(hours=hours)

    async def rested(self) -> None:
        """Wait until no run is under way, and none is to begin before time passes."""
        if self.network.settings.settlement != "off":
            async with asyncio.timeout(PATIENCE):
                while not await self._rests():  # noqa: ASYNC110  a run has no event
                    await asyncio.sleep(0.005)

    async def _rests(self) -> bool:
        """Whether the last run has ended, and its timer has set itself for a moment to come."""
        look = self.network.context.storage.look
        last = await look(lambda work: work.settlements.last_run())
        due = await look(lambda work: work.timers.due("settlement", ["run"]))
        return last is not None and last.stage == "done" and due["run"] > self.network.clock()

    async def hears(self, action: str) -> Json:
        """The next message of ours that the agency took."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [one for one in self.agency.received[self.taken :] if one.action == action]):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        self.taken = self.agency.received.index(found[0]) + 1
        return found[0].document

    async def says(self, document: Json) -> tuple[int, Json]:
        """The agency signs and posts; status and JSON of our answer."""
        return await self.agency.call(f"{self.network.url}/{document['context']['action']}", document)

    async def answers(self, settle: Json, action: str = "on_settle", **context: Any) -> tuple[int, Json]:
        """The agency's own answer to a settle, as an on_settle or an on_report."""
        made = self.judge.on_settle(settle, self.buyer_id, action=action)
        made["context"] |= {"timestamp": self.now()} | context
        return await self.says(made)

    def now(self) -> str:
        return self.network.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def buyer_files(self, order_id: str) -> None:
        """The buyer app's own settle reaches the agency."""
        payload = self.books.files(order_id, self.network.clock())
        payload["context"]["bap_id"] = self.buyer_id
        self.judge.take(payload)

    async def recon(self, message: Json, **context: Any) -> Any:
        """The buyer app compares with us: the synchronous answer."""
        return await self.network.buyer.send("recon", message, context=CONTEXT | context)

    async def on_recon(self, asked: Callback, answer: Json, **context: Any) -> Any:
        """The buyer app answers a recon of ours."""
        made = {
            **answer,
            "context": {**asked.document["context"], "action": "on_recon", "timestamp": self.now()} | context,
        }
        return await self.network.buyer.post("on_recon", orjson.dumps(made))

    async def until(self, order_id: str, **expected: Any) -> Json:
        """The newest settlement of an order once it is as expected."""
        async with asyncio.timeout(PATIENCE):
            while True:
                _, page = await self.network.call("GET", "/settlements")
                rows = [one for one in page["items"] if one["order_id"] == order_id]
                one: Json = max(rows, key=lambda row: int(row["number"]), default={})
                if all(one.get(name) == value for name, value in expected.items()) and rows:
                    return dict(one)
                await asyncio.sleep(0.01)

    async def filed(self, order_id: str, *, answered: bool = True) -> tuple[Json, Json]:
        """The day after: both sides file, and the agency answers ours; our settle, and the order in it."""
        self.buyer_files(order_id)
        await self.later(24)
        settle = await self.hears("settle")
        if answered:
            assert await self.answers(settle) == ACKED
        return settle, settle["message"]["settlement"]["orders"][0]

    async def balances(self) -> dict[str, str]:
        """What the books have on each account, debit above zero, in rupees; all of them balance."""
        _, seen = await self.network.call("GET", "/balances")
        assert seen["debit"] == seen["credit"]
        sums = {(one["party"], one["purpose"]): Decimal() for one in seen["accounts"]}
        for one in seen["accounts"]:
            sums[one["party"], one["purpose"]] += Decimal(one["debit"]) - Decimal(one["credit"])
        return {f"{party}:{purpose}": str(amount) for (party, purpose), amount in sums.items()}


@asynccontextmanager
async def settling(database_url: str, folder: Path, clock: FakeClock, **more: str) -> AsyncIterator[Settling]:
    """The real server, set to settle with an agency that listens, and the agency in the registry."""
    async with FakeSeller(participant=AGENCY, clock=clock) as agency:
        named = {"BPP_SETTLEMENT_AGENCY_ID": AGENCY.subscriber_id, "BPP_SETTLEMENT_AGENCY_URI": agency.url}
        async with running_network(
            database_url, folder, clock, **{"BPP_SETTLEMENT": "messages", **named, **more}
        ) as network:
            known = orjson.loads(network.registry.read_bytes())
            write_records(network.registry, [*known, registered(agency.url)])
            three = Settling(network=network, agency=agency)
            await three.rested()  # the day's own run, which begins with the server: it is to find nothing yet
            yield three


def registered(url: str) -> Json:
    """The agency's record."""
    return record(
        AGENCY.subscriber_id,
        AGENCY.unique_key_id,
        url=url,
        role=Role.BPP,
        domain="ONDC:NTS10",
        signing_public_key=encode_public_key(AGENCY_KEY),
    )
