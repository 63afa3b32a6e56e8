"""A row of the table of faults: which check must find it, in which scenario, and what the seller does wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from beckn_schemas.ack import ack, nack
from tests.conformance.faulty_seller import Honest, Incoming, Outgoing, Reply, Story
from tests.support.json_edit import edited

Json = dict[str, Any]
ACK: Json = {"message": {"ack": {"status": "ACK"}}}
Change = Callable[[Json, Story], Json | None]


@dataclass(frozen=True, kw_only=True)
class Planted:
    """``check`` finds it where ``scenario`` is played in ``domain``. ``name`` says what the seller does wrong.

    ``budget`` is how many seconds a callback may take, where that matters; ``patience`` after how many it is given up,
    where the fault lets nothing come. ``settings`` of the seller's server are by their environment names,
    ``longest_wait`` is how many seconds may be waited for something of it to lapse.
    """

    name: str
    check: str
    seller: Honest
    scenario: str = "service_completion"
    domain: str = "ONDC:SRV11"
    budget: float | None = None
    patience: float | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    longest_wait: float = 0.0

    @property
    def id(self) -> str:
        """The test's name."""
        return f"{self.check}-{self.name}".replace(" ", "_")


class Changes(Honest):
    """Changes callbacks of some actions before they leave; a change that returns None keeps the callback back.

    ``where`` says which of them, by the order's first state or anything else of the document.
    """

    def __init__(self, action: str, change: Change, where: Callable[[Json], bool] = lambda _: True) -> None:
        self._action = action
        self._change = change
        self._where = where

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The changed callback, or none."""
        if document["context"]["action"] != self._action or not self._where(document):
            return [Outgoing(document)]
        changed = self._change(document, story)
        return [] if changed is None else [Outgoing(changed)]


class Acks(Honest):
    """Acknowledges requests that it must refuse; nothing else comes of them."""

    def __init__(self, where: Callable[[Incoming], bool]) -> None:
        self._where = where

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK to those, and only those."""
        return Reply(200, ack()) if self._where(incoming) else incoming


class Answers(Honest):
    """Changes the synchronous answers to some requests; ``where`` says which, by request and answer."""

    def __init__(self, change: Callable[[Reply], Reply], where: Callable[[Json, Reply], bool]) -> None:
        self._change = change
        self._where = where

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """The changed answer."""
        return self._change(reply) if self._where(request, reply) else reply


class Refuses(Honest):
    """Refuses requests that it must take."""

    def __init__(self, where: Callable[[Incoming], bool]) -> None:
        self._where = where

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """NACK to those, and only those."""
        return Reply(200, nack("30000")) if self._where(incoming) else incoming


class Sends(Honest):
    """Sends some callbacks in another way: later, elsewhere, under other headers. ``where`` says which."""

    def __init__(self, where: Callable[[Json], bool], **how: Any) -> None:
        self._where = where
        self._how = how

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The callback, sent so."""
        return [Outgoing(document, **self._how) if self._where(document) else Outgoing(document)]


def says(path: str, value: Any) -> Change:
    """Another value at a JSON path, or nothing there (``json_edit.DELETE``)."""
    return lambda document, _: edited(document, path, value)


def in_state(code: str) -> Callable[[Json], bool]:
    """Whether the first fulfillment of a callback is in this state."""

    def fits(document: Json) -> bool:
        visits = document.get("message", {}).get("order", {}).get("fulfillments") or [{}]
        return bool(visits[0].get("state", {}).get("descriptor", {}).get("code") == code)

    return fits


def error_says(**values: Any) -> Callable[[Reply], Reply]:
    """Another error in a NACK; None takes a key out."""

    def change(reply: Reply) -> Reply:
        error = {key: value for key, value in (reply.document["error"] | values).items() if value is not None}
        return replace(reply, document={**reply.document, "error": error})

    return change


def answered(
    name: str,
    check: str,
    change: Callable[[Reply], Reply],
    where: Callable[[Json, Reply], bool],
    scenario: str,
    **more: Any,
) -> Planted:
    """A row: another synchronous answer."""
    return Planted(name=name, check=check, seller=Answers(change, where), scenario=scenario, **more)


def context_says(path: str, fits: Callable[[Any], bool]) -> Callable[[Incoming], bool]:
    """Whether a key of a request's context, None where it is absent, fits."""
    return lambda incoming: fits(incoming.document.get("context", {}).get(path))


class NeverRefuses(Honest):
    """Acknowledges what the real server refuses at once, and says no more of it."""

    def __init__(self, action: str) -> None:
        self._action = action

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """ACK where a NACK was due."""
        return Reply(200, ACK) if action == self._action else reply


class AnotherCode(Honest):
    """Refuses by another code than is due."""

    def __init__(self, code: str) -> None:
        self._code = code

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """The same NACK with the other code."""
        if "error" not in reply.document:
            return reply
        return Reply(reply.status, edited(reply.document, "error.code", self._code))


def fails(code: str) -> Change:
    """An error beside the message."""
    return says("error", {"code": code, "message": "planted"})


def answering(fits: Callable[[Json], bool], change: Change) -> Change:
    """The change where the last request of the kind that the callback answers fits."""

    def changed(document: Json, story: Story) -> Json | None:
        request = story.request(document["context"]["action"].removeprefix("on_"))
        return change(document, story) if fits(request) else document

    return changed
