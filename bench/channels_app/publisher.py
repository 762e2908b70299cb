"""The Django process that publishes, whoever serves the sockets: `uvicorn
channels_app.publisher:application`. Its event loop lives on, so its connection to Redis does, too.
"""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "channels_app.settings")
application = get_asgi_application()
