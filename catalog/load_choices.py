"""Customisation and offers of a catalog being loaded: rows put together with their offerings and providers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from catalog.choice_faults import CatalogFault, offer_faults, offering_faults
from catalog.customization import Customization, CustomizationCategory, Offer
from catalog.load_rows import Row, Rows
from catalog.model import Offering, Provider

T = TypeVar("T")


def link_choices(rows: Rows, tables: Mapping[str, list[Row]], offerings: Iterable[Offering]) -> tuple[Offering, ...]:
    """The offerings with the categories and customisations of sound rows."""
    offerings = tuple(offerings)
    ids = {one.id for one in offerings}
    linked = []
    for offering in offerings:
        parts = {
            "categories": _of(tables["customization_categories.csv"], "offering_id", offering.id),
            "customizations": _of(tables["customizations.csv"], "offering_id", offering.id),
        }
        made = replace(
            offering,
            categories=tuple(_made(CustomizationCategory, row) for row in parts["categories"]),
            customizations=tuple(_made(Customization, row) for row in parts["customizations"]),
        )
        _note(rows, parts, offering_faults(made, ids, ()))  # the tables themselves tell their rows apart by id
        linked.append(made)
    return tuple(linked)


def link_offers(
    rows: Rows, tables: Mapping[str, list[Row]], providers: Iterable[Provider], offerings: Iterable[Offering]
) -> tuple[Provider, ...]:
    """The providers with the offers of sound rows."""
    offerings = tuple(offerings)
    linked = []
    for provider in providers:
        parts = {"offers": _of(tables["offers.csv"], "provider_id", provider.id)}
        made = replace(provider, offers=tuple(_made(Offer, row) for row in parts["offers"]))
        own = [one for one in offerings if one.provider_id == provider.id]
        _note(rows, parts, offer_faults(made, own, ()))
        linked.append(made)
    return tuple(linked)


def _of(table: Iterable[Row], column: str, owner: str) -> list[Row]:
    return [row for row in table if row.sound and row[column] == owner]


def _made(kind: type[T], row: Row) -> T:
    """The value of a row: its columns bear the names of the fields."""
    fields: Any = kind
    return kind(**{one.name: row[one.name] for one in dataclasses.fields(fields)})


def _note(rows: Rows, parts: Mapping[str, list[Row]], faults: Iterable[CatalogFault]) -> None:
    for fault in faults:
        rows.note(parts[fault.part][fault.index or 0], fault.field, fault.text)
