"""Scenario ``assembly``: what an on_search costs beyond moving its bytes, and beyond signing them.

The catalogs are real answers: a category around places of the whole state's catalog, 100 KB each. *Any search* joins
providers whose bytes are known in a choice that was not asked for before; *whole-catalog pull* asks for the same again.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import cast

import orjson

from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from bpp.actions.contract import Json, Reply
from bpp.actions.fragments import Timetable, draft, voice
from bpp.actions.on_search import catalog
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.actions.rendered import catalog_reply, pieces_of
from bpp.actions.schedule import KIND_OF, SCHEDULES
from bpp.app import new_uuid, utc_now
from bpp.bench.bodies import buyers
from bpp.bench.memory import MemoryDirectory, MemoryWork
from bpp.bench.micro import timed
from bpp.bench.processes import BenchFailed
from bpp.bench.run import Found, Run
from bpp.bench.search import queries
from bpp.core.find import Found as Seller
from bpp.core.find import find
from bpp.core.world import World
from bpp.domains.dialect import CANONICAL
from bpp.orders.assignment import local_day
from bpp.sandbox.identities import BPP
from bpp.settings import load_settings
from bpp.storage.ports import Work
from bpp.worlds import worlds_of
from catalog.load import CatalogData
from catalog.moments import wire_time
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import SCALES
from signing.signature import sign, sign_digest

SIZE = 100_000  # bytes
SEARCHES = 60
CHOICES = 100_000
SETTINGS = {"BPP_PROVIDERS_PER_SEARCH": "40", "BPP_ITEMS_PER_PROVIDER": "2", "BPP_SUBSCRIBER_URI": BPP.url}
"""Few items of many providers, so that 100 KB are a choice of some of them."""
ACTION, MESSAGE_ID = "on_search", str(uuid.UUID(int=6))


def assembly(run: Run) -> Found:
    """Joining over memcpy; json.dumps and signature over ours, with what was asked for first and again."""
    now = utc_now()
    run.told("making the catalog of the whole state")
    data = synthetic_catalog(SCALES["up"], local_day(now))
    domain, sellers, world = asyncio.run(_sellers(data, now))
    some = _of_size(sellers, domain, world)
    to = _addressee(domain)
    spoken = voice(world.identity, domain, CANONICAL)
    shelves = world.catalog.index.shelves
    times = Timetable()
    sheets = [draft(one, shelves[one.provider.id], spoken, times).sheet() for one in some]
    plain = {"context": _context(to), "message": catalog(some, domain, world.identity, CANONICAL)}
    body = memoryview(b"".join(pieces_of(sheets, spoken)))
    others = itertools.cycle(_other_choices(sellers, len(some)))
    functions: dict[str, Callable[[], object]] = {
        "memcpy": lambda: bytes(body),
        "join": lambda: b"".join(pieces_of(sheets, spoken)),
        "json": lambda: _by_json(plain),
        "any": lambda: _signed(catalog_reply(next(others), domain, CANONICAL, world), to, world),
        "again": lambda: _signed(catalog_reply(some, domain, CANONICAL, world), to, world),
    }
    rounds = timed(functions, run)
    found = Found()
    found.raw["assembly"] = [{**one, "bytes": len(body)} for one in rounds]
    found.values["assembly.memcpy"] = [one["join"] / one["memcpy"] for one in rounds]
    found.values["assembly.on_search"] = [one["json"] / one["any"] for one in rounds]
    found.values["assembly.prefix"] = [one["json"] / one["again"] for one in rounds]
    last = {name: f"{seconds * 1e6:.0f} us" for name, seconds in rounds[-1].items()}
    found.notes.append(f"on_search of {len(body)} bytes: {last}")
    return found


async def _sellers(data: CatalogData, now: datetime) -> tuple[str, Sequence[Seller], World]:
    """The answer with the most providers to some searches for anything near a place; its domain."""
    worlds = worlds_of(load_settings(SETTINGS), lambda: now, new_uuid, b"bench")
    work = cast("Work", MemoryWork(directory=MemoryDirectory(data)))
    world = await worlds.current(work)
    best: tuple[str, Sequence[Seller]] = ("", ())
    for query in queries(data, "category+gps", SEARCHES, local_day(now)):
        found = (await find(replace(query, category=""), work, world)).found
        if len(found) > len(best[1]):
            best = query.domain, found
    return *best, world


def _addressee(domain: str) -> Addressee:
    sender = buyers("http://127.0.0.1:9")[0]
    return Addressee(
        peer=sender.subscriber_id,
        uri=sender.url,
        transaction_id=MESSAGE_ID,
        domain=domain,
        location={"city": {"code": "std:0522"}, "country": {"code": "IND"}},
    )


def _context(to: Addressee) -> Json:
    """As long as that of ours."""
    return {
        "domain": to.domain,
        "location": to.location,
        "action": ACTION,
        "version": CORE_VERSION,
        "bap_id": to.peer,
        "bap_uri": to.uri,
        "bpp_id": BPP.subscriber_id,
        "bpp_uri": BPP.url,
        "transaction_id": to.transaction_id,
        "message_id": MESSAGE_ID,
        "timestamp": wire_time(utc_now()),
        "ttl": DEFAULT_TTL,
    }


def _of_size(sellers: Sequence[Seller], domain: str, world: World) -> Sequence[Seller]:
    """As many of them as 100 KB hold. Raises BenchFailed where they do not fill it."""
    for count in range(1, len(sellers)):
        some = sellers[:count]
        if len(orjson.dumps(catalog(some, domain, world.identity, CANONICAL))) >= SIZE:
            return some
    raise BenchFailed("no search of the benchmark found enough for 100 KB")


def _other_choices(sellers: Sequence[Seller], count: int) -> Sequence[Sequence[Seller]]:
    """So many of them in many choices: more than are asked for before the first ones are forgotten."""
    random = Random(count)  # noqa: S311  the same in every run
    choices = (sorted(random.sample(range(len(sellers)), count)) for _ in range(CHOICES))
    return [tuple([sellers[place] for place in places]) for places in choices]


def _by_json(payload: Json) -> str:
    """What an ordinary build does: everything through the standard library."""
    return sign(json.dumps(payload).encode(), BPP.key, BPP.key_id, utc_now())


def _signed(reply: Reply, to: Addressee, world: World) -> str:
    """What the product does with a reply until the callback could be posted."""
    kind = KIND_OF[ACTION]
    dispatch = Dispatch(kind=kind, now=world.now, grace=timedelta(), window=SCHEDULES[kind].window)
    callback = callback_for(reply, to, ACTION, MESSAGE_ID, world.identity, dispatch)
    if not callback.digest:
        raise BenchFailed("the product did not write this catalog part by part")
    return sign_digest(callback.digest, BPP.key, BPP.key_id, world.now)
