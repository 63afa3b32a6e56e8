"""What the fuzzer feeds, and what must hold whatever it feeds; the seeds are written by our own examples.

Each target takes bytes. A broken promise is an AssertionError, or any exception that is not the module's own refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest

from beckn_schemas.igm_codes import IGM_ACTIONS
from beckn_schemas.nulls import says_null, without_nulls
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.domains.normalize import normalize, put_right
from bpp.errors import InvalidRequest, InvalidSignature, MalformedRequest
from bpp.inbound.authenticate import Sender
from bpp.inbound.decode import decode
from bpp.inbound.envelope import check_identity, read_exactly, read_json
from bpp.issues.errors import IssueInvalid
from bpp.settlement.errors import SettlementInvalid
from signing.errors import SignatureError
from signing.header import KeyId, SignatureHeader, has_signature_scheme
from tests.support.family_messages import FAMILY_MESSAGES, OLD_ISSUE
from tests.support.hostile_messages import ACTIONS
from tests.support.json_edit import DELETE, edited
from tests.support.request_builders import REQUESTS

HEX = Dialect(category_form="hex")
OWN_ID = "bpp.example.org"
SENDER = Sender(key_id=KeyId("buyer.example.org", "k1"), signature="")
GOOD_HEADER = str(SignatureHeader(KeyId("buyer.example.org", "k1"), 1767225600, 1767225900, "A" * 86 + "=="))


def header(data: bytes) -> None:
    """A header is read or refused for a reason; what is read is written as it is read."""
    text = data.decode("latin-1")
    has_signature_scheme(text)
    try:
        found = SignatureHeader.parse(text)
    except SignatureError as refused:
        assert refused.reason  # noqa: PT017  it may as well be read
        return
    assert SignatureHeader.parse(str(found)) == found
    with pytest.raises(SignatureError):
        replace(found, created=10**12)


def reading(data: bytes) -> None:
    """Reading fast takes, refuses and says what reading value by value does; then the envelope is bound or refused."""
    assert repr(_read(read_json, data)) == repr(_read(_exactly, data))
    try:
        message = read_json(data)
    except MalformedRequest:
        return
    for action in ("search", "select"):
        for signer in ("bap_id", "bpp_id"):
            try:
                check_identity(message, SENDER, action, OWN_ID, signer=signer)
            except (InvalidSignature, MalformedRequest):
                continue


def _exactly(data: bytes) -> dict[str, Any]:
    """Called as deep in the stack as by read_json: how far Python follows nesting counts from there."""
    return read_exactly(data.removeprefix(b"\xef\xbb\xbf"))


def _read(read: Callable[[bytes], dict[str, Any]], data: bytes) -> object:
    try:
        return read(data)
    except MalformedRequest as refused:
        return refused.path, refused.message, refused.reason


def deciding(data: bytes) -> None:
    """One walk is rule after rule, changes nothing that came and is at its end; decoding refuses in its own words only.

    The first byte says which action and dialect.
    """
    if not data:
        return
    action, dialect = ACTIONS[data[0] % len(ACTIONS)], HEX if data[0] & 128 else CANONICAL
    try:
        payload = read_json(data[1:])
    except MalformedRequest:
        return
    before = orjson.dumps(payload)
    once = normalize(action, payload, dialect)
    *_, (_, _, told) = put_right(action, payload, dialect)
    assert once == told
    assert normalize(action, once, CANONICAL, nulls=False) == once
    try:
        decode(action, payload, dialect, nulls=says_null(data))
    except InvalidRequest as refused:
        assert refused.code == "30000"  # noqa: PT017  it may as well be read
    assert says_null(data) or without_nulls(payload) == payload
    assert orjson.dumps(payload) == before


def families(data: bytes) -> None:
    """Grievances and settlement are read, or refused in their own words only; nothing that came is changed.

    The first byte says which action.
    """
    if not data:
        return
    action = FAMILIES[data[0] % len(FAMILIES)]
    try:
        payload = read_json(data[1:])
    except MalformedRequest:
        return
    if not isinstance(payload.get("context"), dict):
        return  # the envelope is looked at before
    before = orjson.dumps(payload)
    try:
        decode(action, payload, CANONICAL)
    except (IssueInvalid, SettlementInvalid) as refused:
        expected = "IGM001" if action in IGM_ACTIONS else "70002"
        assert (refused.code, bool(refused.path)) == (expected, True)  # noqa: PT017  it may as well be read
    assert orjson.dumps(payload) == before


FAMILIES: Final = tuple(FAMILY_MESSAGES)
TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    "header": header,
    "reading": reading,
    "deciding": deciding,
    "families": families,
}

_ORDER, _INTENT = "message.order", "message.intent"
_STOP, _ITEM = f"{_ORDER}.fulfillments[0].stops[0]", f"{_ORDER}.items[0]"
_FEE = {"descriptor": {"code": "buyer finder fee"}, "list": [
    {"descriptor": {"code": "FINDER_FEE_TYPE"}, "value": "Percentage"},
    {"descriptor": {"code": "finder-fee-amount"}, "value": 3},
    {"descriptor": {"code": "Buyer_Finder_Fee_Type"}, "value": 5},
    {"descriptor": {"code": "Buyer_Finder_Fee_Amount"}},
    {"descriptor": {"code": "other"}}, {"descriptor": 1}, 2,
]}  # fmt: skip


def _odd(action: str, path: str, *values: Any) -> list[tuple[str, str, Any]]:
    return [(action, path, value) for value in values]


_NOON, _SAME = "2026-02-03T12:00:00Z", "2026-02-03T17:30:00+05:30"
SPELLINGS: Final = (
    *_odd("search", "context.ttl", DELETE, "", "P30S", "PT5D", "PT45S", 5),
    *_odd("search", f"{_INTENT}.category", {"code": "srv11-100a"}, {"id": ""}, {"id": 1}, {"id": "SRV11-*"}),
    *_odd("search", f"{_INTENT}.category", {"id": "SRV11-FFFF"}, {"id": "x"}, {"id": "srv11-1030"}, []),
    *_odd("search", f"{_INTENT}.tags", [_FEE], [1], [{"descriptor": {"code": "bap_terms"}}], [{}]),
    *_odd("search", _INTENT, *({"fulfillments": value} for value in ([], 1, [None], [{"type": "x"}]))),
    *_odd("search", _INTENT, {"fulfillment": {"stops": []}, "fulfillments": []}),
    *_odd("search", "context.domain", "ONDC:RET10"),
    *_odd("select", f"{_STOP}.location.gps", "26.8467, 80.9461", "80.9,26.8", "94.1,27.2", "x", "51.5,-0.1", 5),
    *_odd("select", f"{_STOP}.time.range", {"start": "", "end": ""}, {"start": "x", "end": "y"}, [], {}),
    *_odd("select", f"{_STOP}.time.range", {"start": _NOON, "end": _NOON}, {"start": _NOON, "end": _SAME}),
    *_odd("select", f"{_STOP}.time.range", {"start": _SAME, "end": "2026-02-03T12:00:01Z"}),
    *_odd("select", f"{_STOP}.time.days", 4, True, ["4"]),  # noqa: FBT003
    *_odd("select", f"{_STOP}.customer", {"person": {"name": "N"}}, {"person": 1}, 1),
    *_odd("select", f"{_ITEM}.quantity", DELETE, 1, {}, {"selected": 1}, {"selected": {"count": "3"}}),
    *_odd("select", f"{_ITEM}.quantity.selected.count", "many"),
    *_odd("select", f"{_ORDER}.provider.quantity", 1, {"selected": {"count": "2"}}),
    *_odd("select", f"{_ORDER}.items", [1], 1, [{"id": "I1", "parent_item_id": "", "category_ids": [""]}]),
    *_odd("confirm", _ORDER, 1, {"provider": 1}),
    *_odd("confirm", f"{_ORDER}.payments", 1, [{}, {}, {"params": {"amount": 1}}, 5, {"id": "P"}]),
    *_odd("confirm", f"{_ORDER}.quote.price.value", 998, 450.5, True, 1e22),  # noqa: FBT003
    *_odd("confirm", f"{_ORDER}.status", "Created", "ACTIVE", 5),
    *_odd("update", "message.update_target", "payments", 5, ["message.order.payments", "", "x[0]"]),
    *_odd("rating", "message.ratings[0]", {"ratingCategory": "item"}, 5),
    *_odd(
        "cancel", "message", *({"order_id": "O1", "descriptor": one} for one in (1, {}, {"code": ""}, {"code": "01"}))
    ),
    *_odd("status", "context", 1, {}),
    *_odd("status", "context.domain", "ONDC:RET10"),
    *_odd("status", "context.version", "1.0.0"),
    *_odd("status", "message", None),
)
"""Every spelling that the normaliser has a branch for."""


FAMILY_SPELLINGS: Final = (
    *_odd("issue", "context.domain", "ONDC:RET10", 5, DELETE),
    *_odd("issue", "message.issue", 1, {}, DELETE),
    *_odd("issue", "message.issue.actions", [], 1, [{}]),
    *_odd("issue_status", "message.issue_id", "", 5),
    *_odd("on_issue", "message", {}, DELETE),
    *_odd("recon", "context.domain", "ONDC:SRV11", DELETE),
    *_odd("recon", "context.version", "1.0.0"),
    *_odd("recon", "message.orders", [], [{}], 1),
    *_odd("recon", "message.orders[0].amount", {"value": "5567.0"}, {"value": "x"}, 5),
    *_odd("on_recon", "message.orders[0].settlements[0].due_date", "2026-11-26T00:10:00+05:30", "soon", 5),
    *_odd("on_settle", "message", DELETE, {"settlement": {"type": "NIL"}}, {"settlement": 1}),
    *_odd("on_report", "message.settlement.orders", [], [{"id": "O1", "error": {"code": 70024}}]),
)
"""Every way in which we know messages of grievances and settlement to be spelt, good and bad."""


def seeds(target: str) -> list[bytes]:
    """Where the fuzzer begins: every way of spelling that we know, good and bad."""
    bodies = [orjson.dumps(one) for one in REQUESTS.values()]
    match target:
        case "header":
            return [text.encode("latin-1") for text in _headers()]
        case "reading":
            return [*bodies, *_texts(bodies[0])]
        case "families":
            changed = [(action, edited(FAMILY_MESSAGES[action], *change)) for action, *change in FAMILY_SPELLINGS]
            every = (*FAMILY_MESSAGES.items(), ("issue", OLD_ISSUE), *changed)
            return [bytes([FAMILIES.index(action)]) + orjson.dumps(message) for action, message in every]
        case _:
            odd = [(action, orjson.dumps(edited(REQUESTS[action], path, value))) for action, path, value in SPELLINGS]
            whole = [(action, orjson.dumps(message)) for action, message in REQUESTS.items()]
            both = [bytes([ACTIONS.index(action)]) + body for action, body in (*whole, *odd)]
            return [b"", b"\x00[]", *both, *(bytes([one[0] + 128 - 128 % len(ACTIONS)]) + one[1:] for one in both)]


def _headers() -> list[str]:
    changed = [
        ("", ""),
        ("Signature", "Basic"),
        ('"ed25519"', '"rsa"'),
        ("|ed25519", "|rsa"),
        ("|k1|", "|"),
        ("|k1|", "||"),
        ('"1767225600"', "1767225600"),
        ('"1767225600"', '"01"'),
        ('"1767225900"', '"x"'),
        (',expires="1767225900"', ""),
        ("(created) (expires) digest", "(created)(expires)digest"),
        ("(created) (expires) digest", "digest"),
        ('algorithm="ed25519"', "algorithm=ed25519"),
        ("AA==", "AB=="),
        ("A==", "=="),
        (",", ", "),
        (",", ",,"),
        ("signature=", 'created="1",signature='),
        ('=="', '==",x="y"'),
        ("buyer", "b\u00e9"),
    ]
    return ["", "Signature", "x" * 5000, *(GOOD_HEADER.replace(old, new) for old, new in changed)]


def _texts(good: bytes) -> list[bytes]:
    context = good.partition(b'"message"')[0]
    return [
        *(
            b"",
            b"[]",
            b"{",
            b"\xff",
            b"\xef\xbb\xbf{}",
            b'{"a":NaN}',
            b'{"a":1e999}',
            b'{"a":[99999999999999999999,9999999999999999999999]}',
        ),
        *(b'{"a":1,"a":2}', b'{"a":1,"b":2,"a":3}', b'{"a":"\\u003a","a":1}', b'{"a":"\\u0000"}', b'{"a":["\\ud800"]}'),
        *(
            b'{"a":"[\\"{"}',
            b'{"a":"\\ud83d\\ude00"}',
            b'{"a":' * 65 + b"1" + b"}" * 65,
            b'{"a":' + b"[" * 300 + b"]" * 300 + b"}",
        ),
        *(
            b"[" * 100_000,
            b'{"context":{"bap_id":1}}',
            context + b'"message":{}}',
            good.replace(b"buyer.example.org", b"x", 1),
        ),
        good.replace(b'"bap_id"', b'"bpp_id":"bpp.example.org","bap_id"'),
        good.replace(b'"search"', b'"select"').replace(b'"bap_id"', b'"bpp_id":"bpp.example.org","bap_id"'),
        good.replace(b'"search"', b'"select"').replace(b'"bap_id"', b'"bpp_id":"x","bap_id"'),
    ]
