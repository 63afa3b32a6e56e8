"""The published codes of settlement: who says each, what it means in words for people, and what helps against it.

Source: the error table of NTS10 2.0.0 (network.md 2.6). Nobody invents a code; what has none is a ``Cause``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from beckn_schemas.rsf_codes import OUT_OF_ORDER, RSF_ERROR_CODES, Event
from bpp.orders.words import Words
from bpp.settlement.model import Cause, Side


class Remedy(StrEnum):
    """What is done about a code."""

    RECONCILE = "reconcile"
    """The two sides filed different things: compare them."""
    REFILE = "refile"
    """Nobody is wrong, or only for now: the same again in the next run."""
    PEOPLE = "people"
    """Something is set up wrongly, here or there: an operator looks at it."""


@dataclass(frozen=True, slots=True)
class RsfCode:
    """A published code with its own text, ours for people, and what helps."""

    code: str
    event: Event
    description: str
    words: Words
    remedy: Remedy


_P, _F, _R = Remedy.PEOPLE, Remedy.REFILE, Remedy.RECONCILE
_ROWS: tuple[tuple[str, str, str, Remedy], ...] = (
    ("503", "The other side is out of order.", "दूसरी ओर का सर्वर काम नहीं कर रहा है।", _F),
    ("70000", "The signature was not accepted.", "हस्ताक्षर स्वीकार नहीं हुआ।", _P),
    ("70001", "The signature is missing.", "हस्ताक्षर नहीं मिला।", _P),
    ("70002", "The message has not the form it must have.", "संदेश का रूप सही नहीं है।", _P),
    ("70003", "The agency does not know who files.", "भेजने वाले को एजेंसी नहीं जानती।", _P),
    ("70004", "Who files is inactive at the agency.", "भेजने वाला एजेंसी में निष्क्रिय है।", _P),
    ("70005", "The agency's own id is wrong.", "एजेंसी की अपनी पहचान ग़लत है।", _P),
    ("70006", "This transaction was filed before.", "यह लेन-देन पहले भेजा जा चुका है।", _P),
    ("70007", "This message was sent before.", "यह संदेश पहले भेजा जा चुका है।", _P),
    ("70008", "This settlement was filed before.", "यह निपटान पहले भेजा जा चुका है।", _P),
    ("70009", "Who files is neither the collector nor the receiver.", "भेजने वाला न वसूलने वाला है, न पाने वाला।", _P),
    ("70010", "The collector has no account at the agency.", "वसूलने वाले का खाता एजेंसी में नहीं है।", _P),
    ("70011", "The agency does not know the collector.", "वसूलने वाले को एजेंसी नहीं जानती।", _P),
    ("70012", "The collector is inactive at the agency.", "वसूलने वाला एजेंसी में निष्क्रिय है।", _P),
    ("70013", "The agency does not know the receiver.", "पाने वाले को एजेंसी नहीं जानती।", _P),
    ("70014", "The receiver is inactive at the agency.", "पाने वाला एजेंसी में निष्क्रिय है।", _P),
    ("70015", "Collector and receiver are the same.", "वसूलने वाला और पाने वाला एक ही हैं।", _P),
    ("70016", "The order was filed twice.", "ऑर्डर दो बार भेजा गया।", _P),
    ("70017", "The collector's account cannot be used.", "वसूलने वाले का खाता चालू नहीं है।", _F),
    ("70018", "The receiver's account cannot be used.", "पाने वाले का खाता चालू नहीं है।", _F),
    ("70019", "The collector's bank does not answer.", "वसूलने वाले का बैंक उत्तर नहीं दे रहा है।", _F),
    ("70020", "The receiver's bank does not answer.", "पाने वाले का बैंक उत्तर नहीं दे रहा है।", _F),
    ("70021", "The buyer app has not filed that day.", "ख़रीदार ऐप ने उस दिन कुछ नहीं भेजा।", _F),
    ("70022", "The buyer app has not filed this order.", "ख़रीदार ऐप ने यह ऑर्डर नहीं भेजा।", _R),
    ("70023", "The two sides filed different shares of the collector.", "वसूलने वाले का हिस्सा दोनों ओर अलग-अलग है।", _R),
    ("70024", "The two sides filed different amounts.", "दोनों ओर राशि अलग-अलग है।", _R),
    ("70025", "The collector's account has too little money.", "वसूलने वाले के खाते में पैसे कम हैं।", _F),
    ("70026", "The collector is at its debit limit.", "वसूलने वाला अपनी डेबिट सीमा पर है।", _F),
    ("70027", "The collector's bank is at its debit limit.", "वसूलने वाले का बैंक अपनी डेबिट सीमा पर है।", _F),
    ("70028", "Nothing is known of this transaction.", "इस लेन-देन का पता नहीं है।", _P),
    ("70029", "Nothing is known of this message.", "इस संदेश का पता नहीं है।", _P),
    ("70030", "There is no such order.", "ऐसा कोई ऑर्डर नहीं है।", _P),
)
CODES: Mapping[str, RsfCode] = MappingProxyType(
    {
        code: RsfCode(code, known.event, known.message, Words(en, hi), remedy)
        for code, en, hi, remedy in _ROWS
        for known in (RSF_ERROR_CODES[code],)
    }
)
"""Every published code, by its text."""

CAUSES: Mapping[Cause, Words] = MappingProxyType(
    {
        "conceded": Words("We filed the buyer app's amount.", "हमने ख़रीदार ऐप की राशि मान ली।"),
        "settled_amount": Words("Another amount moved than was filed.", "भेजी गई राशि से अलग राशि आई-गई।"),
        "altered": Words("The answer repeats other amounts than we filed.", "उत्तर में हमारी भेजी राशियाँ नहीं हैं।"),
        "late": Words("The answer is to a settle that was replaced.", "उत्तर उस निपटान का है जो बदला जा चुका है।"),
        "recorded": Words("Another payment was recorded under the same reference.", "इसी संदर्भ में दूसरी राशि दर्ज है।"),
        "leg": Words("A part of the payment did not arrive.", "भुगतान का एक हिस्सा नहीं पहुँचा।"),
        "status": Words(
            "The buyer app says settled, the agency does not.", "ख़रीदार ऐप के अनुसार निपट गया, एजेंसी के अनुसार नहीं।"
        ),
        "order_amount": Words(
            "The buyer app's amount of the order is not the sum of its parts.",
            "ख़रीदार ऐप की ऑर्डर राशि हिस्सों का जोड़ नहीं है।",
        ),
        "false_accord": Words(
            "The buyer app agrees, to other amounts than ours.", "ख़रीदार ऐप सहमत है, पर दूसरी राशि पर।"
        ),
        "unanswered": Words("The buyer app does not answer our recon.", "ख़रीदार ऐप हमारे मिलान का उत्तर नहीं देता।"),
        "recon": Words("The two sides do not agree.", "दोनों ओर सहमति नहीं है।"),
        "unknown": Words(
            "The buyer app names a settlement that we have not.", "ख़रीदार ऐप का बताया निपटान हमारे पास नहीं है।"
        ),
    }
)
"""Every difference by name, in words for people."""


_COLLECTORS = frozenset({"70017", "70019", "70025", "70026", "70027"})
_RECEIVERS = frozenset({"70018", "70020"})


def not_theirs(collected_by: Side) -> frozenset[str]:
    """The codes that pass or are put right without the buyer app: of the agency, and of our own account."""
    return frozenset({OUT_OF_ORDER}) | (_COLLECTORS if collected_by is Side.BPP else _RECEIVERS)


def remedy_of(code: str) -> Remedy:
    """What helps against a code; a bank's own, such as ``01``, is for people."""
    known = CODES.get(code)
    return known.remedy if known is not None else Remedy.PEOPLE
