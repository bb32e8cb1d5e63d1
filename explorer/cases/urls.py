"""Addresses of the case studies."""

from __future__ import annotations

from django.urls import path

from explorer.cases import views

urlpatterns = [
    path("cases/", views.show_cases, name="cases"),
    path("cases/<str:slug>/", views.show_case, name="case"),
]
