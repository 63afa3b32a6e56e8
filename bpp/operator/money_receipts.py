"""Receipts: money that comes in, is handed over, or is paid to an office or a consumer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.receipts import record_receipt
from bpp.core.world import World
from bpp.ledger.receipts import Receipt, ReceiptKind, ReceiptRefused
from bpp.operator.money_fields import MONEY_ROLES, Amount, Name, Note, Period, Price, Rupees, bounds
from bpp.operator.order_models import Moment
from bpp.operator.problems import CONFLICT, ApiProblem
from bpp.operator.routes import Answer, Body, Call, Route
from bpp.storage.ports import Work
from catalog.money import Money

NETWORK = "ondc"


class _Receipt(Body):
    reference: Name = Field(description="the bank's or the receipt book's, once for each payer", examples=["UTR123"])
    amount: Price
    note: Note = ""


class Settlement(_Receipt):
    """A buyer app paid what it collected, less its finder fee."""

    kind: Literal["buyer_app_settlement"]
    payer: Name = Field(description="subscriber id of the buyer app")
    finder_fee: Amount = Field(default="0.00", description="what it kept back, without tax")
    finder_fee_gst: Amount = Field(default="0.00", description="GST on that")


class ProviderPayment(_Receipt):
    """A provider paid what it owes, or ahead."""

    kind: Literal["provider_payment"]
    payer: Name = Field(description="id of the provider")


class CashHandover(_Receipt):
    """A worker gave its provider the cash taken at the door."""

    kind: Literal["cash_handover"]
    payer: Name = Field(description="id of the worker")
    provider_id: Name


class TaxPayment(_Receipt):
    """The Samiti paid the tax office."""

    kind: Literal["tax_payment"]
    payer: Literal["gst_on_commission", "gst_9_5", "tcs", "tds"] = Field(description="which tax")


class NetworkFeePayment(_Receipt):
    """The Samiti paid the network's fee."""

    kind: Literal["network_fee_payment"]
    payer: Name = NETWORK


class ConsumerRefund(_Receipt):
    """The Samiti paid a consumer back what we hold of him."""

    kind: Literal["consumer_refund"]
    payer: Name = Field(description="our reference of the order")


NewReceipt = Annotated[
    Settlement | ProviderPayment | CashHandover | TaxPayment | NetworkFeePayment | ConsumerRefund,
    Field(discriminator="kind"),
]


class ReceiptView(BaseModel):
    """A receipt as it was recorded, and by whom."""

    kind: str
    payer: str
    reference: str
    amount: Rupees
    at: Moment
    recorded_by: str
    posting_id: str
    provider_id: str
    finder_fee: Rupees
    finder_fee_gst: Rupees
    note: str


class ReceiptPage(BaseModel):
    """Receipts, newest first."""

    items: list[ReceiptView]
    next: str | None = Field(description="cursor of the next page")


class ReceiptQuery(Period):
    """Which receipts."""

    kind: ReceiptKind | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


async def post_receipt(call: Call, work: Work, world: World) -> Answer:
    """Record a receipt; the same reference of the same payer again is answered with what was recorded."""
    said: dict[str, Any] = call.body.model_dump(exclude={"kind"})
    for name in {"amount", "finder_fee", "finder_fee_gst"} & said.keys():
        said[name] = Money.parse(said[name])
    receipt = Receipt(
        kind=ReceiptKind(call.body.kind),
        at=world.now,
        recorded_by=call.caller.name,
        posting_id=world.new_id(),
        **said,
    )
    try:
        recorded = await record_receipt(receipt, work, world)
    except ReceiptRefused as problem:
        raise ApiProblem(CONFLICT, "receipt_refused", str(problem), path=problem.path) from problem
    return Answer(content=_view(recorded), status=201)


async def list_receipts(call: Call, work: Work, world: World) -> Answer:
    """Receipts of a period, newest first."""
    del world
    query: ReceiptQuery = call.query
    first, last = bounds(query)
    found = await work.payouts.receipts(first, last, query.kind, query.cursor, query.limit + 1)
    page = found[: query.limit]
    more = page[-1].posting_id if len(found) > len(page) else None
    return Answer(content=ReceiptPage(items=[_view(one) for one in page], next=more))


def _view(one: Receipt) -> ReceiptView:
    return ReceiptView.model_validate(one, from_attributes=True)


ROUTES = (
    Route(
        method="GET",
        path="/receipts",
        name="list-receipts",
        tag="money",
        summary="What came in, was handed over or paid, newest first",
        handler=list_receipts,
        query=ReceiptQuery,
        answer=TypeAdapter(ReceiptPage),
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/receipts",
        name="record-receipt",
        tag="money",
        summary="Record what came in, was handed over or paid, once per reference of a payer",
        handler=post_receipt,
        body=TypeAdapter(NewReceipt),
        tagged=True,
        answer=TypeAdapter(ReceiptView),
        status=201,
        problems={
            409: "the reference was used for another payment, nobody of that id is known, or less than that is there"
        },
        roles=MONEY_ROLES,
    ),
)
