"""One scenario while it is played: who takes part, what was said so far, what was chosen.

Steps read and change a ``Play``; when it is over, ``flow`` tells it as checks read it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bpp.conformance.plan import Plan, Wishes
from bpp.conformance.record import Flow
from bpp.conformance.seller import SellersPeople
from bpp.conformance.tape import Recorder, Tape
from bpp.sandbox.buyer import Buyer, HeaderValue
from bpp.sandbox.complaints import Complaint
from bpp.sandbox.exchange import TO_AGENCY, Callback, Json, SyncAnswer
from bpp.sandbox.journey import following, search_context
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import Offer

BUDGET = 5.0
"""Seconds from a request to its callback that the network's reviewers look for (network 5)."""
PATIENCE = 30.0
"""Seconds after which a callback is given up: a message's ttl."""
FAMILIES = frozenset({"issue", "on_issue", "on_issue_status", "recon", "on_recon", *TO_AGENCY})
"""Messages beside the order's own, with contexts of their own: grievances and settlement."""


class Broken(Exception):
    """The scenario cannot go on; the text says which step waited for what, and what came."""


class Impossible(Exception):
    """The scenario cannot be played with this seller or in this run; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What all scenarios of a run share.

    ``agency`` is the settlement agency that the seller app files with, None where none takes part. ``gateway`` is where
    searches go, empty for the seller itself. ``people`` is None where nobody can make the seller
    act. ``budget``, ``patience`` and ``quiet`` are in seconds; ``quiet`` is how long silence is listened to,
    ``longest_wait`` what may be waited for something to lapse.
    """

    buyer: Buyer
    second_buyer: Buyer | None
    tape: Tape
    plan: Plan
    people: SellersPeople | None = None
    agency: Buyer | None = None
    gateway: str = ""
    customer: Customer = field(default_factory=Customer)
    budget: float = BUDGET
    patience: float = PATIENCE
    quiet: float = 1.5
    longest_wait: float = 0.0


@dataclass(kw_only=True)
class Play:
    """A scenario under way in one domain. ``offer``, ``start`` and ``choices`` are what was chosen so far."""

    stage: Stage
    domain: str
    transaction_id: str = ""
    offers: tuple[Offer, ...] = ()
    offer: Offer | None = None
    start: datetime | None = None
    choices: Mapping[str, int] = field(default_factory=dict)
    heard: dict[str, Callback] = field(default_factory=dict)
    """The last callback of each action, and those that a step kept under a name of its own."""
    recorder: Recorder = field(init=False)
    rival: Play | None = field(default=None, repr=False)
    complaint: Complaint | None = field(default=None, repr=False)
    """The complaint of this transaction, either side's."""

    def __post_init__(self) -> None:
        self.recorder = self.stage.tape.recorder()
        self.anew()

    @property
    def wishes(self) -> Wishes:
        """What the plan wants in this domain. Raises ``Impossible``."""
        if self.domain not in self.stage.plan.domains:
            raise Impossible(f"the plan names nothing for {self.domain}")
        return self.stage.plan.domains[self.domain]

    @property
    def wanted(self) -> Offer:
        """The chosen offer. Raises ``Broken`` before there is one."""
        if self.offer is None:
            raise Broken("nothing was chosen yet")
        return self.offer

    @property
    def last(self) -> Callback:
        """The callback that came last in this transaction. Raises ``Broken`` where none did."""
        if not self.heard:
            raise Broken("nothing came yet")
        return list(self.heard.values())[-1]

    @property
    def grievance(self) -> Complaint:
        """The complaint. Raises ``Broken`` before there is one."""
        if self.complaint is None:
            raise Broken("nobody complained yet")
        return self.complaint

    @property
    def begins(self) -> datetime:
        """The chosen start. Raises ``Impossible`` where there is none."""
        if self.start is None:
            raise Impossible("no time is free")
        return self.start

    @property
    def other_buyer(self) -> Buyer:
        """The second buyer app. Raises ``Impossible`` where there is none."""
        if self.stage.second_buyer is None:
            raise Impossible("a second buyer app is needed")
        return self.stage.second_buyer

    @property
    def agency(self) -> Buyer:
        """The settlement agency. Raises ``Impossible`` where none takes part."""
        if self.stage.agency is None:
            raise Impossible("a settlement agency is needed, with which the seller app files")
        return self.stage.agency

    def anew(self) -> None:
        """Begin another transaction; what was heard in the one before is forgotten."""
        self.transaction_id = self.stage.buyer.new_id()
        self.recorder.begin(self.transaction_id)
        self.heard = {}
        self.complaint = None

    def beside(self) -> Play:
        """The play of the second buyer app in the same flow, in a transaction of its own; and the first, seen from it.

        It begins with what this one has chosen by then. Raises ``Impossible``.
        """
        if self.rival is None:
            other = self.other_buyer
            self.rival = copy.copy(self)
            self.rival.stage = replace(self.stage, buyer=other, second_buyer=self.stage.buyer)
            self.rival.rival = self
            self.rival.anew()
        return self.rival

    def hear(self, callback: Callback, *names: str) -> None:
        """Remember a callback under its action and these names, as the last one."""
        for name in (*filter(None, names), callback.action):
            self.heard.pop(name, None)
            self.heard[name] = callback

    def got(self, name: str) -> Callback:
        """A callback that came before. Raises ``Broken``."""
        if name not in self.heard:
            raise Broken(f"there was no {name}")
        return self.heard[name]

    def envelope(self, action: str, message: Json, *, buyer: Buyer | None = None, **ids: Any) -> Json:
        """Context and message in this transaction, to the seller that answered before."""
        context = search_context(self.stage.plan.place, self.domain)
        if action != "search" and self.heard:
            heard = [one for one in self.heard.values() if one.action not in FAMILIES]
            context = following(heard[-1] if heard else self.last)
        fields = {"transaction_id": self.transaction_id} | ids
        return (buyer or self.stage.buyer).envelope(action, message, context=context, **fields)

    async def send(
        self,
        action: str,
        body: bytes,
        *,
        buyer: Buyer | None = None,
        to: str = "",
        query: str = "",
        probe: str = "",
        headers: Mapping[str, HeaderValue] | None = None,
    ) -> SyncAnswer:
        """Send exactly these bytes and record them with their synchronous answer. Raises ``Unreachable``."""
        answer = await (buyer or self.stage.buyer).post(action, body, to=to, query=query, headers=headers)
        self.recorder.sent(answer, probe)
        return answer

    def note(self, kind: str, value: Any) -> None:
        """Remember something that was seen beside the messages, now."""
        self.recorder.note(kind, value)

    def flow(self, name: str, *, ended: str = "", not_played: str = "") -> Flow:
        """What was said so far, as checks read it."""
        flow = self.recorder.flow(name, self.domain, budget=self.stage.budget)
        return replace(flow, ended=ended, not_played=not_played)
