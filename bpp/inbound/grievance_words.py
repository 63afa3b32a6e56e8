"""What the page of grievances says, in Hindi and in English.

Source: Consumer Protection (E-Commerce) Rules 2020, rules 4 and 5: the officer is named, a complaint gets a ticket
number, is acknowledged within 48 hours and redressed within a month (network.md 1.5 and 6).
"""

from __future__ import annotations

from dataclasses import dataclass

from bpp.issues.words import Language

ACKNOWLEDGED_HOURS, REDRESSED_MONTHS = 48, 1
CONSUMER_HELPLINE = "1915"
"""The National Consumer Helpline of the Government of India."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The form in one language: its heading, the labels of its fields, its button, and what it is answered with."""

    heading: str
    order: str
    phone: str
    code: str
    text: str
    send: str
    number: str
    keep: str
    no_fit: str
    faulty: str
    too_many: str
    busy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """The page in one language. ``{...}`` stands for what the settings say."""

    lang: Language
    language: str
    title: str
    officer: str
    labels: tuple[str, str, str]
    form: FormWords
    how: str
    ways: tuple[str, ...]
    then: str
    steps: tuple[str, ...]
    discontent: str
    further: tuple[str, ...]


HINDI = PageWords(
    lang="hi",
    language="हिन्दी",
    title="शिकायत",
    officer="शिकायत अधिकारी",
    labels=("नाम", "फ़ोन", "ईमेल"),
    form=FormWords(
        heading="यहीं शिकायत करें",
        order="ऑर्डर नंबर",
        phone="बुकिंग वाला फ़ोन नंबर",
        code="शिकायत किस बारे में है",
        text="क्या हुआ",
        send="शिकायत भेजें",
        number="आपका टिकट नंबर {ticket} है।",
        keep="इसे सँभालकर रखें। आपकी शिकायत देखी जा रही है।",
        no_fit="ऑर्डर नंबर और फ़ोन नंबर आपस में मेल नहीं खाते। कृपया दोनों जाँच लें, या हेल्पलाइन {support_phone} पर फ़ोन करें।",
        faulty="कृपया हर जगह भरें; फ़ोन नंबर दस अंकों का होता है।",
        too_many="अभी बहुत बार भेजा गया है। कृपया बाद में फिर भेजें, या हेल्पलाइन {support_phone} पर फ़ोन करें।",
        busy="सिस्टम अभी व्यस्त है। कृपया थोड़ी देर में फिर भेजें।",
    ),
    how="शिकायत कैसे करें",
    ways=(
        "हेल्पलाइन {support_phone} पर फ़ोन करें। ऑर्डर नंबर पास रखें; न हो तो वह फ़ोन नंबर बताएँ जिससे बुकिंग हुई थी।",
        "अगर आपने किसी बायर ऐप से बुक किया था, तो उसी ऐप में अपना ऑर्डर खोलकर शिकायत करें; वह सीधे हम तक पहुँचती है।",
        "{support_email} पर लिखें।",
    ),
    then="फिर क्या होता है",
    steps=(
        "आपको तुरंत एक टिकट नंबर मिलता है। आगे की हर बात के लिए उसे सँभालकर रखें।",
        f"{ACKNOWLEDGED_HOURS} घंटे के भीतर हम बताते हैं कि शिकायत मिल गई है और कौन उसे देख रहा है।",
        f"{REDRESSED_MONTHS} महीने के भीतर शिकायत का निवारण होता है।",
    ),
    discontent="अगर आप संतुष्ट नहीं हैं",
    further=(
        "अपने टिकट नंबर के साथ शिकायत अधिकारी से संपर्क करें, या बायर ऐप में शिकायत को आगे बढ़ाएँ।",
        f"राष्ट्रीय उपभोक्ता हेल्पलाइन {CONSUMER_HELPLINE} पर फ़ोन करें।",
        "आप उपभोक्ता आयोग में भी शिकायत कर सकते हैं। हमसे शिकायत करने से यह अधिकार नहीं जाता।",
    ),
)
ENGLISH = PageWords(
    lang="en",
    language="English",
    title="Grievances",
    officer="Grievance officer",
    labels=("Name", "Telephone", "Email"),
    form=FormWords(
        heading="Complain here",
        order="Number of the order",
        phone="Telephone number of the booking",
        code="What it is about",
        text="What happened",
        send="Send the complaint",
        number="Your ticket number is {ticket}.",
        keep="Please keep it. Your complaint is being looked into.",
        no_fit="The order's number and the telephone number do not fit together. Please look at both, or call the "
        "helpline {support_phone}.",
        faulty="Please fill in every field; a telephone number has ten digits.",
        too_many="This was sent too often just now. Please send it later, or call the helpline {support_phone}.",
        busy="The system is busy. Please send it again in a moment.",
    ),
    how="How to complain",
    ways=(
        "Call the helpline {support_phone}. Have the order's number at hand, or the telephone number of the booking.",
        "If you booked in a buyer app, open your order there and complain: it reaches us directly.",
        "Write to {support_email}.",
    ),
    then="What happens then",
    steps=(
        "You get a ticket number at once. Keep it for whatever follows.",
        f"Within {ACKNOWLEDGED_HOURS} hours we tell you that the complaint has arrived, and who looks into it.",
        f"Within {REDRESSED_MONTHS} month the complaint is redressed.",
    ),
    discontent="If you are not content",
    further=(
        "Turn to the grievance officer with your ticket number, or escalate the complaint in the buyer app.",
        f"Call the National Consumer Helpline, {CONSUMER_HELPLINE}.",
        "You may go to the Consumer Commission, too. To complain to us takes nothing of that right away.",
    ),
)
WORDS = (HINDI, ENGLISH)
