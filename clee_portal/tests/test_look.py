"""The tags of the look, and what holds for every template, style and icon of the portal."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

from clee_portal.templatetags import look
from clee_portal.tests.test_url_sweep import names
from compliance.verdict import Standing
from compliance.wording import standing_label

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))
SPRITE = (ROOT / "static/portal/icons.svg").read_text()
STYLE = (ROOT / "static/portal/look.css").read_text()


def rendered(source: str, **context) -> str:
    """`source` rendered as a template of the site, for somebody who is not signed in."""
    request = RequestFactory().get("/officers/?standing=grace&page=2")
    request.user = AnonymousUser()
    return engines["django"].from_string("{% load look %}" + source).render(context, request)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("21.00"), "21"),
        (Decimal("0.50"), "0.5"),
        (Decimal("1204.25"), "1,204.25"),
        (Decimal("20"), "20"),
        (Decimal("100"), "100"),
        (Decimal("0.00"), "0"),
        (Decimal("-2.50"), "-2.5"),
        (3, "3"),
        (0.1, "0.1"),
        (None, "0"),
        ("", "0"),
    ],
)
def test_hours_as_tag_and_filter(value, text):
    assert rendered("{% hours value %}", value=value) == text
    assert rendered("{{ value|hours }}", value=value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1.00"), "1 hour"),
        (Decimal("2.50"), "2.5 hours"),
        (Decimal("0"), "0 hours"),
        (Decimal("0.50"), "0.5 hours"),
        (None, "0 hours"),
    ],
)
def test_hours_words_singular_and_plural(value, text):
    assert rendered("{% hours_words value %}", value=value) == text
    assert rendered("{{ value|hours_words }}", value=value) == text


def test_icon_is_hidden_from_screen_readers():
    assert rendered('{% icon "check-lg" %}') == (
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="/static/portal/icons.svg#check-lg"/></svg>'
    )


def test_chip_escapes_its_label():
    assert rendered('{% chip "due" label %}', label="<b>3 h</b>") == (
        '<span class="chip tone-due">&lt;b&gt;3 h&lt;/b&gt;</span>'
    )


def test_chip_with_icon_has_both():
    assert rendered('{% chip "met" "Met" "check-lg" %}') == (
        '<span class="chip tone-met"><svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="/static/portal/icons.svg#check-lg"/></svg>Met</span>'
    )


def test_chip_of_unknown_tone_is_refused():
    with pytest.raises(ValueError, match="Unknown tone 'danger'"):
        look.chip("danger", "3 h short")


@pytest.mark.parametrize("code", look.STANDINGS)
def test_standing_chip_has_words_and_a_known_icon(code):
    tone, words, icon = look.STANDINGS[code]
    chip = look.standing_chip(code)
    assert f'class="chip tone-{tone}"' in chip
    assert str(words) in chip
    assert f'id="{icon}"' in SPRITE


def test_standing_chip_with_label_keeps_tone_and_icon():
    chip = rendered('{% standing_chip "extended" "Extended to Jun 30" %}')
    assert chip.startswith('<span class="chip tone-held">')
    assert "#calendar-plus" in chip
    assert chip.endswith("Extended to Jun 30</span>")


def test_standings_are_the_ten_of_the_cases():
    assert set(look.STANDINGS) == {
        "not_applicable", "exempt", "waived", "compliant", "inactive",
        "in_progress", "extended", "grace", "extension_pending", "candidate",
    }  # fmt: skip


@pytest.mark.parametrize(("count", "text"), [(0, "0 rows"), (1, "1 row"), (1204, "1,204 rows")])
def test_count_words_singular_and_plural(count, text):
    assert look.count_words(count, "row") == text
    assert look.count_words(count, "is", "are").endswith(" is" if count == 1 else " are")


def test_hours_in_words_are_written_by_the_one_tag():
    """A number of hours beside the word "hours" says "1 hours" one day."""
    sources = [path for app in ("clee_portal", "compliance", "training") for path in (ROOT / app).rglob("*.py")]
    alone = re.compile(
        r"\|hours \}\}(</b>)? hours|\{%[^%]*hours [^%]*%\} hours|normalize\(\):f\} hours|_number\([^)]*\)\} hours"
    )
    found = [path.name for path in (*TEMPLATES, *sources) if path != Path(__file__) and alone.search(path.read_text())]
    assert found == []


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "1 question of another agency about an officer of yours waits for"),
        (2, "2 questions of other agencies about officers of yours wait for"),
    ],
)
def test_reminder_of_questions_singular_and_plural(count, text):
    source = '{% include "training/_roster_reminder.html" %}'
    assert text in rendered(source, questions=count, agency={"code": "harlan"})


@pytest.mark.parametrize("standing", Standing)
def test_standing_has_one_name(standing):
    assert (standing.label, standing_label(standing).label) == (look.STANDINGS[standing][1],) * 2


@pytest.mark.django_db
def test_help_names_standings_as_the_pages_do(client):
    page = client.get("/help/").content.decode()
    for _, words, _ in look.STANDINGS.values():
        assert f"{words}</span></dt>" in page
    assert "andidate" not in page


def widths(svg: str) -> list[str]:
    return re.findall(r'width="([^"]+)%"', svg)


@pytest.mark.parametrize(
    ("done", "need", "booked", "expected"),
    [
        (Decimal("21"), Decimal("24"), 0, ["87.5"]),
        (Decimal("0"), Decimal("24"), 0, ["0"]),
        (Decimal("8"), Decimal("2"), 0, ["100"]),
        (Decimal("6"), Decimal("8"), Decimal("1"), ["75", "12.5", "12.5"]),
        (Decimal("6"), Decimal("8"), Decimal("9"), ["75", "25", "25"]),
        (Decimal("8"), Decimal("8"), Decimal("1"), ["100"]),
        (Decimal("1"), Decimal("3"), 0, ["33.33"]),
        (Decimal("0"), Decimal("0"), 0, ["100"]),
    ],
)
def test_track_widths(done, need, booked, expected):
    assert widths(look.track(done, need, "due", booked=booked)) == expected


def test_track_stripes_follow_the_done_part():
    svg = look.track(6, 8, "due", booked=2)
    assert 'x="75%" width="25%" height="100%" fill="url(#stripes)"' in svg


SEASON = {"start": date(2018, 1, 1), "end": date(2018, 12, 31), "by": date(2019, 3, 15)}


def season(today: date, **dates) -> str:
    return rendered("{% season start end by today %}", **{**SEASON, **dates}, today=today)


def test_season_says_its_dates_in_a_sentence():
    svg = season(date(2018, 11, 23))
    assert 'role="img"' in svg
    assert (
        'aria-label="The period runs from January 1, 2018 to December 31, 2018. Missing hours can be made up until '
        'March 15, 2019. Today is November 23, 2018."'
    ) in svg


@pytest.mark.parametrize(
    ("today", "place", "anchor"),
    [
        (date(2017, 12, 1), "0", "start"),
        (date(2018, 1, 1), "0", "start"),
        (date(2018, 7, 1), "41.32", "middle"),
        (date(2018, 12, 31), "83.11", "end"),
        (date(2019, 3, 15), "100", "end"),
        (date(2019, 6, 1), "100", "end"),
    ],
)
def test_season_today_stays_inside_the_line(today, place, anchor):
    svg = season(today)
    assert f'<circle cx="{place}%"' in svg
    assert f'<text class="now" x="{place}%" y="15" text-anchor="{anchor}">' in svg


def test_season_without_make_up_time_ends_with_the_period():
    svg = season(date(2018, 7, 1), by=date(2018, 12, 31))
    assert "made up" not in svg
    assert 'class="last"' not in svg


def test_split_shares_fill_the_bar_and_name_their_counts():
    html = rendered("{% split segments %}", segments=[("met", "Compliant", 3, "check-lg"), ("due", "Short", 1)])
    assert widths(html) == ["75", "25"]
    assert re.findall(r"<b>(\d+)</b>", html) == ["3", "1"]


def test_split_draws_a_small_share_and_leaves_out_nothing():
    html = rendered(
        "{% split segments %}", segments=[("met", "Compliant", 9999), ("due", "Short", 1), ("held", "Exempt", 0)]
    )
    assert widths(html) == ["99.21", "0.79"]
    assert "Exempt" not in html


def test_split_without_legend_says_its_counts():
    html = rendered("{% split segments legend=False %}", segments=[("met", "Compliant", 1204), ("due", "Short", 8)])
    assert 'role="img" aria-label="1,204 compliant, 8 short"' in html
    assert "<figcaption>" not in html


def test_split_of_nobody_is_an_empty_bar():
    assert widths(rendered("{% split segments %}", segments=[])) == []


class ClassForm(forms.Form):
    title = forms.CharField(label="Title of the course")
    completed_on = forms.DateField(label="Completed on")
    how = forms.ChoiceField(label="Who may attend", choices=[("own", "Own")], widget=forms.RadioSelect)
    token = forms.CharField(widget=forms.HiddenInput, label="Form")

    def clean(self):
        raise forms.ValidationError("The topics exceed the hours.")


def test_error_summary_names_fields_and_leads_to_them():
    html = rendered('{% include "portal/_error_summary.html" %}', form=ClassForm({"completed_on": "soon"}))
    assert "There are 5 problems" in html
    assert re.findall(r'<a href="#([^"]+)">([^<]+)</a>', html) == [
        ("id_title", "Title of the course: This field is required."),
        ("id_completed_on", "Completed on: Enter a valid date."),
        ("id_how_0", "Who may attend: This field is required."),
    ]
    assert "<li>The topics exceed the hours.</li>" in html
    assert "<li>Form: This field is required.</li>" in html


def test_error_summary_of_a_new_form_is_empty():
    assert rendered('{% include "portal/_error_summary.html" %}', form=ClassForm()).strip() == ""
    assert rendered('{% include "portal/_error_summary.html" %}').strip() == ""


class HoursForm(forms.Form):
    hours = forms.DecimalField(label="Hours")


def test_error_summary_of_a_formset_names_the_row():
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-hours": "2", "form-1-hours": "x"}
    formset = forms.formset_factory(HoursForm)(data)
    formset.forms[0].row_name = "Legal studies"
    assert look.error_rows(None, formset) == [{"target": "id_form-1-hours", "text": "Row 2, Hours: Enter a number."}]


def test_error_summary_of_a_question_has_one_mark():
    form = type("AskForm", (forms.Form,), {"year": forms.CharField(label="For which year?")})({})
    assert look.error_rows(form) == [{"target": "id_year", "text": "For which year? This field is required."}]


def test_error_summary_of_a_formset_prefers_the_name_of_the_row():
    data = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-hours": "x"}
    formset = forms.formset_factory(HoursForm)(data)
    formset.forms[0].row_name = "Legal studies"
    assert look.error_rows(None, formset) == [
        {"target": "id_form-0-hours", "text": "Legal studies, Hours: Enter a number."}
    ]


def test_pagination_keeps_the_rest_of_the_address():
    html = rendered(
        '{% include "portal/_pagination.html" with noun="officers" %}', page=Paginator(range(120), 50).page(2)
    )
    assert "51–100 of 120 officers" in html
    assert re.findall(r'href="\?([^"]+)"', html) == [
        "standing=grace&amp;page=1",
        "standing=grace&amp;page=1",
        "standing=grace&amp;page=2",
        "standing=grace&amp;page=3",
        "standing=grace&amp;page=3",
    ]


def test_pagination_of_one_page_is_only_the_count():
    html = rendered(
        '{% include "portal/_pagination.html" with noun="officers" %}', page=Paginator(range(31), 50).page(1)
    )
    assert "<p>31 officers</p>" in html
    assert "<nav" not in html


def test_crumbs_link_all_but_the_last():
    assert rendered('{% crumbs "Officers" "/officers/" "Whitlock, Dana" %}') == (
        '<nav aria-label="Where you are"><ol class="crumbs"><li><a href="/officers/">Officers</a></li>'
        '<li aria-current="page">Whitlock, Dana</li></ol></nav>'
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_no_inline_style_or_script(path):
    source = path.read_text()
    if path == ROOT / "templates/notifications/mail/_base.html":  # the look of a mail travels with it
        source = re.sub(r"<style>.*?</style>", "", source, flags=re.DOTALL)
    written = re.sub(r"{%.*?%}", "", source)  # `{% include … with one="message" %}` is no attribute
    assert not re.search(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=|javascript:|hx-on|hx-vals\s*=\s*['\"]js:", written)
    assert all("src=" in attributes or "json" in attributes for attributes in re.findall(r"<script\b([^>]*)>", source))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_names_only_icons_of_the_sprite(path):
    source = path.read_text()
    named = re.findall(r'{%-?\s*icon "([\w-]+)"', source) + re.findall(
        r'{% chip "\w+" (?:"[^"]*"|[\w.|]+) "([\w-]+)"', source
    )
    assert [name for name in named if f'id="{name}"' not in SPRITE] == []


def test_templates_lead_only_to_addresses_of_the_portal():
    """A page that leads to what does not exist would fail as it is shown, to whoever comes there first."""
    named = {(name, path) for path in TEMPLATES for name in re.findall(r"""{%-? *url ['"]([\w:]+)""", path.read_text())}
    known = set(names())
    assert len(named) > 500
    assert sorted(f"{path.relative_to(ROOT)}: {name}" for name, path in named if name not in known) == []


def test_static_files_refer_to_no_source_map():
    files = [path for path in (ROOT / "static").rglob("*") if path.suffix in {".css", ".js"}]
    assert [path.name for path in files if "sourceMappingURL" in path.read_text()] == []


def test_style_urls_exist():
    urls = re.findall(r'url\("([^"#]+)"\)', STYLE)
    assert len(urls) == 2
    assert [url for url in urls if not (ROOT / "static/portal" / url).exists()] == []


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


COLORS = dict(re.findall(r"--cp-([\w-]+): (#[0-9a-f]{6});", STYLE))


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [(tone, f"{tone}-wash", 4.5) for tone in ("met", "due", "short", "held", "quiet", "blue")]
    + [(text, "paper", 4.5) for text in ("ink", "muted", "met", "due", "short", "held", "quiet", "blue", "blue-deep")]
    + [("ink", "gold", 4.5), ("gold", "ink", 3), ("edge", "paper", 3)],
)
def test_colors_contrast_enough(text, ground, least):
    assert contrast(COLORS[text], COLORS[ground]) >= least
