"""gentcp's own backends on an event loop: what `gentcp.aio` is made of, behind the interface of the others.

All sockets live in one asyncio loop on a thread of its own.  Whoever calls waits until the loop has made the call.  So
whatever drives backends, such as the conformance suite, drives the asyncio host.

General layout: `_loop` the thread, `_call` how a process waits for it, `_handle` the functions, `_backend` connect and
listen.
"""

from ._backend import inet as inet
from ._backend import socket as socket
