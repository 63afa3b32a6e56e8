"""transaction_id and message_id of every callback. Source: assertions 3 and 4; protocol 2."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.context import CORE, LIFETIME, when
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import callbacks, unsolicited
from bpp.sandbox.exchange import TO_AGENCY

OWN = frozenset({"recon", *TO_AGENCY})
"""What a seller app says in transactions of its own."""
MAY_COME_UNASKED = frozenset({"on_status", "on_update", "on_cancel"})


def _own_message_id(subject: Subject) -> Iterator[Fault | NotRun]:
    """A later request may bear it: a buyer app may answer an on_update under its id (protocol 2)."""
    callback = subject.message
    if not _begun(subject):
        yield NotRun("no request of its transaction is known")
        return
    for one in subject.flow.records:
        same = one.message_id == callback.message_id and one.document != callback.document
        if one.number < callback.number and same:
            yield Fault("context.message_id", "an id that no message before had", f"that of {one.name}")
            return


def _answers_have_its_id(subject: Subject) -> Iterator[Fault | NotRun]:
    """An unasked callback is an answer under a wrong id where none such can come unasked, or where a request is open.

    Open is one that was acknowledged as far as we know, not answered under its own id, and sent less than its ttl ago.
    """
    callback = subject.message
    if subject.request is not None:
        return
    asked = _open_request(subject.flow, callback)
    if not subject.flow.complete or not _begun(subject):
        yield NotRun("no request of its transaction is known")
    elif asked is not None:
        yield Fault("context.message_id", f"that of {asked.name}: {asked.message_id}", callback.message_id)
    elif callback.action not in MAY_COME_UNASKED:
        yield Fault("context.message_id", "that of a request before it", callback.message_id)


def _open_request(flow: Flow, callback: Record) -> Record | None:
    """The request that this callback seems to answer under another id."""
    asked = flow.before(callback, callback.action.removeprefix("on_"))
    if asked is None or flow.answers_to(asked) or (asked.reply is not None and not asked.reply.acked):
        return None
    others = (
        one
        for one in flow.callbacks
        if asked.number < one.number < callback.number
        and (one.action, one.transaction_id) == (callback.action, callback.transaction_id)
    )
    first = next(others, None) is None
    return asked if first and when(callback) - when(asked) <= LIFETIME else None


def _two_ids(subject: Subject) -> Iterator[Fault]:
    callback = subject.message
    if callback.message_id == callback.transaction_id:
        yield Fault("context.message_id", "another id than transaction_id", callback.message_id)


def _begun(subject: Subject) -> bool:
    """Whether the buyer app said anything in this transaction."""
    return any(one.transaction_id == subject.message.transaction_id for one in subject.flow.requests)


def _known_transaction(subject: Subject) -> Iterator[Fault | NotRun]:
    begun = {one.transaction_id for one in subject.flow.requests}
    if not begun:
        yield NotRun("the requests are not recorded")
    elif subject.message.transaction_id not in begun:
        yield Fault("context.transaction_id", "that of a request", subject.message.transaction_id)


CHECKS: tuple[Check, ...] = (
    Check(
        name="unsolicited_message_id",
        title="A callback that nobody asked for has a message_id of its own",
        sources=("assertion 4", "protocol 2", "network 1.1", "network 1.3"),
        of=unsolicited(),
        needs="unsolicited callback",
        judge=_own_message_id,
    ),
    Check(
        name="answer_message_id",
        title="A callback that answers a request has its message_id",
        sources=("assertion 4", "assertion 36", "protocol 2", "protocol 4.29"),
        of=callbacks(*CORE),
        needs="callback",
        judge=_answers_have_its_id,
    ),
    Check(
        name="known_transaction",
        title="Every callback belongs to a transaction that the buyer app began",
        sources=("assertion 3", "protocol 2"),
        of=callbacks(where=lambda one: one.action not in OWN),
        needs="callback",
        judge=_known_transaction,
    ),
    Check(
        name="two_ids",
        title="message_id is never transaction_id",
        sources=("assertion 4", "protocol 1.0"),
        of=callbacks(),
        needs="callback",
        judge=_two_ids,
    ),
)
