"""What backends over real descriptors share.  For backend authors; nothing here knows a particular backend."""

from gentcp._platform import READ as READ
from gentcp._platform import WRITE as WRITE

from .acceptors import Acceptors as Acceptors
from .addresses import LOOPBACK as LOOPBACK
from .addresses import address_term as address_term
from .addresses import ip_text as ip_text
from .addresses import is_ip as is_ip
from .addresses import sockaddr as sockaddr
from .connecting import connect_socket as connect_socket
from .connecting import new_socket as new_socket
from .counters import STATISTICS as STATISTICS
from .counters import Counters as Counters
from .driver import Flushable as Flushable
from .driver import driver as driver
from .endpoint import Endpoint as Endpoint
from .endpoint import State as State
from .endpoint import answers as answers
from .endpoint import check_list as check_list
from .endpoint import raw_parts as raw_parts
from .opening import Opening as Opening
from .opening import as_pair as as_pair
from .opening import connect_options as connect_options
from .opening import listen_options as listen_options
from .opening import open_socket as open_socket
from .opening import pick_family as pick_family
from .opening import resolve as resolve
from .opening import service as service
from .receiving import CHUNK as CHUNK
from .receiving import DONTWAIT as DONTWAIT
from .settings import Settings as Settings
from .stream import Stream as Stream
from .system import get_option as get_option
from .system import get_raw as get_raw
from .system import set_option as set_option
from .system import set_raw as set_raw
