"""The inet backend: Erlang's inet driver, which buffers sends and flushes them in the background.

General layout: `_states.py` every transition, `_queue.py` the send queue, `_settings.py` options the driver keeps,
`_base.py` what a transition does, `_sending.py` send and flushing, `_port.py` the functions, `_backend.py`
connect and listen, `_options.py` setopts and getopts.
"""

from ._backend import backend as backend
