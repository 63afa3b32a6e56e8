"""The rules across the parts of one callback that the message shapes know, each as a check.

The rules themselves, and where each comes from, stand in ``beckn_schemas.invariants``: a seller app demands them of
its own callbacks before they are stored, and here they are demanded of anybody's.
"""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.invariants import RULES
from beckn_schemas.invariants_base import ANY, Callback, Rule
from bpp.conformance.check import Check, Fault, Subject
from bpp.conformance.path import at
from bpp.conformance.select import callbacks


def _judge(rule: Rule, subject: Subject) -> Iterator[Fault]:
    message = subject.message
    callback = Callback(message.document, unsolicited=subject.request is None)
    for path, expected in rule.check(callback):
        yield Fault(path, expected, at(message.document, path))


def _check(rule: Rule) -> Check:
    actions = sorted(rule.actions)
    of_what = "callbacks" if rule.actions == ANY else ", ".join(actions)
    return Check(
        name=rule.name,
        title=f"{rule.name.replace('_', ' ').capitalize()} of {of_what}",
        sources=tuple(part.strip() for part in rule.source.split(";")),
        of=callbacks(*actions),
        needs=f"{' or '.join(actions)}",
        judge=lambda subject: _judge(rule, subject),
    )


CHECKS: tuple[Check, ...] = tuple(_check(rule) for rule in RULES)
