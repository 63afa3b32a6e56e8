"""Quote, payments and papers of an order as we send them. Source: protocol 1.4 to 1.8, 4.10 and 4.15, section 7."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from beckn_schemas.strict_base import (
    Coded,
    Collector,
    Instant,
    Money,
    PaymentType,
    Price,
    Prose,
    Span,
    Strict,
    TagList,
    Url,
    Word,
)
from beckn_schemas.strict_order import Quantity


class LineDescriptor(Strict):
    """What an added line is for."""

    name: Prose | None = None
    code: Word | None = None
    short_desc: Prose | None = None
    long_desc: Prose | None = None


class LineItem(Strict):
    """The item a line belongs to; item lines have count and unit price (protocol 4.10)."""

    id: Word
    parent_item_id: Word | None = None
    quantity: Quantity | None = None
    price: Price | None = None
    descriptor: LineDescriptor | None = None


class Line(Strict):
    """A line of the quote."""

    title: Prose
    price: Price
    item: LineItem
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]


class Quote(Strict):
    """Price, lines, and how long it holds; ``id`` names a further quotation, which the buyer takes or refuses."""

    id: Word | None = None
    price: Price
    breakup: Annotated[tuple[Line, ...], Field(min_length=1)]
    ttl: Span


class SelectPayment(Strict):
    """How it will be paid."""

    type: PaymentType
    collected_by: Collector


class Params(Strict):
    """Amount and where it goes; ``transaction_id`` once paid."""

    amount: Money
    currency: Literal["INR"]
    transaction_id: Word | None = None
    bank_account_number: Word
    bank_code: Word | None = None
    virtual_payment_address: Word


class InitPayment(Strict):
    """A payment asked for. It has no status yet (protocol, 2)."""

    id: Word
    type: PaymentType
    collected_by: Collector
    url: Url | None = None
    params: Params
    tags: Annotated[tuple[TagList, ...], Field(min_length=1)]


class OrderPayment(InitPayment):
    """A payment of an order that was made."""

    status: Literal["PAID", "NOT-PAID"]


class Document(Strict):
    """The invoice."""

    url: Url
    label: Literal["INVOICE"]


class Reason(Strict):
    """Why, by code."""

    descriptor: Coded


class Cancellation(Strict):
    """Who cancelled, and why."""

    cancelled_by: Literal["CONSUMER", "PRODUCER", "PROVIDER"]
    reason: Reason | None = None
    time: Instant | None = None
