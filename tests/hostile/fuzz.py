"""The coverage-guided fuzzer: ``python -m tests.hostile.fuzz TARGET FOLDER -max_total_time=60``, or ``make fuzz``.

FOLDER holds what it has learnt, beginning with our own seeds; what breaks a promise is written there as ``crash-...`` and
becomes a seed in ``targets.py`` once it is mended. Needs the extra ``fuzz`` (atheris).
"""

from __future__ import annotations

import sys
from hashlib import sha1
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["signing", "bpp.domains", "bpp.inbound", "beckn_schemas"]):
    from tests.hostile.targets import TARGETS, seeds


def main() -> None:
    """Write the seeds, then fuzz until time is up or a promise is broken."""
    target, folder, *options = sys.argv[1:]
    learnt = Path(folder) / target
    learnt.mkdir(parents=True, exist_ok=True)
    for seed in seeds(target):
        (learnt / sha1(seed, usedforsecurity=False).hexdigest()).write_bytes(seed)
    artifacts = f"-artifact_prefix={learnt.parent}/crash-{target}-"
    atheris.Setup([sys.argv[0], str(learnt), artifacts, "-timeout=10", "-rss_limit_mb=1024", *options], TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
