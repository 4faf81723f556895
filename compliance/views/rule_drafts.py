"""A draft of what a period asks, changed and brought to its end: requirements, topics, days, handing in, approval."""

from functools import cached_property

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.step_up import StepUpMixin
from clee_portal.refusal import Refused
from clee_portal.templatetags.look import count_words
from compliance import rules
from compliance.forms.rules import FrameForm, ReasonForm, RequirementForm, SeenForm, SendBackForm, TopicForm
from compliance.models import Requirement, RequirementSet
from compliance.services import requirement_sets, rule_cases, rule_drafts
from compliance.views.rules import ChangeSetMixin, OneSetMixin
from training.views.one_form import OneFormView


class ToTheSetMixin:
    """Where it goes on: to the set."""

    def to_the_set(self, part: str = "") -> HttpResponseRedirect:
        """The page of the set, or a part of it."""
        return redirect(reverse("compliance:rule_set", args=[self.object.pk]) + (f"#{part}" if part else ""))


class FrameView(ToTheSetMixin, ChangeSetMixin, OneFormView):
    """What changes and on what ground; the days of the period; the periods that follow."""

    template_name = "compliance/rule_frame.html"
    form_class = FrameForm

    def get_initial(self):
        """As the draft has it."""
        return rules.frame_facts(self.object) | super().get_initial()

    def stands(self) -> dict:
        """The same."""
        return rules.frame_facts(self.object)

    def get_context_data(self, **kwargs):
        """Also which periods would follow."""
        return super().get_context_data(later=rules.later_alike(self.object.period), **kwargs)

    def act(self, form):
        """Keep it."""
        rule_drafts.frame(
            by=self.request.user, draft=self.object, today=self.today, seen=self.seen, **form.cleaned_data
        )
        messages.success(self.request, "Kept.")
        return self.to_the_set()


class RequirementNewView(ToTheSetMixin, ChangeSetMixin, OneFormView):
    """Add a requirement to a draft."""

    template_name = "compliance/rule_requirement.html"
    form_class = RequirementForm
    requirement: Requirement | None = None

    def get_form_kwargs(self):
        """With the topics the draft proposes."""
        return super().get_form_kwargs() | {"draft": self.object}

    def get_context_data(self, **kwargs):
        """Also the requirement, if there is one, and how it was in the version before."""
        requirement, before = self.requirement, rules.compared_with(self.object)
        was = before.requirements.filter(code=requirement.code).first() if requirement and before else None
        said = rules.said_to_officers(requirement) if requirement else []
        return super().get_context_data(requirement=requirement, was=was, before=before, said=said, **kwargs)

    def act(self, form):
        """Keep it."""
        made = rule_drafts.put_requirement(
            by=self.request.user,
            draft=self.object,
            given=form.given,
            requirement=self.requirement,
            seen=self.seen,
        )
        messages.success(self.request, f"“{made.name}” is kept in the draft.")
        return self.to_the_set(made.code)


class RequirementView(RequirementNewView):
    """Change a requirement of a draft, move it, or take it out."""

    @cached_property
    def requirement(self) -> Requirement:
        """The requirement of the address."""
        found = Requirement.objects.select_related("requirement_set__period", "area", "topic", "proposed_topic")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    @cached_property
    def object(self) -> RequirementSet:
        """Its set."""
        return self.requirement.requirement_set

    def get_initial(self):
        """As it stands."""
        return rules.requirement_facts(self.requirement) | super().get_initial()

    def stands(self) -> dict:
        """The same."""
        return rules.requirement_facts(self.requirement)

    def post(self, request, *args, **kwargs):
        """Moving it and taking it out need nothing of the form."""
        act = request.POST.get("act", "")
        if rules.why_locked(self.object) or act not in ("up", "down", "remove"):
            return super().post(request, *args, **kwargs)
        one, name = self.requirement, self.requirement.name
        try:
            if act == "remove":
                rule_drafts.remove_requirement(by=request.user, requirement=one, seen=request.POST.get("seen", ""))
                messages.success(request, f"“{name}” is taken out of the draft.")
                return self.to_the_set("list")
            rule_drafts.move_requirement(by=request.user, requirement=one, up=act == "up")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return self.to_the_set("list")


class TopicView(ToTheSetMixin, ChangeSetMixin, OneFormView):
    """Add a topic to a draft, or take a new one out."""

    template_name = "compliance/rule_topic.html"
    form_class = TopicForm

    def get_context_data(self, **kwargs):
        """Also the topics the draft adds."""
        return super().get_context_data(topics=list(self.object.proposed_topics.all()), **kwargs)

    def post(self, request, *args, **kwargs):
        """Taking one out needs nothing of the form."""
        given = request.POST.get("remove", "")
        topic = self.object.proposed_topics.filter(pk=given).first() if given.isascii() and given.isdecimal() else None
        if rules.why_locked(self.object) or topic is None:
            return super().post(request, *args, **kwargs)
        try:
            rule_drafts.drop_topic(by=request.user, topic=topic)
            messages.success(request, f"“{topic.name}” is taken out of the draft.")
        except Refused as refusal:
            messages.error(request, refusal.message)
        return self.to_the_set("topics")

    def act(self, form):
        """Add it."""
        made = rule_drafts.propose_topic(by=self.request.user, draft=self.object, given=form.cleaned_data)
        messages.success(self.request, f"“{made.name}” is added. Now add the requirement that asks for it.")
        return self.to_the_set("topics")


class HandInView(ToTheSetMixin, ChangeSetMixin, OneFormView):
    """Hand a draft in for approval; before that, let it follow a version published meanwhile."""

    template_name = "compliance/rule_hand_in.html"
    form_class = SeenForm

    def get_initial(self):
        """What is handed in is what the page shows."""
        return {"seen": rules.fingerprint(self.object)}

    def get_context_data(self, **kwargs):
        """Also what is in the way."""
        one = self.object
        cannot = ""
        if not rules.why_locked(one):
            try:
                rule_drafts.must_be_publishable(one, self.today)
            except Refused as refusal:
                cannot = refusal.message
        return super().get_context_data(
            cannot=cannot, is_stale=rules.is_stale(one), newest=rules.latest(one.period), **kwargs
        )

    def post(self, request, *args, **kwargs):
        """Following the version published meanwhile is an act of its own."""
        if request.POST.get("act") == "follow" and not rules.why_locked(self.object):
            rule_drafts.follow_latest(by=request.user, draft=self.object)
            messages.success(request, "The draft follows the latest version. Look at what differs from it.")
            return self.to_the_set("list")
        return super().post(request, *args, **kwargs)

    def act(self, form):
        """Hand it in."""
        rule_drafts.hand_in(
            by=self.request.user,
            draft=self.object,
            seen=form.cleaned_data["seen"],
            now=clock.now(),
            today=self.today,
        )
        messages.success(self.request, "Handed in. Somebody of POST’s staff who did not work on it approves it.")
        return self.to_the_set()


class DecideView(ToTheSetMixin, OneSetMixin, StepUpMixin, OneFormView):
    """What was handed in is approved and so published, sent back by another, or taken back by an author."""

    template_name = "compliance/rule_decide.html"
    writes = True

    def get_form_class(self):
        """Sending back needs a reason; the rest what was seen."""
        return SendBackForm if self.request.POST.get("act") == "back" else SeenForm

    def get_initial(self):
        """What is approved is what the page shows."""
        return {"seen": rules.fingerprint(self.object)}

    def get_context_data(self, **kwargs):
        """Also what it changes, and the golden cases, run now."""
        one = self.object
        rows, before = rules.rows_of(one), rules.compared_with(one)
        return super().get_context_data(
            waits=one.is_draft and one.handed_in_at is not None,
            is_author=rules.is_author(self.request.user, one),
            authors=list(one.authors.select_related("user")),
            differences=rules.differences(rules.rows_of(before), rows) if before else [],
            before=before,
            to_look_at=rules.to_look_at(rows),
            topics=list(one.proposed_topics.all()),
            later=rules.later_alike(one.period) if one.carries_on and one.is_draft else [],
            ran=rule_cases.outcomes(one),
            seen=rules.fingerprint(one),
            back=SendBackForm() if self.get_form_class() is SeenForm else kwargs.get("form"),
            **kwargs,
        )

    def act(self, form):
        """Do it."""
        user, act = self.request.user, self.request.POST.get("act", "")
        if act == "back":
            rule_drafts.send_back(by=user, draft=self.object, reason=form.cleaned_data["reason"])
            messages.success(self.request, "Sent back. Its authors find your words on the draft.")
        elif act == "take":
            rule_drafts.take_back(by=user, draft=self.object)
            messages.success(self.request, "Taken back. It can be changed again.")
        elif act == "approve":
            made = requirement_sets.approve(by=user, draft=self.object, seen=form.cleaned_data["seen"], at=clock.now())
            names = ", ".join(str(one) for one in made.sets)
            news = f" and {count_words(len(made.new_topics), 'new topic')}" if made.new_topics else ""
            messages.success(self.request, f"Published: {names}{news}. Every standing follows from now on.")
        else:
            raise Refused("Choose what is to be done.")
        return self.to_the_set()


class DiscardView(ChangeSetMixin, OneFormView):
    """Give a draft up."""

    template_name = "compliance/rule_discard.html"
    form_class = ReasonForm

    def act(self, form):
        """Discard it."""
        rule_drafts.discard(by=self.request.user, draft=self.object, now=clock.now(), **form.cleaned_data)
        messages.success(self.request, f"The draft for {self.object.period.year} is discarded.")
        return redirect("compliance:rules")
