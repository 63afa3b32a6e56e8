"""A file that is read again whenever it changes: the registry file, and our own keys."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")


class FollowedFile(Generic[T]):
    """What a file says now. ``read`` makes it of the bytes, and raises ``ValueError`` for what it does not accept.

    A change that is not accepted, or a file that vanished or may not be read, leaves the last good state in force and
    is logged once, with its ``name``. The first reading must succeed, it raises ``ValueError`` or ``OSError``;
    unless ``until_then`` is given, the state in force until the file is there.
    """

    def __init__(self, path: Path, read: Callable[[bytes], T], *, name: str, until_then: T | None = None) -> None:
        self._path = path
        self._read = read
        self._name = name
        self._stamp: tuple[int, int, int] | None = None if until_then is not None else self._stat()
        self._unread: int | None = None if until_then is None else errno.ENOENT
        self._state = until_then if until_then is not None else read(path.read_bytes())
        self._version = 1

    def version(self) -> int:
        """How many good states have been seen."""
        self._follow()
        return self._version

    def state(self) -> T:
        """The last good state. Looks at the file, which costs microseconds."""
        self._follow()
        return self._state

    def _follow(self) -> None:
        try:
            stamp = self._stat()
            if stamp == self._stamp:
                return
            data = self._path.read_bytes()
        except OSError as problem:  # tried again each time: whoever mends its owner or rights leaves the stamp as it is
            if problem.errno != self._unread:
                log.warning("file_unreadable", file=self._name, path=str(self._path), problem=problem.strerror)
            self._stamp, self._unread = None, problem.errno
            return
        self._stamp, self._unread = stamp, None
        try:
            self._state = self._read(data)
        except ValueError as problem:
            log.warning("file_refused", file=self._name, path=str(self._path), problem=str(problem))
            return
        self._version += 1
        log.info("file_read", file=self._name, path=str(self._path))

    def _stat(self) -> tuple[int, int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino
