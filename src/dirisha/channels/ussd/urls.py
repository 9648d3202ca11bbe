from __future__ import annotations

from django.urls import path

from dirisha.channels.ussd import views

urlpatterns = [
    path("hooks/<str:secret>/<slug:gateway>/ussd", views.turn, name="hooks.ussd"),
    path("hooks/<str:secret>/<slug:gateway>/ussd/ended", views.ended, name="hooks.ussd_ended"),
]
