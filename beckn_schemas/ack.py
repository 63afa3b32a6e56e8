"""Synchronous answers and the published table of error codes. Nobody invents a code.

Sources: the network's error codes as published in ONDC's services specification 2.0.0 (``ErrorCodes``), where the
codes are numbers; on the wire they are text. ``type`` is one of core's five values (decision 2); the published table
names the sender there instead (Gateway, Buyer App, Seller App), which we keep as ``source``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, get_args

from beckn_schemas.igm_codes import IGM_ERROR_CODES
from beckn_schemas.rsf_codes import INVALID_SCHEMA, RSF_ERROR_CODES

ErrorType = Literal["CONTEXT-ERROR", "CORE-ERROR", "DOMAIN-ERROR", "POLICY-ERROR", "JSON-SCHEMA-ERROR"]
ErrorSource = Literal["Gateway", "Buyer App", "Seller App", "Grievances", "Settlement", "Settlement Agency"]


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A published code: core's type of error, the published message, and who sends it."""

    code: str
    type: ErrorType
    message: str
    source: ErrorSource


_CONTEXT: ErrorType = "CONTEXT-ERROR"
_CORE: ErrorType = "CORE-ERROR"
_DOMAIN: ErrorType = "DOMAIN-ERROR"
_POLICY: ErrorType = "POLICY-ERROR"
_SCHEMA: ErrorType = "JSON-SCHEMA-ERROR"

_GATEWAY: tuple[tuple[str, ErrorType, str], ...] = (
    ("10000", _SCHEMA, "Bad or Invalid request error"),
    ("10001", _CONTEXT, "Invalid Signature"),
    ("10002", _CONTEXT, "Invalid City Code"),
)
_BUYER: tuple[tuple[str, ErrorType, str], ...] = (
    ("20000", _DOMAIN, "Invalid catalog"),
    ("20001", _CONTEXT, "Invalid Signature"),
    ("20002", _CONTEXT, "Stale Request"),
    ("20005", _DOMAIN, "Item not found"),
    ("20006", _SCHEMA, "Invalid response"),
    ("20007", _DOMAIN, "Invalid order state"),
    ("20008", _CORE, "Response out of sequence"),
    ("20009", _CORE, "Timeout"),
    ("21001", _DOMAIN, "Feature not supported"),
    ("21002", _DOMAIN, "Increase in item quantity"),
    ("21003", _DOMAIN, "Change in item quote"),
    ("22501", _POLICY, "Part Fill Unacceptable"),
    ("22502", _POLICY, "Cancellation unacceptable"),
    ("22503", _POLICY, "Cancellation unacceptable"),
    ("22504", _POLICY, "Invalid Fulfillment TAT"),
    ("22505", _POLICY, "Invalid Cancellation Terms"),
    ("22506", _POLICY, "Invalid Terms of Reference"),
    ("22507", _SCHEMA, "Invalid Quote"),
    ("22508", _POLICY, "Invalid Part Cancel Request"),
    ("23001", _CORE, "Internal Error"),
    ("23002", _DOMAIN, "Order validation failure"),
    ("25001", _CORE, "Order Confirm Failure"),
    ("27501", _POLICY, "Terms and Conditions unacceptable"),
    ("27502", _POLICY, "Order terminated"),
)
_SELLER: tuple[tuple[str, ErrorType, str], ...] = (
    ("30000", _SCHEMA, "Invalid request"),
    ("30001", _DOMAIN, "Provider not found"),
    ("30002", _DOMAIN, "Provider location not found"),
    ("30003", _DOMAIN, "Provider category not found"),
    ("30004", _DOMAIN, "Item not found"),
    ("30005", _DOMAIN, "Invalid return request"),
    ("30006", _DOMAIN, "Offer code invalid"),
    ("30007", _DOMAIN, "Offer fulfillment error"),
    ("30008", _DOMAIN, "Location Serviceability error"),
    ("30009", _DOMAIN, "Location Serviceability error"),
    ("30010", _DOMAIN, "Location Serviceability error"),
    ("30011", _DOMAIN, "Order Serviceability error"),
    ("30012", _DOMAIN, "Invalid cancellation reason"),
    ("30013", _DOMAIN, "Invalid Fulfillment TAT"),
    ("30014", _POLICY, "Cancellation unacceptable"),
    ("30015", _DOMAIN, "Invalid rating value"),
    ("30016", _CONTEXT, "Invalid Signature"),
    ("30017", _DOMAIN, "Merchant unavailable"),
    ("30018", _DOMAIN, "Invalid Order"),
    ("30019", _DOMAIN, "Order Confirm Error"),
    ("30020", _CORE, "Order Confirm Failure"),
    ("30021", _DOMAIN, "Merchant Inactive"),
    ("30022", _CONTEXT, "Stale Request"),
    ("30023", _DOMAIN, "Minimum order value error"),
    ("31001", _CORE, "Internal Error"),
    ("31002", _DOMAIN, "Order validation failure"),
    ("31003", _CORE, "Order processing in progress"),
    ("31004", _DOMAIN, "Payment Failed"),
    ("40000", _DOMAIN, "Business Error"),
    ("40001", _DOMAIN, "Feature not supported"),
    ("40002", _DOMAIN, "Item quantity unavailable"),
    ("40003", _DOMAIN, "Quote unavailable"),
    ("40004", _DOMAIN, "Payment type not supported"),
    ("40005", _DOMAIN, "Tracking not enabled"),
    ("40006", _DOMAIN, "Fulfilment agent unavailable"),
    ("40007", _DOMAIN, "Change in item quantity"),
    ("40008", _DOMAIN, "Change in quote"),
    ("40009", _DOMAIN, "Maximum order qty exceeded"),
    ("40010", _DOMAIN, "Expired authorization"),
    ("40011", _DOMAIN, "Invalid authorization"),
    ("41001", _POLICY, "Finder fee not acceptable"),
    ("50000", _POLICY, "Policy Error"),
    ("50001", _POLICY, "Cancellation not possible"),
    ("50002", _POLICY, "Updation not possible"),
    ("50003", _POLICY, "Unsupported rating category"),
    ("50004", _POLICY, "Support unavailable"),
    ("50005", _POLICY, "Terms and Conditions unacceptable"),
    ("50006", _POLICY, "Order terminated"),
    ("50007", _POLICY, "Fulfillment not found"),
    ("50008", _POLICY, "Fulfillment cannot be updated"),
    ("90001", _DOMAIN, "Schedule selected by the buyer is not available"),
    ("90002", _DOMAIN, "Incorrect OTP provided by buyer"),
    ("90003", _DOMAIN, "Schedule is not provided by the buyer"),
)


def _rows(source: ErrorSource, rows: tuple[tuple[str, ErrorType, str], ...]) -> dict[str, ErrorCode]:
    return {code: ErrorCode(code, kind, message, source) for code, kind, message in rows}


_GRIEVANCES = tuple(
    (one.code, _SCHEMA if one.door == "nack" else _DOMAIN, one.message) for one in IGM_ERROR_CODES.values()
)
_SETTLEMENT_TYPES: Mapping[str, ErrorType] = {
    "NACK": _CONTEXT,
    "OnSettle": _DOMAIN,
    "OnReport": _DOMAIN,
    "OnRecon": _DOMAIN,
}
_SETTLEMENT, _AGENCY = (
    tuple(
        (one.code, _SCHEMA if one.code == INVALID_SCHEMA else _SETTLEMENT_TYPES[one.event], one.message)
        for one in RSF_ERROR_CODES.values()
        if one.event in _SETTLEMENT_TYPES and (one.event == "OnSettle") is agencys
    )
    for agencys in (False, True)
)
ERROR_CODES: Mapping[str, ErrorCode] = MappingProxyType(
    _rows("Gateway", _GATEWAY)
    | _rows("Buyer App", _BUYER)
    | _rows("Seller App", _SELLER)
    | _rows("Grievances", _GRIEVANCES)
    | _rows("Settlement", _SETTLEMENT)
    | _rows("Settlement Agency", _AGENCY),
)
"""Every published code, by its text."""


NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "30003": "a search for a category that nobody has is answered with silence (decision 3); the categories of "
        "ordered items are echoed and not checked, since real buyer apps spell them differently or send wildcards",
        "30005": "services are not returned; what was done badly is a grievance",
        "30008": "nothing is picked up anywhere and no logistics provider is asked; a place that is not served is "
        "30009 or 30010",
        "30011": "workers are the provider's own; where none can come it is 40006",
        "30013": "a slot that was confirmed is kept or given up: an order is never silently later than it was quoted",
        "30014": "a buyer may cancel before completion without waiting for a delay, at the fee of the term in force",
        "30020": "an on_confirm that cannot be delivered ends in on_cancel with reason 998: no request is left that "
        "this code could answer",
        "40005": "on_track answers every order, inactive where nobody is tracked (protocol, 5.55)",
        "40007": "an init or confirm with other counts contradicts its select, which is 31002 (decision 1)",
        "40008": "an init or confirm with another total contradicts its quote, which is 31002 (decision 1); a price "
        "that has changed on our side is 40003",
        "40010": "a one-time password that ran out is exchanged by itself; one tried all the same is 90002",
        "40011": "a wrong one-time password is 90002, the services' own code",
        "50000": "generic; each refusal of ours has a code of its own",
        "50001": "no term forbids to cancel, it has its price; an order that is over is 50008",
        "50004": "support answers with the helpline, whatever the reference",
        "50005": "terms of a buyer app other than its finder fee (41001) are not negotiated in services 2.0.0",
        "50006": "terms are not negotiated: what a buyer app does not accept it cancels",
    }
)
"""Published codes of seller apps that we never send, and why. All others have a class in ``bpp.errors``."""


def ack() -> dict[str, Any]:
    """The answer to a message that was taken in."""
    return {"message": {"ack": {"status": "ACK"}}}


def nack(code: str, message: str = "", path: str = "") -> dict[str, Any]:
    """The answer to a message that was refused.

    ``message`` (the published text where empty) is preceded by the JSON ``path`` meant. Raises ValueError for a
    code that is not published.
    """
    known = _known(code)
    text = message or known.message
    error: dict[str, Any] = {"type": known.type, "code": code, "message": f"{path}: {text}" if path else text}
    if path:
        error["path"] = path
    return {"message": {"ack": {"status": "NACK"}}, "error": error}


def answer_faults(answer: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with an ACK or NACK: a path and what is expected there (core's ``Ack`` and ``Error``; decision 2).

    The wrapping in ``sync`` that some participants use must have been taken off (protocol 7).
    """
    message, error = answer.get("message"), answer.get("error")
    given = message.get("ack") if isinstance(message, Mapping) else None
    status = given.get("status") if isinstance(given, Mapping) else None
    if status not in ("ACK", "NACK"):
        yield "message.ack.status", "ACK or NACK"
    if status == "ACK" and error:
        yield "error", "none beside an ACK"
    if status != "NACK":
        return
    if not isinstance(error, Mapping):
        yield "error", "an object that says why"
        return
    if error.get("type") not in get_args(ErrorType):
        yield "error.type", f"one of {', '.join(get_args(ErrorType))}"
    code = error.get("code")
    if not isinstance(code, str):
        yield "error.code", "a code as text"
    elif code not in ERROR_CODES:
        yield "error.code", "one of the published codes"


def error_object(code: str, message: str = "") -> dict[str, str]:
    """``error`` beside the message of a callback: the code as text, and a text for people (protocol, 1.0).

    Raises ValueError for a code that is not published.
    """
    known = _known(code)
    return {"code": code, "message": message or known.message}


def _known(code: str) -> ErrorCode:
    known = ERROR_CODES.get(code)
    if known is None:
        raise ValueError(f"not a published error code: {code!r}")
    return known
