"""Settings: environment variables ``BPP_*`` over a TOML file (``BPP_CONFIG``) over defaults; read once, frozen.

The defaults are those of the sandbox. In ``preprod`` and ``prod`` there is none for an identity, a key, a registry or a
token, and the published sandbox keys are refused (decision 24). Nothing here ever turns a signature check off.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, ValidationError

from beckn_schemas.spellings import SellerActor
from bpp.setting_types import (
    IN_KEY_FILE,
    OUTSIDE_SANDBOX,
    AlsoTold,
    AtOnce,
    DataKey,
    Duration,
    DurationOrOff,
    DurationText,
    LogsKept,
    Names,
    Networks,
    OwnDataKey,
    OwnDataKeys,
    OwnEncryptionKey,
    OwnEncryptionKeys,
    OwnSigningKey,
    OwnSigningKeys,
    PerSecond,
    PublicKeys,
    Rates,
    Roles,
    SettlementSettings,
    Spellings,
    duration,
)
from signing.keys import SigningKey
from signing.sandbox_keys import ROLES, sandbox_data_key, sandbox_encryption_key, sandbox_signing_key

PREFIX = "BPP_"


class SettingsProblems(Exception):
    """Everything that is wrong with the settings, each with its name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


LOOPBACK = ("127.0.0.0/8", "::1/128")


class Settings(SettlementSettings):
    """One field for each ``BPP_`` variable; README has the table, and a test compares the two."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)

    env: Literal["sandbox", "preprod", "prod"] = "sandbox"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    database_url: str = "sqlite+aiosqlite:///var/sewamitra.db"
    registry: str = "registry.json"
    subscriber_id: str = "bpp.sandbox.example"
    subscriber_uri: str = "http://127.0.0.1:8080"
    unique_key_id: str = "sandbox-bpp-1"
    signing_key: OwnSigningKey = Field(default_factory=lambda: sandbox_signing_key("bpp"))
    encryption_key: OwnEncryptionKey = Field(default_factory=lambda: sandbox_encryption_key("bpp"))
    signing_keys: OwnSigningKeys = Field(default_factory=dict)
    previous_encryption_keys: OwnEncryptionKeys = ()
    key_file: str = ""
    data_key: OwnDataKey = Field(default_factory=lambda: DataKey(sandbox_data_key()))
    previous_data_keys: OwnDataKeys = ()
    catalog: str = ""
    operator_token: str = ""
    operator_tokens: Roles = Field(default_factory=dict)
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    registry_encryption_keys: PublicKeys = Field(
        default_factory=lambda: (sandbox_encryption_key("registry").public_key,)
    )
    site_request_id: str = "00000000-0000-4000-8000-sewamitra001"
    settlement_beneficiary: str = "ARTIFICIAL BENEFICIARY"
    settlement_account: str = "000000000000"
    settlement_ifsc: str = "XXXX0000000"
    settlement_upi: str = "artificial@upi"
    settlement_bank: str = "ARTIFICIAL BANK"
    legal_name: str = "Sewamitra Samiti"
    gstin: str = "09AAAAA0000A1Z5"
    support_phone: str = "155330"
    support_email: str = "support@sewamitra.example"
    gro_name: str = "Grievance Officer"
    gro_phone: str = "155330"
    gro_email: str = "grievance@sewamitra.example"
    freshness: Literal["on", "off"] = "off"
    clock_skew: Duration = timedelta(seconds=5)
    slot_hold: Duration = timedelta(minutes=10)
    quote_ttl: DurationText = "PT30M"
    otp_ttl: Duration = timedelta(minutes=5)
    otp_attempts: Annotated[int, Field(ge=1, le=100)] = 5
    ack_grace: Duration = timedelta(seconds=0.25)
    delivery_lease: Duration = timedelta(seconds=30)
    accept_window: Duration = timedelta(seconds=25)
    own_accept_window: Duration = timedelta(minutes=15)
    on_confirm: Literal["after_acceptance", "at_once"] = "after_acceptance"
    unpaid_confirm: bool = True
    no_slot: Literal["refuse", "offer"] = "refuse"
    requote_window: Duration = timedelta(days=7)
    retention_orders: Duration = timedelta(days=1095)
    retention_projects: Duration = timedelta(days=1095)
    retention_parties: Duration = timedelta(days=1095)
    retention_messages: LogsKept = timedelta(days=180)
    retention_masked: LogsKept = timedelta(days=365)
    retention_drafts: Duration = timedelta(days=7)
    retention_reads: LogsKept = timedelta(days=1095)
    retention_demand: Duration = timedelta(days=1095)
    retention_sign_ins: LogsKept = timedelta(days=365)
    retention_observability: Duration = timedelta(days=180)
    late_grace: DurationOrOff = timedelta(minutes=15)
    rating_window: Duration = timedelta(days=7)
    issue_response: DurationText = "PT2H"
    issue_resolution: DurationText = "P1D"
    callback_allow: Networks = ()
    hex_category_peers: Names = ()
    cancelled_by_seller: SellerActor = "PRODUCER"
    peers: Spellings = Field(default_factory=dict)
    require_gateway: bool = False
    max_body: Annotated[int, Field(ge=1024)] = 1024 * 1024
    idle_timeout: Duration = timedelta(seconds=60)
    body_timeout: Duration = timedelta(seconds=10)
    in_flight: Annotated[int, Field(ge=1, le=10_000)] = 512
    connections: Annotated[int, Field(ge=16, le=100_000)] = 2_000
    peer_rate: PerSecond = 300.0
    peer_burst: AtOnce = 1_000
    peer_rates: Rates = Field(default_factory=dict)
    stranger_rate: PerSecond = 50.0
    stranger_burst: AtOnce = 100
    trusted_proxies: Networks = ()
    drain_delay: Duration = timedelta()
    drain_timeout: Duration = timedelta(seconds=15)
    holds_per_peer: Annotated[int, Field(ge=1)] = 500
    holds_per_session: Annotated[int, Field(ge=1)] = 5
    horizon_days: Annotated[int, Field(ge=1, le=60)] = 6
    providers_per_search: Annotated[int, Field(ge=1)] = 20
    items_per_provider: Annotated[int, Field(ge=1)] = 50
    catalog_bytes: Annotated[int, Field(ge=50_000)] = 1_000_000
    backups: str = ""
    console_totp: Literal["required", "optional"] = "optional"
    observability: Literal["in_prod", "on", "off"] = "in_prod"
    observability_url: str = ""
    observability_token: str = ""
    observability_also: AlsoTold = ()
    sms_url: str = ""
    sms_token: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "text"] = "auto"
    sandbox_buyer_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    sandbox_gateway_port: Annotated[int, Field(ge=0, le=65535)] = 8082

    @property
    def sandbox(self) -> bool:
        """Whether published keys and loopback callbacks are all right here."""
        return self.env == "sandbox"

    @property
    def observed(self) -> bool:
        """Whether network observability is told: where it has an address, in production or wherever it is wanted."""
        wanted = self.observability == "on" or (self.observability == "in_prod" and self.env == "prod")
        return wanted and bool(self.observability_url)

    @property
    def json_logs(self) -> bool:
        """Whether each line of the log is JSON, for programs; else it is text, for a person."""
        return self.log_format == "json" or (self.log_format == "auto" and not self.sandbox)

    @property
    def quote_lifetime(self) -> timedelta:
        """``quote_ttl`` for arithmetic; its text goes on the wire."""
        return duration(self.quote_ttl)

    @property
    def active_signing_key(self) -> SigningKey:
        """The key that signs: of several live ones the one that ``unique_key_id`` names (decision 24)."""
        key: SigningKey = self.signing_keys.get(self.unique_key_id, self.signing_key)
        return key

    @property
    def kept_keys(self) -> bool:
        """Whether a key file is there, which holds our keys and the registry's instead of the settings."""
        return bool(self.key_file) and Path(self.key_file).is_file()

    @property
    def live_registry(self) -> bool:
        """Whether the registry is a base URL, not a file."""
        return "://" in self.registry


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check everything; raises SettingsProblems with all that is wrong, not only the first."""
    values, problems = _gather(environ)
    env = values.get("env", "sandbox")
    outside = env in ("preprod", "prod")
    if env == "prod":
        values.setdefault("freshness", "on")
    if outside:
        values.setdefault("console_totp", "required")
    if env == "sandbox":
        values.setdefault("callback_allow", LOOPBACK)
        values.setdefault("subscriber_uri", f"http://127.0.0.1:{values.get('port', 8080)}")
    if outside:
        kept = IN_KEY_FILE if Path(values.get("key_file") or os.devnull).is_file() else frozenset()
        problems += [
            f"{PREFIX}{name.upper()}: required when {PREFIX}ENV is {env}"
            for name in OUTSIDE_SANDBOX
            if name not in values and name not in kept
        ]
        if not values.get("operator_token") and not values.get("operator_tokens"):
            problems.append(f"{PREFIX}OPERATOR_TOKEN: required when {PREFIX}ENV is {env}")
    try:
        settings = Settings.model_validate(values)
    except ValidationError as invalid:
        problems += [_problem(*one["loc"], one["msg"]) for one in invalid.errors()]
        raise SettingsProblems(problems) from invalid
    if settings.signing_keys and settings.unique_key_id not in settings.signing_keys:
        problems.append(f"{PREFIX}UNIQUE_KEY_ID: one of the names in {PREFIX}SIGNING_KEYS is expected")
    problems += _contradictions(settings)
    problems += _guards(settings) if outside else []
    if problems:
        raise SettingsProblems(problems)
    return settings


def _gather(environ: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    problems: list[str] = []
    path = environ.get(f"{PREFIX}CONFIG")
    if path:
        try:
            values.update(tomllib.loads(Path(path).read_text()))
        except (OSError, tomllib.TOMLDecodeError) as problem:
            problems.append(f"{PREFIX}CONFIG: {problem}")
    for name in Settings.model_fields:
        text = environ.get(f"{PREFIX}{name.upper()}")
        if text is not None:
            values[name] = text
    return values, problems


def _problem(name: object, *rest: object) -> str:
    """A setting by its variable, the place inside it where it is a table, and what is wrong there."""
    return ": ".join((f"{PREFIX}{str(name).upper()}", *map(str, rest)))


def _contradictions(settings: Settings) -> list[str]:
    both = (peer for peer in settings.hex_category_peers if peer in settings.peers)
    problems = [
        f"{PREFIX}PEERS: {peer}: decimal here, but named in {PREFIX}HEX_CATEGORY_PEERS"
        for peer in both
        if settings.peers[peer].categories == "decimal"
    ]
    problems += [f"{PREFIX}{one.upper()}: required when {PREFIX}SETTLEMENT is messages" for one in settings.unnamed()]
    if settings.observability_url and not settings.observability_token:
        problems.append(f"{PREFIX}OBSERVABILITY_TOKEN: required when {PREFIX}OBSERVABILITY_URL is set")
    return problems


def _guards(settings: Settings) -> list[str]:
    """What may not be used outside the sandbox."""
    problems = []
    published = {sandbox_signing_key(role) for role in ROLES}
    if not settings.kept_keys and published & {settings.active_signing_key, *settings.signing_keys.values()}:
        problems.append(f"{PREFIX}SIGNING_KEY: the published sandbox key is refused outside the sandbox")
    if not settings.kept_keys and settings.encryption_key in {sandbox_encryption_key(role) for role in ROLES}:
        problems.append(f"{PREFIX}ENCRYPTION_KEY: the published sandbox key is refused outside the sandbox")
    if DataKey(sandbox_data_key()) in {settings.data_key, *settings.previous_data_keys}:
        problems.append(f"{PREFIX}DATA_KEY: the published sandbox key is refused outside the sandbox")
    if not settings.subscriber_uri.startswith("https://"):
        problems.append(f"{PREFIX}SUBSCRIBER_URI: an https URL is expected outside the sandbox")
    if settings.env == "prod" and not settings.live_registry:
        problems.append(f"{PREFIX}REGISTRY: a registry file is refused in prod; the URL of the registry is expected")
    if settings.observability_url and not settings.observability_url.startswith("https://"):
        problems.append(f"{PREFIX}OBSERVABILITY_URL: an https URL is expected outside the sandbox")
    if settings.settlement != "off" and settings.settlement_from is None:
        text = "required outside the sandbox: work that was done before was paid in another way"
        problems.append(f"{PREFIX}SETTLEMENT_FROM: {text}")
    if settings.settlement_agency_uri and not settings.settlement_agency_uri.startswith("https://"):
        problems.append(f"{PREFIX}SETTLEMENT_AGENCY_URI: an https URL is expected outside the sandbox")
    if settings.live_registry and not settings.registry.startswith("https://"):
        problems.append(f"{PREFIX}REGISTRY: an https URL is expected outside the sandbox")
    return problems
