"""Why an attempt to deliver a callback came to nothing: a key by which like are found, and words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.console.language import gettext, msg
from bpp.storage.ports import Attempt

NOT_TRIED = "not_tried"
NACKED, ANSWERED, ACKED = "nacked", "answered", "acked"
"""How outcomes are written where an answer came (``bpp.delivery.record``); else a reason stands there."""
WORDS: Mapping[str, str] = {
    NOT_TRIED: msg("not tried yet"),
    ACKED: msg("taken with ACK"),
    "forbidden_url": msg("its address is not one that may be called"),
    "forbidden_address": msg("its address leads into a network that may not be called"),
    "dns": msg("the name of its server is not known (DNS)"),
    "connection": msg("its server takes no connection"),
    "tls": msg("no secure connection (TLS)"),
    "timeout": msg("no answer in time"),
    "disconnected": msg("it ended the connection without an answer"),
    "stopped": msg("broken off, since our process stopped"),
}
"""What came back, by the first word of an outcome."""


def reason_key(last: Attempt | None) -> str:
    """What failed attempts are told apart by: ``nack 30008``, ``http 404``, ``timeout``."""
    if last is None:
        return NOT_TRIED
    if last.outcome == NACKED:
        return f"nack {last.code}".strip()
    if last.outcome == ANSWERED:
        return f"http {last.http_status}"
    return last.outcome.partition(":")[0]


def reason_words(key: str) -> str:
    """A key in words; NACK, HTTP and their numbers stay as they are."""
    kind, _, number = key.partition(" ")
    if kind == "nack":
        return gettext("refused with NACK %(code)s") % {"code": number} if number else gettext("refused with NACK")
    if kind == "http":
        return gettext("answered with HTTP %(status)s, neither ACK nor NACK") % {"status": number}
    return gettext(WORDS[key]) if key in WORDS else key


def detail_of(last: Attempt | None) -> str:
    """What else was noted of an attempt, in English as it came."""
    return last.outcome.partition(": ")[2] if last is not None else ""
