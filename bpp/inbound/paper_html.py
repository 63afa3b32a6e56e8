"""The papers of an order as HTML that prints well. Pure; everything that somebody wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from html import escape
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode

from bpp.core.world import Account, Identity
from bpp.inbound.layout import page, table
from bpp.orders.cancellation import Cancellation
from bpp.orders.model import Draft, Order, Payment
from catalog.availability import KOLKATA
from catalog.money import ZERO, Money, total
from catalog.quote import Quote

_REFERENCE = 35  # characters; the longest transaction reference of a UPI link (NPCI, UPI linking specification 1.6)
_PAID_THROUGH = {"BAP": "through your app", "BPP": "to us or our worker"}
_WHEN = {"PRE-FULFILLMENT": "in advance", "ON-FULFILLMENT": "on site", "POST-FULFILLMENT": "after the work"}


def pay_html(one: Order | Draft, payment: Payment, identity: Identity, now: datetime) -> str:
    """What is paid, to whom, how much, and a UPI link; or why there is nothing to pay here now."""
    what = ", ".join(f"{item.name} x {item.count}" for item in one.items)
    rows = (
        ("For", what),
        ("By", one.seller.name),
        ("To", f"{identity.account.beneficiary} ({identity.legal_name})"),
        ("Amount", f"INR {payment.amount}"),
    )
    if payment.status == "PAID":
        last = f"<p><strong>Paid.</strong> Transaction {escape(payment.transaction_id)}</p>"
    elif not _wanted(one, payment, now):
        last = "<p>Nothing is to be paid here now. Please look into your app.</p>"
    else:
        link = escape(upi_link(one.ref, payment, identity.account))
        last = (
            f'<p><a href="{link}">Pay INR {payment.amount} by UPI</a></p>'
            f"<p>Or pay to the UPI address {escape(identity.account.upi)}.</p>"
        )
    return page("Payment", f"{_pairs(rows)}{last}{_help(identity)}")


def upi_link(ref: str, payment: Payment, account: Account) -> str:
    """A link that opens a UPI app with everything filled in.

    pa payee address, pn its name, am amount, cu currency, tr reference, tn note. Source: NPCI, UPI linking
    specification 1.6.
    """
    fields = {
        "pa": account.upi,
        "pn": account.beneficiary,
        "am": str(payment.amount),
        "cu": "INR",
        "tr": "".join(one for one in payment.page_id if one.isascii() and one.isalnum())[:_REFERENCE],
        "tn": f"Booking {ref}",
    }
    return f"upi://pay?{urlencode(fields, quote_via=percent_encoded, safe='@')}"


def invoice_html(order: Order, identity: Identity) -> str:
    """The invoice of the whole order: every line with its tax and SAC, what was paid how, what is due."""
    done = max((one.completed_at for one in order.fulfillments if one.completed_at), default=order.updated_at)
    paid = total(one.amount for one in order.payments if one.status == "PAID")
    left = order.quote.total - paid
    sums = (("Paid", str(paid)), ("Due", str(left)) if left >= ZERO else ("Goes back to you", str(-left)))
    body = f"{_heading(order, identity, done)}{_lines(order)}{_payments(order)}{_pairs(sums)}{_help(identity)}"
    return page(f"Invoice {order.ref}", body)


def part_invoice_html(order: Order, payment: Payment, identity: Identity) -> str:
    """The invoice of one payment: its amount, and the tax in it as a part of the whole tax."""
    number = [one.id for one in order.payments].index(payment.id) + 1
    rows = (
        ("For", ", ".join(f"{item.name} x {item.count}" for item in order.items)),
        ("SAC", ", ".join(dict.fromkeys(item.sac for item in order.items if item.sac))),
        ("Part", f"{number} of {len(order.payments)}, {_WHEN[payment.type]}, of INR {_agreed(order).total} in all"),
        ("Amount", f"INR {payment.amount}"),
        ("Tax in it", f"INR {tax_in(order, payment)}"),
        ("Paid", _how(payment) if payment.status == "PAID" else "no, it is due"),
    )
    heading = _heading(order, identity, order.updated_at)
    return page(f"Part-invoice {order.ref}-{number}", f"{heading}{_pairs(rows)}{_help(identity)}")


def credit_note_html(order: Order, cancellation: Cancellation, identity: Identity) -> str:
    """What became of the money of an order that was given up: price, fee kept, what goes back."""
    by = "the customer" if cancellation.cancelled_by == "CONSUMER" else "the seller"
    rows = (
        ("Given up by", by),
        ("Price before", f"INR {_agreed(order).total}"),
        ("Kept as fee", f"INR {cancellation.fee}"),
        ("Price now", f"INR {order.quote.total}"),
        ("Goes back to you", f"INR {cancellation.refund}"),
    )
    heading = _heading(order, identity, order.updated_at)
    body = f"{heading}{_lines(order)}{_payments(order)}{_pairs(rows)}{_help(identity)}"
    return page(f"Credit note {order.ref}", body)


def tax_in(order: Order, payment: Payment) -> Money:
    """The part of the order's tax that a payment holds, in proportion; the parts add up to the whole tax exactly."""
    quote = _agreed(order)
    whole = total(line.amount for line in quote.lines if line.kind == "tax")
    if quote.total == ZERO:
        return ZERO
    before = ZERO
    for one in order.payments:
        if one.id == payment.id:
            break
        before += one.amount

    def until(amount: Money) -> Money:
        return whole.times(Decimal(amount.paise) / quote.total.paise)

    return until(before + payment.amount) - until(before)


def _agreed(order: Order) -> Quote:
    """The price that the payments are for: the last one before an order was given up, which makes one of its own."""
    return order.quotes[-2] if order.cancellation and len(order.quotes) > 1 else order.quote


def _wanted(one: Order | Draft, payment: Payment, now: datetime) -> bool:
    """Whether what is not paid may still be: nothing of a lapsed quote; of an order that was given up the fee."""
    if isinstance(one, Draft):
        return one.quote.valid_until > now
    return payment.amount > ZERO


def _heading(order: Order, identity: Identity, at: datetime) -> str:
    billing = order.billing
    tax_id = str(billing.get("tax_id") or "")
    rows = [
        ("Seller", f"{order.seller.name} through {identity.legal_name}"),
        ("GSTIN", order.seller.gstin or identity.gstin),
        ("Order", order.order_id),
        ("Date", f"{at.astimezone(KOLKATA):%d-%m-%Y %H:%M} IST"),
        ("To", ", ".join(part for part in (str(billing.get(key) or "") for key in ("name", "address")) if part)),
    ]
    purchase_order = str(billing.get("purchase_order") or "")
    more = (("Customer's GSTIN", tax_id), ("Purchase order", purchase_order))
    return _pairs([*rows, *(row for row in more if row[1])])


def _lines(order: Order) -> str:
    """The breakup with the service accounting code and the rate of tax of each item."""
    items = {item.item_id: item for item in order.items}
    rows = []
    for line in order.quote.lines:
        item = items.get(line.item_id)
        rate = f" {item.tax_rate:f} %" if item and line.kind == "tax" else ""
        sac = item.sac if item and line.kind in {"item", "customization"} else ""
        rows.append((f"{line.title}{rate}", sac, str(line.count or ""), str(line.amount)))
    rows.append(("Total", "", "", str(order.quote.total)))
    return table(("Item", "SAC", "Count", "INR"), rows)


def _payments(order: Order) -> str:
    rows = [
        (_WHEN[one.type], str(one.amount), _how(one) if one.status == "PAID" else "not paid") for one in order.payments
    ]
    return table(("Payment", "INR", ""), rows)


def _how(payment: Payment) -> str:
    return f"paid {_PAID_THROUGH[payment.collected_by]}, transaction {payment.transaction_id}"


def _help(identity: Identity) -> str:
    return f"<p>Questions? Helpline {escape(identity.support_phone)}, {escape(identity.support_email)}</p>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"
