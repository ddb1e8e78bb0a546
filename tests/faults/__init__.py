"""Faults at every call: one call of the system at a time fails, and what must hold then, holds.

General layout: `table` says which calls can fail, and how; `injector` puts itself before them and lets one of them
fail; `run` is one run of a scenario, with what it must never do; `scenarios` are for the Erlang face, on each backend
and on its asyncio host, `python` and `tasks` for the other two faces; `sweep` goes through all points of a scenario.

`python -m tests.faults` runs everything and prints what it has found; names of scenarios behind it restrict it.
"""
