"""Addresses of the notifications app."""

from django.urls import path

from notifications import views

app_name = "notifications"

urlpatterns = [
    path("messages/", views.MyMessagesView.as_view(), name="my_messages"),
    path("messages/preferences/", views.PreferencesView.as_view(), name="preferences"),
    path("messages/stop/<str:token>/", views.StopView.as_view(), name="stop"),
    path("demonstration/mail/", views.DemonstrationMailView.as_view(), name="demonstration_mail"),
    path("mail/address/confirm/", views.ConfirmAddressView.as_view(), name="confirm_address"),
]
