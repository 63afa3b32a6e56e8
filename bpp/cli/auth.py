"""``bpp auth``: sign a body as the network wants it, and say why a signature holds or does not."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from multidict import CIMultiDict

from beckn_schemas.base import parse_timestamp
from beckn_schemas.registry import RegistryFileError, Role, Subscriber, parse_registry_file
from bpp.cli.output import FAILED, MISUSED, AsJson, fail, show
from bpp.keys.own import OwnKeys
from bpp.setting_types import read_signing_key
from bpp.settings import load_settings
from signing.errors import KeyFormatError, SignatureError
from signing.header import KeyId, parameters
from signing.keys import load_signing_public_key
from signing.signature import sign

if TYPE_CHECKING:
    from bpp.inbound.explain import Explanation, Question

auth = typer.Typer(no_args_is_help=True, help="Signatures: make one, and see why one holds or does not.")

AUTHORIZATION = "Authorization"
_NAMED = re.compile(
    r"\s*(?:[<>] )?(?P<name>(?:x-gateway-|proxy-)?authorization)\s*:\s*(?P<value>.*?)\s*", re.IGNORECASE
)
_SECONDS = re.compile(r"[0-9]{1,12}")


@auth.command("sign")
def sign_body(
    *,
    body: Annotated[str, typer.Option(help="File with the exact bytes that will be sent; - for the standard input.")],
    subscriber: Annotated[str, typer.Option("--as", help="Subscriber id; by default that of the settings.")] = "",
    key_id: Annotated[str, typer.Option(help="Unique key id; by default that of our key.")] = "",
    key: Annotated[str, typer.Option(help="Private key in base64, or file:PATH; by default ours that signs now.")] = "",
    as_json: AsJson = False,
) -> None:
    """Print the Authorization header for a body, signed with our key of the moment or the one named.

    Send the same bytes: curl --data-binary @FILE, not --data.

    Example: curl -H "$(bpp auth sign --body search.json)" --data-binary @search.json http://127.0.0.1:8080/search
    """
    settings = load_settings(os.environ)
    ours = OwnKeys(settings).current().signing
    try:
        signing_key = read_signing_key(key) if key else ours.signing_key
        named = KeyId(subscriber or settings.subscriber_id, key_id or ours.unique_key_id)
    except (ValueError, SignatureError) as problem:
        fail(str(problem), status=MISUSED)
    value = sign(_bytes(body), signing_key, named, datetime.now(UTC))
    show({AUTHORIZATION: value}, f"{AUTHORIZATION}: {value}", as_json=as_json)


@auth.command("verify")
def verify_header(
    *,
    header: Annotated[
        list[str],
        typer.Option(help="Value or whole line of a header, or @FILE with header lines; repeatable."),
    ],
    body: Annotated[str, typer.Option(help="File with the exact bytes that came; - for the standard input.")],
    registry: Annotated[str, typer.Option(help="Registry file; by default that of the settings.")] = "",
    public_key: Annotated[
        str, typer.Option(help="The signer's public key in base64, in the place of a registry.")
    ] = "",
    at: Annotated[str, typer.Option(help="When it came: an RFC 3339 time or Unix seconds; by default now.")] = "",
    gateway: Annotated[bool, typer.Option("--gateway", help="The header is a gateway's own.")] = False,
    action: Annotated[str, typer.Option(help="Action of the path; by default that of the context.")] = "",
    to: Annotated[str, typer.Option(help="Who was to get it; by default whom the context names.")] = "",
    as_json: AsJson = False,
) -> None:
    """Go through the steps of the verification, say which one fails, and look for the cause.

    Exit status 0 where all hold, 1 where one fails, 2 where nothing could be judged.

    Example: bpp auth verify --header @headers.txt --body body.json --at 2026-11-23T09:30:00Z
    """
    question = _question(_headers(header, gateway=gateway), _bytes(body), at=at, action=action, to=to, gateway=gateway)
    source = _given(public_key, question) if public_key else _listed(registry)
    found = asyncio.run(_explained(question, source))
    show(_document(found), lambda: _text(found), as_json=as_json)
    if not found.holds:
        raise typer.Exit(FAILED)


class _Records:
    """A registry of records that are there already."""

    def __init__(self, records: tuple[Subscriber, ...]) -> None:
        self.records = records

    def version(self) -> int:
        """They never change."""
        return 0

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """Those of exactly this key."""
        wanted = (subscriber_id, unique_key_id)
        return tuple(one for one in self.records if (one.subscriber_id, one.unique_key_id) == wanted)


async def _explained(question: Question, source: _Records) -> Explanation:
    from bpp.inbound.explain import explain  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.network.keyring import Keyring  # noqa: PLC0415

    return await explain(question, Keyring(source), source.records)


def _headers(given: list[str], *, gateway: bool) -> CIMultiDict[str]:
    """Header lines by name; a bare value is an Authorization. ``gateway``: whatever is given is the one header."""
    found: CIMultiDict[str] = CIMultiDict()
    for one in given:
        lines = Path(one[1:]).read_text(encoding="utf-8").splitlines() if one.startswith("@") else [one]
        named = [match for line in lines if (match := _NAMED.fullmatch(line))]
        for match in named:
            found.add(AUTHORIZATION if gateway else match["name"], match["value"])
        if not named:
            found.add(AUTHORIZATION, " ".join(lines).strip())
    return found


def _question(headers: CIMultiDict[str], body: bytes, *, at: str, action: str, to: str, gateway: bool) -> Question:
    from bpp.inbound.authenticate import BUYERS, GATEWAYS  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.inbound.explain import Question  # noqa: PLC0415
    from bpp.sandbox.exchange import parsed, part  # noqa: PLC0415

    context = part(parsed(body), "context")
    action = action or str(context.get("action", ""))
    answers = action.startswith("on_")
    recipient = to or str(context.get("bap_id" if answers else "bpp_id", ""))
    sellers = frozenset({Role.BPP})
    return Question(
        headers=headers,
        body=body,
        action=action,
        recipient=recipient,
        signer="bpp_id" if answers else "bap_id",
        roles=GATEWAYS if gateway else sellers if answers else BUYERS,
        now=_moment(at) if at else datetime.now(UTC),
        skew=load_settings(os.environ).clock_skew,
    )


def _moment(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC) if _SECONDS.fullmatch(text) else parse_timestamp(text)
    except ValueError:
        fail(f"--at: a time such as 2026-11-23T09:30:00Z, or Unix seconds, is expected; found {text!r}", status=MISUSED)


def _given(public_key: str, question: Question) -> _Records:
    """One record of whatever key the header names, with the key that was given."""
    try:
        load_signing_public_key(public_key)
    except KeyFormatError as problem:
        fail(f"--public-key: {problem}", status=MISUSED)
    (role,) = question.roles
    values = [*question.headers.values(), ""]
    try:
        named = KeyId.parse(parameters(values[0]).get("keyId", ""))
    except SignatureError:
        return _Records(())
    fields = {"subscriber_id": named.subscriber_id, "ukId": named.unique_key_id, "type": role.value}
    return _Records((Subscriber.model_validate({**fields, "signing_public_key": public_key}),))


def _listed(registry: str) -> _Records:
    path = registry or load_settings(os.environ).registry
    if "://" in path:
        fail("a live registry is not asked here: name --registry FILE or --public-key", status=MISUSED)
    try:
        return _Records(parse_registry_file(Path(path).read_bytes()))
    except RegistryFileError as problem:
        fail(f"{path}: {problem}", status=MISUSED)


def _bytes(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _document(found: Explanation) -> dict[str, Any]:
    failed = found.failed
    return {
        "holds": found.holds,
        "failed_step": failed.step.name if failed else None,
        "reason": failed.reason if failed else None,
        "detail": failed.detail if failed else None,
        "cause": found.cause or None,
        "digest": found.digest,
        "signing_string": found.signing_string or None,
        "signed_by": [*found.signers],
        "steps": [
            {"of": one.whose or "body", "step": one.step.name, "title": one.step.title, "outcome": one.outcome.value}
            for one in found.steps
        ],
    }


def _text(found: Explanation) -> str:
    lines = []
    for one in found.steps:
        whose = f" ({one.whose} header)" if one.whose else ""
        lines.append(f"{one.outcome.value:12}{one.step.title}{whose}")
        if one.reason:
            lines.append(f"{'':12}{one.reason}" + (f": {one.detail}" if one.detail else ""))
    lines += ["", f"digest of the body   BLAKE-512={found.digest}"]
    if found.signing_string:
        lines.append("signing string, its lines joined by one newline:")
        lines += [f"    {line}" for line in found.signing_string.splitlines()]
    failed = found.failed
    if failed is None:
        return "\n".join([*lines, "", f"holds: signed by {', '.join(found.signers)}"])
    cause = f"\nlikely cause: {found.cause}" if found.cause else ""
    return "\n".join([*lines, "", f"does not hold: {failed.step.title}: {failed.reason}{cause}"])
