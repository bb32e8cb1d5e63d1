"""Every address of the site; each slice declares its own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("explorer.catalogue.urls")),
    path("", include("explorer.labs.urls")),
    path("", include("explorer.cases.urls")),
    path("", include("explorer.experiments.urls")),
    path("", include("explorer.quizzes.urls")),
    path("", include("explorer.learning.urls")),
    path("", include("explorer.words.urls")),
    path("", include("explorer.search.urls")),
    path("", include("explorer.choosing.urls")),
    path("", include("explorer.paths.urls")),
    path("", include("explorer.social.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "explorer.catalogue.errors.show_not_found"
handler500 = "explorer.catalogue.errors.show_failure"
