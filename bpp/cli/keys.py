"""``bpp keys``: new key pairs, and the public halves of those in force."""

from __future__ import annotations

import os

import typer

from bpp.cli.output import AsJson, facts, show
from bpp.settings import PREFIX, load_settings
from signing.keys import encode_private_key, encode_public_key, generate_encryption_key, generate_signing_key

keys = typer.Typer(no_args_is_help=True, help="Signing and encryption keys.")


@keys.command("new")
def new(*, as_json: AsJson = False) -> None:
    """Make new Ed25519 and X25519 key pairs: private for the settings, public for the registry. Nothing is stored.

    Example: bpp keys new > new-keys.txt
    """
    signing, encryption = generate_signing_key(), generate_encryption_key()
    private = {
        f"{PREFIX}SIGNING_KEY": encode_private_key(signing),
        f"{PREFIX}ENCRYPTION_KEY": encode_private_key(encryption),
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
    found = {
        "subscriber_id": settings.subscriber_id,
        "ukId": settings.unique_key_id,
        "signing_public_key": encode_public_key(settings.active_signing_key),
        "encr_public_key": encode_public_key(settings.encryption_key),
    }
    show(found, facts(found, tuple(found)), as_json=as_json)
