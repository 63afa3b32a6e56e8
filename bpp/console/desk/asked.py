"""What was typed into the one box: a telephone number, an order's number or id, a pincode, or what is wanted. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Literal

from bpp.operator.bookings_fields import PINCODE
from bpp.orders.numbers import read_number
from bpp.orders.phones import normalised

LookUp = Literal["phone", "order_id", "transaction_id"]


class Kind(Enum):
    """What a text is."""

    NOTHING = auto()
    NUMBER = auto()
    """An order's number, whose check digit is right."""
    MISHEARD = auto()
    """As long as an order's number, but a digit of it is wrong."""
    PINCODE = auto()
    PHONE = auto()
    CODE = auto()
    """A buyer app's order id or a transaction id; or a number that is not whole yet."""
    WORDS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was typed: its kind, the text to look for, and the pincode, be it of the box or of the field beside it."""

    kind: Kind
    text: str
    pincode: str = ""

    @property
    def look_ups(self) -> tuple[LookUp, ...]:
        """By what orders are looked for, one after the other until some are found."""
        return LOOK_UPS[self.kind]

    @property
    def by_words(self) -> bool:
        """Whether services are looked for where it names no order."""
        return self.kind is Kind.WORDS or (self.kind is Kind.CODE and not self.text.isdecimal())


LOOK_UPS: dict[Kind, tuple[LookUp, ...]] = {
    Kind.NOTHING: (),
    Kind.NUMBER: ("order_id",),
    Kind.MISHEARD: ("order_id",),
    Kind.PINCODE: (),
    Kind.PHONE: ("phone", "order_id"),
    Kind.CODE: ("order_id", "transaction_id"),
    Kind.WORDS: (),
}
"""Buyer apps make ids of any form, so what looks like a number of ours may be one of theirs."""
FIGURES = re.compile(r"[\d\s()+./-]*\d[\d\s()+./-]*")
PINCODE_AMONG_WORDS = re.compile(r"(?<!\d)[1-9\u0967-\u096f]\d{2}\s?\d{3}(?!\d)")
"""Six digits in ASCII or Devanagari, as they are typed or said in two groups; none begins with 0."""
NUMBER, LEAST_PHONE, MOST_PHONE = 9, 10, 15
"""Digits of an order's number, and of a telephone's (ITU-T E.164)."""


def _figures(text: str) -> str:
    """The digits of a text of nothing else, in ASCII; empty for any other."""
    return normalised(text) if FIGURES.fullmatch(text) else ""


RULES: tuple[tuple[Kind, Callable[[str], bool]], ...] = (
    (Kind.NOTHING, lambda text: not text),
    (Kind.NUMBER, lambda text: read_number(text) is not None),
    (Kind.MISHEARD, lambda text: len(_figures(text)) == NUMBER),
    (Kind.PINCODE, lambda text: len(_figures(text)) == PINCODE and not _figures(text).startswith("0")),
    (Kind.PHONE, lambda text: LEAST_PHONE <= len(_figures(text)) <= MOST_PHONE),
    (Kind.CODE, lambda text: len(text.split()) == 1 and any(one.isdecimal() for one in text)),
    (Kind.CODE, lambda text: bool(_figures(text))),
    (Kind.WORDS, lambda _text: True),
)
"""What a text is: the first of these that holds."""


def asked(text: str, pincode: str = "") -> Asked:
    """What was typed into the box, and into the field of the pincode beside it; the box is heard first."""
    text = " ".join(text.split())
    kind = next(kind for kind, holds in RULES if holds(text))
    if kind is Kind.PINCODE:
        return Asked(kind=kind, text="", pincode=_figures(text))
    if kind is Kind.WORDS and (found := PINCODE_AMONG_WORDS.search(text)):
        words = " ".join((text[: found.start()] + " " + text[found.end() :]).split())
        return Asked(kind=kind, text=words, pincode=_figures(found.group()))
    return Asked(kind=kind, text=text, pincode=_pincode(pincode))


def _pincode(text: str) -> str:
    """A pincode that is whole; empty for any other text."""
    figures = _figures(text)
    return figures if len(figures) == PINCODE and not figures.startswith("0") else ""
