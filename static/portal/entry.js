/* Entering a class: totals and topics while typing, search in the roster, ticks, exceptions in place.
   The server decides everything again; without this script every button still works by a round trip. */
"use strict";

(() => {
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const number = (text) => {
    const trimmed = (text || "").trim().replace(",", ".");
    return trimmed === "" ? 0 : /^\d+(\.\d{1,2})?$/.test(trimmed) ? Math.round(Number(trimmed) * 100) : NaN;
  };
  const words = (hundredths) => String(hundredths / 100);

  /* Print, and one send of the form that records. */
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  document.querySelectorAll("form[data-once]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent && event.submitter?.value === "record") event.preventDefault();
      if (event.submitter?.value === "record") form.dataset.sent = "1";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  });

  const form = document.getElementById("entry");
  if (!form) return;

  /* Hours: the total, and topics that do not fit into their area. */
  const judge = (box) => {
    const inputs = [...box.querySelectorAll("input[name*='-area-'], input[name*='-topic-']")];
    const areas = new Map(), inside = new Map();
    let total = 0, trouble = "";
    for (const input of inputs) {
      const value = number(input.value);
      const code = input.name.replace(/^.*-(area|topic)-/, "");
      const label = box.querySelector(`label[for="${input.id}"]`).textContent.trim();
      input.classList.toggle("is-invalid", Number.isNaN(value));
      if (Number.isNaN(value)) trouble ||= `${label}: write hours like 1.5, with two decimals at most.`;
      else if (input.name.includes("-area-")) { areas.set(code, { label, hours: value }); total += value; }
      else {
        const choice = box.querySelector(`[data-within="${code}"]`);
        const area = choice ? choice.value : "skill";
        inside.set(area, (inside.get(area) || 0) + value);
      }
    }
    for (const [code, hours] of inside) {
      const area = areas.get(code);
      if (!trouble && area && hours > area.hours) trouble = `The topics in ${area.label} come to ${words(hours)} h, but it has ${words(area.hours)} h. Topics lie inside the hours, never on top.`;
    }
    const say = (place, text) => { if (place && place.textContent !== text) place.textContent = text; };
    say(box.querySelector("[data-trouble-of-hours]"), trouble);
    say(box.querySelector("[data-total]"), total === 100 ? "1 hour" : `${words(total)} hours`);
    return total;
  };
  const whole = document.getElementById("hours");

  /* The roster. */
  const count = document.getElementById("count");
  const rows = () => [...form.querySelectorAll(".roster > .roster-row")];
  /* Who is pasted counts with who is ticked, once. */
  const pks = (name) => new Set((form.querySelector(".matches-all")?.dataset[name] || "").split(" ").filter(Boolean));
  const tally = () => {
    const boxes = [...form.querySelectorAll("input[name=officers]")];
    const found = pks("people"), named = pks("named"), questioned = pks("questioned");
    for (const box of boxes) {
      const row = box.closest(".roster-row").classList;
      row.toggle("is-pasted", named.has(box.value));
      row.toggle("is-questioned", questioned.has(box.value));
    }
    /* Who is ticked, and named in a line that is held, is not credited before that is decided. */
    const ticked = boxes.filter((box) => (box.checked && !questioned.has(box.value)) || found.has(box.value)).length;
    const elsewhere = found.size - boxes.filter((box) => found.has(box.value)).length;
    const bold = document.createElement("b");
    bold.textContent = ticked;
    const hours = judge(whole);
    count.replaceChildren(bold, ` of ${boxes.length} officer${boxes.length === 1 ? "" : "s"}${elsewhere ? ` + ${elsewhere} from elsewhere` : ""}${hours ? ` · ${words(hours)} h each` : ""}`);
  };
  const search = () => {
    const field = document.getElementById("search");
    if (!field) return;
    const parts = plain(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows()) {
      row.dataset.plain ||= plain(row.querySelector("label > span").textContent);
      row.hidden = !parts.every((part) => row.dataset.plain.includes(part));
      if (!row.hidden) shown += 1;
    }
    const empty = form.querySelector(".empty-search");
    if (empty) empty.hidden = shown > 0;
  };
  /* The chips of standing come after the page. Swapped here in one go: a swap each would hold up a roster of 1,200. */
  const standings = async () => {
    try {
      const answer = await fetch(form.dataset.standings, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const chip of parsed.querySelectorAll("[id^='standing-']")) {
        const place = document.getElementById(chip.id);
        chip.removeAttribute("hx-swap-oob");
        if (place) place.replaceWith(document.adoptNode(chip));
      }
      for (const row of rows()) delete row.dataset.plain;
    } catch { /* The page does its work without them. */ }
  };
  const ready = () => {
    const field = document.getElementById("search");
    if (field) field.hidden = false;
    form.querySelectorAll("[data-hours]").forEach(judge);
    tally();
    if (rows().length && form.dataset.standings) standings();
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.name === "step" && (button.value === "all" || button.value === "none")) {
      event.preventDefault();
      for (const row of rows()) if (!row.hidden) row.querySelector("input[name=officers]").checked = button.value === "all";
      tally();
    } else if (button.name === "unfold" && window.htmx && !("page" in button.dataset)) {
      event.preventDefault();
      const place = document.getElementById(`exception-${button.value}`);
      if (place.childElementCount) { place.querySelector("input").focus(); return; }
      const path = `${form.dataset.url}?exception=${button.value}&number=${encodeURIComponent(button.dataset.number || "")}`;
      htmx.ajax("GET", path, { target: place, swap: "innerHTML" }).then(() => {
        place.querySelectorAll("[data-hours]").forEach((box) => { fill(box); judge(box); });
        place.querySelector("input")?.focus();
      });
    }
  });
  /* A part begins with the hours of the class. */
  const fill = (box) => {
    for (const field of box.querySelectorAll("input, select")) {
      const same = form.elements[field.name.replace(/^part-\d+-/, "hours-")];
      if (same) field.value = same.value;
    }
  };
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.target.id === "id_group_name") { event.preventDefault(); form.querySelector("[value=save_group]").click(); }
    else if (event.target.id === "search") {
      /* Enter ticks the only one found, and goes on to the next name. */
      event.preventDefault();
      const shown = rows().filter((row) => !row.hidden);
      if (event.target.value.trim() && shown.length === 1) {
        const box = shown[0].querySelector("input[name=officers]");
        box.checked = !box.checked;
        event.target.value = "";
        search();
        tally();
      }
    } else if (event.target.matches("input[name=officers]")) event.preventDefault();
  });
  form.addEventListener("input", (event) => {
    if (event.target.id === "search") search();
    const box = event.target.closest("[data-hours]");
    if (box) { judge(box); if (box === whole) { whole.dataset.typed = "1"; tally(); } }
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "officers") tally();
    if (event.target.name?.startsWith("pick-")) match(0);
    if (event.target.name === "course") chosen();
    if (event.target.name === "ends_on") other_day();
  });

  /* The day decides who was with the agency. */
  const other_day = () => {
    const day = form.elements.ends_on.value;
    const shown = form.querySelector("[data-day]")?.dataset.day;
    if (!window.htmx || !/^\d{4}-\d\d-\d\d$/.test(day) || day === shown || day < "1990-01-01") return;
    htmx.ajax("POST", form.dataset.url, { source: form, target: "#roster", swap: "innerHTML", values: { step: "roster" } }).then(() => { ready(); match(0); });
  };

  /* Who is meant by what is pasted, a moment after the last key. The newest answer wins; what was opened stays open. */
  const pasted = document.getElementById("id_pasted"), matches = document.getElementById("matches");
  let waiting = 0, asked = 0;
  const match = (after) => {
    if (!window.htmx) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      if (!pasted.value.trim() && !matches.querySelector("li, fieldset, p")) return;
      const mine = ++asked, body = new FormData(form);
      body.delete("file");
      body.set("step", "match");
      try {
        const answer = await fetch(form.dataset.url, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
        if (mine !== asked || !answer.ok) return;
        const text = await answer.text();
        if (mine !== asked) return;
        const at = document.activeElement?.id;
        const folded = matches.querySelector(".match-list.found")?.closest("details");
        const was = folded ? folded.open : null;
        htmx.swap(matches, text, { swapStyle: "innerHTML" });
        const now = matches.querySelector(".match-list.found")?.closest("details");
        if (now && was !== null) now.open = was;
        if (at && !document.activeElement?.id) document.getElementById(at)?.focus();
        matches.querySelectorAll("[data-hours]").forEach(judge);
        tally();
      } catch { /* The page shows it when it is sent. */ }
    }, after);
  };
  /* A chosen file is read at once: its people come into the box, or it becomes an import of its own. */
  const read = form.querySelector("[name=step][value=file]");
  document.getElementById("id_file")?.addEventListener("change", (event) => {
    if (event.target.files.length) form.requestSubmit(read);
  });
  pasted.addEventListener("input", () => match(300));
  form.querySelectorAll(".no-script").forEach((button) => { button.hidden = true; });

  /* What was ticked while that roster was on its way stays ticked. */
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "roster") return;
    const boxes = [...form.querySelectorAll("input[name=officers]")];
    const before = new Map(boxes.map((box) => [box.value, box.checked]));
    document.body.addEventListener("htmx:afterSwap", () => {
      for (const box of form.querySelectorAll("input[name=officers]")) if (before.has(box.value)) box.checked = before.get(box.value);
      tally();
    }, { once: true });
  });

  /* The course brings its hours. */
  const courses = JSON.parse(document.getElementById("courses-data").textContent);
  const note = document.getElementById("course-note");
  const first_note = note.textContent;
  const synopsis = document.getElementById("synopsis");
  let filled_from = "";
  const chosen = (event_is_first) => {
    const typed = form.elements.course.value.trim();
    const course = courses.find((one) => plain(one.label) === plain(typed));
    synopsis.hidden = !typed || Boolean(course);
    note.textContent = course ? course.note : typed ? "A new course: it goes to POST with this class, and its hours count from today." : first_note;
    if (!course || event_is_first === true || whole.dataset.typed || filled_from === course.label) return;
    filled_from = course.label;
    for (const field of whole.querySelectorAll("input")) field.value = "";
    for (const [name, value] of Object.entries(course.hours)) if (form.elements[`hours-${name}`]) form.elements[`hours-${name}`].value = value;
    form.elements.delivery.value = course.delivery;
    tally();
  };
  form.elements.course.addEventListener("input", () => {
    if (courses.some((one) => plain(one.label) === plain(form.elements.course.value.trim()))) chosen();
  });
  if ([...whole.querySelectorAll("input")].some((field) => field.value)) whole.dataset.typed = "1";
  chosen(true);
  ready();
})();
