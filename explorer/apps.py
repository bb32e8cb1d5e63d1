"""The project's one app."""

from __future__ import annotations

from django.apps import AppConfig


class ExplorerConfig(AppConfig):
    """Registers the checks an operator sees."""

    name = "explorer"
    verbose_name = "Pattern Explorer"

    def ready(self) -> None:
        """Import the checks, whose decorators register them."""
        from explorer import checks  # noqa: F401
