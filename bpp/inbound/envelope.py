"""The outermost shape of a message: strict JSON, and a context that fits the signer, the path and us.

Reading is stricter than the standard library: what one JSON reader takes and another refuses, or reads differently, is
refused here (RFC 7493, I-JSON), since the parser that checks and the program that acts must see the same message.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, Literal, NoReturn

import orjson
from msgspec.json import Decoder

from bpp.errors import InvalidSignature, MalformedRequest
from bpp.inbound.authenticate import Sender

MAX_DEPTH = 64
"""Deepest nesting of arrays and objects; the network's own messages stay below 20."""

Signer = Literal["bap_id", "bpp_id"]
_BOM = b"\xef\xbb\xbf"
_INT64 = 1 << 63
_INT64_TEXT = 20
"""Longest text of an integer of 64 bits, signed or not."""
_BRACKETS = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS = bytes(set(range(256)) - set(b'[]{}"'))
_TEXT = re.compile(rb'"[^"]*"')
# What hides a colon, and what hides NUL.
_TELLING_ESCAPE = re.compile(rb"\\u00(?:00|3[aA])")
# Only an escape can smuggle half of a surrogate pair or a NUL into text that is valid UTF-8.
_RISKY_ESCAPE = re.compile(r"\\u(?:[dD]|0000)")
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_parse = Decoder().decode  # msgspec is the faster reader, orjson the faster writer


def read_json(body: bytes) -> dict[str, Any]:
    """Parse a message. Raises ``MalformedRequest`` (400) naming the path and what was expected.

    UTF-8 only; a byte order mark is passed over. The message is an object, no deeper than ``MAX_DEPTH``; no object in
    it names a key twice, in the context or anywhere else; no text holds NUL or half of a surrogate pair (neither can
    be stored); numbers are finite. Integers beyond 64 bits are read as floats, as every double-based reader does.
    """
    text = body.removeprefix(_BOM)
    try:
        message = _parse(text)
        written = orjson.dumps(message)
    except (ValueError, orjson.JSONEncodeError, RecursionError):
        return read_exactly(text)  # which says what is wrong, and where
    if isinstance(message, dict) and _keys_are_kept(text, written) and _depth_is_within(MAX_DEPTH, written):
        return message
    return read_exactly(text)


def read_exactly(body: bytes) -> dict[str, Any]:
    """What ``read_json`` promises, value by value: several times slower, and able to say what is wrong where."""
    try:
        text = body.decode()
    except UnicodeDecodeError as problem:
        raise _malformed(f"UTF-8 is expected, byte {problem.start} is not") from problem
    try:
        message = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
        )
    except json.JSONDecodeError as problem:
        raise _malformed(f"JSON is expected: {problem.msg} at character {problem.pos}") from problem
    except RecursionError as problem:
        raise _malformed(f"at most {MAX_DEPTH} levels of nesting are expected") from problem
    if not isinstance(message, dict):
        raise _malformed("a JSON object is expected")
    _check_depth(message)
    if _RISKY_ESCAPE.search(text):
        _check_texts(message, "$")
    return message


def check_identity(
    message: dict[str, Any],
    sender: Sender,
    action: str,
    own_id: str,
    *,
    signer: Signer = "bap_id",
) -> None:
    """Bind a message to its signer, its path and its recipient: the signature covers nothing but the body.

    ``signer`` is the context's name for the sender: the buyer app everywhere, but ``bpp_id`` where we asked and are
    answered (``on_settle``). Raises ``InvalidSignature`` (401) if the signer speaks for somebody else, as ONDC's FAQ
    demands, and ``MalformedRequest`` (400) for another action than the path's or another recipient. Only ``search`` may
    leave the recipient open.
    """
    context = message.get("context")
    if not isinstance(context, dict):
        raise _malformed("an object is expected", path="$.context", reason="missing_context")
    claimed = context.get(signer)
    if not isinstance(claimed, str) or not claimed:
        raise _malformed("a subscriber_id is expected", path=f"$.context.{signer}", reason="missing_sender")
    if claimed != sender.subscriber_id:
        raise InvalidSignature("identity_mismatch")
    if context.get("action") != action:
        raise _malformed(
            f'"{action}", the path\'s action, is expected', path="$.context.action", reason="action_mismatch"
        )
    recipient = "bpp_id" if signer == "bap_id" else "bap_id"
    named = context.get(recipient)
    if named in (None, "") and action == "search":
        return
    if named != own_id:
        raise _malformed(f'"{own_id}" is expected', path=f"$.context.{recipient}", reason="wrong_recipient")


def _keys_are_kept(text: bytes, written: bytes) -> bool:
    """Whether no key of a message was lost to another of its name; False also where that, or NUL, needs a closer look.

    ``written`` is what was read of ``text``; most write as we do. A colon follows each key, texts keep theirs, and
    nothing else has any, so it has fewer exactly if keys were lost. Only one that was escaped would make up for one.
    """
    if b"\\" in text and _TELLING_ESCAPE.search(text):
        return False
    return text == written or text.count(b":") == written.count(b":")


def _depth_is_within(levels: int, written: bytes) -> bool:
    """Whether arrays and objects in JSON of our own writing are nested at most ``levels`` deep."""
    if b"\\" in written:
        written = written.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = written.translate(_BRACKETS, delete=_NO_BRACKETS)
    nest = marks.replace(b'""', b"")
    if b'"' in nest:  # a text has brackets
        nest = _TEXT.sub(b"", marks)
    for left in range(levels, 0, -1):
        if len(nest) <= 2 * left:  # so few are no deeper, whatever their order
            return True
        nest = nest.replace(b"{}", b"")  # the innermost of each branch
    return not nest


def _malformed(expectation: str, *, path: str = "$", reason: str = "invalid_json") -> MalformedRequest:
    return MalformedRequest(expectation, path=path, reason=reason)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise _malformed(f"each key once is expected, {twice[:40]!a} comes twice")
    return members


def _integer(digits: str) -> int | float:
    # int() refuses very long texts and is slow on long ones; float() is neither.
    if len(digits) <= _INT64_TEXT:
        number = int(digits)
        if -_INT64 <= number < 2 * _INT64:
            return number
    return _number(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _malformed("numbers within the range of a double are expected")
    return number


def _constant(name: str) -> NoReturn:
    raise _malformed(f"JSON is expected, which has no {name}")


def _check_depth(message: dict[str, Any]) -> None:
    level: list[Any] = [message]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise _malformed(f"at most {MAX_DEPTH} levels of nesting are expected")


def _check_texts(value: Any, path: str) -> None:
    match value:
        case str() if _UNSTORABLE.search(value):
            raise _malformed("text without NUL and without half of a surrogate pair is expected", path=path)
        case dict():
            for name, child in value.items():
                _check_texts(name, path)
                _check_texts(child, f"{path}.{name[:40]}")
        case list():
            for number, child in enumerate(value):
                _check_texts(child, f"{path}[{number}]")
