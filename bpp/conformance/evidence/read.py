"""Reads a folder of recorded messages, in whatever shape, into flows that checks can judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from bpp.conformance.evidence.arrange import Piece, action_of, arrange
from bpp.conformance.evidence.jsontext import Slip, read_values
from bpp.conformance.evidence.notes import FILE, LEFT_OUT, SEALED, ReadFile, files_flow, read_files
from bpp.conformance.evidence.regain import Regained, regained
from bpp.conformance.evidence.unwrap import Found, is_ack, messages_in, reply_in
from bpp.conformance.evidence.walk import Limits, Seen, content, files_under, seen_file
from bpp.conformance.record import Flow, Note, Reply
from bpp.sandbox.exchange import part

JSON = frozenset({".json"})
PROSE = frozenset({".txt", ".log", ".jsonl", ".ndjson", ""})
"""Files in which JSON may stand between other words."""

_REPLY = re.compile(r"[ _.(-]*(?:ack|nack|sync|response|reply)\)?$", re.IGNORECASE)
BY_MANIFEST = "by the manifest beside the files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A folder as it was read.

    ``flows`` are the conversations, and last the flow that stands for the folder itself. ``orders`` says by a flow's
    title how the order of its messages was found. ``aside`` counts messages that are of no core flow, by the reason;
    ``ignored`` counts files that hold no message. ``broken`` are the files that are not JSON, or not quite.
    """

    flows: tuple[Flow, ...]
    orders: Mapping[str, str]
    aside: Mapping[str, int]
    ignored: int
    broken: tuple[ReadFile, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know beside the findings, in sentences."""
        by: dict[str, list[str]] = {}
        for title, how in self.orders.items():
            by.setdefault(how, []).append(title)
        return (
            *(f"order of messages {how}: {', '.join(titles)}" for how, titles in by.items()),
            *(f"{count} set aside, {reason}" for reason, count in self.aside.items()),
            *([f"{self.ignored} files hold no message"] if self.ignored else []),
            *(f"not read: {note.value}" for flow in self.flows for note in flow.notes if note.kind == LEFT_OUT),
        )

    @property
    def empty(self) -> bool:
        """Whether nothing was found that could be judged: no message, none that is broken, and no manifest."""
        sealed = any(note.kind == SEALED for flow in self.flows for note in flow.notes)
        return not (sealed or self.broken or any(flow.records for flow in self.flows))


def read_folder(folder: Path, registry: Path | None = None, limits: Limits | None = None) -> Recorded:
    """Everything in a folder, or in one file. ``registry`` is a registry file to prove a manifest's signature by.

    What a manifest seals is read as it says, and all else as it is found. Raises ``OSError`` and
    ``beckn_schemas.registry.RegistryFileError``.
    """
    limits = limits or Limits()
    if folder.is_file():
        file = folder.resolve()
        return _read(file.parent, [seen_file(file, limits)], file.name, (), limits)
    sealed = regained(folder, registry)
    seen = [
        one
        for one in files_under(folder, limits)
        if not any(s.flows and one.path.is_relative_to(s.under) for s in sealed)
    ]
    return _read(folder, seen, folder.resolve().name, sealed, limits)


def _read(folder: Path, files: Sequence[Seen], name: str, sealed: Sequence[Regained], limits: Limits) -> Recorded:
    notes = [Note(kind=LEFT_OUT, after=0, value=f"{one.path}: {one.why_not}") for one in files if one.why_not]
    pieces: list[Piece] = []
    replies: list[Piece] = []
    read = [file for one in sealed for file in one.read]
    ignored = 0
    for one in files:
        kind = one.path.suffix.lower()
        if one.why_not or kind not in JSON | PROSE:
            ignored += not one.why_not
            continue
        said, answers, slips = _opened(one.path, content(folder, one.path, limits.file), prose=kind in PROSE)
        pieces += said
        replies += answers
        request = _is_request(one.path, said)
        if said or slips:
            read += read_files(str(one.path), slips, request=request)
        ignored += not (said or answers or slips)
    found = arrange(_without_copies(_answered(pieces, replies)))
    notes += [Note(kind=FILE, after=0, value=one) for one in read]
    notes += [Note(kind=SEALED, after=0, value=one.seal) for one in sealed]
    flows = [flow for one in sealed for flow in one.flows]
    return Recorded(
        flows=(*flows, *found.flows, files_flow(name, tuple(notes))),
        orders={**{flow.title: BY_MANIFEST for flow in flows}, **found.orders},
        aside=found.aside,
        ignored=ignored,
        broken=tuple(one for one in read if one.problem),
    )


def _opened(place: PurePosixPath, data: bytes, *, prose: bool) -> tuple[list[Piece], list[Piece], tuple[Slip, ...]]:
    """The messages of a file, the synchronous answers that stand in it alone, and its slips."""
    values, slips = read_values(data, prose=prose)
    said: list[Piece] = []
    answers: list[Piece] = []
    for number, value in enumerate(values):
        if is_ack(value.document):
            answers.append(Piece(place=place, found=Found(document=value.document, where="", name=place.stem)))
            continue
        for found in messages_in(value.document, value.body, place.stem):
            many = f"[{number}]" if len(values) > 1 else ""
            said.append(Piece(place=place, found=replace(found, where=f"{many}{found.where}")))
    return said, answers, slips


def _is_request(place: PurePosixPath, said: Sequence[Piece]) -> bool:
    actions = [one.action for one in said] or [action_of(place.stem)]
    return all(actions) and not any(one.startswith("on_") for one in actions)


def _answered(pieces: Sequence[Piece], replies: Sequence[Piece]) -> Iterator[Piece]:
    """Messages with the synchronous answers that were filed beside them: ``search_ack.json``, or the same ids."""
    for one in pieces:
        reply = next((_reply(other) for other in replies if one.found.reply is None and _belongs(other, one)), None)
        yield replace(one, found=replace(one.found, reply=reply)) if reply else one


def _reply(answer: Piece) -> Reply | None:
    return reply_in(answer.found.document)


def _belongs(answer: Piece, message: Piece) -> bool:
    if answer.place.parent != message.place.parent:
        return False
    context = part(answer.found.document, "context")
    if context.get("message_id"):
        return answer.of_context("message_id") == message.of_context("message_id") and (
            answer.found.action in ("", message.action)
        )
    return _REPLY.sub("", answer.place.stem) == message.place.stem


def _without_copies(pieces: Iterator[Piece]) -> list[Piece]:
    """Leaves out what a file of many repeats from a file of its own beside it, as reports of validators do."""
    found = list(pieces)
    alone: dict[PurePosixPath, list[object]] = {}
    for one in found:
        if not one.found.where:
            alone.setdefault(one.place.parent, []).append(one.found.document)
    return [one for one in found if not one.found.where or one.found.document not in alone.get(one.place.parent, ())]
