"""How buyer apps answer callbacks: mostly well, and in every way in which real ones do not. A table and a draw from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import orjson

from beckn_schemas.ack import ack, nack
from tests.chaos.recording import Taken
from tests.chaos.wire import Conduct, response

_ACK = response(200, orjson.dumps(ack()))


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done, and what it asks of the seller."""

    conduct: Conduct
    taken: Taken


ACKED = Answer(Conduct("ack", _ACK), "acked")
UNBELIEVED = Answer(Conduct("nack 20001", response(401, orjson.dumps(nack("20001")))), "refused")


def _nacked(code: str, taken: Taken) -> Answer:
    return Answer(Conduct(f"nack {code}", response(200, orjson.dumps(nack(code)))), taken)


BAD: Mapping[str, tuple[int, Answer]] = {
    "500": (4, Answer(Conduct("500", response(500)), "again")),
    "503 and when": (1, Answer(Conduct("503", response(503, b"", "Retry-After: 1")), "again")),
    "429": (1, Answer(Conduct("429", response(429, b"", "Retry-After: 1")), "again")),
    "please retry": (3, _nacked("23001", "again")),
    "redirect": (2, Answer(Conduct("302", response(302, b"", "Location: /elsewhere")), "again")),
    "nothing": (2, Answer(Conduct("silence"), "again")),
    "reset": (2, Answer(Conduct("reset", b"", resets=True), "again")),
    "reset half-way": (2, Answer(Conduct("half", _ACK[:90], resets=True), "again")),
    "no ack": (1, Answer(Conduct("200 without ack", response(200, b"<html>")), "again")),
    "refused": (1, _nacked("20006", "refused")),
    "unknown": (1, Answer(Conduct("404", response(404)), "refused")),
    "cannot fulfil": (1, _nacked("23002", "refused")),
}
"""By name: how often among bad answers, and what is done."""


def answer_to(rng: Random, badly: float, tries: int) -> Answer:
    """The answer to the nth arrival of one callback; ``badly`` is how likely a bad one is, less at each repetition."""
    if rng.random() >= badly / tries:
        return ACKED
    weights, answers = zip(*BAD.values(), strict=True)
    found: Answer = rng.choices(answers, weights)[0]
    return found
