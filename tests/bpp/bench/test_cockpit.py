"""What the benchmark of the console types, and whom it looks up."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from bpp.app import utc_now
from bpp.bench.cockpit import Caller, check_shown, keystrokes, looks, misspelt, typed
from bpp.bench.processes import BenchFailed
from bpp.bench.stage import SMALL
from bpp.orders.assignment import local_day
from catalog.synthetic.catalog import synthetic_catalog


def test_words_are_typed_two_letters_at_a_time_to_their_end():
    assert list(typed("tap repair")) == ["tap", "tap r", "tap rep", "tap repai", "tap repair"]
    assert list(typed("नल")) == ["नल"]


def test_a_misspelt_word_lacks_one_letter_but_not_its_first():
    found = {misspelt("tap", Random(seed)) for seed in range(20)}

    assert found == {"tp", "ta"}


def test_callers_are_looked_up_by_each_of_their_numbers_in_turn():
    some = [Caller("98", "123-456-789", "T"), Caller("97", "123-456-780", "U"), Caller("96", "123-456-781", "V")]

    assert list(looks(some)) == ["98", "123-456-780", "V"]


def test_a_run_fails_whose_callers_are_not_found():
    shown, empty = b'<a class="desk-name" href="/console/orders/1">', b"<p>There is no order of this number.</p>"

    check_shown("look", [shown, shown], 2)
    with pytest.raises(BenchFailed, match="1 of 2 answers"):
        check_shown("look", [shown, empty], 2)


def test_what_is_typed_is_the_same_in_every_run_and_has_a_pincode_beside_it():
    data = synthetic_catalog(SMALL, local_day(utc_now()))
    first, second = (list(islice(keystrokes(data), 200)) for _ in range(2))

    assert first == second
    assert all(len(pincode) == 6 for _, pincode in first)
    assert len({words for words, _ in first}) > 50
