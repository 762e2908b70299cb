"""What students hand in."""

from django.conf import settings
from django.db import models


class Submission(models.Model):
    student = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    content = models.TextField()
    grade = models.PositiveSmallIntegerField(null=True)
