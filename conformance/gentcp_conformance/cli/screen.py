"""The console: as wide as the terminal, and in a pipe as wide as what is printed wants."""

from __future__ import annotations

import os

from rich.console import Console

_PIPE = 200


def console(*, stderr: bool = False) -> Console:
    """For standard output or error; COLUMNS counts everywhere."""
    made = Console(stderr=stderr)
    return made if made.is_terminal or "COLUMNS" in os.environ else Console(stderr=stderr, width=_PIPE)
