"""Reports for the tests of their forms: made of flows that were written down, some of them by strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.judge import judge
from bpp.conformance.record import Flow, Note, Record, Reply
from bpp.conformance.report.edition import Edition
from bpp.conformance.select import callbacks, unsolicited

MADE = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
HOSTILE = "</script></pre></style><img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
FETCHING = "<link rel=stylesheet href=http://stranger.example/a.css><iframe src=http://stranger.example/></iframe>"


def recorded(number: int, action: str, order: dict[str, Any] | None = None, **more: Any) -> Record:
    """A message: a callback where the action begins with ``on_``."""
    document = {
        "context": {"action": action, "transaction_id": "T-1", "message_id": f"M-{(number + 1) // 2}"},
        "message": {"order": order or {"id": "O-1", "status": "Accepted"}},
    }
    body = json.dumps(document).encode()
    fields: dict[str, Any] = {
        "sent": not action.startswith("on_"),
        "document": document,
        "body": body,
        "url": f"http://seller.example/{action}",
        "at": MADE + timedelta(seconds=number),
        "elapsed": number * 0.5,
        "problem": None if not action.startswith("on_") else "",
        "reply": Reply(status=200, document={"message": {"ack": {"status": "ACK"}}}, headers={}, elapsed=None),
    }
    return Record(number=number, action=action, **fields | more)


def played(name: str = "service_completion", *records: Record, **more: Any) -> Flow:
    """A flow of a select and its answer, or of the records given."""
    return Flow(
        name=name,
        domain="ONDC:SRV11",
        records=records or (recorded(1, "select"), recorded(2, "on_select")),
        live=True,
        **more,
    )


def _refuses_everything(subject: Subject) -> Iterator[Fault]:
    yield Fault("message.order.id", "another number", subject.message.order.get("id"))


def _minds(subject: Subject) -> Iterator[Fault]:
    if subject.message.order.get("status") == "Odd":
        yield Fault("message.order.status", "an ordinary state", "Odd")


def _knows_nothing(subject: Subject) -> Iterator[NotRun]:
    yield NotRun("nothing was recorded of it")


def _check(name: str, judge_: Any, of: Any, **more: Any) -> Check:
    return Check(name=name, title=f"Title of {name}", sources=("assertion 1", "protocol 1.0"), of=of, needs="callback", judge=judge_, **more)  # fmt: skip


PASSES = _check("always_right", lambda _: iter(()), callbacks())
FAILS = _check("always_wrong", _refuses_everything, callbacks("on_select"))
WARNS = _check("mindful", _minds, callbacks(), severity=Severity.WARNING)
IDLE = _check("without_ground", _knows_nothing, callbacks())
UNMET = _check("never_met", lambda _: iter(()), unsolicited("on_rating"))


def edition(*flows: Flow, checks: tuple[Check, ...] = (PASSES, UNMET), subject: str = "a seller", **more: Any) -> Edition:  # fmt: skip
    """The report of some flows."""
    return Edition(report=judge(subject, flows or (played(),), checks), made=MADE, **more)


def hostile_edition() -> Edition:
    """Everything that a stranger names, numbers or says tries to break out of the page or to fetch something."""
    order = {"id": HOSTILE, "status": "Odd", HOSTILE: FETCHING, "ctrl": "\x00\x1b[2J\ud800"}
    records = (
        recorded(1, "select", probe=HOSTILE),
        recorded(2, "on_select", order, source=f"{HOSTILE}.json", problem=HOSTILE, url=FETCHING),
        recorded(3, "on_status", {"id": "O-1"}, document={}, body=f"not JSON {HOSTILE} \x00".encode()),
    )
    flow = played(HOSTILE, *records, ended=f"select: {HOSTILE}", notes=(Note(kind="fetched", after=2, value={"url": HOSTILE, "status": HOSTILE}), Note(kind=HOSTILE, after=0, value=FETCHING)))  # fmt: skip
    return edition(flow, played("second"), checks=(PASSES, FAILS, WARNS, IDLE, UNMET), subject=HOSTILE)
