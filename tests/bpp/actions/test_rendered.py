"""An on_search joined of parts is byte for byte the one written at once, and breaks no rule that it must keep."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beckn_schemas.invariants import check_callback
from bpp.actions.contract import Reply
from bpp.actions.fragments import Kept
from bpp.actions.on_search import catalog as plain_catalog
from bpp.actions.outgoing import Addressee, Dispatch, InvalidCallback, callback_for
from bpp.actions.rendered import Rendered, catalog_reply
from bpp.core.find import Bookable, Found, bounded, find
from bpp.core.world import World
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.storage.engine import open_storage
from catalog.availability import CELL
from catalog.discounts import in_force
from catalog.load import DEMO, read_catalog
from catalog.model import Provider, Rating
from catalog.search import Place, Query
from catalog.snapshot import Catalog, offered
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import SCALES
from signing.signature import digest
from tests.support.catalog_builders import LUCKNOW, a_customization, a_provider, an_offer, an_offering
from tests.support.couriers import IDENTITY, OTP_SECRET, RULES
from tests.support.ids import IdSource

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
SRV11 = "ONDC:SRV11"
HOUR = timedelta(hours=1)
HOURS = tuple(NOW.replace(minute=0) + step * HOUR for step in range(1, 6))
DEMONSTRATION = read_catalog(DEMO)
CATALOG = Catalog.build(
    version=1,
    providers=[
        replace(one, rating=Rating(sum=9, count=2) if index % 2 else Rating())
        for index, one in enumerate(DEMONSTRATION.providers)
    ],
    offerings=DEMONSTRATION.offerings,
    workers=DEMONSTRATION.workers,
)
DIALECTS = (CANONICAL, Dialect(category_form="hex"), Dialect(hex_letters=True), Dialect(status_case="title"))


def a_world(catalog: Catalog, now: datetime = NOW) -> World:
    return World(now=now, new_id=IdSource(5), catalog=catalog, rules=RULES, identity=IDENTITY, otp_secret=OTP_SECRET)


def sent(reply: Reply, domain: str = SRV11, now: datetime = NOW):
    """The callback of a reply, as it would be stored."""
    location = {"city": {"code": "std:0522"}, "country": {"code": "IND"}}
    to = Addressee(peer="bap", uri="https://bap", transaction_id="T", domain=domain, location=location)
    dispatch = Dispatch(kind="pre_order", now=now, grace=timedelta(), window=HOUR)
    return callback_for(reply, to, "on_search", "M", IDENTITY, dispatch, after=now)


def found_of(provider: Provider, catalog: Catalog, domain: str = SRV11, starts=HOURS, most: int = 50) -> Found:
    """A provider with all that it sells in a domain, bookable at these times."""
    items = [
        Bookable(offering=one, price=one.price, starts=starts)
        for one in catalog.offerings_of.get(provider.id, ())
        if offered(one, TODAY) and one.on_network and one.domain == domain
    ]
    offers = tuple(one for one in provider.offers if in_force(one, TODAY))
    return Found(provider=provider, km=0, items=bounded(items, most), offers=offers)


@st.composite
def findings(draw):
    """Some providers of the demonstration with some of their offerings, at prices and times that differ."""
    domain = draw(st.sampled_from(("ONDC:SRV10", SRV11, "ONDC:SRV12")))
    some_starts = st.lists(st.sampled_from(HOURS), min_size=1, unique=True).map(lambda found: tuple(sorted(found)))
    choices = draw(st.lists(some_starts, min_size=1, max_size=3))
    found = []
    sellers = [one for one in CATALOG.providers.values() if found_of(one, CATALOG, domain).items]
    for provider in draw(st.lists(st.sampled_from(sellers), min_size=1, unique_by=lambda one: one.id)):
        whole = found_of(provider, CATALOG, domain)
        items = tuple(
            replace(
                item, starts=draw(st.sampled_from(choices)), price=draw(st.sampled_from((item.price, item.price * 2)))
            )
            for item in whole.items
            if draw(st.booleans())
        )
        found.append(replace(whole, items=items or whole.items))
    return domain, found


@given(findings(), st.sampled_from(DIALECTS))
@settings(max_examples=60, deadline=None)
def test_the_joined_bytes_are_those_of_the_plain_catalog_and_keep_every_rule(finding, dialect):
    domain, found = finding
    reply = catalog_reply(found, domain, dialect, a_world(CATALOG))
    callback = sent(reply, domain)
    payload = json.loads(callback.body)
    plain = plain_catalog(found, domain, IDENTITY, dialect)

    assert isinstance(reply.wire, Rendered)
    assert callback.body.startswith(b'{"message":' + orjson.dumps(plain) + b',"context":')
    assert list(payload) == ["message", "context"]
    assert check_callback(payload) == []
    assert callback.digest == digest(callback.body)


def test_what_is_asked_again_is_written_once_and_what_moved_is_written_anew():
    provider = a_provider()
    before = Catalog.build(version=1, providers=[provider], offerings=[an_offering()], workers=[])
    rated = before.with_changes(version=2, providers=[replace(provider, name="Other")], offerings=[], workers=[])

    def wire(catalog: Catalog, starts=HOURS):
        found = found_of(catalog.providers["P1"], catalog, starts=starts)
        return catalog_reply([found], SRV11, CANONICAL, a_world(catalog)).wire

    assert wire(before) is wire(before)
    assert b'"Other"' in wire(rated).body(b"{}")
    assert b'"Other"' not in wire(before).body(b"{}")
    assert len(json.loads(wire(before, HOURS[:2]).body(b"{}"))["message"]["catalog"]["providers"][0]["time"]["schedule"]["times"]) == 2  # fmt: skip


def test_a_provider_that_breaks_a_rule_of_the_wire_is_left_out_each_time_and_the_others_are_not():
    faulty = a_provider(id="P2", name="")
    sold = [an_offering(), an_offering(id="FAULTY", provider_id="P2")]
    catalog = Catalog.build(version=1, providers=[a_provider(), faulty], offerings=sold, workers=[])
    found = [found_of(one, catalog) for one in catalog.providers.values()]

    for _ in range(2):
        payload = json.loads(sent(catalog_reply(found, SRV11, CANONICAL, a_world(catalog))).body)
        assert [one["id"] for one in payload["message"]["catalog"]["providers"]] == ["P1"]


def test_an_item_at_fault_takes_its_provider_with_it_only_where_it_is_listed():
    sold = [an_offering(), an_offering(id="FAULTY", short_desc="")]
    catalog = Catalog.build(version=1, providers=[a_provider()], offerings=sold, workers=[])
    whole = found_of(catalog.providers["P1"], catalog)
    sound = replace(whole, items=tuple(one for one in whole.items if one.offering.id == "TAP"))

    with pytest.raises(InvalidCallback):  # nobody is left: judged as a whole, as ever
        sent(catalog_reply([whole], SRV11, CANONICAL, a_world(catalog)))
    assert catalog_reply([sound], SRV11, CANONICAL, a_world(catalog)).wire is not None


def test_choices_of_two_providers_with_one_id_are_judged_by_the_whole_catalog():
    sold = [
        an_offering(id=f"I{key}", provider_id=key, customizations=(a_customization("SAME", "SRV11-1047"),))
        for key in ("P1", "P2")
    ]
    catalog = Catalog.build(version=1, providers=[a_provider(), a_provider(id="P2")], offerings=sold, workers=[])
    found = [found_of(one, catalog) for one in catalog.providers.values()]
    reply = catalog_reply(found, SRV11, CANONICAL, a_world(catalog))

    assert reply.wire is None
    with pytest.raises(InvalidCallback, match="item_ids"):
        sent(reply)


def test_no_message_goes_out_after_something_in_it_is_over():
    ending = an_offer(valid_until=TODAY)
    provider = a_provider(offers=(ending,))
    catalog = Catalog.build(version=1, providers=[provider], offerings=[an_offering()], workers=[])
    reply = catalog_reply([found_of(provider, catalog)], SRV11, CANONICAL, a_world(catalog))
    last_second = datetime(2026, 11, 23, 18, 29, 59, tzinfo=UTC)
    late = found_of(provider, catalog, starts=(last_second + CELL,))

    assert b'"offers":' in sent(reply).body
    with pytest.raises(InvalidCallback):
        sent(reply, now=HOURS[0])
    assert catalog_reply([late], SRV11, CANONICAL, a_world(catalog, last_second)).wire is None


def test_a_provider_without_a_start_for_all_its_items_is_shown_and_says_when_to_look():
    sold = [an_offering(), an_offering(id="OTHER")]
    catalog = Catalog.build(version=1, providers=[a_provider()], offerings=sold, workers=[])
    items = tuple(
        Bookable(offering=one, price=one.price, starts=(start,)) for one, start in zip(sold, HOURS, strict=False)
    )
    found = Found(provider=a_provider(), km=0, items=items)
    payload = json.loads(sent(catalog_reply([found], SRV11, CANONICAL, a_world(catalog))).body)
    (provider,) = payload["message"]["catalog"]["providers"]

    assert provider["time"]["schedule"]["times"] == []
    assert all(item["time"]["schedule"]["times"] for item in provider["items"])


def test_parts_are_kept_up_to_a_number_of_bytes_and_the_longest_unused_go_first():
    class Bytes:
        def __init__(self, size: int) -> None:
            self.size = size

    kept = Kept(80)
    first, second = kept.put(1, Bytes(10)), kept.put(2, Bytes(10))
    for key in range(3, 9):
        kept.put(key, Bytes(10))
        assert kept.get(1) is first
    assert kept.put(9, Bytes(10)).size == 10
    huge = kept.put("huge", Bytes(11))

    assert kept.get(1) is first
    assert kept.get(2) is None is not second
    assert kept.get("huge") is None is not huge


async def test_a_search_of_a_full_district_keeps_to_what_settings_say_and_to_a_megabyte_for_fifty_items(
    sqlite_database,
):
    data = synthetic_catalog(SCALES["district"], TODAY)
    catalog = Catalog.build(version=1, providers=data.providers, offerings=data.offerings, workers=data.workers)
    rules = replace(RULES, providers_per_search=12, items_per_provider=30, catalog_bytes=2_000_000)
    world = replace(a_world(catalog), rules=rules)
    query = Query(domain=SRV11, place=Place.of(LUCKNOW, "226001"))
    storage = open_storage(sqlite_database)
    findings = await storage.read(lambda work: find(query, work, world))
    body = sent(catalog_reply(findings.found, SRV11, CANONICAL, world)).body
    await storage.close()
    providers = json.loads(body)["message"]["catalog"]["providers"]
    items = [len(one["items"]) for one in providers]

    assert len(providers) == 12
    assert max(items) == 30
    assert len(body) * 50 <= sum(items) * 1_000_000


def in_bytes(most: int, found, catalog: Catalog):
    """The answer that may have so many bytes, and the plain one, each with its providers."""
    world = a_world(catalog)
    capped = replace(world, rules=replace(RULES, catalog_bytes=most))
    bodies = [sent(catalog_reply(found, SRV11, CANONICAL, one)).body for one in (capped, world)]
    return [(body, json.loads(body)["message"]["catalog"]["providers"]) for body in bodies]


@pytest.mark.parametrize("most", [50_000, 60_000])
def test_of_a_catalog_that_is_too_large_the_providers_found_last_are_left_out(most):
    sellers = [found_of(one, CATALOG) for one in CATALOG.providers.values()]
    found = [one for one in sellers if one.items]
    (body, kept), (whole, everybody) = in_bytes(most, found, CATALOG)

    assert len(whole) > most >= len(body)
    assert kept == everybody[: len(kept)]
    assert 0 < len(kept) < len(everybody)
    assert check_callback(json.loads(body)) == []


def test_of_a_provider_that_is_too_large_alone_the_cheapest_items_are_shown():
    offerings = [an_offering(id=f"I{number:02}", long_desc="x" * 2_000) for number in range(40)]
    catalog = Catalog.build(version=1, providers=[a_provider()], offerings=offerings, workers=[])
    found = [found_of(catalog.providers["P1"], catalog)]
    (body, [kept]), (whole, [plain]) = in_bytes(50_000, found, catalog)

    assert len(whole) > 50_000 >= len(body)
    assert kept["items"] == plain["items"][: len(kept["items"])]
    assert len(kept["items"]) >= 10
    assert check_callback(json.loads(body)) == []
