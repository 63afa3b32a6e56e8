"""Words that participants write in more than one way, and the ways there are.

Source: protocol 1.0, rows "order.status", "finder fee" and "category ids"; 4.16, 4.18 and 4.31.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

StatusCase = Literal["upper", "title"]
SellerActor = Literal["PRODUCER", "PROVIDER"]
CategoryForm = Literal["decimal", "hex"]
FeeSpelling = Literal["Buyer_Finder_Fee", "Buyer_finder_fee", "finder_fee"]

FEE_CODES: Final[Mapping[FeeSpelling, tuple[str, str]]] = {
    "Buyer_Finder_Fee": ("Buyer_Finder_Fee_Type", "Buyer_Finder_Fee_Amount"),
    "Buyer_finder_fee": ("Buyer_finder_fee_type", "Buyer_finder_fee_amount"),
    "finder_fee": ("finder_fee_type", "finder_fee_amount"),
}
"""The codes of the fee's type and of its amount in each spelling; the first is ours."""


class Spelling(BaseModel):
    """How one participant spells, as far as it is said; None where nothing is said.

    ``status_case``: ``IN-PROGRESS`` or ``In-progress``. ``cancelled_by``: the seller in a cancellation. ``categories``:
    how category codes are numbered. ``finder_fee``: the codes of the fee in a payment's tags.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    status_case: StatusCase | None = None
    cancelled_by: SellerActor | None = None
    categories: CategoryForm | None = None
    finder_fee: FeeSpelling | None = None
