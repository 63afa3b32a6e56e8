"""The rules across the parts of one callback that the message shapes know, each as a check.

The rules themselves, and where each comes from, stand in ``beckn_schemas.invariants``: a seller app demands them of
its own callbacks before they are stored, and here they are demanded of anybody's: of a copy in plain spelling, and
without what the rules say of our own emission alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from beckn_schemas.invariants import RULES
from beckn_schemas.invariants_base import ANY, Callback, Rule
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.check import Check, Fault, Subject
from bpp.conformance.checks.plain_form import plain
from bpp.conformance.checks.rule_table import TITLES, severity_of
from bpp.conformance.path import at
from bpp.conformance.select import callbacks

Excuse = Callable[[Subject, str], bool]
"""Whether a finding at a path is no fault of another seller."""


def _any_uuid(subject: Subject, _: str) -> bool:
    """Any version will do: the protocol asks for a UUID, our own ids are random ones."""
    context = subject.message.context
    try:
        UUID(str(context.get("message_id")))
    except ValueError:
        return False
    return bool(context.get("message_id") != context.get("transaction_id"))


def _said_by_the_buyer(subject: Subject, path: str) -> bool:
    """A weekday is the buyer app's where its last request for this slot says the same."""
    said = subject.flow.before(subject.message, "select", "init", "confirm", "update")
    return said is not None and at(said.document, path) == at(subject.message.document, path)


def _other_tag(*codes: str) -> Excuse:
    """A tag of another code than these is the seller's own affair."""
    return lambda subject, path: path.endswith("]") and tag_code(at(subject.message.document, path)) not in codes


def _early_token(subject: Subject, path: str) -> bool:
    """A copy of the token in on_confirm, or before the visit, is optional (protocol 4.25): only its end is fixed."""
    visit = at(subject.message.document, path.partition(".stops")[0])
    code = at(visit, "state.descriptor.code")
    return subject.message.action == "on_confirm" or code in {"Pending", "In-Transit"}


def _none(_: Subject, __: str) -> bool:
    return False


_EXCUSES: Mapping[str, Excuse] = {
    "message_id": _any_uuid,
    "slot_day": _said_by_the_buyer,
    "serviceability_codes": _other_tag("serviceability"),
    "item_tags": _other_tag("reschedule_terms", "attribute"),
    "authorization": _early_token,
}


def _judge(rule: Rule, subject: Subject) -> Iterator[Fault]:
    message = subject.message
    callback = Callback(plain(message.document), unsolicited=subject.request is None)
    excuse = _EXCUSES.get(rule.name, _none)
    for path, expected in rule.check(callback):
        if not excuse(subject, path):
            yield Fault(path, expected, at(message.document, path))


def _check(rule: Rule) -> Check:
    actions = sorted(rule.actions)
    return Check(
        name=rule.name,
        title=TITLES[rule.name],
        sources=tuple(rule.source.split("; ")),
        of=callbacks(*actions),
        needs="callback" if rule.actions == ANY else " or ".join(actions),
        judge=lambda subject: _judge(rule, subject),
        severity=severity_of(rule.name),
    )


CHECKS: tuple[Check, ...] = tuple(_check(rule) for rule in RULES)
