"""Fields of the accountant's forms: amounts as people in India type them, and the forms themselves."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from catalog.load_fields import MOST_RUPEES, rupees
from catalog.money import ZERO, Money

_SIGNS = re.compile(r"[₹,\s]|\brs\.?", re.IGNORECASE)
DEAREST = Money(MOST_RUPEES * 100)
RUPEES = "rupees_parsing"
"""The name of the fault of a field that is no amount; see ``bpp.console.refusals.FIELDS``."""


def read_rupees(text: str) -> Money | None:
    """An amount as it is typed or stands in a file: ``1,23,456.50``, ``₹ 499``, ``Rs. 499``; None for what is none."""
    try:
        return rupees(_SIGNS.sub("", text))
    except ValueError:
        return None


def _amount(text: str) -> str:
    value = read_rupees(text)
    if value is None:
        raise PydanticCustomError(RUPEES, "rupees such as 499.00 are expected")
    return str(value)


def _price(text: str) -> str:
    found = _amount(text)
    if found == str(ZERO):
        raise PydanticCustomError("greater_than", "more than nothing is expected")
    return found


def _fee(text: str) -> str:
    found = _price(text)
    if Money.parse(found) > DEAREST:
        raise PydanticCustomError("less_than_equal", "no more than an order may come to is expected")
    return found


Amount = Annotated[str, AfterValidator(_amount)]
"""Rupees, zero or more."""
Price = Annotated[str, AfterValidator(_price)]
"""Rupees above zero."""
Fee = Annotated[str, AfterValidator(_fee)]
"""Rupees that an order asks of a customer: no more than the network's amounts can say."""
