"""Who may do what with the facts: a predicate for each verb. Which rows one sees is `visible_to` on every QuerySet."""

from clee_portal.accounts.models import User
from training.models import Agency, Membership, Officer, Provider, Registration, TrainingClass, TrainingRecord
from training.models.memberships import memberships_of, scope_of


def can_keep_contact(user: User, officer: Officer) -> bool:
    """Whether `user` may keep the contact details of `officer` and tell the address of record: the officer."""
    return officer.pk in scope_of(user).officer_ids


def can_see_contact(user: User, officer: Officer) -> bool:
    """Whether `user` may see all of how `officer` is reached: the officer, the state’s people. An agency sees what the
    officer opened to it."""
    return scope_of(user).sees_the_state or can_keep_contact(user, officer)


def can_enter_class(user: User | None, agency: Agency) -> bool:
    """Whether `user` may report in-service classes of `agency`: its CEO, a delegate who may, POST staff."""
    return user is None or agency.pk in scope_of(user).entering or _is_post_staff(user)


def can_enter_provider_class(user: User | None, provider: Provider) -> bool:
    """Whether `user` may report classes of `provider`, keep their attendance and confirm it: its staff, POST staff."""
    return user is None or provider.pk in scope_of(user).provider_ids or _is_post_staff(user)


def may_report_class(user: User | None, body: Agency | Provider) -> bool:
    """Whether `user` may report classes of an agency or a provider, whichever it is: as the two say that."""
    return can_enter_class(user, body) if isinstance(body, Agency) else can_enter_provider_class(user, body)


def can_release_held_classes(user: User | None) -> bool:
    """Whether `user` may record a provider’s class that was held since its license was not valid: POST staff."""
    return user is None or _is_post_staff(user)


def can_see_held_classes(user: User) -> bool:
    """Whether `user` may open the list of all classes held for a provider’s license: the state's people."""
    return scope_of(user).sees_the_state


def can_see_agency(user: User, agency_id: int) -> bool:
    """Whether `user` may open the pages of an agency: its people, the state's. As `Agency.visible_to` says of rows."""
    scope = scope_of(user)
    return scope.sees_the_state or agency_id in scope.agency_ids


def can_see_classes(user: User, agency: Agency) -> bool:
    """Whether `user` may open the list of classes `agency` reported."""
    return can_see_agency(user, agency.pk)


def can_see_provider_classes(user: User, provider: Provider) -> bool:
    """Whether `user` may open the classes, files and late rosters of `provider`: its staff, the state's people."""
    scope = scope_of(user)
    return scope.sees_the_state or provider.pk in scope.provider_ids


def may_see_body(user: User, body: Agency | Provider) -> bool:
    """Whether `user` may open the training desk of an agency or a provider, whichever it is: as the two say that."""
    return can_see_classes(user, body) if isinstance(body, Agency) else can_see_provider_classes(user, body)


def can_void_class(user: User | None, training_class: TrainingClass) -> bool:
    """Whether `user` may undo a class: CEO and delegates who may correct at the agency that reported it, staff of the
    provider whose class it is, POST staff; or the command line."""
    if user is None or _is_post_staff(user):
        return True
    reporter, scope = training_class.reported_by_agency_id, scope_of(user)
    if reporter is not None:
        return reporter in scope.correcting
    return bool(scope.provider_ids) and training_class.course.provider_id in scope.provider_ids


def can_keep_roster(user: User | None, agency: Agency) -> bool:
    """Whether `user` may add and end commissions at `agency` and confirm its roster: CEO, a delegate who may,
    POST staff."""
    return user is None or agency.pk in scope_of(user).keeping or _is_post_staff(user)


def can_record_for_others(user: User | None) -> bool:
    """Whether `user` may record by a file what schools and others gave: POST staff. An agency records its own."""
    return _is_post_staff(user)


def can_name_people(user: User | None, agency: Agency) -> bool:
    """Whether `user` may say who acts for `agency`: its CEO, POST staff. A delegate may not."""
    return user is None or _is_post_staff(user) or _is_ceo(user, agency)


def can_confirm_people(user: User | None, agency: Agency) -> bool:
    """Whether `user` may confirm, each quarter, that those who act for `agency` are still right: its CEO alone."""
    return _is_ceo(user, agency)


def can_name_provider_people(user: User | None, provider: Provider) -> bool:
    """Whether `user` may say who acts for `provider`: its head, POST staff."""
    return user is None or _is_post_staff(user) or _is_head(user, provider)


def can_confirm_provider_people(user: User | None, provider: Provider) -> bool:
    """Whether `user` may confirm, each quarter, that the staff of `provider` are still right: its head alone."""
    return _is_head(user, provider)


def can_approve_removal(user: User) -> bool:
    """Whether `user` may approve that evidence past its time is removed: the Director, designated agents."""
    return bool(user.is_authenticated and user.is_active and user.is_director)


def can_see_state_people(user: User) -> bool:
    """Whether `user` may open the list of who acts for the state: POST staff, the Director and designated agents."""
    return scope_of(user).sees_the_state


def can_name_state_people(user: User | None) -> bool:
    """Whether `user` may name POST staff and designated agents: the Director, an agent; the command line."""
    return user is None or bool(getattr(user, "is_authenticated", False) and user.is_active and user.is_director)


def can_confirm_state_people(user: User | None) -> bool:
    """Whether `user` may confirm, each quarter, who acts for the state: the Director alone."""
    return bool(getattr(user, "is_authenticated", False) and user.is_active and user.is_the_director)


def can_invite(user: User | None) -> bool:
    """Whether `user` may invite officers, CEOs and heads of providers, send again and withdraw: POST staff."""
    return user is None or _is_post_staff(user)


def can_see_invitations(user: User) -> bool:
    """Whether `user` may read who was invited and what became of it: the state's people."""
    return scope_of(user).sees_the_state


def can_ask_for_invitation(user: User | None, agency: Agency) -> bool:
    """Whether `user` may ask POST to invite an officer of `agency`: its CEO and every delegate, POST staff."""
    return user is None or agency.pk in scope_of(user).agency_ids or _is_post_staff(user)


def can_see_claims(user: User) -> bool:
    """Whether `user` may open the state's lists of officers claimed twice and of late notices."""
    return scope_of(user).sees_the_state


def can_settle_claims(user: User | None) -> bool:
    """Whether `user` may settle which agencies an officer is commissioned at: POST staff."""
    return user is None or _is_post_staff(user)


def can_correct_class(user: User | None, training_class: TrainingClass) -> bool:
    """Whether `user` may correct a class: who may undo it, where it is in-service of the agency that reported it or a
    provider's own."""
    course, reporter = training_class.course, training_class.reported_by_agency_id
    is_own = course.provider_id is not None if reporter is None else course.agency_id == reporter
    return is_own and can_void_class(user, training_class)


def can_settle(user: User | None, record: TrainingRecord) -> bool:
    """Whether `user` may say whether `record` counts beside its twin: POST staff; of a duplicate also who reported it.

    That a student's course counts twice in one period is POST's alone to say (rulebook 11, 20).
    """
    if user is None or _is_post_staff(user):
        return True
    return record.not_counted != TrainingRecord.NotCounted.REPEAT and can_void_class(user, record.training_class)


def can_review_courses(user: User | None) -> bool:
    """Whether `user` may approve and refuse in-service courses: POST staff."""
    return user is None or _is_post_staff(user)


def can_see_course_queue(user: User) -> bool:
    """Whether `user` may see what waits for POST's review: the state's people."""
    return scope_of(user).sees_the_state


def can_find_officers(user: User) -> bool:
    """Whether `user` may search the whole register: POST staff, the Director and designated agents."""
    return scope_of(user).sees_the_state


def can_see_register(user: User) -> bool:
    """Whether `user` may read the register (officers, agencies, providers, lists): the state's people."""
    return scope_of(user).sees_the_state


def can_keep_register(user: User | None) -> bool:
    """Whether `user` may add to the register and change it, join records of one person, correct numbers: POST staff."""
    return user is None or _is_post_staff(user)


def can_export(user: User) -> bool:
    """Whether `user` may take the whole register and every record as files: the state's people."""
    return scope_of(user).sees_the_state


def can_read_messages(user: User, officer: Officer) -> bool:
    """Whether `user` may read every message to `officer`: the state's people. Agencies do not read their officers'."""
    return scope_of(user).sees_the_state


def can_see_accesses(user: User) -> bool:
    """Whether `user` may search the record of who signed in, looked at records and took files: the state's people."""
    return scope_of(user).sees_the_state


def can_register_own(user: User | None, officer: Officer) -> bool:
    """Whether `user` may register `officer` for a class as themself: the officer."""
    return officer.pk in scope_of(user).officer_ids


def can_register_officers(user: User | None, agency: Agency) -> bool:
    """Whether `user` may register officers of `agency` for classes and hand their seats to colleagues: its CEO, a
    delegate who may enter classes, POST staff."""
    return agency.pk in scope_of(user).entering or _is_post_staff(user)


def can_see_registrations(user: User, agency: Agency) -> bool:
    """Whether `user` may open the list of registrations of officers of `agency`: its people, the state's."""
    return can_see_agency(user, agency.pk)


def can_keep_calendar(user: User | None, provider: Provider) -> bool:
    """Whether `user` may keep the catalogue and the calendar of `provider`: its staff, POST staff."""
    return user is None or provider.pk in scope_of(user).provider_ids or _is_post_staff(user)


def can_keep_registrations(user: User | None, provider: Provider) -> bool:
    """Whether `user` may register callers for classes of `provider`, and note who has paid: its staff, POST staff."""
    return provider.pk in scope_of(user).provider_ids or _is_post_staff(user)


def can_give_back(user: User | None, registration: Registration) -> bool:
    """Whether `user` may give back or take a seat of `registration`: the officer, who may register for the agency that
    registered or commissions the officer, the provider’s staff, POST staff."""
    scope = scope_of(user)
    if registration.officer_id in scope.officer_ids or _is_post_staff(user):
        return True
    if registration.scheduled_class.provider_id in scope.provider_ids or registration.agency_id in scope.entering:
        return True
    return Officer.objects.filter(pk=registration.officer_id, pk__in=Officer.ids_at_agencies(scope.entering)).exists()


def can_evaluate(user: User | None, registration: Registration) -> bool:
    """Whether `user` may say what they thought of the class of `registration`: the officer who was there."""
    return registration.officer_id in scope_of(user).officer_ids


def can_take_class_records(user: User, training_class: TrainingClass) -> bool:
    """Whether `user` may take the whole record set of a class as one download: the people of the agency or provider
    that reported it, the state’s."""
    body = training_class.body
    return scope_of(user).sees_the_state or (body is not None and may_see_body(user, body))


def _is_post_staff(user: User | None) -> bool:
    return bool(getattr(user, "is_authenticated", False) and user.is_active and user.is_post_staff)


def _is_head(user: User | None, provider: Provider) -> bool:
    return any(m.provider_id == provider.pk and m.is_head for m in memberships_of(user))


def _is_ceo(user: User | None, agency: Agency) -> bool:
    return any(m.agency_id == agency.pk and m.role == Membership.Role.AGENCY_CEO for m in memberships_of(user))
