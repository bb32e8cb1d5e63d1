"""The ASGI application: pages by HTTP, labs by WebSocket."""

from __future__ import annotations

import os
import sys

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "explorer.settings")
# Page views run in threads. With the default of 5 ms between switches, a wave of them keeps the loop that writes frames
# from running for seconds.
sys.setswitchinterval(1e-4)

pages = get_asgi_application()

# Only now: consumers import models, which need the apps that the line above has loaded.
from explorer.labs.routing import websocket_urlpatterns  # noqa: E402
from explorer.origin import SameOrigin  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": SameOrigin(URLRouter(websocket_urlpatterns)),
    }
)
