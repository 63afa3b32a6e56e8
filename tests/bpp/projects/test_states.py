"""The tables of project work: what they list happens, all else is refused, and it leads to an end from everywhere."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from bpp.projects.moves import MOVES
from bpp.projects.states import (
    MILESTONE,
    OVER,
    PROJECT,
    Event,
    MilestoneStage,
    NotPossible,
    Side,
    Stage,
    events_of,
    follow,
)
from tests.support.project_diagram import project_states_page
from tests.support.sources import ROOT

TABLES = [(PROJECT, Stage), (MILESTONE, MilestoneStage)]


@pytest.mark.parametrize(("table", "stages"), TABLES, ids=["project", "milestone"])
def test_what_is_listed_happens_and_all_else_is_refused_with_what_is_possible(table, stages):
    listed = {(rule.source, rule.event, side): rule.target for rule in table for side in rule.sides}
    for stage, event, side in itertools.product(stages, Event, Side):
        if (stage, event, side) in listed:
            assert follow(table, stage, event, side) is listed[stage, event, side]
            continue
        with pytest.raises(NotPossible) as refused:
            follow(table, stage, event, side)
        assert refused.value.allowed == events_of(table, stage)
        assert stage in refused.value.message


@pytest.mark.parametrize(("table", "stages"), TABLES, ids=["project", "milestone"])
def test_a_stage_and_an_event_have_one_rule_and_every_stage_is_reached(table, stages):
    assert set(Counter((rule.source, rule.event) for rule in table).values()) == {1}
    assert {next(iter(stages)), *(rule.target for rule in table)} == set(stages)


def test_every_event_but_the_publication_is_in_the_table_and_has_its_move():
    assert {rule.event for rule in PROJECT} == set(MOVES) == set(Event) - {Event.PUBLISH}


def test_every_event_of_a_milestone_leaves_the_project_where_it_is():
    of_milestones = {rule.event for rule in MILESTONE}

    assert all(rule.source is rule.target for rule in PROJECT if rule.event in of_milestones)


def test_what_is_over_stays_over_and_everything_can_come_to_an_end():
    assert {rule.event for rule in PROJECT if rule.source in OVER} == {Event.PAY}
    ends = set(OVER)
    for _ in Stage:
        ends |= {rule.source for rule in PROJECT if rule.target in ends}
    assert ends == set(Stage)


def test_each_side_does_only_its_own():
    rules = [(rule.event, rule.sides) for table in (PROJECT, MILESTONE) for rule in table]
    own = {side: {event for event, sides in rules if side in sides} for side in Side}

    assert own[Side.CONSUMER] >= {Event.SELECT, Event.ACCEPT, Event.DISPUTE}
    assert not own[Side.CONSUMER] & {Event.BID, Event.REPORT, Event.PAY}
    assert not own[Side.PROVIDER] & {Event.SELECT, Event.ACCEPT, Event.DISPUTE}
    assert own[Side.SAMITI] == {Event.PAY}
    assert own[Side.SYSTEM] == {Event.AGREE, Event.COMPLETE, Event.LAPSE}


def test_the_page_of_the_tables_is_drawn_from_them():
    assert (ROOT / "docs" / "project-states.md").read_text(encoding="utf-8") == project_states_page()
