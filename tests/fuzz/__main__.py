"""The command line: `python -m tests.fuzz decode|inbound FOLDER [OPTION...]`, the options being those of libFuzzer.

FOLDER keeps what has been found so far, and gets the seeds first if it is empty.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

_TARGETS = {"decode": ("decoding", "of_decoding"), "inbound": ("buffering", "of_buffering")}
_LIMITS = ["-max_len=2048", "-timeout=10", "-rss_limit_mb=1024"]
"""An input that takes longer is a hang, and one that takes more memory a leak; both end the run."""


def main() -> None:
    match sys.argv[1:]:
        case [target, folder, *options] if target in _TARGETS:
            _fuzz(*_TARGETS[target], Path(folder), options)
        case _:
            raise SystemExit(__doc__)


def _fuzz(module: str, seeds: str, folder: Path, options: list[str]) -> None:
    atheris: Any = importlib.import_module("atheris")  # no types, and not for every version of Python
    with atheris.instrument_imports(include=["gentcp.packet", "gentcp.engine.inbound"]):
        run = importlib.import_module(f"{__package__}.{module}").run
    _sow(folder, seeds)
    atheris.Setup([sys.argv[0], *_LIMITS, *options, str(folder)], run)
    atheris.Fuzz()


def _sow(folder: Path, seeds: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for number, seed in enumerate(getattr(importlib.import_module(f"{__package__}.seeds"), seeds)()):
            (folder / f"seed-{number}").write_bytes(seed)


if __name__ == "__main__":
    main()
