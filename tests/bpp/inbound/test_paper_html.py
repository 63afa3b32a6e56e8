"""The papers of an order: the tax of its parts, and whatever people wrote without effect."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from bpp.core.world import Account
from bpp.inbound.paper_html import credit_note_html, invoice_html, part_invoice_html, pay_html, tax_in, upi_link
from bpp.orders.cancellation import Cancellation
from bpp.orders.model import Payment
from catalog.money import ZERO, Money, total
from catalog.quote import Quote, priced_lines
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_draft, a_seller, after, an_order
from tests.support.world_builders import an_identity

IDENTITY = an_identity(
    legal_name="Sewamitra & Samiti",
    account=Account(beneficiary="A & B=C?", account="0", ifsc="XXXX0000000", upi="a.b-c@upi"),
)
EVIL = '<script>alert("1")</script>'


def a_payment(amount: Money, number: int = 1, **changes: object) -> Payment:
    payment = Payment(
        id=f"PAY{number}", type="PRE-FULFILLMENT", collected_by="BPP", amount=amount, status="PAID", transaction_id="U1"
    )
    return replace(payment, **changes)  # type: ignore[arg-type]


def a_price(amount: Money) -> Quote:
    lines = priced_lines(title="Tap repair", item_id="TAP", unit_price=amount, count=1, tax_rate=Decimal(18))
    return Quote(lines=lines, ttl="PT30M", valid_until=after(minutes=30))


@given(st.lists(st.integers(1, 10_000_000), min_size=1, max_size=6))
def test_the_tax_of_the_parts_is_the_tax_of_the_whole(parts):
    payments = tuple(a_payment(Money(paise), number) for number, paise in enumerate(parts))
    quote = a_price(total(one.amount for one in payments))
    order = an_order(payments=payments, quotes=(quote,))
    taxes = [tax_in(order, one) for one in payments]

    assert total(taxes) == quote.lines[1].amount
    assert all(ZERO <= tax <= one.amount for tax, one in zip(taxes, payments, strict=True))


def test_an_order_for_nothing_has_no_tax():
    order = an_order(payments=(a_payment(ZERO),), quotes=(Quote(lines=(), ttl="PT30M", valid_until=NOW),))

    assert tax_in(order, order.payments[0]) == ZERO


def test_a_department_finds_its_purchase_order_on_the_invoice_and_others_no_empty_row():
    order = an_order()
    bought = replace(order, billing={**order.billing, "purchase_order": "PO/2026/17"})

    assert "PO/2026/17" in unescape(invoice_html(bought, IDENTITY))
    assert "Purchase order" not in invoice_html(order, IDENTITY)


def test_a_link_to_pay_survives_odd_names():
    link = upi_link("R1", a_payment(Money(19900), own_id="3f1c-99/ü"), IDENTITY.account)
    fields = parse_qs(urlsplit(link).query, strict_parsing=True)

    assert fields == {
        "pa": ["a.b-c@upi"],
        "pn": ["A & B=C?"],
        "am": ["199.00"],
        "cu": ["INR"],
        "tr": ["3f1c99"],
        "tn": ["Booking R1"],
    }


def test_whatever_people_wrote_has_no_effect():
    payment = a_payment(Money(19900), transaction_id=EVIL)
    order = an_order(
        order_id=EVIL,
        seller=a_seller(name=EVIL, gstin=EVIL),
        billing={"name": EVIL, "address": EVIL, "tax_id": EVIL, "purchase_order": EVIL},
        payments=(payment,),
    )
    order = replace(order, items=tuple(replace(one, name=EVIL, sac=EVIL) for one in order.items))
    gone = Cancellation(cancelled_by="CONSUMER", reason=EVIL, fee=ZERO, note=EVIL)
    pages = [
        pay_html(order, payment, IDENTITY, NOW),
        invoice_html(order, IDENTITY),
        part_invoice_html(order, payment, IDENTITY),
        credit_note_html(order, gone, IDENTITY),
    ]

    for page in pages:
        assert "<script>" not in page
        assert EVIL in unescape(page)
        assert "Sewamitra &amp; Samiti" in page


def test_a_draft_is_paid_for_as_long_as_its_quote_is_valid():
    draft = a_draft(quote=a_price(Money(19900)), payments=(a_payment(Money(19900), status=None),))
    (payment,) = draft.payments

    assert "upi://" in pay_html(draft, payment, IDENTITY, after(minutes=29))
    assert "upi://" not in pay_html(draft, payment, IDENTITY, after(minutes=30))
