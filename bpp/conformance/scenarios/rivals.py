"""Steps of a second customer beside the first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bpp.conformance.scenarios.play import Play
from bpp.conformance.scenarios.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Steps of the second buyer app, in a transaction of its own. It wants what the first has chosen until now."""

    name: str
    steps: tuple[Step, ...]
    within: float | None = None

    @property
    def waits_for(self) -> str:
        """What its steps wait for."""
        return "; ".join(one.waits_for for one in self.steps)

    async def take(self, play: Play) -> None:
        """Take them one after the other. Raises ``Broken`` or ``Impossible``."""
        rival = play.beside()
        for step in self.steps:
            await step.take(rival)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A step that both buyer apps take at the same moment; who was refused before takes no part.

    ``after`` names the callback that must have come without an error.
    """

    step: Step
    after: str
    within: float | None = None

    @property
    def name(self) -> str:
        """That of the step."""
        return f"{self.step.name}, both at once"

    @property
    def waits_for(self) -> str:
        """What the step waits for, twice."""
        return self.step.waits_for

    async def take(self, play: Play) -> None:
        """Take it on both sides."""
        sides = (play, play.beside())
        ready = [one for one in sides if self.after in one.heard and not one.heard[self.after].error]
        await asyncio.gather(*(self.step.take(one) for one in ready))
