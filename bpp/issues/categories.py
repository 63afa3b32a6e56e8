"""What is complained of in services: the codes of both versions, and their names.

No sheet of services' categories is public, so this is the recommended subset of the general ones (network reference
1.6; enumerations, services_subset_rec). Any other code is taken as it comes and read by a person: none is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bpp.issues.model import Complaint
from bpp.orders.words import Words

SENT_V1: Final = frozenset({"ITEM", "FULFILLMENT"})
"""The categories of 1.0.0 that we send: the certification's reader takes no others (1.6)."""


@dataclass(frozen=True, slots=True)
class Category:
    """One thing to complain of: category and sub-category of 1.0.0, the code of 2.0.0, and what people call it.

    A code that one version lacks is empty. ``by_seller``: we raise it, buyers do not.
    """

    v1: tuple[str, str]
    v2: str
    label: Words
    by_seller: bool = False

    @property
    def code(self) -> str:
        """By what it is named where it is one name: as 2.0.0 does, else by its sub-category."""
        return self.v2 or self.v1[1]


CATEGORIES: Final[tuple[Category, ...]] = (
    Category(("ORDER", "ORD01"), "ORD001", Words("Nobody came", "कोई नहीं आया")),
    Category(("ORDER", "ORD02"), "ORD002", Words("The service as a whole was poor", "पूरी सेवा ठीक नहीं रही")),
    Category(("ORDER", "ORD03"), "ORD003", Words("The service was late", "सेवा में देरी हुई")),
    Category(
        ("ITEM", "ITM03"),
        "ITM003",
        Words("Another service or part than was booked", "बुकिंग से अलग सेवा या पुर्ज़ा"),
    ),
    Category(("ITEM", "ITM04"), "ITM004", Words("Poor work or a poor part", "काम या पुर्ज़ा घटिया है")),
    Category(
        ("FULFILLMENT", "FLM03"),
        "FLM004",
        Words("The visit was late or the work is not finished", "आने में देरी हुई या काम अधूरा है"),
    ),
    Category(
        ("FULFILLMENT", "FLM08"),
        "FLM011",
        Words("The visit is marked as done and is not", "काम हुए बिना पूरा दिखाया गया"),
    ),
    Category(("AGENT", "AGT01"), "AGT001", Words("The worker's behaviour or safety", "सेवामित्र का व्यवहार या सुरक्षा")),
    Category(("PAYMENT", "PMT01"), "", Words("Payment, refund or settlement", "भुगतान, वापसी या हिसाब")),
    Category(
        ("", ""),
        "VIS001",
        Words("The seller is not shown by the buyer app", "बायर ऐप में विक्रेता नहीं दिख रहा"),
        by_seller=True,
    ),
)
UNKNOWN: Final = Words("Another matter", "कोई और बात")


def category_of(complaint: Complaint) -> Category | None:
    """The row of a complaint; None where its codes are none of ours, so that a person reads it."""
    for one in CATEGORIES:
        if complaint.sub_category and one.v1 == (complaint.category, complaint.sub_category):
            return one
        if one.code == complaint.code:
            return one
    return None


def complaints_about(against: Literal["us", "buyer_app"]) -> tuple[Category, ...]:
    """What may be complained of: by customers about us, or by us about a buyer app."""
    return tuple(one for one in CATEGORIES if one.by_seller is (against == "buyer_app"))


def label(complaint: Complaint) -> Words:
    """What it is called, in both languages."""
    known = category_of(complaint)
    return known.label if known else UNKNOWN


def code_of(category: str, sub_category: str) -> str:
    """The code of 2.0.0 for a pair of 1.0.0; the sub-category itself where there is none."""
    return next((one.v2 for one in CATEGORIES if one.v1 == (category, sub_category) and one.v2), sub_category)


def pair_of(complaint: Complaint) -> tuple[str, str] | None:
    """The pair of 1.0.0 under which a complaint of ours can be sent, or None (``SENT_V1``)."""
    known = category_of(complaint)
    return known.v1 if known and known.v1[0] in SENT_V1 else None
