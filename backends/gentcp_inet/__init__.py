"""The inet backend: Erlang's inet driver, which buffers sends and flushes them in the background.

- `_states`: every transition; `_port`: what a transition does, and the functions on a socket.
- `_queue`, `_writer`: the send queue, and who waits for it; `_sending`: send and flushing; `_sendfile`: files;
  `_shutting`: shutdown and close; `_operations`: what these wait for.
- `_backend`: connect and listen; `_settings`: the options that the driver keeps; `_options`: setopts and getopts;
  `_names`: sockname and peername.
- `_primitives`, `_async`, `_commands`: what is below gen_tcp: prim_inet, its messages with results, commands to ports.
"""

from ._backend import backend as backend
