"""Synthetic providers: places near the headquarters of their districts, areas of every kind, terms, hours, papers."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from catalog.codes import wildcard_of
from catalog.customization import Offer
from catalog.model import (
    Area,
    AreaKind,
    CancellationTerm,
    Credential,
    Gps,
    Hours,
    Location,
    Provider,
    RescheduleTerm,
    Terms,
)
from catalog.money import Money
from catalog.places import districts, std_codes
from catalog.synthetic.chances import PROVIDERS, draw, happens
from catalog.synthetic.plan import Plan, pincodes_of
from catalog.synthetic.rates import trades
from catalog.synthetic.words import FIRMS

IMAGE = "https://static.example.in/sewamitra/demo.png"
FIRST_PHONE = 9_000_001_000
"""The demonstration's numbers go on from here: a provider each, then a worker each."""
YEARS = timedelta(days=365)
WEEK, SIX_DAYS = (1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5, 6)
HOURS = (
    Hours(days=WEEK, opens=time(9), closes=time(18)),
    Hours(days=WEEK, opens=time(8), closes=time(20)),
    Hours(days=SIX_DAYS, opens=time(10), closes=time(19)),
)
_SPREAD = 0.06  # degrees round the headquarters, about 6 km
_TERMS = tuple(
    Terms(
        cancellation=(
            CancellationTerm(state="Pending", cancel_by=lead, fee=Money(0)),
            CancellationTerm(state="In-Transit", cancel_by="PT1H", fee=Money(fee)),
            CancellationTerm(state="At-Location", cancel_by="PT0S", percentage=Decimal(share)),
        ),
        reschedule=(
            RescheduleTerm(state="Pending", eligible=True, fee=Money(0), within=lead),
            RescheduleTerm(state="In-Transit", eligible=False, fee=Money(0), within="PT1H"),
            RescheduleTerm(state="At-Location", eligible=False, fee=Money(0), within="PT0S"),
        ),
    )
    for lead, fee, share in (("PT4H", 5_000, 20), ("PT2H", 9_900, 25), ("PT12H", 4_900, 10))
)


def provider_of(plan: Plan, today: date, rng: Random) -> Provider:
    """The provider of a plan. About one in twelve is suspended or has no agreement in force; no anchor is."""
    key = f"SYN-P{plan.number:05d}"
    home = districts()[plan.districts[0]]
    word, word_hi = FIRMS[plan.number % len(FIRMS)]
    label, label_hi = ("Demo Services", "डेमो सर्विसेज") if plan.kind == "firm" else ("Demo", "डेमो")
    locations = tuple(_location(plan, number, lgd, rng) for number, lgd in enumerate(plan.districts, start=1))
    return Provider(
        id=key,
        kind=plan.kind,
        name=f"{home.name_en} {word} {label}",
        name_hi=f"{home.name_hi} {word_hi} {label_hi}",
        code=key,
        short_desc="Services at home (synthetic demonstration data)",
        long_desc=f"Services at home in {home.name_en}. Synthetic data: there is no such provider.",
        image=IMAGE,
        phone=str(FIRST_PHONE + plan.number),
        email=f"{key.lower()}@example.in",
        gstin=f"09AAAAA{1000 + plan.number:04d}A1Z5" if happens(f"a registered {plan.kind}", rng) else "",
        districts=plan.districts,
        locations=locations,
        areas=tuple(_areas(plan, locations, rng)),
        hours=HOURS[0] if plan.anchor else rng.choice(HOURS),
        terms=rng.choice(_TERMS),
        creds=(Credential(id="C1", type="License", desc="Agreement with the Samiti (synthetic)", url=IMAGE),),
        offers=_offers(key, today, rng),
        acceptance="manual" if not plan.anchor and happens("accepts by hand", rng) else "auto",
        tracking=happens("tracks", rng),
        services=_services(plan, rng),
        has_pan=not happens("no pan", rng),
        worker_share=Decimal(0) if plan.kind == "individual" else Decimal(rng.choice((0, 0, 60, 70))),
        **_standing(plan, today, rng),
    )


def near(centre: Gps, rng: Random) -> Gps:
    """A point some kilometres from a centre, most likely close to it."""
    lat, lon = (max(-2.5, min(2.5, rng.gauss(0, 1))) * _SPREAD for _ in range(2))
    return Gps(round(centre.lat + lat, 6), round(centre.lon + lon, 6))


def _standing(plan: Plan, today: date, rng: Random) -> Mapping[str, Any]:
    """Status and agreement."""
    in_force = {"agreement_from": today - YEARS, "agreement_until": today + 5 * YEARS}
    match "in force" if plan.anchor else draw(PROVIDERS, rng):
        case "suspended":
            return {"status": "suspended", **in_force}
        case "expired":
            return {"agreement_from": today - 2 * YEARS, "agreement_until": today - timedelta(days=30)}
        case "to come":
            return {"agreement_from": today + timedelta(days=30), "agreement_until": today + YEARS}
        case _:
            return in_force


def _location(plan: Plan, number: int, lgd: str, rng: Random) -> Location:
    place = districts()[lgd]
    return Location(
        id=f"L{number}",
        gps=near(place.headquarters, rng),
        address=f"Demo House {plan.number}, {place.headquarters_name}",
        city=place.headquarters_name,
        std=std_codes(lgd).all[0],
        area_code=rng.choice(pincodes_of(lgd)),
        district=lgd,
    )


def _areas(plan: Plan, locations: tuple[Location, ...], rng: Random) -> Iterator[Area]:
    """For each domain and place one area; an anchor serves every pincode of its district."""
    kind: AreaKind = "11" if plan.anchor else rng.choices(tuple(_VALUES), (60, 20, 15, 5))[0]
    domains = dict.fromkeys(sub.domain for trade in plan.trades for sub, _ in trades()[trade])
    for place in locations:
        val = _VALUES[kind](place, plan, rng)
        for domain in domains:
            yield Area(location_id=place.id, category=wildcard_of(domain), kind=kind, val=val)


def _kilometres(_place: Location, _plan: Plan, rng: Random) -> str:
    return str(rng.randint(8, 40))


def _pincodes(place: Location, plan: Plan, rng: Random) -> str:
    every = pincodes_of(place.district)
    drawn = every if plan.anchor else rng.sample(every, max(1, len(every) * 3 // 4))
    return ",".join(sorted({*drawn, place.area_code}))


def _state(_place: Location, _plan: Plan, _rng: Random) -> str:
    return "IN-UP"


def _ring(place: Location, _plan: Plan, rng: Random) -> str:
    """An octagon round the place, longitude first."""
    radius = rng.uniform(0.08, 0.25)
    corners = [
        [
            round(place.gps.lon + radius * math.cos(step * math.pi / 4), 5),
            round(place.gps.lat + radius * math.sin(step * math.pi / 4), 5),
        ]
        for step in range(8)
    ]
    geometry = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}, separators=(",", ":"))


_VALUES: Mapping[AreaKind, Callable[[Location, Plan, Random], str]] = {
    "10": _kilometres,
    "11": _pincodes,
    "12": _state,
    "13": _ring,
}


def _services(plan: Plan, rng: Random) -> Mapping[str, tuple[str, ...]]:
    """Some firms offer only half their trades in the last of their districts (rule R4)."""
    if len(plan.districts) == 1 or not happens("fewer services elsewhere", rng):
        return {}
    return {plan.districts[-1]: plan.trades[: (len(plan.trades) + 1) // 2]}


def _offers(key: str, today: date, rng: Random) -> tuple[Offer, ...]:
    if not happens("an offer", rng):
        return ()
    tenth_off = Offer(
        id=f"{key}-OFF10",
        kind="Disc_Pct",
        name="10% off",
        name_hi="10% छूट",
        short_desc="10% off orders of Rs 499 or more",
        long_desc="10% off any order of Rs 499 or more, up to Rs 100, when you ask for it.",
        percentage=Decimal(10),
        max_benefit=Money(10_000),
        min_value=Money(49_900),
        valid_from=today - YEARS,
        valid_until=today + YEARS,
    )
    return (tenth_off,)
