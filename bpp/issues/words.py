"""What we say in an issue, in English and Hindi: one template for each thing that we say by ourselves or at one click.

A person may write something else. Hindi is written so that it fits women and men alike (``bpp.orders.words``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from bpp.issues.steps import Saying
from bpp.orders.words import Words

Language = Literal["en", "hi"]


@dataclass(frozen=True, slots=True)
class Template:
    """In short and at length, with gaps in braces; ``gaps`` names them."""

    short: Words
    long: Words
    gaps: tuple[str, ...] = ()


TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "processing": Template(
            Words("Your complaint is being looked into", "आपकी शिकायत देखी जा रही है"),
            Words(
                "We have your complaint under ticket number {ticket} and are looking into it.",
                "आपकी शिकायत टिकट नंबर {ticket} पर दर्ज है और देखी जा रही है।",
            ),
            ("ticket",),
        ),
        "officer": Template(
            Words("Your complaint is with the grievance officer", "आपकी शिकायत शिकायत अधिकारी के पास है"),
            Words(
                "The grievance officer {officer}, telephone {phone}, deals with your complaint now.",
                "अब आपकी शिकायत शिकायत अधिकारी {officer}, फ़ोन {phone}, देख रहे हैं।",
            ),
            ("officer", "phone"),
        ),
        "INFO001": Template(
            Words("Please send a picture", "कृपया फ़ोटो भेजें"),
            Words(
                "Please send a picture that shows what is not in order.",
                "कृपया एक फ़ोटो भेजें जिसमें दिखे कि क्या ठीक नहीं है।",
            ),
        ),
        "INFO002": Template(
            Words("Please send the invoice", "कृपया बिल भेजें"),
            Words(
                "Please send the invoice or a picture of the receipt that you were given.",
                "कृपया बिल या जो रसीद मिली थी उसकी फ़ोटो भेजें।",
            ),
        ),
        "proposal": Template(
            Words("We offer a solution", "हमारे पास एक समाधान है"),
            Words("Please choose one of the solutions that we offer.", "कृपया दिए गए समाधानों में से एक चुनें।"),
        ),
        "REFUND": Template(
            Words("Refund of Rs {amount}", "₹{amount} की वापसी"),
            Words(
                "Rs {amount} go back to you the way they were paid.",
                "₹{amount} जिस तरह दिए गए थे, उसी तरह आपको वापस मिलेंगे।",
            ),
            ("amount",),
        ),
        "REPLACEMENT": Template(
            Words("The work is done again without charge", "काम बिना शुल्क के दोबारा होगा"),
            Words(
                "Somebody comes to you once more and does the work again. You pay nothing for it.",
                "आपके यहाँ दोबारा कोई आएगा और काम फिर से होगा। इसके लिए कुछ नहीं देना है।",
            ),
        ),
        "CANCEL": Template(
            Words("The booking is cancelled without charge", "बुकिंग बिना शुल्क के रद्द होगी"),
            Words(
                "Your booking is cancelled. It costs you nothing, and what you have paid goes back to you.",
                "आपकी बुकिंग रद्द की जाती है। इसका कोई शुल्क नहीं है और आपके दिए पैसे वापस मिलेंगे।",
            ),
        ),
        "NO_ACTION": Template(
            Words("We cannot do anything about this complaint", "इस शिकायत पर कोई कार्रवाई नहीं हो सकती"),
            Words(
                "Nothing is done about your complaint, because: {why}",
                "आपकी शिकायत पर कार्रवाई नहीं की जाएगी, क्योंकि: {why}",
            ),
            ("why",),
        ),
        "resolved": Template(
            Words("Your complaint is resolved: {remedy}", "आपकी शिकायत का समाधान हो गया है: {remedy}"),
            Words(
                "{remedy}. If you are not content, you can have it looked at by our grievance officer.",
                "{remedy}। अगर आप संतुष्ट न हों, तो हमारे शिकायत अधिकारी से इसे देखने को कह सकते हैं।",
            ),
            ("remedy",),
        ),
        "raised": Template(
            Words("We complain: {what}", "हमारी शिकायत: {what}"),
            Words("{what}", "{what}"),
            ("what",),
        ),
        "provided": Template(
            Words("Here is what you asked for", "माँगी गई जानकारी यह है"),
            Words("Here is what you asked for.", "माँगी गई जानकारी यह है।"),
        ),
        "not_available": Template(
            Words("We do not have what you asked for", "माँगी गई जानकारी हमारे पास नहीं है"),
            Words("We do not have what you asked for.", "माँगी गई जानकारी हमारे पास नहीं है।"),
        ),
        "accepted": Template(
            Words("We accept what you propose", "आपका प्रस्ताव स्वीकार है"),
            Words("We accept what you propose.", "आपका प्रस्ताव स्वीकार है।"),
        ),
        "rejected": Template(
            Words("We do not accept what you propose", "आपका प्रस्ताव स्वीकार नहीं है"),
            Words("We do not accept what you propose, because: {why}", "आपका प्रस्ताव स्वीकार नहीं है, क्योंकि: {why}"),
            ("why",),
        ),
        "escalated": Template(
            Words("To the grievance officer, please", "कृपया शिकायत अधिकारी को भेजें"),
            Words(
                "We ask that your grievance officer deals with this complaint.",
                "हमारा अनुरोध है कि आपके शिकायत अधिकारी यह शिकायत देखें।",
            ),
        ),
        "overdue": Template(
            Words("Complaint {ticket} is overdue", "शिकायत {ticket} का समय बीत गया है"),
            Words(
                "Complaint {ticket} is overdue. Please open it in the console.",
                "शिकायत {ticket} का समय बीत गया है। कृपया उसे कंसोल में देखें।",
            ),
            ("ticket",),
        ),
        "closed": Template(
            Words("The complaint is closed", "शिकायत बंद की जाती है"),
            Words("The complaint is closed. Thank you.", "शिकायत बंद की जाती है। धन्यवाद।"),
        ),
    }
)
"""Remedies stand under their codes, and what is asked for under INFO001 and INFO002, as 2.0.0 spells them."""


def saying(key: str, language: Language, **gaps: str) -> Saying:
    """A template filled, in one language. Raises KeyError for one that is not there, and for a gap that stays open."""
    template = TEMPLATES[key]
    short, long = (getattr(words, language) for words in (template.short, template.long))
    return Saying(short.format_map(gaps), long.format_map(gaps))
