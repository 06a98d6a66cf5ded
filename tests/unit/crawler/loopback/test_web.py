"""The web server answers with one function, keeps what it was asked, and leaves no connection open."""

import http.client
import socket
import ssl
import threading

import pytest

from crawler.demo.certificate import server_context
from crawler.loopback.web import NOT_FOUND, Request, Response, WebServer, serving_files


def fetch(server: WebServer, path: str = "/", method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body, {"Host": f"Shop.Example:{server.port}"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def echo(request: Request) -> Response:
    return Response(f"{request.method} {request.host} {request.path} ".encode() + request.body)


def test_a_request_becomes_a_response() -> None:
    with WebServer(echo) as server:
        assert fetch(server, "/a?b=c") == (200, b"GET shop.example /a ")
        assert fetch(server, "/form", "POST", b"x=1") == (200, b"POST shop.example /form x=1")
        assert fetch(server, "/", "HEAD") == (200, b"")
        assert server.url("/a", "shop.example") == f"http://shop.example:{server.port}/a"
    assert [request.target for request in server.requests] == ["/a?b=c", "/form", "/"]
    assert [request.body for request in server.requests] == [b"", b"x=1", b""]


def test_requests_are_recorded_unless_that_is_not_wanted() -> None:
    with WebServer(echo, record=False) as server:
        assert fetch(server, "/form", "POST", b"secret")[0] == 200
    assert server.requests == []


def test_headers_and_a_length_that_is_a_lie() -> None:
    def respond(request: Request) -> Response:
        return Response(b"half", 203, "", {"X-Own": "1", "Content-Type": "text/x-own"}, claimed_length=8)

    with WebServer(respond, keep_alive=True) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/")
        response = connection.getresponse()
        assert (response.status, response.getheader("X-Own"), response.getheader("Content-Type")) == (
            203,
            "1",
            "text/x-own",
        )
        with pytest.raises(http.client.IncompleteRead):
            response.read()
        connection.close()


def test_no_response_is_a_connection_that_ends() -> None:
    with WebServer(lambda _: None, keep_alive=True) as server, pytest.raises(http.client.RemoteDisconnected):
        fetch(server)


def test_connections_are_kept_where_that_is_wanted() -> None:
    with WebServer(echo, keep_alive=True) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        ports = []
        for _ in range(2):
            connection.request("GET", "/")
            connection.getresponse().read()
            ports.append(connection.sock.getsockname()[1])
        connection.close()
    assert ports[0] == ports[1]


def test_a_client_that_says_nothing_is_left_after_its_time() -> None:
    with WebServer(echo, idle_seconds=0.1) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as mute:
            assert mute.recv(1) == b""
        assert fetch(server)[0] == 200


def test_closing_ends_a_connection_whose_answer_is_still_awaited() -> None:
    arrived, never = threading.Event(), threading.Event()

    def respond(_: Request) -> Response:
        arrived.set()
        never.wait(60)
        return NOT_FOUND

    with WebServer(respond) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("GET", "/")
        assert arrived.wait(60)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    never.set()
    connection.close()


def test_tls_and_a_client_that_never_begins_the_handshake() -> None:
    with (
        WebServer(echo, tls=server_context(["shop.example"])) as server,
        socket.create_connection(("127.0.0.1", server.port)),
    ):
        context = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", server.port)))
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context, timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        assert server.url() == f"https://127.0.0.1:{server.port}/"


def test_files_by_path() -> None:
    with serving_files({"/a.txt": b"a"}, "text/plain") as server:
        assert fetch(server, "/a.txt?x") == (200, b"a")
        assert fetch(server, "/b.txt") == (404, NOT_FOUND.body)
