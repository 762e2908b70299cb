"""The project with the channel layers that a test names, CHANNEL_LAYERS as JSON, and no cache."""

import json
import os

from config.settings import *  # noqa: F403

CHANNEL_LAYERS = json.loads(os.environ["CHANNEL_LAYERS"])
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
