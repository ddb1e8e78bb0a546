"""The asyncio face: the Python face's names, awaitable.

    async with await aio.connect("localhost", 5678, packet=4) as sock:
        await sock.send(b"hello")
        reply = await sock.recv(timeout=5.0)

A task is a process: it has a mailbox, owns the sockets it makes, and they close when it ends.

General layout: `_api`, `_socket` and `_listener` the face, `_process` tasks as processes, `_parked` how a task waits,
`_loops` what an event loop does for the engine.
"""

from ._api import connect as connect
from ._api import listen as listen
from ._listener import Listener as Listener
from ._process import TaskProcess as TaskProcess
from ._process import current_process as current_process
from ._process import demonitor as demonitor
from ._process import monitor as monitor
from ._process import receive as receive
from ._process import spawn as spawn
from ._socket import Socket as Socket
from ._socket import awaitable as awaitable
