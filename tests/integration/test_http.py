"""HTTP/1.1 on the same port: keep-alive, pipelining, bodies, limits, smuggling."""

import json

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.http import Connection, Response, request_bytes
from tests.support.server import API_KEY, Server

TARGET = "/api/realtime/dashboard/"
BODY = json.dumps({"event_type": "x", "data": {}}).encode()
AUTHORISED = [("Authorization", f"Api-Key {API_KEY}"), ("Content-Type", "application/json")]


def exchange(server: Server, data: bytes) -> Response:
    with server.open() as connection:
        connection.send(data)
        return connection.read_response()


def head(connection: Connection, *lines: str, method: str = "POST") -> bytes:
    text = [f"{method} {TARGET} HTTP/1.1", f"Host: {connection.authority}"]
    text += [f"{name}: {value}" for name, value in AUTHORISED] + list(lines)
    return ("\r\n".join(text) + "\r\n\r\n").encode()


def test_a_connection_is_kept(server: Server) -> None:
    with server.open() as connection:
        for _ in range(3):
            assert connection.request("GET", "/healthz").json() == {"status": "ok"}
            assert connection.request("POST", TARGET, AUTHORISED, BODY).status == 202


def test_connection_close_is_obeyed(server: Server) -> None:
    with server.open() as connection:
        response = connection.request("GET", "/healthz", [("Connection", "close")])
        assert response.status == 200
        assert (response.header("Connection") or "").lower() == "close"
        assert connection.ended()


def test_http_1_0_closes(server: Server) -> None:
    with server.open() as connection:
        connection.send(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert connection.read_response().status == 200
        assert connection.ended()


def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    with server.open() as connection:
        wanted = []
        data = b""
        for turn in range(50):
            target, status = [("/healthz", 200), ("/nowhere", 404), (TARGET, 202)][turn % 3]
            body = BODY if target == TARGET else None
            method = "POST" if body else "GET"
            data += request_bytes(method, target, connection.authority, AUTHORISED, body)
            wanted.append(status)
        connection.send(data)
        assert [connection.read_response().status for _ in wanted] == wanted


def test_pipelined_behind_a_close_is_not_answered(server: Server) -> None:
    with server.open() as connection:
        one = request_bytes("GET", "/healthz", connection.authority, [("Connection", "close")])
        connection.send(one + request_bytes("GET", "/healthz", connection.authority))
        assert connection.read_response().status == 200
        connection.ended()
        assert connection.rest == b""


def test_a_handshake_may_follow_requests(server: Server) -> None:
    from tests.support import ws

    with server.open() as connection:
        assert connection.request("GET", "/healthz").status == 200
        socket = ws.connect(connection, "/ws/leaderboard/", tokens.student())
        assert socket.read_json() == {"type": "connection_established"}


def test_head_has_no_body(server: Server) -> None:
    with server.open() as connection:
        response = connection.request("HEAD", "/healthz")
        assert response.status == 200
        assert int(response.header("Content-Length") or 0) > 0
        assert connection.request("GET", "/healthz").status == 200


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    with server.open() as connection:
        for byte in request_bytes("POST", TARGET, connection.authority, AUTHORISED, BODY):
            connection.send(bytes([byte]))
        assert connection.read_response().status == 202


def test_an_unknown_path_is_404(server: Server) -> None:
    response = server.request("GET", "/api/nowhere/")
    assert response.status == 404
    assert response.header("Content-Type") == "application/json"
    assert response.json()["detail"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
def test_a_wrong_method_is_405_and_names_the_right_ones(server: Server, method: str) -> None:
    response = server.request(method, TARGET, AUTHORISED)
    assert response.status == 405
    assert "POST" in (response.header("Allow") or "")
    assert response.json()["detail"]


def test_the_trailing_slash_is_optional(server: Server) -> None:
    assert server.publish(TARGET.rstrip("/"), {"event_type": "x"}).status == 202


@pytest.mark.parametrize("host", ["elsewhere.example", ""])
def test_the_api_answers_allowed_hosts_only(server: Server, host: str) -> None:
    assert server.request("POST", TARGET, [("Host", host), *AUTHORISED], BODY).status == 400


# ---- bodies ----


def test_chunks(server: Server) -> None:
    with server.open() as connection:
        connection.send(head(connection, "Transfer-Encoding: chunked"))
        middle = len(BODY) // 2
        for part in (BODY[:middle], BODY[middle:]):
            connection.send(b"%x;name=value\r\n%s\r\n" % (len(part), part))
        connection.send(b"0\r\nTrailer: ignored\r\n\r\n")
        assert connection.read_response().status == 202
        assert connection.request("GET", "/healthz").status == 200


def test_chunks_byte_by_byte(server: Server) -> None:
    with server.open() as connection:
        data = head(connection, "Transfer-Encoding: chunked")
        data += b"%X\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
        for byte in data:
            connection.send(bytes([byte]))
        assert connection.read_response().status == 202


def test_expect_continue(server: Server) -> None:
    with server.open() as connection:
        connection.send(head(connection, "Expect: 100-continue", f"Content-Length: {len(BODY)}"))
        assert connection.read_response().status == 100
        connection.send(BODY)
        assert connection.read_response().status == 202


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("chunked", [False, True])
def test_the_longest_body(make_server: MakeServer, excess: int, chunked: bool) -> None:
    limit = 4096
    server = make_server({"CARILLON_LIMITS_BODY_BYTES_MAX": str(limit)})
    body = BODY + b" " * (limit + excess - len(BODY))
    with server.open() as connection:
        if chunked:
            data = head(connection, "Transfer-Encoding: chunked")
            data += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            data = head(connection, f"Content-Length: {len(body)}") + body
        connection.send(data)
        assert connection.read_response().status == (413 if excess else 202)


def test_a_body_that_is_announced_too_long_is_refused_at_once(server: Server) -> None:
    with server.open() as connection:
        connection.send(head(connection, f"Content-Length: {1 << 40}"))
        assert connection.read_response().status == 413


def test_the_default_limit_is_one_mebibyte(server: Server) -> None:
    body = BODY + b" " * ((1 << 20) - len(BODY))
    assert server.publish(TARGET, body).status == 202
    assert server.publish(TARGET, body + b" ").status == 413


# ---- heads ----


@pytest.mark.parametrize(("size", "status"), [(16_384, 200), (16_385, 431)])
def test_the_longest_request_line(server: Server, size: int, status: int) -> None:
    start, end = b"GET /healthz?x=", b" HTTP/1.1\r\n"
    line = start + b"x" * (size - len(start) - len(end)) + end
    assert len(line) == size
    # With or without its line end: both readings of the limit are within these two bytes.
    if status == 431:
        line = line.replace(b"x=", b"x=xx")
    assert exchange(server, line + b"Host: localhost\r\n\r\n").status == status


@pytest.mark.parametrize(("size", "status"), [(32_768, 200), (32_769, 431)])
def test_the_longest_head(server: Server, size: int, status: int) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
    fillers = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 8000) for n in range(4))
    rest = size - len(start) - len(fillers) - len(b"X-E: \r\n\r\n")
    data = start + fillers + b"X-E: " + b"x" * rest + b"\r\n\r\n"
    assert len(data) == size
    assert exchange(server, data).status == status


def test_an_endless_head_is_refused_before_it_ends(server: Server) -> None:
    data = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 40_000
    assert exchange(server, data).status == 431


@pytest.mark.parametrize(("count", "status"), [(100, 200), (101, 431)])
def test_the_most_headers(server: Server, count: int, status: int) -> None:
    lines = b"".join(b"X-%d: y\r\n" % n for n in range(count - 1))
    data = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + lines + b"\r\n"
    assert exchange(server, data).status == status


# ---- smuggling ----

MALFORMED = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
    "one length twice": b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
    "a list of lengths": b"Content-Length: 4, 4\r\n\r\nabcd",
    "a signed length": b"Content-Length: +4\r\n\r\nabcd",
    "a negative length": b"Content-Length: -1\r\n\r\n",
    "a huge length": b"Content-Length: 99999999999999999999\r\n\r\n",
    "another coding": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a coding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a coding in disguise": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"X-A : b\r\n\r\n",
    "a folded line": b"X-A: b\r\n c\r\n\r\n",
    "a first line folded": b" X-A: b\r\n\r\n",
    "no colon": b"X-A\r\n\r\n",
    "an empty name": b": b\r\n\r\n",
    "NUL in a value": b"X-A: a\0b\r\n\r\n",
    "bare CR in a value": b"X-A: a\rb\r\n\r\n",
    "bare LF ends a line": b"X-A: a\nX-B: b\r\n\r\n",
    "a control in a value": b"X-A: a\x01b\r\n\r\n",
    "a control in a name": b"X\x01A: b\r\n\r\n",
    "a second host": b"Host: localhost\r\n\r\n",
    "a second type": b"Content-Type: text/plain\r\nContent-Type: text/html\r\n\r\n",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_heads_are_refused_and_the_connection_ends(server: Server, case: str) -> None:
    with server.open() as connection:
        connection.send(b"POST /api/realtime/dashboard/ HTTP/1.1\r\nHost: localhost\r\n")
        connection.send(MALFORMED[case] + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        response = connection.read_response()
        assert response.status in (400, 413, 501), response
        assert response.status == 400 or case in (
            "a huge length",
            "another coding",
            "a coding in disguise",
        )
        connection.ended()
        assert b"HTTP/1.1" not in connection.rest, "the rest was taken for a request"


@pytest.mark.parametrize(
    "line",
    [
        b"GET /healthz\r\n",
        b"GET  /healthz HTTP/1.1\r\n",
        b"GET /health z HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1 \r\n",
        b"GET /healthz http/1.1\r\n",
        b"G\x01T /healthz HTTP/1.1\r\n",
        b"GET /heal\0thz HTTP/1.1\r\n",
        b"GET healthz HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
    ],
)
def test_malformed_request_lines(server: Server, line: bytes) -> None:
    assert exchange(server, line + b"Host: localhost\r\n\r\n").status == 400


def test_another_version_is_505_or_400(server: Server) -> None:
    data = b"GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n"
    assert exchange(server, data).status in (400, 505)


@pytest.mark.parametrize(
    "chunks",
    [b"x\r\n", b"-1\r\n", b"0x1\r\n", b"1\r\nab\r\n0\r\n\r\n", b"ffffffffffffffff1\r\n", b"\r\n"],
)
def test_malformed_chunks(server: Server, chunks: bytes) -> None:
    with server.open() as connection:
        connection.send(head(connection, "Transfer-Encoding: chunked") + chunks)
        assert connection.read_response().status in (400, 413)
        connection.ended()


def test_the_absolute_form_is_understood(server: Server) -> None:
    data = b"GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert exchange(server, data).status == 200


def test_answers_are_not_sniffed(server: Server) -> None:
    assert server.request("GET", "/healthz").header("X-Content-Type-Options") == "nosniff"
