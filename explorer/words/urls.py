"""Addresses of the glossary."""

from __future__ import annotations

from django.urls import path

from explorer.words import views

urlpatterns = [
    path("glossary/", views.show_glossary, name="glossary"),
    path("glossary/words/<str:product>.json", views.show_words, name="words"),
]
