"""How a request that tries something was answered: refused by the published code, or taken as any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bpp.conformance.check import Fault, NotRun, Said, Select, Subject
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered

Judge = Callable[[Subject], Said]

UNRECORDED = NotRun("the synchronous answers are not recorded")


def refused(*codes: str, also: Judge | None = None) -> Judge:
    """A NACK or a callback with ``error``, by one of the codes, by any where none are named.

    ``also`` looks at each callback that says no.
    """
    wanted = " or ".join(codes) or "a code"

    def judge(subject: Subject) -> Said:
        request = subject.message
        if request.reply is None:
            yield UNRECORDED
        elif not request.reply.acked:
            if not _among(request.reply.error_code, codes):
                yield Fault("reply.error.code", wanted, f"NACK {request.reply.error_code}")
        else:
            answers = subject.flow.answers_to(request)
            if not answers:
                yield Fault("reply", f"NACK or on_{request.action} with {wanted}", "ACK, and no callback")
            for answer in answers:
                if not _among(answer.error_code, codes):
                    yield Fault("error.code", wanted, answer.error_code or "(no error)", record=answer)
                elif also is not None:
                    yield from also(Subject(subject.flow, answer))

    return judge


def _among(code: str, codes: tuple[str, ...]) -> bool:
    return code in codes if codes else bool(code)


def accepted(also: Judge | None = None) -> Judge:
    """An ACK and a callback without ``error``; ``also`` looks at the callback."""

    def judge(subject: Subject) -> Said:
        request = subject.message
        wanted = f"ACK, then on_{request.action} without error"
        if request.reply is None:
            yield UNRECORDED
        elif not request.reply.acked:
            yield Fault("reply", wanted, f"NACK {request.reply.error_code}")
        else:
            answers = subject.flow.answers_to(request)
            if not answers:
                yield Fault("reply", wanted, "ACK, and no callback")
            for answer in answers:
                if answer.error_code or "error" in answer.document:
                    yield Fault("error", wanted, answer.document.get("error"), record=answer)
                elif also is not None:
                    yield from also(Subject(subject.flow, answer))

    return judge


def unprobed(*actions: str) -> Select:
    """Callbacks of these actions that answer a request which tries nothing."""

    def select(flow: Flow) -> Iterator[Subject]:
        for subject in answered(*actions)(flow):
            if not subject.asked.probe:
                yield subject

    return select


def answer_to(subject: Subject) -> Record | None:
    """The first callback that answers this request; None where it was refused or left unanswered."""
    return next(iter(subject.flow.answers_to(subject.message)), None)
