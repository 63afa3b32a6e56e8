"""However quickly a callback is found right, it is found right by the same rules, each of them on its own."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from beckn_schemas.base import parse_gps
from beckn_schemas.callbacks import Violation, check_schema
from beckn_schemas.invariants import GENERAL_RULES, RULES, check_callback
from beckn_schemas.invariants_base import UNREADABLE, Callback, Rule
from beckn_schemas.strict_base import Days, Gps, Instant, Money, Span
from tests.support.callback_builders import VALID

ODD = [None, "", 0, 1, -1, True, [], {}, [None], {"id": "x"}, 3.5]
TEXTS = ["0.00", "-0.00", "-5.00", "499.00", "499", "2026-02-03T04:30:00.000Z", "2026-02-30T04:30:00.000Z", "P1D", "PT"]
WORDS = ["confirmed", "rejected", "Pending", "Completed", "Cancelled", "At-Location", "COMPLETED", "CANCELLED", "PAID"]
KINDS = ["start", "end", "item", "tax", "discount", "refund", "attribute", "null", "90001", "30009", "PRODUCER", "O1"]
VALUES = st.sampled_from([*ODD, *TEXTS, *WORDS, *KINDS])


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each place in a JSON value: what holds it and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


@st.composite
def changed(draw: st.DrawFn) -> dict[str, Any]:
    """A right callback with up to four changes: a value lost, replaced by another or by one of its own, or repeated."""
    payload: dict[str, Any] = copy.deepcopy(VALID[draw(st.sampled_from(sorted(VALID)))]())
    for _ in range(draw(st.integers(0, 4))):
        if not (found := list(places(payload))):
            break
        holder, key = found[draw(st.integers(0, len(found) - 1))]
        match draw(st.sampled_from(["lose", "replace", "replace", "copy", "repeat"])):
            case "lose":
                del holder[key]
            case "replace":
                holder[key] = copy.deepcopy(draw(VALUES))
            case "copy":
                other, there = found[draw(st.integers(0, len(found) - 1))]
                holder[key] = copy.deepcopy(other.get(there) if isinstance(other, dict) else other[there : there + 1])
            case "repeat" if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[key]))
    return payload


def alone(rule: Rule, payload: dict[str, Any]) -> Iterator[Violation]:
    """What one rule finds in a callback that no other rule has looked at, up to what it cannot read."""
    try:
        for path, expected in rule.check(Callback(payload, unsolicited=False)):
            yield Violation(rule.name, path, expected)
    except UNREADABLE:
        return


@settings(max_examples=300)
@given(changed())
def test_all_rules_together_find_what_each_finds_alone(payload):
    action = payload.get("context", {}).get("action") if isinstance(payload.get("context"), dict) else None
    rules = [rule for rule in RULES if rule in GENERAL_RULES or str(action or "") in rule.actions]
    expected = check_schema(payload) + [one for rule in rules for one in alone(rule, payload)]

    assert check_callback(payload) == expected


@settings(max_examples=200)
@given(changed())
def test_the_json_at_hand_changes_no_finding(payload):
    assert check_callback(payload, body=orjson.dumps(payload)) == check_callback(payload)


@pytest.mark.parametrize("name", VALID)
def test_a_null_is_found_in_the_json_at_hand(name):
    payload = VALID[name]()
    payload["context"].setdefault("location", {})["district"] = None
    (violation,) = check_callback(payload, body=orjson.dumps(payload))
    assert (violation.rule, violation.path) == ("null", "context.location.district")


def test_the_word_null_in_a_text_is_no_null():
    payload = VALID["on_support"]()
    payload["message"]["support"]["email"] = "null@example.org"
    assert check_callback(payload, body=orjson.dumps(payload)) == []


def test_a_rule_says_what_it_finds_before_the_part_that_it_cannot_read():
    payload = VALID["on_select"]()
    lines = payload["message"]["order"]["quote"]["breakup"]
    lines[0]["tags"], lines[1]["tags"] = [], 5
    rules = [(one.rule, one.path) for one in check_callback(payload)]
    assert ("line_tags", "message.order.quote.breakup[0].tags") in rules


def accepts(form: Any, text: object) -> bool:
    try:
        TypeAdapter(form).validate_python(text)
    except ValidationError:
        return False
    return True


def _time(text: str) -> bool:
    if not re.fullmatch(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z", text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _point(text: str) -> bool:
    if not re.fullmatch(r"-?[0-9]{1,3}\.[0-9]{6},-?[0-9]{1,3}\.[0-9]{6}", text):
        return False
    try:
        parse_gps(text)
    except ValueError:
        return False
    return True


_SPAN = re.compile(r"P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?")
NUMBERS = st.integers(0, 99).map("{:02}".format)
YEARS = st.sampled_from(["0000", "0004", "0100", "1900", "2000", "2023", "2024", "2100", "2400", "9999"])
TIMES = st.tuples(YEARS, NUMBERS, st.integers(0, 33).map("{:02}".format), NUMBERS, NUMBERS, NUMBERS)


@given(TIMES.map(lambda parts: "{}-{}-{}T{}:{}:{}.000Z".format(*parts)))
def test_a_time_is_one_of_the_calendar(text):
    assert accepts(Instant, text) == _time(text)


def test_every_day_of_any_year_is_a_time_and_no_other():
    form = TypeAdapter(Instant)
    for year in (4, 100, 1900, 1999, 2000, 2023, 2024, 2100, 2400):
        for number in range(14 * 33):
            text = f"{year:04}-{number // 33:02}-{number % 33:02}T23:59:59.999Z"
            try:
                right = bool(form.validate_python(text))
            except ValidationError:
                right = False
            assert right == _time(text), text


DEGREES = st.tuples(
    st.sampled_from(["", "-"]), st.integers(0, 200), st.integers(1, 3), st.sampled_from([0, 1, 999_999])
)


@given(st.lists(DEGREES.map(lambda one: f"{one[0]}{one[1]:0{one[2]}}.{one[3]:06}"), min_size=2, max_size=2))
def test_a_point_is_one_of_the_globe(pair):
    assert accepts(Gps, ",".join(pair)) == _point(",".join(pair))


SPANS = st.lists(st.sampled_from(["P", "T", "1Y", "2M", "3W", "14D", "5H", "0.5S", "6S", "7", "x", "\n"]), max_size=7)


@given(SPANS.map("".join) | SPANS.map(lambda parts: "P" + "".join(parts)))
def test_a_duration_is_one_of_iso_8601(text):
    assert accepts(Span, text) == (_SPAN.fullmatch(text) is not None)


@given(st.from_regex(r"-?[0-9]{1,13}\.[0-9]{1,3}\n?", fullmatch=True) | st.sampled_from(["-0.00", "0.00", "-0.01"]))
def test_money_has_two_decimals_and_one_zero(text):
    right = re.fullmatch(r"-?(0|[1-9][0-9]{0,11})\.[0-9]{2}", text) is not None and text != "-0.00"
    assert accepts(Money, text) == right


@given(st.lists(st.sampled_from("01234567890x"), max_size=8).map(",".join))
def test_days_are_weekdays_each_once(text):
    named = text.split(",")
    assert accepts(Days, text) == (set(named) <= set("1234567") and len(set(named)) == len(named))


@pytest.mark.parametrize("form", [Money, Instant, Span, Gps, Days])
def test_a_form_of_text_takes_nothing_but_text(form):
    odd: list[object] = [None, 5, 4.99, True, b"P1D", ["P1D"], {}]
    assert not any(accepts(form, value) for value in odd)


def test_what_is_told_of_a_fault_has_no_value_in_it():
    payload = VALID["on_init"]()
    payload["message"]["order"]["billing"]["phone"] = "9812345678"
    payload["message"]["order"]["quote"]["price"]["value"] = "9812345678"
    assert "98123" not in json.dumps([(one.path, one.expected) for one in check_callback(payload)])
