"""The socket backend: Erlang's gen_tcp_socket, which buffers nothing.

- `_states`: every transition; `_handle`: what a transition does, and the functions on a socket.
- `_sending`: send and sendfile; `_writer`: who is in them; `_operations`: what they wait for.
- `_backend`: connect and listen; `_settings`: the options that it keeps; `_options`: setopts and getopts.
"""

from ._backend import backend as backend
