"""Address of the search."""

from __future__ import annotations

from django.urls import path

from explorer.search import views

urlpatterns = [path("search/", views.show_search, name="search")]
