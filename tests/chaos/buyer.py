"""A buyer app that follows the protocol, answers as it is told to, and remembers everything that it sent and received.

As a sensible buyer app does, it repeats a request, byte for byte and signed anew, when no answer came or the answer was
"please try again", and later when the callback does not come. Some of its requests it lets be after the first failure,
and some it repeats although they were acknowledged: both happen, and both tell the reconciler something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Self
from uuid import UUID

import orjson

from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from beckn_schemas.registry import Role
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.identities import BPP, Participant
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import Offer
from bpp.sandbox.places import Place
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.keys import EncryptionKey, SigningKey, encode_public_key, load_signing_public_key
from signing.signature import check_window, digest, sign, verify
from tests.chaos.conduct import ACKED, UNBELIEVED, answer_to
from tests.chaos.recording import Asked, Recording, Told, Try, nack_code, shown_in
from tests.chaos.wire import Client, Conduct, NoAnswer, Request, Sink

BPP_KEY = load_signing_public_key(encode_public_key(BPP.key))
SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a buyer app behaves. Times in seconds; the others are chances.

    ``patience`` is how long a callback is awaited before the request is repeated; ``skew`` how far the seller's clock
    may be off.
    """

    badly: float = 0.1
    lets_be: float = 0.02
    repeats: float = 0.03
    patience: float = 15.0
    answer_within: float = 10.0
    longest_pause: float = 1.0
    tries: int = 40
    rounds: int = 3
    skew: timedelta = SKEW


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that was taken, or finally refused (then nothing follows from it)."""

    told: Told
    document: Json

    @property
    def order(self) -> Json:
        """``message.order``, empty where there is none."""
        return part(part(self.document, "message"), "order")


def participant(number: int) -> Participant:
    """A buyer app with keys of its own, which everybody may know: they are its number."""
    secret = number.to_bytes(32, "big")
    return Participant(
        subscriber_id=f"buyer-{number}.chaos.example",
        unique_key_id=f"chaos-{number}",
        role=Role.BAP,
        url="",
        key=SigningKey(secret),
        encryption_key=EncryptionKey(secret),
    )


@dataclass(kw_only=True)
class Buyer:
    """An async context manager. ``bpp_ports`` are where the seller app is: one, but for several machines."""

    participant: Participant
    bpp_ports: Sequence[int]
    seed: str
    recording: Recording
    habits: Habits = field(default_factory=Habits)
    place: Place

    def __post_init__(self) -> None:
        self.sink = Sink(self._receive)
        self.client = Client(*self.bpp_ports)
        self.last: dict[str, Callback] = {}
        """The newest callback with an order, by transaction."""
        self.told_of: dict[str, asyncio.Event] = {}
        """Set at each further callback of a transaction."""
        self.before_answering: Callable[[], None] | None = None
        """What happens once, between the arrival of a callback and its answer."""
        self.behaves = False
        """Whether it answers everything well, as it does once the faults are over."""
        self.offers: list[Offer] = []
        """What its customers found last, whoever of them searched; ``looking`` is for one at a time."""
        self.looking = asyncio.Lock()
        self._rng = Random(f"{self.seed} {self.bap_id}")
        self._waiting: dict[tuple[str, str], asyncio.Future[Callback]] = {}
        self._arrivals: dict[tuple[str, str], int] = {}

    @property
    def bap_id(self) -> str:
        """Its subscriber_id."""
        return self.participant.subscriber_id

    async def __aenter__(self) -> Self:
        await self.sink.listen()
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.sink.close()
        self.client.close()

    async def be_down(self, seconds: float) -> None:
        """Nobody listens for a while."""
        self.sink.close()
        await asyncio.sleep(seconds)
        await self.sink.listen()

    def new_id(self) -> str:
        """An id that is the same in each run of the same seed, as long as what happened before it is the same."""
        return str(UUID(int=self._rng.getrandbits(128), version=4))

    def chance(self, probability: float) -> bool:
        """Whether it happens this time."""
        return self._rng.random() < probability

    async def ask(
        self, action: str, message: Json, *, transaction_id: str, context: Mapping[str, Any] | None = None
    ) -> Callback | None:
        """Send a request and await its callback, as often as a sensible buyer app would.

        None where it was refused, was never taken in, or had no callback however often it was repeated.
        """
        asked = Asked(
            bap_id=self.bap_id,
            action=action,
            transaction_id=transaction_id,
            message_id=self.new_id(),
            order_id=str(part(message, "order").get("id") or message.get("order_id") or ""),
        )
        self.recording.asked.append(asked)
        body = orjson.dumps(self._envelope(asked, message, context or {}))
        key = (f"on_{action}", asked.message_id)
        waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        lets_be, repeats = self.chance(self.habits.lets_be), self.chance(self.habits.repeats)
        try:
            for _ in range(self.habits.rounds):
                if not await self._taken_in(asked, body, lets_be=lets_be):
                    return None
                if repeats:
                    repeats = False
                    await self._try(asked, body)
                try:
                    return await asyncio.wait_for(asyncio.shield(waiting), self.habits.patience)
                except TimeoutError:
                    continue
            return None
        finally:
            del self._waiting[key]

    def _envelope(self, asked: Asked, message: Json, context: Mapping[str, Any]) -> Json:
        return {
            "context": {
                "domain": "ONDC:SRV11",
                "location": {"city": {"code": self.place.std}, "country": {"code": "IND"}},
                "action": asked.action,
                "version": CORE_VERSION,
                "timestamp": wire_time(datetime.now(UTC)),
                "ttl": DEFAULT_TTL,
                "bap_id": self.bap_id,
                "bap_uri": self.sink.url,
                "bpp_id": BPP.subscriber_id,
                "bpp_uri": f"http://127.0.0.1:{self.bpp_ports[0]}",
                "transaction_id": asked.transaction_id,
                "message_id": asked.message_id,
                **context,
            },
            "message": message,
        }

    async def _taken_in(self, asked: Asked, body: bytes, *, lets_be: bool) -> bool:
        """Until it is acknowledged or refused; False where it is not, or is let be."""
        pause = 0.1
        for _ in range(self.habits.tries):
            one = await self._try(asked, body)
            if not one.open:
                return one.acked
            if lets_be:
                return False
            await asyncio.sleep(pause * (0.5 + self._rng.random()))
            pause = min(2 * pause, self.habits.longest_pause)
        return False

    async def _try(self, asked: Asked, body: bytes) -> Try:
        now = asyncio.get_running_loop().time
        left = now()
        signature = sign(body, self.participant.key, self.participant.key_id, datetime.now(UTC))
        headers = ("Content-Type: application/json", f"Authorization: {signature}")
        try:
            status, answer = await self.client.send(
                "POST", f"/{asked.action}", body, *headers, patience=self.habits.answer_within
            )
            one = Try(left, now(), status, nack_code(answer))
        except NoAnswer:
            one = Try(left, now(), 0)
        except asyncio.CancelledError:  # the run is over; what was sent was sent
            asked.tries.append(Try(left, now(), 0))
            raise
        asked.tries.append(one)
        return one

    def _receive(self, request: Request) -> Conduct:
        if (happens := self.before_answering) is not None:
            self.before_answering = None
            happens()
        action = request.path.rsplit("/", 1)[-1]
        document = orjson.loads(request.body)
        context = document["context"]
        message_id, transaction_id = context["message_id"], context["transaction_id"]
        problem = self._problem(request)
        key = (action, message_id)
        arrival = self._arrivals[key] = self._arrivals.get(key, 0) + 1
        answer = UNBELIEVED if problem else ACKED
        if not problem and not self.behaves:
            rng = Random(f"{self.seed} {action} {message_id} {arrival}")
            answer = answer_to(rng, self.habits.badly, arrival)
        told = Told(
            number=len(self.recording.told),
            at=asyncio.get_running_loop().time(),
            bap_id=self.bap_id,
            action=action,
            transaction_id=transaction_id,
            message_id=message_id,
            digest=digest(request.body),
            problem=problem,
            answer=answer.conduct.name,
            taken=answer.taken,
            error_code=str(part(document, "error").get("code", "")),
            shown=shown_in(document),
        )
        self.recording.told.append(told)
        if answer.taken != "again":
            self._notice(Callback(told, document))
        return answer.conduct

    def _notice(self, callback: Callback) -> None:
        told = callback.told
        if told.shown is not None and told.taken == "acked":
            self.last[told.transaction_id] = callback
        waiting = self._waiting.get((told.action, told.message_id))
        if waiting is not None and not waiting.done():
            waiting.set_result(callback)
        event = self.told_of.get(told.transaction_id)
        if event is not None:
            event.set()

    def _problem(self, request: Request) -> str:
        try:
            header = SignatureHeader.parse(request.authorization)
            verify(header, request.body, BPP_KEY)
            if self.habits.skew == SKEW:  # else the seller's clock is moved, and the buyer app knows
                check_window(header, datetime.now(UTC), SKEW)
        except SignatureError as problem:
            return problem.reason
        return "" if header.key_id == BPP.key_id else "signer"
