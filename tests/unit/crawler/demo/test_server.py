"""The demo's servers answer by host and path, over HTTP and HTTPS, and its name server knows just their hosts."""

import gzip
import http.client
import socket
import ssl
from collections.abc import Iterator

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from crawler.demo.server import DemoServers
from crawler.demo.sites import Site, load_sites, site


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers() as running:
        yield running


def fetch(
    servers: DemoServers, scheme: str, host: str, path: str, method: str = "GET", agent: str = "Mobile"
) -> tuple[int, bytes, str | None]:
    if scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            "127.0.0.1", servers.https_port, context=context, timeout=20
        )
        port = servers.https_port
    else:
        connection = http.client.HTTPConnection("127.0.0.1", servers.http_port, timeout=20)
        port = servers.http_port
    try:
        connection.request(method, path, headers={"Host": f"{host}:{port}", "User-Agent": agent})
        response = connection.getresponse()
        return response.status, response.read(), response.getheader("Location")
    finally:
        connection.close()


@pytest.mark.parametrize(
    "entry", [entry for entry in load_sites() if entry.behaviour == "page"], ids=lambda entry: entry.id
)
def test_every_page_is_served_with_what_it_refers_to(servers: DemoServers, entry: Site) -> None:
    status, body, _ = fetch(servers, entry.scheme, entry.host, entry.path)
    assert status == 200
    assert b"<title>" in body
    for name in entry.assets:
        assert name.encode() in body, f"{entry.id} lists {name} but does not show it"
        assert fetch(servers, entry.scheme, entry.host, entry.base + name)[0] == 200
    if b'href="style.css"' in body:
        assert fetch(servers, entry.scheme, entry.host, entry.base + "style.css")[0] == 200


def test_a_mirror_differs_from_its_original_in_the_form_only(servers: DemoServers) -> None:
    original, mirror = site("ostrelin-signin"), site("ostrelin-mirror")
    one = fetch(servers, "https", original.host, original.path)[1]
    other = fetch(servers, "https", mirror.host, mirror.path)[1]
    assert one != other
    assert one.replace(b'action="/session"', b'action="post.php"') == other


def test_a_cloaked_clone_shows_itself_to_phones_only(servers: DemoServers) -> None:
    entry = site("kumoriva-cloaked")
    assert b'type="password"' in fetch(servers, "https", entry.host, "/")[1]
    decoy = fetch(servers, "https", entry.host, "/", agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64)")[1]
    assert b"<form" not in decoy
    assert b"umoriva" not in decoy


def test_the_short_link_leads_to_the_clone_in_two_hops(servers: DemoServers) -> None:
    first = fetch(servers, "https", "qlnk.test", "/7fK2")
    assert (first[0], first[2]) == (302, f"http://click.mailer-stats.test:{servers.http_port}/c")
    second = fetch(servers, "http", "click.mailer-stats.test", "/c")
    assert second[2] == servers.url(site("ostrelin-card"))


def test_unknown_hosts_and_paths_are_not_found(servers: DemoServers) -> None:
    assert fetch(servers, "http", "nobody.test", "/")[0] == 404
    assert fetch(servers, "https", "www.ostrelin.test", "/no/such/page")[0] == 404
    assert fetch(servers, "https", "ostrelin-verify.test", "/")[0] == 404


@pytest.mark.parametrize("path", ["/../sites.toml", "/%2e%2e/%2e%2e/sites.py", "/img/../../ostrelin-home/index.html"])
def test_no_path_leaves_the_folder_of_its_site(servers: DemoServers, path: str) -> None:
    assert fetch(servers, "https", "ostrelin-login.test", path)[0] == 404


def test_feeds_list_what_is_to_be_found_through_them(servers: DemoServers) -> None:
    text = fetch(servers, "http", "127.0.0.1", "/feed/reported.txt")[1].decode()
    table = gzip.decompress(fetch(servers, "http", "127.0.0.1", "/feed/abuse-desk.csv.gz")[1]).decode()
    for entry in load_sites():
        listed = (servers.url(entry) in text.splitlines(), f",{servers.url(entry)}," in table)
        expected = (
            entry.found_by == "feed" or entry.id in {"ostrelin-signin", "kumoriva-signin"},
            entry.found_by == "csv",
        )
        assert listed == expected, entry.id


def test_a_post_is_counted_and_forgotten() -> None:
    with DemoServers() as servers:
        assert fetch(servers, "http", "ebank-token-sync.test", "/ib/login2.php", "POST")[0] == 200
        assert servers.posts == 1


def test_a_page_that_stalls_does_not_keep_the_servers_from_stopping() -> None:
    with DemoServers() as servers:
        slow = site("slow")
        connection = http.client.HTTPConnection("127.0.0.1", servers.http_port, timeout=20)
        connection.request("GET", slow.path, headers={"Host": slow.host})
        assert fetch(servers, "http", "ebank-token-sync.test", "/ib/")[0] == 200
    with pytest.raises(http.client.HTTPException):
        connection.getresponse()
    connection.close()


def test_the_certificate_names_every_host(servers: DemoServers) -> None:
    pem = ssl.get_server_certificate(("127.0.0.1", servers.https_port))
    context = ssl.create_default_context(cadata=pem)
    connection = http.client.HTTPSConnection("127.0.0.1", servers.https_port, context=context, timeout=20)
    connection.request("GET", "/feed/reported.txt")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.parametrize(
    ("name", "kind", "code", "answers"),
    [
        ("ostrelin-login.test", "A", dns.rcode.NOERROR, ["127.0.0.1"]),
        ("OSTRELIN-login.test", "A", dns.rcode.NOERROR, ["127.0.0.1"]),
        ("app.drumlin-payroll.example", "A", dns.rcode.NOERROR, ["127.0.0.1"]),
        ("ostrelin-login.test", "AAAA", dns.rcode.NOERROR, []),
        ("ostrelin-nothing.test", "A", dns.rcode.NXDOMAIN, []),
        ("www.example.org", "A", dns.rcode.NXDOMAIN, []),
    ],
)
def test_the_name_server_knows_the_demo_and_nothing_else(
    servers: DemoServers, name: str, kind: str, code: dns.rcode.Rcode, answers: list[str]
) -> None:
    response = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=servers.dns.port, timeout=10)
    assert response.rcode() == code
    assert [item.to_text() for rrset in response.answer for item in rrset] == answers
    assert bool(response.authority) == (not answers)


def test_garbage_does_not_stop_the_name_server(servers: DemoServers) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"\x00garbage", ("127.0.0.1", servers.dns.port))
    query = dns.message.make_query("kumoriva-mail.test", dns.rdatatype.A)
    assert dns.query.udp(query, "127.0.0.1", port=servers.dns.port, timeout=10).answer
