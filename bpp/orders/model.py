"""The order and the draft it grows from: frozen values, stored whole as one document, changed only by ``replace``.

A draft is what a select made: items, slot, quote. Confirm turns it into an order that keeps its ``ref``. Prices,
terms and fees are snapshots: what the catalog says tomorrow changes nothing here (decision 17).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from beckn_schemas.spellings import FeeSpelling, SellerActor, StatusCase
from bpp.orders.cancellation import Cancellation
from bpp.orders.rates import OrderRates
from bpp.orders.refund import Refund
from bpp.orders.states import TERMINAL, WAITING, OrderStatus, Stage, order_status
from bpp.orders.visit import Assignee, Fulfillment, Json
from catalog.customization import TimeOfDay
from catalog.model import Gps, PaymentType, Terms
from catalog.money import Money
from catalog.quote import Quote, QuoteLine

__all__ = [
    "Assignee",
    "Cancellation",
    "Channel",
    "Draft",
    "FinderFee",
    "Fulfillment",
    "Json",
    "LineItem",
    "Order",
    "Payment",
    "Peer",
    "Proposal",
    "Refund",
    "Seller",
]

Channel = Literal["ondc", "portal", "app", "call_centre", "csc", "department"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The buyer app a draft or order belongs to, and how it speaks; absent in other channels.

    ``location`` is the context's location, echoed in each callback. An order keeps the spellings it was made with; a
    ``cancelled_by`` of None, in orders that are older than it, is the default in force.
    """

    bap_id: str
    bap_uri: str
    transaction_id: str
    domain: str
    location: Json
    status_case: StatusCase = "upper"
    cancelled_by: SellerActor | None = None
    finder_fee: FeeSpelling = "Buyer_Finder_Fee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """The provider as it was when the order was made."""

    provider_id: str
    name: str
    phone: str
    email: str
    location_id: str
    location_gps: Gps
    location_address: str
    gstin: str = ""
    tracking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One ordered item. ``wire`` is what the buyer app sent of it, echoed in each answer.

    ``fulfillment_id`` names the visit that does it, where that is not the order's first; ``payment_ids`` the payments
    of what a further quotation added.
    ``parent_item_id`` is the base item of a customisation, else empty; ``hours`` are those in which the visit may begin
    because of it, any where empty.
    """

    item_id: str
    count: int
    service_id: str
    name: str
    category: str
    unit_price: Money
    tax_rate: Decimal
    sac: str
    minutes: int
    wire: Json
    fulfillment_id: str = ""
    payment_ids: tuple[str, ...] = ()
    parent_item_id: str = ""
    hours: tuple[TimeOfDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment. ``amount`` is what is due by it; ``transaction_id`` stands only when it is paid.

    ``fulfillment_id`` names the visit with which it falls due, where that is not the order's first. ``own_id`` is the
    id we gave it where ``id`` is the buyer app's: its pages keep their addresses by that.
    """

    id: str
    type: PaymentType
    collected_by: Literal["BAP", "BPP"]
    amount: Money
    status: Literal["PAID", "NOT-PAID"] | None = None
    transaction_id: str = ""
    fulfillment_id: str = ""
    own_id: str = ""

    @property
    def page_id(self) -> str:
        """The id in the addresses of its pages, which no message changes."""
        return self.own_id or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class FinderFee:
    """The buyer app's share as its search said: a percentage of the order or an amount, as text of the wire."""

    type: Literal["percent", "amount"] = "percent"
    amount: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A selection on its way to an order: one per channel key, replaced by each new select.

    ``advance`` is the part of the price, per cent, that is due beforehand where it is paid beforehand. ``session`` is
    who asked in a channel of ours.
    """

    ref: str
    channel: Channel
    peer: Peer | None
    seller: Seller
    items: tuple[LineItem, ...]
    fulfillments: tuple[Fulfillment, ...]
    quote: Quote
    payment_type: PaymentType
    terms: Terms
    finder_fee: FinderFee
    billing: Json = field(default_factory=dict)
    payments: tuple[Payment, ...] = ()
    initialised: bool = False
    advance: Decimal = Decimal(100)
    session: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A further quotation: what it would add to the order, until when the buyer may take it, what became of it.

    ``lines`` are the price of ``items``, and ``payments`` add up to them. ``visit`` is the visit to come that would do
    the work, held for it; None for work in the visit under way. Source: flows, "Booking for Consultation Services".
    """

    id: str
    items: tuple[LineItem, ...]
    lines: tuple[QuoteLine, ...]
    payments: tuple[Payment, ...]
    visit: Fulfillment | None
    offered_at: datetime
    ttl: str
    valid_until: datetime
    state: Literal["open", "accepted", "rejected", "expired", "withdrawn"] = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A booking. ``ref`` is ours and the key everywhere inside; network ids may be absent (decision 5).

    ``created_at`` keeps the buyer app's text, which is echoed; ``accepted`` is false while a provider's word is
    awaited; ``confirm_said_at`` is the time of the confirm, before which its answer must not be; ``acknowledged``
    becomes true when the buyer app has taken on_confirm. ``confirm_sent``: on_confirm went out before the provider's
    word, so that word follows as on_status or on_cancel. ``forgotten_at``: nothing personal is left in it since.
    ``rates`` is None until the order is in the books. ``refunds``: what of the price of work done was given back.
    """

    ref: str
    channel: Channel
    peer: Peer | None
    order_id: str
    seller: Seller
    items: tuple[LineItem, ...]
    fulfillments: tuple[Fulfillment, ...]
    quotes: tuple[Quote, ...]
    payments: tuple[Payment, ...]
    billing: Json
    terms: Terms
    finder_fee: FinderFee
    accepted: bool
    created_at: str
    updated_at: datetime
    confirm_message_id: str = ""
    confirm_said_at: datetime | None = None
    acknowledged: bool = False
    confirm_sent: bool = False
    cancellation: Cancellation | None = None
    proposals: tuple[Proposal, ...] = ()
    forgotten_at: datetime | None = None
    rates: OrderRates | None = None
    refunds: tuple[Refund, ...] = ()
    version: int = 0

    @property
    def quote(self) -> Quote:
        """The quote in force: the last of the list."""
        return self.quotes[-1]

    @property
    def open_proposals(self) -> tuple[Proposal, ...]:
        """The quotations that wait for the buyer's word, oldest first."""
        return tuple(one for one in self.proposals if one.state == "open")

    @property
    def status(self) -> OrderStatus:
        """Computed from fulfillments, acceptance, cancellation and quotations."""
        return order_status(
            (one.stage for one in self.fulfillments),
            accepted=self.accepted,
            cancelled=self.cancellation is not None,
            quoted=bool(self.open_proposals),
        )

    @property
    def visit(self) -> Fulfillment:
        """The fulfillment under way, else the next by its slot, else the last to end, a cancelled one before all."""
        to_come = [one for one in self.fulfillments if one.stage not in TERMINAL]
        if to_come:
            return min(to_come, key=lambda one: (one.stage in WAITING, one.slot.start))
        return max(
            self.fulfillments, key=lambda one: (one.stage is Stage.CANCELLED, one.completed_at or one.slot.start)
        )

    def slot_ref(self, visit: Fulfillment) -> str:
        """Under which name a visit holds its worker's time: the first under the order's, others under their own."""
        return self.ref if visit.id == self.fulfillments[0].id else visit.id

    def of_visit(self, visit: Fulfillment) -> tuple[LineItem, ...]:
        """The items that a visit does."""
        first = self.fulfillments[0].id
        return tuple(one for one in self.items if (one.fulfillment_id or first) == visit.id)
