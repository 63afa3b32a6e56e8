"""What is told of the log: every message with its answer, how each ended, and nothing but that."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.observability.entries import Telling, entries_of
from bpp.observability.masking import Masker
from bpp.observability.outcome import NEVER_SENT, Ended, Failure, ended
from bpp.observability.types import ALWAYS, CHOSEN, answer_to, told
from bpp.storage.ports_observability import Exchange
from tests.support.callback_builders import VALID, envelope
from tests.support.request_builders import REQUESTS

ACK, NACK = b'{"message":{"ack":{"status":"ACK"}}}', b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30009"}}'
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
TELLING = Telling(actions=told(()), masker=Masker(b"secret"), subscriber_id="seller.example.org")


def row(document, **changes):
    given = {
        "seq": 7,
        "at": AT,
        "action": document["context"]["action"],
        "transaction_id": "T1",
        "http_status": 200,
        "outcome": "ACK",
        "body": orjson.dumps(document),
        "answer": ACK,
    }
    return Exchange(**{**given, **changes})


def said(exchange, telling=TELLING):
    return [orjson.loads(one.body) for one in entries_of(exchange, telling)]


def test_everything_from_on_search_on_is_told_with_grievances_and_settlement():
    core = "select init confirm status track cancel update issue issue_status settle report recon"
    both = {name for one in core.split() for name in (one, f"on_{one}")}

    assert both | {"on_search"} == ALWAYS == told(())
    assert answer_to("on_issue") == "on_issue_response"


@pytest.mark.parametrize(
    ("also", "actions"),
    [
        ((), set()),
        (("search",), {"search"}),
        (("rating",), {"rating", "on_rating"}),
        (("support", "search"), {"support", "on_support", "search"}),
    ],
)
def test_searches_ratings_and_support_are_told_where_the_settings_say_so(also, actions):
    assert told(also) - ALWAYS == actions
    assert {name for one in CHOSEN.values() for name in one}.isdisjoint(ALWAYS)


def test_a_message_is_told_with_its_answer_and_nothing_else():
    request, response = said(row(REQUESTS["confirm"]))

    assert (request["type"], response["type"]) == ("confirm", "confirm_response")
    assert set(request["data"]) == {"context", "message"}
    assert response["data"] == {"context": request["data"]["context"], "message": {"ack": {"status": "ACK"}}}
    assert request["data"]["context"] == REQUESTS["confirm"]["context"]
    assert request["data"]["message"]["order"]["id"] == "O1"
    assert "9800000000" not in json.dumps(request)


def test_a_refusal_is_a_domain_error_told_with_the_answer():
    request, response = said(row(REQUESTS["select"], answer=NACK, outcome="NACK 30009"))

    assert "error" not in request["data"]
    assert response["data"]["message"] == {"ack": {"status": "NACK"}}
    assert response["data"]["error"] == {
        "type": "DOMAIN-ERROR",
        "code": "30009",
        "message": "Location Serviceability error",
    }


@pytest.mark.parametrize(
    ("status", "answer", "outcome", "code"),
    [
        (401, NACK, "nacked", "401"),
        (503, NACK, "NACK 31001", "503"),
        (500, b"<html>", "answered", "500"),
        (404, b"", "answered", "404"),
        (302, b"", "answered", "302"),
        (200, b"thank you", "answered", "200"),
        (None, b"", "timeout: TimeoutError: ", "504"),
        (None, b"", "connection: refused", "503"),
        (None, b"", "dns", "503"),
    ],
)
def test_what_was_no_answer_of_the_protocol_is_a_technical_error_told_with_the_message(status, answer, outcome, code):
    (entry,) = said(row(VALID["on_select"](), http_status=status, answer=answer, outcome=outcome))

    assert entry["type"] == "on_select"
    assert (entry["data"]["error"]["type"], entry["data"]["error"]["code"]) == ("TECH-ERROR", code)


@pytest.mark.parametrize("reason", sorted(NEVER_SENT))
def test_of_an_attempt_that_did_not_go_out_nothing_is_told(reason):
    assert said(row(VALID["on_select"](), http_status=None, answer=b"", outcome=f"{reason}: because")) == []


def test_each_attempt_is_told_as_it_ended_and_bears_its_own_identity():
    on_confirm = VALID["on_confirm"]()
    failed = row(on_confirm, seq=8, http_status=500, answer=b"", outcome="answered")
    told_of = [*entries_of(failed, TELLING), *entries_of(row(on_confirm, seq=9, outcome="acked"), TELLING)]

    assert [(one.type, one.seq) for one in told_of] == [
        ("on_confirm", 8),
        ("on_confirm", 9),
        ("on_confirm_response", 9),
    ]
    assert len({one.identity for one in told_of}) == 3
    assert entries_of(failed, TELLING) == (told_of[0],)


def test_a_business_error_in_a_callback_is_a_domain_error_in_published_words():
    (request, _) = said(row(envelope("on_select", {"order": {"id": "O1"}}, error="90001")))

    assert request["data"]["error"] == {
        "type": "DOMAIN-ERROR",
        "code": "90001",
        "message": "Schedule selected by the buyer is not available",
    }


def test_an_error_that_says_nothing_is_none():
    document = VALID["on_select"]() | {"error": {}}

    assert "error" not in said(row(document))[0]["data"]


def test_words_of_a_peer_in_an_error_are_not_told():
    answer = orjson.dumps(
        {"message": {"ack": {"status": "NACK"}}, "error": {"code": "X-1", "message": "call Zorawar on 9812345670"}}
    )

    assert b"9812345670" not in entries_of(row(VALID["on_init"](), answer=answer), TELLING)[1].body


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "search"},
        {"action": "rating"},
        {"body": b""},
        {"body": b"{"},
        {"body": b"[]"},
        {"body": b'{"context": 7}'},
    ],
)
def test_other_actions_and_what_was_no_message_are_not_told(changes):
    assert entries_of(row(REQUESTS["confirm"], **changes), TELLING) == ()


def test_what_stands_beside_context_message_and_error_is_not_told():
    request, _ = said(row({**REQUESTS["status"], "seen_by": "Zorawar"}))

    assert set(request["data"]) == {"context", "message"}


@given(st.none() | st.integers(100, 599), st.binary(max_size=60) | st.just(ACK) | st.just(NACK), st.text(max_size=20))
def test_however_an_exchange_ended_it_is_an_ack_a_domain_error_or_a_technical_one(status, answer, word):
    match ended(status, answer, word):
        case None:
            assert status is None
        case Ended(acknowledged=True, failure=None):
            assert status is not None
            assert 200 <= status < 300
        case Ended(acknowledged=False, failure=Failure("DOMAIN-ERROR", _, _)):
            assert status is not None
            assert status < 400
        case found:
            assert found.acknowledged is None
            assert found.failure is not None
            assert found.failure.type == "TECH-ERROR"
