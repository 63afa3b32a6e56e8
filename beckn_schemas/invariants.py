"""The self-check of every callback before it is stored: its shape, its sums, its references, its times.

A violation is a fault of ours, to be found in our log and not in the buyer's. SCHEMA_RULES and RULES name every rule
with its source in the protocol reference (sections, or assertions of section 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from beckn_schemas.callbacks import Violation, check_schema, context_schema
from beckn_schemas.invariants_base import ANY, UNREADABLE, Callback, Finding, Json, Rule, is_uuid4
from beckn_schemas.invariants_catalog import CATALOG_RULES
from beckn_schemas.invariants_choices import CHOICE_RULES
from beckn_schemas.invariants_order import ORDER_RULES
from beckn_schemas.invariants_state import STATE_RULES
from beckn_schemas.nulls import says_null

SCHEMA_RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "required": "sections 1.1 to 1.10 Emit",
        "unknown_key": "1.0 unknown extra keys: emit none",
        "type": "the services specification 2.0.0, attributes",
        "enum": "the services specification 2.0.0, enums; 1.0",
        "empty": "assertion 59: no empty required list or text",
        "pattern": "the services specification 2.0.0; 1.0; assertions 39, 40",
        "money": "1.0 money: two decimals, never -0.00",
        "timestamp": "1.0 timestamps: ms and Z; assertion 59",
        "duration": "4.1 to 4.3: ISO-8601 durations",
        "gps": "1.0 gps: six decimals, lat,lon",
        "days": "1.3 days: ISO weekdays",
    },
)
"""Names of faults of shape, with their sources."""


_HOLDERS: Final = (dict, list, tuple)
"""What JSON is written of; asking for any Mapping instead takes a third of the time of all checks."""


def _nulls(callback: Callback) -> Iterator[Finding]:
    if callback.body is None or says_null(callback.body):
        yield from null_paths(callback.payload, "")


def null_paths(value: Json, path: str) -> Iterator[Finding]:
    """Every null in a value, with its path below ``path``."""
    if value is None:
        yield path, "a value, or no key"
    elif isinstance(value, dict):
        for key, part in value.items():
            if part is None or isinstance(part, _HOLDERS):
                yield from null_paths(part, f"{path}.{key}" if path else key)
    elif isinstance(value, _HOLDERS):
        for place, part in enumerate(value):
            if part is None or isinstance(part, _HOLDERS):
                yield from null_paths(part, f"{path}[{place}]")


def _message_id(callback: Callback) -> Iterator[Finding]:
    if callback.unsolicited:
        message_id = callback.context.get("message_id")
        if not is_uuid4(message_id) or message_id == callback.context.get("transaction_id"):
            yield "context.message_id", "a fresh random UUID"


GENERAL_RULES: Final[tuple[Rule, ...]] = (
    Rule("null", ANY, "assertion 59", _nulls),
    Rule("message_id", ANY, "assertion 4; protocol 1.0; protocol 2", _message_id),
)

RULES: Final[tuple[Rule, ...]] = GENERAL_RULES + CATALOG_RULES + CHOICE_RULES + ORDER_RULES + STATE_RULES
"""Every rule across the parts of a callback."""

_BY_ACTION: Final[Mapping[str, tuple[Rule, ...]]] = {
    action: tuple(rule for rule in RULES[len(GENERAL_RULES) :] if action in rule.actions) for action in ANY
}


def check_callback(
    payload: Mapping[str, Any], *, unsolicited: bool = False, body: bytes | None = None
) -> list[Violation]:
    """Everything that is wrong with a callback that we are about to send; empty when nothing is.

    ``unsolicited``: the message_id is our own, so it must be a random UUID; a solicited callback repeats the
    request's, whatever that is. ``body`` is the JSON that the payload is sent as, where it is made already: it is
    quickly seen to have no null in it. Where the shape is wrong already, rules that cannot be evaluated are passed
    over: the fault of shape stands for them. Violations never contain values of the message.
    """
    found = check_schema(payload)
    callback = Callback(payload, unsolicited, body)
    for rule in GENERAL_RULES:
        found += [Violation(rule.name, *finding) for finding in rule.check(callback)]
    misshapen = bool(found)
    for rule in _BY_ACTION.get(callback.action, ()):
        try:
            for path, expected in rule.check(callback):
                found.append(Violation(rule.name, path, expected))
        except UNREADABLE:
            if not misshapen:
                raise
    return found


def check_context(context: Mapping[str, Any]) -> list[Violation]:
    """What is wrong with the context of a callback whose message was checked before; empty when nothing is.

    With the rules of times, which compare a message with its context, it is all of ``check_callback`` that is left then
    of an answer to a request.
    """
    return context_schema(context) + [Violation("null", *finding) for finding in null_paths(context, "context")]
