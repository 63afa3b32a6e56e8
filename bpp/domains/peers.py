"""Whose word counts for a peer's dialect: what is configured, else what its messages showed, else our own spelling.

One exception (decision 22): that digits alone are a hexadecimal category code is never learned, since 51 codes mean
different services in the two forms. A peer that was seen to count so is given hexadecimal codes only where a letter
makes them clear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, cast, get_args

from beckn_schemas.spellings import CategoryForm, FeeSpelling, SellerActor, StatusCase
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.orders.model import Peer

Trait = Literal["status_case", "cancelled_by", "categories", "finder_fee", "search_finder_fee"]
Origin = Literal["configured", "learned", "default"]

KNOWN: Final[Mapping[Trait, frozenset[str]]] = {
    "status_case": frozenset(get_args(StatusCase)),
    "cancelled_by": frozenset(get_args(SellerActor)),
    "categories": frozenset(get_args(CategoryForm)),
    "finder_fee": frozenset(get_args(FeeSpelling)),
    "search_finder_fee": frozenset(get_args(FeeSpelling)),
}
"""Every trait that a message may show, with its values. ``finder_fee`` is that of payments."""

LIKE_PAYMENTS: Final = frozenset({"Buyer_Finder_Fee", "Buyer_finder_fee"})
"""Spellings of a search that its sender uses in payments, too. Those who write ``finder_fee_type`` in a search write
``Buyer_Finder_Fee_Type`` in payments (protocol 1.0, row "finder fee")."""

NOTHING: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A trait's value and where it comes from."""

    value: str
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class Dialects:
    """The settings of every peer's dialect: ``configured`` by subscriber id and trait, and our own default."""

    configured: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cancelled_by: SellerActor = "PRODUCER"

    @cached_property
    def default(self) -> Dialect:
        """The dialect of a peer of which nothing is known."""
        return Dialect(cancelled_by_seller=self.cancelled_by)

    def choose(self, peer: str, learned: Mapping[str, str] = NOTHING) -> Mapping[Trait, Chosen]:
        """The traits by which a peer is spoken to; ``learned`` are those that its messages showed last."""
        said = self.configured.get(peer, NOTHING)
        seen = {trait: learned[trait] for trait, values in KNOWN.items() if learned.get(trait) in values}
        if "finder_fee" not in seen and seen.get("search_finder_fee") in LIKE_PAYMENTS:
            seen["finder_fee"] = seen["search_finder_fee"]
        chosen: dict[Trait, Chosen] = {}
        for trait, default in self._defaults().items():
            if trait in said:
                chosen[trait] = Chosen(said[trait], "configured")
            elif trait in seen:
                chosen[trait] = Chosen(seen[trait], "learned")
            else:
                chosen[trait] = Chosen(default, "default")
        return chosen

    def of(self, peer: str, learned: Mapping[str, str] = NOTHING) -> Dialect:
        """The dialect of a peer; without ``learned`` it is the one in which its messages are read."""
        if not learned and peer not in self.configured:
            return self.default
        chosen = self.choose(peer, learned)
        categories = chosen["categories"]
        hexadecimal = categories.value == "hex"
        return Dialect(
            category_form="hex" if hexadecimal and categories.origin == "configured" else "decimal",
            hex_letters=hexadecimal and categories.origin == "learned",
            status_case=cast("StatusCase", chosen["status_case"].value),
            cancelled_by_seller=cast("SellerActor", chosen["cancelled_by"].value),
            finder_fee=cast("FeeSpelling", chosen["finder_fee"].value),
        )

    def kept(self, peer: Peer | None) -> Dialect:
        """The dialect that an order was made with; the default where it says nothing."""
        if peer is None:
            return self.default
        return Dialect(
            status_case=peer.status_case,
            cancelled_by_seller=peer.cancelled_by or self.cancelled_by,
            finder_fee=peer.finder_fee,
        )

    def _defaults(self) -> Mapping[Trait, str]:
        return {
            "status_case": CANONICAL.status_case,
            "cancelled_by": self.cancelled_by,
            "categories": CANONICAL.category_form,
            "finder_fee": CANONICAL.finder_fee,
        }


UNCONFIGURED: Final = Dialects()
"""No peer is configured."""
