"""Complaints that must be refused, each by its published code. Source: network 1.7, 1.9."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from bpp.conformance.scenarios.booking import booked
from bpp.conformance.scenarios.grieving import about, opens
from bpp.conformance.scenarios.play import Play
from bpp.conformance.scenarios.steps import Ask, Expect, Scenario
from bpp.conformance.scenarios.trying import Tries
from bpp.sandbox.complaints import Complaint
from bpp.sandbox.exchange import Json

Change = Callable[[Json], None]
OTHER = "FLM011"
"""A category in which nothing was complained of before."""


def _tries(probe: str, change: Change = lambda _: None, *, code: str = OTHER, **more: Any) -> Ask:
    """A complaint of its own, altered."""

    def build(play: Play) -> Json:
        message = copy.deepcopy(Complaint(about(play), code=code).opened())
        change(message["issue"])
        return message

    return _probe("issue", probe, build, **more)


def _probe(action: str, probe: str, build: Callable[[Play], Json], **more: Any) -> Ask:
    return Ask(action=action, name=probe, probe=probe, build=build, expects=Expect.ANYTHING, errors=None, **more)


def _refers(kind: str, id_: str) -> Change:
    def change(issue: Json) -> None:
        for one in issue["refs"]:
            if one["ref_type"] == kind:
                one["ref_id"] = id_

    return change


def _without_refs(issue: Json) -> None:
    del issue["refs"]


def _as_dispute(issue: Json) -> None:
    issue["level"] = "DISPUTE"


def _known(play: Play) -> Json:
    return {"issue_id": play.grievance.issue["id"]}


def _again(play: Play) -> Json:
    return play.grievance.opened()


def _unasked(play: Play) -> Json:
    """An answer to a question that nobody asked; what is known of the issue stays as it is."""
    issue = copy.copy(play.grievance)
    issue.issue = copy.deepcopy(issue.issue)
    return issue.says("INFO_PROVIDED", ref_id="A-none", ref_type="ACTION")


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="issue_refused",
        title="Complaints that nobody can take, one that is told twice, questions about others' issues",
        steps=(
            *booked(),
            opens(),
            Tries(
                name="complaints",
                tries=(
                    _tries("issue_without_refs", _without_refs),
                    _tries("issue_of_unknown_order", _refers("ORDER", "O-none")),
                    _tries("issue_of_unknown_visit", _refers("FULFILLMENT", "F-none")),
                    _tries("issue_of_unknown_item", _refers("ITEM", "I-none")),
                    _tries("issue_of_other_transaction", anew=True),
                    _tries("issue_as_dispute", _as_dispute),
                    _tries("issue_twice", code="ITM004"),
                    _probe("issue", "issue_told_again", _again),
                    _probe("issue", "issue_out_of_order", _unasked),
                ),
            ),
            Tries(
                name="questions",
                tries=(
                    _probe(
                        "issue_status", "issue_status_of_none", lambda play: {"issue_id": play.stage.buyer.new_id()}
                    ),
                    _probe("issue_status", "issue_status_of_another", _known, second=True),
                    _probe("issue_status", "issue_status_after_all", _known),
                ),
                listens=True,
            ),
        ),
        once=True,
    ),
)
