"""Requests that try something: one as a step, or many of them in one step, which waits once at its end.

Each bears the name of its probe, and a check judges what came: a refusal is as good a result as an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from bpp.conformance.scenarios.play import Impossible, Play
from bpp.conformance.scenarios.steps import Ask, Expect, Twist
from bpp.sandbox.exchange import Callback, Json, SyncAnswer

Change = Callable[[Play, Json], None]
"""Alters the order of a request in its place."""
LOOK_AGAIN = 0.02
"""Seconds between two looks at what came."""


def tries(ask: Ask, probe: str, change: Change | None = None) -> Ask:
    """The request as a probe: altered, and whatever comes is judged by a check of that name."""
    return replace(
        ask,
        name=probe,
        probe=probe,
        expects=Expect.ANYTHING,
        errors=None,
        twist=in_order(change) if change is not None else ask.twist,
    )


def in_order(change: Change) -> Twist:
    """The change as a change of a whole envelope."""

    def twist(play: Play, envelope: Json) -> Json:
        change(play, envelope["message"]["order"])
        return envelope

    return twist


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Send one after the other and wait until each that was acknowledged is answered; ``listens``: to silence, too.

    One that is ``Impossible`` is not sent: its check then says that there was none.
    """

    name: str
    tries: tuple[Ask, ...]
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
                sent.append(await one.send(play))
            except Impossible:
                continue
        if self.answers:
            await until(play, lambda: all(answers(play, one) for one in sent if one.acked), self.within)
        if self.listens:
            await asyncio.sleep(play.stage.quiet)
            play.note("silence", play.stage.quiet)


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


def says(**values: object) -> Twist:
    """Other values in the context; None takes a key out."""

    def twist(_: Play, envelope: Json) -> Json:
        context = {key: value for key, value in (envelope["context"] | values).items() if value is not None}
        return {**envelope, "context": context}

    return twist
