"""Signing in and out, and passwords: those of allauth's pages that the portal opens.

There is no sign-up (accounts are made by invitation), no page to change the e-mail address (POST does it), and no
confirmation of addresses; their addresses do not exist.
"""

from allauth.account import views as allauth
from django.urls import path, re_path

from clee_portal.accounts import views
from clee_portal.accounts.mo_login import views as mo_login

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", mo_login.SignOutView.as_view(), name="account_logout"),
    path("reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("mo-login/", mo_login.StartView.as_view(), name="account_mo_login"),
    path("mo-login/callback/", mo_login.callback, name="account_mo_login_callback"),
    path("mo-login/not-connected/", mo_login.StrangerView.as_view(), name="account_mo_login_stranger"),
    path("mo-login/connection/", mo_login.ConnectionView.as_view(), name="account_mo_login_connection"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("password/change/", allauth.password_change, name="account_change_password"),
    path("password/set/", allauth.password_set, name="account_set_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
