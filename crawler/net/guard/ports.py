"""The ports that nothing of a page's is connected to: those that browsers refuse, and those of well-known services.

Nobody there serves web pages: a request of ours would speak to a mail server, a database or a cache in words that a
page chose.  Sources: the "bad ports" of the WHATWG Fetch standard (section "Port blocking"), and the IANA Service Name and
Transport Protocol Port Number Registry.
"""

from __future__ import annotations

_REFUSED_BY_BROWSERS = frozenset(
    (
        0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
        113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
        554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
        6666, 6667, 6668, 6669, 6679, 6697, 10080,
    )
)  # fmt: skip
_SERVICES = {
    445: "SMB",
    873: "rsync",
    1433: "Microsoft SQL Server",
    1521: "Oracle Database",
    1883: "MQTT",
    2181: "ZooKeeper",
    2375: "Docker",
    2376: "Docker",
    2379: "etcd",
    2380: "etcd",
    3306: "MySQL",
    3389: "Remote Desktop",
    4369: "the Erlang port mapper",
    5432: "PostgreSQL",
    5671: "AMQP",
    5672: "AMQP",
    5900: "VNC",
    5984: "CouchDB",
    5985: "WinRM",
    5986: "WinRM",
    6379: "Redis",
    6443: "Kubernetes",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "Elasticsearch",
    9300: "Elasticsearch",
    10250: "Kubernetes",
    11211: "Memcached",
    26379: "Redis Sentinel",
    27017: "MongoDB",
    27018: "MongoDB",
    27019: "MongoDB",
}


def forbidden_port_reason(port: int) -> str | None:
    """Return why nothing may connect to ``port``, as the end of the sentence "port NUMBER is ..."; None where it may."""
    if port in _REFUSED_BY_BROWSERS:
        return "one that browsers refuse"
    service = _SERVICES.get(port)
    return f"that of {service}, not of web pages" if service else None
