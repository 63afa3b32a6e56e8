"""Amounts in Indian rupees, exact to the paisa."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in Indian rupees as whole paise. Never a float, never rounded in silence."""

    paise: int

    @classmethod
    def parse(cls, text: str) -> Money:
        """Read a decimal string such as ``"499"``, ``"499.00"`` or ``"-0.00"``.

        Raises ValueError for anything else, also for exponents and for parts of a paisa.
        """
        if not _AMOUNT.fullmatch(text):
            raise ValueError(f"not an amount: {text!r}")
        paise = Decimal(text) * 100
        if paise != paise.to_integral_value():
            raise ValueError(f"finer than a paisa: {text!r}")
        return cls(int(paise))

    def __str__(self) -> str:
        """Two decimals and never ``-0.00``, as amounts stand on the wire."""
        sign = "-" if self.paise < 0 else ""
        rupees, paise = divmod(abs(self.paise), 100)
        return f"{sign}{rupees}.{paise:02d}"

    def __add__(self, other: Money) -> Money:
        return Money(self.paise + other.paise)

    def __sub__(self, other: Money) -> Money:
        return Money(self.paise - other.paise)

    def __neg__(self) -> Money:
        return Money(-self.paise)

    def __mul__(self, count: int) -> Money:
        return Money(self.paise * count)

    def times(self, factor: Decimal) -> Money:
        """This amount by a factor, rounded half up to the paisa."""
        return Money(int((self.paise * factor).quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def percent(self, rate: Decimal) -> Money:
        """``rate`` per cent of this amount, rounded half up to the paisa."""
        return self.times(rate / 100)


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum of amounts; zero for none."""
    return Money(sum(amount.paise for amount in amounts))
