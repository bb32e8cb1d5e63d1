"""Addresses of claims, of the ledger of all claims, and of comparisons."""

from __future__ import annotations

from django.urls import path

from explorer.experiments import compare, ledger, views

CLAIM = "patterns/<str:slug>/experiments/<str:claim>/"

urlpatterns = [
    path(CLAIM, views.show_claim, name="experiment"),
    path(f"{CLAIM}run/", views.run_claim, name="experiment-run"),
    path(f"{CLAIM}state/<uuid:pk>/", views.show_state, name="experiment-state"),
    path(f"{CLAIM}live/<uuid:pk>/", views.show_live, name="experiment-live"),
    path(f"{CLAIM}stop/<uuid:pk>/", views.stop_run, name="experiment-stop"),
    path("claims/", ledger.show_claims, name="claims"),
    path("claims.csv", ledger.download_claims, name="claims-csv"),
    path("compare/", compare.show_comparison, name="compare"),
    path("compare/run/", compare.run_comparison, name="compare-run"),
    path("compare/live/<uuid:pk>/", compare.follow_comparison, name="compare-live"),
    path("compare/stop/<uuid:pk>/", compare.stop_comparison, name="compare-stop"),
]
