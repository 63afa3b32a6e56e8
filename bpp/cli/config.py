"""``bpp config``: the settings in force, with everything secret masked."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import isodate
from pydantic import BaseModel

from bpp.cli.output import AsJson, show
from bpp.setting_types import DataKey
from bpp.settings import PREFIX, Settings, load_settings
from signing.keys import EncryptionKey, SigningKey, encode_public_key

MASK = "***"
_PASSWORD = re.compile(r"(?<=:)[^:/@]+(?=@)")


def config(*, as_json: AsJson = False) -> None:
    """Print the settings in force, from environment, file and defaults; secrets are masked.

    Example: bpp config --json
    """
    shown = masked(load_settings(os.environ))
    text = "\n".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in shown.items()
    )
    show(shown, text, as_json=as_json)


def masked(settings: Settings) -> dict[str, Any]:
    """Each setting by the name of its variable. Of a key its public half is told, of a token and password nothing."""
    return {f"{PREFIX}{name.upper()}": _masked(name, getattr(settings, name)) for name in Settings.model_fields}


def _masked(name: str, value: Any) -> Any:
    match name:
        case "operator_token" | "sms_token" | "observability_token":
            return MASK if value else ""
        case "operator_tokens":
            return [f"{MASK} ({role})" for role in value.values()]
        case "database_url" | "sms_url" | "observability_url":
            return _PASSWORD.sub(MASK, value)
        case _:
            return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, SigningKey | EncryptionKey):
        return f"{MASK} (public: {encode_public_key(value)})"
    if isinstance(value, DataKey):
        return f"{MASK} (id: {value.id})"
    if isinstance(value, BaseModel):
        return value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, timedelta):
        return isodate.duration_isoformat(value)
    return value if isinstance(value, bool | int | str | None) else str(value)
