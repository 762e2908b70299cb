"""The seed of a learning platform: what students hand in."""

from __future__ import annotations

from django.db import models


class Submission(models.Model):
    student_id: models.IntegerField[int, int] = models.IntegerField()
    mentor_id: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
    text: models.TextField[str, str] = models.TextField(default="")
    grade: models.IntegerField[int | None, int | None] = models.IntegerField(null=True)
