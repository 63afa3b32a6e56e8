"""A rate list against the catalog: what each row would do, or why it is refused.

Rows of one offering are one thing: it is imported whole or not at all. What comes out as it is already is left alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.codes import domains
from catalog.load import CatalogData
from catalog.model import Offering, Provider, SubService
from catalog.ratelist.cells import unit_word
from catalog.ratelist.offers import Key, assumed, key_of, key_of_row, merged, new_id
from catalog.ratelist.outcome import Change, Checked, Outcome, RowResult
from catalog.ratelist.read import RateList
from catalog.ratelist.rows import Desk, Reading, name_service, names_of, read_row
from catalog.ratelist.rules import Wrong, broken_by_offering, broken_by_row
from catalog.ratelist.texts import say
from catalog.services import SERVICES, SUB_SERVICES, published_category

_OWN_WORDS = frozenset({"district", "price", "service", "sub_service", "serial", "id"})
"""Columns in which rows of one offering may differ."""


@dataclass(slots=True, kw_only=True)
class _Known:
    """The offerings there are: the provider's own by id and by each of their names, and every id that is taken."""

    own: Mapping[str, Offering]
    by_name: Mapping[Key, Sequence[str]]
    taken: set[str]

    def named(self, key: Key) -> list[Offering]:
        """The own offerings that a row of that key may speak of: those with every name that it gives.

        Where it gives none they have none either, but the sub-service's.
        """
        sub_service_id, name, name_hi = key
        given = [(sub_service_id, name, "-")] * bool(name) + [(sub_service_id, "-", name_hi)] * bool(name_hi)
        found = [self.by_name.get(one, ()) for one in given or [key]]
        return [self.own[one] for one in found[0] if all(one in others for others in found)]


@dataclass(slots=True)
class _Results:
    desk: Desk
    today: date
    rows: dict[int, RowResult] = field(default_factory=dict)
    offerings: list[Offering] = field(default_factory=list)
    spoken_of: set[str] = field(default_factory=set)


def check(rates: RateList, provider: Provider, data: CatalogData, today: date) -> Checked:
    """What a provider's rate list would do to the catalog on a day (Asia/Kolkata). Stores nothing."""
    desk = Desk(rates=rates, provider=provider)
    known = _known(provider, data)
    results = _Results(desk, today)
    groups: dict[str, list[Reading]] = {}
    for row in rates.rows:
        reading = read_row(row, desk)
        given = reading.values.get("id", "")
        before = known.own.get(given)
        if given in known.taken and before is None:
            desk.note(reading, "id", "foreign_id", {"found": given})
        name_service(reading, row, SUB_SERVICES.get(before.sub_service_id) if before else None, desk)
        _identify(reading, known, desk)
        if reading.offering_id:
            groups.setdefault(reading.offering_id, []).append(reading)
        else:
            results.rows[reading.number] = _refused(reading, desk)
    for offering_id, readings in groups.items():
        results.spoken_of.add(offering_id)
        _settle(known.own.get(offering_id), readings, results)
    return Checked(
        language=rates.language,
        rows=tuple(results.rows[row.number] for row in rates.rows),
        offerings=tuple(results.offerings),
        absent=tuple(one for one in known.own.values() if one.active and one.id not in results.spoken_of),
        unused=rates.unused,
    )


def _known(provider: Provider, data: CatalogData) -> _Known:
    own = {one.id: one for one in data.offerings if one.provider_id == provider.id}
    by_name: dict[Key, list[str]] = {}
    for one in own.values():
        sub_service_id, name, name_hi = key = key_of(one, SUB_SERVICES[one.sub_service_id])
        for part in {key, (sub_service_id, name, "-"), (sub_service_id, "-", name_hi)}:
            by_name.setdefault(part, []).append(one.id)
    taken = {one.id for one in data.offerings} | {choice.id for one in data.offerings for choice in one.customizations}
    return _Known(own=own, by_name=by_name, taken=taken)


def _identify(reading: Reading, known: _Known, desk: Desk) -> None:
    """Settle which offering a row speaks of: by its id, else by sub-service, names and unit, else a new one."""
    if any(fault.field == "id" for fault in reading.faults):
        return
    if reading.has("id"):
        reading.offering_id = reading.values["id"]
        return
    sub = reading.sub_service
    if sub is None:
        return
    key = key_of_row(reading, sub)
    unit = reading.values.get("unit")
    same = [one for one in known.named(key) if unit in (None, unit_word(one.unit))]
    same = [one for one in same if key_of(one, sub) == key] or same
    if len(same) > 1:
        ids = tuple(one.id for one in same)
        desk.note(reading, "id", "several_offerings", {"candidates": ", ".join(ids)}, ids)
    elif same:
        reading.offering_id = same[0].id
    else:
        reading.offering_id = new_id(desk.provider, key, unit or "job", known.taken)


def _settle(before: Offering | None, readings: list[Reading], results: _Results) -> None:
    """What comes of the rows of one offering."""
    desk = results.desk
    single = list(_without_repeated(readings, desk))
    first = single[0]
    for other in single[1:]:
        _agree(first, other, desk)
    sub = first.sub_service
    sound = sub is not None and not any(one.faults for one in single)
    if sound and sub and sub.domain not in domains():
        for one in single:
            results.rows[one.number] = _not_served(one, sub, desk)
    elif sound and sub:
        _offer(before, single, sub, results)
    _refuse_the_rest(readings, single, results)


def _offer(before: Offering | None, single: Sequence[Reading], sub: SubService, results: _Results) -> None:
    """The offering that sound rows make, unless a rule is against it; one that is the same as before is not judged."""
    desk = results.desk
    provider = desk.provider
    category = published_category(sub, SERVICES[sub.service_id].policy) or ""
    after = merged(before, single, sub, category, rates=desk.rates, provider=provider, today=results.today)
    if after != before:
        for row in single:
            _note_all(row, broken_by_row(row, sub, category, provider, desk.language), desk)
        _note_all(single[0], broken_by_offering(after, provider), desk)
    if any(row.faults for row in single):
        return
    if after != before:
        results.offerings.append(after)
    outcome: Outcome = "new" if before is None else "unchanged" if after == before else "changed"
    taken = {desk.rates.heading(name): _text(value) for name, value in assumed(before, after, single[0])}
    for row in single:
        results.rows[row.number] = RowResult(
            number=row.number,
            outcome=outcome,
            text=_published(after, sub, desk),
            offering_id=after.id,
            sub_service_id=sub.id,
            name=after.name_hi if desk.language == "hi" else after.name,
            domain=after.domain,
            category=after.category,
            changes=_changes(before, after),
            assumed=taken,
        )


def _without_repeated(readings: Sequence[Reading], desk: Desk) -> Iterator[Reading]:
    """The rows of an offering but for those that say the same district again, which are noted as duplicates."""
    seen: dict[str, int] = {}
    for reading in readings:
        places = reading.values.get("district") or ("",)
        again = next((seen[place] for place in places if place in seen), None)
        if again is None:
            seen.update(dict.fromkeys(places, reading.number))
            yield reading
        else:
            column = next((name for name in ("sub_service", "service", "name", "id") if reading.has(name)), "name_hi")
            desk.note(reading, column, "duplicate", {"row": again})


def _agree(first: Reading, other: Reading, desk: Desk) -> None:
    """Note where two rows of one offering say different things."""
    if first.sub_service and other.sub_service and first.sub_service != other.sub_service:
        values = {"row": first.number, "other": first.sub_service.id, "found": other.sub_service.id}
        desk.note(other, "sub_service", "contradicts", values)
    for column in {**first.values, **other.values}:
        if column in _OWN_WORDS:
            continue
        one, two = first.values.get(column), other.values.get(column)
        if one != two and other.has(column):
            values = {"row": first.number, "other": _text(one), "found": _text(two)}
            desk.note(other, column, "contradicts", values)


def _refuse_the_rest(readings: Sequence[Reading], single: Sequence[Reading], results: _Results) -> None:
    """Rows with faults are refused, and with one of them all that are needed for the same offering."""
    faulty = next((row.number for row in single if row.faults), 0)
    for row in readings:
        if row.faults:
            results.rows[row.number] = _refused(row, results.desk)
        elif row.number not in results.rows:
            text = say("held_back", results.desk.language, {"row": faulty})
            results.rows[row.number] = RowResult(
                number=row.number, outcome="held_back", text=text, offering_id=row.offering_id, assumed={}
            )


def _refused(row: Reading, desk: Desk) -> RowResult:
    sub = row.sub_service
    name, name_hi = names_of(row)
    return RowResult(
        number=row.number,
        outcome="refused",
        text=say("refused", desk.language, {}),
        offering_id=row.offering_id,
        sub_service_id=sub.id if sub else "",
        name=name or name_hi,
        assumed={},
        faults=tuple(row.faults),
    )


def _not_served(row: Reading, sub: SubService, desk: Desk) -> RowResult:
    return RowResult(
        number=row.number,
        outcome="not_served",
        text=say("not_served", desk.language, {"sub_service": desk.name_of(sub), "domain": sub.domain}),
        sub_service_id=sub.id,
        name=sub.name_hi if desk.language == "hi" else sub.name_en,
        assumed={},
    )


def _published(one: Offering, sub: SubService, desk: Desk) -> str:
    if not one.active:
        return say("switched_off", desk.language, {})
    if not one.on_network:
        return _portal_only(sub, desk)
    kind = "published_exact" if one.category == sub.code else "published_wildcard"
    values = {"domain": one.domain, "category": one.category, "service": desk.name_of(sub)}
    return say(kind, desk.language, values)


def _portal_only(sub: SubService, desk: Desk) -> str:
    service = SERVICES[sub.service_id]
    trade = f"{service.name_hi if desk.language == 'hi' else service.name_en} ({service.id})"
    kind = "portal_off" if service.policy == "off" else "portal_no_code"
    return say(kind, desk.language, {"sub_service": desk.name_of(sub), "service": trade})


def _changes(before: Offering | None, after: Offering) -> tuple[Change, ...]:
    if before is None:
        return ()
    names = (one.name for one in dataclasses.fields(Offering))
    return tuple(
        Change(field=name, before=_text(getattr(before, name)), after=_text(getattr(after, name)))
        for name in names
        if getattr(before, name) != getattr(after, name)
    )


def _note_all(row: Reading, broken: Iterable[Wrong], desk: Desk) -> None:
    for one in broken:
        column = one.column if one.column != "sub_service" or row.has("sub_service") else "service"
        desk.note(row, column, one.kind, one.values)


def _text(value: Any) -> str:
    """A value of an offering for people to read."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(one)}" for key, one in value.items())
    if isinstance(value, tuple):
        return "; ".join(map(_text, value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
