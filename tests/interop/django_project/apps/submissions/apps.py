from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "apps.submissions"

    def ready(self):
        from apps.submissions import receivers  # noqa: F401
