"""Traces of cases: what happened, step by step, on OTP's two backends; as sequence diagrams and as Erlang code.

`python -m gentcp_conformance.traces --output FILE` records them.
"""

from __future__ import annotations

from .recording import record_traces as record_traces
from .views import Views as Views
from .views import load_traces as load_traces
from .views import traces_of as traces_of
