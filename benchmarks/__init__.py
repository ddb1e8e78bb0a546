"""Benchmarks of gentcp, of hand-written programs over raw sockets, and of its peers: `python -m benchmarks`.

General layout: `workloads` says what is measured, among whom, and what must be reached; `peers` has the contestants, a
module each.  `sides` starts them, `load` is the load generator `load.c`, `erl` a real VM; `model` runs the rounds and
`figures` has the arithmetic; `against` brings in gentcp as of another commit.  What came out is data (`record`,
described by `results.schema.json`, with `environment`), which `table` prints and `page` draws with `plots`; `command`
is the command line.  `threads`, `reuseport` (with `aside`) and `oracle` are programs of their own.
"""
