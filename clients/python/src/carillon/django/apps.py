"""The application that brings the checks and the management commands."""

from django.apps import AppConfig


class CarillonConfig(AppConfig):
    name = "carillon.django"
    label = "carillon"
    verbose_name = "Carillon"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers them
