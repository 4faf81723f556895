"""What the pages of the register have in common: who may read it, who may change it, and the page of one act."""

from django.contrib import messages
from django.contrib.auth.mixins import UserPassesTestMixin
from django.shortcuts import redirect

from clee_portal.accounts.step_up import StepUpMixin
from training import access
from training.views.one_form import OneFormView


class SeesRegisterMixin(UserPassesTestMixin):
    """For the state's people."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may read the register."""
        return access.can_see_register(self.request.user)


class KeepsRegisterMixin(UserPassesTestMixin):
    """For POST staff."""

    raise_exception = True

    def test_func(self) -> bool:
        """Those who may change the register."""
        return access.can_keep_register(self.request.user)


class ChangeView(KeepsRegisterMixin, StepUpMixin, OneFormView):
    """One act on the register, on a page of its own: `act` of a subclass calls the service and returns what to say.

    `crumbs` are pairs of words and address above it, `heading` the page's first line, `intro` what follows from the
    act, `button` its name.
    """

    template_name = "training/register_change.html"
    heading = button = intro = eyebrow = ""
    is_grave = False
    changes_a_license = False  # what the state's people confirm with their second step

    def is_the_act(self, request) -> bool:
        """Whether the second step is asked for."""
        return self.changes_a_license

    def found(self):
        """What the act is about; what is not there is 404."""
        return None

    def before(self) -> dict:
        """What the form shows at first."""
        return {}

    def crumbs(self) -> list[tuple[str, str]]:
        """Where the page lies."""
        return []

    def done_url(self) -> str:
        """Where it goes on; also where "Not now" leads."""
        return self.crumbs()[-1][1]

    def dispatch(self, request, *args, **kwargs):
        """Only those who may; then what it is about."""
        if self.test_func():
            self.object = self.found()
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self) -> dict:
        """What is in the register, and what was typed before the session ended."""
        typed = super().get_initial()
        if typed:  # a box that was left empty is not sent
            typed |= {name: bool(typed.get(name)) for name, value in self.before().items() if value is True}
        return self.before() | typed

    def get_context_data(self, **kwargs):
        """The words of the page."""
        return super().get_context_data(
            heading=self.heading,
            eyebrow=self.eyebrow,
            intro=self.intro,
            button=self.button,
            is_grave=self.is_grave,
            crumb_list=self.crumbs(),
            back_url=self.done_url(),
            object=self.object,
            **kwargs,
        )

    def form_valid(self, form):
        """Do it, and say so where the person goes on; what is refused is said at its field."""
        answer = super().form_valid(form)
        if isinstance(answer, str):
            messages.success(self.request, answer)
            return redirect(self.done_url())
        return answer
