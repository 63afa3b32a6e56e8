"""Categories and words: both languages, both versions, and nothing is refused for a code that nobody knows."""

from __future__ import annotations

import string
from collections import Counter

import pytest

from bpp.issues.categories import CATEGORIES, SENT_V1, UNKNOWN, category_of, code_of, label, pair_of
from bpp.issues.model import Complaint
from bpp.issues.words import TEMPLATES, saying
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BuyerV1, BuyerV2, Hands


@pytest.mark.parametrize("category", CATEGORIES, ids=[one.v2 or one.v1[1] for one in CATEGORIES])
def test_a_category_is_found_by_its_codes_in_either_version_and_named_in_both_languages(category):
    by_v1 = Complaint(code="", category=category.v1[0], sub_category=category.v1[1])
    by_v2 = Complaint(code=category.v2)
    for complaint in (by_v1 if category.v1[1] else by_v2, by_v2 if category.v2 else by_v1):
        assert category_of(complaint) == category
        assert label(complaint) == category.label
    assert any("ऀ" <= letter <= "ॿ" for letter in category.label.hi)
    if category.v1[1]:
        assert code_of(*category.v1) == category.v2 or not category.v2
    assert (pair_of(by_v2 if category.v2 else by_v1) is not None) == (category.v1[0] in SENT_V1)


def test_no_two_categories_share_a_code():
    for codes in ([one.v1 for one in CATEGORIES if one.v1[1]], [one.v2 for one in CATEGORIES if one.v2]):
        assert set(Counter(codes).values()) == {1}


def test_a_code_that_nobody_knows_is_taken_and_read_by_a_person():
    hands = Hands()
    for buyer in (BuyerV2(hands, code="XYZ999"), BuyerV1(hands, category="WEATHER", sub_category="WTH01")):
        desk = SellerDesk(hands)
        assert desk.take(buyer.payload()).action == "on_issue"
        assert category_of(desk.issue.complaint) is None
        assert label(desk.issue.complaint) is UNKNOWN


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_has_the_same_gaps_in_both_languages_and_is_filled_without_any_left(key):
    template = TEMPLATES[key]
    for words in (template.short, template.long):
        gaps = [{gap for _, gap, _, _ in string.Formatter().parse(text) if gap} for text in (words.en, words.hi)]
        assert gaps[0] == gaps[1] <= set(template.gaps)
    filled = dict.fromkeys(template.gaps, "42")
    for language in ("en", "hi"):
        told = saying(key, language, **filled)
        assert told.short_desc
        assert told.long_desc
        assert "{" not in told.short_desc + told.long_desc
    if template.gaps:
        with pytest.raises(KeyError):
            saying(key, "en")


def test_there_are_words_for_each_remedy_that_services_have():
    assert {"REFUND", "REPLACEMENT", "CANCEL", "NO_ACTION", "INFO001", "INFO002"} <= set(TEMPLATES)
