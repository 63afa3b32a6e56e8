"""Deliveries: what waits, what came to nothing and why, and sending it again: one, or all of one kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from bpp.console.engine.reasons import detail_of, reason_key, reason_words
from bpp.console.engine.units import STATES, TOLD, state_look
from bpp.console.page import Done, Form, Visit
from bpp.core.world import World
from bpp.operator.deliveries import LARGEST, RETRIABLE, retry, send_again, serial
from bpp.operator.problems import ApiProblem, not_found
from bpp.operator.routes import Query
from bpp.storage.ports import Attempt, CallbackState, Work
from bpp.storage.ports_traffic import Sent, SentFilter

PAGE = 50
GROUPED = 1_000
"""Failed callbacks of each kind that are looked at for the groups, the newest."""
AT_ONCE = 50
"""Callbacks that one click sends again: the rest waits for the next, so that messages need not."""
FAILED: tuple[CallbackState, ...] = ("refused", "given_up")


class DeliveriesQuery(Query):
    """Which callbacks; and how many the last click sent again, did not, and left."""

    state: CallbackState | None = None
    peer: str | None = Field(default=None, max_length=255)
    before: int | None = Field(default=None, ge=1, le=LARGEST)
    again: int | None = None
    kept: int | None = None
    left: int | None = None


class RetryKind(Form):
    """All that a buyer app did not take for one reason."""

    peer: str = Field(max_length=255)
    why: str = Field(max_length=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Callbacks of one peer that came to nothing for one reason. ``more``: there may be older ones."""

    peer: str
    why: str
    words: str
    count: int
    newest: Sent


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt with its reason in words."""

    attempt: Attempt
    words: str
    detail: str


async def read_deliveries(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Callbacks that fit, newest first, and those that came to nothing by buyer app and reason."""
    query: DeliveriesQuery = visit.query
    which = SentFilter(state=query.state, peer=query.peer, before=query.before, limit=PAGE + 1)
    found = await work.traffic.sent(which)
    page = found[:PAGE]
    return {
        "items": page,
        "next": page[-1].seq if len(found) > len(page) else None,
        "query": query,
        "groups": list(groups(await _failed(query.peer, work))),
        "grouped": GROUPED,
        "at_once": AT_ONCE,
        "states": [(name, words) for name, (words, _) in STATES.items()],
        "through": which.through,
        "now": world.now,
        **SHOWN,
    }


async def read_delivery(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One callback with every attempt."""
    (sent,) = await work.traffic.sent_of([_number(visit)], ()) or (None,)
    if sent is None:
        raise not_found("delivery", visit.path["id"])
    tried = await work.outbox.attempts(sent.seq)
    under_way = sent.leased_until is not None and sent.leased_until > world.now
    return {
        "one": sent,
        "tried": [Tried(one, reason_words(reason_key(one)), detail_of(one)) for one in tried],
        "may_retry": sent.state in RETRIABLE and not (sent.state == "pending" and under_way),
        "under_way": under_way,
        "now": world.now,
        **SHOWN,
    }


async def retry_one(visit: Visit, work: Work, world: World) -> Done:
    """Send one callback again."""
    answer = await retry(visit.call(), work, world)
    return Done(to=f"/console/engine/deliveries/{visit.path['id']}", released=answer.released)


async def retry_kind(visit: Visit, work: Work, world: World) -> Done:
    """Send again what one buyer app did not take for one reason: the oldest first, each once, so many at a click."""
    form: RetryKind = visit.form
    same = [one for one in await _failed(form.peer, work) if reason_key(one.last) == form.why]
    chosen = sorted(same, key=lambda one: one.seq)[:AT_ONCE]
    released = []
    for one in chosen:
        callback = await work.outbox.get(one.seq)
        assert callback is not None  # noqa: S101  its row was read in this unit
        try:
            await send_again(callback, work, world)
        except ApiProblem:  # erased meanwhile, or under way with another before it
            continue
        released.append(one.seq)
    told = {"again": len(released), "kept": len(chosen) - len(released), "left": len(same) - len(chosen)}
    query = "&".join(f"{name}={count}" for name, count in told.items())
    return Done(to=f"/console/engine/deliveries?{query}", released=tuple(released))


def groups(failed: Sequence[Sent]) -> Iterator[Group]:
    """What came to nothing by buyer app and reason, the most first."""
    key_of = {one.seq: (one.peer, reason_key(one.last)) for one in failed}
    newest: dict[tuple[str, str], Sent] = {}
    for one in sorted(failed, key=lambda one: one.seq):
        newest[key_of[one.seq]] = one
    for key, count in Counter(key_of.values()).most_common():
        yield Group(peer=key[0], why=key[1], words=reason_words(key[1]), count=count, newest=newest[key])


async def _failed(peer: str | None, work: Work) -> Sequence[Sent]:
    found = [await work.traffic.sent(SentFilter(state=state, peer=peer, limit=GROUPED)) for state in FAILED]
    return [one for some in found for one in some]


def _number(visit: Visit) -> int:
    return serial(visit.path["id"])


def reason_of(one: Sent) -> str:
    """Why a callback is where it is, in words."""
    return reason_words(reason_key(one.last))


SHOWN: Mapping[str, Any] = {**TOLD, "reason_of": reason_of, "state_look": state_look}
"""What templates of callbacks call."""
