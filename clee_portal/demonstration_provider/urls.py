"""The addresses of the demonstration's identity provider."""

from django.urls import path

from clee_portal.demonstration_provider import views

urlpatterns = [
    path("", views.start, name="start"),
    path(".well-known/openid-configuration", views.discovery, name="discovery"),
    path("keys", views.keys, name="keys"),
    path("authorize", views.authorize, name="authorize"),
    path("token", views.token, name="token"),
    path("userinfo", views.userinfo, name="userinfo"),
    path("end", views.end, name="end"),
]
