"""The Authorization header of Beckn and ONDC: the only place that knows its grammar.

What we write is strict, what we read is a superset of everything seen on the network: any order of parameters,
white space after commas, unquoted times, unknown parameters, and the documentation's misprint of ``headers``.

Source: BECKN-006 Draft 04; ONDC-Official/developer-docs registry/signing-verification.md; for duplicates and unknown
parameters draft-cavage-http-signatures-12 section 2.2.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from signing.errors import SignatureError

ALGORITHM = "ed25519"
SIGNED_HEADERS = "(created) (expires) digest"
MAX_LENGTH = 4096
"""Longest header that is read, in characters."""

REQUIRED = ("keyId", "algorithm", "created", "expires", "headers", "signature")
"""Parameters without which a header says too little."""
_MAY_BE_UNQUOTED = frozenset({"created", "expires"})

_WHITE_SPACE = re.compile(r"[ \t]+")
_PARAM = re.compile(
    r"[ \t]*(?P<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+)[ \t]*=[ \t]*"
    r'(?:"(?P<quoted>[^"\\\x00-\x1f\x7f]*)"|(?P<token>[A-Za-z0-9!#$%&\'*+.^_`|~-]+))'
    r"[ \t]*(?P<end>,|\Z)"
)
_SECONDS = re.compile(r"[1-9][0-9]{0,11}")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{86}==")
# Printable ASCII without the quotation mark, the backslash and the separator "|".
_KEY_ID_PART = re.compile(r"[!#-\[\]-{}~]+")


@dataclass(frozen=True, slots=True)
class KeyId:
    """Names one key of one network participant: ``subscriber_id|unique_key_id|ed25519``.

    ``subscriber_id`` may contain a path, ``unique_key_id`` is any short text (ONDC has UUIDs and "207" alike).
    Raises ``SignatureError("bad_key_id")`` for an empty part, white space or a character that the header cannot carry.
    """

    subscriber_id: str
    unique_key_id: str
    algorithm: str = ALGORITHM

    def __post_init__(self) -> None:
        if not all(_KEY_ID_PART.fullmatch(part) for part in (self.subscriber_id, self.unique_key_id, self.algorithm)):
            raise SignatureError("bad_key_id", "a part is empty, or has white space or a character beyond ASCII")

    @classmethod
    def parse(cls, text: str) -> KeyId:
        """The three parts of a ``keyId``; ONDC always has all three."""
        match text.split("|"):
            case [subscriber_id, unique_key_id, algorithm]:
                return cls(subscriber_id, unique_key_id, algorithm)
            case parts:
                raise SignatureError(
                    "bad_key_id", f"subscriber_id|unique_key_id|{ALGORITHM} has 3 parts, not {len(parts)}"
                )

    def __str__(self) -> str:
        return f"{self.subscriber_id}|{self.unique_key_id}|{self.algorithm}"


@dataclass(frozen=True, slots=True)
class SignatureHeader:
    """One signature header, already checked for form: ``parse(str(header)) == header``.

    ``created`` and ``expires`` are Unix seconds. Their grammar admits one spelling for each number, so the text signed
    by the sender can be rebuilt from them exactly. ``signature`` is the canonical base64 of 64 bytes.
    """

    key_id: KeyId
    created: int
    expires: int
    signature: str

    def __post_init__(self) -> None:
        _check_algorithm(self.key_id.algorithm, "the third part of keyId")
        if not (_SECONDS.fullmatch(str(self.created)) and _SECONDS.fullmatch(str(self.expires))):
            raise SignatureError("bad_timestamp")
        if not _SIGNATURE.fullmatch(self.signature):
            expected = "86 characters of the standard base64 alphabet and =="
            raise SignatureError("bad_signature_encoding", f"{expected}, found {len(self.signature)} characters")
        # Base64 has several spellings of one value (spare bits of the last symbol); only one of them is accepted.
        if _encoded(self.signature_bytes) != self.signature:
            raise SignatureError("bad_signature_encoding", "the spare bits before == are not zero")

    @classmethod
    def parse(cls, text: str) -> SignatureHeader:
        """Read the value of an Authorization header. Raises ``SignatureError`` and nothing else, whatever ``text``."""
        params = parameters(text)
        if missing := [name for name in REQUIRED if not params.get(name)]:
            raise SignatureError("missing_param", f"without {', '.join(missing)}")
        key_id = KeyId.parse(params["keyId"])
        _check_algorithm(key_id.algorithm, "the third part of keyId")
        _check_algorithm(params["algorithm"], "algorithm")
        # ONDC's documents print "(created)(expires)digest" in two places; the text that is signed is the same.
        if "".join(params["headers"].split()) != "".join(SIGNED_HEADERS.split()):
            raise SignatureError("bad_headers_param", f'"{SIGNED_HEADERS}" is expected, found "{params["headers"]}"')
        return cls(key_id, _seconds(params, "created"), _seconds(params, "expires"), params["signature"])

    @property
    def signature_bytes(self) -> bytes:
        """The 64 bytes of the signature."""
        return base64.b64decode(self.signature)

    def __str__(self) -> str:
        return (
            f'Signature keyId="{self.key_id}",algorithm="{ALGORITHM}",created="{self.created}",'
            f'expires="{self.expires}",headers="{SIGNED_HEADERS}",signature="{self.signature}"'
        )


def has_signature_scheme(text: str) -> bool:
    """Whether a header value claims the scheme ``Signature``: tells our gateway header from a proxy's ``Basic``."""
    return _split(text)[0] == "signature"


def parameters(text: str) -> dict[str, str]:
    """The parameters of a header by name, whatever they say. Raises ``SignatureError`` for what is no such header."""
    if len(text) > MAX_LENGTH:
        raise SignatureError("malformed_header", f"at most {MAX_LENGTH} characters are read, these are {len(text)}")
    if not text.isascii():
        raise SignatureError("malformed_header", "a character beyond ASCII")
    scheme, rest = _split(text)
    if scheme != "signature":
        raise SignatureError("bad_scheme", f'it begins with "Signature ", not with "{scheme[:20]}"')
    params: dict[str, str] = {}
    position = 0
    while True:
        param = _PARAM.match(rest, position)
        if param is None:
            raise SignatureError(
                "malformed_header", f'name="value" is expected, found: {rest[position : position + 40]}'
            )
        name, value = param["name"], param["quoted"]
        if value is None:
            if name not in _MAY_BE_UNQUOTED:
                raise SignatureError("malformed_header", f"the value of {name} is not in quotes")
            value = param["token"]
        if name in params:
            raise SignatureError("duplicate_param", f"{name} comes twice")
        params[name] = value
        if not param["end"]:
            return params
        position = param.end()


def _split(text: str) -> tuple[str, str]:
    """The scheme in lower case, and the parameters."""
    scheme, *rest = _WHITE_SPACE.split(text.strip(" \t"), maxsplit=1)
    return scheme.lower(), "".join(rest)


def _check_algorithm(found: str, where: str) -> None:
    if found != ALGORITHM:
        raise SignatureError("algorithm_mismatch", f'{where} is "{found}", "{ALGORITHM}" is expected')


def _seconds(params: dict[str, str], name: str) -> int:
    text = params[name]
    if not _SECONDS.fullmatch(text):
        raise SignatureError("bad_timestamp", f'{name} is "{text}", whole seconds since 1970 are expected')
    return int(text)


def _encoded(signature: bytes) -> str:
    return base64.b64encode(signature).decode()
