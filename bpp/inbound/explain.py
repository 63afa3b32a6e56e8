"""Why a message is let in or refused at the door, step by step, for the engineer who signed it.

The decision is that of ``authenticate`` and ``check_identity``, the same code that every request passes; here it is
only told at which of their steps it fell, and what usually causes that. Source of the steps: security.md 1.9.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from multidict import CIMultiDict

from beckn_schemas.registry import Role, Subscriber
from bpp.errors import InvalidSignature, ProtocolError
from bpp.inbound.authenticate import AUTHORIZATION, GATEWAYS, Headers, Sender, authenticate, gateway_values
from bpp.inbound.envelope import check_identity, read_json
from bpp.network.keyring import Keyring
from signing.causes import cause_in_header, cause_of_mismatch, cause_of_time
from signing.errors import KeyFormatError, SignatureError
from signing.header import SIGNED_HEADERS, SignatureHeader
from signing.keys import load_signing_public_key
from signing.signature import digest, signing_string


class Outcome(StrEnum):
    """How a step ended."""

    HOLDS = "ok"
    FAILS = "FAILS"
    OPEN = "not reached"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must hold of a signed message; ``reasons`` are those of the refusals that it ends in."""

    name: str
    title: str
    reasons: frozenset[str]


def _step(name: str, title: str, *reasons: str) -> Step:
    return Step(name, title, frozenset(reasons))


HEADER_STEPS: tuple[Step, ...] = (
    _step(
        "header",
        "there is one header, and it can be read",
        *("missing_authorization", "multiple_authorization", "bad_scheme", "malformed_header"),
        *("duplicate_param", "missing_param"),
    ),
    _step("key_id", "keyId is subscriber_id|unique_key_id|ed25519", "bad_key_id"),
    _step("algorithm", "algorithm is ed25519, there and in keyId", "algorithm_mismatch"),
    _step("headers", f'headers is "{SIGNED_HEADERS}"', "bad_headers_param"),
    _step("times", "created and expires are Unix seconds", "bad_timestamp"),
    _step("encoding", "signature is standard base64 of 64 bytes", "bad_signature_encoding"),
    _step("window", "created is not ahead, expires is not past", "bad_window", "not_yet_valid", "expired"),
    _step("registry", "the registry has this key of this subscriber", "unknown_key"),
    _step("active", "its record is SUBSCRIBED and valid now", "key_not_active"),
    _step("role", "its record has the role of who may send this", "wrong_role"),
    _step("signature", "the key made this signature over this body", "signature_mismatch"),
)
"""What must hold of a header and the body under it, in the order in which it is looked at."""

BODY_STEPS: tuple[Step, ...] = (
    _step("json", "the body is JSON as the network reads it", "invalid_json"),
    _step(
        "identity",
        "the context names the signer as the sender",
        "missing_context",
        "missing_sender",
        "identity_mismatch",
    ),
    _step("action", "context.action is that of the path", "action_mismatch"),
    _step("recipient", "the context names the recipient", "wrong_recipient"),
)
"""What must hold of the message beside: the signature covers neither address nor path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A step of a header or of the body and how it ended. ``whose`` is the header's name, empty for the body."""

    whose: str
    step: Step
    outcome: Outcome
    reason: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A message as it came, and for whom. ``action`` is the path's; ``recipient`` who was to get it."""

    headers: Headers
    body: bytes
    action: str
    recipient: str
    signer: Literal["bap_id", "bpp_id"] = "bap_id"
    roles: frozenset[Role] = frozenset({Role.BAP})
    now: datetime
    skew: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Every step in its order, what was hashed and signed, and a likely cause of what fails."""

    steps: tuple[Told, ...]
    digest: str
    signing_string: str = ""
    cause: str = ""
    signers: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether the message would be let in."""
        return all(one.outcome is Outcome.HOLDS for one in self.steps)

    @property
    def failed(self) -> Told | None:
        """The step that fails; None where all hold."""
        return next((one for one in self.steps if one.outcome is Outcome.FAILS), None)


async def explain(question: Question, keyring: Keyring, known: tuple[Subscriber, ...]) -> Explanation:
    """Put a message to the door and tell what came of it; ``known`` are the registry's records, for hints.

    A gateway's header is looked at first, then the originator's, then the body. Raises ``Unavailable`` where the
    registry cannot be asked.
    """
    steps: list[Told] = []
    sender: Sender | None = None
    for name, values, roles in (
        ("gateway", gateway_values(question.headers), GATEWAYS),
        (AUTHORIZATION, question.headers.getall(AUTHORIZATION, []), question.roles),
    ):
        if name == "gateway" and not values:
            continue
        refusal, sender = await _refusal(question, values, roles, keyring)
        steps += _told(name, HEADER_STEPS, refusal)
        if refusal is not None:
            steps += _told("", BODY_STEPS, None, reached=False)
            return _explanation(question, steps, values, known, refusal.reason)
    if sender is not None and question.roles != GATEWAYS:
        steps += _told("", BODY_STEPS, _misfit(question, sender))
    return _explanation(question, steps, question.headers.getall(AUTHORIZATION, []), known, "")


async def _refusal(
    question: Question, values: list[str], roles: frozenset[Role], keyring: Keyring
) -> tuple[SignatureError | None, Sender | None]:
    try:
        sender = await authenticate(
            CIMultiDict((AUTHORIZATION, value) for value in values),
            question.body,
            keyring=keyring,
            now=question.now,
            skew=question.skew,
            action=question.action,
            roles=roles,
        )
    except InvalidSignature as refusal:
        cause = refusal.__cause__
        return cause if isinstance(cause, SignatureError) else SignatureError(refusal.reason), None
    return None, sender


def _misfit(question: Question, sender: Sender) -> SignatureError | None:
    try:
        message = read_json(question.body)
        check_identity(message, sender, question.action, question.recipient, signer=question.signer)
    except InvalidSignature as refusal:
        claimed = message["context"][question.signer]
        return SignatureError(
            refusal.reason, f"context.{question.signer} is {claimed}, signed by {sender.subscriber_id}"
        )
    except ProtocolError as refusal:
        return SignatureError(refusal.reason, f"{refusal.path}: {refusal.message}")
    return None


def _told(
    whose: str, steps: tuple[Step, ...], refusal: SignatureError | None, *, reached: bool = True
) -> tuple[Told, ...]:
    """Each step up to the one that the refusal names holds; what comes after it was not reached."""
    found: list[Told] = []
    for step in steps:
        if not reached:
            found.append(Told(whose=whose, step=step, outcome=Outcome.OPEN))
        elif refusal is not None and refusal.reason in step.reasons:
            reached = False
            found.append(
                Told(whose=whose, step=step, outcome=Outcome.FAILS, reason=refusal.reason, detail=refusal.detail)
            )
        else:
            found.append(Told(whose=whose, step=step, outcome=Outcome.HOLDS))
    return tuple(found)


def _explanation(
    question: Question, steps: list[Told], values: list[str], known: tuple[Subscriber, ...], reason: str
) -> Explanation:
    body = question.body
    header = _parsed(values)
    text = signing_string(body, header.created, header.expires).decode() if header else ""
    return Explanation(
        steps=tuple(steps),
        digest=digest(body),
        signing_string=text,
        cause=_cause(question, values, header, known, reason) if reason else "",
        signers=(str(header.key_id),) if header else (),
    )


def _parsed(values: list[str]) -> SignatureHeader | None:
    try:
        return SignatureHeader.parse(values[0]) if values else None
    except SignatureError:
        return None


def _cause(
    question: Question,
    values: list[str],
    header: SignatureHeader | None,
    known: tuple[Subscriber, ...],
    reason: str,
) -> str:
    keys = {f"{one.subscriber_id}|{one.unique_key_id}": key for one in known if (key := _key(one)) is not None}
    if header is None:
        named = next((key for name, key in keys.items() if values and f'"{name}|' in values[0]), None)
        return cause_in_header(values[0], reason, question.body, named) if len(values) == 1 else ""
    wanted = f"{header.key_id.subscriber_id}|{header.key_id.unique_key_id}"
    if reason == "signature_mismatch":
        return cause_of_mismatch(header, question.body, keys[wanted], keys) if wanted in keys else ""
    if reason == "unknown_key":
        own = sorted(name for name in keys if name.startswith(f"{header.key_id.subscriber_id}|"))
        return (
            f"the registry knows of this subscriber: {', '.join(own)}" if own else "the registry has no such subscriber"
        )
    return cause_of_time(header, question.now.timestamp())


def _key(record: Subscriber) -> bytes | None:
    try:
        return load_signing_public_key(record.signing_public_key)
    except KeyFormatError:
        return None
