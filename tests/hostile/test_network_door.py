"""Hostile messages to the real server, signed by a real buyer app or by nobody."""

from __future__ import annotations

import copy
import string
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpp.sandbox.identities import BPP, BUYER, GATEWAY
from tests.support.hostile import Seller, check_answer, check_network_answer, signed
from tests.support.hostile_json import json_bodies
from tests.support.hostile_messages import ACTIONS, PLACES, PLANTED, odd_values
from tests.support.json_edit import edited
from tests.support.request_builders import REQUESTS

few = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def message_of(action: str, number: int = 0) -> dict[str, Any]:
    """A message of our own example, for the running seller and of now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    made = copy.deepcopy(REQUESTS[action])
    made["context"] |= {
        "bap_id": BUYER.subscriber_id,
        "bap_uri": "http://127.0.0.1:9",
        "bpp_id": BPP.subscriber_id,
        "bpp_uri": "http://127.0.0.1:9",
        "timestamp": now,
        "transaction_id": f"T-hostile-{number}",
        "message_id": f"M-hostile-{number}",
    }
    return made


@few
@given(action=st.sampled_from(ACTIONS), body=json_bodies)
def test_bytes_that_are_hardly_json_get_a_nack_of_the_published_shape(seller: Seller, action: str, body: bytes) -> None:
    answer = seller.post(action, body)

    check_network_answer(answer)
    assert answer.document["message"]["ack"]["status"] == "NACK"


@settings(few, max_examples=150)
@given(place=st.sampled_from(PLACES), odd=odd_values, number=st.integers(0, 10**9))
def test_a_message_with_anything_in_any_place_is_answered_in_the_published_shape(
    seller: Seller, place: tuple[str, str], odd: Any, number: int
) -> None:
    action, path = place

    check_network_answer(seller.post(action, orjson.dumps(edited(message_of(action, number), path, odd))))


FIELDS = st.sampled_from(["language", "order", "phone", "code", "text", "csrf"])
FORMS = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(FIELDS, st.text(max_size=60)).map(lambda one: urlencode(one, errors="surrogatepass").encode()),
    st.lists(
        st.sampled_from(["order=%00", "phone=%FF9800000000", "text=%ED%A0%80", "code=ITM004", "&", "%", "=;"])
    ).map(lambda parts: "&".join(parts).encode()),
)


@few
@given(body=FORMS)
def test_whatever_comes_as_the_public_form_is_answered_with_the_page_and_is_no_complaint(
    seller: Seller, body: bytes
) -> None:
    answer = seller.request("POST", "/grievance", body, {"Content-Type": "application/x-www-form-urlencoded"})

    check_answer(answer)
    assert answer.status in {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS}
    assert answer.body.decode().startswith("<!doctype html>")


HEADER_TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=60)
PARAMETER = st.sampled_from(["keyId", "algorithm", "created", "expires", "headers", "signature", "x", ""])
NEARLY = st.lists(
    st.tuples(PARAMETER, st.sampled_from(["=", " = ", "", "=="]), st.sampled_from(['"', ""]), HEADER_TEXT), max_size=8
).map(lambda parts: "Signature " + ",".join(f"{name}{sign}{quote}{text}{quote}" for name, sign, quote, text in parts))


@few
@given(
    action=st.sampled_from(ACTIONS),
    authorization=HEADER_TEXT | NEARLY,
    gateway=st.none() | HEADER_TEXT | NEARLY,
)
def test_a_signature_that_is_none_gets_401_and_nothing_else_is_said(
    seller: Seller, action: str, authorization: str, gateway: str | None
) -> None:
    headers = {"Authorization": authorization, "Content-Type": "application/json"}
    if gateway is not None:
        headers["X-Gateway-Authorization"] = gateway

    answer = seller.request("POST", f"/{action}", orjson.dumps(message_of(action)), headers)

    if answer.status == 400:  # characters that no HTTP header may have
        assert answer.code == "30000"
    else:
        assert (answer.status, answer.code) == (401, "30016")
        assert answer.document["error"]["message"] == "Invalid Signature"
    check_network_answer(answer)


@few
@given(at=st.integers(0, 300), letter=st.sampled_from(string.printable[:95]), of=st.sampled_from([BUYER, GATEWAY]))
def test_a_signature_with_one_letter_changed_never_lets_anything_in(seller: Seller, at: int, letter: str, of) -> None:
    body = orjson.dumps(message_of("select"))
    good = signed(body)["Authorization"]
    at %= len(good)
    bad = good[:at] + letter + good[at + 1 :]

    answer = seller.request("POST", "/select", body, {"Authorization": bad, "Content-Type": "application/json"})

    check_network_answer(answer)
    assert answer.status in ({401} if bad.lower() != good.lower() else {200, 401})


def test_nothing_of_refused_messages_is_stored_beside_the_audit(seller: Seller) -> None:
    bodies = [(action, orjson.dumps(edited(message_of(action), path, [PLANTED]))) for action, path in PLACES[::3]]
    refused = [one for one in bodies if seller.post(*one).code]
    assert len(refused) > len(bodies) / 2
    before = seller.stored()

    for one in refused:
        seller.post(*one)

    assert seller.stored() == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *[
            ("POST", path)
            for path in ("/on_subscribe", "/nothing", "/select/", "/SELECT", "//select", "/select%00", "/on_select")
        ],
        *[
            ("GET", path)
            for path in (
                "/health/live",
                "/health/ready",
                "/metrics",
                "/docs",
                "/docs.json",
                "/support",
                "/grievance",
                "/",
            )
        ],
        *[("GET", path) for path in ("/ondc-site-verification.html", "/assets/%00", "/assets/..%2f..%2fetc%2fpasswd")],
        *[
            ("GET", f"/invoices/{ref}/{key}")
            for ref in ("x", "%00", "a" * 3000, "%F0%9F%98%80")
            for key in ("y", "%FF")
        ],
        *[("GET", path) for path in ("/invoices/x/y/z", "/credit-notes/x/y", "/pay/x/y/z", "/mou/x/y", "/mou/%27--/y")],
        *[(method, "/health/live") for method in ("POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW")],
        ("GET", "/api/v1/"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/api/v1/orders"),
        ("POST", "/api/v1/nothing"),
    ],
)
def test_every_other_address_answers_strangers_without_a_fault(seller: Seller, method: str, path: str) -> None:
    check_answer(seller.request(method, path, b"{}" if method == "POST" else b"", {"Content-Type": "application/json"}))
