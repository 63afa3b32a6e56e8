"""Reconciliation and settlement as we send it: settle (NP-NP, MISC, NIL), report, recon, on_recon.

Money is text with two decimals and never below zero: who pays is told by who files, not by a sign. A settle has no
keys beyond these (``additionalProperties: false``). Source: network.md 2.1 and 2.2. Rules across parts are in
``rsf_check``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StrictStr

from beckn_schemas.strict_base import Flag, Instant, Prose, Strict, Text, Url, Word

DOMAIN: Final = "ONDC:NTS10"
VERSION: Final = "2.0.0"
TTL: Final = "P1D"
FIELDS: Final = ("amount", "commission", "withholding_amount", "tcs", "tds")
"""The amounts of a settlement in recon and on_recon, in the spelling that we write."""

Paid = Annotated[
    str,
    Text(r"(?:0|[1-9][0-9]{0,11})\.[0-9]{2}", "money", "an amount with two decimals, such as 499.00, not below zero"),
]
Day = Annotated[
    str, Text(r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", "timestamp", "a date such as 2026-01-31")
]


class CountryCode(Strict):
    """India."""

    code: Literal["IND"]


class CityCode(Strict):
    """Every city: money is not settled by city."""

    code: Literal["*"]


class Place(Strict):
    """The whole country."""

    country: CountryCode
    city: CityCode


class RsfContext(Strict):
    """The context of what we send; who stands in bap_id and bpp_id is said in ``rsf_context``."""

    domain: Literal["ONDC:NTS10"]
    location: Place
    action: Literal["settle", "report", "recon", "on_recon"]
    version: Literal["2.0.0"]
    bap_id: Word
    bap_uri: Url
    bpp_id: Word
    bpp_uri: Url
    transaction_id: Word
    message_id: Word
    timestamp: Instant
    ttl: Literal["P1D"]


class Amount(Strict):
    """An amount in rupees."""

    currency: Literal["INR"]
    value: Paid


class Held(Strict):
    """A share of an order: ``{amount}``."""

    amount: Amount


class BankDetails(Strict):
    """Where a provider is paid: an account number of digits alone."""

    account_no: Annotated[StrictStr, Field(pattern=r"^[0-9]+$", max_length=34)]
    ifsc_code: Word


class ProviderShare(Strict):
    """What of the receiver's share goes to the provider itself."""

    id: Word
    name: Word
    bank_details: BankDetails
    amount: Amount


class SettleOrder(Strict):
    """An order: what moves between the participants, what the collector keeps, and what is ours of it."""

    id: Word
    inter_participant: Held
    collector: Held
    provider: ProviderShare | None = None
    self: Held


class NpNpSettlement(Strict):
    """Orders of one counterparty under one settlement id."""

    type: Literal["NP-NP"]
    id: Word
    orders: Annotated[tuple[SettleOrder, ...], Field(min_length=1)]


class NpNpMessage(Strict):
    """A settle between two participants."""

    collector_app_id: Word
    receiver_app_id: Word
    settlement: NpNpSettlement


class MiscOrder(Strict):
    """A payout of our own: no order, no counterparty."""

    provider: ProviderShare | None = None
    self: Held


class MiscSettlement(Strict):
    """Own payouts under one settlement id."""

    type: Literal["MISC"]
    id: Word
    orders: Annotated[tuple[MiscOrder, ...], Field(min_length=1)]


class MiscMessage(Strict):
    """A settle of own payouts."""

    settlement: MiscSettlement


class NilSettlement(Strict):
    """Nothing is to be settled today."""

    type: Literal["NIL"]


class NilMessage(Strict):
    """A settle that says so."""

    settlement: NilSettlement


class ReportMessage(Strict):
    """Asks the agency about a settle by its two ids."""

    ref_transaction_id: Word
    ref_message_id: Word


class ReconSettlement(Strict):
    """A settlement of an order in our recon: all five amounts, the payment and when it last changed."""

    id: Word
    payment_id: Word
    status: Literal["PENDING", "SETTLED", "TO_BE_INITIATED"]
    amount: Amount
    commission: Amount
    withholding_amount: Amount
    tcs: Amount
    tds: Amount
    settlement_ref_no: Word | None = None
    updated_at: Instant


class ReconOrder(Strict):
    """An order with its settlements."""

    id: Word
    amount: Amount
    settlements: Annotated[tuple[ReconSettlement, ...], Field(min_length=1)]


class ReconMessage(Strict):
    """A recon."""

    orders: Annotated[tuple[ReconOrder, ...], Field(min_length=1)]


class Answered(Strict):
    """Our value, and by how much theirs differs where we do not agree."""

    currency: Literal["INR"]
    value: Paid
    diff_value: Paid | None = None


class OnReconSettlement(Strict):
    """A settlement of theirs with our values: the day of payment where we agree, the differences where not."""

    id: Word
    payment_id: Word
    status: Literal["PENDING", "SETTLED", "TO_BE_INITIATED"]
    due_date: Day | None = None
    amount: Answered
    commission: Answered
    withholding_amount: Answered
    tcs: Answered
    tds: Answered
    settlement_ref_no: Word | None = None
    updated_at: Instant


class OnReconOrder(Strict):
    """An order with whether we agree."""

    id: Word
    amount: Amount
    recon_accord: Flag
    settlements: Annotated[tuple[OnReconSettlement, ...], Field(min_length=1)]


class OnReconMessage(Strict):
    """An on_recon."""

    orders: Annotated[tuple[OnReconOrder, ...], Field(min_length=1)]


class RsfError(Strict):
    """A code of the family's own table, as text."""

    code: Annotated[StrictStr, Field(pattern=r"^70[0-9]{3}$")]
    message: Prose


SETTLES: Final[Mapping[str, type[BaseModel]]] = {"NP-NP": NpNpMessage, "MISC": MiscMessage, "NIL": NilMessage}
"""The shape of a settle by ``settlement.type``."""
SENT: Final[Mapping[str, type[BaseModel]]] = {
    "report": ReportMessage,
    "recon": ReconMessage,
    "on_recon": OnReconMessage,
}
"""The shape of every other message."""
