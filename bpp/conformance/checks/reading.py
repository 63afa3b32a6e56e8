"""How checks read an order that was made: its states, times, lines and payments, and how it was shown before.

What stands in any order, made or not, is read in ``ordered``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from beckn_schemas.base import parse_timestamp
from beckn_schemas.invariants_base import entries
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.check import Subject
from bpp.conformance.checks import plain_form as spelling
from bpp.conformance.checks.ordered import money, total
from bpp.conformance.record import Flow, Record, last
from bpp.conformance.select import MADE, orders
from bpp.sandbox.exchange import Json, part

PENDING, IN_TRANSIT, AT_LOCATION, COMPLETED, CANCELLED = (
    "pending",
    "in-transit",
    "at-location",
    "completed",
    "cancelled",
)
WAY = (PENDING, IN_TRANSIT, AT_LOCATION, COMPLETED)
"""The states of a visit in their order, as ``state`` gives them."""


_WORDS = {spelling.word(one): one for one in ("in-transit", "at-location", "in-progress", "not-paid")}


def word(value: Any) -> str:
    """A status word in small letters with its hyphen, whatever its case and marks (protocol 1.0)."""
    plain = spelling.word(value)
    return _WORDS.get(plain, plain)


def status(record: Record) -> str:
    """``order.status`` as ``word`` gives it; empty where there is none."""
    return word(record.order.get("status", ""))


def state(visit: Mapping[str, Any]) -> str:
    """The state of a visit as ``word`` gives it; empty where there is none."""
    return word(part(part(dict(visit), "state"), "descriptor").get("code", ""))


def visits(record: Record) -> Iterator[tuple[str, Json]]:
    """The visits of an order with their paths."""
    for place, visit in enumerate(record.order.get("fulfillments", ())):
        yield f"message.order.fulfillments[{place}]", visit


def stops(record: Record, kind: str) -> Iterator[tuple[str, Json, Json]]:
    """The stops of a kind with their paths and their visits."""
    for path, visit in visits(record):
        for place, stop in enumerate(visit.get("stops", ())):
            if stop.get("type") == kind:
                yield f"{path}.stops[{place}]", stop, visit


def visit_states(record: Record) -> dict[str, str]:
    """The states of the visits by their ids."""
    return {str(visit["id"]): state(visit) for _, visit in visits(record)}


def slots(record: Record) -> dict[str, datetime]:
    """When each visit begins, by its id."""
    return {
        str(visit["id"]): parse_timestamp(stop["time"]["range"]["start"]) for _, stop, visit in stops(record, "end")
    }


def price(record: Record) -> Decimal:
    """``quote.price.value``."""
    return total(record.order)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a quote: its kind (``item``, ``tax``, ``refund``, ...), the item it is of, and its amount."""

    kind: str
    item_id: str
    amount: Decimal


def lines(record: Record) -> list[Line]:
    """The lines of the quote."""
    return [
        Line(_kind(one), str(part(one, "item").get("id", "")), money(one["price"]["value"]))
        for one in record.order["quote"]["breakup"]
    ]


def _kind(line: Json) -> str:
    kinds = (entries(group).get("type", "") for group in line.get("tags", ()) if tag_code(group) == "title")
    return next(kinds, "")


def payments(record: Record) -> list[tuple[str, str, Decimal, str]]:
    """Type, status, amount and transaction_id of each payment."""
    return [
        (
            str(one.get("type", "")),
            word(one.get("status", "")),
            money(part(one, "params").get("amount", "0")),
            str(part(one, "params").get("transaction_id", "")),
        )
        for one in record.order.get("payments", ())
    ]


def target(request: Record) -> str:
    """What an update is of: ``fulfillments`` or ``payments`` (protocol 4.35: text, list or path)."""
    named = request.message.get("update_target", "")
    names = named if isinstance(named, list) else str(named).split(",")
    return ",".join(str(one).strip().removeprefix("message.").removeprefix("order.") for one in names)


def history(subject: Subject) -> tuple[Record, ...]:
    """The callbacks without an error that showed this callback's order before it, oldest first."""
    callback = subject.message
    for told in orders(subject.flow):
        if any(one.number == callback.number for one in told):
            return tuple(one for one in told if one.number < callback.number and not one.error_code)
    return ()


def shown_before(subject: Subject) -> Record | None:
    """The order as it was shown last before this callback."""
    return last(history(subject))


def order_before(flow: Flow, request: Record) -> Record | None:
    """The order that a request names, as it was shown last before it."""
    named = str(request.message.get("order_id", "") or request.order.get("id", ""))
    return last(
        one
        for one in flow.callbacks
        if one.number < request.number
        and one.action in MADE
        and not one.error_code
        and str(one.order.get("id", "")) == named
        and one.context.get("bap_id") == request.context.get("bap_id")
    )


def refusal(flow: Flow, request: Record) -> str | None:
    """The code with which a request was refused, at once or in a callback; None where nothing refuses it.

    A refusal without a code is an empty text.
    """
    if request.reply is not None and not request.reply.acked:
        return request.reply.error_code
    answers = flow.answers_to(request)
    refused = [one for one in answers if part(one.document, "error")]
    return refused[0].error_code if refused else None


def agreed(flow: Flow, transaction_id: str) -> Record | None:
    """The on_confirm of a transaction, else its on_init: what holds of prices and terms."""
    said = [one for one in flow.callbacks if one.transaction_id == transaction_id and not one.error_code]
    return last(one for one in said if one.action == "on_confirm") or last(
        one for one in said if one.action == "on_init"
    )


def given_up(one: Record) -> bool:
    """Whether a callback shows, without an error, an order that is cancelled."""
    return not one.error_code and status(one) == CANCELLED


def term_state(term: Json) -> str:
    """The state that a cancellation term is of, as ``word`` gives it."""
    return word(part(part(term, "fulfillment_state"), "descriptor").get("code", ""))
