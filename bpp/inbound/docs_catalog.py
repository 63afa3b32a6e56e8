"""What the catalog of now supports: where we come, what is sold under which code, how it is paid and given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from bpp.core.pay import collector_of
from bpp.inbound.docs_sections import Section, section, text_of
from catalog.codes import domain_of, is_wildcard, ondc_codes, to_hex
from catalog.model import CancellationTerm, Offering, Provider, RescheduleTerm
from catalog.places import districts
from catalog.snapshot import Catalog, offered, on_sale


def catalog_sections(catalog: Catalog, today: date) -> Iterator[Section]:
    """The sections of a catalog on a day; counts are of what is on sale then."""
    selling = [one for one in catalog.providers.values() if on_sale(one, today)]
    sold = [
        one
        for provider in selling
        for one in catalog.offerings_of.get(provider.id, ())
        if one.category and offered(one, today)
    ]
    yield section(
        "places",
        "Where we come",
        ("district", "city.code", "LGD code", "providers"),
        _places(selling),
        "A place is found by its pincode, then by its gps; the city code is a hint.",
    )
    yield section(
        "categories",
        "Category codes",
        ("code", "hexadecimal", "name", "name in Hindi", "offered now"),
        _categories(sold),
        "A code that is not offered is answered with silence. A wildcard means every service of its domain.",
    )
    yield section("payments", "Payment types", ("type", "collected by", "offered with"), _payments(sold))
    yield section(
        "cancellation_terms",
        "Cancellation terms",
        ("until state", "cancel_by", "fee", "reason required", "providers"),
        _counted(_cancellation(term) for one in selling for term in one.terms.cancellation),
        "Each order carries those of its provider; they stay as they were agreed to.",
    )
    yield section(
        "reschedule_terms",
        "Reschedule terms",
        ("in state", "possible", "fee", "within", "providers"),
        _counted(_reschedule(term) for one in selling for term in one.terms.reschedule),
    )


def _places(selling: list[Provider]) -> Iterator[tuple[str, str, str, int]]:
    serving = Counter(lgd for one in selling for lgd in one.districts)
    for lgd, place in districts().items():
        if serving[lgd]:
            yield place.name_en, ", ".join(f"std:{code}" for code in place.std.all), lgd, serving[lgd]


def _categories(sold: list[Offering]) -> Iterator[tuple[str, str, str, str, int]]:
    counts = Counter(one.category for one in sold)
    for one in ondc_codes().values():
        yield one.code, to_hex(one.code), one.name_en, one.name_hi, counts[one.code]
    for code in sorted(filter(is_wildcard, counts)):
        yield code, code, f"Services of {domain_of(code)} without a code", "", counts[code]


def _payments(sold: list[Offering]) -> Iterator[tuple[str, str, int]]:
    counts = Counter(kind for one in sold for kind in one.payment_types)
    return ((kind, collector_of(kind), count) for kind, count in sorted(counts.items()))


def _cancellation(term: CancellationTerm) -> tuple[str, ...]:
    fee = f"INR {term.fee}" if term.fee is not None else f"{term.percentage:f} %"
    return term.state, term.cancel_by, fee, text_of(term.reason_required)


def _reschedule(term: RescheduleTerm) -> tuple[str, ...]:
    return term.state, text_of(term.eligible), f"INR {term.fee}", term.within


def _counted(terms: Iterator[tuple[str, ...]]) -> Iterator[tuple[object, ...]]:
    """Each term once, with how many providers have it."""
    return ((*term, count) for term, count in Counter(terms).items())
