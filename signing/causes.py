"""Why a signature does not hold: the mistakes that signers make, each tried out, the first that explains it told.

For whoever has the message in hand and wants to know; a receiver refuses without asking. Nothing that is found here
makes a signature good. Sources: security.md 1.2 (misprints of the documents), 1.4 (times), 1.8 (keys), 5.1 (pitfalls).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

from signing.errors import KeyFormatError, SignatureError
from signing.header import REQUIRED, SignatureHeader, parameters
from signing.keys import SigningKey
from signing.signature import digest, made, signing_string

MILLISECONDS = 13
"""Digits of a time in milliseconds in our days."""
INDIAN_TIME = 19_800
"""Seconds by which Indian time that is written as UTC lies ahead."""
_NEAR = 300
_HOUR = 3600
_WINDOWS = (*range(1, _HOUR + 1), 13_600, 60_000, 172_800, 300_000, 604_800)
"""Windows that signers use, in seconds (security.md 1.4)."""

Try = tuple[str, bytes]
"""An explanation, and the text that would have been signed if it is the right one."""


def cause_of_mismatch(
    header: SignatureHeader, body: bytes, public_key: bytes, others: Mapping[str, bytes] | None = None
) -> str:
    """What was signed instead of this body with this window, or with which key; empty where nothing known fits.

    ``others`` are further public keys by what they are called.
    """
    signature = header.signature_bytes
    text = signing_string(body, header.created, header.expires)
    for cause, one in _other_texts(header, body):
        if made(one, signature, public_key):
            return cause
    for name, key in (others or {}).items():
        if key != public_key and made(text, signature, key):
            return f"it was made with the key of {name}"
    try:
        mistaken = SigningKey(public_key).public_key
    except KeyFormatError:
        return ""
    if made(text, signature, mistaken):
        return (
            "the public key in the registry was used as a private key: either the second half of a 64-byte private key "
            "signs in the place of the first, or the registry was given the private half"
        )
    return ""


def cause_in_header(text: str, reason: str, body: bytes, public_key: bytes | None) -> str:
    """What is odd in a header that was refused for ``reason``; empty where there is nothing to add."""
    if reason == "bad_scheme":
        return _scheme(text)
    if reason == "malformed_header":
        return "there is a comma after the last parameter" if text.rstrip().endswith(",") else ""
    try:
        params = parameters(text)
    except SignatureError:
        return ""
    causes: Mapping[str, Callable[[], str]] = {
        "missing_param": lambda: _misspelt(params),
        "bad_timestamp": lambda: _times(params),
        "bad_signature_encoding": lambda: _encoding(params, body, public_key),
    }
    return causes.get(reason, str)()


def cause_of_time(header: SignatureHeader, now: float) -> str:
    """Why a window may lie beside our time; empty where no usual mistake fits. ``now`` in Unix seconds."""
    if abs(header.created - now - INDIAN_TIME) < _NEAR:
        return "created is five and a half hours ahead: Indian time was taken for UTC"
    return ""


def _other_texts(header: SignatureHeader, body: bytes) -> Iterator[Try]:
    for name, one in _bodies(body):
        yield f"it fits another body: {name}. Sign the bytes that are sent", _text(header, one)
    yield from _strings(header, body)
    hashed = digest(body)
    for window in _WINDOWS:
        expires = header.created + window
        yield f"expires was {expires} when it was signed", _at(header.created, expires, hashed)
    for earlier, later in product(range(-5, 6), repeat=2):
        created, expires = header.created + earlier, header.expires + later
        yield (
            f"created was {created} and expires {expires} when it was signed: take the time once",
            _at(created, expires, hashed),
        )


def _text(header: SignatureHeader, body: bytes) -> bytes:
    return signing_string(body, header.created, header.expires)


def _bodies(body: bytes) -> Iterator[Try]:
    """The same message in other bytes."""
    yield "without the white space at its end", body.rstrip()
    yield "with a newline at its end", body + b"\n"
    yield "with a carriage return and a newline at its end", body + b"\r\n"
    yield "with CRLF line ends", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "with LF line ends", body.replace(b"\r\n", b"\n")
    yield "without the byte order mark", body.removeprefix(b"\xef\xbb\xbf")
    yield "with a byte order mark", b"\xef\xbb\xbf" + body
    yield "an empty body", b""
    try:
        message = json.loads(body.decode("utf-8-sig"))
        for name, text in _written(message):
            yield f"the same JSON {name}", text.encode()
            yield f"the same JSON {name}, with a newline at its end", f"{text}\n".encode()
    except (ValueError, RecursionError):
        return


def _written(message: object) -> Iterator[tuple[str, str]]:
    forms: tuple[tuple[str, dict[str, object]], ...] = (
        ("without white space", {"separators": (",", ":")}),
        ('with ", " and ": " between its parts', {}),
        ("indented by two", {"indent": 2}),
        ("indented by four", {"indent": 4}),
        ("indented by a tab", {"indent": "\t"}),
    )
    for (name, form), ordered, escaped in product(forms, (False, True), (False, True)):
        more = (", keys sorted" if ordered else "") + (", letters beyond ASCII escaped" if escaped else "")
        text = json.dumps(message, sort_keys=ordered, ensure_ascii=escaped, **form)  # type: ignore[arg-type]
        yield name + more, text
        yield f"{name}{more}, slashes escaped", text.replace("/", "\\/")


def _strings(header: SignatureHeader, body: bytes) -> Iterator[Try]:
    """Other texts over the same body."""
    right = _text(header, body)
    hashed = digest(body)
    for gaps in product((" ", ""), repeat=3):
        text = _joined(header, hashed, gaps=gaps)
        yield "the signing string lacks the space after a colon, as one of ONDC's pages prints it", text
    yield "the signing string ends in a newline", right + b"\n"
    yield "the lines of the signing string end in CRLF", right.replace(b"\n", b"\r\n")
    yield "the lines of the signing string are joined by a backslash and an n", right.replace(b"\n", b"\\n")
    yield "the lines of the signing string are joined by a space", right.replace(b"\n", b" ")
    blake = hashlib.blake2b(body, digest_size=64)
    yield "the digest is in hexadecimal, base64 is expected", _joined(header, blake.hexdigest())
    yield "the digest is in base64 of hexadecimal", _joined(header, _base64(blake.hexdigest().encode()))
    yield "the digest lacks its ==", _joined(header, hashed.rstrip("="))
    for name, other in (
        ("SHA-512", hashlib.sha512(body)),
        ("SHA-256", hashlib.sha256(body)),
        ("BLAKE2b of 32 bytes", hashlib.blake2b(body, digest_size=32)),
        ("BLAKE2s", hashlib.blake2s(body)),
    ):
        yield f"the digest is {name}, BLAKE2b of 64 bytes is expected", _joined(header, _base64(other.digest()))
    yield (
        "the times in the signing string are milliseconds",
        signing_string(body, header.created * 1000, header.expires * 1000),
    )
    for name, hashing in (("BLAKE2b", hashlib.blake2b), ("SHA-512", hashlib.sha512), ("SHA-256", hashlib.sha256)):
        yield (
            f"the signing string was hashed with {name} before it was signed; Ed25519 takes it as it is",
            hashing(right).digest(),
        )
    yield "the body was signed in the place of the signing string", body
    yield "the digest alone was signed", hashed.encode()


def _joined(header: SignatureHeader, hashed: str, gaps: Iterable[str] = (" ", " ", " ")) -> bytes:
    first, second, third = gaps
    return (
        f"(created):{first}{header.created}\n(expires):{second}{header.expires}\ndigest:{third}BLAKE-512={hashed}"
    ).encode()


def _at(created: int, expires: int, hashed: str) -> bytes:
    """The right text for other times; the body is hashed once for all of them."""
    return f"(created): {created}\n(expires): {expires}\ndigest: BLAKE-512={hashed}".encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _scheme(text: str) -> str:
    bare = text.strip()
    if bare[:1] in {'"', "'"}:
        return "the whole value stands in quotes: take them off"
    if bare.lower().startswith("keyid="):
        return 'the word "Signature" and a space are missing in front'
    return ""


def _misspelt(params: Mapping[str, str]) -> str:
    for name in REQUIRED:
        if name not in params and (odd := [one for one in params if one.lower() == name.lower()]):
            return f"{odd[0]} is written {name}"
    return ""


def _times(params: Mapping[str, str]) -> str:
    for name in ("created", "expires"):
        text = params[name]
        if len(text) == MILLISECONDS and text.isdecimal():
            return f"{name} is in milliseconds: divide by 1000"
        if "T" in text or text.count("-") > 1:
            return f"{name} is a date: the header takes Unix seconds"
        if text[:1] == "0":
            return f"{name} begins with a zero"
    return ""


def _encoding(params: Mapping[str, str], body: bytes, public_key: bytes | None) -> str:
    found = params["signature"]
    for name, read in (
        ("hexadecimal", bytes.fromhex),
        (
            "the base64 of URLs (- and _)",
            lambda text: base64.urlsafe_b64decode(_padded(text)) if {*"-_"} & {*text} else b"",
        ),
        (
            "base64 without its ==",
            lambda text: base64.b64decode(_padded(text), validate=True) if text[-1] != "=" else b"",
        ),
        ("base64 that is not canonical", lambda text: base64.b64decode(text, validate=True)),
    ):
        try:
            header = SignatureHeader.parse(_with_signature(params, _base64(read(found))))
        except (ValueError, binascii.Error, SignatureError):
            continue
        holds = public_key is not None and made(_text(header, body), header.signature_bytes, public_key)
        return f"it is {name}, standard base64 is expected" + ("; but for that it holds" if holds else "")
    return ""


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def _with_signature(params: Mapping[str, str], signature: str) -> str:
    return "Signature " + ",".join(f'{name}="{value}"' for name, value in {**params, "signature": signature}.items())
