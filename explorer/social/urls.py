"""Addresses of the pictures of pages."""

from __future__ import annotations

from django.urls import path

from explorer.social import views

urlpatterns = [
    path("social/<slug:kind>.png", views.show_card, name="social"),
    path("social/<slug:kind>/<str:slug>.png", views.show_card, name="social"),
]
