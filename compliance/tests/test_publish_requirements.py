"""Next year's requirements: published from a file as a new version, tried first, refused where they make no sense."""

import pytest
import yaml
from django.core.management import CommandError, call_command

from clee_portal import clock
from compliance import periods, standings
from compliance.models import RequirementSet
from training.models import Topic
from training.tests import factories as make

pytestmark = pytest.mark.django_db
PETRA, PAUL = "petra@state.example.org", "paul@state.example.org"
NEXT = clock.today().year + 1


@pytest.fixture
def wanted(capsys):
    call_command("publish_requirements", "--show", str(NEXT))
    return yaml.safe_load(capsys.readouterr().out) | {"note": "Autism training, effective next year."}


def publish(tmp_path, wanted, *options):
    path = tmp_path / "next.yaml"
    path.write_text(yaml.safe_dump(wanted))
    if not options:
        for one in (PETRA, PAUL):
            make.post_staff(one)
        options = ("--proposed-by", PETRA, "--approved-by", PAUL.upper())
    call_command("publish_requirements", str(path), *options)


def codes(year):
    return [one.code for one in standings.question(periods.by_year(year), clock.now()).requirements]


def with_autism(wanted):
    wanted["topics"] = [{"code": "autism", "name": "Autism", "usual_area": "interpersonal"}]
    wanted["requirements"].append(
        {"code": "autism", "name": "Autism", "short_name": "autism", "minimum": 1, "topic": "autism",
         "wording": "At least 1 hour on autism.", "citation": "test"}
    )  # fmt: skip
    return wanted


def test_new_topic_is_asked_from_next_year_on(tmp_path, wanted, capsys):
    make.officer(make.agency())
    publish(tmp_path, with_autism(wanted))
    assert codes(NEXT)[-1] == "autism"
    assert "autism" not in codes(NEXT - 1)
    assert capsys.readouterr().out.splitlines() == [
        "1 officer: 0 change standing, 1 lacks something new.",
        f"Published: {NEXT} reporting period · version 2.",
    ]


def test_dry_run_changes_nothing(tmp_path, wanted, capsys):
    publish(tmp_path, with_autism(wanted), "--dry-run")
    assert "Would be published" in capsys.readouterr().out
    assert (codes(NEXT)[-1], Topic.objects.filter(code="autism").count()) == ("de_escalation", 0)


def test_correction_of_this_year_holds_for_the_period_made_ahead(tmp_path, wanted):
    wanted["period"] = NEXT - 1
    wanted["requirements"] = wanted["requirements"][:3]
    publish(tmp_path, wanted)
    assert codes(NEXT - 1) == codes(NEXT) == ["total", "approved_provider", "legal"]


def test_the_set_names_who_proposed_and_who_approved_it(tmp_path, wanted):
    publish(tmp_path, with_autism(wanted))
    held = RequirementSet.objects.get(note=wanted["note"])
    assert (held.authors.get().user.email, held.published_by.email) == (PETRA, PAUL)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "It takes two people"),
        (["--proposed-by", PETRA], "It takes two people"),
        (["--proposed-by", PETRA, "--approved-by", PETRA.title()], "Whoever proposes a list does not approve it"),
        (["--proposed-by", PETRA, "--approved-by", "nobody@example.org"], "Nobody signs in with the address nobody@"),
        (["--proposed-by", PETRA, "--approved-by", "dirk@example.org"], "Only POST staff"),
        (["--proposed-by", "gone@example.org", "--approved-by", PETRA], "Only POST staff"),
    ],
)
def test_publishing_takes_two_people_of_posts_staff(tmp_path, wanted, names, message):
    make.post_staff(PETRA)
    make.director("dirk@example.org")
    gone = make.post_staff("gone@example.org")
    gone.is_active = False
    gone.save()
    path = tmp_path / "next.yaml"
    path.write_text(yaml.safe_dump(with_autism(wanted)))
    with pytest.raises(CommandError, match=message):
        call_command("publish_requirements", str(path), *names)
    assert not RequirementSet.objects.filter(note=wanted["note"]).exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.update(note=""), "Say in `note` what changes"),
        (lambda w: w.update(period=1999), "There is no reporting period 1999"),
        (lambda w: w.update(requirements=[]), "at least one requirement"),
        (lambda w: w["requirements"][0].update(minimum=0), "greater than or equal to 0.01"),
        (lambda w: w["requirements"][0].update(minimum="many"), "“many” is not a number of hours"),
        (lambda w: w["requirements"][0].update(area="cooking"), "no area has the code “cooking”"),
        (lambda w: w["requirements"][0].update(colour="red"), "unknown key “colour”"),
        (lambda w: w["requirements"][0].pop("citation"), "“citation” is missing"),
        (lambda w: w["requirements"][1].update(code="total"), "The code “total” stands twice"),
        (lambda w: w["requirements"][5].update(area="legal"), "so no hour could ever count"),
        (lambda w: None, "asks exactly this already"),
    ],
)
def test_list_that_makes_no_sense_is_refused_and_leaves_nothing(tmp_path, wanted, change, message):
    change(wanted)
    before = RequirementSet.objects.count()
    with pytest.raises(CommandError, match=message):
        publish(tmp_path, wanted)
    assert RequirementSet.objects.count() == before
