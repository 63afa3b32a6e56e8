"""The three state tables: what they list happens, everything else is refused and changes nothing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from bpp.settlement.states import (
    ORDER,
    RECON,
    SETTLEMENT,
    OrderState,
    OutOfOrder,
    ReconState,
    SettlementState,
    Step,
    advance,
    allowed,
)

TABLES: dict[str, tuple[Any, Any]] = {
    "order": (OrderState, ORDER),
    "settlement": (SettlementState, SETTLEMENT),
    "recon": (ReconState, RECON),
}
LISTED = {
    "order": """
        READY file SETTLE, READY settle DONE, SETTLE settle DONE, SETTLE retry READY, SETTLE reconcile RECON,
        RECON settle DONE, RECON agree READY, RECON retry READY, DONE correct READY""",
    "settlement": """
        PREPARED file PENDING, PREPARED settle SETTLED, PENDING settle SETTLED, PENDING fail NOT_SETTLED,
        NOT_SETTLED reconcile IN_RECON, NOT_SETTLED retry PREPARED, NOT_SETTLED settle SETTLED,
        IN_RECON agree PREPARED, IN_RECON retry PREPARED, IN_RECON settle SETTLED""",
    "recon": """
        INACTIVE send SENT_PENDING, INACTIVE receive RECEIVED_PENDING, SENT_PENDING accept SENT_ACCEPTED,
        SENT_PENDING reject SENT_REJECTED, SENT_PENDING fail ERROR, RECEIVED_PENDING accept RECEIVED_ACCEPTED,
        RECEIVED_PENDING reject RECEIVED_REJECTED, SENT_ACCEPTED close INACTIVE, RECEIVED_ACCEPTED close INACTIVE,
        SENT_REJECTED send SENT_PENDING, SENT_REJECTED receive RECEIVED_PENDING, SENT_REJECTED close INACTIVE,
        RECEIVED_REJECTED send SENT_PENDING, RECEIVED_REJECTED receive RECEIVED_PENDING,
        RECEIVED_REJECTED close INACTIVE, ERROR send SENT_PENDING, ERROR receive RECEIVED_PENDING,
        ERROR close INACTIVE, ERROR accept SENT_ACCEPTED, ERROR reject SENT_REJECTED""",
}


def listed(name):
    rows = [row.split() for row in LISTED[name].split(",")]
    return {(source, step): target for source, step, target in rows}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_listed_happens_and_everything_else_is_refused_with_what_is_possible(name):
    states, table = TABLES[name]
    rows = listed(name)
    for state, step in itertools.product(states, Step):
        if (state, step) in rows:
            assert advance(state, step, table) == rows[state, step]
            continue
        with pytest.raises(OutOfOrder) as refused:
            advance(state, step, table)
        assert refused.value.allowed == allowed(state, table)
        assert set(refused.value.allowed) == {one for source, one in rows if source == state}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_no_step_leads_two_ways(name):
    states, table = TABLES[name]
    first, *_ = states
    reached = {first} | {one.target for one in table}

    assert reached == set(states)
    assert len({(one.source, one.step) for one in table}) == len(table)


@pytest.mark.parametrize("state", ["SENT_PENDING", "SENT_ACCEPTED", "RECEIVED_PENDING", "RECEIVED_ACCEPTED"])
def test_no_reconciliation_is_started_while_one_is_under_way_or_agreed_upon(state):
    with pytest.raises(OutOfOrder):
        advance(ReconState(state), Step.SEND, RECON)


def test_a_settled_settlement_stays_settled():
    assert allowed(SettlementState.SETTLED, SETTLEMENT) == ()
