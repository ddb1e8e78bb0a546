"""The inet backend: Erlang's inet driver, which buffers sends and flushes them in the background.

- `_states`: every transition; `_port`: what a transition does, and the usual send; what else a port can do are
  functions in the other modules.
- `_queue`, `_writer`: the send queue, and who waits for it; `_sending`: send and flushing; `_suspending`: send to a
  busy port; `_sendfile`: files; `_shutting`: shutdown and close; `_operations`: what these wait for.
- `_input`: the driver's input buffer; `_owed`: what send and recv say when the connection is over.
- `_backend`: connect and listen; `_accepting`: accept; `_owning`: its owner; `_registering`: which module it is of.
- `_settings`: the options that the driver keeps; `_options`: setopts and getopts; `_names`: sockname and peername;
  `_info`: getstat and info; `_arguments`: lengths and times.
- `_primitives`, `_async`, `_commands`: what is below gen_tcp: prim_inet, its messages with results, commands to ports.
"""

from ._backend import backend as backend
