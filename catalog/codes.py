"""ONDC's codes of home services: the 128 of SRV10, SRV11 and SRV12, in decimal and in hexadecimal numbering.

The specification numbers its rows in decimal (``SRV11-1030`` is Fan Repair). A certified participant numbers the
same rows in hexadecimal (``SRV11-101E``). 51 strings are valid in both and mean different services, so the form is a
setting of the peer; only a suffix with a letter A to F is hexadecimal for anybody (decision 22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Literal

from catalog.load_tables import read_table

CodeForm = Literal["decimal", "hex"]

_CODE = re.compile(r"(SRV[0-9]{2})-([0-9A-F]{4})")
_WILDCARD = re.compile(r"(SRV[0-9]{2})-(?:\*|XXXX)")  # the cook example of the specification writes SRV11-xxxx
_FIRST_DECIMAL = 1000
_FIRST_HEX = 0x1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OndcCode:
    """One row of ONDC's list of services: decimal code, its description and a Hindi name of ours."""

    code: str
    name_en: str
    name_hi: str


@lru_cache(maxsize=1)
def ondc_codes() -> Mapping[str, OndcCode]:
    """All 128 codes by their decimal form, in ONDC's order.

    Source: ONDC-SRV-Specifications, draft-services of October 2024, ``category.yaml``.
    """
    return MappingProxyType({row["code"]: OndcCode(**row) for row in read_table("ondc_codes")})


def to_decimal(code: str, form: CodeForm = "decimal") -> str:
    """A category code as a peer wrote it, in the decimal form that is used everywhere inside.

    ``form`` is the peer's numbering; a suffix with A to F is read as hexadecimal whatever it says. A wildcard comes
    back as ``SRV11-*``. The code need not be on the list. Raises ValueError for what is not a category code.
    """
    text = code.strip().upper()
    if wildcard := _WILDCARD.fullmatch(text):
        return f"{wildcard[1]}-*"
    match = _CODE.fullmatch(text)
    if not match:
        raise ValueError(f"not a category code: {code!r}")
    service, suffix = match.groups()
    if form == "decimal" and suffix.isdecimal():
        return text
    row = int(suffix, 16) - _FIRST_HEX
    if not 0 <= row < 10_000 - _FIRST_DECIMAL:
        raise ValueError(f"not a hexadecimal category code: {code!r}")
    return f"{service}-{_FIRST_DECIMAL + row}"


def to_hex(code: str) -> str:
    """A decimal code in hexadecimal numbering: ``SRV11-1030`` is ``SRV11-101E``; a wildcard stays as it is.

    Raises ValueError for what is not a decimal code.
    """
    if is_wildcard(code):
        return to_decimal(code)
    match = _CODE.fullmatch(code)
    if not match or not match[2].isdecimal() or int(match[2]) < _FIRST_DECIMAL:
        raise ValueError(f"not a decimal category code: {code!r}")
    return f"{match[1]}-{_FIRST_HEX + int(match[2]) - _FIRST_DECIMAL:04X}"


def is_wildcard(code: str) -> bool:
    """Whether a category means every service of its domain: ``SRV11-*``."""
    return _WILDCARD.fullmatch(code.strip().upper()) is not None


@lru_cache(maxsize=4096)
def covers(wildcard_or_code: str, code: str) -> bool:
    """Whether a category asked for takes in a category published; both decimal.

    A wildcard takes in its whole domain, itself included; a code only itself.
    """
    if is_wildcard(wildcard_or_code):
        return wildcard_or_code[:6].upper() == code[:6].upper()
    return wildcard_or_code == code


def domain_of(code: str) -> str:
    """The domain a code or wildcard belongs to: ``ONDC:SRV11``. Raises ValueError for what is not a category code."""
    return f"ONDC:{to_decimal(code)[:5]}"


def wildcard_of(domain: str) -> str:
    """The wildcard of a domain: ``ONDC:SRV11`` gives ``SRV11-*``."""
    return f"{domain.removeprefix('ONDC:')}-*"


@cache
def domains() -> frozenset[str]:
    """The domains that have codes."""
    return frozenset(domain_of(code) for code in ondc_codes())
