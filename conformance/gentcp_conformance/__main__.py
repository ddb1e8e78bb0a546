"""`python -m gentcp_conformance` is the command line, `gentcp`."""

from __future__ import annotations

from .cli import main

main()
