"""The customisations in a selection: whose they are, whether they may be, and when they let a visit begin."""

from __future__ import annotations

from collections.abc import Iterable

from bpp.core.wanted import Line, Selection
from bpp.errors import BusinessError, ChoiceMissing, ItemNotFound, QuantityExceeded
from catalog.choices import Chosen, fault, hours_of
from catalog.customization import TimeOfDay
from catalog.model import Offering
from catalog.snapshot import Catalog


def check_parents(wanted: Selection, catalog: Catalog) -> None:
    """Raise ItemNotFound for a customisation whose base item is not selected, or is another than the one named.

    The items themselves are known. A missing ``parent_item_id`` is tolerated (assertion 23): an item has one parent.
    """
    selected = {line.item_id for line in wanted.lines}
    for index, line in enumerate(wanted.lines):
        base = base_of(line, catalog)
        if base is None:
            continue
        if line.parent_item_id not in ("", base.id):
            path = f"message.order.items[{index}].parent_item_id"
            raise ItemNotFound(f"item {line.item_id!r} customises item {base.id!r}", path=path)
        if base.id not in selected:
            path = f"message.order.items[{index}].id"
            raise ItemNotFound(f"item {line.item_id!r} customises item {base.id!r}, which is not selected", path=path)


def wrong_choice(wanted: Selection, catalog: Catalog) -> BusinessError | None:
    """What is wrong with the customisations chosen of the offerings selected, or None (assertion 24)."""
    chosen: dict[str, list[Chosen]] = {}
    for line in wanted.lines:
        if base := base_of(line, catalog):
            chosen.setdefault(base.id, []).append(_chosen(line, base))
    for offering in _bases(wanted.lines, catalog):
        if found := fault(offering, chosen.get(offering.id, ())):
            return ChoiceMissing(found.text) if found.kind == "too_few" else QuantityExceeded(found.text)
    return None


def hours_chosen(line: Line, catalog: Catalog) -> tuple[TimeOfDay, ...]:
    """The hours in which a visit for a line may begin; none where it does not matter."""
    base = base_of(line, catalog)
    return hours_of(base, _chosen(line, base)) if base is not None else ()


def base_of(line: Line, catalog: Catalog) -> Offering | None:
    """The offering that a line customises, or None where the line is no customisation."""
    item = catalog.customizations.get(line.item_id)
    return catalog.offerings[item.parent_item_id] if item is not None else None


def _bases(lines: Iterable[Line], catalog: Catalog) -> Iterable[Offering]:
    named = dict.fromkeys(line.item_id for line in lines)
    return (offering for item_id in named if (offering := catalog.offerings.get(item_id)) is not None)


def _chosen(line: Line, base: Offering) -> Chosen:
    customization = next(one for one in base.customizations if one.id == line.item_id)
    return Chosen(customization=customization, count=line.count, category_ids=line.category_ids)
