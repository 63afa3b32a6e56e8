"""What buyers and the seller's people remember of a run: facts only, in the order in which they happened to them.

Times are seconds of the event loop's clock, one for the whole run. Bodies are kept as digests, callbacks besides as
what they showed, so that a hundred thousand orders fit into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import orjson

from bpp.sandbox import offers
from bpp.sandbox.exchange import part

Taken = Literal["acked", "again", "refused"]
"""What a buyer's answer asks of the seller: nothing more; the same once more; never this again."""


@dataclass(frozen=True, slots=True)
class Try:
    """One sending of a request. ``status`` 0: no answer came, or not a whole one. ``code`` is that of a NACK."""

    left: float
    came: float
    status: int
    code: str = ""

    @property
    def acked(self) -> bool:
        """Whether it was taken in."""
        return self.status == 200 and not self.code

    @property
    def open(self) -> bool:
        """Whether it may have been done or not: no answer, or "please try again"."""
        return self.status in (0, 503) or self.code == "31001"


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request with every try; each try sent the same bytes."""

    bap_id: str
    action: str
    transaction_id: str
    message_id: str
    order_id: str = ""
    tries: list[Try] = field(default_factory=list)

    @property
    def acked(self) -> bool:
        """Whether any try was taken in."""
        return any(one.acked for one in self.tries)

    @property
    def open(self) -> bool:
        """Whether it was never taken in for certain, and may have been all the same."""
        return not self.acked and any(one.open for one in self.tries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An order as a callback showed it. ``start`` and ``end`` are of the first visit's slot."""

    order_id: str
    provider_id: str
    status: str
    state: str
    updated_at: str
    worker: str
    start: datetime | None
    end: datetime | None
    total: str

    @property
    def worker_id(self) -> str:
        """The id of whoever comes: the last word of the name, by ``ground.a_catalog``."""
        return self.worker.rpartition(" ")[2]

    @property
    def live(self) -> bool:
        """Whether somebody's time is taken by it."""
        return self.status != "CANCELLED" and bool(self.worker) and self.start is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One arrival of a callback. ``problem`` says why its signature did not hold, ``answer`` what the buyer said."""

    number: int
    at: float
    bap_id: str
    action: str
    transaction_id: str
    message_id: str
    digest: str
    problem: str
    answer: str
    taken: Taken
    error_code: str = ""
    shown: Shown | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies a callback: whoever it is for, its action, its message_id."""
        return self.bap_id, self.action, self.message_id


@dataclass(slots=True, kw_only=True)
class Deed:
    """What the seller's people did, under one Idempotency-Key, with every try."""

    tries: list[Try] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether the server said that it was done."""
        return any(one.status == 200 for one in self.tries)

    @property
    def open(self) -> bool:
        """Whether nobody knows what became of it."""
        return not self.done and all(one.open for one in self.tries)

    @property
    def left(self) -> float:
        """From when on it may have been done."""
        return self.tries[0].left

    @property
    def came(self) -> float:
        """When it was known to be done; never, where nobody knows."""
        return next((one.came for one in self.tries if one.status == 200), float("inf"))


@dataclass(slots=True, kw_only=True)
class Act(Deed):
    """An event of one order. ``worker_id`` is who goes after it, as the server said; empty for nobody."""

    bap_id: str
    order_id: str
    event: str
    worker_id: str = ""


@dataclass(slots=True, kw_only=True)
class Relief(Deed):
    """All visits of a worker were to go to others. ``now`` says who goes instead, by the orders' references."""

    worker_id: str
    now: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that was done to the program or its surroundings; ``recovered`` is in seconds until
    a request was ACKed after its beginning, ``place`` the line of the program at which it struck.
    """

    kind: str
    began: float
    ended: float = 0.0
    recovered: float = 0.0
    kills: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """An operator wished to have a callback of a transaction sent now; asked at ``left``, answered at ``came``."""

    left: float
    came: float
    bap_id: str
    transaction_id: str


@dataclass(slots=True, kw_only=True)
class Recording:
    """Everything that was remembered."""

    asked: list[Asked] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    reliefs: list[Relief] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)


def shown_in(document: Any) -> Shown | None:
    """The order that a callback shows, if it shows one that was made."""
    order = part(part(document, "message"), "order")
    if not order.get("id"):
        return None
    slot = offers.window(order)
    return Shown(
        order_id=str(order["id"]),
        provider_id=str(part(order, "provider").get("id", "")),
        status=str(order.get("status", "")).upper(),
        state=offers.state(order),
        updated_at=str(order.get("updated_at", "")),
        worker=offers.worker(order),
        start=slot[0] if slot else None,
        end=slot[1] if slot else None,
        total=str(part(part(order, "quote"), "price").get("value", "")),
    )


def nack_code(body: bytes) -> str:
    """The code of a synchronous answer that is not an ACK; empty for an ACK."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "unreadable"
    said = part(part(document, "message"), "ack").get("status")
    return "" if said == "ACK" else str(part(document, "error").get("code", "none"))


Clock = Callable[[], float]
