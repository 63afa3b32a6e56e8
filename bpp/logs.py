"""Structured logs: one event a line, past-tense names, ids that say whose it is, no bodies, no keys, nothing personal.

What belongs to one message, call, delivery or timer is bound once (``bound``), and every line that is logged under it
bears it, also what a unit of work logs that runs in another task (``adopted``). A text that somebody else made is never
logged: of an exception that is not ours only its type and where it was raised (ADR 44).
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from itertools import count
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType, TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

from bpp.errors import BppError

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")

_BOUND: ContextVar[Mapping[str, str]] = ContextVar("bpp_bound", default=MappingProxyType({}))
_numbers = count(1)
_start = token_hex(4)


def new_request_id() -> str:
    """An id for one request to this process; nobody outside chooses it."""
    return f"{_start}-{next(_numbers)}"


@contextmanager
def bound(**ids: str) -> Iterator[None]:
    """Whatever is logged inside bears these ids of ours as well; empty ones are left out."""
    token = _BOUND.set({**_BOUND.get(), **{name: text for name, text in ids.items() if text}})
    try:
        yield
    finally:
        _BOUND.reset(token)


def also_bound(**ids: str) -> None:
    """Until the ``bound`` around it ends, these as well; empty ones are left out."""
    _BOUND.set({**_BOUND.get(), **{name: text for name, text in ids.items() if text}})


def peers_id(text: object) -> str:
    """An id that a peer chose, for the log: a UUID as it is, of anything else a digest, since it may be a name.

    The same one is always told in the same way: lines that belong together can still be found.
    """
    if not isinstance(text, str) or not text:
        return ""
    if _UUID.fullmatch(text):
        return text
    return f"~{blake2b(text.encode(errors='surrogatepass'), digest_size=6).hexdigest()}"


@contextmanager
def adopted(ids: Mapping[str, str]) -> Iterator[None]:
    """Whatever is logged inside bears exactly these: what ``bound_now`` said in the task that asked for it."""
    token = _BOUND.set(ids)
    try:
        yield
    finally:
        _BOUND.reset(token)


def bound_now() -> Mapping[str, str]:
    """The ids of this task, for another that works for it."""
    return _BOUND.get()


def configure_logs(level: str, *, json: bool, process: int | None = None, foreign: bool = False) -> None:
    """Set logging up once, at the start of a process: JSON lines, or readable ones for a person.

    ``process`` is the number of the server process, on every line where it is given. ``foreign``: readable lines show
    errors whole, with the words of other libraries, which quote what they were given.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    before: list[Processor] = [
        _with_bound(process),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Processor] = [_readable()]
    if json:
        renderer = [_without_foreign_texts, structlog.processors.JSONRenderer(serializer=_serialized)]
    elif not foreign:
        renderer = [_without_foreign_texts, _in_lines, *renderer]
    structlog.configure(
        processors=[*before, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer)
        if json
        else structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(max(number, logging.WARNING), [*before, _library_named], renderer)


def _with_bound(process: int | None) -> Processor:
    own = {} if process is None else {"process": process}

    def merge(_logger: object, _name: str, event: EventDict) -> EventDict:
        return {**own, **_BOUND.get(), **event}

    return merge


def _serialized(event: EventDict, **_options: Any) -> bytes:
    return orjson.dumps(event, default=repr)


def _readable() -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables
    )


def _without_foreign_texts(_logger: object, _name: str, event: EventDict) -> EventDict:
    """An exception as the types it was made of and where each was raised; the text of our own errors alone."""
    given = event.pop("exc_info", None)
    if given:
        problem = given if isinstance(given, BaseException) else sys.exc_info()[1] if given is True else given[1]
        event["exception"] = list(_causes(problem))
    return event


def _in_lines(_logger: object, _name: str, event: EventDict) -> EventDict:
    """The exception that ``_without_foreign_texts`` left, for a person."""
    causes = event.get("exception", ())
    if causes:
        event["exception"] = "\n".join(
            f"{one['type']}: {one.get('text', '')}\n  " + "\n  ".join(one["at"]) for one in causes
        )
    return event


def _causes(problem: BaseException | None) -> Iterator[dict[str, Any]]:
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        told = {
            "type": f"{type(problem).__module__}.{type(problem).__qualname__}",
            "at": _places(problem.__traceback__),
        }
        text = _own_text(problem)
        yield told | ({"text": text} if text else {})
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)


def _own_text(problem: BaseException) -> str:
    """What an exception may say: ours by their own words, the system's by its number, a database's by its state."""
    if isinstance(problem, BppError):
        return str(problem)
    if isinstance(problem, OSError):
        return problem.strerror or ""
    return str(getattr(problem, "sqlstate", None) or getattr(problem, "sqlite_errorname", None) or "")


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{Path(code.co_filename).name}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places


def _configure_libraries(level: int, before: list[Processor], renderer: list[Processor]) -> None:
    """What libraries log in their own way goes the same way, from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    as_text: list[Processor] = [*renderer, _decoded]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *as_text],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)


def _library_named(logger: object, _name: str, event: EventDict) -> EventDict:
    return {"library": getattr(logger, "name", ""), **event}


def _decoded(_logger: object, _name: str, line: Any) -> Any:
    return line.decode() if isinstance(line, bytes) else line
