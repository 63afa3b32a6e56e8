"""Others' traffic: every message is read; as ours, few of their callbacks would be sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from beckn_schemas.invariants import check_callback
from beckn_schemas.replies import REPLIES, parse_reply
from beckn_schemas.requests import MESSAGES, parse_request
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.domains.normalize import normalize

SHARED = Path(__file__).resolve().parents[3] / "shared"
TRAFFIC = SHARED / "traffic" / "mystore-seller"
EXAMPLES = SHARED / "ondc-srv" / "examples"

pytestmark = pytest.mark.skipif(
    not (TRAFFIC.exists() and EXAMPLES.exists()),
    reason="the traffic and the examples are not beside the repository",
)

MESSAGES_SEEN = sorted(TRAFFIC.glob("*/*.json")) if TRAFFIC.exists() else []
EXAMPLES_SEEN = [path for path in sorted(EXAMPLES.glob("*/*.json")) if not path.stem.endswith("nack")] if EXAMPLES.exists() else []  # fmt: skip
HEX = Dialect(category_form="hex")

_SEARCH = {"catalog_references", "days", "enum", "required", "schedule_future", "schedule_order", "schedule_weekday"}
_SELECT = {"required", "serviceability_state", "slot_day", "slot_future"}
_UNDER_WAY = {"order_times"}
BROKEN: dict[str, set[str]] = {
    "on_search": _SEARCH,  # location_ids of no location, retail fulfillment types, days 01, slots past and unsorted
    "on_select": _SELECT,  # no state, wrong weekday, slots hours in the past
    "on_select_confirm": _SELECT,
    "on_select_reject": {"alternatives", "required", "serviceability_state", "slot_day"},
    "on_init": {"money", "required"},  # "450", no locations
    "on_confirm": set(),  # the finder fee is spelled in another way than ours, which is theirs
    "on_cancel": set(),
    "on_update": {"required"},
    "on_status_pending": _UNDER_WAY,  # updated_at a little after context.timestamp
    "on_status_in_transit": _UNDER_WAY,
    "on_status_at_location": _UNDER_WAY,
    "on_status_completed": _UNDER_WAY | {"enum"},  # label Invoice
}
"""Which rules a callback of that name breaks, in every flow unless EXCEPTIONS says otherwise."""

EXCEPTIONS = {
    "seller_cancel_flow/on_cancel": {"required"},
    "consultation_flow/on_update": {"enum", "line_count", "line_item", "required"},  # state Packed
    "consultation_flow/on_status_completed": _UNDER_WAY | {"enum", "line_count", "line_item", "required"},
    "schedule_reselection_flow/on_status_completed": _UNDER_WAY | {"invoice"},
}


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", MESSAGES_SEEN + EXAMPLES_SEEN, ids=_name)
def test_every_real_message_is_read(path):
    payload = json.loads(path.read_bytes())
    action = payload["context"]["action"]
    normal = normalize(action, payload, HEX)
    if action in MESSAGES:
        envelope = parse_request(action, normal)
        assert isinstance(envelope.message, MESSAGES[action])
    else:
        assert isinstance(parse_reply(action, payload).message, REPLIES[action])
        assert isinstance(parse_reply(action, normal).message, REPLIES[action])


@pytest.mark.parametrize("path", MESSAGES_SEEN + EXAMPLES_SEEN, ids=_name)
def test_the_normal_form_of_every_real_message_is_a_fixed_point(path):
    payload = json.loads(path.read_bytes())
    action = payload["context"]["action"]
    once = normalize(action, payload, CANONICAL)
    assert normalize(action, once, CANONICAL) == once


def test_there_are_as_many_messages_as_were_recorded():
    assert len(MESSAGES_SEEN) == 74


@pytest.mark.parametrize("path", [path for path in MESSAGES_SEEN if path.stem.startswith("on_")], ids=_name)
def test_a_real_callback_breaks_exactly_the_rules_of_the_table(path):
    found = {violation.rule for violation in check_callback(json.loads(path.read_bytes()))}
    assert found == EXCEPTIONS.get(_name(path), BROKEN[path.stem])


@pytest.mark.parametrize(
    "path", [path for path in EXAMPLES_SEEN if path.stem.startswith("on_") and "customi" not in path.stem], ids=_name
)
def test_no_published_example_would_be_sent_as_it_is(path):
    assert check_callback(json.loads(path.read_bytes()))
