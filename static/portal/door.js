/* The door of a class on a phone or a tablet: search as one types, in and out by one press, QR codes by the camera, and
   all of it without a connection. Every mark is put on the device first and sent then, so that nothing is lost and nothing
   is counted twice. Without this script every button is a plain form. */
"use strict";

(() => {
  const root = document.getElementById("door");
  if (!root || !("indexedDB" in window)) return;
  const { path, user, meeting } = root.dataset;
  const kept_list = `list ${path} ${meeting}`;
  const form = root.querySelector("form.door-form");
  const list = root.querySelector("#door-list"), waiting = root.querySelector("#door-waiting");
  const box = form.elements.found, other_time = form.elements.time;
  const said = root.querySelector("#door-said"), link = root.querySelector("#door-link");
  const outbox = root.querySelector("#door-outbox"), ask = root.querySelector("#door-full");
  const templates = root.querySelector("#door-templates").content;
  const POLL = 30000;

  let state = JSON.parse(document.getElementById("door-state").textContent);
  let unsent = [], ahead = 0, learned = 0, trouble = "", signed_out = false, busy = false, again = 2000, timer = 0, kind = "in";

  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const hour = new Intl.DateTimeFormat("en-US", { timeZone: "America/Chicago", hour: "numeric", minute: "2-digit" });
  /* The space before AM is a narrow one in some browsers; the portal's is a plain one. */
  const at_words = (moment) => hour.format(new Date(moment)).replace(/\s/g, " ");
  const say = (text, tone = "info") => {
    said.className = text ? `note tone-${tone} door-said` : "door-said";
    said.textContent = text;
  };
  const piece = (name) => templates.querySelector(`[data-piece="${name}"]`).cloneNode(true);
  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] || form.elements.csrfmiddlewaretoken.value;

  /* The list. */
  const unsent_of = (person) => unsent.filter((one) => !one.became && one.registration === String(person.id));
  const marks_of = (person) => [
    ...person.marks.map((one) => ({ ...one, words: at_words(one.at) })),
    ...unsent_of(person).map((one) => ({ kind: one.kind, words: one.time ? one.time_words : at_words(Date.parse(one.at) - one.ahead * 1000), is_unsent: true })),
  ];
  const is_in = (person) => marks_of(person).at(-1)?.kind === "in";

  const row_of = (person) => {
    const row = piece("row"), marks = marks_of(person), inside = marks.at(-1)?.kind === "in";
    row.dataset.id = person.id;
    row.classList.toggle("is-in", inside);
    row.querySelector(".door-name").textContent = person.name;
    row.querySelector(".door-number").textContent = person.number + (person.walk_in ? " · walk-in" : "");
    const times = row.querySelector(".door-times");
    for (const one of marks) {
      const time = piece(one.id ? "time" : "time-unsent");
      const words = `${one.kind} ${one.words}`;
      if (one.id) {
        time.href = root.dataset.mark.replace("/0/", `/${one.id}/`);
        time.firstElementChild.textContent = words;
        time.querySelector(".visually-hidden").textContent = `, ${person.name}: correct it`;
      } else time.firstElementChild.textContent = words;
      times.append(time, " ");
    }
    for (const button of row.querySelectorAll("button")) {
      button.value = person.id;
      button.querySelector(".visually-hidden").textContent = ` ${person.name}`;
      const next = button.name === (inside ? "out" : "in");
      button.classList.toggle("btn-primary", next && !inside);
      button.classList.toggle("btn-outline-secondary", !next || inside);
    }
    if (person.waits) row.querySelector('[name="out"]').remove();
    return row;
  };

  /* A row that says the same stays the same: a press that is just being made goes to the button that is there. */
  const drawn = new Map();
  const row_for = (person) => {
    const words = JSON.stringify([person, marks_of(person)]);
    if (drawn.get(person.id)?.words !== words) drawn.set(person.id, { words, row: row_of(person) });
    return drawn.get(person.id).row;
  };
  const place = (holder, people) => {
    const rows = people.map(row_for), stay = new Set(rows);
    for (const one of [...holder.children]) if (!stay.has(one)) one.remove();
    rows.forEach((row, place) => { if (holder.children[place] !== row) holder.insertBefore(row, holder.children[place] || null); });
  };

  const render = () => {
    const held = document.activeElement, row = held?.closest?.("[data-id]");
    const focused = row && `[data-id="${row.dataset.id}"] ${held.name ? `[name="${held.name}"]` : `[href="${held.getAttribute("href")}"]`}`;
    place(list, state.people.filter((one) => !one.waits));
    place(waiting, state.people.filter((one) => one.waits));
    root.querySelector("#door-wait-list").hidden = !waiting.childElementCount;
    if (focused) root.querySelector(focused)?.focus();
    search();
    const seated = state.people.filter((one) => !one.waits);
    root.querySelector("#door-inside").textContent = state.people.filter(is_in).length;
    root.querySelector("#door-seated").textContent = seated.length;
    root.querySelector("#door-capacity").textContent = state.capacity;
    outbox_now();
  };

  const search = () => {
    const parts = plain(box.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of root.querySelectorAll("[data-id]")) {
      row.hidden = !parts.every((part) => plain(`${row.querySelector(".door-name").textContent} ${row.querySelector(".door-number").textContent}`).includes(part));
      shown += row.hidden ? 0 : 1;
    }
    root.querySelector("#door-nobody").hidden = shown > 0;
  };

  /* What waits to be sent, and what was not taken. */
  const outbox_now = () => {
    const open = unsent.filter((one) => !one.became), stuck = unsent.filter((one) => one.became);
    root.querySelector("#door-unsent").textContent = open.length ? `Not sent yet (${open.length})` : "";
    link.textContent = signed_out ? "You were signed out. Marks are kept on this device." : trouble;
    root.querySelector("#door-sign-in").hidden = !signed_out;
    const rows = [...open.filter((one) => !one.registration).map((one) => [one, "unsent"]), ...stuck.map((one) => [one, "stuck"])];
    outbox.replaceChildren(...rows.map(([one, name]) => {
      const row = piece(name);
      row.dataset.key = one.key;
      row.querySelector("[data-label]").textContent = name === "unsent" ? `${one.label}: ${one.kind} ${at_words(Date.parse(one.at) - one.ahead * 1000)}, not sent yet` : one.words;
      row.querySelectorAll("[data-chair]").forEach((button) => { button.hidden = one.became !== "full"; });
      return row;
    }));
    outbox.hidden = !rows.length;
  };

  const load = async () => { unsent = await DoorKeeping.marks(path, user); };

  const measure = (theirs, started, ended) => {
    ahead = Math.round(((started + ended) / 2 - Date.parse(theirs)) / 1000);
    if (Math.abs(ahead) < 5) ahead = 0;
  };
  /* What was asked for before the list that is shown may be answered after it, and knows less. */
  const learn = (fresh, started, order) => {
    if (order < learned) return;
    learned = order;
    measure(fresh.now, started, Date.now());
    state = fresh;
    DoorKeeping.keep(kept_list, { state, ahead }).catch(() => null);
  };

  /* Sending: at once, when the connection is back, and again and again, later and later. */
  const flush = async () => {
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      await DoorKeeping.keep(`who ${path}`, { user, token: token() });
      const started = Date.now(), order = performance.now(), answer = await DoorKeeping.send(path, user, token());
      if (answer.state && String(answer.state.meeting) === meeting) learn(answer.state, started, order);
      signed_out = answer.status === 401;
      trouble = answer.status === 200 || signed_out ? "" : answer.status === 403
        ? "The portal did not take the marks: reload this page. They are kept on this device." : "The portal has a problem. Marks are kept on this device and sent later.";
      for (const one of answer.words) say(one.words, one.became === "taken" ? "met" : one.became === "already" ? "info" : "due");
      again = answer.status === 200 ? 2000 : Math.min(again * 2, 60000);
    } catch {
      trouble = "No connection. Marks are kept on this device and sent later.";
      again = Math.min(again * 2, 60000);
      navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("door")).catch(() => null);
    } finally {
      busy = false;
      await load();
      render();
      if (unsent.some((one) => !one.became)) timer = setTimeout(flush, again);
    }
  };

  const poll = async () => {
    if (document.hidden || busy) return;
    try {
      const started = Date.now(), order = performance.now();
      const answer = await fetch(`${path}state/?meeting=${meeting}`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      signed_out = answer.status === 401;
      if (answer.ok) { learn(await answer.json(), started, order); trouble = ""; }
    } catch {
      trouble = "No connection. Marks are kept on this device and sent later.";
    }
    render();
    if (!trouble && !signed_out && unsent.some((one) => !one.became)) flush();
  };

  const make = async (what) => {
    const typed = other_time.value;
    const made = Date.now();
    const mark = {
      key: crypto.randomUUID(), path, user, made, meeting, kind: "in", at: new Date(made).toISOString(), ahead,
      registration: "", code: "", number: "", label: "", chair: false, time: typed,
      time_words: typed ? at_words(new Date(`2026-01-15T${typed}:00-06:00`)) : "", ...what,
    };
    other_time.value = "";
    await DoorKeeping.put(mark);
    await load();
    render();
    navigator.vibrate?.(60);
    flush();
  };

  const mark_person = (person, which) => {
    const last = marks_of(person).at(-1);
    if (last?.kind === which && !other_time.value) {
      say(`${person.name}: already ${which} since ${last.words}.`);
      return;
    }
    if (which === "in" && person.waits && state.taken >= state.capacity) {
      full({ registration: String(person.id) }, `The class is full: ${state.taken} of ${state.capacity} seats are taken. ${person.name} is on the wait-list and has come.`);
      return;
    }
    say(`${person.name}: ${which}.`, "met");
    make({ registration: String(person.id), kind: which, label: person.name });
  };

  const full = (what, text) => {
    ask.querySelector("[data-text]").textContent = text;
    ask.hidden = false;
    const yes = ask.querySelector("[data-yes]"), no = ask.querySelector("[data-no]");
    yes.onclick = () => { ask.hidden = true; make({ ...what, chair: true }); };
    no.onclick = () => { ask.hidden = true; box.focus(); };
    yes.focus();
  };

  /* What was typed and sent by Enter, or read by the camera: a person, a code, or the license number of a walk-in. */
  const digest = async (text) => [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))].map((one) => one.toString(16).padStart(2, "0")).join("");
  /* What a QR code holds is the address of a registration's page; what is typed is the code alone. */
  const code_in = (text) => text.toUpperCase().match(/\/REGISTRATIONS\/([2-9A-HJKMNP-Z]{12})\//)?.[1] || text.toUpperCase().match(/(?:^|[^0-9A-Z])([2-9A-HJKMNP-Z]{12})(?:$|[^0-9A-Z])/)?.[1] || text.toUpperCase().replace(/[\s-]/g, "").match(/^[2-9A-HJKMNP-Z]{12}$/)?.[0] || "";

  const resolve = async (text, which, is_read = false) => {
    const typed = text.trim().toUpperCase();
    const shown = is_read ? [] : [...root.querySelectorAll("[data-id]:not([hidden])")];
    const code = shown.length && typed ? "" : code_in(text);
    if (code) {
      const hash = crypto.subtle ? await digest(code) : "";
      const person = state.people.find((one) => one.code === hash);
      if (person) mark_person(person, which);
      else make({ code, kind: which, label: "A code that is not in this list" });
      return;
    }
    const by_number = state.people.find((one) => one.number === typed.replace(/\s/g, ""));
    const person = by_number || (shown.length === 1 && typed && state.people.find((one) => String(one.id) === shown[0].dataset.id));
    if (person) { mark_person(person, which); return; }
    if (!/^[0-9A-Z-]*[0-9][0-9A-Z-]*$/.test(typed.replace(/\s/g, ""))) {
      say(typed ? "Type more of the name, or a license number." : "Type a name, a license number or a code.", "due");
      return;
    }
    if (which === "out") { say(`Nobody in this list has the license number ${typed}.`, "due"); return; }
    if (state.taken >= state.capacity) full({ number: typed, label: `License ${typed}` }, `The class is full: ${state.taken} of ${state.capacity} seats are taken. License ${typed} came without a registration.`);
    else { say(`License ${typed}: walk-in.`); make({ number: typed, label: `License ${typed}` }); }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter, person = state.people.find((one) => String(one.id) === button?.value);
    if (person && (button.name === "in" || button.name === "out")) { mark_person(person, button.name); return; }
    const typed = box.value;
    resolve(typed, button?.value === "out" ? "out" : "in").then(() => { box.value = ""; search(); });
  });
  box.addEventListener("input", search);
  outbox.addEventListener("click", async (event) => {
    const row = event.target.closest("[data-key]"), one = row && unsent.find((each) => each.key === row.dataset.key);
    if (!one || !event.target.closest("button")) return;
    if (event.target.closest("[data-chair]")) await DoorKeeping.put({ ...one, became: "", chair: true });
    else await DoorKeeping.remove(one.key);
    await load();
    render();
    flush();
  });

  /* The camera. */
  const dialog = root.querySelector("#door-camera"), scan = root.querySelector("#door-scan");
  const scanned = dialog.querySelector("[data-scanned]");
  let end = null, last_code = "", last_at = 0;
  const close = () => { end?.(); end = null; if (dialog.open) dialog.close(); scan.focus(); };
  if (navigator.mediaDevices?.getUserMedia) {
    scan.hidden = false;
    scan.addEventListener("click", async () => {
      dialog.showModal();
      scanned.textContent = "Hold the QR code of the registration before the camera.";
      try {
        const { watch } = await import(root.dataset.camera);
        end = await watch(dialog.querySelector("video"), root.dataset.decoder, (text) => {
          if (text === last_code && Date.now() - last_at < 4000) { last_at = Date.now(); return; }
          last_code = text;
          last_at = Date.now();
          if (!code_in(text)) { scanned.textContent = "This is no code of a registration."; return; }
          resolve(text, kind, true).then(() => { scanned.textContent = said.textContent; });
        });
        if (!dialog.open) close();
      } catch (error) {
        scanned.textContent = error.name === "NotAllowedError"
          ? "The browser may not use the camera here. Allow it in the address bar, or type the code." : "No camera could be opened. Type the code, or search the name.";
      }
    });
    dialog.addEventListener("change", (event) => { if (event.target.name === "scan_kind") kind = event.target.value; });
    dialog.addEventListener("close", close);
    dialog.querySelector("[data-close]").addEventListener("click", close);
  }

  const worker = async () => {
    if (!("serviceWorker" in navigator)) return;
    try {
      const made = await navigator.serviceWorker.register(root.dataset.worker, { scope: path });
      await navigator.serviceWorker.ready;
      (made.active || made.waiting || made.installing).postMessage({ keep: location.href });
      root.dataset.ready = "yes";
    } catch { /* Without it the page works as long as it is open. */ }
  };
  navigator.serviceWorker?.addEventListener("message", (event) => { if (event.data === "sent") load().then(poll); });

  /* The rows that came with the page say what its list says: nobody who is at one already loses it. */
  for (const row of root.querySelectorAll("[data-id]")) {
    const person = state.people.find((one) => String(one.id) === row.dataset.id);
    if (person) drawn.set(person.id, { words: JSON.stringify([person, marks_of(person)]), row });
  }

  const begin = async () => {
    const before = await DoorKeeping.kept(kept_list).catch(() => null);
    /* A page that came from the device is older than the list it kept. */
    if (before && Date.parse(before.state.now) > Date.parse(state.now)) { state = before.state; ahead = before.ahead; }
    else if (before) ahead = before.ahead;
    /* The first page of all came from the portal just now: a mark made before anything is sent needs the measure too. */
    else if (!navigator.serviceWorker?.controller) {
      const [way] = performance.getEntriesByType("navigation");
      measure(state.now, performance.timeOrigin + way.requestStart, performance.timeOrigin + way.responseStart);
    }
    await load();
    root.classList.add("is-live");
    render();
    await flush();
    await poll();
    worker();
  };
  window.addEventListener("online", () => { again = 2000; flush().then(poll); });
  window.addEventListener("offline", () => { trouble = "No connection. Marks are kept on this device and sent later."; render(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
  window.addEventListener("focus", () => { if (signed_out) flush(); });
  setInterval(poll, POLL);
  begin();
})();
