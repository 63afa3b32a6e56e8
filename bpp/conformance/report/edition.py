"""One edition of a report: the verdict, its ground and the counts, which every form of it tells alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bpp.conformance.check import Outcome
from bpp.conformance.judge import Report, Summary
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record

CONFORMS = "CONFORMS"
FAILS = "DOES NOT CONFORM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A report as it is told. ``made`` is when; ``strict`` lets warnings fail, too."""

    report: Report
    made: datetime
    strict: bool = False

    @property
    def conforms(self) -> bool:
        """Whether something was judged, every flow that began came to its end, and nothing that counts failed."""
        return self.report.passed and not (self.strict and self.report.warnings)

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        return CONFORMS if self.conforms else FAILS

    @property
    def ground(self) -> str:
        """What the verdict rests on, as a sentence."""
        return f"{'; '.join(_ground(self))}."

    @property
    def made_at(self) -> str:
        """When it was made, as in ``2026-11-25 09:30 UTC``."""
        return f"{self.made.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    @property
    def messages(self) -> int:
        """How many messages were looked at."""
        return sum(len(one.records) for one in self.report.flows)

    @property
    def not_played(self) -> tuple[Flow, ...]:
        """The flows that could not be begun, or be played to their end, for a reason that is not the seller's."""
        return tuple(one for one in self.report.flows if one.not_played)

    def ended_as(self, outcome: Outcome) -> tuple[Summary, ...]:
        """The checks that ended so over all flows."""
        return tuple(one for one in self.report.summaries if one.outcome is outcome)


def counted(number: int, noun: str) -> str:
    """A number with its noun, as in ``1 flow`` or ``2 flows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _ground(edition: Edition) -> Iterator[str]:
    report = edition.report
    failed = edition.ended_as(Outcome.FAILED)
    passed = edition.ended_as(Outcome.PASSED)
    yield f"{counted(len(passed), 'check')} passed, {len(failed)} failed" if passed or failed else "nothing was judged"
    if report.errors:
        yield counted(len(report.errors), "error")
    if report.warnings:
        count = "" if edition.strict else " (not counted)"
        yield f"{counted(len(report.warnings), 'warning')}{count}"
    if report.broken:
        yield f"{counted(len(report.broken), 'flow')} broke off"
    if edition.not_played:
        yield f"{counted(len(edition.not_played), 'flow')} not played"
    if idle := edition.ended_as(Outcome.NOT_RUN):
        yield f"{counted(len(idle), 'check')} not run"


def ending(flow: Flow) -> str:
    """How a flow ended where it did not come to its end; else an empty text."""
    return flow.not_played or (f"broke off: {flow.ended}" if flow.ended else "")


def state_of(record: Record) -> str:
    """The state that a message shows: the order's, then those of its fulfillments, each once; or an empty text."""
    visits = record.order.get("fulfillments")
    codes = [
        at(record.order, "status"),
        *(at(one, "state.descriptor.code") for one in (visits if isinstance(visits, list) else [])),
    ]
    return ", ".join(dict.fromkeys(one for one in codes if isinstance(one, str) and not one.startswith("(")))


def answered_in(flow: Flow, record: Record) -> float | None:
    """Seconds from the request to this callback; None where it answers none or times were not recorded."""
    request = None if record.sent else flow.request_of(record)
    if request is None or request.elapsed is None or record.elapsed is None:
        return None
    return record.elapsed - request.elapsed
