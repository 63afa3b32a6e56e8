import csv
import shutil
from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from catalog.load import DEMO, CatalogProblems, columns, read_catalog
from catalog.money import Money
from catalog.services import SERVICES

OPTIONAL = {
    "creds.csv",
    "district_prices.csv",
    "leaves.csv",
    "district_services.csv",
    "engagements.csv",
    "worker_creds.csv",
    "customization_categories.csv",
    "customizations.csv",
    "offers.csv",
}


@pytest.fixture
def directory(tmp_path):
    """A catalog made of the examples of the schema: one row in each file."""
    for table in columns():
        with (tmp_path / table.file).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([column.name for column in table.columns])
            writer.writerow([column.example for column in table.columns])
    edit(tmp_path, "cancellation_terms.csv", percentage="")
    return tmp_path


def edit(directory, file, **cells):
    """Change cells of the first row."""
    path = directory / file
    with path.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    rows[0].update(cells)
    write(path, rows)


def append(directory, file, **cells):
    """Repeat the first row with other cells."""
    path = directory / file
    with path.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    write(path, [*rows, {**rows[0], **cells}])


def without(directory, file, *columns):
    """Take columns away."""
    path = directory / file
    with path.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    write(path, [{name: cell for name, cell in row.items() if name not in columns} for row in rows])


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def problems_of(directory):
    with pytest.raises(CatalogProblems) as caught:
        read_catalog(directory)
    return caught.value.problems


def test_the_examples_of_the_schema_are_a_catalog(directory):
    data = read_catalog(directory)

    assert [provider.id for provider in data.providers] == ["P-GOMTI"]
    assert [offering.id for offering in data.offerings] == ["GOMTI-TAP"]
    assert [worker.id for worker in data.workers] == ["W-GOMTI-1"]


def test_values_arrive_in_their_types(directory):
    data = read_catalog(directory)
    provider, offering, worker = data.providers[0], data.offerings[0], data.workers[0]

    assert provider.districts == ("162", "129")
    assert provider.locations[0].district == "162"
    assert provider.hours.days == (1, 2, 3, 4, 5, 6, 7)
    assert (provider.hours.opens, provider.hours.closes) == (time(9), time(18))
    assert provider.terms.cancellation[0].fee == Money(5000)
    assert (offering.category, offering.domain) == ("SRV11-1047", "ONDC:SRV11")
    assert offering.price == Money(19900)
    assert offering.district_prices == {"129": Money(24900)}
    assert offering.tax_rate == Decimal(18)
    assert offering.payment_types == ("PRE-FULFILLMENT", "ON-FULFILLMENT")
    assert worker.skills == {"SM-PLB": date(2031, 3, 31)}
    assert worker.leaves == ((date(2027, 1, 10), date(2027, 1, 12)),)
    assert provider.services == {"129": ("SM-PLB",)}
    assert (provider.has_pan, provider.worker_share) == (True, Decimal(0))
    assert [(one.id, one.mode, one.until) for one in worker.engagements] == [("E1", "government", date(2027, 2, 20))]
    assert [(one.id, one.type) for one in worker.creds] == [("SM-ID-0001", "Identity card")]
    assert (worker.available, worker.verification, worker.external_id) == (True, "PV-2026-0001", "SY-0001")


def test_a_catalog_of_yesterday_without_the_newer_files_and_columns_means_what_it_meant(directory):
    for file in ("district_services.csv", "engagements.csv", "worker_creds.csv"):
        (directory / file).unlink()
    without(directory, "providers.csv", "has_pan", "worker_share")
    without(directory, "offerings.csv", "districts")
    without(directory, "workers.csv", "available", "verification", "external_id")
    data = read_catalog(directory)
    provider, offering, worker = data.providers[0], data.offerings[0], data.workers[0]

    assert not provider.services
    assert (provider.has_pan, provider.worker_share) == (True, Decimal(0))
    assert offering.districts == ()
    assert (worker.engagements, worker.available, worker.creds, worker.verification) == ((), True, (), "")


def test_empty_cells_mean_what_the_schema_says(directory):
    edit(directory, "offerings.csv", category="", name="", name_hi="", max_price="", payment_types="", location_ids="")
    edit(directory, "workers.csv", verified_until="", email="")
    data = read_catalog(directory)

    assert data.offerings[0].category == "SRV11-1047"
    assert data.offerings[0].name == "Tap & Mixer Repair"
    assert data.offerings[0].payment_types == ("PRE-FULFILLMENT",)
    assert data.offerings[0].location_ids == ()
    assert data.workers[0].verified_until is None


@pytest.mark.parametrize(
    ("file", "column", "cell", "text"),
    [
        ("providers.csv", "name", "", "must be filled"),
        ("providers.csv", "kind", "shop", "expected one of firm, individual"),
        ("providers.csv", "phone", "call me", "telephone"),
        ("providers.csv", "email", "nobody", "e-mail"),
        ("providers.csv", "gstin", "09ABC", "GSTIN"),
        ("providers.csv", "agreement_from", "01/04/2025", "date such as"),
        ("providers.csv", "agreement_until", "2020-01-01", "before agreement_from"),
        ("providers.csv", "has_pan", "perhaps", "expected one of yes, no"),
        ("providers.csv", "worker_share", "101", "percentage from 0 to 100"),
        ("district_services.csv", "provider_id", "P-NONE", "not in providers.csv"),
        ("district_services.csv", "district", "Agra", "does not serve district"),
        ("district_services.csv", "service_id", "SM-NONE", "no such service"),
        ("offerings.csv", "districts", "Agra", "does not serve district"),
        ("offerings.csv", "districts", "Atlantis", "a district of Uttar Pradesh"),
        ("workers.csv", "available", "maybe", "expected one of yes, no"),
        ("engagements.csv", "worker_id", "W-NONE", "not in workers.csv"),
        ("engagements.csv", "mode", "private", "expected one of government, industry, citizen"),
        ("engagements.csv", "last", "2027-01-31", "lies before first"),
        ("engagements.csv", "ended", "", "stand together or not at all"),
        ("engagements.csv", "ended_by", "", "stand together or not at all"),
        ("worker_creds.csv", "worker_id", "W-NONE", "not in workers.csv"),
        ("worker_creds.csv", "url", "card", "http or https address"),
        ("providers.csv", "districts", "Lucknow; Atlantis", "Atlantis"),
        ("providers.csv", "days", "0-8", "weekdays"),
        ("providers.csv", "opens", "9 am", "time such as"),
        ("providers.csv", "closes", "08:00", "later than opens"),
        ("locations.csv", "gps", "81.0,26.8", "latitude first"),
        ("locations.csv", "gps", "here", "lat,lon"),
        ("locations.csv", "area_code", "110001", "pincode of Uttar Pradesh"),
        ("locations.csv", "std", "080", "expected"),
        ("locations.csv", "std", "0512", "expected 0522"),
        ("areas.csv", "category", "SRV11-9999", "decimal ONDC code"),
        ("areas.csv", "category", "RET10-*", "category code"),
        ("areas.csv", "kind", "14", "expected one of 10, 11, 12, 13"),
        ("areas.csv", "val", "near", "kilometres"),
        ("areas.csv", "val", "0", "kilometres above 0"),
        ("areas.csv", "location_id", "L9", "not in locations.csv"),
        ("cancellation_terms.csv", "percentage", "10", "exactly one"),
        ("cancellation_terms.csv", "fee", "", "exactly one"),
        ("cancellation_terms.csv", "cancel_by", "P30S", "ISO-8601"),
        ("cancellation_terms.csv", "state", "Out-For-Delivery", "expected one of Pending"),
        ("cancellation_terms.csv", "penalty", "49.99", "not less than the fee"),
        ("cancellation_terms.csv", "penalty_percentage", "10", "at most one"),
        ("reschedule_terms.csv", "state", "In-Transit", "Pending only"),
        ("reschedule_terms.csv", "eligible", "maybe", "yes, no"),
        ("offerings.csv", "provider_id", "P-NONE", "not in providers.csv"),
        ("offerings.csv", "sub_service_id", "SM-PLB-NONE", "no such sub-service"),
        ("offerings.csv", "sub_service_id", "SM-TAX-LOC", "not served"),
        ("offerings.csv", "category", "SRV11-1048", "published under SRV11-1047"),
        ("offerings.csv", "category", "SRV11-*", "published under SRV11-1047"),
        ("offerings.csv", "price", "free", "rupees"),
        ("offerings.csv", "price", "0", "above zero"),
        ("offerings.csv", "price", "199.005", "rupees"),
        ("offerings.csv", "max_price", "100", "below the price"),
        ("offerings.csv", "tax_rate", "180", "percentage"),
        ("offerings.csv", "duration", "1", "whole number"),
        ("offerings.csv", "payment_types", "CASH", "PRE-FULFILLMENT"),
        ("offerings.csv", "location_ids", "L9", "not a place of"),
        ("offerings.csv", "parent_item_id", "NONE", "not in offerings.csv"),
        ("offerings.csv", "parent_item_id", "GOMTI-TAP", "another offering"),
        ("offerings.csv", "valid_until", "2024-01-01", "before valid_from"),
        ("district_prices.csv", "offering_id", "NONE", "not in offerings.csv"),
        ("workers.csv", "provider_id", "P-NONE", "not in providers.csv"),
        ("workers.csv", "districts", "Agra", "does not serve"),
        ("skills.csv", "worker_id", "W-NONE", "not in workers.csv"),
        ("skills.csv", "service_id", "SM-NONE", "no such service"),
        ("leaves.csv", "last", "2027-01-01", "before first"),
        ("customization_categories.csv", "offering_id", "NONE", "not in offerings.csv"),
        ("customization_categories.csv", "parent_category_id", "NONE", "not another category"),
        ("customization_categories.csv", "parent_category_id", "GOMTI-TAP-FIT", "not another category"),
        ("customization_categories.csv", "max_selection", "1", "at least 2"),
        ("customization_categories.csv", "ends", "", "filled together"),
        ("customization_categories.csv", "ends", "08:00", "later than starts"),
        ("customization_categories.csv", "frequency", "hourly", "ISO-8601"),
        ("customization_categories.csv", "mandatory", "maybe", "yes, no"),
        ("customization_categories.csv", "min_selection", "3", "3 must be chosen, 2 can be"),
        ("customizations.csv", "offering_id", "NONE", "not in offerings.csv"),
        ("customizations.csv", "id", "GOMTI-TAP", "given already"),
        ("customizations.csv", "category_ids", "NONE", "not a category of GOMTI-TAP"),
        ("customizations.csv", "category_ids", "GOMTI-TAP-FIT; GOMTI-TAP-FIT", "none twice"),
        ("customizations.csv", "price", "-1", "not negative"),
        ("customizations.csv", "minutes", "1441", "whole number"),
        ("customizations.csv", "min_count", "3", "below min_count"),
        ("customizations.csv", "type", "extra", "expected one of customization, add_on"),
        ("customizations.csv", "attributes", "finish", "code=value"),
        ("customizations.csv", "attributes", "type=add_on", "other than type"),
        ("offers.csv", "provider_id", "NONE", "not in providers.csv"),
        ("offers.csv", "kind", "Discount_Percent", "expected one of Disc_Pct"),
        ("offers.csv", "kind", "Freebie", "not expected with an offer of the kind Freebie"),
        ("offers.csv", "kind", "Disc_Amt", "expected with an offer of the kind Disc_Amt"),
        ("offers.csv", "percentage", "", "expected with an offer of the kind Disc_Pct"),
        ("offers.csv", "percentage", "0", "above 0"),
        ("offers.csv", "percentage", "101", "percentage"),
        ("offers.csv", "amount", "50", "not expected with an offer of the kind Disc_Pct"),
        ("offers.csv", "item_ids", "NONE", "not of this provider"),
        ("offers.csv", "location_ids", "L9", "not of this provider"),
        ("offers.csv", "category_ids", "RET10-1000", "category code"),
        ("offers.csv", "valid_until", "2020-01-01", "before valid_from"),
        ("offers.csv", "auto", "maybe", "yes, no"),
    ],
)
def test_a_wrong_cell_is_named_with_file_line_and_column(directory, file, column, cell, text):
    append(directory, "customizations.csv", id="GOMTI-TAP-PILLAR")
    if column == "max_selection":
        edit(directory, file, min_selection="2")
    edit(directory, file, **{column: cell})
    found = [problem for problem in problems_of(directory) if text in problem.text]

    assert found
    assert (found[0].file, found[0].line) == (file, 2)
    assert text in str(found[0])


def test_a_helpline_is_a_telephone_number(directory):
    edit(directory, "providers.csv", phone="155330")

    assert read_catalog(directory).providers[0].phone == "155330"


@pytest.mark.parametrize(
    ("kind", "val", "text"),
    [
        ("11", "226010,110001", "110001"),
        ("12", "FRA", "IND or IN-UP"),
        ("10", "12.3456", "three decimals"),
        ("10", "15.", "three decimals"),
        ("11", "226010;226001", "pincode"),
        ("13", "{}", "GeoJSON"),
        ("13", '{"type":"Polygon","coordinates":[[[80,26],[81,26],[81,27],[80,26]]]}', "FeatureCollection"),
        ("13", '{"type":"Polygon","coordinates":[[[26,80],[27,80],[27,81],[26,80]]]}', "longitude first"),
    ],
)
def test_the_value_of_an_area_must_fit_its_kind(directory, kind, val, text):
    edit(directory, "areas.csv", kind=kind, val=val)

    assert [problem.column for problem in problems_of(directory) if text in problem.text] == ["val"]


def test_pincodes_may_be_written_with_spaces_and_are_kept_as_they_are_sent(directory):
    edit(directory, "areas.csv", kind="11", val="226010, 226001 ,226002")

    assert read_catalog(directory).providers[0].areas[0].val == "226010,226001,226002"


@pytest.mark.parametrize(
    ("file", "column", "cell"),
    [
        ("cancellation_terms.csv", "percentage", "12.345"),
        ("cancellation_terms.csv", "percentage", "12.3000"),
        ("cancellation_terms.csv", "cancel_by", "P1.5D"),
        ("cancellation_terms.csv", "cancel_by", "PT1,5H"),
        ("cancellation_terms.csv", "cancel_by", "P99999999999D"),
        ("reschedule_terms.csv", "within", "P2Y"),
        ("providers.csv", "code", "x" * 256),
        ("providers.csv", "email", f"{'x' * 251}@a.in"),
        ("providers.csv", "long_desc", "x" * 4001),
        ("offerings.csv", "image", f"https://a.in/{'x' * 2048}"),
        ("offerings.csv", "price", "10000000.01"),
        ("offerings.csv", "unit", "x" * 256),
    ],
)
def test_what_our_own_on_search_would_refuse_is_refused_at_the_import(directory, file, column, cell):
    edit(directory, file, **{column: cell})

    assert column in [problem.column for problem in problems_of(directory)]


def test_an_offering_outside_every_area_of_its_provider_is_a_problem(directory):
    edit(directory, "areas.csv", category="SRV12-*")

    assert [problem.text for problem in problems_of(directory)] == ["no area of P-GOMTI takes in SRV11-1047"]


def test_all_problems_are_told_at_once_in_the_order_of_the_files(directory):
    edit(directory, "providers.csv", phone="x", email="y")
    edit(directory, "offerings.csv", price="z")
    edit(directory, "skills.csv", certified_until="soon")
    found = problems_of(directory)

    assert [(problem.file, problem.column) for problem in found] == [
        ("offerings.csv", "price"),
        ("providers.csv", "email"),
        ("providers.csv", "phone"),
        ("skills.csv", "certified_until"),
    ]


@pytest.mark.parametrize("table", columns(), ids=lambda table: table.file)
def test_a_missing_file_is_a_problem_unless_it_is_optional(directory, table):
    (directory / table.file).unlink()
    if table.file in (both := {"customization_categories.csv", "customizations.csv"}):  # they need each other
        (directory / (both - {table.file}).pop()).unlink()

    if table.file in OPTIONAL:
        read_catalog(directory)
    else:
        assert any(problem.text == "the file is missing" for problem in problems_of(directory))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("id,nmae\n", "no such column"),
        ("id\n", "the column is missing"),
        ("", "the column is missing"),
        (b"id,name\n\xff\xfe", "not UTF-8"),
        ('id,name\n"open', "the column is missing"),
    ],
    ids=["unknown-column", "missing-column", "empty-file", "not-utf-8", "open-quote"],
)
def test_a_file_that_cannot_be_read_is_a_problem(directory, content, text):
    path = directory / "providers.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    assert any(text in problem.text for problem in problems_of(directory))


def test_a_broken_quote_is_a_problem_with_its_line(directory):
    path = directory / "creds.csv"
    path.write_text(path.read_text(encoding="utf-8") + 'P-GOMTI,"C2"x,a,b,https://example.in\n', encoding="utf-8")

    assert any("not CSV" in problem.text and problem.line == 3 for problem in problems_of(directory))


def test_a_row_with_a_cell_too_many_is_a_problem(directory):
    path = directory / "skills.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip() + ",surplus\n", encoding="utf-8")

    assert any("expected 3 cells, found 4" in problem.text for problem in problems_of(directory))


@pytest.mark.parametrize(
    "file",
    [
        "providers.csv",
        "offerings.csv",
        "workers.csv",
        "skills.csv",
        "district_services.csv",
        "engagements.csv",
        "worker_creds.csv",
        "customization_categories.csv",
        "customizations.csv",
        "offers.csv",
    ],
)
def test_the_same_row_twice_is_a_problem(directory, file):
    append(directory, file)

    assert any("already given on line 2" in problem.text for problem in problems_of(directory))


def test_a_spreadsheets_byte_order_mark_and_empty_lines_do_no_harm(directory):
    path = directory / "providers.csv"
    path.write_text("\ufeff" + path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")

    assert read_catalog(directory).providers[0].id == "P-GOMTI"


def test_a_provider_without_place_area_or_terms_is_a_problem(directory):
    append(directory, "providers.csv", id="P-BARE")
    texts = {problem.text for problem in problems_of(directory)}

    assert texts == {
        f"P-BARE has no row in {file}.csv" for file in ("locations", "areas", "cancellation_terms", "reschedule_terms")
    }


def test_no_directory_is_one_problem(tmp_path):
    assert [problem.text for problem in problems_of(tmp_path / "nowhere")] == ["no such directory"]


def test_a_changed_policy_changes_what_may_be_published(directory):
    edit(directory, "offerings.csv", sub_service_id="SM-CRG-E12", category="")
    open_policy = {**SERVICES, "SM-CRG": replace(SERVICES["SM-CRG"], policy="wildcard")}

    assert read_catalog(directory, open_policy).offerings[0].category == "SRV11-*"
    assert not read_catalog(directory).offerings[0].on_network


def test_what_no_policy_lets_onto_the_network_cannot_be_given_a_code(directory):
    edit(directory, "offerings.csv", sub_service_id="SM-CRG-E12", category="SRV11-1047")

    assert any("stays off the network (policy exact)" in problem.text for problem in problems_of(directory))


def test_every_column_has_a_description_and_a_required_one_an_example():
    for table in columns():
        assert table.description
        for column in table.columns:
            assert column.description
            assert column.example or not column.required


def test_reading_changes_nothing_in_the_directory(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(DEMO, copy)
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    read_catalog(copy)

    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before
