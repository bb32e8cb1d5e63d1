"""Addresses of quizzes."""

from __future__ import annotations

from django.urls import path

from explorer.quizzes import run_views, views

urlpatterns = [
    path("patterns/<str:slug>/quiz/", views.show_quiz, name="quiz"),
    path("patterns/<str:slug>/quiz/<str:question>/", views.show_question, name="quiz-question"),
    path("runs/<uuid:pk>/quiz/", run_views.show_run_quiz, name="run-quiz"),
]
