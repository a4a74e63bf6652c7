"""How often: of links by address and by client in the store of keys, which processes share; of POSTs by session here.

Who is turned away is told for how long. The numbers stand in policy.yaml, section `review`.
"""

import ipaddress
import math
import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from fastapi import Request

KNOWN = 4096
"""Sessions and clients whose last minute is remembered; the one seen longest ago is forgotten first."""


class Pace:
    """So many in a span, counted in this process."""

    def __init__(self, most: int, span: timedelta = timedelta(minutes=1)) -> None:
        self._most = most
        self._span = span
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, who: str, now: datetime) -> int:
        """0 where this one is let in, and counted; else the seconds until one is."""
        with self._lock:
            times = self._seen.setdefault(who, deque())
            self._seen.move_to_end(who)
            while len(self._seen) > KNOWN:
                self._seen.popitem(last=False)
            while times and times[0] <= now - self._span:
                times.popleft()
            if len(times) >= self._most:
                return max(1, math.ceil((times[0] + self._span - now).total_seconds()))
            times.append(now)
            return 0


def client_of(request: Request) -> str:
    """The address that asks; of IPv6 its network of 64 bits, since whoever has one address there has them all."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host or "unknown"
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
