"""Refusals of settlement: the published codes of their own family (network reference 2.6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from beckn_schemas.rsf_codes import INVALID_ORDER, INVALID_SCHEMA, UNKNOWN_MESSAGE, UNKNOWN_TRANSACTION
from bpp.errors import (
    BusinessError,
    InvalidSignature,
    MalformedRequest,
    ProtocolError,
    StaleRequest,
)
from bpp.settlement.model import Refused

NO_HEADER: Final = "missing_authorization"


class SettlementSignatureInvalid(InvalidSignature):
    """Of a message of settlement the header, key, time window, identity or signature did not hold."""

    code = "70000"


class SettlementUnsigned(InvalidSignature):
    """A message of settlement has no signature."""

    code = "70001"


class SettlementMalformed(MalformedRequest):
    """A message of settlement is not JSON, or the path, the action or the recipient do not fit: HTTP 400."""

    code = "70002"


class SettlementInvalid(ProtocolError):
    """The schema of a message of settlement does not hold, or its ids are those of another message."""

    code = "70002"


class SettlementTransactionUnknown(ProtocolError):
    """An agency answers in a transaction in which nothing of ours was filed with it."""

    code = "70028"


class SettlementMessageUnknown(ProtocolError):
    """An answer to a settle, a report or a recon that we never sent."""

    code = "70029"


class SettledOrderUnknown(ProtocolError):
    """An agency answers about an order that was not filed."""

    code = "70030"


class ReconOrderUnknown(BusinessError):
    """A buyer app reconciles an order that is not one between the two of us."""

    code = "70030"


BY_CODE: Final[Mapping[str, type[ProtocolError]]] = MappingProxyType(
    {
        INVALID_SCHEMA: SettlementInvalid,
        UNKNOWN_TRANSACTION: SettlementTransactionUnknown,
        UNKNOWN_MESSAGE: SettlementMessageUnknown,
        INVALID_ORDER: SettledOrderUnknown,
    }
)


def error_of(refused: Refused) -> ProtocolError:
    """What is refused as the NACK that leaves; an answer has no callback that could carry another."""
    return BY_CODE[refused.code](f"{refused.expected} is expected", path=refused.path)


def in_settlement(refusal: ProtocolError) -> ProtocolError:
    """A refusal of the door in the codes of the family; what is no matter of the message stays as it is."""
    match refusal:
        case InvalidSignature() if refusal.reason == NO_HEADER:
            return SettlementUnsigned(refusal.reason)
        case InvalidSignature():
            return SettlementSignatureInvalid(refusal.reason)
        case MalformedRequest():
            return SettlementMalformed(refusal.message, path=refusal.path, reason=refusal.reason)
        case StaleRequest():
            return SettlementInvalid(refusal.message, path=refusal.path)
        case _:
            return refusal
