"""Papers: the pages of an order and where they answer. Nobody can guess an address without the message it stood in.

A page to pay by for what we collect without meeting the customer; at the end an invoice for the whole, and a
part-invoice for each payment where there are several (protocol.md 6, BRD 24 and 27); a receipt is a part-invoice that
answers as soon as its payment is PAID; a credit note for an order that was given up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import quote

from bpp.core.pay import has_pay_page
from bpp.core.world import World
from bpp.orders.model import Draft, Order, Payment
from bpp.orders.otp import document_key
from bpp.orders.proposals import done_part
from bpp.orders.states import OrderStatus
from catalog.money import ZERO

CREDIT_NOTE = "credit note"
Kind = Literal["payment_page", "invoice", "part_invoice", "credit_note"]


def payment_links(one: Draft | Order, world: World) -> Mapping[str, str]:
    """Where to pay what is due to us, by the ids of the payments (``payments[].url``); nothing once it is paid."""
    return {
        payment.id: payment_url(one.ref, payment, world)
        for payment in one.payments
        if has_pay_page(payment) and payment.status != "PAID" and payment.amount > ZERO
    }


def payment_url(ref: str, payment: Payment, world: World) -> str:
    """The page by which a payment is made."""
    key = document_key(world.otp_secret, ref, to_pay(payment.page_id))
    return f"{_base(world)}/pay/{ref}/{_segment(payment.page_id)}/{key}"


def invoice_urls(order: Order, world: World) -> list[str]:
    """The documents of a completed order: the invoice of the whole; then one for each payment, if there are several."""
    key = document_key(world.otp_secret, order.ref)
    whole = f"{_base(world)}/invoices/{order.ref}/{key}"
    several = order.payments if len(order.payments) > 1 else ()
    return [whole, *(receipt_url(order, one, world) for one in several)]


def receipt_url(order: Order, payment: Payment, world: World) -> str:
    """The part-invoice of a payment."""
    key = document_key(world.otp_secret, order.ref, of_part(payment.page_id))
    return f"{_base(world)}/invoices/{order.ref}/{_segment(payment.page_id)}/{key}"


def credit_note_url(order: Order, world: World) -> str:
    """The credit note of an order that was given up."""
    key = document_key(world.otp_secret, order.ref, CREDIT_NOTE)
    return f"{_base(world)}/credit-notes/{order.ref}/{key}"


def papers_of(order: Order, world: World) -> Iterator[tuple[Kind, str]]:
    """Every paper of an order that answers now, for those who help the customer."""
    for url in payment_links(order, world).values():
        yield "payment_page", url
    completed = order.status is OrderStatus.COMPLETED
    if done_part(order) is not None:
        yield "invoice", invoice_urls(order, world)[0]
    for one in order.payments:
        if completed or one.status == "PAID":
            yield "part_invoice", receipt_url(order, one, world)
    if order.cancellation is not None:
        yield "credit_note", credit_note_url(order, world)


def to_pay(page_id: str) -> str:
    """What the key of a page to pay by is made for."""
    return f"pay\n{page_id}"


def of_part(page_id: str) -> str:
    """What the key of a part-invoice is made for."""
    return f"part\n{page_id}"


def _base(world: World) -> str:
    return world.identity.subscriber_uri.rstrip("/")


def _segment(text: str) -> str:
    return quote(text, safe="")
