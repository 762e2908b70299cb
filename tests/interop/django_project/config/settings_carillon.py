"""The project after the move: what is different when Carillon serves /ws/ in Daphne's place.

The views, the signals, the tasks and apps/realtime/utils.py stay as they were; consumers.py,
routing.py and middleware.py have no more callers.
"""

from config.settings import *  # noqa: F403
from config.settings import CHANNEL_LAYERS, INSTALLED_APPS

# Django serves HTTP alone again, through WSGI: `runserver`, gunicorn, as before Channels.
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "daphne"]

# A Carillon node reads all its groups from one channel, so that one must hold a burst for all.
CHANNEL_LAYERS["default"]["CONFIG"]["channel_capacity"] = {"gw.*": 10_000}
