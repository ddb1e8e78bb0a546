"""The socket backend: Erlang's gen_tcp_socket, which buffers nothing.

General layout: `_states.py` every transition, `_settings.py` options the server keeps, `_base.py` what a transition
does, `_sending.py` send, `_handle.py` the functions, `_backend.py` connect and listen, `_options.py` setopts and
getopts.
"""

from ._backend import backend as backend
