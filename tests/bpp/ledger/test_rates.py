"""Dated rates: which is in force on a day, what may be added, what an order keeps of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.ledger.rates import RateRefused, RateTable, new_rate, published, units
from bpp.ledger.snapshot import Payee, financial_year, order_rates
from catalog.money import Money

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        ("commission", date(2021, 12, 12), "0"),
        ("commission", date(2021, 12, 13), "10"),
        ("commission", date(2025, 7, 21), "10"),
        ("commission", date(2025, 7, 22), "0"),
        ("tcs", date(2024, 7, 9), "1.0"),
        ("tcs", date(2024, 7, 10), "0.5"),
        ("tds_194o", date(2024, 9, 30), "1.0"),
        ("tds_194o", date(2024, 10, 1), "0.1"),
        ("network_fee", date(2025, 7, 1), "0"),
    ],
)
def test_a_rate_is_in_force_from_its_day_until_the_next(name, day, expected):
    assert published().on(day).percent(name) == Decimal(expected)


def test_of_two_rates_for_one_day_the_later_added_counts():
    one, other = (
        new_rate(published(), TODAY, name="commission", valid_from=TODAY, value=value) for value in ("5", "6")
    )

    assert published().with_added((one, other)).on(TODAY).percent("commission") == 6


def test_an_added_rate_keeps_the_base_and_scope_of_the_one_before_unless_it_says_otherwise():
    same = new_rate(published(), TODAY, name="tcs", valid_from=TODAY, value="0.25")
    other = new_rate(published(), TODAY, name="tcs", valid_from=TODAY, value="0.25", base="gross", scope="all")

    assert (same.base, same.scope) == ("net", "released")
    assert (other.base, other.scope) == ("gross", "all")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "tip"}),
        ("valid_from", {"valid_from": TODAY - timedelta(days=1)}),
        ("value", {"value": "ten"}),
        ("value", {"value": "NaN"}),
        ("value", {"value": "Infinity"}),
        ("value", {"value": "-1"}),
        ("value", {"value": "100.01"}),
        ("value", {"value": "0.00001"}),
        ("base", {"base": "half"}),
        ("scope", {"scope": "some"}),
    ],
)
def test_a_rate_that_cannot_be_is_refused_by_the_name_of_what_is_wrong(field, changes):
    with pytest.raises(RateRefused) as refused:
        new_rate(published(), TODAY, **{"name": "commission", "valid_from": TODAY, "value": "10", **changes})

    assert refused.value.field == field


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100)), max_size=6), st.integers(0, 9))
def test_rates_added_for_later_days_never_change_those_of_earlier_ones(added, day):
    table = published()
    for days, value in added:
        before = [table.on(TODAY + timedelta(days=one)).percent("commission") for one in range(days)]
        row = new_rate(table, TODAY, name="commission", valid_from=TODAY + timedelta(days=days), value=str(value))
        table = table.with_added((row,))
        assert [table.on(TODAY + timedelta(days=one)).percent("commission") for one in range(days)] == before
    last = [(days, place, value) for place, (days, value) in enumerate(added) if days <= day]
    expected = max(last)[2] if last else 0
    assert table.on(TODAY + timedelta(days=day)).percent("commission") == expected


def test_every_rate_of_the_package_says_where_it_is_from():
    assert all(row.note for row in published().rows)
    assert {row.name for row in published().rows} == set(units())


@pytest.mark.parametrize(
    ("registered", "services", "expected"),
    [(True, ["SM-PLB"], ()), (False, ["SM-PLB", "SM-ACT"], ("SM-PLB",)), (False, ["SM-ACT"], ())],
)
def test_the_operator_pays_the_tax_of_house_keeping_by_who_is_not_registered(registered, services, expected):
    rates = order_rates(published().on(TODAY), Payee(registered=registered), services, Money(0))

    assert rates.operator_pays == expected


@pytest.mark.parametrize(
    ("payee", "turnover", "expected"),
    [
        (Payee(), "9999998.00", "0.1"),
        (Payee(has_pan=False), "0.00", "5"),
        (Payee(individual=True, has_pan=False), "0.00", "5"),
        (Payee(individual=True), "499999.00", "0"),
        (Payee(individual=True), "499999.01", "0.1"),
    ],
)
def test_income_tax_is_by_section_194_o(payee, turnover, expected):
    rates = order_rates(published().on(TODAY), payee, (), Money.parse(turnover))

    assert rates.for_price(Money.parse("1.00")).tds.value == Decimal(expected)


@pytest.mark.parametrize(("day", "first"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026)])
def test_a_financial_year_begins_in_april(day, first):
    assert financial_year(day) == date(first, 4, 1)


def test_a_day_before_all_rates_has_none():
    assert RateTable(()).on(TODAY).amount("network_fee") == Money(0)
