"""What quickly says that a callback has its shape says so of no other than those of which the models say it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from pydantic import BaseModel, ValidationError

from beckn_schemas.callbacks import CALLBACKS
from beckn_schemas.common import Contact
from beckn_schemas.strict_base import Context, Error, Strict
from beckn_schemas.strict_forms import fits
from beckn_schemas.strict_order import EndStop, StartStop
from tests.beckn_schemas.test_checked_alike import changed
from tests.support.callback_builders import VALID

QUICK = sorted(name for name, make in VALID.items() if make()["context"]["action"] != "on_search")
"""Items of a catalog are told apart by their tags: only the models can do that."""


def right(model, value):
    try:
        model.model_validate(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", QUICK)
def test_right_callbacks_are_known_as_such_at_once(name):
    payload = VALID[name]()
    assert fits(Context, payload["context"])
    assert fits(CALLBACKS[payload["context"]["action"]], payload["message"])


@settings(max_examples=600)
@given(changed())
def test_what_has_the_form_has_the_shape(payload):
    context = payload.get("context")
    messages = [(model, payload.get("message")) for model in CALLBACKS.values()]  # each shape requires something else
    parts: list[tuple[type[BaseModel], object]] = [(Context, context), (Error, payload.get("error")), *messages]
    for model, value in parts:
        assert not fits(model, value) or right(model, value)


@pytest.mark.parametrize(
    "change",
    [
        {"domain": "ONDC:SRV11\n"},
        {"bap_uri": "https://buyer.example.org\n"},
        {"timestamp": "2026-02-03T04:30:00.000Z\n"},
        {"bap_id": "x" * 256},
        {"bap_id": b"buyer.example.org"},
        {"domain": "X-ONDC:SRV11"},
        {"more": "than there is"},
        {"ttl": "PT31S"},
        {"location": {"city": {"code": "std:0522"}}},
    ],
)
def test_texts_are_matched_as_a_whole_and_keys_are_known(change):
    context = VALID["on_select"]()["context"]
    assert fits(Context, context)
    assert not fits(Context, {**context, **change})
    assert not right(Context, {**context, **change})


class Told(Strict):
    """A shape with an object that stays one."""

    contact: Contact


def test_an_object_inside_of_a_shape_that_forbids_keys_is_left_to_the_models():
    assert right(Told, {"contact": {"phone": "98111 22333"}})
    assert not right(Told, {"contact": {"odd": "key"}})
    assert not fits(Told, {"contact": {"odd": "key"}})


def test_a_stop_is_of_the_type_that_it_says():
    stops = VALID["on_confirm"]()["message"]["order"]["fulfillments"][0]["stops"]
    (start,) = (one for one in stops if one["type"] == "start")
    assert fits(StartStop, start)
    assert not fits(EndStop, start)
    assert not fits(StartStop, {key: part for key, part in start.items() if key != "type"})
