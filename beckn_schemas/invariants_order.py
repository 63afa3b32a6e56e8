"""Rules of money and references in an order. Source: protocol 1.4 to 1.9, 2, assertions 20, 21, 27, 42, 47, 50, 53."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from beckn_schemas.invariants_base import (
    MADE,
    ORDERED,
    SEARCHED,
    Callback,
    Finding,
    Json,
    Rule,
    entries,
    ids,
    paise,
    repeated,
    state,
    unresolved,
)
from beckn_schemas.spellings import FEE_CODES
from beckn_schemas.strict_catalog import tag_code

_QUOTE: Final = "message.order.quote"
_CHARGES: Final = frozenset({"item", "customization", "tax", "misc"})
_REDUCTIONS: Final = frozenset({"discount", "refund"})
_KINDS: Final = _CHARGES | _REDUCTIONS
_UNIT_PRICED: Final = frozenset({"item", "customization"})
PAYMENT_TAGS: Final[Mapping[str, frozenset[str]]] = {
    "Settlement_Counterparty": frozenset(
        {"Counterparty", "Mode", "Beneficiary_Name", "Bank_Account_No", "Ifsc_Code", "UPI_Address"},
    ),
    "Settlement_Details": frozenset({"Window", "Basis", "Witholding_Amount", "Phase"}),
}
FEE: Final = "Buyer_Finder_Fee"
_TAGGED: Final = {*PAYMENT_TAGS, FEE}
_FEE_FORMS: Final = tuple((set(pair), pair) for pair in FEE_CODES.values())
_FEE_AMOUNT: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")


def _line_tags(callback: Callback) -> Iterator[Finding]:
    for path, _, codes, kind in callback.lines:
        if kind not in _KINDS or codes != ["title"]:
            yield f"{path}.tags", "one tag title whose type is item, customization, tax, discount, misc or refund"


def _quote_sum(callback: Callback) -> Iterator[Finding]:
    quote = callback.order.get("quote")
    if quote is not None and sum(paise(line["price"]["value"]) for line in quote["breakup"]) != paise(
        quote["price"]["value"],
    ):
        yield f"{_QUOTE}.price.value", "the sum of the breakup"


def _quote_sign(callback: Callback) -> Iterator[Finding]:
    quote = callback.order.get("quote")
    if quote is not None and paise(quote["price"]["value"]) < 0:
        yield f"{_QUOTE}.price.value", "not less than 0.00"
    for path, line, _, kind in callback.lines:
        amount = paise(line["price"]["value"])
        if (kind in _CHARGES and amount < 0) or (kind in _REDUCTIONS and amount > 0):
            yield f"{path}.price.value", "charges that are not negative, discounts and refunds that are not positive"


def _line_arithmetic(callback: Callback) -> Iterator[Finding]:
    for path, line, _, kind in callback.lines:
        if kind not in _UNIT_PRICED:
            continue
        item = line["item"]
        if "quantity" not in item or "price" not in item:
            yield f"{path}.item", "the count and the price of one unit"
        elif paise(item["price"]["value"]) * item["quantity"]["selected"]["count"] != paise(line["price"]["value"]):
            yield f"{path}.price.value", "the price of one unit times the count"


def _line_item(callback: Callback) -> Iterator[Finding]:
    if "items" not in callback.order:
        return
    known = ids(callback.order["items"])
    for path, line, *_ in callback.lines:
        if line["item"]["id"] not in known:
            yield f"{path}.item.id", "the id of an item of this order"


def _line_count(callback: Callback) -> Iterator[Finding]:
    ordered = _often(callback.order.get("items", ()))
    priced = [(path, line["item"]) for path, line, _, kind in callback.lines if kind in _UNIT_PRICED]
    often = _often(item for _, item in priced)
    counts = {item["id"]: item["quantity"]["selected"]["count"] for item in callback.order.get("items", ())}
    for path, item in priced:
        key = item["id"]
        if (
            ordered.get(key) == often[key] == 1
            and "quantity" in item
            and item["quantity"]["selected"]["count"] != counts[key]
        ):
            yield f"{path}.item.quantity.selected.count", "the count of the ordered item"
    if "quote" in callback.order:
        for path, part in callback.items:
            if part["id"] not in often:
                yield path, "a line of the quote for every item"


def _often(items: Iterable[Mapping[str, Json]]) -> Mapping[str, int]:
    """How often each id occurs."""
    often: dict[str, int] = {}
    for item in items:
        often[item["id"]] = often.get(item["id"], 0) + 1
    return often


def _offers(callback: Callback) -> Iterator[Finding]:
    reductions = [line for _, line, _, kind in callback.lines if kind == "discount"]
    if len(reductions) < len(callback.order.get("offers", ())):
        yield "message.order.offers", "a discount line of the quote for every offer"
    for place in repeated(callback.order.get("offers", ())):
        yield f"message.order.offers[{place}].id", "an offer of its own"


def _payments_sum(callback: Callback) -> Iterator[Finding]:
    payments = callback.order.get("payments", ())
    if callback.status == "CANCELLED" or "quote" not in callback.order or not payments:
        return
    if not all("params" in payment for payment in payments):
        return
    due = paise(callback.order["quote"]["price"]["value"])
    given_back = sum(paise(line["price"]["value"]) for _, line, _, kind in callback.lines if kind == "refund")
    if sum(paise(payment["params"]["amount"]) for payment in payments) not in {due, due - given_back}:
        yield "message.order.payments", "amounts that sum to quote.price, or to that before refunds"


def _payment_tags(callback: Callback) -> Iterator[Finding]:
    for path, payment in callback.payments:
        if callback.action == "on_select":
            continue
        groups = {tag_code(group): group for group in payment["tags"]}
        if groups.keys() != _TAGGED or len(groups) != len(payment["tags"]):
            yield f"{path}.tags", f"exactly {', '.join((*PAYMENT_TAGS, FEE))}"
            continue
        for code, codes in PAYMENT_TAGS.items():
            if entries(groups[code]).keys() != codes or len(groups[code]["list"]) != len(codes):
                yield f"{path}.tags", f"{code} with exactly {', '.join(sorted(codes))}"
        fee = entries(groups[FEE])
        spelled = next((pair for codes, pair in _FEE_FORMS if fee.keys() == codes), None)
        if spelled is None or len(groups[FEE]["list"]) != len(spelled):
            yield f"{path}.tags", f"{FEE} with exactly {' or '.join(map(', '.join, FEE_CODES.values()))}"
            continue
        kind, amount = spelled
        if fee[kind] not in {"percent", "amount"}:
            yield f"{path}.tags", f"{kind} percent or amount"
        if not _FEE_AMOUNT.fullmatch(fee[amount]):
            yield f"{path}.tags", f"{amount} as a decimal text"


def _payment_transaction(callback: Callback) -> Iterator[Finding]:
    for path, payment in callback.payments:
        paid, named = payment.get("status") == "PAID", "transaction_id" in payment.get("params", {})
        if paid != named:
            yield f"{path}.params.transaction_id", "one if and only if the payment is PAID"


def _payment_due(callback: Callback) -> Iterator[Finding]:
    done = callback.status in {"COMPLETED", "CANCELLED"} or any(
        state(visit) == "Completed" for _, visit in callback.visits
    )
    for path, payment in callback.payments:
        if payment["type"] == "ON-FULFILLMENT" and payment.get("status") == "PAID" and not done:
            yield f"{path}.status", "NOT-PAID until the work is completed"


def _payment_link(callback: Callback) -> Iterator[Finding]:
    for path, payment in callback.payments:
        if "url" in payment and (payment["collected_by"] != "BPP" or payment.get("status") == "PAID"):
            yield f"{path}.url", "none but for what the seller app collects and is not PAID"


def _references(callback: Callback) -> Iterator[Finding]:
    order = callback.order
    for key, part in (("fulfillment_ids", "fulfillments"), ("payment_ids", "payments")):
        if part in order:
            known = {element.get("id") for element in order[part]}
            for path, item in callback.items:
                yield from unresolved(path, item, key, known)


def _distinct(callback: Callback) -> Iterator[Finding]:
    for key in ("fulfillments", "payments"):
        parts = [part for part in callback.order.get(key, ()) if "id" in part]
        for place in repeated(parts):
            yield f"message.order.{key}[{place}].id", "an id of its own"


def _cancellation_fee(callback: Callback) -> Iterator[Finding]:
    holders = [("message.order", callback.order)]
    for place, provider in enumerate(callback.catalog.get("providers", ())):
        for index, item in enumerate(provider["items"]):
            holders.append((f"message.catalog.providers[{place}].items[{index}]", item))
    for path, holder in holders:
        for place, term in enumerate(holder.get("cancellation_terms", ())):
            if ("amount" in term["cancellation_fee"]) == ("percentage" in term["cancellation_fee"]):
                yield f"{path}.cancellation_terms[{place}].cancellation_fee", "an amount or a percentage, not both"


def _seller_refunds(callback: Callback) -> Iterator[Finding]:
    by = callback.order.get("cancellation", {}).get("cancelled_by")
    if by not in {"PRODUCER", "PROVIDER"} or "quote" not in callback.order:
        return
    done = {visit["id"] for _, visit in callback.visits if state(visit) == "Completed"}
    kept = {item["id"] for _, item in callback.items if set(item["fulfillment_ids"]) <= done}
    due = sum(paise(line["price"]["value"]) for _, line, *_ in callback.lines if line["item"]["id"] in kept)
    if paise(callback.order["quote"]["price"]["value"]) != due:
        yield f"{_QUOTE}.price.value", "0.00 when the seller cancels, or the price of visits that were completed before"


ORDER_RULES: Final[tuple[Rule, ...]] = (
    Rule("line_tags", ORDERED, "assertion 20", _line_tags),
    Rule("quote_sum", ORDERED, "assertion 20; protocol 2", _quote_sum),
    Rule("quote_sign", ORDERED, "assertion 20; assertion 50; assertion 53; protocol 2", _quote_sign),
    Rule("line_arithmetic", ORDERED, "assertion 21; protocol 4.10; protocol 4.11", _line_arithmetic),
    Rule("line_item", ORDERED, "protocol 4.8; protocol 4.12", _line_item),
    Rule("line_count", ORDERED, "assertion 21; protocol 1.9", _line_count),
    Rule("offers", ORDERED, "specification Order.offers; protocol 4.17", _offers),
    Rule("payments_sum", ORDERED, "assertion 27; assertion 47; protocol 4.13; protocol 4.14", _payments_sum),
    Rule("payment_tags", ORDERED, "assertion 27; protocol 1.0; protocol 4.15; protocol 4.16", _payment_tags),
    Rule("payment_transaction", MADE, "assertion 31; assertion 42; protocol 1.6", _payment_transaction),
    Rule("payment_due", MADE, "assertion 42; protocol 1.7", _payment_due),
    Rule("payment_link", ORDERED, "protocol 6", _payment_link),
    Rule("order_references", ORDERED, "assertion 16; assertion 47", _references),
    Rule("distinct_ids", ORDERED, "assertion 47; protocol 4.14", _distinct),
    Rule("cancellation_fee", ORDERED | SEARCHED, "protocol 2", _cancellation_fee),
    Rule("seller_refunds", MADE, "assertion 53; protocol 1.8; protocol 4.30", _seller_refunds),
)
