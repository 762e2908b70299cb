"""One channel layer, as Django's settings and as Carillon's environment say it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

BACKENDS = {
    "core": "channels_redis.core.RedisChannelLayer",
    "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


@dataclass(frozen=True)
class LayerSettings:
    """What is not given stays at the default on both sides."""

    hosts: tuple[str, ...] = ()
    sentinels: tuple[tuple[str, int], ...] = ()
    sentinel_master: str = ""
    backend: str = "core"
    serializer: str = ""
    keys: tuple[str, ...] = ()
    prefix: str = ""
    random_prefix_length: int | None = None
    expiry_s: int | None = None
    group_expiry_s: int | None = None
    capacities: Mapping[str, int] = field(default_factory=dict)

    def for_django(self) -> dict[str, Any]:
        """An entry of CHANNEL_LAYERS."""
        hosts: list[Any] = list(self.hosts)
        if self.sentinels:
            hosts = [{"sentinels": self.sentinels, "master_name": self.sentinel_master}]
        options = {
            "serializer_format": self.serializer,
            "symmetric_encryption_keys": list(self.keys),
            "prefix": self.prefix,
            "random_prefix_length": self.random_prefix_length,
            "expiry": self.expiry_s,
            "group_expiry": self.group_expiry_s,
            "channel_capacity": dict(self.capacities),
        }
        given = {name: value for name, value in options.items() if value not in (None, "", [], {})}
        return {"BACKEND": BACKENDS[self.backend], "CONFIG": {"hosts": hosts, **given}}

    def for_carillon(self) -> dict[str, str]:
        """The environment of `carillon serve`."""
        listed = [f"{glob}={number}" for glob, number in self.capacities.items()]
        options = {
            "CARILLON_LAYER_BACKEND": self.backend,
            "CARILLON_LAYER_SENTINELS": ",".join(f"{host}:{port}" for host, port in self.sentinels),
            "CARILLON_LAYER_SENTINEL_MASTER": self.sentinel_master,
            "CARILLON_LAYER_SERIALIZER": self.serializer,
            "CARILLON_LAYER_KEYS": ",".join(self.keys),
            "CARILLON_LAYER_PREFIX": self.prefix,
            "CARILLON_LAYER_RANDOM_PREFIX_LENGTH": self.random_prefix_length,
            "CARILLON_CHANNEL_EXPIRY": self.expiry_s and f"{self.expiry_s}s",
            "CARILLON_GROUP_EXPIRY": self.group_expiry_s and f"{self.group_expiry_s}s",
            "CARILLON_LAYER_CHANNEL_CAPACITIES": ",".join(listed),
        }
        if len(self.hosts) == 1:
            options["REDIS_URL"] = self.hosts[0]
        else:
            options["CARILLON_LAYER_HOSTS"] = ",".join(self.hosts)
        return {name: str(value) for name, value in options.items() if value not in (None, "")}
