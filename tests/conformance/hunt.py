"""Plays a scenario only as far as a check needs to find a fault: what is said after that would cost time alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bpp.conformance.check import Check, Outcome, apply
from bpp.conformance.scenarios.play import Broken, Play
from bpp.conformance.scenarios.steps import Scenario, Step


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A step after which the flow so far is judged by one check; the scenario ends where it fails."""

    step: Step
    scenario: str
    check: Check

    @property
    def name(self) -> str:
        """The step's."""
        return self.step.name

    @property
    def waits_for(self) -> str:
        """The step's."""
        return self.step.waits_for

    @property
    def within(self) -> float | None:
        """The step's."""
        return self.step.within

    async def take(self, play: Play) -> None:
        """Take the step, then judge."""
        await self.step.take(play)
        if apply(self.check, play.flow(self.scenario)).outcome is Outcome.FAILED:
            raise Broken("found")


def until_found(scenario: Scenario, check: Check) -> Scenario:
    """The scenario, ended by the step after which the check fails."""
    steps = tuple(Watched(step=one, scenario=scenario.name, check=check) for one in scenario.steps)
    return replace(scenario, steps=steps)
