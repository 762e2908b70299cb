"""The routes of the REST API."""

from django.urls import path
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from apps.submissions import views

urlpatterns = [
    path("api/token/", TokenObtainPairView.as_view()),
    path("api/token/refresh/", TokenRefreshView.as_view()),
    path("api/submissions/", views.create_submission),
    path("api/submissions/<int:submission_id>/grade/", views.grade_submission),
]
