"""Scenario ``console``: the cockpit's one box, over the whole state's catalog and beside a million stored orders.

An operator types what a caller says, in English and Hindi, now and then misspelt, two letters at a time; each is a
request for the part of the page that shows results. And looks callers up: by telephone, by number, by transaction.
From the request until the whole part has come, with what every page needs: session, reach, catalog of now, template.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import orjson

from bpp.app import utc_now
from bpp.bench.history import remember
from bpp.bench.processes import BenchFailed, Process
from bpp.bench.rounds import Server, calibrate
from bpp.bench.run import Found, Run
from bpp.bench.servers import Start, load_generator, start
from bpp.orders.numbers import order_number
from bpp.people.door import new_session
from bpp.people.model import Person, Role, Step
from bpp.storage.engine import open_storage
from catalog.load import CatalogData
from catalog.services import SUB_SERVICES
from catalog.synthetic.plan import pincodes_of

ORDERS, QUICK_ORDERS = 1_000_000, 10_000
CALLERS = 300
"""Callers who are looked up, with ``OF_ONE`` orders each."""
OF_ONE = 3
KEYSTROKES, LOOKS = 400, 300
"""Requests of a round."""
LETTERS, STEP = 3, 2
MISSPELT = 0.15
BOX = "/console/desk/find"
FOUND = b'class="desk-name"'
"""What stands in the part for each offer and each order that was found."""
CALLS = "/api/v1"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Caller:
    """What may be known of a caller's order."""

    phone: str
    number: str
    transaction_id: str


class Desk:
    """A seat of the call centre: one connection that is kept, signed in."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"Cookie": f"console={token}", "X-Part": "1"}

    def box(self, text: str, pincode: str = "") -> tuple[float, bytes]:
        """Type into the box: seconds, and the part that came."""
        path = f"{BOX}?{urlencode({'q': text, 'pincode': pincode})}"
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        part = answer.read()
        took = time.perf_counter() - began
        if answer.status != HTTPStatus.OK:
            raise BenchFailed(f"{BOX}: HTTP {answer.status}")
        return took, part

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """A call of the operator API; None where it was refused."""
        headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
        self._connection.request(method, f"{CALLS}{path}", orjson.dumps(body) if body else None, headers)
        answer = self._connection.getresponse()
        said: dict[str, Any] = orjson.loads(answer.read())
        return said if answer.status < HTTPStatus.BAD_REQUEST else None

    def close(self) -> None:
        """Get up."""
        self._connection.close()


def console(run: Run) -> Found:
    """How long the box takes: percentiles by the clock, and the server's CPU in the unit of each round."""
    found, stage = Found(), run.whole
    count = QUICK_ORDERS if run.quick else ORDERS
    url = stage.copy("console")
    path = stage.folder / "console.db"
    run.told(f"writing {count:,} orders")
    remember(path, count, len(stage.data.workers), utc_now())
    token = asyncio.run(signed_in(url))
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(stage))
        (server,) = start([Start(name="console", database_url=url)], stage, sink, stack)
        desk = Desk(server.port, token)
        stack.callback(desk.close)
        callers = known_callers(path, count, a_document(desk, path, stage.data))
        typed = keystrokes(stage.data)
        looked = itertools.cycle(looks(callers))
        for number in range(run.rounds + 1):
            one = _round(desk, server, loader, typed, looked)
            run.told(f"round {number or 'to warm up'}: {one}")
            if number:
                for row, value in one.items():
                    found.values.setdefault(f"console.{row}", []).append(value)
    found.raw["console"] = [dict(found.values)]
    path.unlink()
    return found


def _round(
    desk: Desk, server: Server, loader: Process, typed: Iterator[tuple[str, str]], looked: Iterator[str]
) -> dict[str, float]:
    pair = calibrate(loader).each
    found: dict[str, float] = {}
    for name, asked, least in (
        ("type", list(itertools.islice(typed, KEYSTROKES)), 1),
        ("look", [(text, "") for text in itertools.islice(looked, LOOKS)], LOOKS),
    ):
        cpu = server.cpu()
        answers = [desk.box(*one) for one in asked]
        found[f"{name}_pairs"] = (server.cpu() - cpu) / len(asked) / pair
        check_shown(name, [part for _, part in answers], least)
        cuts = quantiles([took for took, _ in answers], n=100, method="inclusive")
        found |= {f"{name}_p{share}": cuts[share - 1] * 1_000 for share in (50, 95, 99)}
    return found


def check_shown(name: str, parts: Sequence[bytes], least: int) -> None:
    """Raise BenchFailed where fewer parts than that show anything: nothing is found in no time."""
    shown = sum(FOUND in part for part in parts)
    if shown < least:
        raise BenchFailed(f"{name}: {shown} of {len(parts)} answers show anything")


async def signed_in(url: str) -> str:
    """Let an operator in who has a session already; the token of it."""
    token, now = secrets.token_urlsafe(32), utc_now()
    person = Person(id="bench", login="bench", name="Bench", role=Role.OPERATOR, created_at=now)
    storage = open_storage(url)
    try:
        await storage.run(lambda work: work.people.add(person))
        await storage.run(lambda work: work.people.open_session(new_session(token, person, Step.OPEN, now)))
    finally:
        await storage.close()
    return token


def a_document(desk: Desk, database: Path, data: CatalogData) -> str:
    """A whole order as it is stored, booked as the cockpit does: those of the history have no more than its length."""
    random = Random("a document")  # noqa: S311  the same in every run
    for _ in range(100):
        provider = random.choice(data.providers)
        pincode = random.choice(pincodes_of(provider.districts[0]))
        offered = [one for one in data.offerings if one.provider_id == provider.id and not one.customizations]
        if offered and (ref := _booked(desk, provider.id, random.choice(offered).id, pincode)):
            with closing(sqlite3.connect(database)) as connection:
                found: tuple[str] = connection.execute("SELECT doc FROM orders WHERE ref = ?", (ref,)).fetchone()
            return found[0]
    raise BenchFailed("nothing could be booked")


def _booked(desk: Desk, provider_id: str, item_id: str, pincode: str) -> str:
    """The reference of an order for the first free time, empty where there is none."""
    wanted = {"provider_id": provider_id, "items": [{"item_id": item_id}], "pincode": pincode}
    free = (desk.call("POST", "/quotes", wanted) or {}).get("alternatives")
    quote = desk.call("POST", "/quotes", {**wanted, "start": free[0]}) if free else None
    caller = {"name": "Bench Caller", "phone": "9800000000", "address": "Bench House 1"}
    order = desk.call("POST", "/bookings", {"quote": quote["ref"], **caller}) if quote else None
    return str(order["ref"]) if order else ""


def known_callers(database: Path, count: int, document: str) -> list[Caller]:
    """Callers all over the years, each with whole orders of their own; the numbers are as ours."""
    random = Random("callers")  # noqa: S311  the same in every run
    found = []
    with closing(sqlite3.connect(database, timeout=PATIENCE)) as connection, connection:
        for row in random.sample(range(1, count - OF_ONE), CALLERS):
            where = (row, row + OF_ONE)
            query = "SELECT ref, phone, transaction_id FROM orders WHERE rowid >= ? AND rowid < ? ORDER BY rowid"
            (ref, phone, transaction_id), *_ = connection.execute(query, where).fetchall()
            connection.execute(
                "UPDATE orders SET phone = ?, doc = ? WHERE rowid >= ? AND rowid < ?", (phone, document, *where)
            )
            number = order_number(ref)
            connection.execute("UPDATE orders SET order_id = ? WHERE rowid = ?", (number, row))
            found.append(Caller(phone, number, transaction_id))
    return found


def looks(callers: Sequence[Caller]) -> Iterator[str]:
    """What is typed to find them: telephones, numbers and transactions in turn."""
    for number, one in enumerate(callers):
        yield (one.phone, one.number, one.transaction_id)[number % 3]


def keystrokes(data: CatalogData) -> Iterator[tuple[str, str]]:
    """What the box holds while somebody types, with the pincode beside it; the same in every run, without an end."""
    random = Random("keystrokes")  # noqa: S311  the same in every run
    called = [name for one in SUB_SERVICES.values() for name in (one.name_en.lower(), one.name_hi)]
    while True:
        words = misspelt(random.choice(called), random) if random.random() < MISSPELT else random.choice(called)
        provider = random.choice(data.providers)
        pincode = random.choice(pincodes_of(random.choice(provider.districts)))
        yield from ((part, pincode) for part in typed(words))


def typed(words: str) -> Iterator[str]:
    """What stands in the box after each two letters, and in the end."""
    for length in range(LETTERS, len(words), STEP):
        yield words[:length]
    yield words


def misspelt(words: str, random: Random) -> str:
    """The same with a letter left out, but not the first."""
    gone = random.randrange(1, len(words))
    return words[:gone] + words[gone + 1 :]
