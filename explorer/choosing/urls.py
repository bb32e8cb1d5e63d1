"""Addresses of the decision guide."""

from __future__ import annotations

from django.urls import path

from explorer.choosing import views

urlpatterns = [
    path("choose/", views.show_guide, name="choose"),
    path("choose/record.md", views.download_record, name="decision-record"),
]
