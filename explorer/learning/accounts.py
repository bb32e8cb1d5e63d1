"""An account, for who wants his record in another browser too: register, log in, log out. Nobody needs one."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm
from django.core.signing import get_cookie_signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from explorer.learning.record import adopt
from explorer.learning.visitors import COOKIE, SECONDS, get_or_create
from explorer.models import Visitor


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Make an account; what this browser has done so far belongs to it from now on."""
    form = UserCreationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        login(request, user)
        return _return_as(request, claim_visitor(str(request.visitor_id), user.pk))  # type: ignore[attr-defined]
    return _show(request, form, "Register", "register")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Log in; what this browser has done is added to the account."""
    form = AuthenticationForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        login(request, user)
        return _return_as(request, claim_visitor(str(request.visitor_id), user.pk))  # type: ignore[attr-defined]
    return _show(request, form, "Log in", "login")


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Log out; this browser begins anew, and the record waits with the account."""
    logout(request)
    response = redirect("progress")
    response.delete_cookie(COOKIE)
    return response


def claim_visitor(visitor_id: str, user_id: int) -> Visitor:
    """The visitor of an account. This browser's becomes it, or is merged into it if there is one already.

    A visitor that belongs to another account stays with that one.
    """
    with transaction.atomic():
        here = get_or_create(visitor_id)
        theirs = Visitor.objects.filter(user=user_id).first()
        if theirs is None:
            theirs = here if here and here.user_id is None else Visitor.objects.create()
            Visitor.objects.filter(pk=theirs.pk).update(user=user_id)
        elif here and here.user_id is None and str(here.pk) != str(theirs.pk):
            adopt(theirs, here)
    return theirs


def _return_as(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    response = redirect("progress")
    value = get_cookie_signer(salt=COOKIE).sign(str(visitor.pk))
    response.set_cookie(COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


def _show(request: HttpRequest, form: object, title: str, here: str) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "learning/sign_in.html", {"form": form, "heading": title, "here": here}, status=status)
