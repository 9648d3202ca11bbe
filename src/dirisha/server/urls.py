"""Every address: one `include` a door. /livez, /readyz and /metrics are answered in `health`."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("dirisha.channels.portal.urls")),
    path("fineract-provider/", include("dirisha.channels.mifos.urls")),
    path("", include("dirisha.channels.ussd.urls")),
    path("", include("dirisha.channels.sms.urls")),
]
if settings.DIRISHA_DEMO:
    urlpatterns.append(path("", include("dirisha.simulators.africastalking.urls")))
    urlpatterns.append(path("", include("dirisha.demo.handset.urls")))

handler400 = "dirisha.channels.portal.errors.bad_request"
handler403 = "dirisha.channels.portal.errors.forbidden"
handler404 = "dirisha.channels.portal.errors.not_found"
handler500 = "dirisha.channels.portal.errors.fault"
