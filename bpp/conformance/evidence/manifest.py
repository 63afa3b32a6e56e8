"""The manifest of a folder of evidence: what was said, when, with which headers and answers, and a digest of each file.

It is signed by whoever recorded, over its exact bytes; the signature stands in a file beside. What that proves and what
it does not: ADR 0034.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson
from multidict import CIMultiDict

from beckn_schemas.registry import Subscriber
from bpp.conformance.record import Flow, Note, Record, Reply
from bpp.sandbox.exchange import Json
from signing.errors import KeyFormatError, SignatureError
from signing.header import KeyId, has_signature_scheme
from signing.keys import SigningKey, encode_public_key, load_signing_public_key
from signing.signature import digest, made

FORMAT = "bpp-evidence/1"
MANIFEST = "manifest.json"
SEAL = "manifest.sig.json"
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError)
"""What reading a document raises that is no manifest."""
_SECRET = frozenset({"cookie", "set-cookie", "proxy-authorization"})
_SIGNATURES = frozenset({"authorization", "x-gateway-authorization"})


class Signer(Protocol):
    """Who signs: a participant of the sandbox, or anybody with a key that the registry has."""

    @property
    def key_id(self) -> KeyId:
        """How the registry calls the key."""

    @property
    def key(self) -> SigningKey:
        """The private key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A flow and the files of its messages, in order, by their paths under the folder of evidence."""

    flow: Flow
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """A file as a manifest names it, with its digests."""

    file: str
    blake2b_512: str
    sha256: str

    def holds(self, body: bytes) -> bool:
        """Whether these are the bytes."""
        return _digested(body) == {"blake2b_512": self.blake2b_512, "sha256": self.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message's file, and the record that it is together with its bytes."""

    sealing: Sealing
    fields: Json = field(repr=False)

    def record(self, body: bytes, document: Json) -> Record:
        """The message as it was recorded."""
        reply = self.fields["reply"]
        return Record(
            number=int(self.fields["number"]),
            sent=self.fields["direction"] == "sent",
            action=str(self.fields["action"]),
            document=document,
            body=body,
            url=self.fields["url"],
            headers=_headers(self.fields["headers"]),
            at=datetime.fromisoformat(self.fields["at"]) if self.fields["at"] else None,
            elapsed=_seconds(self.fields["elapsed"]),
            problem=self.fields["problem"],
            reply=Reply(
                status=int(reply["status"]),
                document=dict(reply["body"]),
                headers=_headers(reply["headers"]) or CIMultiDict(),
                elapsed=_seconds(reply["elapsed"]),
            )
            if reply
            else None,
            probe=str(self.fields["probe"]),
            source=self.sealing.file.rpartition("/")[2],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A flow as a manifest tells it; its records are yet to be read from files."""

    flow: Flow
    entries: tuple[Entry, ...]


def manifest_of(entity: str, placed: Sequence[Placed], signer: Signer, beside: Mapping[str, bytes]) -> bytes:
    """The manifest of these flows; the same bytes for the same flows. ``beside`` are files that are no messages."""
    document = {
        "format": FORMAT,
        "entity": entity,
        "signed_by": {"key_id": str(signer.key_id), "public_key": encode_public_key(signer.key)},
        "beside": [{"file": file, **_digested(body)} for file, body in beside.items()],
        "flows": [_flow(one) for one in placed],
        "not_played": [
            {"flow": one.flow.name, "domain": one.flow.domain, "reason": one.flow.not_played}
            for one in placed
            if one.flow.not_played
        ],
    }
    return _written(document)


def seal_of(manifest: bytes, signer: Signer) -> bytes:
    """The file beside a manifest that holds its signature."""
    return _seal(str(signer.key_id), encode_public_key(signer.key), signer.key.sign(manifest))


def is_manifest(document: Any) -> bool:
    """Whether it is one of ours; others have files of this name, too."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def beside_by(document: Mapping[str, Any]) -> tuple[Sealing, ...]:
    """The files of a manifest that are no messages. Raises one of ``MISSHAPEN`` where it is none."""
    return tuple(_sealing(one) for one in document["beside"])


def told_by(document: Mapping[str, Any]) -> tuple[Told, ...]:
    """The flows of a manifest. Raises one of ``MISSHAPEN`` where it is none."""
    return tuple(_told(one) for one in document["flows"])


def seal_problem(
    manifest: bytes, document: Mapping[str, Any], seal: bytes, registry: Sequence[Subscriber] | None
) -> tuple[str, str]:
    """Why a signature does not hold, and what could not be proven; both empty where everything is.

    Without ``registry`` the key is the one that the manifest itself names: then the folder agrees with itself, and
    whose it is remains open. Nothing in the file of the signature can change without being noticed: it is compared
    with what must stand there.
    """
    try:
        signed_by = document["signed_by"]
        key_id, public_key = KeyId.parse(signed_by["key_id"]), signed_by["public_key"]
        raw = load_signing_public_key(public_key)
        signature = base64.b64decode(orjson.loads(seal)["signature"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error, KeyFormatError, SignatureError) as problem:
        return f"the signature cannot be read: {type(problem).__name__} {problem}", ""
    if _seal(str(key_id), public_key, signature) != seal:
        return "the file of the signature says something else than the manifest, or has another form", ""
    if not made(manifest, signature, raw):
        return "it does not hold over these bytes", ""
    if registry is None:
        return "", (
            f"it holds by the key that the manifest itself names, {key_id}: no registry file says whose that is "
            "(--registry FILE gives one)"
        )
    return _unregistered(key_id, raw, _last_moment(document), registry), ""


def _digested(body: bytes) -> dict[str, str]:
    """BLAKE2b-512 in base64, as in signatures, and SHA-256 in hexadecimal, as every shell computes it."""
    return {"blake2b_512": digest(body), "sha256": hashlib.sha256(body).hexdigest()}


def _unregistered(key_id: KeyId, raw: bytes, moment: datetime | None, registry: Sequence[Subscriber]) -> str:
    wanted = (key_id.subscriber_id, key_id.unique_key_id)
    known = [one for one in registry if (one.subscriber_id, one.unique_key_id) == wanted]
    if not known:
        return f"the registry has no key {key_id}"
    if all(load_signing_public_key(one.signing_public_key) != raw for one in known):
        return f"the registry has another key under {key_id}"
    if moment is not None and not any(one.is_active(moment) for one in known):
        return f"the registry says that {key_id} was not valid at {moment.isoformat()}"
    return ""


def _last_moment(document: Mapping[str, Any]) -> datetime | None:
    moments = [one["at"] for flow in document["flows"] for one in flow["messages"] if one["at"]]
    return max((datetime.fromisoformat(one) for one in moments), default=None)


def _seal(key_id: str, public_key: str, signature: bytes) -> bytes:
    return _written(
        {
            "signs": MANIFEST,
            "algorithm": "ed25519",
            "key_id": key_id,
            "public_key": public_key,
            "signature": base64.b64encode(signature).decode(),
        }
    )


def _written(document: Json) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _flow(placed: Placed) -> Json:
    flow = placed.flow
    return {
        "name": flow.name,
        "domain": flow.domain,
        "live": flow.live,
        "budget": flow.budget,
        "ended": flow.ended,
        "not_played": flow.not_played,
        "notes": [{"kind": one.kind, "after": one.after, "value": one.value} for one in flow.notes],
        "messages": [_message(one, file) for one, file in zip(flow.records, placed.files, strict=True)],
    }


def _message(record: Record, file: str) -> Json:
    return {
        "file": file,
        **_digested(record.body),
        "number": record.number,
        "direction": "sent" if record.sent else "received",
        "action": record.action,
        "at": record.at.isoformat() if record.at else None,
        "elapsed": record.elapsed,
        "url": record.url,
        "headers": _open(record.headers),
        "problem": record.problem,
        "probe": record.probe,
        "reply": {
            "status": record.reply.status,
            "body": record.reply.document,
            "headers": _open(record.reply.headers),
            "elapsed": record.reply.elapsed,
        }
        if record.reply
        else None,
    }


def _open(headers: Mapping[str, str] | None) -> list[list[str]] | None:
    """Headers in their order, without those that are somebody's secret: evidence is given away."""
    if headers is None:
        return None
    return [[name, value] for name, value in headers.items() if not _is_secret(name.lower(), value)]


def _is_secret(name: str, value: str) -> bool:
    return name in _SECRET or (name in _SIGNATURES and not has_signature_scheme(value))


def _headers(pairs: Sequence[Sequence[str]] | None) -> Mapping[str, str] | None:
    return None if pairs is None else CIMultiDict((name, value) for name, value in pairs)


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _told(flow: Mapping[str, Any]) -> Told:
    return Told(
        flow=Flow(
            name=str(flow["name"]),
            domain=str(flow["domain"]),
            records=(),
            notes=tuple(Note(kind=one["kind"], after=one["after"], value=one["value"]) for one in flow["notes"]),
            live=bool(flow["live"]),
            budget=float(flow["budget"]),
            ended=str(flow["ended"]),
            not_played=str(flow["not_played"]),
        ),
        entries=tuple(Entry(sealing=_sealing(one), fields=dict(one)) for one in flow["messages"]),
    )


def _sealing(one: Mapping[str, Any]) -> Sealing:
    return Sealing(file=str(one["file"]), blake2b_512=str(one["blake2b_512"]), sha256=str(one["sha256"]))
