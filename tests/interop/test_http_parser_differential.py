"""Our HTTP parser against h11, request by request: ours may refuse more, never read otherwise."""

import json
import os
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(os.environ.get("CARILLON_BUILD", ROOT / "build/release")) / "http_parse"
CASES = 30_000

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"]
TARGETS = ["/", "/ws/dashboard/?token=a.b-c", "/a%2Fb/", "/?", "/a?b?c", "http://a.example:80/x?y"]
FIELDS = [
    ("Connection", "Upgrade"),
    ("connection", "keep-alive, close"),
    ("Upgrade", "websocket"),
    ("Origin", "http://a.example:80"),
    ("Authorization", "Bearer a.b.c"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Cookie", 'a="b; c"; d=\xe9'),
    ("X-Empty", ""),
    ("Accept", "text/html, */*;q=0.1"),
    ("X-Tab", "a\tb  c"),
    ("!#$%&'*+-.^_`|~", "odd name"),
]
FRAMING = [
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\nContent-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: Chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding\r\n : chunked\r\n",
    "X: a\r\n Content-Length: 5\r\n",
    "Host: b\r\n",
    "Expect: 100-continue\r\n",
]
SPICE = ["\r", "\n", "\r\n", " ", "\t", "\0", ":", ",", ";", "\x0b", "\x7f", "\x80", "0", "5", "#"]


@dataclass
class Message:
    """What a parser made of a request. `body` is None until the last byte has come."""

    method: str
    target: str
    version: str
    headers: list[tuple[str, str]]
    body: str | None = None
    rest: str | None = None


def read_with_h11(data: bytes) -> Message | None | str:
    """The message, None when its head is not complete, or why it is refused."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    data = data.removeprefix(b"\r\n")  # h11 does not skip an empty line (RFC 9112, section 2.2)
    if data:  # nothing would mean the end of the stream
        connection.receive_data(data)
    try:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            return None
        assert isinstance(event, h11.Request)
        message = Message(
            event.method.decode(),
            event.target.decode("latin1"),
            event.http_version.decode(),
            [(name.decode(), value.decode("latin1")) for name, value in event.headers],
        )
        body = b""
        while isinstance(event := connection.next_event(), h11.Data):
            body += event.data
        if isinstance(event, h11.EndOfMessage):
            message.body = body.decode("latin1")
            message.rest = connection.trailing_data[0].decode("latin1")
        return message
    except h11.RemoteProtocolError as error:
        return str(error)


def read_with_ours(requests: list[bytes]) -> list[Message | None | str]:
    assert TOOL.exists(), f"{TOOL} is not there: build it, or name its directory in CARILLON_BUILD"
    framed = b"".join(b"%d\n%s" % (len(request), request) for request in requests)
    printed = subprocess.run([TOOL], input=framed, capture_output=True, check=True).stdout
    return [as_message(json.loads(line)) for line in printed.splitlines()]


def as_message(answer: dict[str, Any]) -> Message | None | str:
    if "why" in answer:
        return answer["why"]
    if "method" not in answer:
        return None
    return Message(
        answer["method"],
        answer["target"],
        f"1.{answer['minor_version']}",
        [as_h11_has_it(name.lower(), value) for name, value in answer["headers"]],
        answer.get("body"),
        answer.get("rest"),
    )


def as_h11_has_it(name: str, value: str) -> tuple[str, str]:
    return name, value.lower() if name == "transfer-encoding" else value


def make_chunks(rng: random.Random) -> str:
    chunks = ""
    for _ in range(rng.randrange(3)):
        data = "".join(rng.choices("ab\r\n0;", k=rng.randrange(1, 20)))
        chunks += f"{len(data):x}{rng.choice(['', ';a=b'])}\r\n{data}\r\n"
    return chunks + "0\r\n" + rng.choice(["", "T: v\r\n"]) + "\r\n"


def make_valid(rng: random.Random) -> str:
    """A request that everybody must take, and perhaps the beginning of another one."""
    target = rng.choice(TARGETS)
    fields = dict(rng.sample(FIELDS, rng.randrange(5)))
    if "Connection" in fields:
        fields.pop("connection", None)
    head = f"{rng.choice(METHODS)} {target} HTTP/1.{rng.choice('0111')}\r\nHost: a.example:80\r\n"
    head += "".join(f"{name}:{rng.choice(['', ' '])}{value}\r\n" for name, value in fields.items())
    body = rng.choice(["", "hello", "chunked"])
    if body == "chunked" and "HTTP/1.1" in head:
        return head + "Transfer-Encoding: chunked\r\n\r\n" + make_chunks(rng) + "GET /"
    return head + f"Content-Length: {len(body)}\r\n\r\n{body}" + rng.choice(["", "GET /"])


def spoil(rng: random.Random, request: str) -> str:
    """What a fuzzer or an attacker makes of it: spice, cuts, doubled pieces, odd framing."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(request) + 1)
        match rng.randrange(6):
            case 0:
                request = request[:at] + rng.choice(SPICE) + request[at:]
            case 1:
                request = request[:at] + request[at + 1 :]
            case 2:
                request = request[:at] + rng.choice(SPICE) + request[at + 1 :]
            case 3:
                request = request[:at]
            case 4:
                end = request.find("\r\n") + 2
                request = request[:end] + rng.choice(FRAMING) + request[end:]
            case _:
                piece = request[at : at + rng.randrange(1, 30)]
                request = request[:at] + piece + request[at:]
    return request


def test_valid_requests_are_read_alike() -> None:
    rng = random.Random(1)
    requests = [make_valid(rng).encode("latin1") for _ in range(CASES // 10)]
    for request, ours in zip(requests, read_with_ours(requests), strict=True):
        theirs = read_with_h11(request)
        assert isinstance(theirs, Message) and theirs.body is not None, (request, theirs)
        assert ours == theirs, request


def test_spoilt_requests_are_refused_or_read_alike() -> None:
    rng = random.Random(2)
    requests = [spoil(rng, make_valid(rng)).encode("latin1") for _ in range(CASES)]
    accepted = 0
    for request, ours in zip(requests, read_with_ours(requests), strict=True):
        if isinstance(ours, str):
            continue
        theirs = read_with_h11(request)
        if ours is None:
            assert not isinstance(theirs, Message), request
            continue
        assert ours == theirs, request
        accepted += 1
    assert CASES // 20 < accepted < CASES  # neither everything nor nothing: the test has teeth
