"""What can be asked of whom, as HTTP: one line for each type of message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from patterns.carriers.call import Request
from patterns.core.message import Message

API = {
    "ViewProduct": ("GET", "/product"),
    "QueryGraph": ("POST", "/graphql"),
    "PlaceOrder": ("POST", "/orders"),
    "RequestReport": ("POST", "/reports"),
    "GetStatus": ("GET", "/status"),
    "GetItem": ("GET", "/item"),
    "GetPrice": ("GET", "/price"),
    "GetPrices": ("GET", "/prices"),
    "GetReviews": ("GET", "/reviews"),
    "GetStock": ("GET", "/stock"),
    "GetRecommendations": ("GET", "/recommendations"),
    "GetList": ("GET", "/list"),
    "ReserveStock": ("POST", "/reservations"),
    "BuildReport": ("POST", "/reports"),
    "GetCached": ("GET", "/entries"),
    "PutCached": ("PUT", "/entries"),
    "Charge": ("POST", "/charges"),
    "Refund": ("POST", "/refunds"),
    "Reserve": ("POST", "/reservations"),
    "Ship": ("POST", "/parcels"),
    "SendEmail": ("POST", "/letters"),
    "Count": ("POST", "/counts"),
}

READS = tuple(kind for kind, (method, _) in API.items() if method == "GET")
"""What may be sent twice without harm."""


def to_request(message: Message, headers: Mapping[str, str]) -> Request:
    """The HTTP request that a message is: data in the query of a GET, in the body of the others."""
    method, path = API[message.type]
    if method == "GET":
        return Request(method, f"{path}?{urlencode(message.data)}", headers)
    return Request(method, path, headers, dict(message.data))


def data_of(request: Request) -> dict[str, Any]:
    """What a request says, wherever it says it. Values from a query are text."""
    return dict(parse_qsl(urlsplit(request.path).query)) | (request.body or {})
