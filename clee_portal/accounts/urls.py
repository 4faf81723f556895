"""Signing in and out, and passwords: allauth's pages. There is no sign-up: accounts are made by invitation."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.account.urls"))]
