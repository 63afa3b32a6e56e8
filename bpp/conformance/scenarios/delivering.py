"""Buyer apps that are out of order, refuse or are slow: what the seller does with its callbacks then.

Source: assertion 58; network 5: retries on 5xx, 408, 429, a lost connection and NACK 23001 or 31001, on nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson

from beckn_schemas.ack import ack
from bpp.conformance.scenarios.booking import booked, search_for
from bpp.conformance.scenarios.play import Broken, Play
from bpp.conformance.scenarios.steps import Ask, Do, Scenario, act
from bpp.conformance.scenarios.trying import answers, until
from bpp.sandbox.exchange import Answer, SyncAnswer, nacked

NOT_TAKEN: Mapping[str, Answer] = {
    "HTTP 503": Answer(status=503, body=b""),
    "HTTP 408": Answer(status=408, body=b""),
    "HTTP 429": Answer(status=429, body=b""),
    "NACK 23001": nacked("23001"),
    "NACK 31001": nacked("31001"),
    "a lost connection": Answer(drops=True),
}
"""Answers after which a callback is sent again. The lost connection is the last: a seller may rest a while then."""

REFUSED: Mapping[str, Answer] = {"NACK 20006": nacked("20006"), "HTTP 400": Answer(status=400, body=b"")}
"""Answers after which it is not."""

SPELT: Mapping[str, Answer] = {
    "an ACK in sync": Answer(body=orjson.dumps({"sync": ack()})),
    "an ACK with more keys": Answer(body=orjson.dumps(ack() | {"context": {}, "error": None})),
}
"""ACKs as some participants write them (protocol 7)."""


async def _not_taken(play: Play) -> None:
    """Each search in a transaction of its own; its on_search is not taken at first. Then wait until all were taken."""
    sent: list[SyncAnswer] = []
    waiting = list(NOT_TAKEN.values())

    def taken(one: SyncAnswer) -> bool:
        came = answers(play, one)
        return bool(came) and came[-1].answer not in waiting

    for number, answer in enumerate((*SPELT.values(), *REFUSED.values(), *NOT_TAKEN.values())):
        play.stage.buyer.script("on_search", answer)
        sent.append(await Ask(probe=f"not_taken_{number}", action="search", build=search_for, anew=True).send(play))
        if sent[-1].acked:
            await until(play, lambda: bool(answers(play, sent[-1])), play.stage.budget)
        play.stage.buyer.unscript("on_search")
    await until(play, lambda: all(taken(one) for one in sent if one.acked))
    await asyncio.sleep(play.stage.quiet)
    play.note("silence", play.stage.quiet)


async def _slow(play: Play) -> None:
    """The first transaction's on_search waits for its answer while another transaction goes on."""
    over = asyncio.Event()
    play.stage.buyer.script("on_search", Answer(until=over))
    try:
        slow = await Ask(probe="slow", action="search", build=search_for, anew=True).send(play)
        await until(play, lambda: bool(answers(play, slow)))
        beside = await Ask(probe="beside_slow", action="search", build=search_for, anew=True).send(play)
        await until(play, lambda: bool(answers(play, beside)), play.stage.budget)
    finally:
        over.set()


async def _news(play: Play) -> None:
    """Departure and arrival, one right after the other, while the buyer app thinks about the first."""
    transaction_id = play.got("on_confirm").transaction_id

    def told() -> int:
        mine = (one for one in play.stage.buyer.callbacks if one.transaction_id == transaction_id)
        return sum(one.action == "on_status" for one in mine)

    play.stage.buyer.script("on_status", Answer(delay=play.stage.quiet))
    try:
        for event in ("depart", "arrive"):
            done = await act(play, event)
            if not done.taken:
                raise Broken(f"{event}: the seller's side did not take it: {done.detail}")
        await until(play, lambda: told() > 1)
    finally:
        play.stage.buyer.unscript("on_status")


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="callbacks_not_taken",
        title="Callbacks that the buyer app could not take are sent again",
        steps=(Do(name="take no callback at first", does=_not_taken, waits_for="each on_search, twice"),),
        once=True,
    ),
    Scenario(
        name="slow_buyer",
        title="A buyer app that is slow in one transaction is served in another",
        steps=(Do(name="leave an on_search unanswered", does=_slow, waits_for="the other on_search"),),
        once=True,
    ),
    Scenario(
        name="order_of_news",
        title="What happens to one order is told in its order",
        steps=(*booked(), Do(name="depart and arrive at once", does=_news, waits_for="two on_status")),
        once=True,
    ),
)
