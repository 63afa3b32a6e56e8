"""Faults of catalogs, as the rules of beckn_schemas find them."""

from __future__ import annotations

from collections.abc import Callable

from beckn_schemas.strict_catalog import is_customization, tag_code
from tests.conformance.faults_search import Finds, any_search
from tests.conformance.faulty_seller import Honest, Json
from tests.conformance.planted import Changes, Planted, in_state, says

YESTERDAY = "2026-11-22T04:30:00.000Z"


def _row(check: str, name: str, seller: Honest) -> Planted:
    return Planted(check=check, name=name, seller=seller, scenario="times_of_a_provider")


def _rule(check: str, name: str, change: Callable[[Json], object]) -> Planted:
    """A fault in a catalog, shown by a search for everything."""
    return _row(check, name, Finds(any_search, change))


def _provider(catalog: Json, key: str = "items") -> Json:
    """The first provider that has this."""
    return next(one for one in catalog["providers"] if one.get(key))


def _service(catalog: Json) -> Json:
    return next(one for one in _provider(catalog)["items"] if not is_customization(one))


def _choice(catalog: Json) -> Json:
    provider = _provider(catalog, "categories")
    return next(one for one in provider["items"] if is_customization(one))


def _schedule(catalog: Json) -> Json:
    schedule: Json = _service(catalog)["time"]["schedule"]
    return schedule


def _area(catalog: Json, code: str, value: str) -> None:
    entries = _provider(catalog)["tags"][0]["list"]
    next(one for one in entries if tag_code(one) == code)["value"] = value


def _no_unit(catalog: Json) -> None:
    tag = _provider(catalog)["tags"][0]
    tag["list"] = [one for one in tag["list"] if tag_code(one) != "unit"]


def _same_id(catalog: Json) -> None:
    _provider(catalog)["items"][1]["id"] = _provider(catalog)["items"][0]["id"]


def _half_terms(catalog: Json) -> None:
    terms = next(one for one in _service(catalog)["tags"] if tag_code(one) == "reschedule_terms")
    del terms["list"][0]


def _backwards(catalog: Json) -> None:
    _schedule(catalog)["times"].reverse()


def _holiday(catalog: Json) -> None:
    _schedule(catalog)["holidays"] = _schedule(catalog)["times"][:1]


def _other_days(catalog: Json) -> None:
    _service(catalog)["time"]["days"] = ""


def _narrow(catalog: Json) -> None:
    time = _service(catalog)["time"]
    time["range"]["start"] = time["schedule"]["times"][-1]


def _group(catalog: Json) -> Json:
    group: Json = _provider(catalog, "categories")["categories"][0]
    return group


def _odd_tag(catalog: Json) -> None:
    _group(catalog)["tags"] = [
        {"descriptor": {"code": "choosing"}, "list": [{"descriptor": {"code": "seq"}, "value": "1"}]}
    ]


def _twice(catalog: Json) -> None:
    provider = _provider(catalog, "categories")
    provider["categories"].append(dict(provider["categories"][0]))


def _too_few(catalog: Json) -> None:
    rule = next(one for one in _group(catalog)["tags"] if tag_code(one) == "selection")
    rule["list"] = [one for one in rule["list"] if tag_code(one) not in {"min_selection", "max_selection"}]
    rule["list"].append({"descriptor": {"code": "min_selection"}, "value": "99"})


def _offer(catalog: Json) -> Json:
    offer: Json = _provider(catalog, "offers")["offers"][0]
    return offer


def _over(catalog: Json) -> None:
    _offer(catalog)["time"]["range"]["end"] = YESTERDAY


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="null for false",
        check="null",
        seller=Changes("on_status", says("message.order.provider.rateable", None)),
    ),
    Planted(
        name="a message_id that is no UUID",
        check="message_id",
        seller=Changes("on_status", says("context.message_id", "status-1"), where=in_state("In-Transit")),
    ),
    _rule("serviceability_codes", "no unit", _no_unit),
    _rule("serviceability_unit", "type and unit of different kinds", lambda one: _area(one, "unit", "miles")),
    _rule("serviceability_category", "another domain", lambda one: _area(one, "category", "RET10-1000")),
    _rule("serviceability_location", "a location that is not there", lambda one: _area(one, "location", "L99")),
    _rule("item_category", "another domain", lambda one: _service(one).update(category_ids=["RET10-1000"])),
    _rule("item_ids", "an id twice", _same_id),
    _rule("catalog_references", "a dangling location", lambda one: _service(one).update(location_ids=["L99"])),
    _rule("catalog_price", "for nothing", lambda one: _service(one)["price"].update(value="0.00")),
    _rule("item_tags", "three of four codes", _half_terms),
    _rule("schedule_order", "times backwards", _backwards),
    _rule("schedule_future", "yesterday", lambda one: _schedule(one)["times"].insert(0, YESTERDAY)),
    _rule("schedule_range", "times before the range", _narrow),
    _rule("schedule_weekday", "no weekday", _other_days),
    _rule("schedule_holiday", "a time on a holiday", _holiday),
    _rule("category_tags", "an unknown tag", _odd_tag),
    _rule("category_tree", "a group twice", _twice),
    _rule("customization_parent", "a choice of nothing", lambda one: _choice(one).update(parent_item_id="NOBODY")),
    _rule("category_choices", "more to choose than there is", _too_few),
    _rule("offer_validity", "an offer of yesterday", _over),
    _rule("offer_tags", "an offer without details", lambda one: _offer(one).update(tags=[])),
)
