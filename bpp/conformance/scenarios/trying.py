"""Requests that try something: many of them in one step, and the wait for what they bring once at its end.

Each bears the name of its probe, and a check judges what came: a refusal is as good a result as an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Build, Twist, Wire
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback, Json, SyncAnswer

LOOK_AGAIN = 0.02
"""Seconds between two looks at what came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One request under the name of its probe.

    ``anew`` puts it into a transaction of its own. ``twist`` changes the envelope, ``wire`` bytes and headers at the
    last moment, ``query`` stands behind the address. Where ``build``, ``twist`` or ``wire`` raise ``Impossible``, this
    request is not sent: its check then says that there was none.
    """

    probe: str
    action: str
    build: Build
    twist: Twist = lambda _, envelope: envelope
    wire: Wire = lambda _, body: (body, {})
    query: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Send one after the other and wait until each that was acknowledged is answered; ``listens``: to silence, too."""

    name: str
    tries: tuple[Try, ...]
    answers: bool = True
    listens: bool = False
    within: float | None = None

    @property
    def waits_for(self) -> str:
        """The callbacks, or none."""
        said = [f"{len(self.tries)} answers"]
        said += ["their callbacks"] if self.answers else []
        return ", ".join(said + (["silence"] if self.listens else []))

    async def take(self, play: Play) -> None:
        """Send them all; nothing that comes breaks the scenario off."""
        sent: list[SyncAnswer] = []
        for one in self.tries:
            try:
                sent.append(await send(play, one))
            except Impossible:
                continue
        if self.answers:
            await until(play, lambda: all(answers(play, one) for one in sent if one.acked), self.within)
        if self.listens:
            await asyncio.sleep(play.stage.quiet)
            play.note("silence", play.stage.quiet)


async def send(play: Play, one: Try) -> SyncAnswer:
    """Send one request; raises ``Impossible`` where it cannot be made."""
    ids: dict[str, Any] = {}
    if one.anew:
        ids["transaction_id"] = play.stage.buyer.new_id()
        play.recorder.begin(ids["transaction_id"])
    envelope = one.twist(play, play.envelope(one.action, one.build(play), **ids))
    body, headers = one.wire(play, orjson.dumps(envelope))
    return await play.send(one.action, body, query=one.query, probe=one.probe, headers=headers)


def answers(play: Play, answer: SyncAnswer) -> list[Callback]:
    """The callbacks that came to a request since it was sent, repetitions included."""
    asked = answer.request
    wanted = (f"on_{asked.action}", asked.transaction_id, asked.message_id)
    return [
        one
        for one in play.stage.buyer.callbacks
        if one.arrived >= answer.left and (one.action, one.transaction_id, one.message_id) == wanted
    ]


async def until(play: Play, done: Callable[[], bool], within: float | None = None) -> bool:
    """Wait until something is so, for the run's patience or ``within`` seconds; whether it was so in the end."""
    loop = asyncio.get_running_loop()
    last = loop.time() + (within or play.stage.patience)
    while not done():
        if loop.time() > last:
            return False
        await asyncio.sleep(LOOK_AGAIN)
    return True


def other_buyer(play: Play) -> Buyer:
    """The second buyer app. Raises ``Impossible`` where there is none."""
    if play.stage.second_buyer is None:
        raise Impossible("a second buyer app is needed")
    return play.stage.second_buyer


def says(**values: object) -> Twist:
    """Other values in the context; None takes a key out."""

    def twist(_: Play, envelope: Json) -> Json:
        context = {key: value for key, value in (envelope["context"] | values).items() if value is not None}
        return {**envelope, "context": context}

    return twist
