from __future__ import annotations

from django.urls import path

from dirisha.demo.handset import views

urlpatterns = [
    path("demo/phone", views.handset, name="demo.handset"),
    path("demo/phone/sms", views.send_sms, name="demo.handset.sms"),
    path("demo/phone/messages", views.messages, name="demo.handset.messages"),
]
