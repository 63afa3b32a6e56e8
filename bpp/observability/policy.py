"""What follows from the endpoint's answer to one entry, and from those of a turn. Pure.

Source: network.md 3.1. 200 takes an entry, also with 2001 EXTRA_FIELD; 4001 to 4003 refuse it for what it is, and
so does a status that speaks of the body. Everything else speaks of the endpoint or of our token: the
entry waits, from one minute to one hour, for as long as it takes. A single failure of a busy endpoint says little, so
that an entry is tried once more before anybody waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import orjson

from bpp.network.outcome import Answered, Outcome, Unreachable
from bpp.observability.entries import Entry

LEAST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
DOUBLINGS: Final = 10  # more than it takes to come from the one to the other
WORDS: Final[Mapping[str, str]] = {
    "2001": "EXTRA_FIELD",
    "4001": "REQUIRED_FIELD",
    "4002": "INVALID_DATA_TYPE",
    "4003": "INVALID_ENUM_VALUE",
}
"""What the endpoint may find in an entry: a warning, and what it refuses."""
WARNINGS: Final = frozenset({"2001"})
OF_THE_BODY: Final = frozenset({400, 413, 415, 422})
"""Statuses by which an entry is refused, with whatever body."""
OK, REDIRECTION, SERVER_ERROR = 200, 300, 500
HELD_UP: Final = 3
"""Turns in which an entry meets a 5xx while others are taken, after which it is set aside as refused."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The endpoint has it; ``warnings`` are words of ``WORDS``."""

    warnings: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The endpoint will not have it, for what it is."""

    words: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Nothing was said of the entry. ``reason`` for people; ``wait`` is what the endpoint asked for.

    ``inside``: the endpoint itself failed over it, which may be the entry's fault all the same.
    """

    reason: str
    wait: timedelta | None = None
    inside: bool = False


Verdict = Taken | Refused | Trouble


def judge(outcome: Outcome) -> Verdict:
    """What became of one entry."""
    status = outcome.status
    if isinstance(outcome, Unreachable) or status is None:
        return Trouble(outcome.reason if isinstance(outcome, Unreachable) else "no answer")
    codes = sorted(set(_codes(outcome.answer)))
    refusing = [one for one in codes if one not in WARNINGS]
    if status >= SERVER_ERROR:
        return Trouble(f"HTTP {status}", _wait(outcome), inside=True)
    if refusing or status in OF_THE_BODY:
        return Refused(_words(refusing) or f"HTTP {status}")
    if OK <= status < REDIRECTION:
        return Taken(_words(codes))
    return Trouble(f"HTTP {status}", _wait(outcome))


def passing(outcome: Outcome) -> bool:
    """Whether the same entry may well be taken a moment later: it was not answered, or the endpoint failed over it.

    Not where the endpoint asks for time.
    """
    failed = outcome.status is None or outcome.status >= SERVER_ERROR
    return (isinstance(outcome, Unreachable) or failed) and _wait(outcome) is None


def wait_after(failures: int, asked: timedelta | None, chance: float) -> timedelta:
    """How long to leave the endpoint alone after so many turns in vain; ``chance`` in [0, 1) spreads it by a tenth."""
    grown = min(LEAST_WAIT * 2.0 ** min(failures - 1, DOUBLINGS), LONGEST_WAIT)
    return max(grown * (0.9 + chance / 10), min(asked or timedelta(), LONGEST_WAIT))


@dataclass(slots=True)
class Stuck:
    """Entries that the endpoint failed over, by their identity: in how many turns, and whether others went through."""

    turns: dict[str, int] = field(default_factory=dict)

    def set_aside(self, verdicts: Mapping[str, Verdict]) -> Mapping[str, Refused]:
        """Learn from a turn; by identity the entries that have held up the others for long enough, as refused."""
        others = any(isinstance(one, Taken) for one in verdicts.values())
        aside = {}
        for identity, verdict in verdicts.items():
            turns = self.turns.pop(identity, 0)
            if isinstance(verdict, Trouble) and verdict.inside:
                turns += others
                if turns >= HELD_UP:
                    aside[identity] = Refused(verdict.reason)
                else:
                    self.turns[identity] = turns
        return aside


def lanes_of(entries: Sequence[Entry]) -> Sequence[Sequence[Entry]]:
    """Entries by transaction, each in order: within one, what was said first is told first."""
    lanes: dict[str, list[Entry]] = {}
    for one in entries:
        lanes.setdefault(one.lane, []).append(one)
    return list(lanes.values())


def _codes(answer: bytes) -> Iterator[str]:
    """The error codes in an answer, as ``{"errors": [{"error_code": …}]}``; none of what cannot be read."""
    try:
        body: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return
    errors = body.get("errors") if isinstance(body, dict) else None
    for one in errors if isinstance(errors, list) else ():
        code = one.get("error_code") if isinstance(one, dict) else None
        if str(code) in WORDS or code in WORDS.values():
            yield next(known for known, word in WORDS.items() if str(code) in (known, word))


def _words(codes: Sequence[str]) -> str:
    return ", ".join(f"{one} {WORDS[one]}" for one in codes)


def _wait(outcome: Outcome) -> timedelta | None:
    return outcome.retry_after if isinstance(outcome, Answered) else None
