from __future__ import annotations

from django.urls import path

from dirisha.channels.sms import views

urlpatterns = [path("hooks/<str:secret>/<slug:gateway>/sms", views.receive, name="hooks.sms")]
