"""The command line, `gentcp`.  What it needs beyond the core is in the extra `gentcp[cli]`."""

from __future__ import annotations

import sys

_EXTRA = {"click", "jinja2", "rich", "rich_click"}


def main() -> None:
    """Run the command line; without the extra, say in one line how to get it."""
    try:
        from .app import app

        app(prog_name="gentcp")
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        if package not in _EXTRA:
            raise
        sys.exit(f"gentcp's command line needs {package}: pip install 'gentcp[cli]'")
