"""Health, readiness, metrics."""

import re
import socket

import pytest

from tests.conftest import MakeServer
from tests.support import tokens
from tests.support.http import Connection
from tests.support.metrics import Metrics
from tests.support.server import API_KEY, Server
from tests.support.waiting import wait_until


def test_healthz(server: Server) -> None:
    response = server.request("GET", "/healthz")
    assert (response.status, response.json()) == (200, {"status": "ok"})


def test_readyz(server: Server) -> None:
    assert server.request("GET", "/readyz").status == 200
    assert server.request("HEAD", "/readyz").status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_are_for_reading(server: Server, path: str) -> None:
    response = server.request("POST", path, body=b"")
    assert response.status == 405
    assert "GET" in (response.header("Allow") or "")


def test_metrics_are_prometheus_text(server: Server) -> None:
    response = server.request("GET", "/metrics")
    assert response.status == 200
    assert (response.header("Content-Type") or "").startswith("text/plain; version=0.0.4")
    metrics = server.metrics()
    assert metrics.samples
    for name, labels, value in metrics.samples:
        family = metrics.family(name)
        assert family in metrics.types, f"{name} has no TYPE"
        assert metrics.helps.get(family), f"{name} has no HELP"
        assert re.fullmatch(r"(carillon|process)_[a-z0-9_]+", name), name
        if metrics.types[family] == "counter":
            assert family.endswith("_total"), f"{family} is a counter"
            assert value >= 0
        for label in labels.values():
            assert len(label) < 100
    seen = [(n, tuple(sorted(labels.items()))) for n, labels, _ in metrics.samples]
    assert len(seen) == len(set(seen)), "a sample stands twice"


def test_connections_are_counted(make_server: MakeServer) -> None:
    server = make_server()

    def now_open() -> float:
        return server.metrics().value("carillon_connections", endpoint="student")

    sockets = [server.joined("/ws/student/7/", tokens.student()) for _ in range(5)]
    assert now_open() == 5
    sockets.pop().close()
    sockets.pop().drop()
    wait_until(lambda: now_open() == 3, "the gauge to fall")
    for each in sockets:
        each.drop()


def test_events_are_counted(make_server: MakeServer) -> None:
    server = make_server()
    sockets = [server.joined("/ws/student/7/", tokens.student()) for _ in range(5)]
    for _ in range(10):
        server.accepted("/api/realtime/students/7/", {"event_type": "x", "data": {}})
    for each in sockets:
        for _ in range(10):
            each.read_json()
    metrics = server.metrics()
    assert metrics.value("carillon_publishes_total") == 10
    wait_until(
        lambda: server.metrics().value("carillon_events_delivered_total") == 50,
        "the deliveries to be counted",
    )
    for each in sockets:
        each.drop()


def test_handshakes_are_counted_by_their_answer(make_server: MakeServer) -> None:
    server = make_server()
    for _ in range(3):
        server.refusal("/ws/dashboard/")
    server.refusal("/ws/dashboard/", tokens.student())
    server.joined("/ws/leaderboard/", tokens.student()).close()
    metrics = server.metrics()
    assert metrics.value("carillon_handshakes_total", status="401") == 3
    assert metrics.value("carillon_handshakes_total", status="403") == 1
    assert metrics.value("carillon_handshakes_total", status="101") == 1


def test_closes_are_counted_by_code(make_server: MakeServer) -> None:
    server = make_server()
    peer = server.joined("/ws/student/7/", tokens.student())
    peer.send_frame(2, b"")
    assert peer.read_close().code == 1003
    peer.sock.close()
    wait_until(
        lambda: server.metrics().count("carillon_closed_total", code="1003") == 1,
        "the close to be counted",
    )


def test_no_user_and_no_token_in_the_metrics(server: Server) -> None:
    server.joined("/ws/student/user-4711/", tokens.student("user-4711")).close()
    text = server.request("GET", "/metrics").body.decode()
    assert "4711" not in text
    assert API_KEY not in text
    assert tokens.SECRET_KEY not in text


def test_a_separate_address_for_metrics(make_server: MakeServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    make_server({"CARILLON_METRICS_BIND": f"127.0.0.1:{port}"})
    with Connection("127.0.0.1", port) as connection:
        response = connection.request("GET", "/metrics")
        assert response.status == 200
        assert Metrics(response.body.decode()).samples
