"""What a run asks a seller for: where the customer lives, and which services fit which scenario.

Without a plan, the first bookable service of each domain is taken; a plan (a TOML file, see ``PLAN_EXAMPLE``) names
better ones: which is sold with customisations, which ends in a further quotation, which has one worker only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bpp.sandbox.identities import DOMAINS
from bpp.sandbox.places import GOMTI_NAGAR, Place, place_at

PLAN_EXAMPLE = """\
[place]                      # where the customer lives; the seller serves it
area_code = "226010"
gps = "26.850000,80.999000"
city = "Lucknow"
std = "std:0522"

[elsewhere]                  # a place that no provider of the seller serves
area_code = "560001"
gps = "12.971600,77.594600"
city = "Bengaluru"
std = "std:080"

[domains.SRV11.service]      # an ordinary job; words, category, provider and item narrow it down
words = "tap repair"

[domains.SRV11.survey]       # a visit after which more is quoted for
words = "painting consultation"
quoted = { title = "Two rooms painted", price = "9000.00" }

[domains.SRV11.customised]   # sold with choices; the units of each by item id, found out where none are named
words = "cook on demand"
choices = { "AMIN-COOK-PERSON" = 2 }

[domains.SRV11.scarce]       # only one visit at a time can be booked
words = "painting consultation"
provider = "P-INDIRA"
"""


class PlanError(ValueError):
    """A plan that cannot be read; the text says where and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A service to be looked for: words, a category or both, and the ids of the one meant where there are several."""

    words: str = ""
    category: str = ""
    provider: str = ""
    item: str = ""
    choices: Mapping[str, int] = field(default_factory=dict)
    quoted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted in one domain. None where the plan names nothing: then ``service`` serves, or nothing does."""

    service: Wanted
    survey: Wanted
    customised: Wanted | None = None
    scarce: Wanted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``domains`` in the order in which they are played."""

    place: Place = GOMTI_NAGAR
    elsewhere: Place = field(
        default=Place(name="Bengaluru", area_code="560001", gps="12.971600,77.594600", city="Bengaluru", std="std:080")
    )
    domains: Mapping[str, Wishes] = field(default_factory=lambda: {domain: wishes({}, domain) for domain in DOMAINS})


def read_plan(text: str) -> Plan:
    """The plan of a TOML text. Raises ``PlanError``."""
    try:
        document = tomllib.loads(text)
        _only({"place", "elsewhere", "domains"}, document, "the plan")
        _only({one.removeprefix("ONDC:") for one in DOMAINS}, document.get("domains", {}), "domains")
        named = {f"ONDC:{name}": wishes(table, f"ONDC:{name}") for name, table in document.get("domains", {}).items()}
        defaults = Plan()
        return Plan(
            place=_place(document["place"]) if "place" in document else defaults.place,
            elsewhere=_place(document["elsewhere"]) if "elsewhere" in document else defaults.elsewhere,
            domains=named or defaults.domains,
        )
    except tomllib.TOMLDecodeError as problem:
        raise PlanError(f"no TOML: {problem}") from problem
    except PlanError:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise PlanError(f"{type(problem).__name__} {problem}") from problem


def _only(known: Collection[str], table: Mapping[str, Any], where: str) -> None:
    """A name that is none is refused: what it was meant to say would silently not hold."""
    if unknown := [name for name in table if name not in known]:
        raise PlanError(f"{where} has no {', '.join(unknown)}; there are {', '.join(sorted(known))}")


def wishes(table: Mapping[str, Any], domain: str) -> Wishes:
    """The wishes of a domain from its table of a plan; anything bookable where it names no service."""
    anything = Wanted(category=f"{domain.removeprefix('ONDC:')}-*")
    _only({one.name for one in fields(Wishes)}, table, domain)
    for kind, wanted in table.items():
        _only({one.name for one in fields(Wanted)}, wanted, f"{domain} {kind}")
    service = Wanted(**table["service"]) if "service" in table else anything
    return Wishes(
        service=service,
        survey=Wanted(**table["survey"]) if "survey" in table else service,
        customised=Wanted(**table["customised"]) if "customised" in table else None,
        scarce=Wanted(**table["scarce"]) if "scarce" in table else None,
    )


def _place(table: Mapping[str, str]) -> Place:
    known = place_at(table["area_code"], table.get("gps", ""))
    return Place(
        name=table.get("name", known.name),
        area_code=known.area_code,
        gps=known.gps,
        city=table.get("city", known.city),
        std=table.get("std", known.std),
    )
