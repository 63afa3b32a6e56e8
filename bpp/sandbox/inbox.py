"""Where callbacks are kept until somebody asks for them, and the script by which they are answered."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from bpp.sandbox.exchange import ACKED, Answer, Callback

Wanted = Callable[[Callback], bool]


class NoCallback(TimeoutError):
    """What was waited for did not come; the text says what did."""


@dataclass(slots=True, eq=False)
class _Waiter:
    wants: Wanted
    future: asyncio.Future[Callback]


class Inbox:
    """Callbacks in the order of arrival. ``keep`` is how many are remembered, ``keep_bytes`` how much of bodies."""

    def __init__(self, keep: int, keep_bytes: int) -> None:
        self._keep = keep
        self._room = keep_bytes
        self.callbacks: deque[Callback] = deque(maxlen=keep)
        self._untaken: deque[Callback] = deque(maxlen=keep)
        self._waiters: list[_Waiter] = []

    @property
    def full(self) -> bool:
        """Whether so much came that the next one takes the place of the oldest."""
        return len(self.callbacks) >= self._keep or self._room <= 0

    def put(self, callback: Callback) -> None:
        """Remember a callback; one whose signature held goes to the first who waits for it."""
        self._room -= len(callback.body)
        self.callbacks.append(callback)
        if callback.problem:
            return
        for waiter in self._waiters:
            if not waiter.future.done() and waiter.wants(callback):
                waiter.future.set_result(callback)
                return
        self._untaken.append(callback)

    async def take(self, wants: Wanted, patience: float) -> Callback:
        """The first fitting callback that nobody has taken yet; waits ``patience`` seconds. Raises TimeoutError."""
        for one in self._untaken:
            if wants(one):
                self._untaken.remove(one)
                return one
        waiter = _Waiter(wants, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(waiter.future, patience)
        finally:
            self._waiters.remove(waiter)


class Script:
    """How callbacks are answered: what was scripted for an action, then what stands for it, then ACK."""

    def __init__(self) -> None:
        self._scripted: defaultdict[str, deque[Answer]] = defaultdict(deque)
        self._standing: dict[str, Answer] = {}
        self._closing = asyncio.Event()

    def next(self, action: str, *answers: Answer) -> None:
        """The answers to the next callbacks of an action, one after the other."""
        self._scripted[action].extend(answers)

    def forget(self, action: str) -> None:
        """Leave out what was scripted for an action and has not been used."""
        self._scripted.pop(action, None)

    def always(self, action: str, answer: Answer) -> None:
        """The answer to every callback of an action for which nothing else is scripted."""
        self._standing[action] = answer

    def take(self, action: str) -> Answer:
        """The answer to a callback that came."""
        script = self._scripted[action]
        return script.popleft() if script else self._standing.get(action, ACKED)

    def close(self) -> None:
        """End everything that hangs or waits for its time."""
        self._closing.set()

    async def perform(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        """Answer a request so."""
        if answer.until is not None:
            await answer.until.wait()
        if answer.delay:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), answer.delay)
        if answer.hangs:
            await self._closing.wait()
        if (answer.hangs or answer.drops) and request.transport is not None:
            request.transport.abort()
        headers = {"Content-Type": "application/json", **answer.headers}
        return web.Response(status=answer.status, body=answer.body, headers=headers)
