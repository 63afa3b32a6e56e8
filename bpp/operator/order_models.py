"""Orders as the API shows them: the models of its answers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, PlainSerializer

from bpp.storage.ports_messages import FIRST_TOLD, LAST_TOLD
from catalog.moments import wire_time

Moment = Annotated[datetime, PlainSerializer(wire_time, return_type=str)]


class OrderSummary(BaseModel):
    """An order in a list. What an order of another channel does not have is null."""

    ref: str = Field(description="our own reference")
    bap_id: str | None
    order_id: str = Field(description="the buyer app's id of the order")
    transaction_id: str | None
    channel: str
    state: str = Field(description="stage of the visit under way")
    order_status: str
    provider_id: str
    worker_id: str | None
    slot_start: Moment
    total: str = Field(description="rupees", examples=["499.00"])
    created_at: Moment
    updated_at: Moment


class LocationTaken(BaseModel):
    """A position was taken note of. It is not repeated: nobody but the customer is told where a worker is."""

    at: Moment = Field(description="the time under which the buyer is told it")


class OrderPage(BaseModel):
    """Orders, newest first."""

    items: list[OrderSummary]
    next: str | None = Field(description="cursor of the next page")


class AssignedWorker(BaseModel):
    """A worker as the buyer is told."""

    worker_id: str
    name: str
    phone: str
    email: str
    photo: str
    gps: str


class Slot(BaseModel):
    """A stretch of time."""

    start: Moment
    end: Moment


class Otp(BaseModel):
    """The token in force, without its digits: the customer alone tells them."""

    serial: int
    valid_from: Moment
    valid_to: Moment
    tries: int = Field(description="wrong tries so far")


class Fulfillment(BaseModel):
    """One visit."""

    id: str
    state: str
    code: str = Field(description="the state on the wire")
    slot: Slot
    worker: AssignedWorker | None
    crew: list[AssignedWorker]
    customer: dict[str, Any]
    items: list[str] = Field(description="ids of the items that it does")
    district: str | None
    departed_at: Moment | None
    started_at: Moment | None
    completed_at: Moment | None
    otp: Otp | None


class Item(BaseModel):
    """One ordered item."""

    item_id: str
    name: str
    category: str
    count: int
    unit_price: str = Field(description="rupees, tax included")
    minutes: int


class Line(BaseModel):
    """One line of a quote's breakup."""

    title: str
    kind: str
    item_id: str
    count: int | None
    unit_price: str | None
    amount: str


class Quote(BaseModel):
    """The price in force."""

    total: str
    ttl: str
    valid_until: Moment
    lines: list[Line]


class PaymentView(BaseModel):
    """One payment."""

    id: str
    type: str
    status: str | None
    collected_by: str
    amount: str
    transaction_id: str
    fulfillment_id: str = Field(description="the visit with which it falls due; empty: the first")


class ProposalView(BaseModel):
    """A further quotation and what became of it."""

    id: str
    state: str
    total: str = Field(description="rupees it adds to the price")
    offered_at: Moment
    valid_until: Moment
    items: list[Item]
    payments: list[PaymentView]
    visit: Fulfillment | None = Field(description="the visit that would do the work; null: the one under way")


class CancellationView(BaseModel):
    """Who gave the order up, why, and what was kept of the price."""

    cancelled_by: str
    reason: str = Field(description="the code that the buyer app is told")
    note: str = Field(description="an operator's own words of the reason")
    fee: str = Field(description="kept of the price")
    refund: str = Field(description="what the buyer gets back of what was paid")
    penalty: str = Field(description="what the provider owes for giving up late")


class TimelineEntry(BaseModel):
    """A message of the transaction, in or out, or an event in the order's life."""

    at: Moment
    kind: Literal["message", "event"]
    name: str = Field(description="the action of a message, the name of an event")
    direction: Literal["in", "out"] | None = None
    message_id: str | None = None
    outcome: str | None = None
    http_status: int | None = None
    actor: str | None = None
    source: str | None = None
    target: str | None = None
    detail: dict[str, Any] = {}


class Paper(BaseModel):
    """A page of an order that answers now; whoever has its address may see it."""

    kind: Literal["payment_page", "invoice", "part_invoice", "credit_note"]
    url: str


class LedgerLine(BaseModel):
    """One account on one side: of a posting, or of the books. Rupees."""

    party: str
    id: str
    purpose: str
    debit: str = Field(examples=["499.00"])
    credit: str = Field(examples=["0.00"])


class LedgerPosting(BaseModel):
    """One fact in the books: its lines balance. What turned out otherwise is reversed."""

    id: str
    at: Moment
    part: str = Field(description="what of the order it belongs to", examples=["visit:F1"])
    words: str
    words_hi: str
    memo: str
    reverses: str | None = Field(description="the posting that it undoes")
    lines: list[LedgerLine]


class OrderDetail(OrderSummary):
    """One order with everything that is known of it."""

    accepted: bool = Field(description="false while the provider's word is awaited")
    acknowledged: bool = Field(description="whether the buyer app has taken on_confirm")
    allowed_events: list[str]
    items: list[Item]
    billing: dict[str, Any]
    fulfillments: list[Fulfillment]
    quote: Quote
    payments: list[PaymentView]
    cancellation: CancellationView | None
    quotations: list[ProposalView]
    papers: list[Paper]
    ledger: list[LedgerPosting] = Field(description="its postings, oldest first; none for a role that may not see them")
    timeline: list[TimelineEntry]
    messages_left_out: int = Field(
        description=f"how many stand between the first {FIRST_TOLD} and the last {LAST_TOLD} messages, and are not told"
    )
