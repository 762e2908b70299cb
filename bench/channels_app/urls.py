"""The publisher's one route, spelled like Carillon's own."""

from django.urls import path

from channels_app.views import publish

urlpatterns = [path("api/realtime/groups/<str:group>/", publish)]
