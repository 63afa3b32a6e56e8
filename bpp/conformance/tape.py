"""Everything that buyer apps sent and received in a run, sorted into the flows it belongs to.

Order is by our own clock, never by ``context.timestamp``: that is what the seller says, and is checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from bpp.conformance.record import Flow, Note, Record, Reply
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Answer, Callback, SyncAnswer, parsed


@dataclass(frozen=True, slots=True)
class _Sent:
    answer: SyncAnswer
    probe: str


MOST_CALLBACKS = 500
"""Callbacks of one flow that are judged: ten times what the longest one brings. A seller that sends more floods it."""


class Tape:
    """The messages of all buyer apps of a run. ``most`` is how many callbacks of one flow are judged."""

    def __init__(self, buyers: Sequence[Buyer], *, most: int = MOST_CALLBACKS) -> None:
        self._buyers = tuple(buyers)
        self.most = most
        self._owners: dict[str, Recorder] = {}
        self.began = asyncio.get_running_loop().time()

    def recorder(self) -> Recorder:
        """A recorder for one more flow."""
        return Recorder(self)

    def own(self, transaction_id: str, recorder: Recorder) -> None:
        """Messages of this transaction belong to the recorder's flow."""
        self._owners[transaction_id] = recorder

    @property
    def full(self) -> bool:
        """Whether a buyer app takes nothing in any more."""
        return any(one.full for one in self._buyers)

    def arrived(self, recorder: Recorder, since: float, until: float) -> Iterator[Callback]:
        """The callbacks of a flow: those of its transactions, whenever they came, and strays of its time.

        A stray belongs to no transaction that was ever begun.
        """
        for buyer in self._buyers:
            for one in buyer.callbacks:
                owner = self._owners.get(one.transaction_id)
                if owner is recorder or (owner is None and since <= one.arrived <= until):
                    yield one


class Recorder:
    """What belongs to one flow."""

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._sent: list[_Sent] = []
        self._notes: list[tuple[float, str, Any]] = []
        self._began = asyncio.get_running_loop().time()
        self._over: float | None = None

    def begin(self, transaction_id: str) -> None:
        """A transaction of this flow begins."""
        self._tape.own(transaction_id, self)

    def sent(self, answer: SyncAnswer, probe: str = "") -> None:
        """A request went out and was answered at once; ``probe`` names what it tries."""
        self._sent.append(_Sent(answer, probe))

    def note(self, kind: str, value: Any) -> None:
        """Something was seen beside the messages, now."""
        self._notes.append((asyncio.get_running_loop().time(), kind, value))

    def end(self) -> None:
        """The flow is over: strays of later belong to another one."""
        self._over = asyncio.get_running_loop().time()

    @property
    def flooded(self) -> bool:
        """Whether more came than is judged, or taken in."""
        return self._tape.full or len(self._arrived(self._tape.most + 1)) > self._tape.most

    def flow(self, name: str, domain: str, *, budget: float) -> Flow:
        """What was said until now; what still comes in these transactions is told by the next call."""
        timed = [(one.answer.left, self._request(one)) for one in self._sent]
        timed += [(one.arrived, self._callback(one)) for one in self._arrived(self._tape.most)]
        timed.sort(key=lambda one: one[0])
        records = tuple(replace(record, number=number) for number, (_, record) in enumerate(timed, 1))
        notes = tuple(
            Note(kind=kind, after=sum(moment <= when for moment, _ in timed), value=value)
            for when, kind, value in self._notes
        )
        return Flow(name=name, domain=domain, records=records, notes=notes, live=True, budget=budget)

    def _arrived(self, most: int) -> list[Callback]:
        """The first callbacks of this flow."""
        over = self._over or asyncio.get_running_loop().time()
        return list(islice(self._tape.arrived(self, self._began, over), most))

    def _request(self, one: _Sent) -> Record:
        sent = one.answer.request
        return Record(
            number=0,
            sent=True,
            action=sent.action,
            document=sent.document,
            body=sent.body,
            url=sent.url,
            headers=sent.headers,
            at=sent.at,
            elapsed=one.answer.left - self._tape.began,
            reply=Reply(
                status=one.answer.status,
                document=one.answer.document,
                headers=one.answer.headers,
                elapsed=one.answer.arrived - self._tape.began,
            ),
            probe=one.probe,
        )

    def _callback(self, one: Callback) -> Record:
        return Record(
            number=0,
            sent=False,
            action=one.action,
            document=one.document,
            body=one.body,
            url=one.url,
            headers=one.headers,
            at=one.at,
            elapsed=one.arrived - self._tape.began,
            problem=one.problem,
            reply=_given(one.answer),
        )


def _given(answer: Answer) -> Reply | None:
    if answer.hangs or answer.drops:
        return None
    return Reply(status=answer.status, document=parsed(answer.body), headers=answer.headers, elapsed=None)
