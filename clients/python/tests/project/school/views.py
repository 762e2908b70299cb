"""Views as the applications have them that tell students of their grades."""

from django.http import HttpRequest, JsonResponse

from carillon.django import anotify_student, notify_student

from .models import Submission


def grade_submission(request: HttpRequest, submission_id: int) -> JsonResponse:
    submission = Submission.objects.get(pk=submission_id)
    submission.grade = int(request.POST["grade"])
    submission.save()
    notify_student(submission.student_id, "grade_received", {"grade": {"score": submission.grade}})
    return JsonResponse({"status": "graded"})


async def agrade_submission(request: HttpRequest, submission_id: int) -> JsonResponse:
    submission = await Submission.objects.aget(pk=submission_id)
    submission.grade = int(request.POST["grade"])
    await submission.asave()
    await anotify_student(
        submission.student_id, "grade_received", {"grade": {"score": submission.grade}}
    )
    return JsonResponse({"status": "graded"})


async def agrade_with_the_sync_helper(request: HttpRequest, submission_id: int) -> JsonResponse:
    notify_student(submission_id, "grade_received", {"grade": {"score": 1}})
    return JsonResponse({"status": "graded"})
