"""Addresses of the training app."""

from django.urls import path

from training.views import (
    class_entry,
    class_pages,
    commission_pages,
    commission_questions,
    corrections,
    courses,
    duplicates,
    groups,
    held_rows,
    imports,
    officers,
    people,
    roster,
)

app_name = "training"

urlpatterns = [
    path("agencies/<slug:code>/classes/enter/", class_entry.ClassEntryView.as_view(), name="class_enter"),
    path("agencies/<slug:code>/groups/", groups.GroupListView.as_view(), name="group_list"),
    path("agencies/<slug:code>/classes/", class_pages.ClassListView.as_view(), name="class_list"),
    path("classes/<str:reference>/", class_pages.ClassDetailView.as_view(), name="class_detail"),
    path("classes/<str:reference>/correct/", corrections.ClassCorrectView.as_view(), name="class_correct"),
    path("classes/<str:reference>/move/", corrections.ClassMoveView.as_view(), name="class_move"),
    path("classes/<str:reference>/void/", class_pages.ClassVoidView.as_view(), name="class_void"),
    path("agencies/<slug:code>/courses/", courses.CourseListView.as_view(), name="course_list"),
    path("courses/to-review/", courses.CourseQueueView.as_view(), name="course_queue"),
    path("courses/<int:pk>/", courses.CourseDetailView.as_view(), name="course_detail"),
    path("courses/<int:pk>/review/", courses.CourseReviewView.as_view(), name="course_review"),
    path("agencies/<slug:code>/imports/", imports.ImportListView.as_view(), name="import_list"),
    path("imports/<str:reference>/", imports.ImportDetailView.as_view(), name="import_detail"),
    path("agencies/<slug:code>/duplicates/", duplicates.DuplicateListView.as_view(), name="duplicate_list"),
    path("duplicates/", duplicates.DuplicatesOfStateView.as_view(), name="duplicates_of_state"),
    path("duplicates/<int:pk>/", duplicates.DuplicateSettleView.as_view(), name="duplicate_settle"),
    path("imports/<str:reference>/undo/", held_rows.ImportUndoView.as_view(), name="import_undo"),
    path("imports/<str:reference>/rows.csv", held_rows.ImportFileView.as_view(kind="csv"), name="import_csv"),
    path("imports/<str:reference>/rows.xlsx", held_rows.ImportFileView.as_view(kind="xlsx"), name="import_xlsx"),
    path("agencies/<slug:code>/held/", held_rows.HeldRowsView.as_view(), name="held_rows"),
    path("held/", held_rows.HeldForPostView.as_view(), name="held_for_post"),
    path("imports/<str:reference>/preview/", imports.ImportPreviewView.as_view(), name="import_preview"),
    path("officers/", officers.OfficerFindView.as_view(), name="officer_find"),
    path("agencies/<slug:code>/roster/", roster.RosterView.as_view(), name="roster"),
    path("agencies/<slug:code>/roster/roster.csv", roster.RosterFileView.as_view(kind="csv"), name="roster_csv"),
    path("agencies/<slug:code>/roster/roster.xlsx", roster.RosterFileView.as_view(kind="xlsx"), name="roster_xlsx"),
    path("agencies/<slug:code>/roster/add/", roster.RosterAddView.as_view(), name="roster_add"),
    path("agencies/<slug:code>/roster/confirm/", roster.RosterConfirmView.as_view(), name="roster_confirm"),
    path("agencies/<slug:code>/roster/reminder/", roster.RosterReminderView.as_view(), name="roster_reminder"),
    path("commissions/<int:pk>/", commission_pages.CommissionDetailView.as_view(), name="commission_detail"),
    path("commissions/<int:pk>/end/", commission_pages.CommissionEndView.as_view(), name="commission_end"),
    path("commissions/<int:pk>/correct/", commission_pages.CommissionCorrectView.as_view(), name="commission_correct"),
    path("commissions/<int:pk>/ask/", commission_questions.CommissionAskView.as_view(), name="commission_ask"),
    path("commissions/<int:pk>/settle/", commission_questions.CommissionSettleView.as_view(), name="commission_settle"),
    path("questions/<int:pk>/", commission_questions.QuestionAnswerView.as_view(), name="question_answer"),
    path("commissions/claims/", commission_questions.ClaimListView.as_view(), name="commission_claims"),
    path(
        "commissions/claims.csv", commission_questions.ClaimFileView.as_view(kind="csv"), name="commission_claims_csv"
    ),
    path(
        "commissions/claims.xlsx",
        commission_questions.ClaimFileView.as_view(kind="xlsx"),
        name="commission_claims_xlsx",
    ),
    path(
        "commissions/unconfirmed.csv",
        commission_questions.UnconfirmedFileView.as_view(kind="csv"),
        name="roster_unconfirmed_csv",
    ),
    path(
        "commissions/unconfirmed.xlsx",
        commission_questions.UnconfirmedFileView.as_view(kind="xlsx"),
        name="roster_unconfirmed_xlsx",
    ),
    path("commissions/notices/", commission_questions.NoticeListView.as_view(), name="commission_notices"),
    path(
        "commissions/notices.csv",
        commission_questions.NoticeFileView.as_view(kind="csv"),
        name="commission_notices_csv",
    ),
    path(
        "commissions/notices.xlsx",
        commission_questions.NoticeFileView.as_view(kind="xlsx"),
        name="commission_notices_xlsx",
    ),
    path("agencies/<slug:code>/people/", people.PeopleView.as_view(), name="agency_people"),
    path("agencies/<slug:code>/people/name/", people.PeopleNameView.as_view(), name="people_name"),
    path("agencies/<slug:code>/people/hand-over/", people.PeopleHandOverView.as_view(), name="people_hand_over"),
    path("people/<int:pk>/revoke/", people.MemberRevokeView.as_view(), name="member_revoke"),
    path("people/<int:pk>/invite/", people.MemberInviteView.as_view(), name="member_invite"),
]
