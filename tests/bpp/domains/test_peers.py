"""Whose word counts: configured beats learned, learned beats default; digits are never learned to be hexadecimal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.domains.dialect import CANONICAL, Dialect
from bpp.domains.peers import KNOWN, Chosen, Dialects
from tests.support.order_builders import a_peer

PEER = "buyer.example.in"
OTHERS = {"status_case": "title", "cancelled_by": "PROVIDER", "categories": "hex", "finder_fee": "Buyer_finder_fee"}
TITLE = Dialects(configured={PEER: {"status_case": "title", "finder_fee": "finder_fee"}})


def test_a_peer_that_nothing_is_known_of_is_spoken_to_in_our_own_spelling():
    assert Dialects().of(PEER) == CANONICAL
    assert {one.origin for one in Dialects().choose(PEER).values()} == {"default"}


@pytest.mark.parametrize("trait", OTHERS)
def test_what_was_learned_takes_the_place_of_the_default_for_that_trait_alone(trait):
    chosen = Dialects().choose(PEER, {trait: OTHERS[trait]})

    assert chosen[trait] == Chosen(OTHERS[trait], "learned")
    assert {one.origin for other, one in chosen.items() if other != trait} == {"default"}


@pytest.mark.parametrize("trait", OTHERS)
def test_what_is_configured_beats_what_was_learned(trait):
    default = Dialects().choose(PEER)[trait].value
    configured = Dialects(configured={PEER: {trait: default}})

    assert configured.choose(PEER, OTHERS)[trait] == Chosen(default, "configured")


def test_the_configuration_of_a_peer_is_nobody_elses():
    assert TITLE.of(PEER) == Dialect(status_case="title", finder_fee="finder_fee")
    assert TITLE.of("another.example.in") == CANONICAL


def test_the_seller_in_a_cancellation_has_a_default_of_its_own():
    provider = Dialects(cancelled_by="PROVIDER", configured={PEER: {"cancelled_by": "PRODUCER"}})

    assert provider.choose("another.example.in")["cancelled_by"] == Chosen("PROVIDER", "default")
    assert provider.of(PEER).cancelled_by_seller == "PRODUCER"


def test_only_a_configured_peer_writes_digits_in_hexadecimal():
    configured = Dialects(configured={PEER: {"categories": "hex"}})

    assert configured.of(PEER) == Dialect(category_form="hex")
    assert Dialects().of(PEER, {"categories": "hex"}) == Dialect(hex_letters=True)
    assert Dialects(configured={PEER: {"categories": "decimal"}}).of(PEER, {"categories": "hex"}) == CANONICAL


@given(st.dictionaries(st.sampled_from(sorted(KNOWN)), st.sampled_from(sorted(set().union(*KNOWN.values())))))
def test_nothing_that_is_learned_changes_how_a_category_is_read(learned):
    dialect = Dialects().of(PEER, learned)

    assert dialect.category_form == "decimal"
    assert dialect.read_category("SRV11-1010") == "SRV11-1010"


@pytest.mark.parametrize(
    ("learned", "spelling", "origin"),
    [
        ({"search_finder_fee": "Buyer_finder_fee"}, "Buyer_finder_fee", "learned"),
        ({"search_finder_fee": "Buyer_Finder_Fee"}, "Buyer_Finder_Fee", "learned"),
        ({"search_finder_fee": "finder_fee"}, "Buyer_Finder_Fee", "default"),
        ({"search_finder_fee": "Buyer_finder_fee", "finder_fee": "Buyer_Finder_Fee"}, "Buyer_Finder_Fee", "learned"),
        ({"search_finder_fee": "finder_fee", "finder_fee": "finder_fee"}, "finder_fee", "learned"),
    ],
)
def test_a_fee_is_spelled_as_in_the_peers_payments_else_as_in_its_searches_if_they_have_the_prefix(
    learned, spelling, origin
):
    assert Dialects().choose(PEER, learned)["finder_fee"] == Chosen(spelling, origin)


@pytest.mark.parametrize("learned", [{"status_case": "lower"}, {"finder_fee": ""}, {"tone": "polite"}])
def test_a_stored_value_that_this_program_does_not_know_is_left_alone(learned):
    assert Dialects().of(PEER, learned) == CANONICAL


def test_an_order_keeps_its_own_spelling_and_an_older_one_has_the_default_seller():
    provider = Dialects(cancelled_by="PROVIDER")
    made = a_peer(status_case="title", cancelled_by="PRODUCER", finder_fee="Buyer_finder_fee")

    assert provider.kept(made) == Dialect(
        status_case="title", cancelled_by_seller="PRODUCER", finder_fee="Buyer_finder_fee"
    )
    assert provider.kept(a_peer()) == provider.kept(None) == Dialect(cancelled_by_seller="PROVIDER")
