"""Benchmarks of gentcp against hand-written programs over raw sockets: `python -m benchmarks`.

General layout: `pingpong`, `echo`, `memory` and `stream` are one workload each and say what their contestants do;
`raw` has what a hand-written program has to bring along itself; `common` starts, pins, pairs and prints.
"""
