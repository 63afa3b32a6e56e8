"""Plays scenarios one after the other in each domain and tells what happens while it happens.

``run`` is an async generator: whoever listens shows progress, and has the flows at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bpp.conformance.record import Flow
from bpp.conformance.scenarios.play import Broken, Impossible, Play, Stage
from bpp.conformance.scenarios.steps import Scenario
from bpp.sandbox.buyer import Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A scenario begins."""

    scenario: Scenario
    domain: str


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


Event = Began | Took | Played | Over

_READING = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
"""What building the next message from a misshapen callback raises."""


async def run(stage: Stage, scenarios: Sequence[Scenario]) -> AsyncIterator[Event]:
    """Play the scenarios against a seller app; the last event is ``Over``."""
    over: list[tuple[Play, Flow]] = []
    for number, domain in enumerate(stage.plan.domains):
        for scenario in scenarios:
            if scenario.once and number:
                continue
            yield Began(scenario=scenario, domain=domain)
            play = Play(stage=stage, domain=domain)
            ended = not_played = ""
            for step in scenario.steps:
                began = asyncio.get_running_loop().time()
                try:
                    await step.take(play)
                except Impossible as why:
                    not_played = f"not played: {why}"
                except (Broken, Unreachable) as why:
                    ended = str(why)
                except _READING as problem:
                    ended = f"{step.name}: what came before cannot be built upon ({type(problem).__name__}: {problem})"
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
            flow = play.flow(scenario.name, ended=ended, not_played=not_played)
            over.append((play, flow))
            yield Played(scenario=scenario, domain=domain, flow=flow)
    yield Over(flows=tuple(play.flow(flow.name, ended=flow.ended, not_played=flow.not_played) for play, flow in over))
