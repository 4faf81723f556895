"""What two people at once could bring about before it was mended: each is raced every time."""

from typing import NamedTuple


class Found(NamedTuple):
    """What was wrong, and the two acts of a kind by which it was."""

    what: str
    kind: str
    one: str
    other: str


FOUND = tuple(
    Found(*one)
    for one in (
        (
            "an invitation sent again and one sent anew locked each other up",
            "invitation of an officer",
            "invitations.invite_officer",
            "invitations.send_again",
        ),
        (
            "an invitation followed while POST sent another locked both up",
            "invitation of an officer",
            "invitations.invite_officer",
            "invitations.accept (by whom it is for)",
        ),
        (
            "a wrong answer while a campaign was sent locked both up",
            "invitation of an officer",
            "campaigns.send",
            "invitations.accept (a wrong answer)",
        ),
        (
            "an agency asked POST to invite an officer who connected just then",
            "invitation of an officer",
            "invitation_requests.ask",
            "invitations.accept (by whom it is for)",
        ),
        (
            "a license reinstated while the decision on it was reversed was both",
            "license inactive, the hours shown",
            "case_decisions.reinstate",
            "case_decisions.reverse",
        ),
        (
            "a class corrected while its hours went to another year locked both up",
            "credit of a class",
            "corrections.correct",
            "make_up.assign",
        ),
        (
            "a class undone while the one that repeats it was undone locked both up",
            "credit that is a repeat",
            "classes.void",
            "classes.void (the repeat)",
        ),
        (
            "a row of a file was credited while the file was undone, and stayed so",
            "held row",
            "held_rows.send_again",
            "import_undo.undo",
        ),
        (
            "a file undone while its class was undone locked both up",
            "held row",
            "import_undo.undo",
            "classes.void",
        ),
        (
            "an agency closed while somebody was commissioned there had an officer",
            "agency of the register",
            "agencies.edit (closes it)",
            "commissions.add",
        ),
        (
            "a second step was to be set up anew that had just been removed",
            "lost second step, approved",
            "recoveries.open_for",
            "recoveries.use",
        ),
        (
            "two agencies of one code ended in an error page",
            "agency of the register",
            "agencies.add (of one code)",
            "agencies.add",
        ),
        ("two agencies of one name came to be", "agency of the register", "agencies.edit", "agencies.add"),
        ("a source listed twice ended in an error page", "recognized source", "sources.add", "sources.add"),
        (
            "one course of another state became two",
            "training elsewhere",
            "outside_training.record",
            "outside_training.record (a colleague)",
        ),
        (
            "a draft thrown away twice ended in an error page",
            "class, a draft",
            "scheduling.discard",
            "scheduling.publish",
        ),
        (
            "a group saved while deleted ended in an error page",
            "group of officers",
            "groups.save",
            "groups.delete",
        ),
        (
            "a group renamed after it was deleted ended in an error page",
            "group of officers",
            "groups.rename",
            "groups.delete",
        ),
        (
            "an officer answered while the license was made inactive, and nobody had read it",
            "case, before the Director",
            "case_decisions.decide (inactive)",
            "cases.answer",
        ),
        (
            "a notice taken back while two records were joined ended in an error page",
            "case, notice served",
            "cases.take_notice_back",
            "merges.merge (into the colleague)",
        ),
        (
            "a record was changed after it was joined with another",
            "officer",
            "officers.edit",
            "merges.merge (the other way)",
        ),
        (
            "a class of a provider corrected while another was entered locked both up",
            "class of the calendar with its credit",
            "corrections.correct",
            "classes.record (another of the provider)",
        ),
        (
            "a fee that was noted while the seat was handed over was lost",
            "class with a free seat",
            "seats.mark_paid",
            "registrations.hand_over",
        ),
        (
            "a group renamed to one just saved ended in an error page",
            "group of officers",
            "groups.save (another)",
            "groups.rename",
        ),
        (
            "a draft begun while another was published: periods were locked in two orders",
            "draft that is handed in",
            "requirement_sets.approve",
            "rule_drafts.begin",
        ),
        (
            "an officer asked for approval of classes that were just taken for them: a deadlock",
            "plan of an officer",
            "plans.take (theirs)",
            "plans.ask",
        ),
        (
            "an event of a calendar was taken over as it was before somebody mended it",
            "calendar that is brought in",
            "calendar_imports.take",
            "calendar_imports.mend",
        ),
    )
)
