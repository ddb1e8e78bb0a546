"""A judged run for machines and other programs: `markdown`, `junit` (XML) and `results` (JSON, with its schema)."""

from __future__ import annotations
