"""The seller's people as one person at a terminal, who is told what to do in the seller's app.

Enter says that it is done, ``n`` that the seller's app refused it, ``q`` that nobody acts any more: then every flow
that needs somebody is left out.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from bpp.conformance.seller import Deed, Done, NobodyActs

ReadLine = Callable[[], Awaitable[str | None]]
"""The next line that the person types, without its end; None where there is no more."""

_SENTENCES = {
    "assign": "Assign a worker to order {order_id}.",
    "accept": "Accept order {order_id} for the provider.",
    "decline": "Decline order {order_id} for the provider.",
    "depart": "Let the worker of order {order_id} set off.",
    "arrive": "Let the worker of order {order_id} arrive at the customer's door.",
    "start": "Start the work of order {order_id} with the one-time password {otp}.",
    "complete": "Complete the work of order {order_id}.",
    "cancel": "Cancel order {order_id} for the seller, with the reason {reason}.",
    "ask": "In complaint {issue_id} about order {order_id}, ask the buyer for {wanted}.",
    "propose": "In complaint {issue_id} about order {order_id}, propose: {options}.",
    "resolve": "Resolve complaint {issue_id} about order {order_id} at once, by {option}.",
    "answer": "In your own complaint {issue_id} about order {order_id}, say {says}.",
    "complain": "Complain to the buyer app about order {order_id}: {short_desc} (category {code}).",
    "settle": "File order {order_id} with the settlement agency.",
    "report": "Ask the settlement agency about order {order_id}, of which it has said nothing.",
    "recon": "Compare order {order_id} with the buyer app: send it a recon.",
    "pay_out": "File a payout of your own, of {amount} rupees, with the settlement agency.",
    "requote": "Quote for further work of order {order_id}: {lines}; valid for {valid_for}.",
}
_CHOICES = "Enter: done   n: the app refused it   q: nobody acts any more"
_WHO_LEFT = "nobody acts any more, as was said at the terminal"


def sentence(deed: Deed) -> str:
    """What is to be done in the seller's app, in words."""
    known = {"order_id": deed.order_id, **deed.details}
    if "lines" in known:
        known["lines"] = ", ".join(map(_line, known["lines"]))
    known |= {key: _remedy(known[key]) for key in ("option",) if key in known}
    known |= {key: ", ".join(map(_remedy, known[key])) for key in ("options", "wanted") if key in known}
    text = _SENTENCES.get(deed.event, f"Do this to order {{order_id}}: {deed.event}.")
    told = text.format_map(_OrDash(known))
    left = {name: value for name, value in deed.details.items() if f"{{{name}}}" not in text}
    more = f" ({', '.join(f'{name}: {value}' for name, value in left.items())})" if left else ""
    return f"{told}{more} The buyer app is {deed.bap_id}."


class _OrDash(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "-"


def _remedy(one: Any) -> str:
    if not isinstance(one, dict):
        return str(one)
    more = ", ".join(str(value) for name, value in one.items() if name != "code")
    return f"{one.get('code', '-')}{f' ({more})' if more else ''}"


def _line(line: Any) -> str:
    if not isinstance(line, dict):
        return str(line)
    count = f" times {line['count']}" if line.get("count", 1) != 1 else ""
    return f"{line.get('title', 'a line')} at {line.get('price', '-')} rupees with tax{count}"


class AskAPerson:
    """Says what is to be done by ``say`` and waits for the person's word."""

    def __init__(self, say: Callable[[str], None], read_line: ReadLine) -> None:
        self._say = say
        self._read_line = read_line
        self._left = False

    async def act(self, deed: Deed) -> Done:
        """Ask until there is an answer. Raises ``NobodyActs``."""
        if self._left:
            raise NobodyActs(_WHO_LEFT)
        self._say(sentence(deed))
        while True:
            self._say(_CHOICES)
            line = await self._read_line()
            match line if line is None else line.strip().lower():
                case None | "q":
                    self._left = True
                    raise NobodyActs(_WHO_LEFT)
                case "n":
                    return Done(taken=False, detail="refused, as was said at the terminal")
                case "":
                    return Done(taken=True, detail="done, as was said at the terminal")


class Lines:
    """Lines typed at a file descriptor, a terminal or a pipe, read without holding up the event loop.

    A thread of its own reads, since not every kind of file can be waited for; it is a daemon, so that a person who
    types nothing does not keep the program from ending. It starts at the first question: what nobody asked for is left
    to the program that runs after us.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self) -> str | None:
        """The next line; None at the end of the file, and ever after."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(self._loop,), daemon=True).start()
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        rest = b""
        while chunk := self._chunk():
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._tell(loop, line.decode(errors="replace").rstrip("\r"))
        self._tell(loop, None)

    def _chunk(self) -> bytes:
        try:
            return os.read(self._descriptor, 4096)
        except OSError:
            return b""  # the terminal was closed

    def _tell(self, loop: asyncio.AbstractEventLoop, line: str | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._lines.put_nowait, line)
