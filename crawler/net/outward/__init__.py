"""The way out for what the program fetches for itself: feeds, logs, registries, time-stamp authorities.

A server that the operator named may stand anywhere, a machine of the own network included.  Where it leads, by a redirect or by
an address in its answer, is judged by the guard's rules for every hop, at the moment of connecting.  Every answer is bounded in
bytes, redirects and time.
"""

from crawler.net.outward.download_limits import Downloaded, DownloadLimits
from crawler.net.outward.outward_rules import OutwardRules
from crawler.net.outward.service_error import ServiceError

__all__ = ["DownloadLimits", "Downloaded", "OutwardRules", "ServiceError"]
