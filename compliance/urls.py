"""Addresses of the compliance app."""

from django.urls import path

from compliance.views import (
    campaigns,
    candidates,
    commission_effects,
    correction_effects,
    effects,
    import_effects,
    letters,
    mails,
    make_up,
    make_up_files,
    medical_readers,
    overview,
    relief_ask,
    relief_decide,
    relief_lists,
    relief_requests,
    standing,
    statement,
    trends,
    waiting,
)
from training.views.listing import file_paths

app_name = "compliance"

urlpatterns = [
    path("standing/", standing.MyStandingView.as_view(), name="my_standing"),
    path("officers/<str:license_number>/standing/", standing.OfficerStandingView.as_view(), name="officer_standing"),
    path("agencies/<slug:code>/", overview.OverviewView.as_view(), name="agency_overview"),
    path(
        "agencies/<slug:code>/overview.csv", overview.OverviewFileView.as_view(kind="csv"), name="agency_overview_csv"
    ),
    path(
        "agencies/<slug:code>/overview.xlsx",
        overview.OverviewFileView.as_view(kind="xlsx"),
        name="agency_overview_xlsx",
    ),
    path("agencies/<slug:code>/waiting/", waiting.WaitingView.as_view(), name="waiting"),
    path("officers/<str:license_number>/letter.pdf", letters.OfficerLetterView.as_view(), name="officer_letter"),
    path("agencies/<slug:code>/letters/", letters.AgencyLettersView.as_view(), name="agency_letters"),
    path("agencies/<slug:code>/letters.pdf", letters.AgencyLettersPdfView.as_view(), name="agency_letters_pdf"),
    path("letters/", letters.StateLettersView.as_view(), name="letters_of_state"),
    path("mails/", mails.OccasionListView.as_view(), name="occasion_list"),
    path("mails/preview/", mails.MailPreviewView.as_view(), name="mail_preview"),
    path("agencies/<slug:code>/trends/", trends.TrendsView.as_view(), name="trends"),
    path("agencies/<slug:code>/trends.csv", trends.TrendsFileView.as_view(kind="csv"), name="trends_csv"),
    path("agencies/<slug:code>/trends.xlsx", trends.TrendsFileView.as_view(kind="xlsx"), name="trends_xlsx"),
    path("agencies/<slug:code>/statement/", statement.StatementView.as_view(), name="statement"),
    path("agencies/<slug:code>/statement.pdf", statement.StatementPdfView.as_view(), name="statement_pdf"),
    path("agencies/<slug:code>/statement.csv", statement.StatementFileView.as_view(kind="csv"), name="statement_csv"),
    path(
        "agencies/<slug:code>/statement.xlsx",
        statement.StatementFileView.as_view(kind="xlsx"),
        name="statement_xlsx",
    ),
    path("agencies/<slug:code>/classes/effect/", effects.DraftEffectView.as_view(), name="draft_effect"),
    path("agencies/<slug:code>/roster-standing/", effects.RosterStandingView.as_view(), name="roster_standing"),
    path(
        "imports/<str:reference>/undo/effect/", import_effects.ImportUndoEffectView.as_view(), name="import_undo_effect"
    ),
    path("commissions/<int:pk>/effect/", commission_effects.CommissionEffectView.as_view(), name="commission_effect"),
    path("classes/<str:reference>/effect/", effects.ClassEffectView.as_view(), name="class_effect"),
    path(
        "classes/<str:reference>/correct/effect/", correction_effects.CorrectEffectView.as_view(), name="correct_effect"
    ),
    path("classes/<str:reference>/move/effect/", correction_effects.MoveEffectView.as_view(), name="move_effect"),
    path("officers/<str:license_number>/extension/", relief_ask.AskReliefView.as_view(), name="relief_ask"),
    path("agencies/<slug:code>/extensions/", relief_lists.AgencyReliefView.as_view(), name="relief_of_agency"),
    path("extensions/", relief_lists.QueueView.as_view(), name="relief_queue"),
    *file_paths("extensions/extensions", relief_lists.QueueFileView, "relief_queue"),
    path("extensions/medical-readers/", medical_readers.MedicalReadersView.as_view(), name="medical_readers"),
    path("extensions/<str:reference>/", relief_requests.RequestView.as_view(), name="relief_request"),
    path("extensions/<str:reference>/answer/", relief_requests.AnswerView.as_view(), name="relief_answer"),
    path("extensions/<str:reference>/documents/", relief_requests.AddDocumentsView.as_view(), name="relief_add"),
    path("extensions/<str:reference>/withdraw/", relief_requests.WithdrawView.as_view(), name="relief_withdraw"),
    path("extensions/<str:reference>/grant/", relief_decide.DecideView.as_view(which="grant"), name="relief_grant"),
    path("extensions/<str:reference>/deny/", relief_decide.DecideView.as_view(which="deny"), name="relief_deny"),
    path("extensions/<str:reference>/more/", relief_decide.DecideView.as_view(which="more"), name="relief_more"),
    path("extensions/<str:reference>/end/", relief_decide.DecideView.as_view(which="end"), name="relief_end"),
    path("documents/<int:pk>/", relief_requests.DocumentView.as_view(), name="relief_document"),
    path("agencies/<slug:code>/make-up/", make_up.AgencyMakeUpView.as_view(), name="make_up"),
    path("make-up/", make_up.StateMakeUpView.as_view(), name="make_up_of_state"),
    path("classes/<str:reference>/make-up/", make_up.ClassMakeUpView.as_view(), name="class_make_up"),
    path("classes/<str:reference>/make-up/notice/", make_up.ClassMakeUpNoticeView.as_view(), name="make_up_notice"),
    path("duplicates/<int:pk>/effect/", correction_effects.SettleEffectView.as_view(), name="duplicate_effect"),
    path("courses/<int:pk>/effect/", correction_effects.CourseEffectView.as_view(), name="course_effect"),
    path(
        "courses/<int:pk>/review/effect/",
        correction_effects.CourseReviewEffectView.as_view(),
        name="course_review_effect",
    ),
    path("mailings/", campaigns.CampaignListView.as_view(), name="mailings"),
    path("mailings/<int:pk>/", campaigns.CampaignView.as_view(), name="mailing"),
    path("mailings/<int:pk>/progress/", campaigns.CampaignProgressView.as_view(), name="mailing_progress"),
    path("candidates/", candidates.CandidateListView.as_view(), name="candidate_list"),
    path("candidates/<int:pk>/", candidates.CandidateView.as_view(), name="candidate"),
    *file_paths("mailings/<int:pk>/messages", campaigns.CampaignFileView, "mailing"),
    *file_paths("candidates/candidates", candidates.CandidateFileView, "candidate_list"),
    *file_paths("agencies/<slug:code>/trends/best", trends.BestFileView, "trends_best"),
    *file_paths("agencies/<slug:code>/trends/stake", trends.StakeFileView, "trends_stake"),
    *file_paths("agencies/<slug:code>/make-up/make-up", make_up_files.AgencyMakeUpFileView, "make_up"),
    *file_paths("make-up/make-up", make_up_files.StateMakeUpFileView, "make_up_of_state"),
]
