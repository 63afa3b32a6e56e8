"""The rules across the parts of one callback that the message shapes know, each as a check.

The rules themselves, and where each comes from, stand in ``beckn_schemas.invariants``: a seller app demands them of
its own callbacks before they are stored, and here they are demanded of anybody's: of a copy in plain spelling, and
without what the rules say of our own emission alone, or another check says already (``rule_matters``).
"""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.invariants import RULES
from beckn_schemas.invariants_base import ANY, Callback, Rule
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.plain_form import plain
from bpp.conformance.checks.rule_matters import EXCUSES, MATTERS, TOLD_BY_PATHS
from bpp.conformance.checks.rule_table import TITLES, severity_of
from bpp.conformance.path import at
from bpp.conformance.select import callbacks


def _judge(rule: Rule, subject: Subject) -> Iterator[Fault | NotRun]:
    message = subject.message
    unsolicited = subject.flow.complete and subject.request is None
    callback = Callback(plain(message.document), unsolicited=unsolicited)
    matter = MATTERS.get(rule.name)
    if matter is not None and not matter.has(callback):
        yield NotRun(f"there was no {matter.words}")
        return
    excuse = EXCUSES.get(rule.name)
    for path, expected in rule.check(callback):
        if excuse is None or not excuse(subject, path):
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


CHECKS: tuple[Check, ...] = tuple(_check(rule) for rule in RULES if rule.name not in TOLD_BY_PATHS)
