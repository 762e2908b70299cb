"""`path("realtime/", include("carillon.django.urls"))` puts the session view at
`/realtime/session/`, for Carillon's `auth.http_url`."""

from django.urls import path

from .views import session_view

app_name = "carillon"
urlpatterns = [path("session/", session_view, name="session")]
