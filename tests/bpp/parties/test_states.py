"""Applications and standing: what the tables list happens, everything else is refused."""

from __future__ import annotations

import itertools

import pytest

from bpp.parties.states import EMPANELMENT, STANDING, NotPossible, State, Step, allowed, next_state

TABLES = {"empanelment": EMPANELMENT, "standing": STANDING}
LISTED = {
    "empanelment": {
        (State.REQUESTED, Step.REVIEW): State.UNDER_REVIEW,
        (State.REQUESTED, Step.WITHDRAW): State.WITHDRAWN,
        (State.UNDER_REVIEW, Step.APPROVE): State.APPROVED,
        (State.UNDER_REVIEW, Step.REFUSE): State.REFUSED,
        (State.UNDER_REVIEW, Step.WITHDRAW): State.WITHDRAWN,
    },
    "standing": {
        (State.ACTIVE, Step.SUSPEND): State.SUSPENDED,
        (State.SUSPENDED, Step.RESTORE): State.ACTIVE,
        (State.ACTIVE, Step.RENEW): State.ACTIVE,
        (State.SUSPENDED, Step.RENEW): State.SUSPENDED,
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_listed_happens_and_everything_else_is_refused_with_what_is_possible(name):
    table, listed = TABLES[name], LISTED[name]
    for state, step in itertools.product(State, Step):
        if (state, step) in listed:
            assert next_state(state, step, table, "because") is listed[state, step]
            continue
        with pytest.raises(NotPossible) as refused:
            next_state(state, step, table, "because")
        assert refused.value.allowed == tuple(one for source, one in listed if source is state)


@pytest.mark.parametrize(
    ("name", "state", "step"),
    [
        ("empanelment", State.UNDER_REVIEW, Step.REFUSE),
        ("standing", State.ACTIVE, Step.SUSPEND),
        ("standing", State.SUSPENDED, Step.RESTORE),
    ],
)
def test_who_refuses_suspends_or_restores_says_why(name, state, step):
    with pytest.raises(NotPossible, match="reason") as refused:
        next_state(state, step, TABLES[name])

    assert refused.value.path == "reason"


@pytest.mark.parametrize("state", [State.APPROVED, State.REFUSED, State.WITHDRAWN])
def test_a_decided_application_stays_decided(state):
    assert allowed(state, EMPANELMENT) == ()
