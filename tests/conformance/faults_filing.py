"""What sellers do wrong when they file with an agency, and when they begin a recon."""

from __future__ import annotations

from collections.abc import Callable

from bpp.conformance.record import Flow, Record
from tests.conformance.altered import Altered, acked, says
from tests.support.json_edit import DELETE, edited

_LINE = "message.orders[0].settlements[0]"
OTHER_ID = "4f2c1b1e-0000-4000-8000-000000000002"
CORRECTED, BY_SELLER = "settlement_corrected", "reconciliation_by_seller"


def _filed(one: Record) -> bool:
    return bool(one.message["settlement"]["type"] == "NP-NP")


def _row(name: str, check: str, alter: Callable[[Flow], Flow], scenario: str = "settlement") -> Altered:
    return Altered(name=name, check=check, scenario=scenario, alter=alter)


def _settle(path: str, value: object) -> Callable[[Flow], Flow]:
    """Another value in the last settle between two participants."""
    return says("settle", path, value, _filed)


def _each(path: str, value: object) -> Callable[[Flow], Flow]:
    """Another value at a path of each order that is filed: others may be filed with the flow's own."""
    return _settle("message.settlement.orders", lambda all_: [edited(one, path, value) for one in all_])


ALTERED: tuple[Altered, ...] = (
    _row("the services' domain", "settle_context", _settle("context.domain", "ONDC:SRV11")),
    _row("half a minute to live", "settle_context", says("report", "context.ttl", "PT30S"), CORRECTED),
    _row("one city", "settle_context", says("recon", "context.location.city.code", "std:0522"), BY_SELLER),
    _row("the buyer app as the bap", "settle_parties", _settle("context.bap_id", "buyer.sandbox.example")),
    _row(
        "the buyer app as the agency",
        "settle_parties",
        says("report", "context.bpp_id", "buyer.sandbox.example"),
        CORRECTED,
    ),
    _row(
        "the seller app as the bap", "recon_parties", says("recon", "context.bap_id", "bpp.sandbox.example"), BY_SELLER
    ),
    _row("a remark", "settle_keys", _each("remark", "thanks")),
    _row("nothing of its own", "settle_keys", _each("self", DELETE)),
    _row("another type", "settle_keys", _settle("message.settlement.type", "NP")),
    _row("a number", "settle_money", _each("collector.amount.value", 7.04)),
    _row("three decimals", "settle_money", _each("self.amount.value", "1.999")),
    _row("an account with a letter", "settle_money", _each("provider", {"bank_details": {"account_no": "A1"}})),
    _row("an order twice", "settle_once", _settle("message.settlement.orders", lambda all_: [*all_, all_[0]])),
    _row("one app for two", "settle_apps", _settle("message.receiver_app_id", "buyer.sandbox.example")),
    _row("in another's name", "settle_apps", _settle("message.receiver_app_id", "other.example")),
    _row("less for itself", "settle_shares", _each("self.amount.value", "1.00")),
    _row("another share", "settle_total", _each("collector.amount.value", "8.04")),
    _row("a new settlement", "settle_corrected", _settle("message.settlement.id", OTHER_ID), CORRECTED),
    _row("a new transaction", "settle_corrected", _settle("context.transaction_id", OTHER_ID), CORRECTED),
    _row("breaks its word", "settle_agreed", _each("inter_participant.amount.value", "1.00"), CORRECTED),
    _row(
        "asks about another", "report_names_its_settle", says("report", "message.ref_message_id", OTHER_ID), CORRECTED
    ),
    _row(
        "a transaction of its own",
        "report_names_its_settle",
        says("report", "context.transaction_id", OTHER_ID),
        CORRECTED,
    ),
    _row("takes it", "on_settle_of_none", acked("on_settle_of_none")),
    _row("takes it", "on_recon_of_none", acked("on_recon_of_none"), BY_SELLER),
    _row("asks without a time", "recon_keys", says("recon", f"{_LINE}.updated_at", DELETE), BY_SELLER),
    _row("asks with one decimal", "recon_money", says("recon", f"{_LINE}.amount.value", "10.0"), BY_SELLER),
    _row("asks what does not add up", "recon_sum", says("recon", "message.orders[0].amount.value", "1.00"), BY_SELLER),
    _row("no reference", "recon_reference", says("on_recon", f"{_LINE}.settlement_ref_no", DELETE)),
    _row("a reference before", "recon_reference", says("recon", f"{_LINE}.settlement_ref_no", "UTR-1"), BY_SELLER),
    _row("signed as the bpp", "signature_signer", _settle("context.bap_id", "other.example")),
)
