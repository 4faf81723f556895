/* Warns two minutes before the session ends, in every tab, and keeps it going while the person types.

   How much time is left is asked of the portal before anything is said, so a second tab, another window or a computer
   that slept are never wrong. Asking does not prolong the session; saying "stay signed in" does, and so does typing, once
   in two minutes. Without this script the session ends just so, and what was typed is kept. */
"use strict";

(() => {
  const dialog = document.getElementById("session-ends");
  if (!dialog) return;
  // Words in the language of the page, where that is not English (templates/portal/_script_words.html).
  const said = (name, english) => document.querySelector(`#said [data-name=${name}]`)?.textContent ?? english;
  const text = dialog.querySelector("#session-ends-text");
  const title = dialog.querySelector("#session-ends-title");
  const clock = dialog.querySelector(".session-ends-clock");
  const stay = dialog.querySelector("[value=stay]");
  const WARN = 120;
  const QUIET = 120;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("clee-session") : null;

  let endsAt = 0;
  let prolongable = dialog.dataset.prolongable === "yes";
  let told = performance.now();
  let timer = 0;
  let tick = 0;
  let over = false;
  let dismissed = false;

  const left = () => Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  const counted = (number, unit) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(number);
  const words = (seconds) => seconds > 90 ? counted(Math.ceil(seconds / 60), "minute") : counted(seconds, "second");

  const learn = (answer, share = true) => {
    endsAt = Date.now() + answer.seconds * 1000;
    prolongable = answer.can_be_prolonged;
    over = false;
    if (share && tabs) tabs.postMessage(answer);
    if (answer.seconds > WARN) {
      dismissed = false;
      if (dialog.open) dialog.close();
    }
    plan();
  };

  const ask = async (method) => {
    const headers = {};
    // From the cookie: the page's own is of the session before, once the person has signed in anew in another tab.
    const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/);
    if (method === "POST" && token) headers["X-CSRFToken"] = token[1];
    const response = await fetch(dialog.dataset.ask, { method, headers, credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    return response.json();
  };

  const end = () => {
    over = true;
    clearInterval(tick);
    title.textContent = said("out", "You have been signed out.");
    text.textContent = said("out-text", "What you typed is still on this page. Sign in again in another tab, then submit: it is kept and shown again.");
    clock.textContent = "";
    stay.textContent = said("again", "Sign in in another tab");
    stay.hidden = false;
    if (!dialog.open) dialog.showModal();
  };

  const warn = () => {
    title.textContent = prolongable ? said("still", "Are you still there?") : said("soon", "You will be signed out soon.");
    text.textContent = prolongable
      ? said("soon-text", "You will be signed out in {time}. What you typed is kept.").replace("{time}", words(left()))
      : said("last-text", "You signed in many hours ago and will be signed out in {time}. Save your work, then sign in again; what you typed is kept.").replace("{time}", words(left()));
    stay.textContent = said("stay", "Stay signed in");
    stay.hidden = !prolongable;
    if (!dialog.open) dialog.showModal();
    clearInterval(tick);
    tick = setInterval(() => {
      clock.textContent = words(left());
      if (!left()) { clearInterval(tick); look(); }
    }, 1000);
  };

  const look = async () => {
    try {
      const answer = await ask("GET");
      learn(answer);
      if (answer.seconds <= 0) end();
      else if (answer.seconds <= WARN && !dismissed) warn();
    } catch {
      if (left() <= 0) end();
      else timer = setTimeout(look, 10000);
    }
  };

  const plan = () => {
    clearTimeout(timer);
    if (over || dialog.open) return;
    const until = dismissed ? left() + 1 : Math.max(1, left() - WARN);
    timer = setTimeout(look, until * 1000);
  };

  const prolong = async () => {
    try {
      const answer = await ask("POST");
      learn(answer);
      if (answer.seconds <= 0) end();
    } catch {
      text.textContent = said("away-still", "The portal cannot be reached. What you typed is still on this page. Try again.");
    }
  };

  stay.addEventListener("click", () => over ? window.open(dialog.dataset.signIn, "_blank", "noopener") : prolong());
  dialog.querySelector("[value=close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    clearInterval(tick);
    dismissed = left() <= WARN;
    plan();
  });
  if (tabs) tabs.addEventListener("message", (event) => learn(event.data, false));

  const typed = () => {
    if (over || dialog.open || performance.now() - told < QUIET * 1000) return;
    told = performance.now();
    prolong();
  };
  document.addEventListener("keydown", typed, { passive: true });
  document.addEventListener("input", typed, { passive: true });
  document.addEventListener("pointerdown", typed, { passive: true });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && left() <= WARN) look(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.detail.requestConfig.verb !== "get") look();
  });

  learn({ seconds: Number(dialog.dataset.left), can_be_prolonged: prolongable });
})();
