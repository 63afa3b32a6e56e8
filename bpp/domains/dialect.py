"""How one peer wants things spelled where the texts of the network disagree.

Inside there is one spelling: decimal category codes, upper-case order states. A dialect belongs to a peer's settings
and to an order (the case family of the buyer app's own ``confirm``); it is applied at the edge, in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from catalog.codes import CodeForm, to_decimal, to_hex

StatusCase = Literal["upper", "title"]
SellerActor = Literal["PRODUCER", "PROVIDER"]

ORDER_STATUSES = ("CREATED", "ACCEPTED", "IN-PROGRESS", "COMPLETED", "CANCELLED", "PENDING")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The spelling of one peer.

    ``category_form``: decision 22. ``status_case``: protocol 1.0, row "order.status": upper by default, best is to
    mirror the case of the buyer app's ``confirm.order.status``. ``cancelled_by_seller``: protocol 4.31.
    """

    category_form: CodeForm = "decimal"
    status_case: StatusCase = "upper"
    cancelled_by_seller: SellerActor = "PRODUCER"

    def spell_status(self, status: str) -> str:
        """An order status of ours (``IN-PROGRESS``) as this peer writes it (``In-progress``).

        Raises ValueError for a text that is none.
        """
        if status not in ORDER_STATUSES:
            raise ValueError(f"not an order status: {status!r}")
        return status.capitalize() if self.status_case == "title" else status

    def spell_category(self, code: str) -> str:
        """A category code of ours (``SRV11-1030``) as this peer writes it (``SRV11-101E``); other texts unchanged."""
        if self.category_form == "decimal":
            return code
        try:
            return to_hex(code)
        except ValueError:
            return code

    def read_category(self, code: str) -> str:
        """A category code of this peer as ours: decimal, upper case; wildcards and unknown texts unchanged.

        A suffix with A to F is hexadecimal from anybody; one of digits alone is hexadecimal only from a peer that
        counts so (decision 22). ``SRV11-100A`` and ``SRV11-1010`` are row 10, Home Cleaning.
        """
        try:
            return to_decimal(code, self.category_form)
        except ValueError:
            return code

    def mirroring(self, status: str | None) -> Dialect:
        """This dialect with the case family of a status as the peer itself wrote it; unchanged for none."""
        letters = "".join(char for char in status or "" if char.isalpha())
        if not letters:
            return self
        return replace(self, status_case="upper" if letters.isupper() else "title")


CANONICAL = Dialect()
"""Our own spelling, and the default towards peers that we know nothing about."""
