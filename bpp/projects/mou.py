"""The memorandum of understanding of a project (rule R14), in Hindi and English: drawn up once, kept as it was.

What both sides accept is this very text; its SHA-256 is named with every acceptance, so a text that was changed
afterwards would be seen. Pure; everything that somebody wrote is escaped.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from bpp.projects.model import Bid, Contractor, Mou, Project
from bpp.projects.money import milestones_of
from catalog.availability import KOLKATA
from catalog.places import districts
from catalog.services import SERVICES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The words of one language."""

    lang: str
    title: str
    number: str
    drawn: str
    consumer: str
    provider: str
    through: str
    scope: str
    service: str
    place: str
    papers: str
    charge: str
    of_which_tax: str
    start: str
    end: str
    details: str
    milestones: str
    milestone: str
    due: str
    amount: str
    terms: tuple[str, ...]


ENGLISH = _Words(
    lang="en",
    title="Memorandum of understanding",
    number="Project",
    drawn="Drawn up",
    consumer="Consumer",
    provider="Service provider",
    through="Through",
    scope="Work",
    service="Service",
    place="Place",
    papers="Attachments",
    charge="Charge, tax included",
    of_which_tax="Of which tax",
    start="Begins on",
    end="Ends by",
    details="As the provider offers it",
    milestones="Milestones",
    milestone="Milestone",
    due="Due",
    amount="Amount, INR",
    terms=(
        "The provider does the work through its verified and certified workers, by the milestones and dates here.",
        "The consumer pays for a milestone once it has accepted it; the milestones together are the whole charge.",
        "The consumer may dispute, with a reason, what is reported as done; the provider then puts it right.",
        "Either side may end the work with a reason. Milestones that were accepted stay payable, the others fall away.",
    ),
)
HINDI = _Words(
    lang="hi",
    title="समझौता ज्ञापन",
    number="परियोजना",
    drawn="तैयार किया गया",
    consumer="उपभोक्ता",
    provider="सेवाप्रदाता",
    through="माध्यम",
    scope="कार्य",
    service="सेवा",
    place="स्थान",
    papers="संलग्नक",
    charge="शुल्क, कर सहित",
    of_which_tax="जिसमें कर",
    start="आरम्भ",
    end="समाप्ति, इस दिनांक तक",
    details="सेवाप्रदाता के प्रस्ताव के अनुसार",
    milestones="कार्य के चरण",
    milestone="चरण",
    due="नियत दिनांक",
    amount="राशि, रुपये",
    terms=(
        "सेवाप्रदाता यहाँ लिखा कार्य अपने सत्यापित और प्रमाणित सेवामित्रों से, यहाँ लिखे चरणों में और दिनांकों तक कराएगा।",
        "उपभोक्ता किसी चरण का भुगतान उसे स्वीकार करने पर करेगा; सभी चरणों की राशियों का योग ही शुल्क है, इसके अतिरिक्त कुछ देय नहीं है।",
        "पूरा बताए गए चरण पर उपभोक्ता कारण बताकर आपत्ति कर सकता है; तब सेवाप्रदाता कमी दूर करके उसे फिर से पूरा बताएगा।",
        "कोई भी पक्ष कारण बताकर कार्य समाप्त कर सकता है। स्वीकार किए गए चरण देय रहेंगे, शेष समाप्त हो जाएँगे।",
    ),
)


def draw_up(project: Project, bid: Bid, contractor: Contractor, samiti: str, now: datetime) -> Mou:
    """The MOU of a project with the provider of a bid."""
    sections = (_section(words, project, bid, contractor, samiti, now) for words in (HINDI, ENGLISH))
    text = "".join(sections)
    return Mou(text=text, digest=digest_of(text), drawn_at=now)


def digest_of(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def unchanged(mou: Mou) -> bool:
    """Whether the text is still the one whose digest was named when it was drawn up."""
    return hmac.compare_digest(digest_of(mou.text), mou.digest)


def _section(words: _Words, project: Project, bid: Bid, contractor: Contractor, samiti: str, now: datetime) -> str:
    wanted, hindi = project.requirement, words is HINDI
    service, district = SERVICES[wanted.service_id], districts()[wanted.district]
    place = district.name_hi if hindi else district.name_en
    consumer = wanted.consumer
    facts = (
        (words.number, project.id),
        (words.drawn, f"{now.astimezone(KOLKATA):%d-%m-%Y %H:%M} IST"),
        (words.consumer, _joined(consumer.party, consumer.name, consumer.phone, consumer.gstin)),
        (
            words.provider,
            _joined(
                contractor.name_hi if hindi else contractor.name, contractor.phone, contractor.email, contractor.gstin
            ),
        ),
        (words.through, samiti),
        (words.scope, f"{wanted.title}: {wanted.details}"),
        (words.service, service.name_hi if hindi else service.name_en),
        (words.place, _joined(wanted.place, place)),
        (words.papers, _joined(*wanted.attachments)),
        (words.details, bid.details),
        (words.charge, f"INR {bid.charge}"),
        (words.of_which_tax, f"INR {bid.tax} ({bid.tax_rate:f} %)"),
        (words.start, f"{wanted.start:%d-%m-%Y}"),
        (words.end, f"{bid.finish_by:%d-%m-%Y}"),
    )
    steps = [(str(one.number), one.title, f"{one.due:%d-%m-%Y}", str(one.amount)) for one in milestones_of(bid)]
    pairs = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts if value)
    return (
        f'<section lang="{words.lang}"><h2>{escape(words.title)}</h2><table>{pairs}</table>'
        f"<h3>{escape(words.milestones)}</h3>"
        f"<table>{_row('th', ('', words.milestone, words.due, words.amount))}"
        f"{''.join(_row('td', step) for step in steps)}</table>"
        f"<ol>{''.join(f'<li>{escape(term)}</li>' for term in words.terms)}</ol></section>"
    )


def _row(cell: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{cell}>{escape(text)}</{cell}>' for text in texts)}</tr>"


def _joined(*texts: str) -> str:
    """What is there of some texts, each once."""
    return ", ".join(dict.fromkeys(text for text in texts if text))
