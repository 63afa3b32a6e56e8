"""The searches that ours is held against find the same, or the comparison is not made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bpp.bench.processes import BenchFailed
from bpp.bench.search import KINDS, answer, built, check_equal, queries
from bpp.bench.stores import SqlSearch
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.scale import Scale

TODAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def data():
    return synthetic_catalog(
        Scale(name="of a test", districts=("162", "120", "173"), providers=60, workers=400, offerings=3_000), TODAY
    )


@pytest.mark.parametrize("kind", KINDS)
def test_fts_and_naive_sql_find_what_ours_finds_in_the_same_order(data, kind):
    ours, store = built(data), SqlSearch(data, TODAY)
    some = queries(data, kind, 60, TODAY)
    check_equal(ours, store, some, TODAY)
    found = [answer(ours, query, TODAY) for query in some]
    assert sum(map(bool, found)) > len(some) // 4, "nearly nothing was found, so nothing was compared"
    assert max(map(len, found)) > 1


def test_a_whole_domain_is_found_alike_too(data):
    whole = [replace(one, category="SRV11-*") for one in queries(data, "category+gps", 20, TODAY)]
    ours = [one for one in whole if one.domain == "ONDC:SRV11"]
    assert ours
    check_equal(built(data), SqlSearch(data, TODAY), ours, TODAY)


def test_a_store_that_lacks_an_offering_is_noticed(data):
    ours = built(data)
    query = next(one for one in queries(data, "category+pincode", 60, TODAY) if answer(ours, one, TODAY))
    missing = answer(ours, query, TODAY)[0][1][0]
    less = replace(data, offerings=tuple(one for one in data.offerings if one.id != missing))
    with pytest.raises(BenchFailed, match="does not find what ours finds"):
        check_equal(ours, SqlSearch(less, TODAY), [query], TODAY)
