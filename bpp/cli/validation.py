"""One message judged: what it is, what our door would say to it, or what the checks of conformance find in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from beckn_schemas.ack import answer_faults
from beckn_schemas.base import SchemaViolation
from beckn_schemas.callbacks import check_schema
from beckn_schemas.replies import REPLIES
from beckn_schemas.request_faults import request_faults
from beckn_schemas.requests import MESSAGES
from bpp.conformance.check import Outcome, Severity, shown
from bpp.conformance.judge import judge
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record
from bpp.domains.dialect import Dialect
from bpp.domains.normalize import normalize, put_right
from bpp.domains.profile import PROFILES
from bpp.errors import InvalidRequest, ProtocolError
from bpp.inbound.decode import decode
from bpp.inbound.envelope import read_json

Json = dict[str, Any]
ABSENT = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that is wrong: ``rule`` is the name of a check or what refused it, ``sources`` where it stands."""

    severity: Severity
    path: str
    expected: str
    found: str
    rule: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """An odd spelling that our receiver reads: which rule of ``bpp.domains.normalize`` put what right."""

    rule: str
    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a message is and what is to be said of it.

    ``kind`` is ``request``, ``callback``, ``answer``, ``broken`` or ``unknown``. ``answer`` is what our receiver would
    say to a request. ``held`` counts the checks that held, ``open_`` names those that one message cannot answer, with
    their reason.
    """

    kind: str
    action: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    findings: tuple[Found, ...] = ()
    corrections: tuple[Correction, ...] = ()
    answer: str = ""
    notes: tuple[str, ...] = ()
    held: int = 0
    open_: dict[str, str] = field(default_factory=dict)

    @property
    def valid(self) -> bool:
        """Whether nothing was found that is wrong; warnings do not count."""
        return not any(one.severity is Severity.ERROR for one in self.findings)


def judged(body: bytes, *, own_id: str, dialect_of: Any, unsolicited: bool = False) -> Judged:
    """Judge the bytes of one message.

    ``own_id`` is our subscriber_id: our own callbacks must keep our own schema to the letter. ``dialect_of`` gives the
    dialect in which a peer's requests are read. ``unsolicited``: nobody asked for this callback.
    """
    try:
        document = read_json(body)
    except ProtocolError as refusal:
        return _broken(body, refusal)
    wrapped = document.get("sync")
    notes: tuple[str, ...] = ()
    if isinstance(wrapped, dict) and "context" not in document:
        document, notes = wrapped, ("it is wrapped in sync, as in some logs; judged is what is inside, sent bare",)
    context, message = document.get("context"), document.get("message")
    if isinstance(message, dict) and "ack" in message and not isinstance(context, dict):
        return _answer(document, notes)
    action = context.get("action") if isinstance(context, dict) else None
    if isinstance(action, str) and action in MESSAGES:
        dialect = dialect_of(str(part(document, "context").get("bap_id", "")))
        return _request(action, document, own_id, dialect, notes)
    if isinstance(action, str) and action in REPLIES:
        return _callback(action, document, body, notes, own_id=own_id, unsolicited=unsolicited)
    expected = f"one of {', '.join((*MESSAGES, *REPLIES))}, or message.ack of an answer"
    found = ABSENT if action is None else shown(action)
    return Judged(kind="unknown", findings=(_error("context.action", expected, found, "action"),), notes=notes)


def part(document: Json, key: str) -> Json:
    """An object inside an object; an empty one where there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _broken(body: bytes, refusal: ProtocolError) -> Judged:
    cause = refusal.__cause__
    hint = ""
    where = refusal.path or "$"
    if isinstance(cause, json.JSONDecodeError):
        where = f"line {cause.lineno}, column {cause.colno}"
        hint = hint_at(cause.doc, cause.pos)
    elif body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        hint = "it is UTF-16: save it as UTF-8"
    elif body.lstrip()[:1] == b"[":
        hint = "one message a file: an array of messages is none"
    return Judged(
        kind="broken",
        findings=(_error(where, refusal.message, hint, "json"),),
        answer=_nack(refusal),
        notes=(hint,) if hint else (),
    )


def hint_at(text: str, place: int) -> str:
    """What usually stands where JSON breaks off at a character; empty where nothing usual does."""
    rest, before = text[place:], text[:place].rstrip()[-1:]
    here, comma = rest[:1], before == "," or rest[:1] == ","
    after_comma = rest.removeprefix(",").lstrip()[:1]
    hints = (
        (not text.strip(), "it is empty"),
        (comma and after_comma in ("}", "]"), "there is a comma after the last element"),
        (comma and before == here, "there are two commas"),
        (here == "'", "texts stand in double quotes, not in single ones"),
        (here in ("\u201c", "\u201d", "\u2018", "\u2019"), 'the quotes are typographic ones: write " instead'),
        (here == "\ufeff", "there is a byte order mark within the text"),
        (here in ("/", "#"), "JSON has no comments"),
        (rest.startswith(("None", "True", "False", "undefined")), "JSON writes null, true and false"),
        (here in ("\n", "\r", "\t"), "a text must not hold line breaks or tabs: write \\n or \\t"),
        (before in ("}", "]") and here in ("{", "["), "one message a file: more follows after the first"),
        (not rest.strip(), "it breaks off: a bracket or quote was not closed"),
    )
    return next((hint for fits, hint in hints if fits), "")


def _answer(document: Json, notes: tuple[str, ...]) -> Judged:
    findings = tuple(
        _error(path, expected, _at(document, path), "answer") for path, expected in answer_faults(document)
    )
    status = str(part(part(document, "message"), "ack").get("status", ""))
    error = part(document, "error")
    facts = {"status": status} | ({"code": str(error.get("code", ""))} if error else {})
    return Judged(kind="answer", action=status, facts=facts, findings=findings, notes=notes)


def _request(action: str, document: Json, own_id: str, dialect: Dialect, notes: tuple[str, ...]) -> Judged:
    facts = _facts(document)
    recipient = facts["bpp_id"]
    if recipient not in ("", own_id) or (not recipient and action != "search"):
        notes += (f"it is for {recipient or 'nobody'}: we are {own_id} and would refuse it with HTTP 400",)
    try:
        corrections = tuple(_corrections(action, document, dialect))
        faults = request_faults(action, normalize(action, document, dialect))
    except SchemaViolation as deep:
        corrections, faults = (), (deep,)
    findings = [_error(one.path, one.expected, _at(document, one.path), "schema") for one in faults]
    try:
        decode(action, document, dialect)
        answer = "ACK, unless what it refers to is not there: that is not looked up here"
        if action == "search" and not _served(facts):
            answer = "ACK, and silence: no domain and version that we serve"
    except InvalidRequest as refusal:
        answer = _nack(refusal)
        if not findings:
            findings = [_error(refusal.path, refusal.message, _at(document, refusal.path), "profile")]
    return Judged(
        kind="request",
        action=action,
        facts=facts,
        findings=tuple(findings),
        corrections=corrections,
        answer=answer,
        notes=notes,
    )


def _callback(
    action: str, document: Json, body: bytes, notes: tuple[str, ...], *, own_id: str, unsolicited: bool
) -> Judged:
    record = Record(number=1, sent=False, action=action, document=document, body=body)
    facts = _facts(document)
    report = judge(action, (Flow(name="", domain=facts["domain"], records=(record,), unasked=unsolicited),))
    findings = [
        Found(
            severity=verdict.check.severity,
            path=one.path,
            expected=one.expected,
            found=one.found,
            rule=verdict.check.name,
            sources=verdict.check.sources,
        )
        for verdict in report.verdicts
        for one in verdict.findings
        if one.number == record.number  # what is said of the whole flow says that the rest of it is not here
    ]
    seen = {one.path for one in findings}
    if facts["bpp_id"] == own_id:
        findings += [
            _error(one.path, one.expected, _at(document, one.path), one.rule)
            for one in check_schema(document)
            if one.path not in seen
        ]
    return Judged(
        kind="callback",
        action=action,
        facts=facts,
        findings=tuple(findings),
        notes=notes,
        held=sum(one.outcome is Outcome.PASSED for one in report.verdicts),
        open_={one.check.name: "; ".join(one.reasons) for one in report.verdicts if one.outcome is Outcome.NOT_RUN},
    )


def _corrections(action: str, document: Json, dialect: Dialect) -> Iterator[Correction]:
    for rule, before, after in put_right(action, document, dialect):
        for path, was, now in differences(before, after):
            if now == [was]:
                continue  # one alone or a list of one: both are in order (protocol 1.9)
            yield Correction(rule=rule, path=path, before=shown(was), after=shown(now))


def differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two JSON values differ: path, what was, what is; lists of another length differ as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (was, now) in enumerate(zip(before, after, strict=True)):
            yield from differences(was, now, f"{path}[{place}]")
    elif before != after or type(before) is not type(after):
        yield path, "null" if before is None else before, after


def _served(facts: dict[str, str]) -> bool:
    profile = PROFILES.get(facts["domain"])
    return profile is not None and profile.version == facts["version"]


def _facts(document: Json) -> dict[str, str]:
    context = part(document, "context")
    keys = ("domain", "version", "bap_id", "bpp_id", "transaction_id", "message_id", "timestamp")
    return {key: str(context.get(key) or "") for key in keys}


def _nack(refusal: ProtocolError) -> str:
    return f"NACK {refusal.code} with HTTP {refusal.http_status}: {refusal}"


def _error(path: str, expected: str, found: object, rule: str) -> Found:
    return Found(severity=Severity.ERROR, path=path, expected=expected, found=str(found), rule=rule)


def _at(document: Json, path: str) -> str:
    return shown(at(document, path))
