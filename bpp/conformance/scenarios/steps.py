"""The kinds of steps: ask the seller app, make the seller's people act, listen for silence.

Each states what it waits for and how long. A step that does not get it breaks the scenario off, unless it is a probe:
then whatever came is judged by a check.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import orjson

from bpp.conformance.scenarios.play import Broken, Impossible, Play
from bpp.conformance.seller import Deed, Done, NobodyActs
from bpp.sandbox.buyer import Buyer, HeaderValue
from bpp.sandbox.exchange import Callback, Json, SyncAnswer
from bpp.sandbox.inbox import NoCallback, Wanted

Build = Callable[[Play], Json]
"""Makes the ``message`` of a request from what was said before."""
Twist = Callable[[Play, Json], Json]
"""Changes a whole envelope before it is sent."""
Wire = Callable[[Play, bytes], tuple[bytes, Mapping[str, HeaderValue]]]
"""Changes bytes and headers at the last moment: forged signatures, broken JSON."""
After = Callable[[Play, Callback], None]
"""Takes from a callback what later steps need."""


class Expect(StrEnum):
    """What a request is to bring. ``ANYTHING``: a NACK or a callback, and a check judges which."""

    CALLBACK = "a callback"
    REFUSAL = "NACK"
    ACK = "ACK"
    ANYTHING = "NACK or a callback"


class Step(Protocol):
    """One step of a scenario. ``waits_for`` says in words what it waits for; ``within`` how long, in seconds."""

    @property
    def name(self) -> str:
        """What is done."""

    @property
    def waits_for(self) -> str:
        """What must come."""

    @property
    def within(self) -> float | None:
        """How long it waits in seconds; None for the run's patience."""

    async def take(self, play: Play) -> None:
        """Do it. Raises ``Broken`` or ``Impossible``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Send a request and await its callback, in the play's transaction.

    ``name`` is the action unless another is given; the callback is remembered under it, too. ``probe`` names what it
    tries: then nothing that comes breaks the scenario off. ``errors``: whether a callback with ``error`` is what is
    wanted (None: either). ``twist`` changes the envelope, ``wire`` bytes and headers at the last moment, ``query``
    stands behind the address. ``second``: the other buyer app asks. ``gateway``: by way of the gateway where there is
    one. ``anew``: in a transaction of its own, beside the play's.
    """

    action: str
    build: Build
    name: str = ""
    expects: Expect = Expect.CALLBACK
    errors: bool | None = False
    probe: str = ""
    twist: Twist | None = None
    wire: Wire | None = None
    after: After | None = None
    second: bool = False
    gateway: bool = False
    anew: bool = False
    query: str = ""
    within: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.action)

    @property
    def waits_for(self) -> str:
        """The synchronous answer, and the callback."""
        return f"ACK, then on_{self.action}" if self.expects is Expect.CALLBACK else self.expects.value

    async def take(self, play: Play) -> None:
        """Send, and judge only what the scenario needs to go on."""
        answer = await self.send(play)
        if self.expects is Expect.REFUSAL and not self.probe and answer.acked:
            raise Broken(f"{self.name}: NACK was expected, ACK came")
        if self.expects in (Expect.REFUSAL, Expect.ACK):
            return
        if not answer.acked:
            if self.probe:
                return
            raise Broken(
                f"{self.name}: ACK was expected, HTTP {answer.status} {answer.error_code} came: {answer.error}"
            )
        await self.hears(play, answer)

    async def hears(self, play: Play, answer: SyncAnswer) -> None:
        """Await the callback of a request that was taken. Raises ``Broken``."""
        callback = await self._callback(play, answer)
        if callback is None:
            return
        if self.errors is not None and bool(callback.error) != self.errors and not self.probe:
            raise Broken(f"{self.name}: the {callback.action} has {callback.error or 'no error'}")
        play.hear(callback, self.name)
        if self.after is not None:
            self.after(play, callback)

    async def send(self, play: Play) -> SyncAnswer:
        """Send alone. Raises ``Broken``, ``Impossible`` or ``Unreachable``."""
        buyer = self._buyer(play)
        ids: dict[str, Any] = {}
        if self.anew:
            ids["transaction_id"] = buyer.new_id()
            play.recorder.begin(ids["transaction_id"])
        envelope = play.envelope(self.action, self.build(play), buyer=buyer, **ids)
        if self.twist is not None:
            envelope = self.twist(play, envelope)
        body = orjson.dumps(envelope)
        headers: Mapping[str, HeaderValue] = {}
        if self.wire is not None:
            body, headers = self.wire(play, body)
        to = play.stage.gateway if self.gateway else ""
        if to:
            play.note("gateway", to)
        return await play.send(
            self.action, body, buyer=buyer, to=to, query=self.query, probe=self.probe, headers=headers
        )

    def _buyer(self, play: Play) -> Buyer:
        return play.other_buyer if self.second else play.stage.buyer

    async def _callback(self, play: Play, answer: SyncAnswer) -> Callback | None:
        request = answer.request
        try:
            return await self._buyer(play).next_callback(
                request.transaction_id,
                f"on_{self.action}",
                message_id=request.message_id,
                timeout=self.within or (play.stage.quiet if self.probe else play.stage.patience),
            )
        except NoCallback as nothing:
            if self.probe:
                return None
            raise Broken(f"{self.name}: {nothing}") from nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The seller's people do something to the order of the last on_confirm, and the seller app tells it unasked.

    ``tells`` is the callback that must come, empty where none may; ``refused``: the deed must not be taken (a wrong
    one-time password, or an end without one). Where nothing is to be told, a deed that was taken does not break the
    scenario off: a check judges the note. ``details`` are the deed's, ``where`` tells the callback from others of its
    action. Every deed leaves a note ``deed`` with its
    ``event``, ``taken``, ``refused`` and the ``told`` message_id of the callback.
    """

    event: str
    tells: str = "on_status"
    details: Callable[[Play], Mapping[str, Any]] = field(default=lambda _: {})
    refused: bool = False
    name: str = ""
    within: float | None = None
    after: After | None = None
    where: Wanted = field(default=lambda _: True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or self.event)

    @property
    def waits_for(self) -> str:
        """The callback that tells it, or that it is refused."""
        return self.tells or "that it is refused"

    async def take(self, play: Play) -> None:
        """Make the seller act and await what it tells."""
        confirmed = play.got("on_confirm")
        done = await act(play, self.event, self.details(play))
        if self.tells and done.taken == self.refused:
            raise Broken(f"{self.name}: the seller's side {'took' if done.taken else 'did not take'} it: {done.detail}")
        told = await self._told(play, confirmed) if self.tells else ""
        play.note("deed", {"event": self.event, "taken": done.taken, "refused": self.refused, "told": told})

    async def _told(self, play: Play, confirmed: Callback) -> str:
        try:
            callback = await play.stage.buyer.next_callback(
                confirmed.transaction_id, self.tells, timeout=self.within or play.stage.patience, where=self.where
            )
        except NoCallback as nothing:
            raise Broken(f"{self.name}: {nothing}") from nothing
        play.hear(callback, self.name)
        if self.after is not None:
            self.after(play, callback)
        return callback.message_id


async def act(play: Play, event: str, details: Mapping[str, Any] | None = None) -> Done:
    """The seller's people do something to the order of the last on_confirm. Raises ``Broken`` or ``Impossible``."""
    people = play.stage.people
    if people is None:
        raise Impossible("nobody can make the seller act: see --seller")
    confirmed = play.got("on_confirm")
    deed = Deed(
        event=event,
        bap_id=str(confirmed.context["bap_id"]),
        order_id=str(confirmed.order["id"]),
        transaction_id=confirmed.transaction_id,
        details=details or {},
    )
    try:
        return await people.act(deed)
    except NobodyActs as why:
        raise Impossible(str(why)) from why


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Wait a while in which nothing is to come; what does come is in the records, and a check judges it."""

    name: str = "listen"
    within: float | None = None

    @property
    def waits_for(self) -> str:
        """Nothing."""
        return "nothing"

    async def take(self, play: Play) -> None:
        """Wait."""
        seconds = self.within or play.stage.quiet
        await asyncio.sleep(seconds)
        play.note("silence", seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Anything else: a function over the play, such as beginning another transaction or fetching an invoice."""

    name: str
    does: Callable[[Play], Any]
    waits_for: str = ""
    within: float | None = None

    async def take(self, play: Play) -> None:
        """Call it; what it returns is awaited where it can be."""
        result = self.does(play)
        if asyncio.iscoroutine(result):
            await result


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Steps under a name, which is also the folder of its evidence: ``<name>_flow``.

    Where ``once``, it is played in the first of the plan's domains alone. ``core`` are the flows of ONDC's
    ``flows.md``, for which its reviewers ask; all others try something beyond. ``apis`` is the folder of evidence of a
    further specification, for which they ask as well (network 0.1).
    """

    name: str
    title: str
    steps: tuple[Step, ...]
    once: bool = False
    core: bool = False
    apis: str = ""
