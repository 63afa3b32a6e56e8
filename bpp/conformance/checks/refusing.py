"""What a seller must not take: broken messages, forged ones, those for somebody else.

The requests are those of ``scenarios.forging``; each has the name of its probe here. Source: assertions 1 and 7;
security 1.3 to 1.9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import NamedTuple

from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.record import Flow, Reply
from bpp.conformance.select import callbacks, probes

INVALID_SIGNATURE = "30016"


class Probe(NamedTuple):
    """What is tried, the requirement as a sentence, and where it stands."""

    name: str
    title: str
    sources: tuple[str, ...]
    severity: Severity = Severity.ERROR


FORGED: tuple[Probe, ...] = (
    Probe("changed_value", "A body that was changed after it was signed is refused", ("security 1.1", "security 1.9")),
    Probe("added_newline", "A newline that was added after signing is enough for a refusal", ("security 1.1",)),
    Probe("expired", "A signature that has run out is refused", ("security 1.4",)),
    Probe("created_ahead", "A signature that is created in an hour is refused", ("security 1.4",)),
    Probe("unknown_key", "A key that the registry does not know is refused", ("security 1.9",)),
    Probe("forged_key", "A signature by another key than the one named is refused", ("security 1.9",)),
    Probe("other_subscriber", "A signer who speaks for another bap_id is refused", ("security 1.6", "network 5")),
    Probe("no_signature", "A message without a signature is refused", ("security 1.6",)),
    Probe("two_signatures", "A message with two Authorization headers is refused", ("security 1.5",), Severity.WARNING),
    Probe("other_algorithm", "Another algorithm than ed25519 is refused", ("security 1.3", "security 1.9")),
    Probe("no_scheme", "A header without the scheme Signature is refused", ("security 1.3",)),
    Probe("zero_signature", "A signature that fits every message is refused", ("security 1.8",)),
    Probe("junk_signature", "A signature that is not base64 is refused", ("security 1.9",)),
    Probe("wrong_role", "A gateway that speaks as a buyer app is refused", ("security 1.6", "security 1.9")),
)
FORGED_GATEWAY = Probe(
    "forged_gateway",
    "A search whose gateway header is not a gateway's is refused",
    ("security 1.6",),
    Severity.WARNING,
)
MISDIRECTED: tuple[Probe, ...] = (
    Probe("foreign_bpp", "A message for another seller app is refused", ("security 1.1", "security 1.9")),
    Probe("foreign_domain", "A message of a domain that is not served is refused", ("assertion 7",)),
)
BROKEN: tuple[Probe, ...] = (
    Probe("broken_json", "Malformed JSON is refused", ("assertion 1",)),
    Probe("no_action", "A message without context.action is refused", ("assertion 1",)),
    Probe("no_transaction_id", "A message without context.transaction_id is refused", ("assertion 1",)),
    Probe("no_bap_uri", "A message without context.bap_uri is refused", ("assertion 1",)),
    Probe("other_action", "A message whose context.action is not the path's is refused", ("security 1.1",)),
)


def refused(reply: Reply) -> bool:
    """NACK, or a client error of HTTP; a failure of the server is no refusal."""
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False
    return reply.ack_status == "NACK" or reply.status >= HTTPStatus.BAD_REQUEST


def reply_to(subject: Subject) -> Reply:
    """The synchronous answer to a probe; every request of a played flow has one."""
    if subject.message.reply is None:
        raise ValueError("no synchronous answer is recorded")
    return subject.message.reply


def said(reply: Reply) -> str:
    """An answer for a report."""
    return f"HTTP {reply.status} {reply.ack_status} {reply.error_code}".strip()


def is_refused(subject: Subject) -> Iterator[Fault]:
    """A NACK must come."""
    if not refused(reply_to(subject)):
        yield Fault("reply", "NACK", said(reply_to(subject)))


def refused_or_silent(subject: Subject) -> Iterator[Fault]:
    """A NACK, or an ACK after which nothing comes."""
    reply = reply_to(subject)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        yield Fault("reply", "NACK, or ACK and silence", said(reply))
    for one in subject.flow.answers_to(subject.message):
        yield Fault("time", "NACK, or ACK and silence", f"{one.name} came")


def probe_check(probe: Probe, judge: Callable[[Subject], Iterator[Fault]], prefix: str) -> Check:
    """A row of a table of probes as a check."""
    return Check(
        name=f"{prefix}_{probe.name}",
        title=probe.title,
        sources=probe.sources,
        of=probes(probe.name),
        needs=f"request that tries {probe.name} (in recorded messages there is none)",
        judge=judge,
        severity=probe.severity,
    )


def _status(subject: Subject) -> Iterator[Fault]:
    if (status := reply_to(subject).status) != HTTPStatus.UNAUTHORIZED:
        yield Fault("reply", "HTTP 401", f"HTTP {status}")


def _code(subject: Subject) -> Iterator[Fault]:
    if (code := reply_to(subject).error_code) != INVALID_SIGNATURE:
        yield Fault("reply.error.code", f"{INVALID_SIGNATURE}, Invalid Signature", code)


def _challenge(subject: Subject) -> Iterator[Fault]:
    wanted = "Proxy-Authenticate" if subject.message.probe == FORGED_GATEWAY.name else "WWW-Authenticate"
    found = next((value for name, value in reply_to(subject).headers.items() if name.lower() == wanted.lower()), "")
    if not found.startswith("Signature "):
        yield Fault(f"reply.headers.{wanted}", "Signature, with realm and headers", found)


def _without_effect(subject: Subject) -> Iterator[Fault]:
    """Each forged message was a cancellation; the status that was asked for last shows the order."""
    found = str(subject.message.order.get("status", ""))
    if found.upper() == "CANCELLED":
        yield Fault("message.order.status", "as before the forged cancellations", found)


def _after_forgery(flow: Flow) -> Iterator[Subject]:
    for subject in callbacks("on_status")(flow):
        request = subject.request
        if request and any(
            one.probe == FORGED[0].name and one.number < request.number for one in subject.flow.requests
        ):
            yield subject


_SIGNATURES = (*(one.name for one in FORGED), FORGED_GATEWAY.name)
_NEEDS = "forged message that was refused"

CHECKS: tuple[Check, ...] = (
    *(probe_check(one, is_refused, "refuses") for one in (*FORGED, FORGED_GATEWAY, *MISDIRECTED, *BROKEN)),
    probe_check(
        Probe("foreign_domain_search", "A search in a domain that is not served brings no catalog", ("assertion 7",)),
        refused_or_silent,
        "refuses",
    ),
    Check(
        name="forgery_status",
        title="A forged message is refused with HTTP 401",
        sources=("security 1.6", "security 1.7", "network 5"),
        of=lambda flow: (one for one in probes(*_SIGNATURES)(flow) if refused(reply_to(one))),
        needs=_NEEDS,
        judge=_status,
    ),
    Check(
        name="forgery_code",
        title="A forged message is refused with 30016, the code of a seller app",
        sources=("security 1.7", "network 5"),
        of=lambda flow: (one for one in probes(*_SIGNATURES)(flow) if refused(reply_to(one))),
        needs=_NEEDS,
        judge=_code,
    ),
    Check(
        name="forgery_challenge",
        title="The 401 says how to sign: WWW-Authenticate, for a gateway Proxy-Authenticate",
        sources=("security 1.7",),
        of=lambda flow: (one for one in probes(*_SIGNATURES)(flow) if refused(reply_to(one))),
        needs=_NEEDS,
        judge=_challenge,
        severity=Severity.WARNING,
    ),
    Check(
        name="forgery_effect",
        title="A forged message has no effect",
        sources=("security 1.9", "network 5"),
        of=_after_forgery,
        needs="status after forged cancellations",
        judge=_without_effect,
    ),
)
