"""Offers: what each kind takes off, who comes first, and why one that was asked for is not applied."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.discounts import Charged, apply_offers, in_force
from catalog.money import ZERO, Money, total
from catalog.quote import Wanted, quote, refunded
from tests.support.catalog_builders import an_offer, an_offering

TODAY = date(2026, 11, 23)
UNTIL = datetime(2026, 11, 23, 4, tzinfo=UTC)


def line(item_id: str = "TAP", rupees: int = 200, count: int = 1, parent: str = "", category: str = "SRV11-1047"):
    return Charged(
        item_id=item_id, parent_item_id=parent, category=category, count=count, unit_price=Money(rupees * 100)
    )


def applied(lines, offers, *named: str, location_id: str = "L1", today: date = TODAY):
    return apply_offers(lines, offers, named, location_id=location_id, today=today)


def saved(lines, offers, *named: str) -> list[tuple[str, str, str]]:
    return [(one.offer_id, one.item_id, str(one.amount)) for one in applied(lines, offers, *named).discounts]


def refusal(lines, offers, *named: str) -> str:
    result = applied(lines, offers, *named)
    assert result.discounts == ()
    (one,) = result.refused
    return str(one.reason)


PCT = an_offer(id="PCT", percentage=Decimal(15))
FLAT = an_offer(id="FLAT", kind="Disc_Amt", percentage=None, amount=Money(5000))
TRIO = an_offer(id="TRIO", kind="BuyXGetY", percentage=None, buy=2, get=3)
GIFT = an_offer(id="GIFT", kind="Freebie", percentage=None, free_item_id="FAN", min_value=Money(50000))


@pytest.mark.parametrize(
    ("offer", "lines", "amount"),
    [
        (PCT, [line(rupees=200)], "30.00"),
        (PCT, [line(rupees=200, count=3)], "90.00"),
        (PCT, [line(rupees=200), line("FAN", 100)], "45.00"),
        (an_offer(id="PCT", percentage=Decimal("12.5"), max_benefit=Money(2000)), [line(rupees=200)], "20.00"),
        (an_offer(id="PCT", percentage=Decimal(100)), [line(rupees=200)], "200.00"),
        (FLAT, [line(rupees=200)], "50.00"),
        (FLAT, [line(rupees=20)], "20.00"),  # never more than what it applies to
        (TRIO, [line(rupees=200, count=3)], "200.00"),
        (TRIO, [line(rupees=200, count=5)], "200.00"),
        (TRIO, [line(rupees=200, count=6)], "400.00"),
        (an_offer(id="TRIO", kind="BuyXGetY", percentage=None, buy=1, get=3), [line(rupees=200, count=3)], "400.00"),
        (TRIO, [line(rupees=200, count=3), line("FAN", 300, count=3)], "300.00"),  # one item: the one that saves most
        (GIFT, [line(rupees=500), line("FAN", 100)], "100.00"),
        (GIFT, [line(rupees=500), line("FAN", 100, count=3)], "100.00"),  # one unit
        (
            an_offer(id="GIFT", kind="Freebie", percentage=None, free_item_id="FAN", max_benefit=Money(1)),
            [line(), line("FAN", 100)],
            "0.01",
        ),
    ],
)
def test_each_kind_of_offer_takes_off_what_it_says(offer, lines, amount):
    (one,) = applied(lines, [offer], offer.id).discounts

    assert one.amount == Money.parse(amount)


def test_a_discount_is_tied_to_the_first_line_it_applies_to():
    only_fans = an_offer(id="PCT", percentage=Decimal(10), item_ids=("FAN",))

    assert saved([line(), line("FAN", 300)], [only_fans], "PCT") == [("PCT", "FAN", "30.00")]
    assert saved([line(), line("FAN", 300)], [PCT], "PCT") == [("PCT", "TAP", "75.00")]
    assert saved([line(rupees=500), line("FAN", 100)], [GIFT], "GIFT") == [("GIFT", "FAN", "100.00")]


def test_an_offer_on_a_base_item_counts_what_was_chosen_with_it():
    cook = an_offer(id="COOK10", percentage=Decimal(10), item_ids=("COOK",), min_value=Money(50000))
    lines = [line("COOK", 200), line("PERSON", 50, 6, parent="COOK"), line("TAP", 900)]

    assert saved(lines, [cook], "COOK10") == [("COOK10", "COOK", "50.00")]


def test_an_offer_for_a_category_applies_to_its_items_alone():
    pipes = an_offer(id="PCT", percentage=Decimal(10), category_ids=("SRV11-1047",))
    all_of_it = an_offer(id="PCT", percentage=Decimal(10), category_ids=("SRV11-*",))
    lines = [line(), line("FAN", 100, category="SRV11-1030")]

    assert saved(lines, [pipes], "PCT") == [("PCT", "TAP", "20.00")]
    assert saved(lines, [all_of_it], "PCT") == [("PCT", "TAP", "30.00")]
    both = an_offer(id="PCT", category_ids=("SRV11-1047",), item_ids=("FAN",))
    assert refusal(lines, [both], "PCT") == "not_applicable"


@pytest.mark.parametrize(
    ("offer", "lines", "reason"),
    [
        (an_offer(id="X", active=False), [line()], "invalid"),
        (an_offer(id="X", valid_until=date(2026, 11, 22)), [line()], "invalid"),
        (an_offer(id="X", valid_from=date(2026, 11, 24)), [line()], "invalid"),
        (an_offer(id="OTHER"), [line()], "invalid"),
        (an_offer(id="X", item_ids=("FAN",)), [line()], "not_applicable"),
        (an_offer(id="X", location_ids=("L2",)), [line()], "not_applicable"),
        (an_offer(id="X"), [line(rupees=0)], "not_applicable"),
        (an_offer(id="X", kind="BuyXGetY", percentage=None, buy=2, get=3), [line(count=2)], "not_applicable"),
        (an_offer(id="X", kind="Freebie", percentage=None, free_item_id="FAN"), [line()], "not_applicable"),
        (an_offer(id="X", kind="Freebie", percentage=None, free_item_id="TAP"), [line()], "not_applicable"),
        (an_offer(id="X", min_value=Money(20001)), [line()], "below_minimum"),
        # what is free does not count towards the minimum
        (
            an_offer(id="X", kind="Freebie", percentage=None, free_item_id="FAN", min_value=Money(30000)),
            [line(), line("FAN", 100)],
            "below_minimum",
        ),
    ],
)
def test_an_offer_that_is_not_applied_says_why(offer, lines, reason):
    assert refusal(lines, [offer], "X") == reason


def test_the_minimum_is_told_with_the_refusal():
    (one,) = applied([line()], [an_offer(id="X", min_value=Money(49900))], "X").refused

    assert one.min_value == Money(49900)


def test_the_minimum_and_both_days_of_the_validity_are_included():
    one = an_offer(id="X", percentage=Decimal(10), min_value=Money(20000), valid_from=TODAY, valid_until=TODAY)

    assert saved([line()], [one], "X") == [("X", "TAP", "20.00")]
    assert in_force(one, TODAY)


def test_an_offer_by_choice_is_not_applied_unless_it_is_named():
    assert saved([line()], [PCT, FLAT]) == []
    assert saved([line()], [PCT, FLAT], "FLAT") == [("FLAT", "TAP", "50.00")]


def test_of_those_applied_by_themselves_the_best_one_is_and_the_first_by_id_among_equals():
    offers = [
        an_offer(id="SMALL", percentage=Decimal(5), auto=True),
        an_offer(id="B", percentage=Decimal(20), auto=True),
        an_offer(id="A", kind="Disc_Amt", percentage=None, amount=Money(4000), auto=True),
    ]

    assert saved([line()], offers) == [("A", "TAP", "40.00")]


def test_a_line_has_one_offer_and_others_go_to_other_lines():
    fans = an_offer(id="FANS", percentage=Decimal(50), item_ids=("FAN",), auto=True)
    taps = an_offer(id="TAPS", percentage=Decimal(10), item_ids=("TAP",), auto=True)
    every = an_offer(id="ALL", percentage=Decimal(15), auto=True)
    lines = [line(), line("FAN", 100)]

    assert saved(lines, [fans, taps, every]) == [("FANS", "FAN", "50.00"), ("ALL", "TAP", "30.00")]


def test_what_the_buyer_names_goes_first_in_the_buyers_order_whatever_it_saves():
    auto = an_offer(id="AUTO", percentage=Decimal(50), auto=True)

    assert saved([line()], [auto, PCT, FLAT], "PCT") == [("PCT", "TAP", "30.00")]
    both = applied([line()], [PCT, FLAT], "FLAT", "PCT")
    assert [one.offer_id for one in both.discounts] == ["FLAT"]
    assert [(one.offer_id, one.reason) for one in both.refused] == [("PCT", "not_applicable")]


def test_an_offer_named_twice_is_applied_once():
    assert saved([line()], [FLAT], "FLAT", "FLAT") == [("FLAT", "TAP", "50.00")]


def test_naming_an_offer_that_applies_itself_changes_nothing():
    auto = an_offer(id="AUTO", percentage=Decimal(10), auto=True)

    assert applied([line()], [auto], "AUTO") == applied([line()], [auto])


ITEMS = ("TAP", "FAN", "COOK", "PERSON")
wanted = st.builds(
    lambda item, paise, rate, count: Wanted(
        offering=an_offering(id=item, name=item, price=Money(paise), tax_rate=rate),
        count=count,
        unit_price=Money(paise),
        kind="customization" if item == "PERSON" else "item",
    ),
    st.sampled_from(ITEMS),
    st.integers(0, 10**7),
    st.integers(0, 2800).map(lambda hundredths: Decimal(hundredths) / 100),
    st.integers(1, 12),
)
baskets = st.lists(wanted, min_size=1, max_size=6)
money = st.integers(1, 10**6).map(Money)
narrowed = st.lists(st.sampled_from(ITEMS), max_size=2, unique=True).map(tuple)
kinds = st.one_of(
    st.fixed_dictionaries({"percentage": st.integers(1, 10_000).map(lambda one: Decimal(one) / 100)}),
    st.fixed_dictionaries({"kind": st.just("Disc_Amt"), "percentage": st.none(), "amount": money}),
    st.integers(1, 5).flatmap(
        lambda buy: st.fixed_dictionaries(
            {"kind": st.just("BuyXGetY"), "percentage": st.none(), "buy": st.just(buy), "get": st.integers(buy + 1, 9)}
        )
    ),
    st.fixed_dictionaries(
        {"kind": st.just("Freebie"), "percentage": st.none(), "free_item_id": st.sampled_from(ITEMS)}
    ),
)
common = st.fixed_dictionaries(
    {
        "item_ids": narrowed,
        "auto": st.booleans(),
        "max_benefit": st.none() | money,
        "min_value": st.integers(0, 10**6).map(Money),
    }
)
offers = st.lists(st.tuples(kinds, common), max_size=5).map(
    lambda rows: [an_offer(id=f"O{place}", **kind, **more) for place, (kind, more) in enumerate(rows)]
)
named = st.lists(st.sampled_from(["O0", "O1", "O2", "NOBODY"]), max_size=3)


def charged(basket):
    return [
        Charged(
            item_id=one.offering.id,
            parent_item_id="COOK" if one.offering.id == "PERSON" else "",
            category="SRV11-*",
            count=one.count,
            unit_price=one.unit_price,
        )
        for one in basket
    ]


def quoted(basket, discounts=()):
    return quote(basket, ttl="PT30M", valid_until=UNTIL, discounts=discounts)


@given(baskets, offers, named)
def test_a_total_is_never_negative_and_never_above_the_total_without_offers(basket, some, ids):
    result = applied(charged(basket), some, *ids)
    with_offers, without = quoted(basket, result.discounts), quoted(basket)

    assert ZERO <= with_offers.total <= without.total
    assert with_offers.total == without.total - total(one.amount for one in result.discounts)
    assert with_offers.lines[: len(without.lines)] == without.lines
    assert total(one.amount for one in with_offers.lines) == with_offers.total
    assert with_offers.offer_ids == tuple(one.offer_id for one in result.discounts)


@given(baskets, offers, named)
def test_each_discount_is_above_zero_within_its_cap_and_its_lines_and_no_line_has_two(basket, some, ids):
    lines = charged(basket)
    by_id = {one.id: one for one in some}
    result = applied(lines, some, *ids)
    taken = [place for one in result.discounts for place in one.places]

    assert len(taken) == len(set(taken))
    for one in result.discounts:
        assert ZERO < one.amount <= total(lines[place].amount for place in one.places)
        assert one.amount <= (by_id[one.offer_id].max_benefit or one.amount)
        assert one.item_id == lines[one.places[0]].item_id
        assert by_id[one.offer_id].auto or one.offer_id in ids


@given(baskets, offers, named)
def test_every_named_offer_is_either_applied_or_refused_and_the_same_question_has_the_same_answer(basket, some, ids):
    result = applied(charged(basket), some, *ids)
    answered = [one.offer_id for one in result.discounts] + [one.offer_id for one in result.refused]

    assert set(ids) <= set(answered)
    assert len(answered) == len(set(answered))
    assert applied(charged(basket), list(reversed(some)), *ids) == result


@given(baskets, offers, named, st.integers(0, 10**8).map(Money))
def test_a_cancelled_booking_gives_back_what_was_paid_and_not_what_was_discounted(basket, some, ids, fee):
    before = quoted(basket, applied(charged(basket), some, *ids).discounts)
    after = refunded(before, fee)
    refunds = [one for one in after.lines if one.kind == "refund"]

    assert after.total == fee
    assert all(one.amount < ZERO for one in refunds)
    assert total(one.amount for one in refunds) == -before.total
    assert after.lines[: len(before.lines)] == before.lines


def test_a_discount_lessens_the_refund_of_its_own_item_first():
    basket = [
        Wanted(offering=an_offering(id=key, tax_rate=Decimal(0)), count=1, unit_price=Money(10000))
        for key in ("TAP", "FAN")
    ]
    half = an_offer(id="HALF", percentage=Decimal(50), item_ids=("FAN",))
    before = quoted(basket, applied(charged(basket), [half], "HALF").discounts)

    refunds = {one.item_id: str(one.amount) for one in refunded(before).lines if one.kind == "refund"}

    assert refunds == {"TAP": "-100.00", "FAN": "-50.00"}
