"""What an event may hold, and what becomes of it."""

import datetime
import decimal
import enum
import math
import uuid
from types import MappingProxyType
from typing import Any

import pytest

from carillon._values import DEPTH_MAX, json_bytes, plain


class Colour(enum.Enum):
    RED = "red"


class Number(enum.IntEnum):
    SEVEN = 7


class Text(str):
    """As Django's SafeString is one."""


UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (Text("a"), "a"),
        (Number.SEVEN, 7),
        (Colour.RED, "red"),
        (-(2**63), -(2**63)),
        (2**64 - 1, 2**64 - 1),
        (1.5, 1.5),
        (math.inf, None),
        (math.nan, None),
        (bytearray(b"\x00\xff"), b"\x00\xff"),
        ((1, (2,)), [1, [2]]),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (decimal.Decimal("9.50"), "9.50"),
        (uuid.UUID(int=7), "00000000-0000-0000-0000-000000000007"),
        (datetime.date(2026, 11, 28), "2026-11-28"),
        (datetime.time(1, 2, 3), "01:02:03"),
        (datetime.datetime(2026, 11, 28, 1, 2, 3, tzinfo=UTC), "2026-11-28T01:02:03Z"),
        (datetime.datetime(2026, 11, 28, 1, 2, 3, 4567), "2026-11-28T01:02:03.004"),
        (datetime.timedelta(days=1, seconds=7384, microseconds=5), "P1DT02H03M04.000005S"),
        (datetime.timedelta(seconds=-1), "-P0DT00H00M01S"),
    ],
)
def test_a_value_becomes_one_of_json(value: object, expected: object) -> None:
    copy = plain(value)
    assert copy == expected
    assert type(copy) is type(expected)


def test_times_read_as_those_of_djangos_own_encoder() -> None:
    from django.core.serializers.json import DjangoJSONEncoder

    encoder = DjangoJSONEncoder()
    zone = datetime.timezone(datetime.timedelta(hours=2))
    for value in (
        datetime.datetime(2026, 11, 28, 1, 2, 3, 4567, tzinfo=UTC),
        datetime.datetime(2026, 11, 28, 1, 2, 3, tzinfo=zone),
        datetime.time(1, 2, 3, 4567),
        datetime.timedelta(days=-3, seconds=5, microseconds=70),
    ):
        assert plain(value) == encoder.default(value)


def test_the_copy_does_not_follow_the_original() -> None:
    original: dict[str, Any] = {"rows": [{"points": 1}]}
    copy = plain(original)
    original["rows"][0]["points"] = 2
    assert copy == {"rows": [{"points": 1}]}


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ({1: "a"}, TypeError, "keys of an event are strings"),
        ({"a": {"b": object()}}, TypeError, r"data\.a\.b is a builtins\.object"),
        ({"a": [{1, 2}]}, TypeError, r"data\.a\[0\] is a builtins\.set"),
        (2**64, ValueError, "beyond 64 bits"),
        (-(2**63) - 1, ValueError, "beyond 64 bits"),
        ("\ud800", ValueError, "surrogate"),
        (datetime.time(1, tzinfo=UTC), ValueError, "time zone"),
    ],
)
def test_what_no_event_can_hold_is_named(value: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        plain(value)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_depth_has_a_limit_with_two_sides() -> None:
    assert plain(nested(DEPTH_MAX)) == nested(DEPTH_MAX)
    with pytest.raises(ValueError, match=f"more than {DEPTH_MAX} levels"):
        plain(nested(DEPTH_MAX + 1))


def test_json_has_bytes_as_base64_and_text_as_it_is() -> None:
    assert json_bytes(plain({"a": b"\x00\xff", "b": "é"})) == '{"a":"AP8=","b":"é"}'.encode()


def test_json_takes_only_what_was_made_plain() -> None:
    with pytest.raises(TypeError, match="was not made plain"):
        json_bytes({"a": {1}})
