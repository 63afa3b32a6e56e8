"""``bpp sandbox``: take part in the sandbox with a buyer app of one's own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from bpp.cli.client import token_of
from bpp.cli.output import MISUSED, AsJson, fail, show
from bpp.setting_types import read_signing_key
from bpp.settings import Settings, load_settings
from signing.errors import KeyFormatError
from signing.keys import encode_private_key, encode_public_key, generate_signing_key, load_signing_public_key

if TYPE_CHECKING:
    from bpp.sandbox.exchange import Callback

sandbox = typer.Typer(no_args_is_help=True, help="A buyer app of your own beside `bpp serve` in the sandbox.")

LOOK_AGAIN = 0.1  # seconds
Id = Annotated[str, typer.Option("--id", help="Subscriber id of your buyer app.")]


@sandbox.command("register")
def register_buyer(
    *,
    subscriber_id: Id,
    url: Annotated[str, typer.Option(help="Where it takes callbacks: its bap_uri.")],
    public_key: Annotated[str, typer.Option(help="Its Ed25519 public key in base64.")] = "",
    new_key: Annotated[
        Path | None, typer.Option(help="Instead: make a key, and keep its private half in this file.")
    ] = None,
    key_id: Annotated[str, typer.Option(help="Unique key id; by default the subscriber id and -1.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Forget the keys it had.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put your buyer app into the sandbox's registry file, which the running server follows at once.

    Example: bpp sandbox register --id my-app.example --url http://127.0.0.1:9090 --new-key my-key
    """
    from bpp.sandbox.newcomers import NotRegistered, register  # noqa: PLC0415  heavy: only this command waits for it

    path = _registry(load_settings(os.environ))
    if bool(public_key) == bool(new_key):
        fail("one of --public-key and --new-key is expected", status=MISUSED)
    try:
        key = _made(new_key) if new_key else public_key
        load_signing_public_key(key)
        named = register(path, subscriber_id, url=url, public_key=key, unique_key_id=key_id, replace=replace)
    except (KeyFormatError, NotRegistered) as problem:
        fail(str(problem), status=MISUSED)
    found = {"subscriber_id": subscriber_id, "unique_key_id": named, "signing_public_key": key, "registry": str(path)}
    show(found, f"{subscriber_id} is registered at {url} with the key {named}", as_json=as_json)


@sandbox.command("unregister")
def unregister_buyer(*, subscriber_id: Id, as_json: AsJson = False) -> None:
    """Take your buyer app out of the sandbox's registry file.

    Example: bpp sandbox unregister --id my-app.example
    """
    from bpp.sandbox.newcomers import NotRegistered, unregister  # noqa: PLC0415  heavy: only this command waits for it

    try:
        count = unregister(_registry(load_settings(os.environ)), subscriber_id)
    except NotRegistered as problem:
        fail(str(problem), status=MISUSED)
    if not count:
        fail(f"{subscriber_id} was not registered")
    show(
        {"subscriber_id": subscriber_id, "records": count}, f"{subscriber_id} is no longer registered", as_json=as_json
    )


@sandbox.command("token")
def token(*, as_json: AsJson = False) -> None:
    """Print the sandbox's operator token, to be the seller's people by curl.

    Example: curl -H "Authorization: Bearer $(bpp sandbox token)" http://127.0.0.1:8080/api/v1/orders
    """
    settings = load_settings(os.environ)
    _registry(settings)
    found = token_of(settings)
    show({"token": found}, found, as_json=as_json)


@sandbox.command("listen")
def listen(
    *,
    port: Annotated[int, typer.Option(help="Where to listen: the port of your bap_uri.", min=0, max=65535)] = 9090,
    out: Annotated[
        Path | None, typer.Option(help="Keep each callback here, the last of an action under its name.")
    ] = None,
    count: Annotated[int, typer.Option(help="Stop after so many callbacks; 0: when stopped.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Take callbacks for your buyer app: verify each, acknowledge it, print it in a line, with --json as it is.

    Example: bpp sandbox listen --port 9090 --out callbacks
    """
    registry = _registry(load_settings(os.environ))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    asyncio.run(_listen(registry, port, out, count, as_json=as_json))


async def _listen(registry: Path, port: int, out: Path | None, count: int, *, as_json: bool) -> None:
    from bpp.sandbox.buyer import Buyer  # noqa: PLC0415  heavy: only this command waits for it

    async with Buyer(registry=registry, port=port) as buyer:
        typer.echo(f"listening at {buyer.listening_at}", err=as_json)
        heard = 0
        while not count or heard < count:
            await asyncio.sleep(LOOK_AGAIN)
            for one in [callback for callback in buyer.callbacks if callback.number > heard]:
                heard = one.number
                _tell(one, out, as_json=as_json)


def _tell(callback: Callback, out: Path | None, *, as_json: bool) -> None:
    if as_json:
        told = {"action": callback.action, "problem": callback.problem or None, "document": callback.document}
        typer.echo(orjson.dumps(told).decode())
    else:
        said = f"refused: {callback.problem}" if callback.problem else "ACK"
        error = f" error {callback.error_code}" if callback.error else ""
        typer.echo(f"{callback.number:3} {callback.action:12} {callback.transaction_id} {said}{error}")
    if out is not None:
        draft = out / f".{callback.action}.new"
        draft.write_bytes(callback.body)
        draft.replace(out / f"{callback.action}.json")


def _registry(settings: Settings) -> Path:
    if not settings.sandbox or settings.live_registry:
        fail("this is for the sandbox, whose registry is a file", status=MISUSED)
    return Path(settings.registry)


def _made(path: Path) -> str:
    """The public half of the key in a file; of a new one where there is no such file."""
    if path.exists():
        try:
            return encode_public_key(read_signing_key(f"file:{path}"))
        except ValueError as problem:
            fail(f"{path}: {problem}", status=MISUSED)
    key = generate_signing_key()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(encode_private_key(key))
    return encode_public_key(key)
