"""The REST views of submissions."""

from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.response import Response

from apps.realtime.utils import notify_student
from apps.submissions.models import Submission


@api_view(["POST"])
def create_submission(request):
    submission = Submission.objects.create(student=request.user, content=request.data["content"])
    return Response({"id": submission.id}, status=201)


@api_view(["POST"])
def grade_submission(request, submission_id):
    submission = get_object_or_404(Submission, id=submission_id)
    submission.grade = request.data["grade"]
    submission.save()

    notify_student(
        submission.student.id,
        "grade_received",
        {"grade": {"score": submission.grade}},
    )

    return Response({"status": "graded"})
