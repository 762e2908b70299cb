"""The opening handshake: the order of its checks and the answer of each."""

import base64
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.conftest import MakeServer
from tests.support import tokens, ws
from tests.support.http import Response, request_bytes
from tests.support.server import Server


@dataclass
class Ask:
    """A handshake that would succeed, until a fault spoils it."""

    host: str
    method: str = "GET"
    path: str = "/ws/dashboard/"
    token: str | None = field(default_factory=tokens.admin)
    headers: dict[str, str] = field(default_factory=lambda: dict(ws.upgrade_headers()))

    def bytes(self) -> bytes:
        headers = {"Host": self.host, **self.headers}
        return request_bytes(
            self.method, ws.with_token(self.path, self.token), self.host, headers.items()
        )


def spoil_path(ask: Ask) -> None:
    ask.path = "/ws/nowhere/"


def spoil_method(ask: Ask) -> None:
    ask.method = "POST"
    ask.headers["Content-Length"] = "0"


def spoil_upgrade(ask: Ask) -> None:
    del ask.headers["Upgrade"]


def spoil_version(ask: Ask) -> None:
    ask.headers["Sec-WebSocket-Version"] = "12"


def spoil_connection(ask: Ask) -> None:
    ask.headers["Connection"] = "keep-alive"


def spoil_key(ask: Ask) -> None:
    ask.headers["Sec-WebSocket-Key"] = "c2hvcnQ="


def spoil_host(ask: Ask) -> None:
    ask.headers["Host"] = "elsewhere.example"


def spoil_origin(ask: Ask) -> None:
    ask.headers["Origin"] = "https://elsewhere.example"


def spoil_token(ask: Ask) -> None:
    ask.token = None


def spoil_permission(ask: Ask) -> None:
    if ask.token is not None:
        ask.token = tokens.student()


Fault = tuple[Callable[[Ask], None], int]

# In the order of the checks; an earlier fault hides a later one.
FAULTS: list[Fault] = [
    (spoil_path, 404),
    (spoil_method, 405),
    (spoil_upgrade, 426),
    (spoil_version, 426),
    (spoil_connection, 400),
    (spoil_key, 400),
    (spoil_host, 400),
    (spoil_origin, 403),
    (spoil_token, 401),
    (spoil_permission, 403),
]


def answer(server: Server, data: bytes) -> Response:
    with server.open() as connection:
        connection.send(data)
        return connection.read_response()


def ask_with(server: Server, *faults: Callable[[Ask], None]) -> Response:
    ask = Ask(f"{server.host}:{server.port}")
    for fault in faults:
        fault(ask)
    return answer(server, ask.bytes())


def ask_headers(server: Server, **changes: str | None) -> Response:
    """A good handshake with headers changed, added or (None) left out."""
    ask = Ask(f"{server.host}:{server.port}")
    for name, value in changes.items():
        key = name.replace("_", "-")
        ask.headers.pop(key, None)
        if value is not None:
            ask.headers[key] = value
    return answer(server, ask.bytes())


def test_without_a_fault_it_upgrades(server: Server) -> None:
    response = ask_with(server)
    assert response.status == 101
    names = {name.lower() for name, _ in response.headers}
    assert names == {"upgrade", "connection", "sec-websocket-accept"}
    assert response.header("Upgrade") == "websocket"
    assert (response.header("Connection") or "").lower() == "upgrade"


def test_the_accept_key_is_that_of_the_rfc(server: Server) -> None:
    response = ask_headers(server, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==")
    assert response.header("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(("fault", "status"), FAULTS, ids=lambda v: getattr(v, "__name__", None))
def test_each_fault_has_its_answer(
    server: Server, fault: Callable[[Ask], None], status: int
) -> None:
    assert ask_with(server, fault).status == status


@pytest.mark.parametrize(
    ("first", "second"),
    list(itertools.combinations(FAULTS, 2)),
    ids=lambda v: v[0].__name__.removeprefix("spoil_"),
)
def test_the_earlier_check_answers(server: Server, first: Fault, second: Fault) -> None:
    assert ask_with(server, first[0], second[0]).status == first[1]


def test_the_wrong_method_is_told_the_right_one(server: Server) -> None:
    assert "GET" in (ask_with(server, spoil_method).header("Allow") or "")


def test_no_upgrade_names_protocol_and_version(server: Server) -> None:
    response = ask_with(server, spoil_upgrade)
    assert response.header("Upgrade") == "websocket"
    assert response.header("Sec-WebSocket-Version") == "13"


@pytest.mark.parametrize("version", ["0", "8", "12", "14", "013", "", "abc", None])
def test_another_version_is_told_13(server: Server, version: str | None) -> None:
    response = ask_headers(server, Sec_WebSocket_Version=version)
    assert response.status == 426
    assert response.header("Sec-WebSocket-Version") == "13"


@pytest.mark.parametrize("size", [0, 15, 17, 24])
def test_a_key_of_another_size_is_refused(server: Server, size: int) -> None:
    key = base64.b64encode(bytes(size)).decode()
    assert ask_headers(server, Sec_WebSocket_Key=key).status == 400


@pytest.mark.parametrize("key", [None, "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25j*Q=="])
def test_a_key_that_is_not_base64_is_refused(server: Server, key: str | None) -> None:
    assert ask_headers(server, Sec_WebSocket_Key=key).status == 400


@pytest.mark.parametrize("connection", [None, "keep-alive", "close", "upgraded"])
def test_without_connection_upgrade_it_is_refused(server: Server, connection: str | None) -> None:
    assert ask_headers(server, Connection=connection).status == 400


@pytest.mark.parametrize("connection", ["upgrade", "UPGRADE", "keep-alive, Upgrade", "a,upgrade,b"])
def test_connection_is_a_list_without_case(server: Server, connection: str) -> None:
    assert ask_headers(server, Connection=connection).status == 101


def test_the_protocol_name_has_no_case(server: Server) -> None:
    assert ask_headers(server, Upgrade="WebSocket").status == 101


@pytest.mark.parametrize("name", ["Host", "Origin", "Authorization", "Content-Length"])
def test_a_header_that_must_be_single_is_refused_twice(server: Server, name: str) -> None:
    ask = Ask(f"{server.host}:{server.port}")
    value = {"Host": ask.host, "Origin": f"http://{ask.host}", "Content-Length": "0"}.get(
        name, f"Bearer {ask.token}"
    )
    line = f"{name}: {value}\r\n".encode()
    data = ask.bytes().replace(b"\r\n", b"\r\n" + line * (1 if name == "Host" else 2), 1)
    assert answer(server, data).status == 400


def test_http_1_0_is_refused(server: Server) -> None:
    data = Ask(f"{server.host}:{server.port}").bytes().replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    assert answer(server, data).status == 400


def test_no_host_is_refused(server: Server) -> None:
    ask = Ask(f"{server.host}:{server.port}")
    data = ask.bytes().replace(f"Host: {ask.host}\r\n".encode(), b"", 1)
    assert answer(server, data).status == 400


# ---- hosts ----


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 101),
        ("LOCALHOST:8000", 101),
        ("app.localhost", 101),
        ("127.0.0.1", 101),
        ("127.0.0.1:1", 101),
        ("[::1]", 101),
        ("[::1]:8000", 101),
        ("example.com", 400),
        ("localhost.example.com", 400),
        ("127.0.0.2", 400),
        ("[::2]", 400),
        ("localhost:port", 400),
        ("local host", 400),
        ("", 400),
    ],
)
def test_on_loopback_the_loopback_names_are_hosts(server: Server, host: str, status: int) -> None:
    assert ask_headers(server, Host=host).status == status


def test_allowed_hosts_are_django_s(make_server: MakeServer) -> None:
    server = make_server({"ALLOWED_HOSTS": ".example.com,127.0.0.1"})
    for host in ("example.com", "www.example.com:444", "a.b.EXAMPLE.com", "127.0.0.1"):
        assert ask_headers(server, Host=host).status == 101, host
    for host in ("localhost", "badexample.com", "example.com.evil.org"):
        assert ask_headers(server, Host=host).status == 400, host


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_may_use_any_host(server: Server, path: str) -> None:
    assert server.request("GET", path, [("Host", "10.1.2.3")]).status == 200


# ---- origins ----


def test_the_own_host_and_port_are_an_origin(server: Server) -> None:
    assert ask_headers(server, Origin=f"http://{server.host}:{server.port}").status == 101


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "127.0.0.1:{port}",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}/path",
        "http://user@127.0.0.1:{port}",
        "http://",
        "https://evil.example",
    ],
)
def test_any_other_origin_is_refused(server: Server, origin: str) -> None:
    response = ask_headers(server, Origin=origin.format(port=server.port))
    assert response.status == 403
    assert response.json()["detail"]


def test_listed_origins_are_allowed(make_server: MakeServer) -> None:
    server = make_server({"CORS_ALLOWED_ORIGINS": "https://app.example.com,http://localhost:3000"})
    for origin in ("https://app.example.com", "http://localhost:3000", "https://APP.example.com"):
        assert ask_headers(server, Origin=origin).status == 101, origin
    for origin in ("http://app.example.com", "https://app.example.com:8443", "null"):
        assert ask_headers(server, Origin=origin).status == 403, origin


# ---- permission ----


def test_the_wrong_role_is_told_so(server: Server) -> None:
    response = server.refusal("/ws/dashboard/", tokens.student())
    assert response.status == 403
    assert response.json()["code"] == "permission_denied"


def test_no_role_names_the_setting_that_would_bring_one(server: Server) -> None:
    response = server.refusal("/ws/dashboard/", tokens.access())
    assert response.status == 403
    body = response.json()
    assert body["code"] == "permission_denied"
    assert "auth.directory" in body["detail"] or "CARILLON_AUTH_DIRECTORY" in body["detail"]


def test_a_refused_connection_can_try_again(server: Server) -> None:
    """A refusal is an answer, not the end of the connection, unless it says so."""
    ask = Ask(f"{server.host}:{server.port}", token=None)
    with server.open() as connection:
        connection.send(ask.bytes())
        response = connection.read_response()
        assert response.status == 401
        if (response.header("Connection") or "").lower() == "close":
            assert connection.ended()
        else:
            connection.send(Ask(ask.host).bytes())
            assert connection.read_response().status == 101


# ---- pieces ----


def test_a_handshake_may_come_byte_by_byte(server: Server) -> None:
    ask = Ask(f"{server.host}:{server.port}")
    with server.open() as connection:
        for byte in ask.bytes():
            connection.send(bytes([byte]))
        assert connection.read_response().status == 101


def test_frames_may_follow_in_the_same_packet(server: Server) -> None:
    ask = Ask(f"{server.host}:{server.port}", path="/ws/leaderboard/")
    with server.open() as connection:
        ping = json.dumps({"type": "ping", "timestamp": 1}).encode()
        connection.send(ask.bytes() + ws.frame_bytes(ws.TEXT, ping))
        socket = ws.WebSocket(connection, connection.read_response())
        assert socket.read_json() == {"type": "connection_established"}
        assert socket.read_json() == {"type": "pong", "timestamp": 1}


def test_a_head_that_never_ends_is_given_up(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_HANDSHAKE_TIMEOUT": "300ms"})
    witness = server.joined("/ws/leaderboard/", tokens.student())
    with server.open() as slow:
        slow.send(Ask("localhost").bytes()[:-2])
        slow.ended()
    assert witness.ping(1) == {"type": "pong", "timestamp": 1}


def test_dripping_bytes_does_not_buy_time(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_HANDSHAKE_TIMEOUT": "300ms"})
    with server.open() as slow:
        slow.send(b"GET /ws/leaderboard/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        slow.sock.settimeout(0.02)
        while True:
            try:
                slow.send(b"x")
                if not slow.more():
                    break
            except TimeoutError:
                continue
            except OSError:
                break


def test_a_peer_that_says_nothing_is_given_up(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_LIMITS_HANDSHAKE_TIMEOUT": "300ms"})
    before = server.descriptor_count()
    silent = [server.open() for _ in range(20)]
    for connection in silent:
        connection.ended()
        connection.sock.close()
    assert server.descriptor_count() <= before + 1


# ---- sub-protocols and extensions ----


def test_no_subprotocol_is_selected(server: Server) -> None:
    response = ask_headers(server, Sec_WebSocket_Protocol="carillon.v1, bearer.abc")
    assert response.status == 101
    assert response.header("Sec-WebSocket-Protocol") is None


BOTH = {"server_no_context_takeover", "client_no_context_takeover"}


@pytest.mark.parametrize(
    ("offer", "agreed"),
    [
        (None, None),
        ("permessage-deflate", BOTH),
        ("permessage-deflate; server_no_context_takeover", BOTH),
        ("permessage-deflate; client_max_window_bits", BOTH | {"client_max_window_bits"}),
        ("permessage-deflate; client_max_window_bits=10", BOTH | {"client_max_window_bits"}),
        ("permessage-deflate; server_max_window_bits=10", BOTH | {"server_max_window_bits=10"}),
        ('permessage-deflate; server_max_window_bits="12"', BOTH | {"server_max_window_bits=12"}),
        ("permessage-deflate; server_max_window_bits=8", None),
        ("permessage-deflate; server_max_window_bits=8, permessage-deflate", BOTH),
        ("permessage-deflate; server_max_window_bits=16", None),
        ("permessage-deflate; server_max_window_bits", None),
        ("permessage-deflate; nonsense", None),
        ("permessage-deflate; nonsense, permessage-deflate", BOTH),
        ("permessage-deflate; server_no_context_takeover=1", None),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits", None),
        ("x-webkit-deflate-frame", None),
        ("x-other, permessage-deflate", BOTH),
        (",;=", None),
    ],
)
def test_compression_is_agreed_as_offered(
    server: Server, offer: str | None, agreed: set[str] | None
) -> None:
    response = ask_headers(server, Sec_WebSocket_Extensions=offer)
    assert response.status in ((101, 400) if agreed is None else (101,))
    value = response.header("Sec-WebSocket-Extensions")
    if agreed is None:
        assert value is None
        return
    assert value is not None
    name, *params = (part.strip() for part in value.split(";"))
    assert name == "permessage-deflate"
    # The client's window is answered with a number of the server's choosing.
    assert {p.split("=")[0] if p.startswith("client_max") else p for p in params} == agreed


def test_compression_can_be_switched_off(make_server: MakeServer) -> None:
    server = make_server({"CARILLON_COMPRESSION": "false"})
    response = ask_headers(server, Sec_WebSocket_Extensions="permessage-deflate")
    assert response.status == 101
    assert response.header("Sec-WebSocket-Extensions") is None
