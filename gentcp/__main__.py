"""`python -m gentcp` is the command line, `gentcp`, if it is installed."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points


def main() -> object:
    """Run it; the exit status."""
    for found in entry_points(group="console_scripts", name="gentcp"):
        return found.load()()
    return "gentcp's command line is not installed"


if __name__ == "__main__":
    sys.exit(main())  # type: ignore[arg-type]
