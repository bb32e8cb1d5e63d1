"""Addresses of a lab's code and charts, and of kept runs."""

from __future__ import annotations

from django.urls import path

from explorer.labs import views

urlpatterns = [
    path("patterns/<str:slug>/code/", views.show_code, name="code"),
    path("patterns/<str:slug>/figures/<str:name>/", views.show_figure, name="figure"),
    path("patterns/<str:slug>/recorded/<str:tour>/", views.show_tour, name="tour"),
    path("runs/<uuid:pk>/", views.show_run, name="run"),
    path("runs/<uuid:pk>/delete/", views.delete_run, name="run-delete"),
    path("runs/<uuid:pk>/recording.json", views.download_recording, name="recording"),
    path("runs/<uuid:pk>/log.jsonl", views.download_log, name="run-log"),
    path("runs/<uuid:pk>/trace.json", views.download_trace, name="run-trace"),
]
