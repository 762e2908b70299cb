"""The settings of `carillon serve` that follow from Django's, as its environment.

What the environment already says under a name that begins with CARILLON_ is left as it is.
"""

import datetime
import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from django.conf import settings

from .._exceptions import ConfigurationError
from . import conf
from .checks import CORE, IN_MEMORY, PUBSUB

Environment = dict[str, str]


def server_environment(carillon: conf.Settings | None = None) -> Environment:
    """This process's environment, and what Django's settings add to it for the server.

    ConfigurationError where Django has something that Carillon cannot have."""
    carillon = carillon or conf.load()
    derived = {
        "SECRET_KEY": str(settings.SECRET_KEY),
        "DEBUG": "true" if settings.DEBUG else "false",
        "ALLOWED_HOSTS": _list("ALLOWED_HOSTS", settings.ALLOWED_HOSTS),
        "CORS_ALLOWED_ORIGINS": _list(
            "CORS_ALLOWED_ORIGINS", getattr(settings, "CORS_ALLOWED_ORIGINS", ())
        ),
        **_token_environment(),
        **layer_environment(conf.channel_layers().get(carillon.channel_layer)),
    }
    if carillon.api_key:
        derived["CARILLON_API_KEYS"] = carillon.api_key
    if carillon.session_url:
        derived["CARILLON_AUTH_HTTP_URL"] = carillon.session_url
        derived["CARILLON_AUTH_HTTP_COOKIES"] = settings.SESSION_COOKIE_NAME
    inherited = {name: value for name, value in os.environ.items() if name not in _OUR_OWN}
    explicit = {name: value for name, value in inherited.items() if name.startswith("CARILLON_")}
    return {**inherited, **derived, **explicit}


# What this package reads and the server would warn of.
_OUR_OWN = ("CARILLON_API_KEY", "CARILLON_BIN", "CARILLON_URL")


def layer_environment(layer: Mapping[str, Any] | None) -> Environment:
    """One entry of CHANNEL_LAYERS; none, and one in memory, mean the server's own memory."""
    backend = layer.get("BACKEND") if layer else IN_MEMORY
    if backend == IN_MEMORY:
        return {"CARILLON_LAYER": "memory"}
    if layer is None or backend not in (CORE, PUBSUB):
        raise ConfigurationError(f"Carillon shares no channel layer of the kind {backend}")
    config: Mapping[str, Any] = layer.get("CONFIG", {})
    found = {
        "CARILLON_LAYER_BACKEND": "core" if backend == CORE else "pubsub",
        **_hosts_environment(config.get("hosts") or ["redis://localhost:6379"]),
    }
    for name, key in _LAYER_NAMES.items():
        if key in config:
            found[name] = str(config[key])
    keys = config.get("symmetric_encryption_keys") or ()
    if keys:
        found["CARILLON_LAYER_KEYS"] = _list("symmetric_encryption_keys", map(_text, keys))
    if "channel_capacity" in config:
        found["CARILLON_LAYER_CHANNEL_CAPACITIES"] = _capacities(config["channel_capacity"])
    for name, key in (
        ("CARILLON_CHANNEL_EXPIRY", "expiry"),
        ("CARILLON_GROUP_EXPIRY", "group_expiry"),
    ):
        if key in config:
            found[name] = f"{int(config[key])}s"
    return found


_LAYER_NAMES = {
    "CARILLON_LAYER_PREFIX": "prefix",
    "CARILLON_LAYER_SERIALIZER": "serializer_format",
    "CARILLON_LAYER_RANDOM_PREFIX_LENGTH": "random_prefix_length",
    "CARILLON_CHANNEL_CAPACITY": "capacity",
}


def _hosts_environment(hosts: Any) -> Environment:
    if isinstance(hosts, (str, bytes)):
        raise ConfigurationError("CHANNEL_LAYERS: hosts must be a list, even of one")
    if len(hosts) == 1 and isinstance(hosts[0], Mapping) and "sentinels" in hosts[0]:
        return _sentinel_environment(hosts[0])
    urls = [host_url(host) for host in hosts]
    if len(urls) == 1:
        return {"CARILLON_LAYER": urls[0]}
    return {"CARILLON_LAYER_HOSTS": _list("hosts", urls)}


def host_url(host: Any) -> str:
    """One of `hosts` as a URL, whichever of its forms Channels was given."""
    if isinstance(host, str):
        return host
    if isinstance(host, (tuple, list)):
        return f"redis://{host[0]}:{host[1]}"
    if not isinstance(host, Mapping):
        raise ConfigurationError(f"CHANNEL_LAYERS: a host cannot be a {type(host).__qualname__}")
    if "sentinels" in host:
        raise ConfigurationError(
            "CHANNEL_LAYERS: Sentinel among several hosts goes into carillon.toml, not into "
            "the environment"
        )
    if "address" in host:
        rest = {key: value for key, value in host.items() if key != "address"}
        return _with_options(str(host["address"]), rest)
    return _url_of_parts(host)


def _url_of_parts(host: Mapping[str, Any]) -> str:
    rest = dict(host)
    user, password = rest.pop("username", None) or "", rest.pop("password", None)
    login = quote(str(user), safe="")
    if password is not None:
        login += f":{quote(str(password), safe='')}"
    login += "@" if login else ""
    path = rest.pop("path", None) or rest.pop("unix_socket_path", None)
    if path is not None:
        return _with_options(f"unix://{login}{quote(str(path))}", rest)
    scheme = "rediss" if rest.pop("ssl", False) else "redis"
    name, port = str(rest.pop("host", "localhost")), int(rest.pop("port", 6379))
    name = f"[{name}]" if ":" in name else name
    return _with_options(f"{scheme}://{login}{name}:{port}", rest)


def _with_options(url: str, options: Mapping[str, Any]) -> str:
    # None is redis-py's default, but for this one: no verification.
    texts = {
        name: "none" if value is None else str(value)
        for name, value in options.items()
        if value is not None or name == "ssl_cert_reqs"
    }
    if not texts:
        return url
    query = "&".join(f"{quote(name)}={quote(text, safe='')}" for name, text in texts.items())
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _sentinel_environment(host: Mapping[str, Any]) -> Environment:
    rest = dict(host)
    sentinels = [f"{name}:{port}" for name, port in rest.pop("sentinels")]
    found = {
        "CARILLON_LAYER_SENTINELS": _list("sentinels", sentinels),
        "CARILLON_LAYER_SENTINEL_MASTER": str(rest.pop("master_name")),
    }
    login = rest.pop("sentinel_kwargs", None) or {}
    if "username" in login:
        found["CARILLON_LAYER_SENTINEL_USER"] = str(login["username"])
    if "password" in login:
        found["CARILLON_LAYER_SENTINEL_PASSWORD"] = str(login["password"])
    # Host and port mean nothing here: user, password and database are those of the master.
    found["CARILLON_LAYER"] = _url_of_parts(rest)
    return found


def _token_environment() -> Environment:
    """What djangorestframework-simplejwt was told, where it differs from its defaults."""
    simplejwt: Mapping[str, Any] = getattr(settings, "SIMPLE_JWT", {})
    found = {}
    if simplejwt.get("SIGNING_KEY") and str(simplejwt.get("ALGORITHM", "HS256")).startswith("HS"):
        found["SECRET_KEY"] = _text(simplejwt["SIGNING_KEY"])
    for name, key in _TOKEN_NAMES.items():
        if simplejwt.get(key):
            found[name] = str(simplejwt[key])
    leeway = simplejwt.get("LEEWAY")
    if leeway:
        is_delta = isinstance(leeway, datetime.timedelta)
        found["CARILLON_AUTH_LEEWAY"] = f"{int(leeway.total_seconds() if is_delta else leeway)}s"
    return found


_TOKEN_NAMES = {
    "CARILLON_AUTH_ALGORITHMS": "ALGORITHM",
    "CARILLON_AUTH_USER_ID_CLAIM": "USER_ID_CLAIM",
    "CARILLON_AUTH_ISSUER": "ISSUER",
    "CARILLON_AUTH_AUDIENCE": "AUDIENCE",
}


def _capacities(patterns: Any) -> str:
    pairs = patterns.items() if hasattr(patterns, "items") else patterns
    items = []
    for pattern, capacity in pairs:
        if not isinstance(pattern, str):
            raise ConfigurationError(
                "CHANNEL_LAYERS: Carillon reads a channel_capacity of globs, not of compiled "
                "expressions"
            )
        items.append(f"{pattern}={int(capacity)}")
    return _list("channel_capacity", items)


def _list(name: str, items: Iterable[Any]) -> str:
    texts = [str(item) for item in items]
    if any("," in text for text in texts):
        raise ConfigurationError(
            f"an item of {name} holds a comma, which the environment cannot carry: "
            "put it into carillon.toml, and that beside manage.py"
        )
    return ",".join(texts)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
