"""The cases, one module or two an area; importing this package registers them all."""

from __future__ import annotations

from . import active as active
from . import active_count as active_count
from . import active_error as active_error
from . import close_after as close_after
from . import close_queued as close_queued
from . import close_shutdown as close_shutdown
from . import connect as connect
from . import listen_accept as listen_accept
from . import listener_shutdown as listener_shutdown
from . import local as local
from . import ownership as ownership
from . import packet as packet
from . import packet_line as packet_line
from . import recv as recv
from . import recv_end as recv_end
from . import recv_pending as recv_pending
from . import send as send
from . import send_stalled as send_stalled
from . import send_timeout as send_timeout
