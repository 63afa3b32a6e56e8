"""Drafts, orders and callbacks: each with what a test names and sound values for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bpp.orders.model import (
    Assignee,
    Draft,
    FinderFee,
    Fulfillment,
    LineItem,
    Order,
    Payment,
    Peer,
    Seller,
)
from bpp.orders.otp import Otp
from bpp.orders.states import Stage
from bpp.storage.ports import NewCallback
from catalog.model import Slot
from catalog.money import Money
from catalog.quote import Quote, QuoteLine
from tests.support.catalog_builders import LUCKNOW, TERMS
from tests.support.clock import MONDAY_MORNING

BAP = "buyer.example.in"


def a_peer(**changes: Any) -> Peer:
    """A buyer app in the transaction T1."""
    peer = Peer(
        bap_id=BAP,
        bap_uri=f"https://{BAP}/ondc",
        transaction_id="T1",
        domain="ONDC:SRV11",
        location={"city": {"code": "std:0522"}, "country": {"code": "IND"}},
    )
    return replace(peer, **changes)


def a_callback(**changes: Any) -> NewCallback:
    """An on_select that is due now and for half a minute."""
    callback = NewCallback(
        kind="pre_order",
        action="on_select",
        peer=BAP,
        transaction_id="T1",
        message_id="M1",
        url=f"https://{BAP}/ondc/on_select",
        body=b'{"context":{},"message":{}}',
        order_ref="",
        created_at=MONDAY_MORNING,
        due_at=MONDAY_MORNING,
        give_up_at=MONDAY_MORNING + timedelta(seconds=30),
    )
    return replace(callback, **changes)


def a_seller(**changes: Any) -> Seller:
    """The provider P1 at its location L1."""
    seller = Seller(
        provider_id="P1",
        name="Demo Services",
        phone="9000000001",
        email="demo@example.in",
        location_id="L1",
        location_gps=LUCKNOW,
        location_address="Demo House 1",
    )
    return replace(seller, **changes)


def a_visit(**changes: Any) -> Fulfillment:
    """The first hour of the afternoon, with every field set that is kept."""
    start = MONDAY_MORNING + timedelta(hours=4)
    worker = Assignee(
        worker_id="W1", name="Asha Demo", phone="9000000101", email="demo@example.in", photo="", gps=LUCKNOW
    )
    visit = Fulfillment(
        id="F1",
        slot=Slot(start=start, end=start + timedelta(hours=1)),
        stage=Stage.ASSIGNED,
        assignee=worker,
        crew=(replace(worker, worker_id="W2"),),
        customer={"contact": {"phone": "9876543210"}, "location": {"address": "गोमती नगर", "area_code": "226010"}},
        gps=LUCKNOW,
        area_code="226010",
        district="162",
        tags=({"descriptor": {"code": "note"}},),
        departed_at=start - timedelta(microseconds=1),
        otp=Otp(serial=2, valid_from=start, valid_to=start + timedelta(minutes=5), tries=1),
    )
    return replace(visit, **changes)


def a_quote(rupees: str = "199.00") -> Quote:
    """One line of an amount."""
    price = Money.parse(rupees)
    line = QuoteLine(title="Tap repair", kind="item", amount=price, item_id="TAP", count=1, unit_price=price)
    return Quote(lines=(line,), ttl="PT30M", valid_until=MONDAY_MORNING + timedelta(minutes=30))


def _items() -> tuple[LineItem, ...]:
    item = LineItem(
        item_id="TAP",
        count=1,
        service_id="SM-PLB",
        name="Tap repair",
        category="SRV11-1047",
        unit_price=Money.parse("199.00"),
        tax_rate=Decimal("18.0"),
        sac="9987",
        minutes=60,
        wire={"id": "TAP", "tags": []},
    )
    return (item,)


def a_draft(**changes: Any) -> Draft:
    """A selection of one tap repair."""
    draft = Draft(
        ref="R1",
        channel="ondc",
        peer=a_peer(),
        seller=a_seller(),
        items=_items(),
        fulfillments=(a_visit(stage=Stage.PENDING),),
        quote=a_quote(),
        payment_type="PRE-FULFILLMENT",
        terms=TERMS,
        finder_fee=FinderFee(type="percent", amount="3.00"),
    )
    return replace(draft, **changes)


def an_order(number: int = 1, **changes: Any) -> Order:
    """The nth order of the buyer app: reference Rn, order id On, transaction Tn."""
    order = Order(
        ref=f"R{number}",
        channel="ondc",
        peer=a_peer(transaction_id=f"T{number}"),
        order_id=f"O{number}",
        seller=a_seller(),
        items=_items(),
        fulfillments=(a_visit(),),
        quotes=(a_quote(),),
        payments=(
            Payment(
                id="PAY1",
                type="PRE-FULFILLMENT",
                collected_by="BAP",
                amount=Money.parse("199.00"),
                status="PAID",
                transaction_id="UPI-1",
            ),
        ),
        billing={"name": "Meera Demo", "phone": "9876543210"},
        terms=TERMS,
        finder_fee=FinderFee(type="percent", amount="3.00"),
        accepted=True,
        created_at="2026-11-23T03:30:00.000Z",
        updated_at=MONDAY_MORNING,
        confirm_message_id="M-confirm",
    )
    return replace(order, **changes)


def after(**step: float) -> datetime:
    """A moment so much after the clock's first."""
    return MONDAY_MORNING + timedelta(**step)
