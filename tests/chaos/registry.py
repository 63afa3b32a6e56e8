"""A registry over HTTP that is right, slow, wrong or absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from tests.chaos.wire import Conduct, Request, Sink, response

WRONG: Mapping[str, Conduct] = {
    "500": Conduct("500", response(500)),
    "no JSON": Conduct("no JSON", response(200, b"<html>maintenance</html>")),
    "no array": Conduct("no array", response(200, b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"1015"}}')),
    "redirect": Conduct("redirect", response(302, b"", "Location: /elsewhere")),
    "silence": Conduct("silence"),
    "reset": Conduct("reset", resets=True),
    "half": Conduct("half", response(200, b"[" * 4000)[:2000], resets=True),
}
"""What it may do instead of telling the truth. None of it says that a key is unknown."""


class Registry(Sink):
    """Looks records up as ``/v2.0/lookup`` does; whom it answers does not matter here."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.records: Sequence[Mapping[str, Any]] = ()
        self.instead: Conduct | None = None
        self.slow = 0.0
        self.asked = 0

    def _answer(self, request: Request) -> Conduct:
        self.asked += 1
        if self.instead is not None:
            return self.instead
        query = orjson.loads(request.body)
        found = [one for one in self.records if all(one.get(key) == value for key, value in query.items())]
        return replace(Conduct("truth", response(200, orjson.dumps(found))), after=self.slow)
