"""One spelling of what participants write in several ways in grievances: the table RULES, each with its source.

``normalized`` runs before the models read. What it cannot read stays as it came, for the models to refuse with its
path. Sections are those of the network reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from beckn_schemas import igm_codes as codes
from beckn_schemas.igm_codes import V1, V2, IgmVersion
from beckn_schemas.nulls import without_null_members

Json = Any
Fix = Callable[[Json], Json]

V2_KEYS: Final = frozenset({"actions", "actors", "level", "descriptor", "refs"})
V1_KEYS: Final = frozenset({"issue_actions", "category", "issue_type", "complainant_info"})
"""Keys of ``message.issue`` that tell the version (1.2, "Version detection")."""

REF_ALIASES: Final = {
    "FULFILMENT": "FULFILLMENT",  # older builds of the log validator (1.4)
    "TRANSACTION": "TRANSACTION_ID",  # enumerations, ref_type_alias
    "CUSTOMER": "CONSUMER",
    "ISSUE": "COMPLAINT",
}
ACTOR_ALIASES: Final = {
    "CUSTOMER": "CONSUMER",  # enumerations, actor_type_alias
    "CASCADED_COUNTERPARTY_NP": "CASCADED_NP",
    "CASCADED_COUNTERPARTY_NP_GRO": "CASCADED_NP_GRO",
    "SELLER": "PROVIDER",  # Flow 2 (1.4)
}
CODE_ALIASES: Final = {"CLOSE": "CLOSED", "ESCALATE": "ESCALATED", "NEED_MORE_INFO": "INFO_REQUESTED"}
CODE_ALIASES_V1: Final = {"CLOSED": "CLOSE", "ESCALATED": "ESCALATE", "INFO-REQUESTED": "NEED-MORE-INFO"}
_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """``fix`` is applied to every value at ``path``, where ``[]`` is each element; in one version, or in any."""

    name: str
    version: IgmVersion | None
    path: str
    fix: Fix
    source: str


def version_of(issue: Mapping[str, Any]) -> IgmVersion | None:
    """In which version an issue is written, by its keys; None where it has none that tells."""
    if V2_KEYS & issue.keys():
        return V2
    return V1 if V1_KEYS & issue.keys() else None


def _words(joint: str, *known: str, aliases: Mapping[str, str] | None = None) -> Fix:
    """Known words in upper case with one joint between their parts, whichever of ``-``, ``_`` and space came."""
    names = aliases or {}

    def fix(value: Json) -> Json:
        if not isinstance(value, str):
            return value
        word = re.sub(r"[-_\s]+", joint, value.strip()).upper()
        word = names.get(word, word)
        return word if word in known else value

    return fix


def _renamed(old: str, new: str) -> Fix:
    """A key by its present name."""

    def fix(value: Json) -> Json:
        if not isinstance(value, dict) or old not in value or new in value:
            return value
        return {new if key == old else key: part for key, part in value.items()}

    return fix


def _without_empty(*keys: str) -> Fix:
    """An empty text says nothing."""
    return lambda value: (
        {key: part for key, part in value.items() if key not in keys or part != ""}
        if isinstance(value, dict)
        else value
    )


def _images(value: Json) -> Json:
    """Addresses alone as objects; empty ones go."""
    if not isinstance(value, list):
        return value
    images = [{"url": one} if isinstance(one, str) else one for one in value]
    return [one for one in images if not (isinstance(one, dict) and not one.get("url"))]


def _count(value: Json) -> Json:
    """A number as text, and the core's ``{"count": 1}``, as a number."""
    if isinstance(value, dict) and "count" in value:
        value = value["count"]
    return int(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _targets(value: Json) -> Json:
    """One target alone as a list of it."""
    return [value] if isinstance(value, dict) else value


def _place(context: Json) -> Json:
    """``core_version`` as ``version``, and flat ``city`` and ``country`` as ``location``."""
    if not isinstance(context, dict):
        return context
    read = dict(context)
    if "core_version" in read:
        read.setdefault("version", read["core_version"])
    flat = {key: {"code": read[key]} for key in ("city", "country") if isinstance(read.get(key), str)}
    if flat and "location" not in read:
        read["location"] = flat
    return read


_ISSUE = "message.issue"
_ACTIONS = f"{_ISSUE}.issue_actions"
RULES: Final[tuple[Spelling, ...]] = (
    Spelling("shape of the context", None, "context", _place, "1.2: flat in 1.x, location and version in 2.x; CRISP"),
    Spelling("updated_target", V2, "message", _renamed("updated_target", "update_target"), "1.4: CRISP, March 2025"),
    Spelling("one target", V2, "message.update_target", _targets, "1.4: parse loosely"),
    Spelling("description", V2, _ISSUE, _renamed("description", "descriptor"), "1.4: before 22 April 2025"),
    Spelling("status", V2, f"{_ISSUE}.status", _words("_", *get_args(codes.Status)), "1.4"),
    Spelling("level", V2, f"{_ISSUE}.level", _words("_", *get_args(codes.Level)), "1.5"),
    *(
        Spelling("images", version, f"{_ISSUE}.{part}", _images, "1.4: strings in CRISP, March 2025; 1.3: strings")
        for version, part in (
            (V1, "description.images"),
            (V2, "descriptor.images"),
            (V2, "actions[].descriptor.images"),
            (V2, "actions[].descriptor.media"),
        )
    ),
    *(
        Spelling("no address", version, f"{_ISSUE}.{part}", _without_empty("url"), "1.3, 1.4: an empty url in samples")
        for version, part in ((V1, "description.additional_desc"), (V2, "descriptor.additional_desc"))
    ),
    Spelling(
        "ref type",
        V2,
        f"{_ISSUE}.refs[].ref_type",
        _words("_", *get_args(codes.RefType), aliases=REF_ALIASES),
        "1.4: FULFILMENT in older builds; enumerations",
    ),
    Spelling(
        "actor type",
        V2,
        f"{_ISSUE}.actors[].type",
        _words("_", *get_args(codes.ActorType), aliases=ACTOR_ALIASES),
        "1.4: CUSTOMER, SELLER, INTERFACING NP; enumerations",
    ),
    Spelling(
        "action code",
        V2,
        f"{_ISSUE}.actions[].descriptor.code",
        _words("_", *get_args(codes.ComplainantCode), *get_args(codes.RespondentCode), aliases=CODE_ALIASES),
        "enumerations, action_code_alias: CLOSE; 1.8: hyphens",
    ),
    Spelling(
        "resolution",
        V2,
        f"{_ISSUE}.resolutions[].descriptor.code",
        _words("_", *get_args(codes.ResolutionCode)),
        "1.8: NO-ACTION; enumerations: NOW-VISIBLE",
    ),
    Spelling(
        "source",
        V1,
        f"{_ISSUE}.source.type",
        _words("-", *get_args(codes.SourceV1)),
        "enumerations: INTERFACING NP is an alias",
    ),
    Spelling(
        "status", V1, f"{_ISSUE}.status", _words("-", *get_args(codes.StatusV1), aliases={"CLOSE": "CLOSED"}), "1.3"
    ),
    Spelling("issue type", V1, f"{_ISSUE}.issue_type", _words("-", *get_args(codes.Level)), "1.5"),
    Spelling("rating", V1, f"{_ISSUE}.rating", _words("-", *get_args(codes.RatingV1)), "1.8: THUMBS_UP in 2.0.0"),
    Spelling(
        "complainant action",
        V1,
        f"{_ACTIONS}.complainant_actions[].complainant_action",
        _words("-", *get_args(codes.ComplainantActionV1), aliases=CODE_ALIASES_V1),
        "1.8: words of 2.0.0",
    ),
    Spelling(
        "respondent action",
        V1,
        f"{_ACTIONS}.respondent_actions[].respondent_action",
        _words("-", *get_args(codes.RespondentActionV1), aliases=CODE_ALIASES_V1),
        "1.8: words of 2.0.0",
    ),
    Spelling(
        "remedy",
        V1,
        f"{_ISSUE}.resolution.action_triggered",
        _words("-", *get_args(codes.TriggeredV1)),
        "1.8: NO_ACTION in 2.0.0",
    ),
    Spelling(
        "quantity", V1, f"{_ISSUE}.order_details.items[].quantity", _count, "1.3: a JSON number; core: text, {count}"
    ),
)


def normalized(payload: Mapping[str, Any], version: IgmVersion | None) -> dict[str, Any]:
    """A message in one spelling; the payload itself is not changed."""
    value: Any = without_null_members(dict(payload))
    for rule in RULES:
        if rule.version in (None, version):
            value = _fixed(value, rule.path.replace("[]", ".[]").split("."), rule.fix)
    return dict(value)


def _fixed(value: Json, steps: list[str], fix: Fix) -> Json:
    if not steps:
        return fix(value)
    head, *rest = steps
    if head == "[]":
        return [_fixed(one, rest, fix) for one in value] if isinstance(value, list) else value
    if not isinstance(value, dict) or head not in value:
        return value
    return {**value, head: _fixed(value[head], rest, fix)}
