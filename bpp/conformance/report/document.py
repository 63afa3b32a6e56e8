"""The report as JSON, for programs. Its shape is described in ``docs/conformance-report.md`` and is stable."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from bpp.conformance.check import Finding, Outcome
from bpp.conformance.judge import Summary
from bpp.conformance.record import Flow, Record, Reply
from bpp.conformance.report.edition import Edition, state_of

FORMAT = "sewamitra-conformance-report/1"
"""Names the shape: a key that is taken away or changes its meaning makes it another; further keys do not."""

Json = dict[str, Any]


def json_report(edition: Edition) -> bytes:
    """The document as UTF-8 JSON."""
    return orjson.dumps(report_document(edition), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def report_document(edition: Edition) -> Json:
    """Everything of a report but the bodies of the messages; what strangers sent that is no Unicode is replaced."""
    report = edition.report
    document: Json = {
        "format": FORMAT,
        "subject": report.subject,
        "made": _time(edition.made),
        "strict": edition.strict,
        "conforms": edition.conforms,
        "counts": {
            "flows": len(report.flows),
            "flows_broken": len(report.broken),
            "flows_not_played": len(edition.not_played),
            "messages": edition.messages,
            "checks_passed": len(edition.ended_as(Outcome.PASSED)),
            "checks_failed": len(edition.ended_as(Outcome.FAILED)),
            "checks_not_run": len(edition.ended_as(Outcome.NOT_RUN)),
            "errors": len(report.errors),
            "warnings": len(report.warnings),
        },
        "flows": [_flow(one) for one in report.flows],
        "checks": [_check(one) for one in report.summaries],
    }
    return {key: _clean(value) for key, value in document.items()}


def _flow(flow: Flow) -> Json:
    return {
        "name": flow.name,
        "domain": flow.domain,
        "title": flow.title,
        "live": flow.live,
        "budget": flow.budget,
        "ended": flow.ended,
        "not_played": flow.not_played,
        "messages": [_message(one) for one in flow.records],
        "notes": [{"kind": one.kind, "after": one.after, "value": one.value} for one in flow.notes],
    }


def _message(record: Record) -> Json:
    return {
        "number": record.number,
        "name": record.name,
        "sent": record.sent,
        "action": record.action,
        "transaction_id": record.transaction_id,
        "message_id": record.message_id,
        "state": state_of(record),
        "error_code": record.error_code,
        "probe": record.probe,
        "source": record.source,
        "url": record.url,
        "bytes": len(record.body),
        "at": _time(record.at) if record.at else None,
        "elapsed": record.elapsed,
        "signature_problem": record.problem,
        "reply": _reply(record.reply) if record.reply else None,
    }


def _reply(reply: Reply) -> Json:
    return {
        "status": reply.status,
        "ack": reply.ack_status,
        "error_code": reply.error_code,
        "elapsed": reply.elapsed,
    }


def _check(summary: Summary) -> Json:
    check = summary.check
    return {
        "name": check.name,
        "title": check.title,
        "sources": list(check.sources),
        "severity": check.severity.value,
        "outcome": summary.outcome.value,
        "examined": summary.examined,
        "findings": [_finding(one) for one in summary.findings],
        "reasons": list(summary.reasons),
    }


def _finding(one: Finding) -> Json:
    return {
        "flow": one.flow,
        "message": one.message,
        "number": one.number,
        "path": one.path,
        "expected": one.expected,
        "found": one.found,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clean(value: Any) -> Any:
    """The same value, fit for JSON: half a surrogate pair, which ``json`` reads and UTF-8 has no bytes for, goes."""
    match value:
        case str():
            return value.encode(errors="replace").decode()
        case dict():
            return {_clean(str(key)): _clean(one) for key, one in value.items()}
        case list() | tuple():
            return [_clean(one) for one in value]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)
