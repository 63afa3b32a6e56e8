"""What a published figure of "money in wallets" can mean: three readings, each told by the totals of the books.

The government said of 39,857 bookings to June 2025 that Rs 27,53,794 were received in wallets: Rs 69.09 a booking, too
little for a visit at home. Each reading is a list of equations between the figure and the totals; the books are
consistent with a reading when all of them hold, to the paisa. Source: sewamitra's reconciliation story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bpp.ledger.recon import Totals
from catalog.money import ZERO, Money

Letter = Literal["a", "b", "c"]
PUBLISHED = Money(275379400)
PUBLISHED_BOOKINGS = 39_857


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One equation: what is ``expected`` under the reading, and what was ``found`` in the books."""

    says: str
    expected: Money
    found: Money

    @property
    def holds(self) -> bool:
        """To the paisa."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One meaning of the figure, with the equations that tell it."""

    letter: Letter
    says: str
    checks: tuple[Check, ...]

    @property
    def consistent(self) -> bool:
        """Whether the books can be read so."""
        return all(one.holds for one in self.checks)


def readings(totals: Totals, published: Money = PUBLISHED) -> Sequence[Reading]:
    """The three readings of a published figure, against the totals of the books."""
    received, seen = totals.commission_received, totals.online + totals.cash
    released = totals.wallet_credit - totals.wallet_held
    return (
        Reading(
            letter="a",
            says="it is the Samiti's share, mislabelled",
            checks=(
                Check(says="the commission received is the figure", expected=published, found=received),
                Check(says="all commission due was received", expected=totals.commission_with_gst, found=received),
                Check(says="all that was charged was seen", expected=totals.gross, found=seen),
            ),
        ),
        Reading(
            letter="b",
            says="it is what was paid online; the rest is cash in hand",
            checks=(
                Check(says="the money paid online is the figure", expected=published, found=totals.online),
                Check(says="the rest was taken in cash", expected=totals.gross - published, found=totals.cash),
            ),
        ),
        Reading(
            letter="c",
            says="it is the providers' part, less the commission, of the little that was paid",
            checks=(
                Check(says="what wallets got of money seen is the figure", expected=published, found=released),
                Check(
                    says="figure and commission received are the money seen", expected=seen, found=published + received
                ),
                Check(says="nothing was taken in cash", expected=ZERO, found=totals.cash),
                Check(
                    says="the rest of what was charged was not seen", expected=totals.gross - seen, found=totals.missing
                ),
            ),
        ),
    )
