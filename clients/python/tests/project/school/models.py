"""The seed of a learning platform: what students hand in."""

from django.db import models


class Submission(models.Model):
    student_id = models.IntegerField()
    mentor_id = models.IntegerField(null=True)
    text = models.TextField(default="")
    grade = models.IntegerField(null=True)
