"""Tags: coded lists of coded values, and what we read of them, the finder fee.

They are what messages have most of and we read least, so they are checked and stay the objects they are: models cost
four times as much.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from typing_extensions import TypedDict

from beckn_schemas.base import Few, Text

_FEE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")


class TagDescriptor(TypedDict, total=False):
    """As ``Descriptor``."""

    name: Text | None
    code: Text | None
    short_desc: Text | None
    long_desc: Text | None


class Tag(TypedDict, total=False):
    """One entry of a tag group. The value is whatever came: most tags are not for us."""

    descriptor: TagDescriptor | None
    value: Any


class TagGroup(TypedDict, total=False):
    """A coded list of coded values."""

    descriptor: TagDescriptor | None
    list: Few[Tag]


def tag_code(tag: Tag | TagGroup) -> str:
    """The code of a group or of an entry, or an empty text."""
    return (tag.get("descriptor") or {}).get("code") or ""


def tag_value(group: TagGroup, code: str) -> str | None:
    """The value of the entry of that code where it is text, else None."""
    found = next((tag.get("value") for tag in group.get("list", ()) if tag_code(tag) == code), None)
    return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class FinderFee:
    """The buyer app's fee: ``amount`` rupees, or ``amount`` per cent of the order; a decimal text."""

    type: Literal["percent", "amount"]
    amount: str


def finder_fee(groups: Iterable[TagGroup]) -> FinderFee | None:
    """The finder fee of a search's ``BAP_Terms`` or a payment's ``Buyer_Finder_Fee``; None where none is stated.

    Reads the canonical spelling that ``bpp.domains.normalize`` produces. An unreadable type or amount is None too:
    a search without terms is accepted with a fee of zero (protocol, 1.1).
    """
    for group in groups:
        if tag_code(group) not in {"BAP_Terms", "Buyer_Finder_Fee"}:
            continue
        kind, amount = tag_value(group, "Buyer_Finder_Fee_Type"), tag_value(group, "Buyer_Finder_Fee_Amount")
        if amount and _FEE.fullmatch(amount):
            if kind == "percent":
                return FinderFee("percent", amount)
            if kind == "amount":
                return FinderFee("amount", amount)
    return None
