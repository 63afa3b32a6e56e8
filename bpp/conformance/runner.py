"""Plays scenarios one after the other in each domain and tells what happens while it happens.

``run`` is an async generator: whoever listens shows progress, and has the flows at the end.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bpp.conformance.check import UNREADABLE
from bpp.conformance.record import Flow
from bpp.conformance.scenarios.play import Broken, Impossible, Play, Stage
from bpp.conformance.scenarios.steps import Ask, Listen, Scenario, Step
from bpp.sandbox.posting import Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A scenario begins."""

    scenario: Scenario
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """A step begins. ``within`` is how long in seconds it waits for what it ``waits_for``."""

    scenario: Scenario
    domain: str
    step: str
    waits_for: str
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """A step was taken; ``seconds`` it lasted, ``problem`` is empty where it brought what it waits for."""

    scenario: Scenario
    domain: str
    step: str
    waits_for: str
    seconds: float
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A scenario is over: what was said until now."""

    scenario: Scenario
    domain: str
    flow: Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """The run is over: every flow, with what came late."""

    flows: tuple[Flow, ...]


Event = Began | Takes | Took | Played | Over

STOPPED = "the run was stopped"
FLOODED = "more callbacks came than any flow brings: the run was ended"
SILENT_FLOWS = 3
"""Flows in a row that break off without a callback, after which no more are played in this domain."""
SILENT = f"no callback came in {SILENT_FLOWS} flows in a row: nothing more was played in this domain"


def turns(stage: Stage, scenarios: Sequence[Scenario]) -> tuple[tuple[Scenario, str], ...]:
    """Which scenario is played in which domain, in this order."""
    return tuple(
        (scenario, domain)
        for number, domain in enumerate(stage.plan.domains)
        for scenario in scenarios
        if not (scenario.once and number)
    )


async def run(stage: Stage, scenarios: Sequence[Scenario]) -> AsyncIterator[Event]:
    """Play the scenarios against a seller app; the last event is ``Over``.

    A run that is cancelled while a step waits (Ctrl-C) ends the same way, with what was played until then: the flow
    under way breaks off, and those after it are not played. So does one whose seller app floods us; where it says
    nothing, no more is played in that domain.
    """
    over: list[tuple[Play, Flow]] = []
    stopped = ""
    silent: Counter[str] = Counter()
    for scenario, domain in turns(stage, scenarios):
        play = Play(stage=stage, domain=domain)
        if stopped or silent[domain] >= SILENT_FLOWS:
            over.append((play, play.flow(scenario.name, not_played=stopped or SILENT)))
            continue
        yield Began(scenario=scenario, domain=domain)
        ended = not_played = ""
        for step in scenario.steps:
            yield Takes(
                scenario=scenario,
                domain=domain,
                step=step.name,
                waits_for=step.waits_for,
                within=_within(step, stage),
            )
            began = asyncio.get_running_loop().time()
            try:
                await step.take(play)
            except asyncio.CancelledError:
                _keep_going()
                stopped = STOPPED
                ended = f"{step.name}: {STOPPED}"
            except Impossible as why:
                not_played = f"not played: {why}"
            except (Broken, Unreachable) as why:
                ended = str(why)
            except UNREADABLE as problem:
                ended = f"{step.name}: what came before cannot be built upon ({type(problem).__name__}: {problem})"
            if play.recorder.flooded and not stopped:
                stopped, ended, not_played = FLOODED, f"{step.name}: {FLOODED}", ""
            yield Took(
                scenario=scenario,
                domain=domain,
                step=step.name,
                waits_for=step.waits_for,
                seconds=asyncio.get_running_loop().time() - began,
                problem=ended or not_played,
            )
            if ended or not_played:
                break
        play.recorder.end()
        flow = play.flow(scenario.name, ended=ended, not_played=not_played)
        over.append((play, flow))
        silent[domain] = silent[domain] + 1 if ended and not flow.callbacks else 0
        yield Played(scenario=scenario, domain=domain, flow=flow)
    yield Over(flows=tuple(play.flow(flow.name, ended=flow.ended, not_played=flow.not_played) for play, flow in over))


def _within(step: Step, stage: Stage) -> float:
    """How long a step waits: as it says, else as long as this run listens to silence, or has patience."""
    listens = isinstance(step, Listen) or (isinstance(step, Ask) and bool(step.probe))
    return step.within or (stage.quiet if listens else stage.patience)


def _keep_going() -> None:
    """Take a cancellation as the wish to end the run with a report, not as the end of our task."""
    task = asyncio.current_task()
    if task is not None:
        task.uncancel()
