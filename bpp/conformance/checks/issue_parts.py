"""What checks of grievances look at: messages with an issue, by version, and what was said of it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from beckn_schemas.base import parse_timestamp
from beckn_schemas.igm_codes import V2, IgmVersion
from beckn_schemas.igm_spellings import version_of
from bpp.conformance.check import Check, Said, Select, Subject
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import Json, part

TOLD = ("on_issue", "on_issue_status")
"""What a seller app tells of a complaint about it."""
SAID = (*TOLD, "issue")
"""The same, and what it says in one of its own."""
NEEDS = "callback that tells of a complaint"


def issue_of(record: Record) -> Json:
    """``message.issue``; empty where there is none."""
    return part(record.message, "issue")


def version(record: Record) -> IgmVersion | None:
    """In which version the issue of a message is written."""
    return version_of(issue_of(record))


def issue_id(record: Record) -> str:
    """Which issue a message is about; an empty text for none."""
    return str(issue_of(record).get("id") or record.message.get("issue_id") or "")


def closing(record: Record) -> bool:
    """Whether it closes its issue, which nobody answers."""
    return record.action == "issue" and str(issue_of(record).get("status", "")).upper() == "CLOSED"


def owes_nothing(record: Record) -> bool:
    """Whether an ACK is all that answers it: a callback of the buyer app's, or a closing."""
    return record.action.startswith("on_") or closing(record)


def told(*actions: str, of: IgmVersion | None = None) -> Select:
    """Messages of the seller app with an issue, of one version or of either; one that is an error has none."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.callbacks:
            if one.action in actions and not one.error_code and of in (None, version(one)) and issue_of(one):
                yield Subject(flow, one)

    return select


def actions_of(record: Record) -> list[Json]:
    """The actions that a message tells, oldest first: of 2.0.0 both sides', of 1.0.0 the respondent's."""
    issue = issue_of(record)
    if version(record) == V2:
        return list(issue["actions"])
    return list(part(issue, "issue_actions").get("respondent_actions") or ())


def code_of(action: Json) -> str:
    """What was done, in either version."""
    return str(action.get("respondent_action") or part(action, "descriptor").get("code") or "")


def last_code(record: Record) -> str:
    """The code of the last action that a message tells."""
    told_ = actions_of(record)
    return code_of(told_[-1]) if told_ else ""


def before(subject: Subject) -> tuple[Record, ...]:
    """What either side said before of the same issue, in order; what the seller app refused was not said."""
    flow, this = subject.flow, subject.message
    return tuple(
        one
        for one in flow.records
        if one.number < this.number
        and one.action in SAID
        and issue_of(one)
        and issue_id(one) == issue_id(this)
        and not _refused(flow, one)
    )


def _refused(flow: Flow, one: Record) -> bool:
    if not one.sent:
        return bool(one.error_code)
    nack = one.reply is not None and not one.reply.acked
    return nack or any(answer.error_code for answer in flow.answers_to(one))


def first_said(subject: Subject, wanted: Callable[[Record], bool]) -> Record | None:
    """The first message before this one, of the same issue, that fits."""
    return next((one for one in before(subject) if wanted(one)), None)


def instant(value: object) -> datetime:
    """A time of the wire; raises ValueError where it is none."""
    return parse_timestamp(str(value))


def check(name: str, title: str, of: Select, judge: Callable[[Subject], Said], *sources: str, **more: Any) -> Check:
    """A row; ``sources`` are sections of the network's reference."""
    return Check(name=name, title=title, sources=sources, of=of, needs=more.pop("needs", NEEDS), judge=judge, **more)
