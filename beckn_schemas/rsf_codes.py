"""The actions and the published error codes of reconciliation and settlement, each list written once.

Source: network reference 2.1 and 2.6 (error table of NTS10 2.0.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

RSF_RECEIVED: Final = ("recon", "on_recon", "on_settle", "on_report")
"""What reaches a seller app."""
RSF_SENT: Final = ("settle", "report", "recon", "on_recon")
"""What a seller app says."""
FROM_AGENCY: Final = frozenset({"on_settle", "on_report"})
"""What the settlement agency answers: it signs, and stands in ``bpp_id``, for whoever asked it is the bap (2.1)."""

Event = Literal["NACK", "OnSettle", "OnReport", "OnRecon", "http"]


@dataclass(frozen=True, slots=True)
class RsfErrorCode:
    """A code of the family: where it is said, and its published text."""

    code: str
    event: Event
    message: str


INVALID_SIGNATURE: Final = "70000"
NO_SIGNATURE: Final = "70001"
INVALID_SCHEMA: Final = "70002"
UNKNOWN_TRANSACTION: Final = "70028"
UNKNOWN_MESSAGE: Final = "70029"
INVALID_ORDER: Final = "70030"
OUT_OF_ORDER: Final = "503"

_ROWS: Final[tuple[tuple[str, Event, str], ...]] = (
    ("503", "http", "Internal server error"),
    ("70000", "NACK", "Invalid Signature"),
    ("70001", "NACK", "Missing mandatory 'Authorization' header param"),
    ("70002", "NACK", "Invalid schema"),
    ("70003", "OnSettle", "Invalid bap id"),
    ("70004", "OnSettle", "Inactive bap id"),
    ("70005", "OnSettle", "Invalid bpp id"),
    ("70006", "OnSettle", "Duplicate transaction id"),
    ("70007", "OnSettle", "Duplicate message id"),
    ("70008", "OnSettle", "Duplicate settlement id"),
    ("70009", "OnSettle", "Bap id doesn't match collector app id or receiver app id"),
    ("70010", "OnSettle", "Collector account not available"),
    ("70011", "OnSettle", "Invalid collector app id"),
    ("70012", "OnSettle", "Inactive collector app id"),
    ("70013", "OnSettle", "Invalid receiver app id"),
    ("70014", "OnSettle", "Inactive receiver app id"),
    ("70015", "OnSettle", "Receiver app id same as Collector app id"),
    ("70016", "OnSettle", "Duplicate order id"),
    ("70017", "OnSettle", "Collector account inoperable"),
    ("70018", "OnSettle", "Receiver account inoperable"),
    ("70019", "OnSettle", "No response from bank for collector account"),
    ("70020", "OnSettle", "No response from bank for receiver account"),
    ("70021", "OnSettle", "No file shared by counterparty"),
    ("70022", "OnSettle", "Order id not shared by counterparty"),
    ("70023", "OnSettle", "Collector value mismatch"),
    ("70024", "OnSettle", "Interparticipant value mismatch"),
    ("70025", "OnSettle", "Insufficient balance in collector account"),
    ("70026", "OnSettle", "Collector NDC breach"),
    ("70027", "OnSettle", "Collector bank NDC breach"),
    ("70028", "OnReport", "Invalid transaction id (ref_transaction_id)"),
    ("70029", "OnReport", "Invalid message id (ref_message_id)"),
    ("70030", "OnRecon", "Invalid order id"),
)
RSF_ERROR_CODES: Final[Mapping[str, RsfErrorCode]] = MappingProxyType(
    {code: RsfErrorCode(code, event, message) for code, event, message in _ROWS}
)
"""Every published code, by its text; ``503`` is a status of HTTP."""
