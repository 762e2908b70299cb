"""RFC 6455 and RFC 7692 from the client's side: fragments, broken frames, sizes, bombs."""

import json
import struct
import zlib

import pytest

from tests.support import tokens, ws
from tests.support.server import Server

PATH = "/ws/leaderboard/"
DEFLATE = [("Sec-WebSocket-Extensions", "permessage-deflate")]
LIMIT = 65_536


def opened(server: Server, deflate: bool = False) -> ws.WebSocket:
    socket = server.connect(PATH, tokens.student(), DEFLATE if deflate else ())
    assert socket.read_json() == {"type": "connection_established"}
    return socket


def close_after(server: Server, *frames: bytes, deflate: bool = False) -> ws.Closed:
    """Sends `frames` and reads the close; the stream must then end properly."""
    with opened(server, deflate) as socket:
        socket.send_raw(b"".join(frames))
        closed = socket.read_close()
        socket.send_frame(ws.CLOSE, ws.close_payload(closed.code or 1000))
        assert socket.connection.ended()
        return closed


def ping_of(size: int) -> bytes:
    """A ping message of exactly that many bytes."""
    shell = len(b'{"type":"ping","timestamp":""}')
    return b'{"type":"ping","timestamp":"' + b"x" * (size - shell) + b'"}'


# ---- what is legal ----


@pytest.mark.parametrize("size", [125, 126, 127, 65_535, 65_536])
def test_each_length_form(server: Server, size: int) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.TEXT, ping_of(size))
        assert len(socket.read_json()["timestamp"]) == size - 30


def test_a_frame_may_come_byte_by_byte(server: Server) -> None:
    with opened(server) as socket:
        for byte in ws.frame_bytes(ws.TEXT, ping_of(200)):
            socket.send_raw(bytes([byte]))
        assert socket.read_json()["type"] == "pong"


def test_many_frames_may_come_at_once(server: Server) -> None:
    with opened(server) as socket:
        socket.send_raw(
            b"".join(
                ws.frame_bytes(ws.TEXT, b'{"type":"ping","timestamp":%d}' % n) for n in range(30)
            )
        )
        assert [socket.read_json()["timestamp"] for _ in range(30)] == list(range(30))


@pytest.mark.parametrize("mask", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x00\x01\x80\xfe"])
def test_any_mask(server: Server, mask: bytes) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.TEXT, ping_of(1000), mask=mask)
        assert socket.read_json()["type"] == "pong"


def test_fragments_with_control_frames_between(server: Server) -> None:
    text = '{"type":"ping","timestamp":"äöü漢"}'.encode()
    with opened(server) as socket:
        socket.send_frame(ws.TEXT, text[:1], fin=False)
        for index in range(1, len(text) - 1):  # splits characters, too
            socket.send_frame(ws.CONTINUATION, text[index : index + 1], fin=False)
            if index % 10 == 0:
                socket.send_frame(ws.PING, b"between")
                assert socket.read_frame() == ws.Frame(ws.PONG, b"between")
        socket.send_frame(ws.CONTINUATION, b"", fin=False)
        socket.send_frame(ws.CONTINUATION, text[-1:])
        assert socket.read_json() == {"type": "pong", "timestamp": "äöü漢"}


@pytest.mark.parametrize("payload", [b"", b"x", bytes(range(125))])
def test_ping_frames_are_answered_with_their_payload(server: Server, payload: bytes) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.PING, payload)
        assert socket.read_frame() == ws.Frame(ws.PONG, payload)


def test_unasked_pongs_are_ignored(server: Server) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.PONG, b"unasked")
        assert socket.ping(1) == {"type": "pong", "timestamp": 1}


# ---- what breaks the protocol: 1002 ----

TEXT_PING = b'{"type":"ping"}'
BROKEN = {
    "unmasked": [ws.frame_bytes(ws.TEXT, TEXT_PING, mask=None)],
    "unmasked control": [ws.frame_bytes(ws.PING, b"", mask=None)],
    "rsv1 not agreed": [ws.frame_bytes(ws.TEXT, TEXT_PING, rsv=4)],
    "rsv2": [ws.frame_bytes(ws.TEXT, TEXT_PING, rsv=2)],
    "rsv3": [ws.frame_bytes(ws.TEXT, TEXT_PING, rsv=1)],
    "all rsv on a control frame": [ws.frame_bytes(ws.PING, b"", rsv=7)],
    "control in fragments": [ws.frame_bytes(ws.PING, b"", fin=False)],
    "close in fragments": [ws.frame_bytes(ws.CLOSE, ws.close_payload(1000), fin=False)],
    "control of 126 bytes": [ws.frame_bytes(ws.PING, bytes(126))],
    "continuation of nothing": [ws.frame_bytes(ws.CONTINUATION, b"x")],
    "continuation after the end": [
        ws.frame_bytes(ws.TEXT, TEXT_PING),
        ws.frame_bytes(ws.CONTINUATION, b"x"),
    ],
    "text inside a message": [
        ws.frame_bytes(ws.TEXT, b"{", fin=False),
        ws.frame_bytes(ws.TEXT, TEXT_PING),
    ],
    "a length of 64 bits": [b"\x81\xff" + struct.pack(">Q", 1 << 63) + b"abcd"],
    "close of one byte": [ws.frame_bytes(ws.CLOSE, b"\x03")],
    **{f"opcode {code}": [ws.frame_bytes(code, b"")] for code in (3, 4, 5, 6, 7, 11, 12, 15)},
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_frames(server: Server, case: str) -> None:
    assert close_after(server, *BROKEN[case]) == ws.goodbye(1002)


def test_the_rest_notices_nothing(server: Server) -> None:
    with opened(server) as witness:
        for frames in BROKEN.values():
            close_after(server, *frames)
        assert witness.ping(1) == {"type": "pong", "timestamp": 1}


@pytest.mark.parametrize("compressed", [False, True])
def test_rsv1_belongs_to_the_first_frame(server: Server, compressed: bool) -> None:
    data = ws.deflate(TEXT_PING)
    frames = [
        ws.frame_bytes(ws.TEXT, data[:4] if compressed else b"{", rsv=4 * compressed, fin=False),
        ws.frame_bytes(ws.CONTINUATION, data[4:], rsv=4),
    ]
    assert close_after(server, *frames, deflate=True).code == 1002
    assert close_after(server, ws.frame_bytes(ws.PING, b"", rsv=4), deflate=True).code == 1002


# ---- what is not text: 1003 and 1007 ----


def test_binary_is_not_for_here(server: Server) -> None:
    assert close_after(server, ws.frame_bytes(ws.BINARY, b"{}")) == ws.goodbye(1003)


def test_binary_is_refused_by_its_header(server: Server) -> None:
    """The client need not send the payload to learn that nobody wants it."""
    with opened(server) as socket:
        socket.send_raw(ws.frame_bytes(ws.BINARY, bytes(1000))[:8])
        assert socket.read_close().code == 1003


INVALID = {
    "a lone continuation byte": b"\x80",
    "an overlong form": b"\xc0\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "beyond unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "cut short": b"abc\xe2\x82",
    "latin-1": "äöü".encode("latin-1"),
}


@pytest.mark.parametrize("case", INVALID)
def test_invalid_utf8(server: Server, case: str) -> None:
    assert close_after(server, ws.frame_bytes(ws.TEXT, INVALID[case])) == ws.goodbye(1007)


def test_invalid_utf8_is_found_before_the_message_ends(server: Server) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.TEXT, b'{"a":"\xff', fin=False)
        assert socket.read_close().code == 1007
    with opened(server) as socket:
        frame = ws.frame_bytes(ws.TEXT, b"\xff" + bytes(1000))
        socket.send_raw(frame[:20])
        assert socket.read_close().code == 1007


def test_invalid_utf8_across_fragments(server: Server) -> None:
    frames = [
        ws.frame_bytes(ws.TEXT, b'"\xe2\x82', fin=False),
        ws.frame_bytes(ws.CONTINUATION, b'"'),
    ]
    assert close_after(server, *frames).code == 1007


def test_invalid_utf8_under_compression(server: Server) -> None:
    frame = ws.frame_bytes(ws.TEXT, ws.deflate(b'"\xff\xff"'), rsv=4)
    assert close_after(server, frame, deflate=True).code == 1007


# ---- sizes: 1009 ----


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("pieces", [1, 7])
def test_the_longest_message(server: Server, compressed: bool, pieces: int) -> None:
    for size, fits in ((LIMIT, True), (LIMIT + 1, False)):
        data = ping_of(size)
        if compressed:
            data = ws.deflate(data)
        step = -(-len(data) // pieces)
        parts = [data[i : i + step] for i in range(0, len(data), step)]
        frames = [
            ws.frame_bytes(
                ws.TEXT if i == 0 else ws.CONTINUATION,
                part,
                fin=i == len(parts) - 1,
                rsv=4 if compressed and i == 0 else 0,
            )
            for i, part in enumerate(parts)
        ]
        if fits:
            with opened(server, compressed) as socket:
                socket.send_raw(b"".join(frames))
                assert len(socket.read_json()["timestamp"]) == size - 30
        else:
            assert close_after(server, *frames, deflate=compressed) == ws.goodbye(1009)


def test_a_length_over_the_limit_is_refused_by_its_header(server: Server) -> None:
    with opened(server) as socket:
        socket.send_raw(b"\x81\xff" + struct.pack(">Q", 1 << 40) + b"abcd")
        assert socket.read_close().code == 1009


def test_fragments_that_never_end(server: Server) -> None:
    with opened(server) as socket:
        socket.send_frame(ws.TEXT, b"x", fin=False)
        chunk = ws.frame_bytes(ws.CONTINUATION, b"x" * 10_000, fin=False)
        socket.send_raw(chunk * 8)
        assert socket.read_close().code == 1009


# ---- compression ----


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    data = b"".join(packer.compress(block) for _ in range(size >> 20))
    return (data + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def test_a_bomb_does_not_go_off(server: Server) -> None:
    small = bomb(32 << 20)
    assert len(small) < LIMIT
    frame = ws.frame_bytes(ws.TEXT, small, rsv=4)
    close_after(server, frame, deflate=True)
    before = server.private_bytes()
    for _ in range(20):
        assert close_after(server, frame, deflate=True) == ws.goodbye(1009)
    assert server.private_bytes() - before < 16 << 20


@pytest.mark.parametrize("ending", [zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_FINISH])
def test_each_way_to_end_a_compressed_message(server: Server, ending: int) -> None:
    """A last block (BFINAL) is legal, if unusual: RFC 7692 §7.2.3.4."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(ping_of(500)) + packer.flush(ending)
    data = data + b"\x00" if ending == zlib.Z_FINISH else data[:-4]
    with opened(server, deflate=True) as socket:
        for _ in range(3):
            socket.send_frame(ws.TEXT, data, rsv=4)
            assert socket.read_json()["type"] == "pong"


@pytest.mark.parametrize("level", [0, 1, 9])
def test_compressed_and_plain_messages_may_mix(server: Server, level: int) -> None:
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    data = (packer.compress(TEXT_PING) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
    with opened(server, deflate=True) as socket:
        for _ in range(3):
            socket.send_frame(ws.TEXT, data, rsv=4)
            socket.send_frame(ws.TEXT, TEXT_PING)
            assert [socket.read_json()["type"] for _ in range(2)] == ["pong", "pong"]


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x06", ws.deflate(TEXT_PING)[:-3]])
def test_what_does_not_inflate(server: Server, data: bytes) -> None:
    with opened(server, deflate=True) as socket:
        socket.send_frame(ws.TEXT, data, rsv=4)
        frame = socket.read_message()
        # Bytes that end early may still be a text, if not JSON.
        if frame.opcode == ws.TEXT:
            assert json.loads(frame.payload)["code"] == "invalid_json"
        else:
            assert ws.closed_of(frame).code in (1002, 1007)
