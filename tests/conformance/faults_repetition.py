"""Faults with messages that come twice or out of order."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable

from beckn_schemas.ack import ack, nack
from tests.conformance.faulty_seller import Honest, Incoming, Json, Outgoing, Reply, Story
from tests.conformance.planted import (
    Acks,
    Changes,
    Planted,
    answered,
    error_says,
    says,
)
from tests.support.json_edit import edited

AGAIN, UNTIMELY = "repeated_messages", "untimely_messages"


class RefusesAgain(Honest):
    """Refuses a confirm that comes again."""

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """NACK to the same message."""
        again = story.requests.count(incoming.document) > 1 and incoming.action == "confirm"
        return Reply(200, nack("30000")) if again else incoming


class AnswersAnew(Honest):
    """Makes another order of a confirm that comes again, whether or not the real server answers that."""

    def __init__(self) -> None:
        self._first: Json | None = None

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """The same; what answered it the first time is remembered."""
        again = story.requests.count(incoming.document) > 1 and incoming.action == "confirm"
        self._first = story.callback("on_confirm") if again else None
        return incoming

    async def besides(self, action: str, request: Json, send: Callable[[Outgoing], Awaitable[None]]) -> None:
        """A second on_confirm, with another fulfillment."""
        if self._first is not None and action == "confirm":
            await send(Outgoing(edited(copy.deepcopy(self._first), "message.order.fulfillments[0].id", "F-2")))


class TakesOtherBodies(Honest):
    """Takes a confirm under ids that it has taken; ``older``: only one that is older than the first."""

    def __init__(self, *, older: bool) -> None:
        self._older = older

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK to those."""
        if incoming.action != "confirm":
            return incoming
        context = incoming.document["context"]
        first = next(one for one in story.requests if one["context"]["message_id"] == context["message_id"])
        older = context["timestamp"] < first["context"]["timestamp"]
        other = first != incoming.document and older == self._older
        return Reply(200, ack()) if other else incoming


def _conflict(_: Json, reply: Reply) -> bool:
    return bool(reply.document.get("error", {}).get("code") == "30022")


class AcksInAnotherTransaction(Honest):
    """Acknowledges an init or confirm of a transaction in which nothing was selected, and says nothing more."""

    def __init__(self, action: str) -> None:
        self._action = action

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """ACK to those."""
        transaction = incoming.document["context"].get("transaction_id")
        known = any(
            one["context"].get("transaction_id") == transaction and one["context"]["action"] == "select"
            for one in story.requests
        )
        return Reply(200, ack()) if incoming.action == self._action and not known else incoming


def _early(probe: str, seller: Honest) -> Planted:
    return Planted(name=f"silent at {probe}", check=f"refuses_{probe}", seller=seller, scenario=UNTIMELY)


PLANTED: tuple[Planted, ...] = (
    Planted(name="refuses a confirm again", check="repetition_acked", seller=RefusesAgain(), scenario=AGAIN),
    Planted(name="another order again", check="repetition_answer", seller=AnswersAnew(), scenario=AGAIN),
    Planted(
        name="refunds twice",
        check="repetition_effect",
        seller=Changes("on_status", says("message.order.quote.price.value", "-99.00")),
        scenario=AGAIN,
    ),
    Planted(
        name="takes another body",
        check="refuses_same_ids_other_body",
        seller=TakesOtherBodies(older=False),
        scenario=AGAIN,
    ),
    Planted(
        name="takes an older body", check="refuses_older_same_ids", seller=TakesOtherBodies(older=True), scenario=AGAIN
    ),
    answered("conflict under another code", "conflict_code", error_says(code="31002"), _conflict, AGAIN),
    _early("init_without_select", AcksInAnotherTransaction("init")),
    _early("confirm_without_init", AcksInAnotherTransaction("confirm")),
    _early("status_of_no_order", Acks(lambda one: one.action == "status")),
    _early("cancel_before_confirm", Acks(lambda one: one.action == "cancel")),
)
