"""Reason codes of cancellations: the one table we choose from. What buyer apps send is taken whatever it is.

The list of the services specification 2.0.0 is empty; real participants send ``cancel``, ``002``, ``012``, ``01`` and
others (protocol.md 1.8). These are the network's retail codes as far as they make sense here, and those of a failed
confirmation. Source: network.md 4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, who gives it, and what it says to people."""

    code: str
    by: Literal["buyer", "seller", "system"]
    text: str


REASONS: Mapping[tuple[str, str], Reason] = MappingProxyType(
    {
        (one.by, one.code): one
        for one in (
            Reason("001", "buyer", "the price has changed"),
            Reason("003", "buyer", "available cheaper elsewhere"),
            Reason("006", "buyer", "taking too long"),
            Reason("010", "buyer", "details of the order shall be changed"),
            Reason("012", "buyer", "not required any more"),
            Reason("051", "buyer", "the provider does not accept"),
            Reason("999", "buyer", "the order could not be confirmed"),
            Reason("002", "seller", "no professional is available"),
            Reason("005", "seller", "rejected by the provider"),
            Reason("011", "seller", "the buyer cannot be reached"),
            Reason("013", "seller", "the buyer refused at the door"),
            Reason("014", "seller", "the address was not found"),
            Reason("015", "seller", "the buyer was not at the place"),
            Reason("016", "seller", "accident, rain or strike"),
            Reason("018", "seller", "the place is not served"),
            Reason("021", "seller", "the provider does not answer"),
            Reason("022", "seller", "a technical problem"),
            Reason("023", "seller", "outside working hours"),
            Reason("024", "seller", "more orders than can be done"),
            Reason("998", "system", "the order could not be confirmed to the buyer app"),
        )
    }
)
NO_REASON = "012"
"""What a buyer is taken to say who says nothing, where the term asks for no reason."""
REJECTED = "005"
IN_WORDS: Mapping[str, str] = MappingProxyType({"seller": REJECTED, "buyer": NO_REASON})
"""What words that an operator writes down are told as: the words stay with us."""
NOT_ANSWERED = "021"
CONFIRM_FAILED = "998"


def told(by: Literal["seller", "buyer"], text: str) -> tuple[str, str]:
    """A reason that an operator gives for one side: the code to be told, and the words that are kept.

    A code of the side's table is told as it is; anything else is words.
    """
    return (text, "") if (by, text) in REASONS else (IN_WORDS[by], text)
