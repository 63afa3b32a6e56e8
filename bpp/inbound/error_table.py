"""The published codes of seller apps as a table: what we send, when, by which door; what we never send, and why."""

from __future__ import annotations

from http import HTTPStatus

from bpp.errors import BppError, BusinessError, ProtocolError
from bpp.issues.errors import BY_CODE as OF_GRIEVANCES
from bpp.settlement.errors import BY_CODE as OF_SETTLEMENT

FAMILIES = (BppError, ProtocolError, BusinessError)


def error_classes(of: type[BppError] = BppError) -> list[type[BppError]]:
    """Every error below one, by its code and then by its name; grievances and settlement have modules of their own."""
    found = {one for child in of.__subclasses__() for one in {child, *error_classes(child)}}
    found |= {one for one in (*OF_GRIEVANCES.values(), *OF_SETTLEMENT.values()) if issubclass(one, of)}
    return sorted(found - set(FAMILIES), key=lambda one: (one.code, one.__name__))


def meaning(error: type[BppError]) -> str:
    """When an error is sent: the first paragraph of what its class says of itself."""
    first = (error.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split()).replace("``", "`")


def door(error: type[BppError]) -> str:
    """How an error leaves."""
    if issubclass(error, ProtocolError):
        return "NACK" if error.http_status == HTTPStatus.OK else f"NACK with HTTP {error.http_status}"
    return "`error` in the callback"
