"""Cells as people write them, in Hindi and English, and what is none of them."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from catalog.model import Hours
from catalog.money import Money
from catalog.ratelist import cells, times
from catalog.ratelist.cells import CellFault
from catalog.ratelist.rows import working_day
from catalog.ratelist.services import NoService, sub_service_of
from catalog.services import SERVICES, SUB_SERVICES

DAY = working_day(Hours(days=(1,), opens=time(9), closes=time(18)))


def kind(read, *arguments):
    with pytest.raises(CellFault) as fault:
        read(*arguments)
    return fault.value.kind


@pytest.mark.parametrize(
    "cell",
    [
        1299,
        Decimal("1299.00"),
        "1299",
        "₹1,299",
        "₹ 1,299/-",
        "Rs. 1299",
        "rs 1,299.00 only",
        "1299 रुपये मात्र",
        "रु. १,२९९",
        "INR 1299",
        "1299 / piece",
        "₹१२९९ प्रति नग",
        "1299 per job",
    ],
)
def test_a_price_is_read_however_it_is_written(cell):
    assert cells.price(cell) == Money(129_900)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("पूछकर", "not_a_price"),
        ("199.999", "not_a_price"),
        ("1e3", "not_a_price"),
        (True, "not_a_price"),
        (date(2026, 4, 1), "not_a_price"),
        ("150-200", "price_range"),
        ("₹150 से ₹200", "price_range"),
        (0, "price_zero"),
        ("-5", "price_zero"),
        ("500001", "price_absurd"),
        ("9" * 400, "price_absurd"),
    ],
)
def test_what_is_no_price_is_told_apart(cell, expected):
    assert kind(cells.price, cell) == expected


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        (45, 45),
        (Decimal("90.0"), 90),
        ("45", 45),
        ("45 min", 45),
        ("45min", 45),
        ("४५ मिनट", 45),
        ("1 घंटा", 60),
        ("1.5 hours", 90),
        ("1 hr 30 mins", 90),
        ("1 घंटा 30 मिनट", 90),
        ("1 hour and 15 minutes", 75),
        ("आधा घंटा", 30),
        ("डेढ़ घंटा", 90),
        ("ढाई घंटे", 150),
        ("एक घंटा", 60),
        ("1:30", 90),
        (time(1, 30), 90),
        (timedelta(hours=26), 1560),
        ("PT45M", 45),
        ("1 day", 540),
        ("२ दिन", 1080),
    ],
)
def test_a_time_is_read_however_it_is_written(cell, minutes):
    assert times.minutes(cell, DAY) == minutes


@pytest.mark.parametrize("cell", ["soon", "थोड़ी देर", "30-45 min", "1 week", "", True, date(2026, 4, 1), "PX", "0.5"])
def test_what_is_no_time_is_refused(cell):
    assert kind(times.minutes, cell, DAY) == "not_a_duration"


@pytest.mark.parametrize("cell", [4, "2 मिनट", "43201", "9999999 days"])
def test_a_time_that_no_visit_takes_is_refused(cell):
    assert kind(times.minutes, cell, DAY) == "odd_duration"


@pytest.mark.parametrize(
    "cell",
    [
        date(2026, 4, 1),
        "2026-04-01",
        "01.04.2026",
        "1/4/2026",
        "1-4-26",
        "1 April 2026",
        "1-Apr-2026",
        "१ अप्रैल २०२६",
        "01/04/2026",
    ],
)
def test_a_date_is_read_day_first_as_in_india(cell):
    assert times.day(cell) == date(2026, 4, 1)


@pytest.mark.parametrize("cell", ["31.02.2026", "04/31/2026", "soon", "2026", 46113, "1 Foo 2026"])
def test_what_is_no_date_is_refused(cell):
    assert kind(times.day, cell) == "not_a_date"


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.tax, "18%", Decimal(18)),
        (cells.tax, "18 % GST", Decimal(18)),
        (cells.tax, 5, Decimal(5)),
        (cells.tax, "शून्य", Decimal(0)),
        (cells.tax, "Exempt", Decimal(0)),
        (cells.flag, "हाँ", True),
        (cells.flag, "हां", True),
        (cells.flag, "Inactive", False),
        (cells.flag, "बंद", False),
        (cells.flag, True, True),
        (cells.unit, "प्रति नग", "piece"),
        (cells.unit, "Per Sq. Ft.", "sqft"),
        (cells.unit, "घंटा", "hour"),
        (cells.unit, "बाल्टी", "बाल्टी"),
        (cells.payments, "नकद", ("ON-FULFILLMENT",)),
        (cells.payments, "Advance, cash", ("PRE-FULFILLMENT", "ON-FULFILLMENT")),
        (cells.payments, "अग्रिम और काम के बाद", ("PRE-FULFILLMENT", "POST-FULFILLMENT")),
        (cells.districts, "लखनऊ; Barabanki", ("162", "129")),
        (cells.districts, "जिला लखनऊ", ("162",)),
        (cells.districts, 162, ("162",)),
        (cells.districts, "Allahabad", ("120",)),
        (cells.districts, "सभी", ()),
        (cells.count, "५", 5),
        (cells.sac, 998719, "998719"),
        (cells.unit_in_price, "₹150 प्रति नग", "piece"),
        (cells.unit_in_price, "150/-", ""),
        (cells.unit_in_price, "150 / hour", "hour"),
        (cells.checked_text, "'=1+1", "=1+1"),
        (cells.checked_text, "5 < 6 & 7", "5 < 6 & 7"),
    ],
)
def test_words_and_figures_of_other_cells_are_read(read, cell, value):
    assert read(cell) == value


@pytest.mark.parametrize(
    ("read", "cell", "expected"),
    [
        (cells.tax, "अठारह", "not_a_tax"),
        (cells.percentage, "101", "not_a_percentage"),
        (cells.flag, "शायद", "not_a_flag"),
        (cells.payments, "जब चाहें", "not_a_payment"),
        (cells.payments, ";", "not_a_payment"),
        (cells.districts, "लखनऊ; पटना", "unknown_district"),
        (cells.count, "0", "not_a_count"),
        (cells.count, "1.5", "not_a_count"),
        (cells.count, "1000", "not_a_count"),
        (cells.sac, "1234", "not_a_sac"),
        (cells.image, "tap.png", "not_an_address"),
        (cells.image, "javascript:alert(1)", "not_an_address"),
        (cells.identifier, "नल", "not_an_id"),
        (cells.checked_text, "=1+1", "formula"),
        (cells.checked_text, "@SUM(A1)", "formula"),
        (cells.checked_text, "+cmd|calc", "formula"),
        (cells.checked_text, "-2+3", "formula"),
        (cells.checked_text, "a <b>bold</b>", "markup"),
        (cells.checked_text, "<!-- x", "markup"),
        (cells.checked_text, "&lt;script", "markup"),
        (cells.checked_text, "bell\x07", "control"),
        (cells.prose("name"), "x" * 256, "too_long"),
        (cells.refuse_error, "#REF!", "error_cell"),
        (cells.refuse_error, "#N/A", "error_cell"),
        (cells.refuse_error, "#####", "error_cell"),
    ],
)
def test_what_other_cells_may_not_hold_is_told_apart(read, cell, expected):
    assert kind(read, cell) == expected


@pytest.mark.parametrize("sub", SUB_SERVICES.values(), ids=lambda one: one.id)
def test_every_sub_service_is_found_by_its_id_and_by_its_names_beside_its_trade(sub):
    service = SERVICES[sub.service_id]

    assert sub_service_of("", sub.id) is sub
    for trade in (service.id, service.name_en, service.name_hi):
        for name in (sub.id, sub.name_en, sub.name_hi):
            assert sub_service_of(trade, name) is sub


@pytest.mark.parametrize(
    ("service", "work", "sub"),
    [
        ("", "nal theek karna", "SM-PLB-TAP"),
        ("", "नल की टोंटी बदलना", "SM-PLB-TAP"),
        ("", "tap repar", "SM-PLB-TAP"),
        ("", "driver 4 hours", "SM-DRV-H04"),
        ("", "ड्राइवर 8 घंटे", "SM-DRV-H08"),
        ("", "SRV11-1047", "SM-PLB-TAP"),
        ("Tap & Mixer Repair", "", "SM-PLB-TAP"),
        ("AC technician", "AC installation", "SM-ACT-INS"),
        ("उपकरण इंस्टॉलेशन", "एसी लगाना", "SM-API-ACI"),
        ("Washing machine", "repair", "SM-WMR-REP"),
        ("Home Services", "sofa cleaning", "SM-HCL-SOF"),
    ],
)
def test_a_service_is_understood_in_words_where_they_leave_no_doubt(service, work, sub):
    assert sub_service_of(service, work).id == sub


@pytest.mark.parametrize(
    ("service", "work", "expected", "candidate"),
    [
        ("", "AC installation", "ambiguous_service", "SM-API-ACI"),
        ("", "ceiling fan", "ambiguous_service", "SM-HCL-CFN"),
        ("", "गीजर", "ambiguous_service", "SM-GYR-SVC"),
        ("Plumber", "", "ambiguous_service", "SM-PLB-TAP"),
        ("", "SRV10-1002", "ambiguous_service", "SM-ACT-INS"),
        ("", "Dog walk 45 minutes", "unsure_service", "SM-DOG-W30"),
        ("Plumber", "Haircut", "other_service", "SM-BTY-CUT"),
        ("", "unicorn polishing", "unknown_service", None),
        ("", "मरम्मत", "ambiguous_service", None),
    ],
)
def test_a_service_in_doubt_is_refused_with_what_it_may_be(service, work, expected, candidate):
    with pytest.raises(NoService) as doubt:
        sub_service_of(service, work)

    assert doubt.value.kind == expected
    assert candidate in [None, *(one.id for one in doubt.value.candidates)]
