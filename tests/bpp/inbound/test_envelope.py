from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpp.errors import InvalidSignature, MalformedRequest
from bpp.inbound.authenticate import Sender
from bpp.inbound.envelope import MAX_DEPTH, check_identity, read_exactly, read_json
from signing.header import KeyId
from tests.support.hostile_json import json_bodies

SENDER = Sender(key_id=KeyId("buyer.example.in", "k1"), signature="")
OWN_ID = "bpp.example.in"


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda child: st.lists(child, max_size=4) | st.dictionaries(st.text("abc", max_size=3), child, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc", max_size=5), JSON, max_size=5), st.booleans())
def test_what_any_writer_writes_is_read(message, escaped):
    assert read_json(json.dumps(message, ensure_ascii=escaped).encode()) == message


def reading(read, body):
    """What comes of a body: its value, or what is said against it."""
    try:
        return read(body)
    except MalformedRequest as refused:
        return refused.path, refused.message, refused.reason


@settings(max_examples=400)
@given(json_bodies)
@example(b'{"a" : 1, "a": ":"}')
@example(b'{"a": 1, "a": "\\u003a"}')
@example(b'{"a": "\\u003A", "b": {"c": [1, 2], "c": []}}')
@example(b'{"a": "\\\\u003a", "a": 1}')
@example(b'{"a": "}]", "b": ' + b"[" * 63 + b'"[{"' + b"]" * 63 + b"}")
@example(b'{"a": "}]", "b": ' + b"[" * 64 + b'"[{"' + b"]" * 64 + b"}")
@example(b'{"a": "\\"}]", "b": ' + b"[" * 64 + b'"[\\\\"' + b"]" * 64 + b"}")
@example(b'{"a": ' + b"[" * 255 + b"]" * 255 + b"}")
@example(b'{"a": "\\u0000"}')
@example(b'{"a": -0, "b": 1e-400, "c": 18446744073709551616}')
def test_reading_fast_takes_and_refuses_what_reading_value_by_value_does(body):
    fast, exact = reading(read_json, body), reading(lambda text: read_exactly(text.removeprefix(b"\xef\xbb\xbf")), body)

    assert repr(fast) == repr(exact)


@given(st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_reading_any_bytes_raises_nothing_but_a_malformed_request(body):
    with contextlib.suppress(MalformedRequest):
        assert isinstance(read_json(body), dict)


def test_a_byte_order_mark_is_passed_over():
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b'{"a": 1',
        b'{"a": 1} {}',
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 1}',
        b'{"context": {"bap_id": "a", "bap_id": "b"}}',
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
        b'\xef\xbb\xbf\xef\xbb\xbf{"a": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\uDC00x"}',
        b'{"\\ud800": 1}',
        b'{"a": "\\u0000"}',
        b'{"a": [{"b": "\\u0000"}]}',
        b'{"a": "line\nbreak"}',
        nested(MAX_DEPTH + 1),
        nested(100_000),
        b"[" * 100_000,
        b'{"a":' + b"[" * 200 + b"]" * 200 + b"}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_not_one_strict_json_object_is_refused_with_a_path(body):
    with pytest.raises(MalformedRequest) as refused:
        read_json(body)

    assert refused.value.path.startswith("$")
    assert "expected" in refused.value.message
    assert refused.value.reason == "invalid_json"


def test_the_path_of_text_that_cannot_be_stored_is_named():
    with pytest.raises(MalformedRequest) as refused:
        read_json(b'{"message": {"items": [{}, {"name": "a\\u0000"}]}}')

    assert refused.value.path == "$.message.items[1].name"


def test_nesting_up_to_the_limit_is_read():
    assert read_json(nested(MAX_DEPTH))


def test_a_surrogate_pair_and_an_escaped_backslash_are_plain_text():
    assert read_json(b'{"a": "\\ud83d\\ude00", "b": "\\\\ud800"}') == {"a": "😀", "b": "\\ud800"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("18446744073709551615", 2**64 - 1),
        ("99999999999999999999", 1e20),
        ("1e2", 100.0),
        ("10.00", 10.0),
    ],
)
def test_numbers_are_read_as_every_reader_reads_them(text, value):
    assert read_json(b'{"a": ' + text.encode() + b"}") == {"a": value}


def a_message(**changes) -> dict[str, object]:
    context = {"action": "select", "bap_id": "buyer.example.in", "bpp_id": OWN_ID} | changes
    return {"context": {name: value for name, value in context.items() if value is not ...}}


def test_a_message_to_us_by_its_signer_for_this_path_passes():
    check_identity(a_message(), SENDER, "select", OWN_ID)


@pytest.mark.parametrize("bpp_id", [..., None, "", OWN_ID])
def test_a_search_may_leave_the_recipient_open(bpp_id):
    check_identity(a_message(action="search", bpp_id=bpp_id), SENDER, "search", OWN_ID)


@pytest.mark.parametrize("bap_id", ["other.example.in", "buyer.example.in/x", "BUYER.example.in"])
def test_nobody_speaks_for_another_participant(bap_id):
    with pytest.raises(InvalidSignature) as refused:
        check_identity(a_message(bap_id=bap_id), SENDER, "select", OWN_ID)

    assert refused.value.reason == "identity_mismatch"


@pytest.mark.parametrize(
    ("message", "path", "reason"),
    [
        ({}, "$.context", "missing_context"),
        ({"context": []}, "$.context", "missing_context"),
        (a_message(bap_id=...), "$.context.bap_id", "missing_sender"),
        (a_message(bap_id=1), "$.context.bap_id", "missing_sender"),
        (a_message(action="confirm"), "$.context.action", "action_mismatch"),
        (a_message(action=...), "$.context.action", "action_mismatch"),
        (a_message(action=["select"]), "$.context.action", "action_mismatch"),
        (a_message(bpp_id="other.example.in"), "$.context.bpp_id", "wrong_recipient"),
        (a_message(bpp_id=...), "$.context.bpp_id", "wrong_recipient"),
        (a_message(bpp_id=""), "$.context.bpp_id", "wrong_recipient"),
        (a_message(bpp_id=0), "$.context.bpp_id", "wrong_recipient"),
    ],
)
def test_a_message_for_another_path_or_recipient_is_refused_with_its_path(message, path, reason):
    with pytest.raises(MalformedRequest) as refused:
        check_identity(message, SENDER, "select", OWN_ID)

    assert (refused.value.path, refused.value.reason) == (path, reason)


def test_a_search_for_another_seller_is_not_ours():
    with pytest.raises(MalformedRequest):
        check_identity(a_message(action="search", bpp_id="other.example.in"), SENDER, "search", OWN_ID)


def test_where_we_asked_the_roles_are_the_other_way_round():
    answer = {"context": {"action": "on_settle", "bap_id": OWN_ID, "bpp_id": "buyer.example.in"}}

    check_identity(answer, SENDER, "on_settle", OWN_ID, signer="bpp_id")
    with pytest.raises(InvalidSignature):
        check_identity(answer, SENDER, "on_settle", OWN_ID)
