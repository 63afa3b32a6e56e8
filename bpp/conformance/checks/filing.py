"""In whose name a seller app speaks to the settlement agency and in recons of its own, and what it must not take.

What these recons say of amounts stands with those of on_recon (``reconciling``), what settles say in ``filed``. Source:
network 2.1, 2.2 and 2.6.
"""

from __future__ import annotations

from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks.filed import NEEDS, said_before
from bpp.conformance.checks.reconciling import check
from bpp.conformance.checks.refusing import is_refused
from bpp.conformance.path import at
from bpp.conformance.record import Record
from bpp.conformance.select import callbacks, probes
from bpp.sandbox.exchange import TO_AGENCY
from bpp.sandbox.identities import RECON_DOMAIN

CONTEXT = {
    "domain": RECON_DOMAIN,
    "version": "2.0.0",
    "location.country.code": "IND",
    "location.city.code": "*",
    "ttl": "P1D",
}


def _confirmed(subject: Subject) -> Record | None:
    """The confirmed order, where it is recorded: who the seller app and the buyer app are."""
    told = [one for one in subject.flow.callbacks if one.action == "on_confirm" and not one.error_code]
    return told[-1] if told else None


def _context(subject: Subject) -> Said:
    found = subject.message.context
    for key, wanted in CONTEXT.items():
        if at(found, key) != wanted:
            yield Fault(f"context.{key}", wanted, at(found, key))


def _parties(subject: Subject) -> Said:
    """To an agency the participant that calls is the bap, even where it is a seller app."""
    confirmed, found = _confirmed(subject), subject.message.context
    if confirmed is None:
        yield NotRun("no order is recorded that says who the seller app is")
        return
    for key in ("id", "uri"):
        wanted = str(confirmed.context.get(f"bpp_{key}")).rstrip("/")
        if str(found.get(f"bap_{key}")).rstrip("/") != wanted:
            yield Fault(f"context.bap_{key}", f"the seller app's, which calls: {wanted}", found.get(f"bap_{key}"))
    if found.get("bpp_id") in {confirmed.context.get("bap_id"), confirmed.context.get("bpp_id")}:
        yield Fault("context.bpp_id", "the settlement agency", found.get("bpp_id"))


def _as_in_the_order(subject: Subject) -> Said:
    """Between participants both stand as in the order, whoever calls."""
    confirmed = _confirmed(subject)
    if confirmed is None:
        yield NotRun("no order is recorded")
        return
    for key in ("bap_id", "bap_uri", "bpp_id", "bpp_uri"):
        wanted = str(confirmed.context.get(key)).rstrip("/")
        if str(subject.message.context.get(key)).rstrip("/") != wanted:
            yield Fault(f"context.{key}", f"as in the order: {wanted}", subject.message.context.get(key))


def _names_its_settle(subject: Subject) -> Said:
    this = subject.message
    pair = this.message.get("ref_transaction_id"), this.message.get("ref_message_id")
    if pair[0] != this.transaction_id:
        yield Fault("context.transaction_id", f"that of the settle: {pair[0]}", this.transaction_id)
    filed = {(one.transaction_id, one.message_id) for one in said_before(subject, "settle")}
    if pair not in filed and any(one[0] == pair[0] for one in filed):
        yield Fault("message.ref_message_id", "that of a settle before it", pair[1])


CHECKS: tuple[Check, ...] = (
    check(
        "settle_context",
        "settle, report and recon say NTS10, version 2.0.0, every city of India and a day to live",
        callbacks("recon", *TO_AGENCY),
        _context,
        "network 2.1",
        needs=NEEDS,
    ),
    check(
        "settle_parties",
        "The bap of settle and report is the seller app, the bpp the agency",
        callbacks(*TO_AGENCY),
        _parties,
        "network 2.1",
        needs=NEEDS,
    ),
    check(
        "recon_parties",
        "A recon of the seller app's names bap and bpp as its order does",
        callbacks("recon"),
        _as_in_the_order,
        "network 2.1",
        needs="recon of the seller app's",
    ),
    check(
        "report_names_its_settle",
        "A report names its settle by both ids, in its transaction",
        callbacks("report"),
        _names_its_settle,
        "network 2.1",
        "network 2.2",
        needs="report that reached the agency",
    ),
    *(
        check(
            probe,
            title,
            probes(probe),
            is_refused,
            "network 2.6",
            needs=f"request {probe}",
            severity=Severity.WARNING,
        )
        for probe, title in (
            ("on_settle_of_none", "An agency's answer to a settle that was never filed is refused"),
            ("on_recon_of_none", "An answer to a recon that was never sent is refused"),
        )
    ),
)
