"""What reading a folder found beside messages, as notes of a flow that stands for the folder: checks judge them.

The flow is called ``files of …`` and has no messages, since a broken file or a missing one belongs to no conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpp.conformance.evidence.jsontext import Slip
from bpp.conformance.record import Flow, Note

FILE = "file"
"""A file was read. Value: ``ReadFile``."""
LEFT_OUT = "left out"
"""A file was not read. Value: the text of why, with its name."""
SEALED = "sealed"
"""A manifest stood beside. Value: ``Sealed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file with messages, or one that was to hold some.

    Where it is no JSON, ``problem`` says what, at ``line`` and ``column`` (from 1); ``mended`` says that it was read
    all the same. ``request`` says that the buyer app sent what it holds.
    """

    file: str
    request: bool
    problem: str = ""
    line: int = 0
    column: int = 0
    mended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something in a sealed folder that is not as its manifest says; ``file`` is under the folder that was read."""

    file: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a manifest's seal is worth and what differs from it.

    ``signature`` says why it does not hold and is empty where it does; ``unproven`` says what nobody could look up.
    ``files`` is how many the manifest names.
    """

    manifest: str
    files: int
    signature: str
    unproven: str
    changed: tuple[Change, ...]
    missing_or_added: tuple[Change, ...]


def read_files(file: str, slips: Sequence[Slip], *, request: bool) -> tuple[ReadFile, ...]:
    """What there is to say of a file: each of its slips, or that it was read."""
    return tuple(
        ReadFile(
            file=file,
            request=request,
            problem=one.problem,
            line=one.line,
            column=one.column,
            mended=one.mended,
        )
        for one in slips
    ) or (ReadFile(file=file, request=request),)


def files_flow(folder: str, notes: tuple[Note, ...]) -> Flow:
    """The flow that stands for a folder."""
    return Flow(name=f"files of {folder}", domain="", records=(), notes=notes)
