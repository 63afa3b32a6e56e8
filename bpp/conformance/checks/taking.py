"""What a seller must take: the spellings of real buyer apps. Source: assertions 2 and 6; protocol 1.0 and 7.

The requests are those of ``scenarios.spelling`` and ``scenarios.forging``; each has the name of its probe here.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, Severity, Subject
from bpp.conformance.checks.refusing import Probe, probe_check, reply_to, said

ADDRESSES: tuple[Probe, ...] = (
    Probe("final_slash", "Callbacks come where bap_uri ends in a slash", ("assertion 2", "protocol 1.0")),
    Probe("other_host", "Callbacks come where the host of bap_uri is not bap_id", ("assertion 2", "protocol 1.0")),
)
SPELLINGS: tuple[Probe, ...] = (
    Probe("ttl_misspelt", "ttl P30S is taken", ("assertion 6", "protocol 1.0", "protocol 4.1")),
    Probe("no_ttl", "A missing ttl is taken", ("protocol 1.0",)),
    Probe("no_tags", "A search without tags is taken", ("assertion 6",)),
    Probe("extra_keys", "Unknown keys are taken", ("assertion 6", "protocol 1.0")),
    Probe("short_gps", "A place of five decimals is taken", ("assertion 6", "protocol 1.0")),
    Probe("query", "Query parameters of the address are taken", ("protocol 7",), Severity.WARNING),
    Probe("empty_header", "An empty header is taken", ("protocol 7",), Severity.WARNING),
    Probe("charset", "A charset in Content-Type is taken", ("security 1.9",), Severity.WARNING),
    Probe("update_target_text", "update_target may be a text", ("assertion 6", "protocol 4.35")),
    Probe("update_target_list", "update_target may be a list", ("assertion 6", "protocol 4.35")),
    Probe("status_title_case", "A confirm may say Accepted", ("assertion 6", "protocol 1.0", "protocol 4.18")),
    Probe("status_upper_case", "A confirm may say ACCEPTED", ("assertion 6", "protocol 1.0", "protocol 4.18")),
    Probe("junk_payment", "A confirm may have a second payment without meaning", ("protocol 7",), Severity.WARNING),
    Probe("other_location", "A confirm may name another location id", ("protocol 7",), Severity.WARNING),
    Probe("bare_items", "The items of a confirm may lack location and parent", ("protocol 7",), Severity.WARNING),
)
SIGNATURES: tuple[Probe, ...] = (
    Probe("signature_spaces", "A signature with a space after each comma is taken", ("security 1.3",)),
    Probe("signature_order", "A signature's parameters may come in any order", ("security 1.3",)),
    Probe("signature_unquoted", "created and expires may stand without quotes", ("security 1.3",), Severity.WARNING),
    Probe("signature_more", "An unknown parameter of a signature is passed over", ("security 1.3",), Severity.WARNING),
    Probe(
        "signature_misprint",
        "headers is taken as the network's own documents misprint it",
        ("security 1.2", "security 1.3"),
        Severity.WARNING,
    ),
    Probe("other_digest", "A Digest header is passed over, whatever it says", ("security 1.1",)),
    Probe("by_gateway", "A search with a gateway's signature is taken", ("security 1.5", "security 1.6")),
    Probe(
        "by_old_gateway", "A gateway's signature may stand in Proxy-Authorization", ("security 1.5",), Severity.WARNING
    ),
    Probe("by_proxy", "A proxy's own Proxy-Authorization is passed over", ("security 1.5",), Severity.WARNING),
)
REUSED: tuple[Probe, ...] = (
    Probe("update_reuses_confirm", "An update may bear the message_id of its confirm", ("protocol 7", "protocol 2")),
    Probe(
        "update_reuses_on_update",
        "An update may bear the message_id of the on_update that it answers",
        ("assertion 5", "protocol 7", "protocol 2"),
    ),
)
_MUST_SUCCEED = frozenset({"confirm"})
"""Actions whose callback must have no error: the odd spelling is all that is odd about them."""


def _taken(subject: Subject) -> Iterator[Fault]:
    reply = reply_to(subject)
    if not reply.acked:
        yield Fault("reply", "ACK", said(reply))
        return
    answers = subject.flow.answers_to(subject.message)
    if not answers:
        yield Fault("time", f"an on_{subject.message.action}", "nothing came")
    elif subject.message.action in _MUST_SUCCEED and answers[0].error_code:
        yield Fault("error", "none", answers[0].error_code, record=answers[0])


CHECKS: tuple[Check, ...] = tuple(
    probe_check(one, _taken, "takes") for one in (*ADDRESSES, *SPELLINGS, *SIGNATURES, *REUSED)
)
