"""The accept loop runs a handler for each connection, and none outlives the server."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
from contextlib import suppress

import pytest

from crawler.demo.certificate import server_context
from crawler.loopback.connections import ConnectionServer, in_thread, read_request, response_bytes
from crawler.loopback.web import Request, Response


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.readline():
        writer.write(data)
        await writer.drain()


async def test_a_connection_is_closed_when_its_handler_returns() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 ready")

    async with ConnectionServer(greet) as server:
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            assert await reader.read() == b"220 ready"
            writer.close()
    assert server.tasks == set()


async def test_handlers_that_hang_end_with_the_server() -> None:
    arrived = asyncio.Semaphore(0)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.release()
        await asyncio.Event().wait()

    async with ConnectionServer(silent) as server:
        clients = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        for _ in clients:
            await arrived.acquire()
        hanging = set(server.tasks)
        assert len(hanging) == 3
    assert all(task.done() for task in hanging)
    for reader, writer in clients:
        assert await reader.read() == b""
        writer.close()


async def test_who_connects_as_the_server_closes_leaves_no_socket_open() -> None:
    for turns in range(4):
        async with ConnectionServer(echo) as server:
            clients = [socket.create_connection(("127.0.0.1", server.port), timeout=60) for _ in range(5)]
            for _ in range(turns):
                await asyncio.sleep(0)  # accepted or not, served or not: at each turn of the loop
        for client in clients:
            with client, suppress(ConnectionResetError):
                assert await asyncio.to_thread(client.recv, 1) == b""
    gc.collect()  # sockets that were left open warn now


async def test_a_client_that_breaks_off_costs_nobody_else_anything(caplog: pytest.LogCaptureFixture) -> None:
    broken_off = asyncio.Event()

    async def exact(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await reader.readexactly(4))
        except asyncio.IncompleteReadError:
            broken_off.set()
            raise

    async with ConnectionServer(exact) as server:
        _, broken = await asyncio.open_connection("127.0.0.1", server.port)
        broken.write(b"ab")
        broken.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"abcd")
        assert await reader.read() == b"abcd"
        writer.close()
        await broken_off.wait()
    assert caplog.records == []


async def test_a_port_that_is_taken_is_an_error_and_a_second_address_may_share_it() -> None:
    async with ConnectionServer(echo) as server:
        with pytest.raises(OSError, match="in use"):
            await ConnectionServer(echo, port=server.port).__aenter__()
        async with ConnectionServer(echo, address=["127.0.0.2", "127.0.0.3"], port=server.port) as more:
            assert more.port == server.port
            for address in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
                reader, writer = await asyncio.open_connection(address, server.port)
                writer.write(b"hello\n")
                assert await reader.readline() == b"hello\n"
                writer.close()


async def test_tls() -> None:
    async with ConnectionServer(echo, tls=server_context(["shop.example"])) as server:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
        assert server.url("/a") == f"https://127.0.0.1:{server.port}/a"


async def test_requests_of_a_kept_connection_and_their_responses() -> None:
    seen: list[Request] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (request := await read_request(reader)) is not None:
            seen.append(request)
            writer.write(response_bytes(Response(b"hello", 203, "text/plain", {"X-Own": "1"}), request.method))

    head = b"HTTP/1.1 203 -\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Own: 1\r\n\r\n"
    async with ConnectionServer(answer) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /a?b HTTP/1.1\r\nHost: Shop.Example:80\r\nX-Two:  words \r\n\r\nHEAD / HTTP/1.1\r\n\r\n")
        writer.write_eof()
        assert await reader.read() == head + b"hello" + head
        writer.close()
    assert [(request.method, request.path, request.host) for request in seen] == [
        ("GET", "/a", "shop.example"),
        ("HEAD", "/", ""),
    ]
    assert seen[0].headers["x-two"] == "words"


def test_a_server_in_a_thread_of_its_own() -> None:
    with in_thread(ConnectionServer(echo)) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as client:
            client.sendall(b"hello\n")
            assert client.recv(100) == b"hello\n"
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=60)
