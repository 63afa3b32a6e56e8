"""How one peer wants things spelled where the texts of the network disagree.

Inside there is one spelling: decimal category codes, upper-case order states. A dialect belongs to a peer
(``bpp.domains.peers`` says how it is chosen) and to an order, which keeps the one it was made with; it is applied at
the edge, in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass

from beckn_schemas.spellings import CategoryForm, FeeSpelling, SellerActor, StatusCase
from catalog.codes import to_decimal, to_hex

ORDER_STATUSES = ("CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED", "PENDING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The spelling of one peer.

    ``category_form``: how digits are read and codes spelled (decision 22). ``hex_letters``: codes whose hexadecimal
    suffix has a letter, which nobody can misread, are spelled so in spite of a decimal form. ``status_case``: protocol
    1.0, row "order.status". ``cancelled_by_seller``: protocol 4.31. ``finder_fee``: protocol 1.0, row "finder fee".
    """

    category_form: CategoryForm = "decimal"
    hex_letters: bool = False
    status_case: StatusCase = "upper"
    cancelled_by_seller: SellerActor = "PRODUCER"
    finder_fee: FeeSpelling = "Buyer_Finder_Fee"

    def spell_status(self, status: str) -> str:
        """An order status of ours (``IN-PROGRESS``) as this peer writes it (``In-progress``).

        Raises ValueError for a text that is none.
        """
        if status not in ORDER_STATUSES:
            raise ValueError(f"not an order status: {status!r}")
        return status.capitalize() if self.status_case == "title" else status

    def spell_category(self, code: str) -> str:
        """A category code of ours (``SRV11-1030``) as this peer writes it (``SRV11-101E``); other texts unchanged.

        Never in a form that this dialect would read back as another service.
        """
        if self.category_form == "decimal" and not self.hex_letters:
            return code
        try:
            spelled = to_hex(code)
        except ValueError:
            return code
        return spelled if self.read_category(spelled) == code else code

    def read_category(self, code: str) -> str:
        """A category code of this peer as ours: decimal, upper case; wildcards and unknown texts unchanged.

        A suffix with A to F is hexadecimal from anybody; one of digits alone is hexadecimal only from a peer that
        counts so (decision 22). ``SRV11-100A`` and ``SRV11-1010`` are row 10, Home Cleaning.
        """
        try:
            return to_decimal(code, self.category_form)
        except ValueError:
            return code


CANONICAL = Dialect()
"""Our own spelling, and the default towards peers that we know nothing about."""
