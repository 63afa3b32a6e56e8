"""What a rate list would do to the catalog: which offering each row speaks of, what of it changes, and what never may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.operator.catalog_checks import checked_offering
from catalog.codes import domains
from catalog.load import DEMO, CatalogData, read_catalog
from catalog.model import Offering
from catalog.money import Money
from catalog.ratelist.check import check
from catalog.ratelist.outcome import to_store
from catalog.ratelist.read import read_rate_list
from catalog.ratelist.write import write_rate_list
from catalog.services import SERVICES, SUB_SERVICES, published_category
from catalog.snapshot import Catalog
from tests.support.catalog_builders import (
    BARABANKI_DISTRICT,
    LUCKNOW_DISTRICT,
    a_customization,
    a_provider,
    an_offering,
)
from tests.support.rate_lists import as_csv, planted

TODAY = date(2026, 11, 25)
PROVIDER = a_provider(districts=(LUCKNOW_DISTRICT, BARABANKI_DISTRICT), gstin="09AAAAA0001A1Z5")
TAP = an_offering()
NOTHING = CatalogData(providers=(PROVIDER,), offerings=(), workers=())


def taken(text, *offerings, provider=PROVIDER):
    data = CatalogData(providers=(provider,), offerings=offerings, workers=())
    return check(read_rate_list(text.encode()), provider, data, TODAY)


def outcomes(checked):
    return [row.outcome for row in checked.rows]


def kinds(checked):
    return [(fault.row, fault.column, fault.kind) for fault in checked.faults]


def test_a_new_offering_gets_what_the_list_gives_and_is_told_what_was_assumed():
    checked = taken("Service,Work,Rate,Unit,Duration\nPlumber,Leaking tap,₹150,per piece,45 min\n")

    (one,) = checked.offerings
    assert outcomes(checked) == ["new"]
    assert (one.sub_service_id, one.category, one.domain) == ("SM-PLB-TAP", "SRV11-1047", "ONDC:SRV11")
    assert (one.name, one.price, one.unit, one.duration) == ("Leaking tap", Money(15_000), "piece", 45)
    assert checked.rows[0].assumed == {
        "GST": "18",
        "Image": PROVIDER.image,
        "Valid from": "2026-11-25",
        "Valid until": "2031-03-31",
    }
    assert "SRV11-1047" in checked.rows[0].text


def test_the_same_list_again_changes_nothing_and_a_changed_one_changes_the_same_offering():
    text = "सेवा,काम,दर\nप्लम्बर,नल टपक रहा,150\nप्लम्बर,टॉयलेट ठीक करना,349\n"
    first = taken(text)

    again = taken(text, *first.offerings)
    dearer = taken(text.replace("150", "175"), *first.offerings)

    assert outcomes(again) == ["unchanged", "unchanged"]
    assert again.offerings == ()
    assert outcomes(dearer) == ["changed", "unchanged"]
    assert [(one.field, one.before, one.after) for one in dearer.rows[0].changes] == [("price", "150.00", "175.00")]
    assert {one.id for one in dearer.offerings} <= {one.id for one in first.offerings}


def test_an_offering_that_was_there_before_is_found_by_its_names_whatever_its_id():
    checked = taken("Service,Work,Rate\nPlumber,Tap repair,149\n", replace(TAP, unit="piece"))

    assert outcomes(checked) == ["changed"]
    assert checked.offerings == (replace(TAP, unit="piece", price=Money(14_900)),)


def test_an_id_wins_over_names():
    checked = taken("ID,Service,Name,Rate\nTAP,SM-PLB-TLT,Toilet,149\nNEW,SM-PLB-TAP,Tap repair,1\n", TAP)

    assert outcomes(checked) == ["changed", "new"]
    assert [one.id for one in checked.offerings] == ["TAP", "NEW"]
    assert checked.offerings[0].sub_service_id == "SM-PLB-TLT"
    assert checked.offerings[0].category == "SRV11-1046"


def test_what_the_list_does_not_speak_of_stays_as_it_is():
    rich = replace(
        TAP, customizations=(a_customization("C1"),), location_ids=("L1",), max_price=Money(29_900), sac="998719"
    )

    (without,) = taken("ID,Service,Rate\nTAP,Tap repair,149\n", rich).offerings
    (emptied,) = taken("ID,Service,Rate,MRP,SAC,Unit,Description\nTAP,Tap repair,149,,,,\n", rich).offerings

    assert without == replace(rich, price=Money(14_900))
    assert emptied == replace(rich, price=Money(14_900), max_price=None, sac="")


def test_rows_of_one_service_in_several_districts_are_one_offering():
    text = "Service,Work,Rate,District\nPlumber,Tap repair,199,{}\nPlumber,Tap repair,249,Barabanki\n"

    general = taken(text.format(""))
    by_district = taken(text.format("Lucknow"))

    (one,) = general.offerings
    assert (one.price, one.districts) == (Money(19_900), ())
    assert one.district_prices == {BARABANKI_DISTRICT: Money(24_900)}
    (one,) = by_district.offerings
    assert set(one.districts) == {LUCKNOW_DISTRICT, BARABANKI_DISTRICT}
    assert [one.price_in(lgd) for lgd in (LUCKNOW_DISTRICT, BARABANKI_DISTRICT)] == [Money(19_900), Money(24_900)]
    assert outcomes(by_district) == ["new", "new"]


def test_an_offering_with_a_refused_row_is_left_alone_as_a_whole_and_others_are_not():
    checked = taken(
        "Service,Work,Rate,District\nPlumber,Tap repair,199,Lucknow\nPlumber,Tap repair,0,Barabanki\n"
        "Plumber,Toilet fixing,349,\n"
    )

    assert outcomes(checked) == ["held_back", "refused", "new"]
    assert [one.sub_service_id for one in checked.offerings] == ["SM-PLB-TLT"]
    assert "3" in checked.rows[0].text


@pytest.mark.parametrize(
    ("heading", "cell", "minutes"),
    [
        ("Duration (hours)", "8", 480),
        ("Hours", "1.5", 90),
        ("समय (घंटे)", "२", 120),
        ("Duration (hours)", "45 min", 45),
        ("Duration (days)", "1", 540),
        ("Duration (minutes)", "45", 45),
        ("Time needed", "45", 45),
    ],
)
def test_a_figure_without_a_unit_has_that_of_its_heading(heading, cell, minutes):
    (one,) = taken(f"Service,Rate,{heading}\nTap repair,199,{cell}\n").offerings

    assert one.duration == minutes


@pytest.mark.parametrize("heading", ["Rate (per hour)", "Rate per hour", "Rate (Rs/hour)", "दर प्रति घंटा", "Price/hour"])
def test_the_unit_that_stands_over_the_rates_is_that_of_each(heading):
    (one,) = taken(f"Service,{heading}\nTap repair,199\n").offerings

    assert one.unit == "hour"


def test_rows_of_one_offering_may_not_contradict_each_other():
    checked = taken(
        "Service,Work,Rate,District,Duration\nPlumber,Tap repair,199,Lucknow,60\nPlumber,Tap repair,249,Barabanki,90\n"
    )

    assert kinds(checked) == [(3, "Duration", "contradicts")]
    assert outcomes(checked) == ["held_back", "refused"]


def test_the_second_of_two_same_rows_is_refused_and_the_first_is_not():
    text = "Service,Work,Rate,District\n" + "Plumber,Tap repair,199,Lucknow\n" * 2

    checked = taken(text)

    assert kinds(checked) == [(3, "Work", "duplicate")]
    assert outcomes(checked) == ["new", "refused"]


def test_services_without_a_code_follow_the_publishing_policy_and_never_a_nearest_code():
    checked = taken(
        "Service,Work,Rate\nPest control,Termite control,1500\nPest control,Home Disinfection,900\n"
        "Laundry,Dry cleaning,50\nTaxi service,Airport taxi,900\nCatering,Catering per plate,300\n"
        "Nursing,Wound dressing,200\n"
    )

    assert [(row.outcome, row.category) for row in checked.rows] == [
        ("new", "SRV11-*"),
        ("new", "SRV11-1022"),
        ("new", ""),
        ("not_served", ""),
        ("new", ""),
        ("not_served", ""),
    ]
    assert "wildcard" in checked.rows[0].text
    assert "no exact code" in checked.rows[2].text
    assert "not served" in checked.rows[3].text
    assert "off the network" in checked.rows[4].text
    assert checked.faults == ()
    assert [one.on_network for one in checked.offerings] == [True, True, False, False]


def test_what_stays_off_the_network_is_changed_and_given_out_like_the_rest_and_gets_no_code():
    care = an_offering(sub_service_id="SM-CRG-E12", category="", name="Elder care", name_hi="बुजुर्ग देखभाल")
    text = "ID,Service,Rate,ONDC code\nGOMTI-TAP,SM-CRG-E12,{}\n".replace("GOMTI-TAP", care.id)

    assert outcomes(taken(write_rate_list((care,), "csv", "hi").decode("utf-8-sig"), care)) == ["unchanged"]
    assert taken(text.format("250,"), care).offerings == (replace(care, price=Money(25_000)),)
    assert kinds(taken(text.format("250,SRV11-1047"), care)) == [(2, "ONDC code", "no_code")]


@pytest.mark.parametrize("sub", SUB_SERVICES.values(), ids=lambda one: one.id)
def test_every_sub_service_comes_out_under_what_the_policy_says(sub):
    provider = replace(
        PROVIDER, areas=tuple(replace(PROVIDER.areas[0], category=f"SRV{number}-*") for number in (10, 11, 12))
    )
    checked = taken(f"Service,Rate\n{sub.id},100\n", provider=provider)

    published = published_category(sub, SERVICES[sub.service_id].policy)
    assert checked.rows[0].category == (published or "")
    assert outcomes(checked) == ["new" if sub.domain in domains() else "not_served"]


@pytest.mark.parametrize(
    ("columns", "cells", "column", "kind"),
    [
        ("GST", "19", "GST", "tax_rate"),
        ("MRP", "100", "MRP", "below_price"),
        ("District", "Agra", "District", "foreign_district"),
        ("ONDC code", "SRV11-1046", "ONDC code", "other_code"),
        ("Valid from,Valid until", "01.04.2027,31.03.2027", "Valid until", "reversed"),
        ("ID", "OTHERS", "ID", "foreign_id"),
        ("ID", "C1", "ID", "foreign_id"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_its_column(columns, cells, column, kind):
    theirs = an_offering(id="OTHERS", provider_id="P2", customizations=(a_customization("C1"),))

    checked = taken(f"Service,Rate,{columns}\nTap repair,199,{cells}\n", theirs)

    assert kinds(checked) == [(2, column, kind)]
    assert checked.offerings == ()


def test_a_provider_without_gstin_may_not_charge_eighteen_per_cent_and_gets_what_is_usual_where_nothing_is_said():
    provider = replace(PROVIDER, gstin="")
    text = "Service,Work,Rate,GST\nPlumber,Tap repair,199,18\nPlumber,Toilet fixing,199,5\n"

    checked = taken(text, provider=provider)
    assumed = taken("Service,Work,Rate\nPlumber,Tap repair,199\nPainter,Wall Painting,199\n", provider=provider)

    assert kinds(checked) == [(2, "GST", "tax_without_gstin")]
    assert [one.tax_rate for one in assumed.offerings] == [Decimal(5), Decimal(0)]


def test_a_service_that_no_area_takes_in_or_that_was_not_chosen_for_the_district_is_refused():
    chosen = replace(PROVIDER, services={BARABANKI_DISTRICT: ("SM-ELC",)})

    assert kinds(taken("Service,Rate\nHaircut,199\n")) == [(2, "Service", "no_area")]
    assert kinds(taken("Service,Rate,District\nTap repair,199,Barabanki\n", provider=chosen)) == [
        (2, "District", "service_not_chosen")
    ]


def test_faults_are_told_in_the_language_of_the_list_with_the_candidates():
    english = taken("Service,Rate\nAC installation,0\n").faults
    hindi = taken("सेवा,दर\nएसी लगाना,0\n").faults

    assert [one.column for one in english] == ["Rate", "Service"]
    assert [one.column for one in hindi] == ["दर", "सेवा"]
    assert english[1].candidates == hindi[1].candidates == ("SM-ACT-INS", "SM-API-ACI")
    assert "above zero" in english[0].text
    assert "शून्य" in hindi[0].text


def test_nothing_is_stored_of_a_list_with_a_refused_row_unless_the_rest_is_asked_for():
    checked = taken("Service,Rate\nTap repair,199\nUnicorn,1\n")

    assert to_store(checked, skip_faulty=False, replace_all=False) == ()
    assert to_store(checked, skip_faulty=True, replace_all=False) == checked.offerings


def test_what_is_left_out_stays_unless_replaced_and_never_while_a_row_is_refused():
    other = an_offering(id="TLT", sub_service_id="SM-PLB-TLT", category="SRV11-1046", name="Toilet")
    off = replace(other, id="OFF", name="Off", active=False)
    sound = taken("Service,Rate\nTap repair,199\n", TAP, other, off)
    faulty = taken("Service,Rate\nTap repair,199\nToilt,349\n", TAP, other)

    assert [one.id for one in sound.absent] == ["TLT"]
    assert to_store(sound, skip_faulty=False, replace_all=False) == sound.offerings
    assert replace(other, active=False) in to_store(sound, skip_faulty=False, replace_all=True)
    assert not any(one.active is False for one in to_store(faulty, skip_faulty=True, replace_all=True))


def test_several_offerings_of_one_name_are_not_chosen_between():
    twin = replace(TAP, id="TWIN")

    checked = taken("Service,Rate\nTap repair,199\n", TAP, twin)

    assert [(one.kind, one.candidates) for one in checked.faults] == [("several_offerings", ("TAP", "TWIN"))]


def test_an_id_that_is_taken_by_what_was_renamed_is_not_given_again():
    (first,) = taken("Service,Rate\nTap & Mixer Repair,199\n").offerings
    renamed = replace(first, name="Golden tap")

    (second,) = taken("Service,Rate\nTap & Mixer Repair,199\n", renamed).offerings
    again = taken("Service,Rate\nTap & Mixer Repair,199\n", renamed, second)

    assert second.id != first.id
    assert outcomes(again) == ["unchanged"]


def test_what_is_imported_is_what_the_operator_api_would_take():
    data = read_catalog(DEMO)
    provider = next(one for one in data.providers if one.id == "P-GOMTI")

    checked = check(read_rate_list(as_csv(planted("hi", rows=120, faults=0))), provider, data, TODAY)

    assert len(checked.offerings) == 120
    offerings = (*data.offerings, *checked.offerings)
    after = Catalog.build(version=1, providers=data.providers, offerings=offerings, workers=data.workers)
    for one in checked.offerings:
        assert checked_offering(one, after) == one


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_demonstration_catalog_written_out_comes_back_unchanged(form, language):
    data = read_catalog(DEMO)
    for provider in data.providers:
        own = [one for one in data.offerings if one.provider_id == provider.id]

        checked = check(read_rate_list(write_rate_list(own, form, language)), provider, data, TODAY)

        assert set(outcomes(checked)) == {"unchanged"}
        assert checked.absent == ()


money = st.integers(1, 50_000_000).map(Money)
text = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="<&#"), min_size=1, max_size=40
)
published = [sub for sub in SUB_SERVICES.values() if published_category(sub, SERVICES[sub.service_id].policy)]


@st.composite
def any_offering(draw, key):
    sub = draw(st.sampled_from(published))
    category = published_category(sub, SERVICES[sub.service_id].policy)
    places = st.sampled_from([LUCKNOW_DISTRICT, BARABANKI_DISTRICT, "118"])
    price = draw(money)
    return Offering(
        id=f"O{key}",
        provider_id="P1",
        sub_service_id=sub.id,
        domain=sub.domain,
        category=category or "",
        name=draw(text | st.just(sub.name_en)),
        name_hi=draw(text | st.just(sub.name_hi) | st.sampled_from(["=1+1", "-5", "'@x", "+91"])),
        short_desc=draw(text),
        long_desc=draw(text),
        image="https://static.example.in/a.png",
        price=price,
        max_price=draw(st.none() | money),
        district_prices=draw(st.dictionaries(places, money, max_size=3)),
        tax_rate=draw(st.sampled_from([Decimal(0), Decimal(5), Decimal(18), Decimal("12.5")])),
        sac=draw(st.sampled_from(["", "9987", "998719"])),
        unit=draw(st.sampled_from(["job", "piece", "hour", "बाल्टी", "Job", "100 ml"])),
        duration=draw(st.integers(5, 43_200)),
        max_count=draw(st.integers(1, 999)),
        parallel=draw(st.booleans()),
        payment_types=draw(
            st.lists(
                st.sampled_from(["PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"]), unique=True, min_size=1
            ).map(tuple)
        ),
        advance=draw(st.sampled_from([Decimal(100), Decimal(0), Decimal("33.33")])),
        valid_from=draw(st.dates(date(2000, 1, 1), date(2099, 12, 31))),
        valid_until=draw(st.dates(date(2000, 1, 1), date(2099, 12, 31))),
        active=draw(st.booleans()),
        districts=draw(st.lists(places, unique=True, max_size=3).map(tuple)),
    )


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["en", "hi"]), st.sampled_from(["csv", "csv", "xlsx"]))
def test_whatever_is_written_out_comes_back_unchanged(data, language, form):
    offerings = [data.draw(any_offering(key)) for key in range(data.draw(st.integers(1, 4)))]
    there = replace(NOTHING, offerings=tuple(offerings))

    checked = check(read_rate_list(write_rate_list(offerings, form, language)), PROVIDER, there, TODAY)

    assert set(outcomes(checked)) == {"unchanged"}, checked.faults or [row.changes for row in checked.rows]
