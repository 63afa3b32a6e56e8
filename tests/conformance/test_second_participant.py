"""The habits of a second certified participant, in our own words: what is a fault is found once, what is normal is not.

Its folders are not at hand, only what the reference says of them (protocol 0 to 2). A conversation of our own server
is recorded and respelled, and judged as a folder is: without headers, answers and times of arrival.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Severity
from bpp.conformance.judge import Report, judge
from bpp.conformance.record import Flow, Record
from tests.conformance.everything import EVERYTHING
from tests.conformance.faulty_seller import Json
from tests.conformance.ground import Ground
from tests.support.json_edit import DELETE, edited

Change = Callable[[Json], Json]
_ORDER = "message.order"
_VISIT = f"{_ORDER}.fulfillments[0]"
_RANGE = "stops[{}].time.range"
_TITLES = {"CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED"}
TWICE_INDIA = timedelta(hours=5, minutes=30)


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How messages of some actions are respelled, and which checks find fault with it. No action: all of them."""

    name: str
    change: Change
    actions: tuple[str, ...] = ()
    errors: AbstractSet[str] = frozenset()
    warnings: AbstractSet[str] = frozenset()


def sets(path: str, value: Any) -> Change:
    return lambda document: edited(document, path, value)


def both(*changes: Change) -> Change:
    def change(document: Json) -> Json:
        for one in changes:
            document = one(document)
        return document

    return change


def _titles(document: Json) -> Json:
    order = document["message"].get("order", {})
    if order.get("status") in _TITLES:
        order["status"] = order["status"].capitalize()
    return document


def _later(text: str) -> str:
    return (parse_timestamp(text) + TWICE_INDIA).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _india_added_again(document: Json) -> Json:
    for visit in document["message"]["order"]["fulfillments"]:
        for stop in visit["stops"]:
            stop["time"]["range"] = {key: _later(text) for key, text in stop["time"]["range"].items()}
            stop["time"].pop("days", None)
    return document


def _tax_on_top(document: Json) -> Json:
    """More tax than the catalog's price holds, everywhere alike."""
    order = document["message"]["order"]
    taxed = next(one for one in order["quote"]["breakup"] if one["tags"][0]["list"][0]["value"] == "tax")
    amounts = [(taxed["price"], "value"), (order["quote"]["price"], "value")]
    amounts += [(one["params"], "amount") for one in order["payments"][:1] if "params" in one]
    for holder, key in amounts:
        holder[key] = f"{Decimal(holder[key]) + Decimal('35.82')}"
    return document


def _doubled(document: Json) -> Json:
    visits = document["message"]["order"]["fulfillments"]
    document["message"]["order"]["fulfillments"] = [*visits, *visits]
    return document


def _inverted(document: Json) -> Json:
    for stop in document["message"]["order"]["fulfillments"][0]["stops"]:
        stop["time"]["range"] = {"start": "2026-11-22T09:00:00.000Z", "end": "2026-11-21T09:00:00.000Z"}
        stop["time"].pop("days", None)
    return document


NORMAL: tuple[Habit, ...] = (
    Habit(name="statuses in title case", change=_titles, actions=("confirm", "on_confirm", "on_status")),
    Habit(
        name="a state in capitals",
        change=sets(f"{_VISIT}.state.descriptor.code", "PENDING"),
        actions=("on_confirm",),
        warnings={"state_spelling"},
    ),
    Habit(name="an id of the quote", change=sets(f"{_ORDER}.quote.id", "Q-1"), actions=("on_init", "on_confirm")),
    Habit(
        name="a quantity of the provider",
        change=sets(f"{_ORDER}.provider.quantity", {"selected": {"count": 1}}),
        actions=("select",),
    ),
    Habit(
        name="a minimum in camel case",
        change=sets("message.catalog.providers[0].items[0].price.minimumValue", "1.00"),
        actions=("on_search",),
    ),
    Habit(
        name="a validity with a capital",
        change=sets("message.catalog.providers[0].items[0].time.label", "Validity"),
        actions=("on_search",),
        warnings={"label_spelling"},
    ),
    Habit(
        name="days after the T",
        change=sets("message.catalog.providers[0].ttl", "PT1D"),
        actions=("on_search",),
        warnings={"duration_iso"},
    ),
    Habit(
        name="per cent spelled out",
        change=sets(f"{_ORDER}.payments[0].tags[2].list[0].value", "percentage"),
        actions=("on_init",),
        warnings={"finder_fee_percent"},
    ),
)
FAULTS: tuple[Habit, ...] = (
    Habit(
        name="no fulfillments",
        change=sets(f"{_ORDER}.fulfillments", []),
        actions=("on_init",),
        errors={"shape_empty"},
    ),
    Habit(
        name="India added again",
        change=_india_added_again,
        actions=("select", "on_select", "init", "on_init", "confirm", "on_confirm", "on_status"),
        errors={"unavailable_slot_rejected"},
    ),
    Habit(
        name="tax on top of the price",
        change=_tax_on_top,
        actions=("on_select", "on_init", "confirm", "on_confirm", "on_status"),
        warnings={"quoted_catalog_price"},
    ),
    Habit(
        name="the confirm's inverted slot",
        change=_inverted,
        actions=("confirm", "on_confirm", "on_status"),
        errors={"held_slot", "slot_range"},
    ),
    Habit(
        name="an unasked message without a UUID",
        change=lambda document: edited(document, "context.message_id", f"h463nwj-{document['context']['timestamp']}"),
        actions=("on_status_unasked",),
        errors={"message_id"},
    ),
    Habit(name="two visits of one id", change=_doubled, actions=("on_confirm",), errors={"distinct_ids"}),
    Habit(
        name="paid at the door after all",
        change=sets(f"{_ORDER}.payments[0].type", "ON-FULFILLMENT"),
        actions=("on_init",),
        errors={"payment_type_stays", "payment_types_kept"},
    ),
)


@pytest.fixture
async def recorded(ground: Ground) -> Flow:
    """The first booking of a conversation, as a folder holds it."""
    (flow,) = await ground.played(EVERYTHING, domain="ONDC:SRV11")
    first = next(one.transaction_id for one in flow.callbacks if one.action == "on_confirm")
    return Flow(
        name="recorded",
        domain=flow.domain,
        records=tuple(
            Record(number=one.number, sent=one.sent, action=one.action, document=one.document, body=b"")
            for one in flow.records
            if one.transaction_id == first
        ),
    )


async def test_habits_of_another_participant_are_judged_as_the_facts_say(recorded: Flow) -> None:
    assert found(judge("clean", (recorded,))) == (set(), set())
    for habit in (*NORMAL, *FAULTS):
        report = judge(habit.name, (respelled(recorded, habit),))
        assert found(report) == (habit.errors, habit.warnings), habit.name


def found(report: Report) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Which checks fail, as errors and as warnings."""
    failed = [one.check for one in report.summaries if one.findings]
    return (
        {one.name for one in failed if one.severity is Severity.ERROR},
        {one.name for one in failed if one.severity is Severity.WARNING},
    )


def respelled(flow: Flow, habit: Habit) -> Flow:
    return replace(flow, records=tuple(_respelled(flow, habit)))


def _respelled(flow: Flow, habit: Habit) -> Iterator[Record]:
    for one in flow.records:
        asked = one.sent or flow.request_of(one) is not None
        name = one.action if asked else f"{one.action}_unasked"
        wanted = not habit.actions or {name, one.action} & {*habit.actions}
        if wanted and (habit.actions or not one.sent) and ("order" in one.message or one.action == "on_search"):
            yield replace(one, document=habit.change(json.loads(json.dumps(one.document))))
        else:
            yield one


async def test_one_fault_of_form_is_told_once(recorded: Flow) -> None:
    lost: dict[tuple[str, str], str] = {
        ("on_confirm", f"{_VISIT}.state"): "required_on_confirm_message_order_fulfillments_state_descriptor_code",
        ("on_confirm", f"{_ORDER}.billing.name"): "required_on_confirm_message_order_billing_name",
        ("on_init", f"{_ORDER}.cancellation_terms"): "required_on_init_message_order_cancellation_terms",
        ("on_init", f"{_ORDER}.locations"): "required_on_init_message_order_locations",
        (
            "on_init",
            f"{_ORDER}.payments[0].tags[0]",
        ): "required_on_init_message_order_payments_tags_Settlement_Counterparty",
        ("on_select", f"{_VISIT}.state"): "serviceability_state",
        ("on_select", "context.bpp_uri"): "required_context_bpp_uri",
    }
    for (action, path), check in lost.items():
        changed = respelled(recorded, Habit(name=path, change=sets(path, DELETE), actions=(action,)))
        errors, warnings = found(judge(path, (changed,)))
        assert errors | warnings == {check}, path


async def test_no_misshapen_value_breaks_the_report(recorded: Flow) -> None:
    paths = ("fulfillments[0].id", "fulfillments[0].stops", "items[0].id", "quote.breakup", "payments[0].params")
    for path in paths:
        for value in (DELETE, 5):
            habit = Habit(name=path, change=sets(f"{_ORDER}.{path}", value), actions=("on_confirm",))
            assert judge(path, (respelled(recorded, habit),)).errors, path
