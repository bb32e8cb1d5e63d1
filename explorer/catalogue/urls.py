"""Addresses of the catalogue, and of what an operator or a search engine asks for."""

from __future__ import annotations

from django.urls import path

from explorer.catalogue import operations, views

urlpatterns = [
    path("", views.show_home, name="home"),
    path("patterns/<str:slug>/", views.show_pattern, name="pattern"),
    path("healthz", operations.show_health, name="healthz"),
    path("metrics", operations.show_metrics, name="metrics"),
    path("robots.txt", operations.show_robots, name="robots"),
    path("sitemap.xml", operations.show_sitemap, name="sitemap"),
]
