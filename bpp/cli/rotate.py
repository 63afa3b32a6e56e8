"""``bpp keys rotate``: our next key pair made, announced, seen in the registry, in use, and the old one gone."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import orjson
import typer

from bpp.cli.output import MISUSED, AsJson, fail, show, table
from bpp.keys.model import KeyPair, KeySet, Stage
from bpp.keys.moves import RotationError, abandon, awaited, begin, expire, next_step, registered, switch
from bpp.keys.own import OwnKeys, changing
from bpp.keys.subscribe import CHANGE_KEYS, Json, Seller, missing, subscribe_payload
from bpp.setting_types import duration
from bpp.settings import Settings, load_settings
from signing.keys import generate_encryption_key, generate_signing_key

COLUMNS = ("unique_key_id", "stage", "since", "valid_until")


def rotate(
    *,
    new: Annotated[bool, typer.Option("--new", help="Make the next pair; it signs nothing yet.")] = False,
    key_id: Annotated[str, typer.Option("--id", help="Its unique key id; made up by default.")] = "",
    valid_for: Annotated[str, typer.Option(help="How long it is valid.")] = "P1095D",
    entity: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON with what /subscribe says of the legal entity.")
    ] = None,
    payload: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the body of /subscribe there; it holds no private key.")
    ] = None,
    subscribe: Annotated[str, typer.Option(metavar="URL", help="Send it to this address of the registry.")] = "",
    ops_no: Annotated[int, typer.Option(help="6 changes keys, 2 registers a seller app.")] = CHANGE_KEYS,
    was_registered: Annotated[
        bool, typer.Option("--registered", help="It was announced by hand, and acknowledged.")
    ] = False,
    give_up: Annotated[bool, typer.Option("--abandon", help="Drop the pair that was to come.")] = False,
    grace: Annotated[str, typer.Option(help="How long a retired pair is kept.")] = "P7D",
    as_json: AsJson = False,
) -> None:
    """Take the next step of a key rotation, and say which one follows; safe to repeat.

    A new pair signs only when the registry shows it, and the old one opens challenges until its grace is over, so no
    request is lost. Pairs are kept in BPP_KEY_FILE, which running servers follow; private halves are never printed.
    With --subscribe and --ops-no 2, while no pair is coming, the one that signs is registered for the first time.

    Example: bpp keys rotate --new && bpp keys rotate --entity entity.json --subscribe https://registry.example/subscribe
    """
    settings = load_settings(os.environ)
    waits: list[str] = []
    try:
        kept = duration(grace)
        if give_up:
            _change(settings, abandon)
        elif new:
            _change(settings, lambda keys: _begun(keys, key_id, duration(valid_for)))
        if was_registered:
            _change(settings, lambda keys: registered(keys, _now()))
        announces = bool(payload or subscribe)
        if announces:
            pair = _lasting(OwnKeys(settings).current().announced, duration(valid_for))
            body = _body(settings, pair, entity, ops_no, strict=bool(subscribe))
            _announce(settings, pair, body, payload, subscribe)
        if not (new or give_up):
            waits = _advance(settings, kept, announces=announces)
    except ValueError as problem:
        fail(str(problem), status=MISUSED)
    except RotationError as problem:
        fail(str(problem), document={"problem": str(problem)}, as_json=as_json)
    keys = OwnKeys(settings).current()
    pairs, following = [stage_of(pair) for pair in keys.pairs], next_step(keys, kept)
    lines = (table(pairs, COLUMNS, empty=""), *(f"the registry: {one}" for one in waits), following)
    show({"pairs": pairs, "waits_for": waits, "next": following}, "\n".join(lines), as_json=as_json)


def stage_of(pair: KeyPair) -> dict[str, Any]:
    """What may be told of a pair."""
    return {
        "unique_key_id": pair.unique_key_id,
        "stage": pair.stage.value,
        "since": f"{pair.since:%Y-%m-%dT%H:%M:%SZ}",
        "valid_until": f"{pair.valid_until:%Y-%m-%dT%H:%M:%SZ}" if pair.valid_until else None,
    }


def _now() -> datetime:
    return datetime.now(UTC)


def _change(settings: Settings, move: Any) -> None:
    with changing(settings) as changed:
        changed.put(move(changed.keys))


def _begun(keys: KeySet, key_id: str, valid_for: timedelta) -> KeySet:
    return begin(
        keys,
        unique_key_id=key_id or str(uuid4()),
        signing_key=generate_signing_key(),
        encryption_key=generate_encryption_key(),
        request_id=str(uuid4()),
        now=_now(),
        valid_for=valid_for,
    )


def _lasting(pair: KeyPair, valid_for: timedelta) -> KeyPair:
    """The pair with an end, which /subscribe wants; a pair of the settings has none."""
    if pair.valid_until is not None:
        return pair
    return pair.model_copy(update={"valid_from": _now(), "valid_until": _now() + valid_for})


def _body(settings: Settings, pair: KeyPair, entity: Path | None, ops_no: int, *, strict: bool) -> Json:
    """The body of /subscribe. ``strict`` refuses one that the registry would refuse."""
    from bpp.domains.profile import PROFILES  # noqa: PLC0415  heavy: only this step waits for it

    known = {"legal_entity_name": settings.legal_name, "gst_no": settings.gstin}
    said = _object(orjson.loads(entity.read_bytes()), "--entity") if entity else {}
    whole = {
        "email_id": settings.support_email,
        **said,
        "gst": {**known, **_object(said.get("gst", {}), "--entity: gst")},
    }
    lacking = missing(whole)
    if lacking and strict:
        raise RotationError(f"--entity: the registry refuses a /subscribe without {', '.join(lacking)} (151)")
    seller = Seller(
        subscriber_id=settings.subscriber_id,
        subscriber_uri=settings.subscriber_uri,
        domains=tuple(PROFILES),
        entity=whole,
    )
    return subscribe_payload(seller, pair, _now(), operation=ops_no)


def _object(value: Any, what: str) -> Json:
    if not isinstance(value, dict):
        raise ValueError(f"{what}: a JSON object is expected")  # noqa: TRY004  # a bad value from outside
    return value


def _announce(settings: Settings, pair: KeyPair, body: Json, payload: Path | None, subscribe: str) -> None:
    """Write it, send it, and note that it was acknowledged if the pair is one that is coming."""
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2)
    if payload is not None:
        payload.write_bytes(data)
    if subscribe:
        asyncio.run(_send(settings, subscribe, data))
        if pair.stage is not Stage.SIGNING:
            _change(settings, lambda keys: registered(awaited(keys, pair), _now()))


async def _send(settings: Settings, url: str, body: bytes) -> None:
    from bpp.doctor.ground import fetch, standing  # noqa: PLC0415  heavy: only this step waits for it
    from bpp.network.outcome import Acked, Nacked, read_answer  # noqa: PLC0415

    async with standing(settings, clock=_now) as ground:
        page = await fetch(ground, "POST", url, body)
    outcome = read_answer(page.status, page.body) if not page.problem else None
    if isinstance(outcome, Nacked):
        raise RotationError(f"{url}: refused with {outcome.code}: {outcome.message}")
    if not isinstance(outcome, Acked):
        raise RotationError(f"{url}: {page.problem or f'HTTP {page.status}'}")


def _advance(settings: Settings, grace: timedelta, *, announces: bool) -> list[str]:
    """Let the coming pair sign if the registry shows it, else what is still missing there; let retired ones go.

    A first registration needs no key file, so nothing is changed after one.
    """
    coming = OwnKeys(settings).current().coming
    waits = asyncio.run(_missing_in_registry(settings, coming)) if coming is not None else []
    if coming is not None and not waits:
        _change(settings, lambda keys: _switched(keys, coming))
    elif coming is None and not announces:
        _change(settings, lambda keys: expire(keys, _now(), grace))
    return waits


def _switched(keys: KeySet, seen: KeyPair) -> KeySet:
    """The pair that was seen in the registry signs; another command may have let it sign already."""
    return keys if keys.signing.unique_key_id == seen.unique_key_id else switch(awaited(keys, seen), _now())


async def _missing_in_registry(settings: Settings, pair: KeyPair) -> list[str]:
    from bpp.doctor import record  # noqa: PLC0415  heavy: only this step waits for it
    from bpp.doctor.ground import standing  # noqa: PLC0415

    async with standing(settings, clock=_now) as ground:
        return [f"{one.name}: {one.text}" for one in await record.unready(ground, pair)]
