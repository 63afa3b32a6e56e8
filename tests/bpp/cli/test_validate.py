"""`bpp validate`: any single message is named and judged; what is right holds, planted faults are found where they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from bpp.cli.validation import hint_at, judged
from bpp.domains.peers import UNCONFIGURED
from tests.support import callback_builders as callbacks
from tests.support.json_edit import DELETE, edited
from tests.support.request_builders import REQUESTS
from tests.support.sources import ROOT

SELLER = "seller.example.org"
STRANGER = "bpp.example.in"


def found_in(document, *, own_id=SELLER, **more):
    return judged(orjson.dumps(document), own_id=own_id, dialect_of=UNCONFIGURED.of, **more)


def paths(found):
    return [one.path for one in found.findings]


@pytest.mark.parametrize("action", REQUESTS)
def test_every_ordinary_request_is_valid_as_it_is(action):
    found = found_in(edited(REQUESTS[action], "context.bpp_id", SELLER))

    assert (found.kind, found.action) == ("request", action)
    assert (found.valid, found.corrections, found.notes) == (True, (), ())
    assert found.answer.startswith("ACK")


@pytest.mark.parametrize("build", [callbacks.on_search, callbacks.on_select, callbacks.on_init, callbacks.on_confirm])
@pytest.mark.parametrize("own_id", [SELLER, STRANGER])
def test_every_ordinary_callback_is_valid_ours_or_anothers(build, own_id):
    found = found_in(build(), own_id=own_id)

    assert (found.kind, found.action) == ("callback", build.__name__)
    assert found.findings == ()
    assert found.held > 5


def test_odd_spellings_of_a_request_are_told_with_the_rule_that_reads_them():
    odd = edited(REQUESTS["confirm"], "message.order.status", "Created")
    odd = edited(odd, "message.order.items[0].quantity.selected.count", "2")
    odd = edited(odd, "message.order.xinput", None)
    odd = edited(odd, "context.ttl", DELETE)

    found = found_in(edited(odd, "context.bpp_id", SELLER))

    told = {(one.path, one.before, one.after, one.rule) for one in found.corrections}
    assert told == {
        ("message.order.status", "Created", "CREATED", "order status"),
        ("message.order.items[0].quantity.selected.count", "2", "2", "count"),
        ("message.order.xinput", "null", "nothing", "null"),
        ("context.ttl", "nothing", "PT30S", "ttl"),
    }
    assert found.valid


@pytest.mark.parametrize("message", [REQUESTS["status"], callbacks.on_select()], ids=["status", "on_select"])
def test_a_message_that_is_wrapped_is_judged_within_and_said_to_be(message):
    wrapped = found_in({"sync": message})

    assert wrapped.notes[0].startswith("it is wrapped in sync")
    assert wrapped.action == message["context"]["action"]


def test_every_fault_of_a_request_is_told_and_the_nack_that_the_first_brings():
    wrong = edited(REQUESTS["select"], "message.order.items[0].id", 7)
    wrong = edited(wrong, "context.timestamp", "yesterday")

    found = found_in(edited(wrong, "context.bpp_id", SELLER))

    assert paths(found) == ["context.timestamp", "message.order.items[0].id"]
    assert found.answer.startswith("NACK 30000 with HTTP 200: context.timestamp: an RFC 3339 time")
    assert not found.valid


@pytest.mark.parametrize(
    ("path", "value", "answer"),
    [
        ("context.domain", "ONDC:RET10", "NACK 30000 with HTTP 200: context.domain"),
        ("context.version", "1.2.0", "NACK 30000 with HTTP 200: context.version"),
    ],
)
def test_a_foreign_domain_or_version_is_refused_and_only_a_search_passed_over(path, value, answer):
    refused = found_in(edited(edited(REQUESTS["status"], "context.bpp_id", SELLER), path, value))
    silent = found_in(edited(REQUESTS["search"], path, value))

    assert refused.answer.startswith(answer)
    assert paths(refused) == [path]
    assert (silent.valid, silent.answer) == (True, "ACK, and silence: no domain and version that we serve")


def test_a_request_for_another_seller_says_so():
    assert (
        "it is for other.example.org"
        in found_in(edited(REQUESTS["status"], "context.bpp_id", "other.example.org")).notes[0]
    )
    assert "it is for nobody" in found_in(REQUESTS["status"]).notes[0]


@pytest.mark.parametrize("own_id", [SELLER, STRANGER])
def test_a_wrong_sum_is_found_with_its_rule_and_source_whoever_sent_it(own_id):
    wrong = edited(callbacks.on_select(), "message.order.quote.price.value", "1.00")

    found = found_in(wrong, own_id=own_id)

    one = found.findings[0]
    assert (one.severity, one.path, one.found) == ("error", "message.order.quote.price.value", "1.00")
    assert one.sources
    assert not found.valid


def test_our_own_callback_keeps_our_schema_to_the_letter():
    extra = edited(callbacks.on_select(), "message.order.extra", "word")

    found = found_in(extra)

    assert [(one.path, one.rule) for one in found.findings] == [("message.order.extra", "unknown_key")]


def test_a_callback_that_nobody_asked_for_needs_an_id_of_its_own_and_others_need_not():
    pushed = edited(callbacks.on_status(), "context.message_id", "M-1")

    assert found_in(pushed).valid
    assert paths(found_in(pushed, unsolicited=True)) == ["context.message_id"]


@pytest.mark.parametrize(
    ("document", "wrong"),
    [
        ({"message": {"ack": {"status": "ACK"}}}, []),
        ({"sync": {"message": {"ack": {"status": "ACK"}}}}, []),
        ({"message": {"ack": {"status": "NACK"}}, "error": {"type": "DOMAIN-ERROR", "code": "30001"}}, []),
        ({"message": {"ack": {"status": "OK"}}}, ["message.ack.status"]),
        ({"message": {"ack": {"status": "NACK"}}}, ["error"]),
        ({"message": {"ack": {"status": "ACK"}}, "error": {"code": "30001"}}, ["error"]),
        ({"message": {"ack": {"status": "NACK"}}, "error": {"type": "x", "code": 30001}}, ["error.type", "error.code"]),
        ({"message": {"ack": {"status": "NACK"}}, "error": {"type": "DOMAIN-ERROR", "code": "1"}}, ["error.code"]),
    ],
)
def test_an_answer_is_recognised_bare_or_wrapped_and_judged(document, wrong):
    found = found_in(document)

    assert (found.kind, paths(found)) == ("answer", wrong)
    assert bool(found.notes) is ("sync" in document)


NO_ACTIONS: tuple[Any, ...] = ("on_dance", [], {"a": 1}, 5)


@pytest.mark.parametrize(
    "document", [{}, *({"context": {"action": one}} for one in NO_ACTIONS), {"context": []}, {"sync": {}}]
)
def test_what_is_no_message_is_said_to_be_none(document):
    found = found_in(document)

    assert (found.kind, paths(found), found.valid) == ("unknown", ["context.action"], False)


@pytest.mark.parametrize(
    ("body", "where", "hint"),
    [
        (b'{"a": 1,}', "line 1", "a comma after the last element"),
        (b'{\n "a": [1, 2,\n ]}', "line", "a comma after the last element"),
        (b'{"a": 1,, "b": 2}', "line 1", "two commas"),
        (b"{'a': 1}", "line 1, column 2", "double quotes"),
        ("{“a”: 1}".encode(), "line 1, column 2", "typographic"),
        (b'{"a": None}', "line 1, column 7", "null, true and false"),
        (b'{"a": 1} {"b": 2}', "line 1, column 10", "one message a file"),
        (b'[{"a": 1}]', "$", "one message a file"),
        (b'{"a": 1 // one\n}', "line 1, column 9", "no comments"),
        (b'{"a": "x\ny"}', "line 1, column 9", "line breaks"),
        (b'{"a": {"b": 1}', "line 1, column 15", "breaks off"),
        (b"", "line 1, column 1", "it is empty"),
        ('{"a": 1}'.encode("utf-16"), "$", "UTF-16"),
        (b'{"a": 1, "a": 2}', "$", ""),
        (b'{"a": 1; "b": 2}', "line 1, column 8", ""),
    ],
)
def test_broken_json_is_shown_by_line_and_column_with_a_hint(body, where, hint):
    found = judged(body, own_id=SELLER, dialect_of=UNCONFIGURED.of)

    assert (found.kind, found.valid) == ("broken", False)
    assert found.findings[0].path.startswith(where)
    assert hint in " ".join(found.notes)
    assert bool(hint) is bool(found.notes)
    assert found.answer.startswith("NACK 30000 with HTTP 400")


def test_a_byte_order_mark_is_passed_over_at_the_beginning_and_named_within():
    marked = b"\xef\xbb\xbf" + orjson.dumps(REQUESTS["search"])

    assert judged(marked, own_id=SELLER, dialect_of=UNCONFIGURED.of).valid
    assert "byte order mark" in hint_at('{"a": \ufeff1}', 6)


def test_the_command_says_it_in_words_as_json_and_by_its_status(bpp, tmp_path: Path):
    right, wrong = tmp_path / "right.json", tmp_path / "wrong.json"
    right.write_bytes(orjson.dumps(callbacks.on_select()))
    wrong.write_bytes(orjson.dumps(edited(callbacks.on_select(), "message.order.quote.price.value", "1.00")))

    said = bpp("validate", str(right))
    assert (said.status, said.out.splitlines()[0], said.out.splitlines()[-1]) == (0, "callback on_select", "valid")
    refused = bpp("validate", str(wrong), "--json")
    assert (refused.status, refused.json["valid"], refused.json["kind"]) == (1, False, "callback")
    assert "message.order.quote.price.value: expected" in bpp("validate", str(wrong)).out
    request = tmp_path / "search.json"
    request.write_text(json.dumps(edited(REQUESTS["search"], "context.ttl", "P30S")))
    assert "put right  context.ttl: P30S is read as PT30S [ttl]" in bpp("validate", str(request)).out


def test_a_message_is_read_from_the_standard_input():
    command = [str(Path(sys.executable).with_name("bpp")), "validate", "-"]
    body = orjson.dumps(REQUESTS["search"])

    done = subprocess.run(command, cwd=ROOT, input=body, capture_output=True, check=False, timeout=60)

    assert (done.returncode, done.stdout.splitlines()[0]) == (0, b"request search")


def test_what_cannot_be_read_is_misuse(bpp, tmp_path: Path):
    long = tmp_path / "long.json"
    with long.open("wb") as file:
        file.truncate((16 << 20) + 1)

    assert bpp("validate", str(tmp_path / "none.json")).status == 2
    assert "longer than" in bpp("validate", str(long)).err
    assert bpp("validate", str(tmp_path)).status == 2
