"""Who may read medical documents is named by the Director or an agent, dated, and ends at once."""

import pytest
from django.urls import reverse

from clee_portal import clock
from clee_portal.accounts.models import StateRole, User
from clee_portal.refusal import Refused
from compliance.services import medical_readers
from training.tests import factories

pytestmark = pytest.mark.django_db


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_named_and_ended_by_the_director(client):
    director, post = factories.director(), factories.post_staff(name="Petra Post")
    client.force_login(director)
    path = reverse("compliance:medical_readers")
    assert "Nobody may read medical documents" in client.get(path).content.decode()
    assert client.post(path, {"user": post.pk}).status_code == 302
    assert again(post).reads_medical
    held = StateRole.objects.get(role="medical_reader")
    assert (held.starts_on, held.named_by) == (clock.today(), director)
    assert client.post(path, {"end": held.pk}).status_code == 302
    assert not again(post).reads_medical


def test_post_staff_do_not_name_each_other(client):
    post, other = factories.post_staff(), factories.post_staff()
    client.force_login(post)
    assert client.post(reverse("compliance:medical_readers"), {"user": other.pk}).status_code == 403
    with pytest.raises(Refused, match="Only the Director"):
        medical_readers.name(by=post, user=other, today=clock.today())


def test_only_the_states_people_and_once():
    director, post = factories.director(), factories.post_staff()
    with pytest.raises(Refused, match="acts for the state"):
        medical_readers.name(by=director, user=factories.user(), today=clock.today())
    medical_readers.name(by=director, user=post, today=clock.today())
    with pytest.raises(Refused, match="named already"):
        medical_readers.name(by=director, user=again(post), today=clock.today())


def test_another_role_is_not_ended_by_its_number(client):
    director, post = factories.director(), factories.post_staff()
    client.force_login(director)
    role = post.state_roles.get()
    client.post(reverse("compliance:medical_readers"), {"end": role.pk})
    assert again(post).is_post_staff
    with pytest.raises(Refused, match="ended already"):
        medical_readers.end(by=director, held=role, today=clock.today())
