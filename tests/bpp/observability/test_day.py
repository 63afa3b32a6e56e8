"""A day of messages, told to an endpoint that fails, slows and is started anew, by pushers that are killed.

`BPP_OBSERVED_MESSAGES=100000` is a whole day of a busy seller: so many that are told, beside those that are not.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import orjson

from bpp.observability.gaps import days
from bpp.observability.types import told
from tests.support.callback_builders import VALID
from tests.support.couriers import until
from tests.support.observatory import Answer, Observatory, a_pusher, figures, log_all, logged
from tests.support.observed_documents import IGM_1, IGM_2, RSF, changed
from tests.support.request_builders import REQUESTS

MESSAGES = int(os.environ.get("BPP_OBSERVED_MESSAGES", "3000"))
AT_ONCE = 500
A_WHILE = 1_000
"""Entries after which a pusher is killed, where the endpoint does not fail before."""
SOON = 50
"""Entries after which the endpoint is started anew, in the middle of a turn."""
PATIENCE, TOO_LONG = timedelta(milliseconds=500), 0.8

ACTIONS = told(())
FAILED = {"http_status": 503, "answer": b"", "outcome": "answered"}
REFUSED = {"answer": b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30009"}}', "outcome": "NACK 30009"}
SAID: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    *((document, {}) for document in REQUESTS.values()),
    *((build(), {}) for build in VALID.values()),
    *((document, {}) for family in (IGM_1, IGM_2, RSF) for document in family.values()),
    (REQUESTS["select"], REFUSED),
    (VALID["on_confirm"](), FAILED),
)
"""What is said in one transaction, each with how it ended: core, grievances and settlement, asked for and not."""
TOLD = sum(document["context"]["action"] in ACTIONS for document, _ in SAID)
"""Messages of a transaction that are told at all."""

PEOPLE = ("person", "contact", "billing", "complainant_info", "actor_details", "bank_details")
KEPT = {"city", "state", "country", "catalog"}
"""Under these lies the name of a place, or what is offered to everybody: nobody is planted there by name."""
TRACES = ("Zorawar", "Kestrel", "zora", "post.example", "Quillon", "Plot ")
MASKED = re.compile(r"~[a-z]+:[0-9a-f]{12}")
PHONE = re.compile(r"(?=98(\d{8}))")
PINCODE = "226001"


def identity(number):
    """Whoever is in the messages of one transaction: nobody else is called or reached so."""
    return {
        "name": f"Zorawar{number}x Kestrel",
        "phone": f"98{number:08d}",
        "email": f"zora{number}x@post.example",
        "address": f"Plot {number}x, Quillon Marg",
        "building": f"Plot {number}x",
        "street": "Quillon Marg",
        "long_desc": f"call Zorawar{number}x at 98{number:08d}, zora{number}x@post.example, Quillon Marg",
        "short_desc": f"Zorawar{number}x waits",
    }


def of_somebody(document, number):
    somebody = identity(number)

    def change(path, value):
        return value if path[-1] == "name" and KEPT & set(path) else somebody.get(path[-1], value)

    named = changed(document, change)
    context = named["context"] | {"transaction_id": f"T{number}", "message_id": f"M{number}"}
    people = dict.fromkeys(PEOPLE, somebody)
    order = {**named["message"], "order": {**named["message"].get("order", {}), **people}}
    return {**named, "context": context, "message": order}


def wanted_of(number):
    """The entries of one transaction: of what failed there was no answer to tell."""
    for document, how in SAID:
        action = document["context"]["action"]
        if action in ACTIONS:
            yield action, f"T{number}"
            if how is not FAILED:
                yield f"{action}_response", f"T{number}"


@dataclass
class Scanner:
    """Knows everybody who was planted, by every name, telephone, address and e-mail, and reads all that is pushed."""

    people: int
    found: list[str] = field(default_factory=list)
    places: int = 0

    def read(self, data):
        text = MASKED.sub("", json.dumps(data, ensure_ascii=False))
        self.found += [trace for trace in TRACES if trace in text]
        self.found += [one for one in PHONE.findall(text) if int(one) < self.people]
        self.places += PINCODE in text


@dataclass
class BadDay:
    """An endpoint that fails now and then, is down for a while, slow, too slow, and does not take the token at times."""

    random: Random
    scanner: Scanner
    down: int = 0

    def __call__(self, _type, data):
        self.scanner.read(data)
        luck = self.random.random()
        if luck < 0.0005:
            self.down = 40
        if self.down:
            self.down -= 1
            return Answer(status=503)
        if luck < 0.001:
            return Answer(delay=TOO_LONG)  # it takes the entry when nobody waits for its answer any more
        if luck < 0.006:
            return Answer(status=self.random.choice((500, 502, 429, 401)))
        return Answer(errors=("2001",) if luck > 0.9 else (), delay=0.01 if luck > 0.995 else 0.0)


def what_it_is(entry):
    """All that is remembered of an entry that was taken: the texts of a whole day are many."""
    return {"type": entry["type"], "of": entry["data"]["context"]["transaction_id"]}


def test_the_scanner_knows_everybody_who_was_planted():
    """In what is told as it is, it finds each of them in each way in which he or she was planted."""
    for number in (0, 7, 6_666):
        for value in identity(number).values():
            scanner = Scanner(people=10_000)
            scanner.read({"x": value})
            assert scanner.found, value
    for document, _ in SAID:
        scanner = Scanner(people=10_000)
        scanner.read(of_somebody(document, 4_711))
        assert "00004711" in scanner.found


async def test_a_day_is_told_completely_once_and_without_anybody_in_it(storage, clock):
    transactions = -(-MESSAGES // TOLD)
    numbered = [(one, number) for number in range(transactions) for one in SAID]
    for start in range(0, len(numbered), AT_ONCE):
        some = numbered[start : start + AT_ONCE]
        await log_all(storage, *(logged(of_somebody(one, number), clock, **how) for (one, how), number in some))
    wanted = Counter(one for number in range(transactions) for one in wanted_of(number))
    scanner, life = Scanner(transactions), 0

    async with Observatory(judge=BadDay(Random(20261123), scanner), keep=what_it_is) as observatory:

        async def moved(most=A_WHILE):
            """Until it comes to an end or a pause, whichever is first."""
            found = await storage.read(lambda work: work.observability.cursor())
            done = (await figures(storage)).pushed >= wanted.total()
            return done or observatory.asked - asked > most or (found is not None and found.failures > 0)

        while (await figures(storage)).pushed < wanted.total():
            asked, life = observatory.asked, life + 1
            async with a_pusher(storage, observatory, clock, holder=f"life {life}", patience=PATIENCE) as pusher:
                running = asyncio.create_task(pusher.run())
                if life % 3 == 0:
                    await until(lambda: moved(SOON))
                    await observatory.stop()  # in the middle of whatever is under way
                    await observatory.start()
                await until(moved)
                if life % 2:
                    running.cancel()  # as if killed: nothing of its turn is written down
                pusher.stop()
                await asyncio.wait({running})
            clock.tick(minutes=30)

        day = await storage.read(
            lambda work: work.observability.days(clock().date() - timedelta(days=400), clock().date())
        )
        waiting = await storage.read(lambda work: work.observability.waiting(ACTIONS, None))
    assert Counter((one["type"], one["of"]) for one in observatory.took.values()) == wanted
    assert [(one.pushed, one.refused, one.complete) for one in days(day, waiting, clock())] == [
        (wanted.total(), 0, True)
    ]
    assert observatory.repeated, "what was pushed twice is among it, and counted once"
    assert b"Zorawar" in orjson.dumps(of_somebody(REQUESTS["init"], 0))
    assert (scanner.found, scanner.places > 0) == ([], True)
