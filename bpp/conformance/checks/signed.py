"""The Authorization header of callbacks. Source: security 1.1 to 1.6; assertion 58."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.record import Record
from bpp.conformance.select import callbacks
from bpp.sandbox.exchange import sellers_key
from signing.header import ALGORITHM, SIGNED_HEADERS

AUTHORIZATION = "authorization"
_STRICT = re.compile(
    r'Signature keyId="[^"|]+\|[^"|]+\|ed25519",algorithm="ed25519",created="[0-9]{1,12}",expires="[0-9]{1,12}",'
    r'headers="\(created\) \(expires\) digest",signature="[A-Za-z0-9+/]{86}=="'
)
_PARAMETER = re.compile(r'(\w+)\s*=\s*"?([^",]*)"?')
_NOT_OF_THE_SIGNATURE = frozenset({"sender", "action", "not_json"})
"""What a buyer app refuses although the signature holds; other checks say so."""
_PARTS = 3


def _headers(record: Record) -> list[str]:
    return [value for name, value in (record.headers or {}).items() if name.lower() == AUTHORIZATION]


def _parameters(record: Record) -> dict[str, str]:
    return dict(_PARAMETER.findall(_headers(record)[0]))


def _of_header(judge: Callable[[Subject], Iterator[Fault]]) -> Callable[[Subject], Iterator[Fault | NotRun]]:
    """A judge of the first header, where one is recorded; ``one_signature`` reports a callback that has none."""

    def judged(subject: Subject) -> Iterator[Fault | NotRun]:
        if subject.message.headers is None:
            yield NotRun("the headers are not recorded")
        elif not _headers(subject.message):
            yield NotRun(f"{subject.message.name} has no signature")
        else:
            yield from judge(subject)

    return judged


def _one(subject: Subject) -> Iterator[Fault | NotRun]:
    if subject.message.headers is None:
        yield NotRun("the headers are not recorded")
    elif (count := len(_headers(subject.message))) != 1:
        yield Fault("headers.Authorization", "exactly one", count)


def _holds(subject: Subject) -> Iterator[Fault | NotRun]:
    problem = subject.message.problem
    if problem is None:
        yield NotRun("the headers are not recorded")
    elif problem and problem not in _NOT_OF_THE_SIGNATURE:
        yield Fault("headers.Authorization", "a signature over these bytes by a key of the registry", problem)


def _grammar(subject: Subject) -> Iterator[Fault]:
    found = _headers(subject.message)[0]
    if not _STRICT.fullmatch(found):
        yield Fault("headers.Authorization", "the grammar of security 1.3, with no space or parameter more", found)


def _key_id(subject: Subject) -> Iterator[Fault]:
    found = _parameters(subject.message).get("keyId", "")
    parts = found.split("|")
    if len(parts) != _PARTS or not all(parts) or parts[2] != ALGORITHM:
        yield Fault("headers.Authorization.keyId", "subscriber_id|unique_key_id|ed25519", found)


def _signer(subject: Subject) -> Iterator[Fault]:
    signer = _parameters(subject.message).get("keyId", "").split("|")[0]
    key = sellers_key(subject.message.action)
    sender = subject.message.context.get(key)
    if signer != sender:
        yield Fault("headers.Authorization.keyId", f"context.{key}: {sender}", signer)


def _parameter(name: str, expected: str) -> Callable[[Subject], Iterator[Fault]]:
    def judge(subject: Subject) -> Iterator[Fault]:
        found = _parameters(subject.message).get(name)
        if found != expected:
            yield Fault(f"headers.Authorization.{name}", expected, found)

    return judge


def _window(subject: Subject) -> Iterator[Fault]:
    said, at = _parameters(subject.message), subject.message.at
    created, expires = int(said["created"]), int(said["expires"])
    if expires <= created:
        yield Fault("headers.Authorization.expires", f"after created: {created}", expires)
    if at is not None and expires < int(at.timestamp()):
        yield Fault("headers.Authorization.expires", f"not before its arrival: {int(at.timestamp())}", expires)


def _created(subject: Subject) -> Iterator[Fault]:
    """Most receivers allow a clock no lead at all (security 1.4)."""
    created, at = int(_parameters(subject.message)["created"]), subject.message.at
    if at is not None and created > int(at.timestamp()):
        yield Fault("headers.Authorization.created", f"not after its arrival: {int(at.timestamp())}", created)


def _check(
    name: str,
    title: str,
    sources: tuple[str, ...],
    judge: Callable[[Subject], Iterator[Fault | NotRun]],
    severity: Severity = Severity.ERROR,
) -> Check:
    return Check(
        name=name,
        title=title,
        sources=sources,
        of=callbacks(),
        needs="callback",
        judge=judge,
        severity=severity,
    )


CHECKS: tuple[Check, ...] = (
    _check("one_signature", "Every callback has exactly one Authorization", ("assertion 58", "security 1.5"), _one),
    _check(
        "signature_holds",
        "Every callback's signature holds, by a key that the registry lists for a seller app",
        ("assertion 58", "security 1.1", "security 1.6", "security 1.9"),
        _holds,
    ),
    _check(
        "signature_grammar",
        "The header is written as the network writes it, without another space or parameter",
        ("security 1.3",),
        _of_header(_grammar),
        Severity.WARNING,
    ),
    _check("signature_key_id", "keyId has three parts", ("security 1.1", "security 1.3"), _of_header(_key_id)),
    _check(
        "signature_signer",
        "The signer is context.bpp_id, to an agency context.bap_id",
        ("security 1.6", "assertion 3", "network 2.1"),
        _of_header(_signer),
    ),
    _check(
        "signature_algorithm",
        "algorithm is ed25519",
        ("security 1.1", "security 1.3"),
        _of_header(_parameter("algorithm", ALGORITHM)),
    ),
    _check(
        "signature_headers",
        "headers is (created) (expires) digest, with its spaces",
        ("security 1.2", "security 1.3"),
        _of_header(_parameter("headers", SIGNED_HEADERS)),
    ),
    _check(
        "signature_window",
        "The signature expires after it was created and after it arrives",
        ("security 1.4",),
        _of_header(_window),
    ),
    _check(
        "signature_created",
        "The signature was created in the past",
        ("security 1.4",),
        _of_header(_created),
        Severity.WARNING,
    ),
)
