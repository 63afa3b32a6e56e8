"""Faults of recorded folders: what ``bpp/conformance/checks/evidence.py`` must find. They are planted in files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bpp.conformance.evidence.manifest import MANIFEST, SEAL

FLOW = Path("seller/core-apis/service_completion_flow")


@dataclass(frozen=True, kw_only=True)
class Tampered:
    """``check`` finds it in a folder of evidence; ``how`` is done to the folder of its entity."""

    name: str
    check: str
    how: Callable[[Path], None]

    @property
    def id(self) -> str:
        """The test's name."""
        return f"{self.check}-{self.name}".replace(" ", "_")


def _cuts(file: str) -> Callable[[Path], None]:
    """The manifest is taken away, since a broken message in a sealed folder is what somebody really sent."""

    def cut(entity: Path) -> None:
        (entity / MANIFEST).unlink()
        (entity / SEAL).unlink()
        (entity / FLOW / file).write_bytes((entity / FLOW / file).read_bytes()[:-10])

    return cut


def _adds_a_blank(entity: Path) -> None:
    (entity / FLOW / "on_init.json").write_bytes((entity / FLOW / "on_init.json").read_bytes() + b" ")


def _adds_a_message(entity: Path) -> None:
    (entity / FLOW / "on_cancel.json").write_bytes(b"{}")


def _signs_otherwise(entity: Path) -> None:
    body = (entity / SEAL).read_text()
    at = body.index('"signature": "') + len('"signature": "')
    (entity / SEAL).write_text(body[:at] + ("B" if body[at] == "A" else "A") + body[at + 1 :])


TAMPERED: tuple[Tampered, ...] = (
    Tampered(name="a callback cut short", check="readable_json", how=_cuts("on_select.json")),
    Tampered(name="a request cut short", check="readable_requests", how=_cuts("select.json")),
    Tampered(name="another signature", check="evidence_signed", how=_signs_otherwise),
    Tampered(name="no signature", check="evidence_signed", how=lambda entity: (entity / SEAL).unlink()),
    Tampered(name="no manifest", check="evidence_signed", how=lambda entity: (entity / MANIFEST).unlink()),
    Tampered(name="a blank more", check="evidence_unchanged", how=_adds_a_blank),
    Tampered(
        name="a message lost", check="evidence_complete", how=lambda entity: (entity / FLOW / "on_init.json").unlink()
    ),
    Tampered(name="a message more", check="evidence_complete", how=_adds_a_message),
)
