"""JSON as it is found in files: one value or many, in prose or alone, with slips of whoever edited it by hand.

A slip is always told. Where superfluous commas are the only one, what was meant is beyond doubt and is read.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A JSON value, and the bytes that it was written in."""

    document: Any = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Where a text is not JSON, both counted from 1; ``mended`` says that it was read all the same."""

    line: int
    column: int
    problem: str
    mended: bool


_WIDE = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SUPERFLUOUS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|,(?=\s*[,\]}])', re.DOTALL)
_BEGINNING = re.compile(r"[{\[]")
_BEGINNING_IN_PROSE = re.compile(r'\{(?=\s*["}])|\[(?=\s*\{)')
_NEXT = re.compile(r'^(?:\S[^\n{\["]*)?\{', re.MULTILINE)
"""A line after a broken value on which another may begin: the broken one's own parts are indented or in quotes."""


def read_values(data: bytes, *, prose: bool) -> tuple[tuple[Value, ...], tuple[Slip, ...]]:
    """The JSON values in a file's bytes, one after the other, and what is wrong with them.

    With ``prose``, text around them is no slip (a log with prefixes, a note), nor is a file that has none at all.
    """
    try:
        return (Value(document=orjson.loads(data), body=data),), ()
    except orjson.JSONDecodeError:
        pass
    try:
        text = _decoded(data)
    except UnicodeDecodeError as problem:
        before = data[: problem.start].decode("utf-8", "replace")
        return (), (_slip(before, len(before), "a byte that is not UTF-8", mended=False),) if not prose else ()
    values: list[Value] = []
    slips: list[Slip] = []
    silent = False  # after a broken value, until another is read: what follows is part of the same trouble
    for one in _sequence(text, prose=prose):
        if isinstance(one, Value):
            values.append(one)
            silent = False
        elif one.mended or not silent:
            slips.append(one)
            silent = not one.mended
    return tuple(values), tuple(slips)


def _decoded(data: bytes) -> str:
    wide = next((name for mark, name in _WIDE if data.startswith(mark)), "utf-8-sig")
    return data.decode(wide)


def _sequence(text: str, *, prose: bool) -> Iterator[Value | Slip]:
    beginning = _BEGINNING_IN_PROSE if prose else _BEGINNING
    position = 0
    while True:
        begin = beginning.search(text, position)
        gap = text[position : begin.start() if begin else len(text)]
        if not prose and (gap.strip(" \t\r\n,") or (begin is None and not position)):
            yield _slip(text, position + len(gap) - len(gap.lstrip(" \t\r\n,")), "no JSON", mended=False)
        if begin is None:
            return
        try:
            value, position = _value(text, begin.start())
            yield value
        except ValueError as problem:
            where = problem.pos if isinstance(problem, json.JSONDecodeError) else begin.start()
            said = problem.msg if isinstance(problem, json.JSONDecodeError) else str(problem)
            try:
                mended, after = _value(_without_superfluous_commas(text, begin.start()), begin.start())
            except ValueError:
                yield _slip(text, where, said, mended=False)
                following = _NEXT.search(text, max(where, begin.end()))
                position = following.end() - 1 if following else len(text)
            else:
                yield _slip(text, where, said, mended=True)
                yield Value(document=mended.document, body=text[begin.start() : after].encode())
                position = after


def _value(text: str, begin: int) -> tuple[Value, int]:
    """The value that begins there, and where it ends. Raises ``ValueError``."""
    try:
        document, end = _DECODER.raw_decode(text, begin)
    except RecursionError as problem:
        raise ValueError("too deep") from problem
    return Value(document=document, body=text[begin:end].encode("utf-8", "surrogatepass")), end


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refused)


def _without_superfluous_commas(text: str, begin: int) -> str:
    """Blanks for commas after which a comma or the end of an object or array comes, so that places stay the same."""
    return text[:begin] + _SUPERFLUOUS.sub(lambda found: " " if found[0] == "," else found[0], text[begin:])


def _slip(text: str, position: int, problem: str, *, mended: bool) -> Slip:
    line = text.count("\n", 0, position) + 1
    return Slip(
        line=line,
        column=position - (text.rfind("\n", 0, position) + 1) + 1,
        problem=problem,
        mended=mended,
    )
