"""What is measured: a module each, with its contestants and its goals."""

from __future__ import annotations

from . import bulk, churn, echo, http, mailbox, memory, pingpong, receiver, stream

WORKLOADS = {
    workload.name: workload
    for module in (pingpong, stream, receiver, bulk, echo, churn, memory, http, mailbox)
    for workload in module.WORKLOADS
}
"""By name, in the order in which they run."""
