"""The socket backend: Erlang's gen_tcp_socket, which buffers nothing.

- `_states`: every transition; `_handle`: what a transition does, the usual send, and close; what else a socket can do
  are functions in the other modules.
- `_beginning`: send and sendfile that may have to wait; `_sending`: how they go on; `_writer`: who is in them;
  `_shutting`: shutdown; `_operations`: what these wait for.
- `_backend`: connect and listen; `_settings`: the options that it keeps; `_options`: setopts and getopts; `_info`:
  getstat and info.
"""

from ._backend import backend as backend
