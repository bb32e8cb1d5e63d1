"""Who a visitor is: a signed cookie with a random id. He needs no account, and no row until he keeps something."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from django.core.signing import BadSignature, get_cookie_signer
from django.http import HttpRequest, HttpResponse

from explorer.models import Visitor

COOKIE = "visitor"
SECONDS = 400 * 24 * 3600
"""The longest a browser keeps a cookie."""


class VisitorCookie:
    """Gives everyone who gets a page an id, as `request.visitor_id`, before the page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        known = read_visitor(request.COOKIES.get(COOKIE, ""))
        request.visitor_id = known or str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        # a file or a machine's page needs no visitor, and with a cookie no proxy would keep it
        if not known and response.headers.get("Content-Type", "").startswith("text/html"):
            value = get_cookie_signer(salt=COOKIE).sign(request.visitor_id)  # type: ignore[attr-defined]
            response.set_cookie(
                COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
            )
        return response


def read_visitor(cookie: str) -> str:
    """Return the id in a cookie's value, or "" if it is absent or not ours."""
    try:
        return str(uuid.UUID(get_cookie_signer(salt=COOKIE).unsign(cookie)))
    except (BadSignature, ValueError):
        return ""


def read_scope(scope: dict[str, Any]) -> str:
    """Return the id in the cookies of a socket's handshake, or ""."""
    header = b"; ".join(value for name, value in scope.get("headers", []) if name == b"cookie")
    try:
        morsel = SimpleCookie(header.decode("latin1")).get(COOKIE)
    except CookieError:
        return ""
    return read_visitor(morsel.value) if morsel is not None else ""


def get_or_create(visitor_id: str) -> Visitor | None:
    """Return the row of a visitor, made now if this is the first thing he keeps; None for nobody."""
    return Visitor.objects.get_or_create(id=visitor_id)[0] if visitor_id else None
