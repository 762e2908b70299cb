from django.urls import include, path

from .school import views

urlpatterns = [
    path("realtime/", include("carillon.django.urls")),
    path("submissions/<int:submission_id>/grade/", views.grade_submission),
    path("async/submissions/<int:submission_id>/grade/", views.agrade_submission),
    path("async/submissions/<int:submission_id>/sync/", views.agrade_with_the_sync_helper),
]
