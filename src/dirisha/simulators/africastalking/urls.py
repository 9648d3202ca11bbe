from __future__ import annotations

from django.urls import path

from dirisha.simulators.africastalking import demo

urlpatterns = [
    path("demo/africastalking/version1/messaging", demo.messaging, name="demo.africastalking.messaging"),
]
