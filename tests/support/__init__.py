"""What several test packages need: waiting without sleeping, raw peers, and a look at what is left behind.

General layout: `waiting` conditions and tasks, `peer` the other end of a connection, `net` connections of one
backend with clean-up, `throttle` writing by hand, `leaks` descriptors and threads.  To what is inside of sockets there
are four entries: `inspection` (of the engine) to look, `tamper` to change, `seams` to patch, `parts` to take by name.
"""

from gentcp.engine import inspection as inspection

from . import seams as seams
from . import tamper as tamper
from .leaks import left_behind as left_behind
from .leaks import settle as settle
from .marks import known_bug as known_bug
from .net import Net as Net
from .net import catch as catch
from .net import mailbox as mailbox
from .peer import Peer as Peer
from .peer import ended as ended
from .peer import stuck as stuck
from .peer import unread as unread
from .peer import unsent as unsent
from .peer import writable as writable
from .throttle import StillDriver as StillDriver
from .throttle import Throttle as Throttle
from .throttle import throttle as throttle
from .waiting import PATIENCE as PATIENCE
from .waiting import Task as Task
from .waiting import eventually as eventually
from .waiting import run_python as run_python
from .waiting import stopwatch as stopwatch
