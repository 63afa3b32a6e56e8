"""Settlements as the API shows them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from bpp.operator.money_fields import Price, Rupees
from bpp.operator.routes import Body, Query
from bpp.settlement.states import OrderState, ReconState, SettlementState


class FiguresView(BaseModel):
    """The five amounts that two sides compare, in rupees."""

    amount: Rupees
    commission: Rupees
    withholding_amount: Rupees
    tcs: Rupees
    tds: Rupees


class DifferenceView(BaseModel):
    """A difference by name: in what, our value and theirs."""

    cause: str
    field: str
    settlement: str = Field(description="the id of the order's other settlement that it is about; else empty")
    ours: Rupees
    theirs: Rupees
    code: str
    says: str
    says_hi: str


class SettlementView(BaseModel):
    """One settlement of an order: of its sale, or (``number`` above 1) of a later refund or correction."""

    id: str
    order_ref: str
    order_id: str
    bap_id: str
    number: int
    order: OrderState
    state: SettlementState
    recon: ReconState
    collected_by: str
    figures: FiguresView = Field(description="what is filed: what the books say, or what was agreed upon")
    counter: FiguresView | None = Field(description="what the buyer app has, where it differs")
    differences: list[DifferenceView]
    ready_at: datetime
    updated_at: datetime
    filed_at: datetime | None
    due_date: date | None
    settled: Rupees = Field(description="what moved")
    reference_no: str
    code: str
    says: str = Field(description="what the code means")
    says_hi: str
    attempts: int
    issue_id: str
    waits: bool = Field(description="whether people must look at it")


class SettlementPage(BaseModel):
    """Settlements in order, and the cursor of those that follow."""

    items: list[SettlementView]
    next: str | None


class SettlementQuery(Query):
    """Which settlements; what is left out does not filter."""

    state: SettlementState | None = None
    recon: ReconState | None = None
    bap_id: str | None = None
    order_ref: str | None = None
    open: bool = Field(default=False, description="only those that are not over")
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class RunView(BaseModel):
    """A day's run: its stage, and how many settlements it prepared, filed and followed up."""

    id: str
    day: date
    began_at: datetime
    stage: Literal["prepare", "file", "follow", "done"]
    prepared: int
    filed: int
    followed: int
    ended_at: datetime | None


class CountView(BaseModel):
    """How many settlements are in a state, with that of the reconciliation."""

    state: str
    recon: str
    count: int


class StandingView(BaseModel):
    """How settlement stands: whether and with whom, the newest run, and how many are in which state."""

    mode: Literal["off", "messages", "files"]
    agency: str
    run: RunView | None
    counts: list[CountView]


class OwnPayoutRequest(Body):
    """A payout of our own through the agency (MISC): what goes to our operating account."""

    amount: Price


class FilingView(BaseModel):
    """A settle that was filed, and what was answered."""

    message_id: str
    transaction_id: str
    settlement_id: str
    kind: str
    agency: str
    at: datetime
    orders: int
    answered_at: datetime | None
    answer: str


class FilingPage(BaseModel):
    """Settles of a period, oldest first."""

    items: list[FilingView]


class ReadView(BaseModel):
    """What a file of the agency's answers led to."""

    settles: int
    settled: int
    not_settled: int
