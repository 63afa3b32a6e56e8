"""Reconciliation and settlement (RSF 2.0.0, ONDC:NTS10) as it reaches us: recon, on_recon, on_settle, on_report.

Tolerant: amounts of any number of decimals, a ``due_date`` that is a moment, a recon that already carries
``recon_accord``, a NIL answer with orders, the misspelt ``commision``, and errors at the top or beside each order are
all read. Source: network.md 2.2 and its list of what HomeTriangle sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from beckn_schemas.base import (
    AmountText,
    Bool,
    Id,
    Label,
    SchemaViolation,
    Text,
    Timestamp,
    Wire,
    parse_timestamp,
    read,
)

MOST_ORDERS: Final = 5_000
"""Orders of one message; a day of one counterparty is far below it."""
MOST_SETTLEMENTS: Final = 50
_A_DAY: Final = len("2026-01-31")


def _day(value: object) -> date:
    """The calendar date that is written, alone or at the beginning of a moment."""
    if isinstance(value, str):
        try:
            if len(value) > _A_DAY:
                parse_timestamp(value)
            return date.fromisoformat(value[:_A_DAY])
        except ValueError:
            pass
    raise PydanticCustomError("timestamp", "a date such as 2026-01-31")


def _code(value: object) -> object:
    """Codes are text, but some agencies write numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]
ReconStatus = Annotated[Literal["PENDING", "SETTLED", "TO_BE_INITIATED"], BeforeValidator(_upper)]
LegStatus = Annotated[Literal["SETTLED", "NOT_SETTLED"], BeforeValidator(_upper)]


class Fault(Wire):
    """Why something failed: a code of the published table, or a bank's own such as ``01``."""

    code: Annotated[Label, BeforeValidator(_code)]
    message: Text = ""


class Amount(Wire):
    """An amount; ``diff_value`` is by how much the two sides differ, without a sign."""

    currency: Label = "INR"
    value: AmountText
    diff_value: AmountText | None = None


class Leg(Wire):
    """One movement of a settled order: what was asked for, what moved, by which reference, or why not."""

    id: Id | None = None
    amount: Amount | None = None
    settled_amount: Amount | None = None
    status: LegStatus | None = None
    reference_no: Label | None = None
    error: Fault | None = None


class SettledOrder(Wire):
    """An order in an on_settle or on_report; ``own`` is the leg named ``self``. MISC has no order id."""

    id: Id | None = None
    inter_participant: Leg | None = None
    collector: Leg | None = None
    provider: Leg | None = None
    own: Annotated[Leg | None, Field(validation_alias=AliasChoices("self", "own"))] = None
    error: Fault | None = None


class SettledBatch(Wire):
    """``settlement`` of an answer of the agency."""

    type: Literal["NP-NP", "MISC", "NIL"]
    id: Id | None = None
    orders: Annotated[tuple[SettledOrder, ...], Field(max_length=MOST_ORDERS)] = ()


class OnSettleMessage(Wire):
    """The agency's answer to a settle or to a report: the same shape (network.md 2.2)."""

    collector_app_id: Id | None = None
    receiver_app_id: Id | None = None
    settlement: SettledBatch


class ReconSettlement(Wire):
    """One settlement of an order as the counterparty sees it; all five amounts must be there."""

    id: Id
    payment_id: Id | None = None
    status: ReconStatus
    amount: Amount
    commission: Annotated[Amount, Field(validation_alias=AliasChoices("commission", "commision"))]
    withholding_amount: Amount
    tcs: Amount
    tds: Amount
    settlement_ref_no: Label | None = None
    due_date: Day | None = None
    updated_at: Timestamp | None = None


class ReconOrder(Wire):
    """An order with its settlements; what ``amount`` means differs between participants (network.md 2.2)."""

    id: Id
    amount: Amount
    recon_accord: Bool | None = None
    settlements: Annotated[tuple[ReconSettlement, ...], Field(min_length=1, max_length=MOST_SETTLEMENTS)]


class ReconMessage(Wire):
    """``orders`` of a recon or an on_recon."""

    orders: Annotated[tuple[ReconOrder, ...], Field(min_length=1, max_length=MOST_ORDERS)]


RECEIVED: Final[Mapping[str, type[OnSettleMessage | ReconMessage]]] = {
    "recon": ReconMessage,
    "on_recon": ReconMessage,
    "on_settle": OnSettleMessage,
    "on_report": OnSettleMessage,
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a message of the family says: its message, an error, or both."""

    settled: OnSettleMessage | None = None
    recon: ReconMessage | None = None
    error: Fault | None = None


def parse_rsf(action: str, payload: Mapping[str, Any]) -> Received:
    """Read what came under an action of ``RECEIVED``.

    A callback may consist of an ``error`` alone; a recon may not. Raises SchemaViolation (a NACK 70002) for the first
    thing that is wrong, and KeyError for an action that is none of them.
    """
    model = RECEIVED[action]
    said = payload.get("error") if action != "recon" else None
    error = read(Fault, said, "error") if said is not None else None
    if "message" not in payload and error is not None:
        return Received(error=error)
    if "message" not in payload:
        raise SchemaViolation("message", "a value here")
    message = read(model, payload["message"], "message")
    if isinstance(message, ReconMessage):
        return Received(recon=_once(message), error=error)
    return Received(settled=message, error=error)


def _once(message: ReconMessage) -> ReconMessage:
    """Raises SchemaViolation where an order stands twice: nobody could say which of the two is meant."""
    seen: set[str] = set()
    for place, order in enumerate(message.orders):
        if order.id in seen:
            raise SchemaViolation(f"message.orders[{place}].id", "each order once")
        seen.add(order.id)
    return message
