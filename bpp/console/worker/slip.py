"""A slip of what a worker has earned: printed by the worker, checked by anybody who has it.

Its address says for whom, for which days and as of which moment it is, with a key that only we can make; what it says
is read from the books as they were then. So whoever scans the code sees the slip's own facts, and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import segno
from aiohttp import web

from bpp.console.language import msg
from bpp.console.page import Visit
from bpp.console.render import render
from bpp.console.worker.earned import LONGEST, Earned, balances, earned
from bpp.console.worker.whose import worker_at
from bpp.context import APP_CONTEXT
from bpp.core.world import World
from bpp.operator.money_fields import Day
from bpp.operator.problems import invalid
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.orders.otp import document_key
from bpp.people.model import Role
from bpp.storage.ports import Work

WHICH = "worker's slip"
"""What the key of a slip is made for."""
TITLE = msg("Slip of earnings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What the address of a slip says."""

    worker: str
    first: str
    last: str
    at: str

    def key(self, secret: bytes) -> str:
        """The unguessable part of the address."""
        return document_key(secret, f"{self.worker}\n{self.first}\n{self.last}\n{self.at}", WHICH)

    def address(self, secret: bytes) -> Mapping[str, str]:
        """The parts of the path of the page on which the slip is checked."""
        parts = {"worker": self.worker, "first": self.first, "last": self.last, "at": self.at}
        return {**parts, "key": self.key(secret)}

    async def read(self, work: Work) -> Earned:
        """What the slip says."""
        at = datetime.fromtimestamp(int(self.at), UTC)
        return await earned(self.worker, date.fromisoformat(self.first), date.fromisoformat(self.last), at, work)


class SlipQuery(Query):
    """The days of a slip, both included; a month's, without."""

    first: Day | None = None
    last: Day | None = None


async def read_earnings(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What the worker earned in a period, and what stands in the wallet now."""
    worker = await worker_at(visit, work, world)
    first, last = _period(visit.query, world)
    found = await earned(worker.id, first, last, world.now, work)
    wallet, cash = await balances(worker.id, work)
    today = local_day(world.now)
    before_last = _month_before(today.replace(day=1))
    return {
        "worker": worker,
        "earned": found,
        "wallet": wallet,
        "cash": cash,
        "periods": [
            (msg("Today"), today, today),
            (msg("This month"), today.replace(day=1), today),
            (msg("Last month"), *before_last),
        ],
        "own": visit.person.role is Role.WORKER,
    }


async def read_slip(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """A slip made now."""
    worker = await worker_at(visit, work, world)
    first, last = _period(visit.query, world)
    slip = Slip(worker=worker.id, first=str(first), last=str(last), at=str(int(world.now.timestamp())))
    where = urlsplit(world.identity.subscriber_uri)
    return {
        **_facts(slip, await slip.read(work), world),
        "worker": worker,
        "address": slip.address(world.otp_secret),
        "origin": f"{where.scheme}://{where.netloc}",
        "picture": lambda text: segno.make(text, error="m").svg_data_uri(scale=4, border=2),
        "checked": False,
    }


async def check(request: web.Request) -> web.StreamResponse:
    """The page that the code of a slip leads to, for anybody; its key is judged before anything is looked for."""
    context = request.app[APP_CONTEXT]
    parts = dict(request.match_info)
    key = parts.pop("key")
    slip = Slip(**parts)

    async def unit(work: Work) -> Mapping[str, Any]:
        world = await context.worlds.current(work)
        worker = world.catalog.worker(slip.worker)
        if worker is None or not hmac.compare_digest(slip.key(world.otp_secret).encode(), key.encode()):
            raise web.HTTPNotFound
        return {**_facts(slip, await slip.read(work), world), "worker": worker, "checked": True}

    answer = render("worker_slip.html", request, await context.storage.read(unit), title=TITLE)
    answer.headers.update({"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
    return answer


def _facts(slip: Slip, found: Earned, world: World) -> Mapping[str, Any]:
    worker = world.catalog.worker(slip.worker)
    provider = world.catalog.providers.get(worker.provider_id) if worker else None
    return {"earned": found, "provider": provider, "issuer": world.identity.legal_name}


def _period(query: SlipQuery, world: World) -> tuple[date, date]:
    """The days asked for, else this month's until today. Raises ApiProblem 422."""
    today = local_day(world.now)
    first = query.first or today.replace(day=1)
    last = min(query.last or today, today)
    if not first <= last or last - first > LONGEST:
        raise invalid(f"at most {LONGEST.days} days until today are expected", path="first")
    return first, last


def _month_before(first: date) -> tuple[date, date]:
    last = date.fromordinal(first.toordinal() - 1)
    return last.replace(day=1), last
