"""What may be asked of an order, and what comes of it: the values between the channels and the core."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from bpp.errors import BusinessError
from bpp.orders.model import Order
from bpp.orders.states import Actor, Event
from catalog.model import PaymentType
from catalog.money import Money

CallbackName = Literal["on_status", "on_cancel", "on_confirm", "on_update"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A payment as a buyer app or an operator states it. ``amount`` is None where none was said."""

    id: str
    type: str
    status: str
    amount: Money | None
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedLine:
    """Work or parts that a further quotation adds: some units at a tax-inclusive price."""

    title: str
    price: Money
    count: int = 1
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotedPayment:
    """A part of a quotation's price and when it falls due."""

    type: PaymentType
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A further quotation as the provider gives it.

    ``valid_for`` with its text of the wire ``ttl``. ``minutes`` above 0 ask for a visit of that length to do the work,
    at ``start`` or at the first free start after the buyer's time to decide, else the last before; 0 means that the
    visit under way does it, unless a start is named or it is over: then another visit of an hour at least. Without
    ``payments`` the whole falls due as the order's first payment does.
    """

    lines: tuple[QuotedLine, ...]
    valid_for: timedelta
    ttl: str
    minutes: int = 0
    start: datetime | None = None
    payments: tuple[QuotedPayment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One event with what it needs.

    ``override`` is a supervisor's reason for a start without the token; ``start`` the new slot of a reschedule;
    ``proposal_id`` the quotation meant, empty for the newest open one; ``paid`` what is said to be paid. ``note`` is
    an operator's own text beside the reason code. ``amount`` is what a refund gives back, of ``item_id`` or the first
    item that was done; ``issue_id`` the complaint that redress answers.
    """

    event: Event
    actor: Actor
    by: str = ""
    worker_id: str = ""
    otp: str = ""
    override: str = ""
    reason: str = ""
    note: str = ""
    start: datetime | None = None
    fulfillment_id: str = ""
    quotation: Quotation | None = None
    proposal_id: str = ""
    paid: tuple[Paid, ...] = ()
    amount: Money | None = None
    item_id: str = ""
    issue_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """The order as it is now, the callback owed to the buyer app, and an error that goes with it.

    ``refused``: what was asked for was not done, though something may have changed, as with a wrong OTP that counts.
    ``alternatives`` are starts that can be booked in the place of one that cannot.
    """

    order: Order
    callback: CallbackName | None
    error: BusinessError | None = None
    refused: bool = False
    alternatives: tuple[datetime, ...] = ()
