"""The words and error codes of grievances (IGM 1.0.0 and 2.0.0), each list written once.

Source: network reference 1.3, 1.4 and 1.7, and its enumerations ``igm`` (IGM contracts of the NTS specification,
releases 1.0.0 and 2.0.0). What participants write in other ways is in ``igm_spellings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

IgmVersion = Literal["1.0.0", "2.0.0"]
V1: Final[IgmVersion] = "1.0.0"
V2: Final[IgmVersion] = "2.0.0"

IGM_ACTIONS: Final = ("issue", "issue_status", "on_issue", "on_issue_status")

Status = Literal["OPEN", "PROCESSING", "RESOLVED", "CLOSED"]
Level = Literal["ISSUE", "GRIEVANCE", "DISPUTE"]
ComplainantCode = Literal[
    "OPEN",
    "INFO_PROVIDED",
    "INFO_NOT_AVAILABLE",
    "RESOLUTION_ACCEPTED",
    "RESOLUTION_REJECTED",
    "ESCALATED",
    "CLOSED",
]
RespondentCode = Literal[
    "PROCESSING",
    "INFO_REQUESTED",
    "RESOLUTION_PROPOSED",
    "RESOLUTION_CASCADED",
    "CASCADED",
    "RESOLVED",
]
ActionCode = Literal[ComplainantCode, RespondentCode]
RefType = Literal[
    "ORDER",
    "PROVIDER",
    "FULFILLMENT",
    "ITEM",
    "TRANSACTION_ID",
    "MESSAGE_ID",
    "COMPLAINT",
    "ACTION",
    "PAYMENT",
    "CONSUMER",
    "AGENT",
]
ActorType = Literal[
    "CONSUMER",
    "INTERFACING_NP",
    "COUNTERPARTY_NP",
    "CASCADED_NP",
    "PROVIDER",
    "AGENT",
    "INTERFACING_NP_GRO",
    "COUNTERPARTY_NP_GRO",
    "CASCADED_NP_GRO",
]
ResolutionCode = Literal[
    "PARENT",
    "REFUND",
    "RETURN",
    "REPLACEMENT",
    "NO_ACTION",
    "CANCEL",
    "NOW_VISIBLE",
    "RECONCILED",
    "NOT_RECONCILED",
]
Rating = Literal["THUMBS_UP", "THUMBS_DOWN"]

CategoryV1 = Literal["ORDER", "ITEM", "FULFILLMENT", "AGENT", "PAYMENT"]
ComplainantActionV1 = Literal["OPEN", "ESCALATE", "CLOSE"]
RespondentActionV1 = Literal["PROCESSING", "CASCADED", "RESOLVED", "NEED-MORE-INFO"]
StatusV1 = Literal["OPEN", "CLOSED"]
SourceV1 = Literal["CONSUMER", "SELLER", "INTERFACING-NP"]
ResolutionV1 = Literal["RESOLVE", "REJECT"]
TriggeredV1 = Literal["REFUND", "REPLACEMENT", "CANCEL", "NO-ACTION", "RECONCILED", "NOT-RECONCILED"]
RatingV1 = Literal["THUMBS-UP", "THUMBS-DOWN"]
IMAGES_V1: Final = frozenset({"ITM02", "ITM03", "ITM04", "ITM05", "FLM04"})
"""Sub-categories of 1.0.0 whose complaint has images (1.3, Rules)."""


Door = Literal["nack", "on_issue", "on_issue_status"]


@dataclass(frozen=True, slots=True)
class IgmErrorCode:
    """A code of the family: what it says, and by which door it leaves (1.7)."""

    code: str
    message: str
    door: Door


_ROWS: Final[tuple[tuple[str, str, Door], ...]] = (
    ("IGM001", "Invalid request: required fields or schema", "nack"),
    ("IGM002", "Order not found", "on_issue"),
    ("IGM003", "Fulfillment not found", "on_issue"),
    ("IGM004", "Item not found", "on_issue"),
    ("IGM005", "Issue not found", "on_issue_status"),
    ("IGM006", "Issue of another subscriber", "on_issue_status"),
    ("IGM007", "Wrong escalation: the grievance officer comes before a dispute", "on_issue"),
    ("IGM008", "Duplicate of an open issue", "on_issue"),
    ("IGM009", "Invalid transaction id", "on_issue"),
)
IGM_ERROR_CODES: Final[Mapping[str, IgmErrorCode]] = MappingProxyType(
    {code: IgmErrorCode(code, message, door) for code, message, door in _ROWS}
)
"""Internal failures are 31001 (to issue and issue_status) and 23001 (to the callbacks), as in the core family."""
