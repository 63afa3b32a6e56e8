"""The self-check of every message of grievances before it is stored: its shape, then the rules across its parts.

Sources of the rules: network reference 1.2 to 1.4, the points of ONDC's validators and reviewers. A violation is a
fault of ours, to be found in our log and not in the other side's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from beckn_schemas import igm_strict_v1, igm_strict_v2
from beckn_schemas.callbacks import Violation, shape_faults
from beckn_schemas.igm_codes import IGM_ACTIONS, V1, V2, IgmVersion
from beckn_schemas.igm_rules_v1 import RULES_V1
from beckn_schemas.igm_rules_v2 import RULES_V2
from beckn_schemas.igm_spellings import version_of
from beckn_schemas.igm_strict import IgmContext, IgmError, IssueStatus
from beckn_schemas.igm_view import IgmRule, Sent
from beckn_schemas.invariants import null_paths
from beckn_schemas.invariants_base import UNREADABLE, Finding, instant, is_uuid4

SHAPES: Final[Mapping[tuple[str, IgmVersion], type[BaseModel]]] = {
    ("issue", V1): igm_strict_v1.IssueMessage,
    ("issue", V2): igm_strict_v2.IssueMessage,
    ("on_issue", V1): igm_strict_v1.OnIssueMessage,
    ("on_issue", V2): igm_strict_v2.TargetedMessage,
    ("on_issue_status", V1): igm_strict_v1.OnIssueStatusMessage,
    ("on_issue_status", V2): igm_strict_v2.SnapshotMessage,
}


def _nulls(sent: Sent) -> Iterator[Finding]:
    yield from null_paths(sent.payload, "")


def _message_id(sent: Sent) -> Iterator[Finding]:
    if sent.unsolicited and not is_uuid4(sent.context.get("message_id")):
        yield "context.message_id", "a fresh random UUID"


def _says_version(sent: Sent) -> Iterator[Finding]:
    if not {"version", "core_version"} & sent.context.keys():
        yield "context.version", "version or core_version"


def _own_context(sent: Sent) -> Iterator[Finding]:
    if sent.action in {"issue", "issue_status"}:
        for key in ("location", "version"):
            if key not in sent.context:
                yield f"context.{key}", "a value here, in an issue that we raise"


def _times(sent: Sent) -> Iterator[Finding]:
    created, updated = instant(sent.issue["created_at"]), instant(sent.issue["updated_at"])
    if created > updated:
        yield "message.issue.created_at", "a time that is not after updated_at"
    if updated > instant(sent.context["timestamp"]):
        yield "message.issue.updated_at", "a time that is not after context.timestamp"


GENERAL: Final[tuple[IgmRule, ...]] = (
    IgmRule("null", "decision 1: emit none", _nulls),
    IgmRule("message_id", "1.1, 1.3: unsolicited ones have an id of their own", _message_id),
    IgmRule("context_version", "1.2: version in 2.x, core_version in 1.x", _says_version),
    IgmRule("own_context", "1.2: location and version where we start an issue", _own_context),
)
"""Rules of any message."""
TIMES: Final = IgmRule("issue_times", "1.3: created_at, updated_at, context.timestamp follow one another", _times)
RULES: Final[Mapping[IgmVersion, tuple[IgmRule, ...]]] = {V1: (TIMES, *RULES_V1), V2: (TIMES, *RULES_V2)}
"""Rules of a message with an issue, by version."""


_KEYS: Final = frozenset({"context", "message", "error"})


def check_igm(payload: Mapping[str, Any], *, unsolicited: bool = False) -> list[Violation]:
    """Everything that is wrong with a message of grievances that we are about to send; empty when nothing is.

    ``unsolicited``: the message_id is our own. Beside an ``error`` there is no issue: its refusal is all that is true.
    Violations never contain values of the message.
    """
    sent = Sent(payload, unsolicited)
    found = shape_faults(IgmContext, payload.get("context"), "context")
    found += [Violation("unknown_key", key, "no such key") for key in payload if key not in _KEYS]
    if "error" in payload:
        found += shape_faults(IgmError, payload["error"], "error")
    version = version_of(sent.issue)
    model = _shape(sent, version)
    if sent.action not in IGM_ACTIONS:
        found.append(Violation("enum", "context.action", f"one of {', '.join(IGM_ACTIONS)}"))
    elif "error" in payload:
        found += [] if payload.get("message") == {} else [Violation("empty", "message", "nothing beside an error")]
    elif model is None:
        found.append(Violation("required", "message.issue", "an issue of version 1.0.0 or 2.0.0"))
    else:
        found += shape_faults(model, payload.get("message"), "message")
    rules = RULES[version] if version is not None else ()
    found += _broken(sent, GENERAL, misshapen=False)
    return found + _broken(sent, rules, misshapen=bool(found))


def _shape(sent: Sent, version: IgmVersion | None) -> type[BaseModel] | None:
    if sent.action == "issue_status":
        return IssueStatus
    return SHAPES.get((sent.action, version)) if version else None


def _broken(sent: Sent, rules: tuple[IgmRule, ...], *, misshapen: bool) -> list[Violation]:
    """What the rules find; one that cannot be evaluated is passed over where a fault of shape stands for it."""
    found = []
    for rule in rules:
        try:
            found += [Violation(rule.name, path, expected) for path, expected in rule.check(sent)]
        except UNREADABLE:
            if not misshapen:
                raise
    return found
