"""What a provider is shown of codes is what the core knows."""

from __future__ import annotations

from bpp.console.provider import board, workers
from bpp.orders.reasons import REASONS
from bpp.parties.workforce import HINDRANCES


def test_whatever_may_stand_against_a_worker_has_words():
    assert set(workers.HINDRANCES) == {name for name, _ in HINDRANCES}


def test_a_provider_refuses_only_for_reasons_that_a_seller_may_give():
    assert {("seller", code) for code in board.REASONS} <= set(REASONS)
