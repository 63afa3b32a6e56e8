"""Whose word counts: one voice for each customer, whatever he or she says how often, and never much of an average."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.orders.ratings import Rated, Review, for_provider, for_worker, merged, phone_number, rater_key, voice
from catalog.model import Rating
from catalog.ranking import bayesian
from tests.support.clock import MONDAY_MORNING as NOW

STARS = st.integers(1, 5)


def rated(category, value, subject="X"):
    return Rated(category=category, subject=subject, value=value)


def a_review(ref="R1", *values, **changes):
    review = Review(ref=ref, of="order", provider_id="P1", rater="A", rater_kind="ondc", rated_at=NOW, values=values)
    return replace(review, **changes)


def standing(votes):
    """The rating of a provider of whom each rater has said these values, one after the other."""
    voices = [
        voice(
            [
                a_review(f"{who}-{n}", rated("Provider", value), rater=who, rated_at=NOW + timedelta(hours=n))
                for n, value in enumerate(values)
            ],
            for_provider,
        )
        for who, values in votes.items()
    ]
    heard = [one[1] for one in voices if one]
    return Rating(sum=sum(heard), count=len(heard))


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([("Provider", 1), ("Order", 5), ("Fulfillment", 5), ("Item", 5)], 1),
        ([("Order", 2), ("Fulfillment", 5), ("Item", 5)], 2),
        ([("Fulfillment", 3), ("Item", 5)], 3),
        ([("Item", 4)], 4),
        ([("Item", 4), ("Item", 5)], 5),  # 4.5, half up
        ([("Item", 1), ("Item", 1), ("Item", 2)], 1),
        ([("Agent", 5)], None),
    ],
)
def test_an_order_counts_once_for_its_provider_by_the_most_direct_word(values, counts):
    said = tuple(rated(category, value, str(n)) for n, (category, value) in enumerate(values))

    assert for_provider(said) == for_provider(said[::-1]) == counts


def test_a_worker_is_rated_only_by_who_names_him_or_her():
    said = (rated("Provider", 5), rated("Agent", 2, "W1"))

    assert for_worker("W1")(said) == 2
    assert for_worker("W2")(said) is None


def test_the_newest_word_that_is_not_set_aside_is_the_one_that_counts():
    old, new = a_review("R1", rated("Order", 5)), a_review("R2", rated("Order", 1), rated_at=NOW + timedelta(days=1))

    assert voice([new, old], for_provider) == ("R2", 1)
    assert voice([old, replace(new, aside=True)], for_provider) == ("R1", 5)
    assert voice([old, replace(new, values=(rated("Agent", 1),))], for_provider) == ("R1", 5)
    assert voice([replace(old, aside=True)], for_provider) is None


def test_a_later_word_corrects_what_it_speaks_of_and_leaves_the_rest():
    before = (rated("Item", 2, "TAP"), rated("Provider", 3, "P1"))

    assert merged(before, [rated("Provider", 5, "P1")]) == (rated("Item", 2, "TAP"), rated("Provider", 5, "P1"))


@pytest.mark.parametrize("phone", ["9876543210", "+91 98765 43210", "09876543210", "+91-9876543210", "९८७६५ ४३२१०"])
def test_one_telephone_is_one_person_however_it_is_written(phone):
    assert phone_number(phone) == "9876543210"
    assert rater_key(b"s", phone, "R1") == rater_key(b"s", "9876543210", "R2")


def test_a_rater_is_told_by_nobody_without_the_secret_and_without_a_telephone_each_order_is_another():
    key = rater_key(b"s", "9876543210", "R1")

    assert "9876543210" not in key
    assert key != rater_key(b"t", "9876543210", "R1") != rater_key(b"t", "9876543211", "R1")
    assert rater_key(b"s", "", "R1") != rater_key(b"s", "", "R2")


VOTES = st.dictionaries(st.sampled_from("ABCDEFGH"), st.lists(STARS, min_size=1, max_size=4), max_size=8)


@settings(max_examples=60)
@given(VOTES, st.randoms())
def test_the_average_is_within_1_and_5_and_does_not_depend_on_the_order_of_raters(votes, random):
    shuffled = list(votes.items())
    random.shuffle(shuffled)

    assert 1 <= bayesian(standing(votes)) <= 5
    assert standing(dict(shuffled)) == standing(votes)


@settings(max_examples=60)
@given(VOTES, STARS, STARS)
def test_a_better_word_never_makes_an_average_worse(votes, one, other):
    low, high = sorted((one, other))

    assert bayesian(standing({**votes, "Z": [low]})) <= bayesian(standing({**votes, "Z": [high]}))


@settings(max_examples=60)
@given(VOTES, st.lists(STARS, max_size=30))
def test_one_person_moves_the_average_of_n_others_by_at_most_4_in_n_and_6_however_often_he_or_she_rates(votes, words):
    others = standing(votes)
    with_one = standing({**votes, "Z": words}) if words else others

    assert abs(bayesian(with_one) - bayesian(others)) <= 4 / (others.count + 6) + 1e-9
    assert with_one.count <= others.count + 1
