"""``bpp keys``: new keys, the public halves of those in force, and data sealed anew after a change of its key."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bpp.cli.output import MISUSED, AsJson, facts, fail, show, table
from bpp.cli.rotate import rotate, stage_of
from bpp.keys.moves import RotationError, distrust, trust
from bpp.keys.own import OwnKeys, changing
from bpp.settings import PREFIX, Settings, load_settings
from signing.errors import KeyFormatError
from signing.keys import (
    encode_private_key,
    encode_public_key,
    generate_encryption_key,
    generate_signing_key,
    load_encryption_public_key,
)

if TYPE_CHECKING:
    from bpp.storage.ports import Work

keys = typer.Typer(no_args_is_help=True, help="Signing and encryption keys.")


@keys.command("new")
def new(*, as_json: AsJson = False) -> None:
    """Make new Ed25519 and X25519 key pairs, private for the settings, public for the registry, and a key for data.

    Nothing is stored. Who keeps the output keeps private keys: let nobody else read it.

    Example: (umask 077 && bpp keys new > new-keys.txt)
    """
    signing, encryption = generate_signing_key(), generate_encryption_key()
    private = {
        f"{PREFIX}SIGNING_KEY": encode_private_key(signing),
        f"{PREFIX}ENCRYPTION_KEY": encode_private_key(encryption),
        f"{PREFIX}DATA_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    public = {"signing_public_key": encode_public_key(signing), "encr_public_key": encode_public_key(encryption)}
    lines = [
        "# private: for the settings, and for nobody's eyes",
        *(f"{name}={value}" for name, value in private.items()),
        "# public: for the registry",
        *(f"{name}={value}" for name, value in public.items()),
    ]
    show({"private": private, "public": public}, "\n".join(lines), as_json=as_json)


@keys.command("show")
def show_keys(*, as_json: AsJson = False) -> None:
    """The public halves of the keys of the settings in force, as the registry wants them.

    Example: bpp keys show --json
    """
    settings = load_settings(os.environ)
    own = OwnKeys(settings).current()
    found = {
        "subscriber_id": settings.subscriber_id,
        "ukId": own.signing.unique_key_id,
        "signing_public_key": encode_public_key(own.signing.signing_key),
        "encr_public_key": encode_public_key(own.signing.encryption_key),
    }
    pairs = [stage_of(pair) for pair in own.pairs]
    lines = (facts(found, tuple(found)), table(pairs, tuple(pairs[0]), empty=""))
    show({**found, "pairs": pairs}, "\n\n".join(lines), as_json=as_json)


keys.command("rotate")(rotate)


@keys.command("registry")
def trust_registry(
    key: Annotated[str, typer.Argument(help="The registry's public encryption key, as ONDC prints it.")],
    *,
    drop: Annotated[bool, typer.Option("--drop", help="No longer try this one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let the running server try another encryption key of the registry, first of all; its own may have changed.

    Example: bpp keys registry MCowBQYDK2VuAyEARa/WcMCzNQp4DWjvTI4DK7vHL6EdaHqN4GjFIu9wxxM=
    """
    settings = load_settings(os.environ)
    try:
        raw = load_encryption_public_key(key)
        with changing(settings) as changed:
            changed.put(distrust(changed.keys, raw) if drop else trust(changed.keys, raw))
            tried = [base64.b64encode(one).decode() for one in changed.keys.registry_encryption_keys]
    except KeyFormatError as problem:
        fail(f"{key}: {problem}", status=MISUSED)
    except RotationError as problem:
        fail(str(problem), document={"problem": str(problem)}, as_json=as_json)
    show({"registry_encryption_keys": tried}, "\n".join(("tried in this order:", *tried)), as_json=as_json)


@keys.command("reseal")
def reseal_data(*, as_json: AsJson = False) -> None:
    """Seal with BPP_DATA_KEY what one of BPP_PREVIOUS_DATA_KEYS sealed; then the earlier keys may go. Safe to repeat.

    Example: bpp keys reseal
    """
    from bpp.parties.vault import SealBroken  # noqa: PLC0415  heavy: only this command waits for it

    settings = load_settings(os.environ)
    try:
        bank, factors = asyncio.run(_reseal(settings))
    except SealBroken as broken:
        fail(f"nothing was changed: {broken}", document={"resealed": 0, "problem": str(broken)}, as_json=as_json)
    found = {"resealed": bank + factors, "key_id": settings.data_key.id}
    text = f"{bank} bank details and {factors} second factors sealed anew with key {settings.data_key.id}"
    show(found, text, as_json=as_json)


async def _reseal(settings: Settings) -> tuple[int, int]:
    """How many bank details and how many second factors were sealed anew, all of them or none."""
    from bpp.core.bank import reseal  # noqa: PLC0415  heavy: only this command waits for it
    from bpp.core.people import reseal_second_factors  # noqa: PLC0415
    from bpp.parties.vault import Vault  # noqa: PLC0415
    from bpp.storage.engine import open_storage, upgrade  # noqa: PLC0415

    await upgrade(settings.database_url)
    vault = Vault((settings.data_key, *settings.previous_data_keys))
    storage = open_storage(settings.database_url)

    async def unit(work: Work) -> tuple[int, int]:
        return await reseal(work, vault, datetime.now(UTC)), await reseal_second_factors(work, vault)

    try:
        return await storage.run(unit)
    finally:
        await storage.close()
