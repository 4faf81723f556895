"""Every address of the portal."""

from django.urls import include, path

from clee_portal import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("robots.txt", views.RobotsView.as_view(), name="robots"),
    path("manifest.webmanifest", views.ManifestView.as_view(), name="web_manifest"),
    path("language/", views.LanguageView.as_view(), name="set_language"),
    path("help/", views.HelpView.as_view(), name="help"),
    path("accessibility/", views.AccessibilityView.as_view(), name="accessibility"),
    path("accounts/", include("clee_portal.accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("training.urls")),
    path("", include("compliance.urls")),
]

handler400 = "clee_portal.operation.faults.bad_request"
handler500 = "clee_portal.operation.faults.server_error"
