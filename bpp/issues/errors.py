"""Refusals of grievances: the published codes of their own family (network reference 1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bpp.errors import BppError, BusinessError, FeatureNotSupported, ProtocolError
from bpp.issues.checks import Refusal


class IssueInvalid(ProtocolError):
    """A message of grievances whose shape does not hold, or that contradicts what is stored of its issue."""

    code = "IGM001"


class IssueOrderNotFound(BusinessError):
    """The order complained of is not one of this transaction."""

    code = "IGM002"


class IssueFulfillmentNotFound(BusinessError):
    """The visit complained of is not one of the order."""

    code = "IGM003"


class IssueItemNotFound(BusinessError):
    """The item complained of is not one of the order."""

    code = "IGM004"


class IssueNotFound(BusinessError):
    """No such issue."""

    code = "IGM005"


class IssueOfAnother(BusinessError):
    """The issue is another subscriber's."""

    code = "IGM006"


class IssueEscalation(BusinessError):
    """A level that is out of turn: the grievance officer comes before a dispute."""

    code = "IGM007"


class IssueDuplicate(BusinessError):
    """The same is complained of in an issue that is open."""

    code = "IGM008"


class IssueTransactionInvalid(BusinessError):
    """The transaction is not that of the order."""

    code = "IGM009"


_CLASSES: Final[tuple[type[BppError], ...]] = (
    IssueInvalid,
    IssueOrderNotFound,
    IssueFulfillmentNotFound,
    IssueItemNotFound,
    IssueNotFound,
    IssueOfAnother,
    IssueEscalation,
    IssueDuplicate,
    IssueTransactionInvalid,
    FeatureNotSupported,
)
BY_CODE: Final[Mapping[str, type[BppError]]] = MappingProxyType({one.code: one for one in _CLASSES})


def error_of(refusal: Refusal) -> BppError:
    """A refusal as the error that leaves: a ProtocolError as a NACK, any other beside the message of the callback."""
    return BY_CODE[refusal.code](refusal.expected, path=refusal.path)
