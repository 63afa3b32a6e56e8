"""Text messages to telephones: through a gateway that takes JSON over HTTP, or printed where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import aiohttp
import structlog

log = structlog.get_logger(__name__)
PATIENCE = timedelta(seconds=10)
MULTIPLE_CHOICES = 300


class Sender(Protocol):
    """Sends a text to a telephone. That it could not be sent is logged; whoever waits for it asks again."""

    async def send(self, phone: str, text: str) -> bool:
        """Send it; whether it was taken."""
        ...


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that takes ``{"phone", "text"}`` with a bearer token, and answers 2xx once it has it."""

    url: str
    token: str
    session: aiohttp.ClientSession

    async def send(self, phone: str, text: str) -> bool:
        """Post the text; whether the gateway took it."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        timeout = aiohttp.ClientTimeout(total=PATIENCE.total_seconds())
        try:
            async with self.session.post(
                self.url, json={"phone": phone, "text": text}, headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                taken = answer.status < MULTIPLE_CHOICES
        except (aiohttp.ClientError, TimeoutError) as problem:
            log.warning("text_not_sent", reason=type(problem).__name__)
            return False
        if not taken:
            log.warning("text_not_sent", status=answer.status)
        return taken


class Printed:
    """The sandbox's sender: the text is printed where the server runs, for the person who tries it."""

    async def send(self, phone: str, text: str) -> bool:
        """Print the text."""
        print(f"text message to {phone}: {text}", flush=True)  # noqa: T201  for the person who started it
        return True


class Nowhere:
    """Where no gateway is set outside the sandbox: nothing can be sent."""

    async def send(self, phone: str, text: str) -> bool:
        """Say in the log that there is no gateway."""
        del phone, text
        log.warning("text_not_sent", reason="BPP_SMS_URL is not set")
        return False


def sender_of(url: str, token: str, session: aiohttp.ClientSession, *, printed: bool) -> Sender:
    """The sender of the settings; where they name no gateway, texts are ``printed`` or go nowhere."""
    if url:
        return Gateway(url, token, session)
    return Printed() if printed else Nowhere()
