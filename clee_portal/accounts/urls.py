"""Signing in and out, passwords, second steps, sessions: those of allauth's pages that the portal opens, and its own.

There is no sign-up (accounts are made by invitation), no page to change the e-mail address (POST does it), and no
confirmation of addresses; their addresses do not exist.
"""

from allauth.account import views as allauth
from django.urls import path, re_path

from clee_portal.accounts.mo_login import back_channel
from clee_portal.accounts.mo_login import views as mo_login
from clee_portal.accounts.views import recoveries, second_factor, sessions, sign_in

urlpatterns = [
    path("login/", sign_in.SignInView.as_view(), name="account_login"),
    path("logout/", mo_login.SignOutView.as_view(), name="account_logout"),
    path("mo-login/", mo_login.StartView.as_view(), name="account_mo_login"),
    path("mo-login/callback/", mo_login.callback, name="account_mo_login_callback"),
    path("mo-login/signed-out/", back_channel.BackChannelLogoutView.as_view(), name="mo_login_signed_out"),
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
    path("reauthenticate/", second_factor.PasswordOnceMoreView.as_view(), name="account_reauthenticate"),
    path("confirm/", second_factor.StepUpView.as_view(), name="account_step_up"),
    path("sessions/", sessions.SessionListView.as_view(), name="account_sessions"),
    path("session/", sessions.SessionTimeView.as_view(), name="account_session_time"),
    path("security/", second_factor.SecurityView.as_view(), name="mfa_index"),
    path("login/second-step/", second_factor.SecondStepView.as_view(), name="mfa_authenticate"),
    path("login/passkey/", second_factor.PasskeySignInView.as_view(), name="mfa_login_webauthn"),
    path("security/app/set-up/", second_factor.SetUpAppView.as_view(), name="mfa_activate_totp"),
    path("security/app/remove/", second_factor.RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("security/passkeys/add/", second_factor.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/rename/", second_factor.RenamePasskeyView.as_view(), name="mfa_edit_webauthn"),
    path("security/passkeys/<int:pk>/remove/", second_factor.RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("security/codes/", second_factor.RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("security/codes/new/", second_factor.NewRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
    path("recoveries/", recoveries.RecoveryListView.as_view(), name="recovery_list"),
    path("recoveries/open/", recoveries.RecoveryOpenView.as_view(), name="recovery_open"),
    path("recoveries/<int:pk>/", recoveries.RecoveryDetailView.as_view(), name="recovery_detail"),
    path("recover/", recoveries.RecoveryUseView.as_view(), name="recovery_use"),
    path("recover/<str:token>/", recoveries.RecoveryLinkView.as_view(), name="recovery_link"),
]
