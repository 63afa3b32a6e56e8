"""The table of masking: which names of values mean what, and which forms of texts point to nobody. Pure.

Source: network.md 3.1 (masking table, names never to be masked), the names of core, IGM 1.0 and 2.0 and RSF 2.0 as
specified and as peers write them. Names are compared in one spelling, ``plain``: Bank_Account_No, bankAccountNo and
bank-account-no are one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final


class Kind(Enum):
    """What is done with a value; the value of the enumeration names the token that stands for it, where one does."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"
    ID = "id"
    """Kept as it came, or nobody could find the message again; at a person a token."""
    CODE = "code"
    """A word of the protocol: kept, but for what looks like a number or address of somebody."""
    POINT = "point"
    """Coordinates: kept to two decimals, about a kilometre."""
    PINCODE = "pincode"
    AREA = "area"
    """City, state, country: kept."""
    ADDRESS = "address"
    """Masked, but for the pincode in it."""
    SECRET = "secret"  # noqa: S105  a word for accounts, tax numbers, one-time passwords
    WORDS = "words"
    """What somebody wrote in own words, or where it can be read."""


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


VALUES_OF_TAGS: Final = _set("value values")
"""Under these names lies what the code beside them says."""
PERSONS: Final = _set(
    "person persons people contact contacts customer customers consumer billing agent agents complainant_info "
    "respondent_info resolution_support updated_by gros gro actor_details info creds credentials authorization "
    "bank_details settlement_details beneficiary nominee worker workers technician professional user creator"
)
"""Names under which somebody is described, or something that is his or hers alone."""
AREAS: Final = _set("city state country district")
GOODS: Final = _set("items categories offers add_ons")
"""Things of a catalog, whose names are an offer to everybody; those of sellers may be those of persons."""
SELLERS: Final = _set("providers provider fulfillments locations")
PERSON_CODES: Final = _set("type gro_type content_type")
"""The words of the protocol that stand at a person."""
CODES_AS_NAMES: Final = _set(
    "INFO001 INFO002 PARENT REFUND RETURN REPLACEMENT NO_ACTION NO-ACTION CANCEL RECONCILED NOT_RECONCILED "
    "NOT-RECONCILED COUPON"
)
"""What IGM writes in the ``name`` of a descriptor although it is a code (network.md 1.4; nts_enums)."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Names of one kind: whole ones, and words that may stand anywhere in one."""

    kind: Kind
    names: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Whether a plain name is one of them."""
        return (
            name in self.names
            or not self.words.isdisjoint(name.split("_"))
            or (bool(self.beginnings) and name.startswith(self.beginnings))
            or (bool(self.endings) and name.endswith(self.endings))
        )


_TABLE: Final = (
    _Row(Kind.PINCODE, names=_set("area_code pincode pin_code zip zip_code zipcode postal_code postcode")),
    _Row(Kind.AREA, names=AREAS),
    _Row(Kind.POINT, names=_set("gps lat lon lng latitude longitude")),
    _Row(
        Kind.SECRET,
        names=_set("tax_id tax_number provider_tax_number virtual_payment_address national_id"),
        words=_set(
            "account accounts ifsc upi vpa bank pan gst gstin aadhaar aadhar otp token password passport licence "
            "license voter dob birth signature secret iban swift card cvv beneficiary"
        ),
    ),
    _Row(
        Kind.PHONE,
        words=_set("phone phones mobile telephone tel whatsapp fax msisdn"),
        beginnings=("phone", "mobile"),
    ),
    _Row(Kind.EMAIL, words=_set("email emails mail emailid")),
    _Row(Kind.NAME, words=_set("name names"), endings=("name",)),
    _Row(
        Kind.CODE,
        names=_set(
            "domain action version core_version code status type collected_by currency label unit days frequency level "
            "category sub_category issue_type ref_type gro_type action_triggered respondent_action complainant_action "
            "path update_target content_type size_type mimetype cancelled_by rating rating_category order_status mode "
            "phase basis counterparty buyer_finder_fee_type finder_fee_type settlement_counterparty settlement_type "
            "settlement_status settlement_phase fulfillment_state discount_unit additive qualifier dish_type channel "
            "colour cuisine"
        ),
    ),
    _Row(
        Kind.ID,
        names=_set("id ids bap_uri bpp_uri reference_no settlement_ref_no settlement_reference_no utr uuid"),
        endings=("_id", "_ids"),
    ),
    _Row(
        Kind.ADDRESS,
        words=_set(
            "address addresses addr street building door house flat floor locality landmark ward road lane apartment "
            "tower block village"
        ),
    ),
    _Row(
        Kind.WORDS,
        words=_set(
            "desc description descriptions note notes remark remarks instruction instructions comment comments "
            "feedback text message title complaint subject caption summary answer"
        ),
    ),
)
"""Which names are of which kind; the first row that has a name decides."""

PINCODE: Final = re.compile(r"[1-9][0-9]{2} ?[0-9]{3}", re.ASCII)
ORGANISATION: Final = re.compile(r"[\w.*/-]+::[\w:*.-]+", re.ASCII)
"""How IGM names a participant: ``subscriber::domain``."""
_TIME_OF_DAY = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
_ZONE = r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
_MOMENT = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[Tt ]{_TIME_OF_DAY}{_ZONE}"
MOMENT: Final = re.compile(_MOMENT, re.ASCII)
_FORMS = (
    _MOMENT,
    _TIME_OF_DAY,
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}",  # a day
    r"P[0-9.YMWDTHS]*[0-9][0-9.YMWDTHS]*",  # a duration
    r"[+-]?[0-9]{1,8}(?:\.[0-9]{1,3})?%?",  # a count, an amount, a share: too short for a telephone
    r"[+-]?[0-9]{1,12}\.[0-9]{2}",  # an amount
    r"[0-9](?:, ?[0-9])+",  # days of the week
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",  # a UUID
    r"[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[YyNn]|INR|IND",
)
HARMLESS: Final = re.compile("|".join(_FORMS), re.ASCII)
"""Forms of texts under names that nobody knows: whatever they mean, nobody is told by them."""

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
_REACHED_BY = re.compile(
    r"[^\s@<>,;:\"'()]+@[^\s@<>,;:\"'()]+"  # e-mail and UPI addresses
    r"|(?<![\w.])(?:\+?91[\s-]*|0)?[6-9](?:[\s-]?\d){9}(?!\w)"  # a mobile number, in whatever groups
    r"|\d{9,}"  # any other long number
    r"|\b\d{2}[A-Z]{5}\d{4}[A-Z][0-9A-Z]{3}\b|\b[A-Z]{5}\d{4}[A-Z]\b|\b[A-Z]{4}0[A-Z0-9]{6}\b"  # GSTIN, PAN, IFSC
)
_SPACE = re.compile(r"\s+")
_DIGITS_OF_A_PHONE = 10
_DECIMALS = 2
_MOST_DEGREES = 180


@lru_cache(maxsize=4_096)
def plain(name: str) -> str:
    """A name in the one spelling in which names are compared."""
    return _BETWEEN.sub("_", _CAMEL.sub("_", name)).strip("_").lower()


@lru_cache(maxsize=4_096)
def kind(name: str) -> Kind | None:
    """What a value of a ``plain`` name is; None where the table does not know the name."""
    return next((row.kind for row in _TABLE if row.has(name)), None)


@lru_cache(maxsize=4_096)
def scrubbed(text: str, mark: str) -> str:
    """A text that is kept, with numbers and addresses by which somebody is reached, or known to the state, marked."""
    while (found := _REACHED_BY.sub(mark, text)) != text:  # what is left over may be one beside the mark
        text = found
    return text


def same(kind: Kind, text: str) -> str:
    """One spelling of a name, number or address, so that it has one token however it is written."""
    if kind is Kind.PHONE:
        return "".join(one for one in text if one.isdigit())[-_DIGITS_OF_A_PHONE:] or text
    return _SPACE.sub(" ", text).strip().casefold()


def nearby(value: Any) -> Any:
    """Coordinates to two decimals: ``26.85,80.95``, or one number; what is none is left out."""
    try:
        degrees = [float(one) for one in str(value).split(",")]
    except ValueError:
        return ""
    if not all(abs(one) <= _MOST_DEGREES for one in degrees):
        return ""
    return ",".join(f"{one:.{_DECIMALS}f}" for one in degrees) if isinstance(value, str) else round(value, _DECIMALS)
