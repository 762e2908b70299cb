"""What an event may hold: the values of JSON, and bytes.

`plain` copies a value into dictionaries, lists and Python's own scalars, so that it means the
same through every transport and no longer changes when the caller's objects do. It converts what
Django's own JSON encoder converts (dates, decimals, UUIDs), and refuses the rest by name.
"""

import base64
import datetime
import decimal
import enum
import json
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any

# Levels of lists and mappings, the event itself being the first. The server reads 64 of them.
DEPTH_MAX = 60
INTEGER_MIN, INTEGER_MAX = -(2**63), 2**64 - 1

# Turns a value that is not of JSON into one that is, or returns it as it was.
Convert = Callable[[Any], Any]
_converters: list[Convert] = []


def add_converter(convert: Convert) -> None:
    """Teaches `plain` one more type: `convert(value)` returns something else, or `value` itself.

    `carillon.django` adds lazy translations and querysets of values in this way.
    """
    if convert not in _converters:
        _converters.append(convert)


def plain(value: Any, where: str = "data", depth: int = 1) -> Any:
    """A copy of `value` in JSON's own types; `where` names it in the error's text."""
    if value is None or value is True or value is False:
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value, where, depth)
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, int):
        return _integer(int(value), where)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, Mapping):
        return _mapping(value, where, depth)
    if isinstance(value, (list, tuple)):
        _check_depth(depth, where)
        return [plain(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    return _converted(value, where, depth)


def _text(value: str, where: str) -> str:
    text = str.__str__(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where} holds half of a surrogate pair, which is no text") from None
    return text


def _integer(value: int, where: str) -> int:
    if not INTEGER_MIN <= value <= INTEGER_MAX:
        raise ValueError(f"{where} is an integer beyond 64 bits: send it as a string")
    return value


def _check_depth(depth: int, where: str) -> None:
    if depth > DEPTH_MAX:
        raise ValueError(f"{where} is nested more than {DEPTH_MAX} levels deep")


def _mapping(value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
    _check_depth(depth, where)
    copy: dict[str, Any] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise TypeError(f"{where} has the key {key!r}: the keys of an event are strings")
        copy[_text(key, f"a key of {where}")] = plain(item, f"{where}.{key}", depth + 1)
    return copy


def _converted(value: Any, where: str, depth: int) -> Any:
    if isinstance(value, datetime.datetime):
        return _time_text(value)
    if isinstance(value, datetime.time):
        if value.tzinfo is not None:
            raise ValueError(f"{where} is a time of day with a time zone: send a datetime")
        return _time_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _duration_text(value)
    if isinstance(value, (decimal.Decimal, uuid.UUID)):
        return str(value)
    for convert in _converters:
        converted = convert(value)
        if converted is not value:
            return plain(converted, where, depth)
    kind = type(value)
    raise TypeError(
        f"{where} is a {kind.__module__}.{kind.__qualname__}, which no event can hold: "
        "send its fields, as numbers, strings, lists and dictionaries"
    )


def _time_text(value: datetime.datetime | datetime.time) -> str:
    """As Django's encoder has it: milliseconds, and Z for UTC."""
    text = value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _duration_text(value: datetime.timedelta) -> str:
    """ISO 8601, as Django's encoder has it: P1DT02H03M04.000005S."""
    sign = "-" if value < datetime.timedelta(0) else ""
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{value.microseconds:06d}" if value.microseconds else ""
    return f"{sign}P{value.days}DT{hours:02d}H{minutes:02d}M{seconds:02d}{fraction}S"


def json_bytes(value: Any) -> bytes:
    """JSON of what `plain` made; bytes become base64, as the server itself renders them."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_base64).encode()


def _base64(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__qualname__} was not made plain")
