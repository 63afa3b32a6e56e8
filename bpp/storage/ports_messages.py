"""What the rest of the program knows of stored messages and callbacks. Seen through ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

Json = Mapping[str, Any]
CallbackState = Literal["pending", "delivered", "refused", "given_up", "superseded"]
CallbackKind = Literal["pre_order", "confirm", "state", "poll"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKey:
    """What identifies an inbound message (decision 4)."""

    bap_id: str
    transaction_id: str
    message_id: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An acknowledged message: the digest of its body and the callback that answered it, if any yet."""

    digest: str
    callback_seq: int | None


class Versions(NamedTuple):
    """What stands beside a unit's decisions and moves with every change; 0 for what was never there."""

    catalog: int
    ratings: int
    rates: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What every unit that takes in a message must know first, read in one go.

    ``seen``: what became of it when it was acknowledged before. ``failing``: its sender is taken for one that fails.
    ``search``: for a select the newest search of its transaction, as it came, if there is one that was not erased.
    """

    versions: Versions
    seen: Seen | None = None
    failing: bool = False
    search: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An attempt that counted; ``failing``: the callback's peer is taken for one that fails."""

    failing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One message with its synchronous answer, for the append-only log (decision 25).

    Of a body that is not ``body_kept``, because a stranger sent it or it is kept already, only the digest is stored.
    ``digest`` is the body's where it is known, else it is worked out.
    """

    at: datetime
    direction: Literal["in", "out"]
    peer: str
    action: str
    transaction_id: str
    message_id: str
    body: bytes
    answer: bytes
    http_status: int | None
    outcome: str
    reason: str = ""
    signature: str = ""
    order_ref: str = ""
    body_kept: bool = True
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCallback:
    """A callback to store: its final bytes and when it is first due.

    The delivery lane is (bap_id, transaction_id): one at a time, in order. One ``beside`` it waits for none of them and
    is waited for by none: it tells of nothing that changed. ``give_up_at`` ends the tries. ``digest`` is the network's
    of the body (base64 of its BLAKE2b) where it is known already, else empty.
    """

    kind: CallbackKind
    action: str
    peer: str
    transaction_id: str
    message_id: str
    url: str
    body: bytes
    order_ref: str
    created_at: datetime
    due_at: datetime
    give_up_at: datetime
    beside: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(NewCallback):
    """A stored callback."""

    seq: int
    state: CallbackState
    attempts: int
    leased_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver a callback: what came back, in words and as an HTTP status."""

    at: datetime
    number: int
    outcome: str
    http_status: int | None
    code: str
    signature: str


FIRST_TOLD, LAST_TOLD = 100, 400
"""Messages that are told of one transaction, callbacks of one order: a buyer app may ask for a status for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The log of one transaction in order, without bodies: its first messages and its last, where there are many.

    ``left_out`` stand between the ``FIRST_TOLD`` first and the rest.
    """

    rows: Sequence[Json] = ()
    left_out: int = 0


class MessageStore(Protocol):
    """What came in, what was answered, and the append-only log of both directions."""

    async def arrival(self, key: MessageKey) -> Arrival: ...
    async def accept(self, key: MessageKey, digest: str, at: datetime, callback_seq: int | None = ...) -> None: ...
    async def answered_by(self, key: MessageKey, callback_seq: int) -> None: ...
    async def log(self, entry: LogEntry) -> None: ...
    async def of_transaction(self, bap_id: str, transaction_id: str) -> Transcript: ...
    async def logged(self, seq: int) -> Json | None: ...
    async def bodies(self, digests: Collection[str]) -> Mapping[str, bytes]: ...


class Outbox(Protocol):
    """Callbacks on their way, and how each peer fares."""

    async def enqueue(self, callback: NewCallback) -> int: ...
    async def again(self, seq: int, due_at: datetime, give_up_at: datetime) -> bool: ...
    async def claim(
        self,
        now: datetime,
        lease: timedelta,
        limit: int,
        released: Collection[int],
        busy_peers: Collection[str],
        *,
        due: bool = ...,
        under_way: Collection[int] = ...,
    ) -> Sequence[Callback]: ...
    async def settle(
        self, seq: int, state: CallbackState, due_at: datetime | None, attempt: Attempt
    ) -> Settled | None: ...
    async def next_due(self, now: datetime) -> datetime | None: ...
    async def retrying(self, order_ref: str, action: str) -> bool: ...
    async def peer_failed(self, peer: str, at: datetime, not_before: datetime) -> None: ...
    async def peer_failing_since(self, peer: str) -> datetime | None: ...
    async def peer_well(self, peer: str) -> None: ...
    async def find(self, state: str | None, after: int | None, limit: int) -> Sequence[Callback]: ...
    async def get(self, seq: int) -> Callback | None: ...
    async def of_order(self, order_ref: str) -> Sequence[Callback]: ...
    async def attempts(self, seq: int) -> Sequence[Attempt]: ...
    async def counts(self) -> Mapping[str, int]: ...
