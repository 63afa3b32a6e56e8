"""How services are taxed where their class says otherwise than the ordinary rate. Source: sewamitra.md 5."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from catalog.load_tables import read_table

ORDINARY, REDUCED, NOTHING = Decimal(18), Decimal(5), Decimal(0)


def house_keeping() -> frozenset[str]:
    """The ids of the services that section 9(5) of the CGST Act names."""
    return _of_class("house_keeping")


def usual_tax(service_id: str, *, registered: bool) -> Decimal:
    """GST in per cent: registered 18, personal care 5; else 5 for house-keeping, which the operator pays, or none."""
    if registered:
        return REDUCED if service_id in _of_class("personal_care") else ORDINARY
    return REDUCED if service_id in house_keeping() else NOTHING


@cache
def _of_class(name: str) -> frozenset[str]:
    return frozenset(row["service_id"] for row in read_table("tax_classes") if row["class"] == name)
