"""What receivers take as normal raises nothing: variants of a clean conversation.

That nothing right is reported in a certified participant's own messages is in ``test_third_party.py``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from bpp.conformance.check import Check, Outcome, apply
from bpp.conformance.checks import catalog, rules, shape
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import part
from tests.conformance.everything import EVERYTHING
from tests.conformance.faulty_seller import Json
from tests.conformance.ground import Ground

CHECKS: tuple[Check, ...] = (*shape.CHECKS, *rules.CHECKS, *catalog.CHECKS)

Variant = Callable[[str], str]
"""Another spelling of a whole message, as text."""


def _padded(found: re.Match[str]) -> str:
    return ",".join(f"0{one}" for one in found[0].split(","))


VARIANTS: dict[str, Variant] = {
    "money without decimals": lambda text: re.sub(r'"(-?[0-9]+)\.00"', r'"\1"', text),
    "money with one decimal": lambda text: re.sub(r'"(-?[0-9]+\.[0-9])0"', r'"\1"', text),
    "places of four decimals": lambda text: re.sub(
        r'"([0-9]+\.[0-9]{4})[0-9]*,([0-9]+\.[0-9]{4})[0-9]*"', r'"\1,\2"', text
    ),
    "weekdays with a zero": lambda text: re.sub(r'(?<="days":")[1-7,]+', _padded, text),
    "slots without milliseconds": lambda text: text.replace(":00.000Z", ":00Z"),
    "status in title case": lambda text: text.replace('"ACCEPTED"', '"Accepted"').replace(
        '"IN-PROGRESS"', '"In-progress"'
    ),
    "the seller as PROVIDER": lambda text: text.replace('"PRODUCER"', '"PROVIDER"'),
    "keys that nobody knows": lambda text: text.replace('"order":{', '"order":{"shop_note":"x",'),
    "more tags and more codes": lambda text: text.replace(
        '"list":[', '"list":[{"descriptor":{"code":"more"},"value":"x"},', 1
    ),
}


ODD = {"weekdays with a zero": {"days_spelling"}}
"""Variants that are taken, but that a check of spelling warns of."""


@pytest.fixture
async def clean(ground: Ground) -> Flow:
    (flow,) = await ground.played(EVERYTHING, domain="ONDC:SRV11")
    return flow


async def test_what_receivers_take_as_normal_is_no_fault(clean: Flow) -> None:
    assert findings(clean) == {}
    for name, variant in VARIANTS.items():
        assert findings(rewritten(clean, variant)).keys() == ODD.get(name, set()), name
    assert findings(repeated_late(clean)) == {}


def findings(flow: Flow) -> dict[str, str]:
    """What fails, with the first place."""
    verdicts = [apply(check, flow) for check in CHECKS]
    return {one.check.name: one.findings[0].path for one in verdicts if one.outcome is Outcome.FAILED}


def rewritten(flow: Flow, variant: Variant) -> Flow:
    def rewrite(record: Record) -> Record:
        text = json.dumps(record.document, separators=(",", ":"), ensure_ascii=False)
        document = json.loads(variant(text))
        return record if record.sent else replace(record, document=document)

    return replace(flow, records=tuple(map(rewrite, flow.records)))


def repeated_late(flow: Flow) -> Flow:
    """A conversation in which the on_search, which the buyer app did not take at first, comes again at the end."""
    again = next(one for one in flow.callbacks if one.action == "on_search")
    late = replace(again, number=len(flow.records) + 1, elapsed=(again.elapsed or 0) + flow.budget)
    return replace(flow, records=(*flow.records, late))


async def test_a_weekday_is_the_buyers_where_the_seller_echoes_it(clean: Flow) -> None:
    assert "slot_day" in findings(with_days(clean, "on_select"))
    assert "slot_day" not in findings(with_days(clean, "select", "on_select"))


def with_days(flow: Flow, *actions: str) -> Flow:
    """A conversation in which these messages name another weekday."""

    def other(record: Record) -> Record:
        document: Json = json.loads(json.dumps(record.document))
        for visit in part(part(document, "message"), "order")["fulfillments"] if record.action in actions else ():
            for stop in visit["stops"]:
                stop["time"]["days"] = "1" if stop["time"].get("days") != "1" else "2"
        return replace(record, document=document)

    return replace(flow, records=tuple(map(other, flow.records)))
