"""Folders of recorded messages in the shapes that are about: each is read into the same conversation."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.conformance.check import Outcome
from bpp.conformance.checks.evidence import CHECKS
from bpp.conformance.evidence.arrange import BY_ACTION, BY_NUMBER, BY_TIME
from bpp.conformance.evidence.jsontext import read_values
from bpp.conformance.evidence.read import Recorded, read_folder
from bpp.conformance.evidence.walk import Limits
from bpp.conformance.judge import judge
from bpp.conformance.record import Flow
from tests.conformance.evidence_samples import ACK, Json, conversation, message

STEPS = ("search", "on_search", "select", "on_select", "init", "on_init")
SAID = conversation(*STEPS)
NACK = {"message": {"ack": {"status": "NACK"}}, "error": {"code": "30016", "message": "signature"}}
HEADER = 'Signature keyId="a|b|ed25519"'

Files = dict[str, str | bytes]


def _lay(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def _each(pattern: str, wrap: Callable[[Json], Any] = lambda one: one, **dumps: Any) -> Files:
    return {
        pattern.format(action=action, n=n, m=n + 9): json.dumps(wrap(one), **dumps)
        for n, (action, one) in enumerate(SAID.items(), 1)
    }


def _conversation(recorded: Recorded) -> Flow:
    """The one flow of messages that was found."""
    (flow,) = [one for one in recorded.flows if one.records]
    return flow


def _lines(**dumps: Any) -> str:
    return "".join(json.dumps(one, **dumps) + "\n" for one in SAID.values())


def _in_prose() -> str:
    return "\n".join(f"2026-02-02 09:00 INFO [{n}] sent: {json.dumps(one)}" for n, one in enumerate(SAID.values()))


def _validator_request() -> str:
    return json.dumps({"domain": "SRV11", "version": "2.0.0", "flow": "1", "payload": {**SAID, "confirm": {}}})


def _by_pairs() -> Files:
    return {
        f"{one}.json": json.dumps({"request": SAID[one], "response": SAID[f"on_{one}"]})
        for one in ("search", "select", "init")
    }


def _as_browsers_export() -> str:
    entries = [
        {
            "startedDateTime": "2026-02-02T03:30:00Z",
            "request": {
                "method": "POST",
                "headers": [{"name": "authorization", "value": HEADER}],
                "postData": {"mimeType": "application/json", "text": json.dumps(one)},
            },
            "response": {"status": 200, "content": {"text": json.dumps(ACK)}},
        }
        for one in SAID.values()
    ]
    return json.dumps({"log": {"entries": entries}})


SHAPES: dict[str, Files] = {
    "as ONDC's reviewers ask": _each("Entity/seller/core-apis/booking_flow/{action}.json", indent=2),
    "domain, then side": _each("Entity/SRV/Seller/booking_flow/{action}.json"),
    "names in words": _each("Seller/Flow 2 ( Order Flow )/{action} (Schedule confirmed).json"),
    "one flat folder": _each("{action}.json"),
    "numbers before": _each("{n:02d}_{action}.json"),
    "numbers before, with points": _each("flow1/{m}.{action}.json"),
    "numbers after": _each("{action}_{n}.json"),
    "names of nothing": _each("payload-{n}.json"),
    "minified, with a byte order mark": {
        name: b"\xef\xbb\xbf" + str(text).encode()
        for name, text in _each("{action}.json", separators=(",", ":")).items()
    },
    "sixteen bits a letter": {
        name: str(text).encode("utf-16") for name, text in _each("{action}.json", indent=1).items()
    },
    "texts": _each("{action}.txt", indent=2),
    "texts that were JSON": _each("{action}.json.txt"),
    "a name without a suffix": _each("{action}"),
    "JSON lines": {"all.jsonl": _lines()},
    "JSON lines in a log": {"all.log": _lines()},
    "a log with prefixes": {"all.log": _in_prose()},
    "one after the other in one file": {"T-1.json": "".join(json.dumps(one, indent=4) for one in SAID.values())},
    "headings between": {"notes.txt": "\n".join(f"== {k} ==\n{json.dumps(v, indent=2)}" for k, v in SAID.items())},
    "an array": {"all.json": json.dumps([*SAID.values()])},
    "names to messages": {"all.json": json.dumps(SAID)},
    "names to arrays": {"all.json": json.dumps({name: [one] for name, one in SAID.items()})},
    "what a validator is sent": {"all.json": _validator_request()},
    "payload": _each("{action}.json", lambda one: {"payload": one}),
    "payload in payload": _each("{action}.json", lambda one: {"npType": "BPP", "payload": {"jsonRequest": one}}),
    "request and response": _by_pairs(),
    "body as text": _each("{action}.json", lambda one: {"body": json.dumps(one)}),
    "headers and body": _each("{action}.json", lambda one: {"headers": {"Authorization": HEADER}, "body": one}),
    "as browsers export": {"session.json": _as_browsers_export()},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_folder_of_any_shape_is_one_conversation(tmp_path: Path, shape: str) -> None:
    recorded = read_folder(_lay(tmp_path, SHAPES[shape]))

    flow = _conversation(recorded)
    assert [(one.action, one.sent, one.document) for one in flow.records] == [
        (name, not name.startswith("on_"), one) for name, one in SAID.items()
    ]
    assert [one.number for one in flow.records] == [1, 2, 3, 4, 5, 6]
    assert (flow.domain, flow.live, recorded.broken, recorded.aside) == ("ONDC:SRV11", False, (), {})
    assert recorded.orders[flow.title] == BY_TIME


@pytest.mark.parametrize("shape", SHAPES)
def test_one_file_may_be_given_for_a_folder(tmp_path: Path, shape: str) -> None:
    folder = _lay(tmp_path, SHAPES[shape])
    first = next(one for one in sorted(folder.rglob("*")) if one.is_file())

    assert _conversation(read_folder(first)).records


def test_flows_are_named_by_their_folder(tmp_path: Path) -> None:
    other = conversation(*STEPS, transaction_id="T-2")
    third = conversation(*STEPS, transaction_id="T-3")
    fourth = conversation(*STEPS, transaction_id="T-4")
    files = {f"A/seller/reschedule_flow/{name}.json": json.dumps(one) for name, one in SAID.items()}
    files |= {f"A/seller/Booking Flow/{name}.json": json.dumps(one) for name, one in other.items()}
    files |= {f"B/seller/reschedule_flow/{name}.json": json.dumps(one) for name, one in third.items()}
    files |= {f"B/seller/reschedule_flow/{name}_again.json": json.dumps(one) for name, one in fourth.items()}

    recorded = read_folder(_lay(tmp_path, dict(files)))

    assert [one.name for one in recorded.flows if one.records] == [
        "Booking",
        "A/seller/reschedule_flow",
        "B/seller/reschedule_flow #1",
        "B/seller/reschedule_flow #2",
    ]


def test_what_both_sides_recorded_is_judged_once(tmp_path: Path) -> None:
    files = _each("X/buyer/booking_flow/{action}.json", indent=4) | _each("X/seller/booking_flow/{action}.json")

    recorded = read_folder(_lay(tmp_path, files))

    assert len(_conversation(recorded).records) == 6
    assert recorded.aside == {"X/buyer/booking_flow: says what another folder says": 6}


def test_a_validators_report_beside_does_not_double_the_messages(tmp_path: Path) -> None:
    report = {"success": False, "response": {"report": {"recon": "JSON cannot be empty"}, "payload": SAID}}

    recorded = read_folder(_lay(tmp_path, _each("{action}.json") | {"log-validation.json": json.dumps(report)}))

    assert len(_conversation(recorded).records) == 6


def test_a_message_that_was_sent_twice_is_there_twice(tmp_path: Path) -> None:
    twice = json.dumps(SAID["on_init"])

    recorded = read_folder(_lay(tmp_path, _each("{action}.json") | {"on_init_2.json": twice}))

    assert [one.action for one in _conversation(recorded).records].count("on_init") == 2


# Order


def test_a_request_comes_before_its_callback_where_both_have_one_time_or_the_sellers_clock_is_behind(
    tmp_path: Path,
) -> None:
    said = [message("select", second=5), message("on_select", second=5), message("on_search", second=1)]
    said += [message("search", second=3), message("init", second=7), message("on_init", second=9)]

    recorded = read_folder(_lay(tmp_path, {"all.json": json.dumps(said)}))

    assert [one.action for one in _conversation(recorded).records] == [*STEPS]


def test_numbers_in_names_decide_between_messages_of_one_time(tmp_path: Path) -> None:
    files = {
        f"on_status_{n}.json": json.dumps(message("on_status", message_id=f"M-{n}", order=str(n))) for n in (10, 2, 1)
    }

    flow = _conversation(read_folder(_lay(tmp_path, dict(files))))

    assert [one.order["id"] for one in flow.records] == ["1", "2", "10"]


@pytest.mark.parametrize(("pattern", "how"), [("{m}. {action}.json", BY_NUMBER), ("{action}.json", BY_ACTION)])
def test_without_times_order_is_by_numbers_or_by_the_usual_order_and_the_report_says_so(
    tmp_path: Path, pattern: str, how: str
) -> None:
    files = _each(pattern, lambda one: {**one, "context": {**one["context"], "timestamp": "yesterday"}})

    recorded = read_folder(_lay(tmp_path, files))

    flow = _conversation(recorded)
    assert [one.action for one in flow.records] == [*STEPS]
    assert f"order of messages {how}: {flow.title}" in recorded.notes


def test_the_files_name_says_the_action_where_the_context_does_not(tmp_path: Path) -> None:
    files = _each("{n}.{action} (Awarded).json", lambda one: {**one, "context": {**one["context"], "action": None}})

    assert [one.action for one in _conversation(read_folder(_lay(tmp_path, files))).records] == [*STEPS]


# What stands beside messages


@pytest.mark.parametrize(
    "beside",
    [
        {"search.json": SAID["search"], "search_ack.json": ACK},
        {"search.json": SAID["search"], "search (response).json": ACK},
        {"search.json": SAID["search"], "answers/x.json": ACK, "reply-1.json": {**ACK, "context": SAID["search"]["context"]}},
        {"search.json": {"request": SAID["search"], "response": ACK}},
        {"search.json": {"request": SAID["search"], "response": {"statusCode": 200, "body": json.dumps(ACK)}}},
        {"search.json": {"jsonRequest": SAID["search"], "jsonResponse": {"response": ACK}, "httpStatus": 200}},
    ],
)  # fmt: skip
def test_a_synchronous_answer_is_found_beside_its_message(tmp_path: Path, beside: dict[str, Any]) -> None:
    flow = _conversation(read_folder(_lay(tmp_path, {name: json.dumps(one) for name, one in beside.items()})))

    (record,) = flow.records
    assert record.reply is not None
    assert (record.reply.acked, record.reply.status) == (True, 200)


def test_a_refusal_comes_with_its_status_headers_and_code(tmp_path: Path) -> None:
    response = {"status": 401, "headers": {"WWW-Authenticate": "Signature"}, "body": NACK}

    flow = _conversation(
        read_folder(_lay(tmp_path, {"a.json": json.dumps({"request": SAID["search"], "response": response})}))
    )

    reply = flow.records[0].reply
    assert reply is not None
    assert (reply.status, reply.error_code, reply.headers["www-authenticate"]) == (401, "30016", "Signature")


def test_the_bytes_of_a_body_that_was_recorded_as_text_are_kept_with_its_header(tmp_path: Path) -> None:
    text = json.dumps(SAID["on_search"], indent=3)
    wrapped = {"headers": {"authorization": HEADER}, "body": text}

    (record,) = _conversation(read_folder(_lay(tmp_path, {"x.json": json.dumps(wrapped)}))).records

    assert record.body == text.encode()
    assert record.headers is not None
    assert record.headers["Authorization"] == HEADER


def test_what_nobody_recorded_is_none(tmp_path: Path) -> None:
    for one in _conversation(read_folder(_lay(tmp_path, SHAPES["one flat folder"]))).records:
        assert (one.headers, one.reply, one.elapsed, one.problem, one.url, one.probe) == (
            None,
            None,
            None,
            None,
            None,
            "",
        )


# What is not judged


def test_what_is_said_to_a_settlement_agency_is_set_aside_and_counted(tmp_path: Path) -> None:
    files = _each("core-apis/x_flow/{action}.json")
    for n, action in enumerate(("settle", "on_settle", "on_settle", "report"), 1):
        files[f"rsf/{n}.{action}.json"] = json.dumps(message(action, transaction_id="T-9", domain="ONDC:NTS10"))

    recorded = read_folder(_lay(tmp_path, files))

    assert len(_conversation(recorded).records) == 6
    assert recorded.aside == {
        "settle: not of a flow with buyer apps": 1,
        "on_settle: not of a flow with buyer apps": 2,
        "report: not of a flow with buyer apps": 1,
    }


def test_complaints_and_reconciliations_are_flows_by_themselves(tmp_path: Path) -> None:
    files: Files = {
        f"igm/{n}.{action}.json": json.dumps(message(action, transaction_id="T-8", second=n, message_id=f"M-{n // 2}"))
        for n, action in enumerate(("issue", "on_issue", "on_issue", "issue_status", "on_issue_status"))
    }
    files |= {
        f"rsf/{action}.json": json.dumps(message(action, transaction_id="T-9", domain="ONDC:NTS10"))
        for action in ("recon", "on_recon")
    }

    recorded = read_folder(_lay(tmp_path, files))

    assert {one.name: [record.sent for record in one.records] for one in recorded.flows if one.records} == {
        "igm": [True, False, False, True, False],
        "rsf": [True, False],
    }
    assert recorded.aside == {}


def test_in_a_complaint_of_the_sellers_it_is_the_seller_who_asks(tmp_path: Path) -> None:
    info = {"org": {"name": "seller.example::ONDC:SRV11"}}
    issue = {"complainant_id": "NP1", "actors": [{"id": "NP1", "type": "INTERFACING_NP", "info": info}]}
    files: Files = {
        f"igm/{n}.{action}.json": json.dumps(
            message(action, second=n, bpp_id="seller.example") | {"message": {"issue": issue}}
        )
        for n, action in enumerate(("issue", "on_issue"))
    }

    (flow,) = (one for one in read_folder(_lay(tmp_path, files)).flows if one.records)

    assert [(one.action, one.sent) for one in flow.records] == [("issue", False), ("on_issue", True)]


def test_another_business_is_set_aside_but_a_service_that_names_it_once_is_judged(tmp_path: Path) -> None:
    retail = conversation(*STEPS, domain="ONDC:RET10", transaction_id="T-2")
    files = _each("a/{action}.json") | {f"b/{name}.json": json.dumps(one) for name, one in retail.items()}
    files["a/on_status.json"] = json.dumps(message("on_status", domain="ONDC:RET10"))

    recorded = read_folder(_lay(tmp_path, files))

    assert len(_conversation(recorded).records) == 7
    assert recorded.aside == {"ONDC:RET10: not services": 6}


def test_files_that_are_no_messages_are_counted_and_nothing_else(tmp_path: Path) -> None:
    others: Files = {
        "README.md": "# Logs {of} ours",
        "diagram.png": b"\x89PNG",
        "package.json": '{"name": "x"}',
        "schema.json": '{"properties": {"context": {"properties": {"action": {"type": "string"}}}}}',
        "readme.txt": "call {name} [at] home, { or not",
        "notes": b"\xff\xfe\xfa binary",
        ".git/objects/x.json": "{{{{",
        ".DS_Store": b"\x00",
        "__MACOSX/search.json": "{{{",
    }

    recorded = read_folder(_lay(tmp_path, _each("{action}.json") | others))

    assert len(_conversation(recorded).records) == 6
    assert (recorded.ignored, recorded.broken) == (6, ())


def test_an_empty_folder_is_judged_to_say_nothing(tmp_path: Path) -> None:
    report = judge("nothing", read_folder(tmp_path).flows)

    assert not report.passed
    assert {one.outcome for one in report.summaries} == {Outcome.NOT_RUN}


# Broken JSON


def _json_findings(folder: Path) -> list[tuple[str, str]]:
    report = judge("folder", read_folder(folder).flows, CHECKS)
    return [(one.check, one.path) for one in (*report.errors, *report.warnings)]


@pytest.mark.parametrize(
    ("name", "text", "check", "where"),
    [
        ("on_status.json", '{"context": {"action": "on_status"},\n "message": {', "readable_json", "line 2 column 14"),
        ("on_status.json", "", "readable_json", "line 1 column 1"),
        ("on_status.json", "<html>\n", "readable_json", "line 1 column 1"),
        ("on_status.json", b'{"a":\n"\xff"}', "readable_json", "line 2 column 2"),
        ("on_status.json", '{"a": NaN}', "readable_json", "line 1 column 1"),
        ("on_status.json", "[" * 100_000, "readable_json", "line 1 column 1"),
        ("2.Status (again).json", "{'a': 1}", "readable_requests", "line 1 column 2"),
        ("unknown.json", '{"a": 1', "readable_json", "line 1 column 8"),
    ],
)
def test_broken_json_is_reported_with_its_place_and_the_rest_is_judged(
    tmp_path: Path, name: str, text: str | bytes, check: str, where: str
) -> None:
    folder = _lay(tmp_path, _each("x_flow/{action}.json") | {f"x_flow/{name}": text})

    assert _json_findings(folder) == [(check, f"x_flow/{name} {where}")]
    assert len(_conversation(read_folder(folder)).records) == 6


@pytest.mark.parametrize(
    ("right", "slip"),
    [('"version": "2.0.0"', '"version": "2.0.0",,'), ('"id": "O-1"', '"id": "O-1" , '), ("}}}", "}},}")],
)
def test_a_message_whose_only_fault_are_superfluous_commas_is_reported_and_read(
    tmp_path: Path, right: str, slip: str
) -> None:
    files = _each("{action}.json")
    files["on_select.json"] = str(files["on_select.json"]).replace(right, slip, 1)

    recorded = read_folder(_lay(tmp_path, files))

    assert [(one.file, one.mended, one.request) for one in recorded.broken] == [("on_select.json", True, False)]
    assert [one.document for one in _conversation(recorded).records] == [*SAID.values()]
    assert [check for check, _ in _json_findings(tmp_path)] == ["readable_json"]


def test_a_slip_of_the_buyers_is_a_warning(tmp_path: Path) -> None:
    files = _each("{action}.json")
    files["select.json"] = str(files["select.json"]).replace('"2.0.0"', '"2.0.0",,')

    report = judge("folder", read_folder(_lay(tmp_path, files)).flows, CHECKS)

    assert [(one.check, one.path.split()[0]) for one in report.warnings] == [("readable_requests", "select.json")]
    assert report.errors == ()


def test_one_broken_line_of_many_costs_no_other(tmp_path: Path) -> None:
    lines = _lines().splitlines()
    lines[2] = lines[2][:-20]

    recorded = read_folder(_lay(tmp_path, {"all.jsonl": "\n".join(lines)}))

    assert [one.action for one in _conversation(recorded).records] == [one for one in STEPS if one != "select"]
    assert [(one.line, one.mended) for one in recorded.broken] == [(3, False)]


@given(st.text(alphabet='{}[]",:\\ 0a\n', max_size=60), st.booleans())
def test_any_text_is_read_or_reported_and_never_raises(text: str, prose: bool) -> None:
    values, slips = read_values(text.encode(), prose=prose)

    assert prose or values or slips
    assert all(one.line >= 1 and one.column >= 1 for one in slips)


@settings(max_examples=40)
@given(
    st.recursive(
        st.text(max_size=5) | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner)
    )
)
def test_commas_in_texts_are_left_alone(document: object) -> None:
    text = json.dumps([document, {"a": ",,]"}], ensure_ascii=False)

    values, slips = read_values(f"{text[:-1]},]".encode(), prose=False)

    assert [one.document for one in values] == [json.loads(text)]
    assert [one.mended for one in slips] == [True]


# Limits


def test_links_are_not_followed_and_the_verdict_says_so(tmp_path: Path) -> None:
    outside = _lay(tmp_path / "outside", {"on_confirm.json": json.dumps(message("on_confirm"))})
    folder = _lay(tmp_path / "folder", _each("{action}.json"))
    (folder / "on_confirm.json").symlink_to(outside / "on_confirm.json")
    (folder / "more").symlink_to(outside, target_is_directory=True)

    report = judge("folder", read_folder(folder).flows, CHECKS)

    (readable,) = [one for one in report.summaries if one.check.name == "readable_json"]
    assert readable.outcome is Outcome.NOT_RUN
    assert {
        "not read: more: a link, which is not followed",
        "not read: on_confirm.json: a link, which is not followed",
    } == {*readable.reasons}
    assert len(_conversation(read_folder(folder)).records) == 6


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(_lay(tmp_path, _each("{action}.json")) / "on_confirm.json")

    assert len(_conversation(read_folder(tmp_path)).records) == 6


@pytest.mark.parametrize(
    ("limits", "kept", "why"),
    [
        (Limits(file=400), 6, "z.json: larger than 400 bytes"),
        (Limits(files=4), 4, "holds more than 4 files"),
        (Limits(total=600), 2, "holds more than 600 bytes"),
    ],
)
def test_what_is_beyond_the_limits_is_left_out_and_told(tmp_path: Path, limits: Limits, kept: int, why: str) -> None:
    folder = _lay(tmp_path, _each("{action}.json") | {"z.json": " " * 500})

    flows = read_folder(folder, limits=limits).flows

    assert len(flows[0].records) == kept
    assert why in str([one.value for one in flows[-1].notes])


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_folder(tmp_path / "nowhere")
