"""Addresses of the paths."""

from __future__ import annotations

from django.urls import path

from explorer.paths import views

urlpatterns = [
    path("paths/", views.show_paths, name="paths"),
    path("paths/tick/", views.tick, name="tick"),
]
