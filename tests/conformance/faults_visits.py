"""Faults of status, one-time passwords and what stays: checks in ``visits.py``, ``passwords.py``, ``standing.py``."""

from __future__ import annotations

import copy
from typing import Any
from uuid import uuid4

from tests.conformance.faulty_seller import Honest, Json, Outgoing, Reply, Story
from tests.conformance.planted import Change, Changes, Planted, in_state, says
from tests.support.json_edit import DELETE, edited

PAST = "2020-01-01T00:00:00.000Z"
_ORDER = "message.order"
_VISIT = f"{_ORDER}.fulfillments[0]"
_STATE = f"{_VISIT}.state.descriptor.code"
_LEAVES, _COMES = f"{_VISIT}.stops[0]", f"{_VISIT}.stops[1]"
_TOKEN = f"{_COMES}.authorization"


class TakesIn(Honest):
    """Acknowledges what the real server refuses."""

    def __init__(self, action: str) -> None:
        self._action = action

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """An ACK."""
        return Reply(200, {"message": {"ack": {"status": "ACK"}}}) if action == self._action else reply


class CompletesAtTheDoor(Honest):
    """Tells that the service is completed as soon as the worker has arrived."""

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """The arrival, and the completion after it."""
        if not in_state("At-Location")(document) or document.get("error"):
            return [Outgoing(document)]
        done = edited(copy.deepcopy(document), _STATE, "Completed")
        return [Outgoing(document), Outgoing(edited(done, "context.message_id", str(uuid4())))]


def asked(change: Change) -> Change:
    """The change, in what answers a request alone."""

    def apply(document: Json, story: Story) -> Json | None:
        ids = {one["context"]["message_id"] for one in story.requests}
        return change(document, story) if document["context"]["message_id"] in ids else document

    return apply


def has_token(document: Json) -> bool:
    """Whether the customer is shown a one-time password at the first visit."""
    visits = document.get("message", {}).get("order", {}).get("fulfillments") or [{}]
    return any("authorization" in stop for stop in visits[0].get("stops", ()))


def refuses(document: Json) -> bool:
    """Whether a callback has an error."""
    return "error" in document


def _says(path: str, value: Any, document: Json) -> Json:
    changed: Json = edited(document, path, value)
    return changed


def _under_another_id(document: Json, story: Story) -> Json:
    late = any(one["context"]["action"] == "cancel" for one in story.requests)
    return _says("context.message_id", str(uuid4()), document) if late else document


def _first_token(document: Json, story: Story) -> Json:
    first = next(one for one in story.callbacks if has_token(one))
    shown = first["message"]["order"]["fulfillments"][0]["stops"][1]["authorization"]["token"]
    return _says(f"{_TOKEN}.token", shown, document)


def _not_updated(document: Json, story: Story) -> Json:
    before = story.callback("on_confirm")["message"]["order"]["updated_at"]
    return _says(f"{_ORDER}.updated_at", before, document)


_DEPARTED, _ARRIVED, _DONE = in_state("In-Transit"), in_state("At-Location"), in_state("Completed")

PLANTED: tuple[Planted, ...] = (
    Planted(
        name="status of yesterday",
        check="status_of_now",
        seller=Changes("on_status", asked(says(_STATE, "Pending")), where=_DEPARTED),
        scenario="questions",
    ),
    Planted(
        name="unknown order taken in", check="unknown_order_refused", seller=TakesIn("status"), scenario="questions"
    ),
    Planted(
        name="foreign order taken in", check="foreign_order_refused", seller=TakesIn("status"), scenario="questions"
    ),
    Planted(
        name="another order", check="order_named", seller=Changes("on_status", asked(says(f"{_ORDER}.id", "O-OTHER")))
    ),
    Planted(
        name="departure not told",
        check="states_in_order",
        seller=Changes("on_status", says(_STATE, "At-Location"), where=_DEPARTED),
    ),
    Planted(
        name="state of a shop",
        check="states_in_order",
        seller=Changes("on_status", says(_STATE, "Packed"), where=_DEPARTED),
    ),
    Planted(
        name="departure told otherwise",
        check="departure_kept",
        seller=Changes("on_status", says(f"{_LEAVES}.time.timestamp", PAST), where=_ARRIVED),
    ),
    Planted(
        name="bill and no invoice",
        check="invoice_document",
        seller=Changes("on_status", says(f"{_ORDER}.documents[0].label", "Receipt"), where=_DONE),
    ),
    Planted(
        name="address that is no address",
        check="invoice_document",
        seller=Changes("on_status", says(f"{_ORDER}.documents[0].url", "invoice.pdf"), where=_DONE),
    ),
    Planted(
        name="invoice that is not there",
        check="invoice_opens",
        seller=Changes("on_status", says(f"{_ORDER}.documents[0].url", lambda url: f"{url}-lost"), where=_DONE),
    ),
    Planted(
        name="images without url",
        check="shape_type",
        seller=Changes("on_search", says("message.catalog.descriptor.images", ["https://static.example.in/a.png"])),
    ),
    Planted(
        name="no one-time password",
        check="otp_shown",
        seller=Changes("on_status", says(_TOKEN, DELETE), where=has_token),
    ),
    Planted(
        name="unclaimed",
        check="otp_form",
        seller=Changes("on_status", says(f"{_TOKEN}.status", "UN-CLAIMED"), where=has_token),
    ),
    Planted(
        name="old one-time password",
        check="otp_renewed",
        seller=Changes("on_status", _first_token, where=refuses),
        scenario="re_otp",
    ),
    Planted(
        name="mistake not told",
        check="wrong_otp_told",
        seller=Changes("on_status", says("error", DELETE), where=refuses),
        scenario="re_otp",
    ),
    Planted(
        name="right code told as wrong",
        check="right_otp_told",
        seller=Changes(
            "on_status",
            says("error", {"code": "90002", "message": "OTP incorrect"}),
            where=lambda one: _ARRIVED(one) and not has_token(one),
        ),
    ),
    Planted(
        name="completed at the door",
        check="completion_needs_otp",
        seller=CompletesAtTheDoor(),
        scenario="re_otp",
    ),
    Planted(
        name="paid otherwise",
        check="payment_types_kept",
        seller=Changes("on_status", says(f"{_ORDER}.payments[0].type", "ON-FULFILLMENT"), where=_DEPARTED),
    ),
    Planted(
        name="unpaid at the end",
        check="payment_on_site_paid",
        seller=Changes("on_status", says(f"{_ORDER}.payments[0].status", "NOT-PAID"), where=_DONE),
        scenario="payment_on_site",
    ),
    Planted(
        name="another bank reference",
        check="advance_kept",
        seller=Changes("on_status", says(f"{_ORDER}.payments[0].params.transaction_id", "UPI-OTHER"), where=_DONE),
    ),
    Planted(
        name="billing of Singapore",
        check="billing_kept",
        seller=Changes("on_status", says(f"{_ORDER}.billing.address", "Jurong East"), where=_DEPARTED),
    ),
    Planted(
        name="two instead of one",
        check="scope_kept",
        seller=Changes("on_status", says(f"{_ORDER}.items[0].quantity.selected.count", 2), where=_DEPARTED),
    ),
    Planted(
        name="dearer on the way",
        check="scope_kept",
        seller=Changes("on_status", says(f"{_ORDER}.quote.price.value", "999.00"), where=_ARRIVED),
    ),
    Planted(
        name="made at another time",
        check="created_at_kept",
        seller=Changes("on_status", says(f"{_ORDER}.created_at", PAST), where=_ARRIVED),
    ),
    Planted(
        name="not updated",
        check="updated_at_increases",
        seller=Changes("on_status", _not_updated, where=_DEPARTED),
    ),
)
