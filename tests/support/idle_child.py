"""A child of the supervisor that does nothing but what a test is about, and imports next to nothing."""

from __future__ import annotations

import os
import signal
import socket
import time
from multiprocessing.connection import Connection
from pathlib import Path

from bpp.settings import Settings

FAILS, SLOW_TO_RETIRE = "fails", "slow to retire"


def serve_nothing(settings: Settings, number: int, figures: int, listener: socket.socket, says: Connection) -> None:
    """Write down that it serves; fail where the legal name of the settings or a file beside says so."""
    folder = Path(settings.backups)
    if settings.legal_name == FAILS or (folder / FAILS).exists():
        os._exit(1)

    ends = {signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # whoever said that it serves is seen to have served
    name = f"serves-{number}-{figures}-{os.getpid()}"
    (folder / f".{name}").touch()  # dated before it is said, so that the order is that of who came up
    says.send(True)  # noqa: FBT003
    (folder / f".{name}").rename(folder / name)
    signal.sigwait(ends)
    listener.close()
    (folder / f"retires-{os.getpid()}").touch()
    time.sleep(4.0 if settings.legal_name == SLOW_TO_RETIRE else 0.0)
    os._exit(0)
