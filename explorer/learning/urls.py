"""Addresses of the review, of what somebody has done, and of his account."""

from __future__ import annotations

from django.urls import path

from explorer.learning import accounts, review_views, views

urlpatterns = [
    path("review/", review_views.show_review, name="review"),
    path("review/recordings/<slug:riddle>/<int:number>.json", review_views.download_riddle, name="riddle-recording"),
    path("progress/", views.show_progress, name="progress"),
    path("progress/export/", views.export_record, name="progress-export"),
    path("progress/import/", views.import_record, name="progress-import"),
    path("progress/delete/", views.delete_record, name="progress-delete"),
    path("progress/notebook/", views.show_notebook, name="notebook"),
    path("progress/notebook.md", views.export_notebook, name="notebook-export"),
    path("progress/notebook/add/", views.write_note, name="note-add"),
    path("progress/notebook/<int:number>/delete/", views.delete_note, name="note-delete"),
    path("account/register/", accounts.register, name="register"),
    path("account/login/", accounts.log_in, name="login"),
    path("account/logout/", accounts.log_out, name="logout"),
]
