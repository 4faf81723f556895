/* Says so when an answer that was asked for in the background does not come, brings the current entry of a menu that is
   wider than the phone into sight, gives a page that answers a button its own address. Everything works without it. */
"use strict";

(() => {
  const menu = document.querySelector(".masthead nav ul");
  const current = menu?.querySelector("[aria-current]");
  if (current) menu.scrollLeft = current.offsetLeft - menu.offsetLeft - 24;

  // The answer to a button may be the page of what it made: reloaded, that is asked for, and nothing is sent again.
  const made = document.querySelector("[data-address]");
  if (made && made.dataset.address !== location.pathname) history.replaceState(null, "", made.dataset.address);

  // What is wrong is in the title too, which is read first.
  if (document.querySelector(".error-summary") && !document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;

  const place = document.getElementById("notices");
  const say = (sentence) => {
    if (!place) return;
    place.querySelectorAll("[data-trouble]").forEach((old) => old.remove());
    const note = document.createElement("div");
    note.className = "note tone-short";
    note.setAttribute("role", "alert");
    note.dataset.trouble = "";
    note.textContent = sentence;
    place.append(note);
    note.scrollIntoView({ block: "nearest" });
  };
  const reference = (event) => {
    const told = event.detail.xhr.getResponseHeader("X-Request-ID");
    return told ? ` Reference: ${told}` : "";
  };
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401 || status === 403) say("You may have been signed out. What you typed is still on this page: sign in again in another tab, then repeat the last step.");
    else if (status === 503) say(`The portal is interrupted for a moment. What you typed is still on this page: try again in a minute.${reference(event)}`);
    else say(`That did not work. Nothing was changed. Try again, or call POST at (573) 751-3409.${reference(event)}`);
  });
  document.addEventListener("htmx:sendError", () => say("The portal cannot be reached. What you typed is still on this page. Check the connection and try again."));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && place) place.querySelectorAll("[data-trouble]").forEach((old) => old.remove());
  });
})();

/* A double click sends a form once. Whatever is sent twice all the same is one thing to the server. */
(() => {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-single]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();

/* At sign-out nothing of the list at a door stays on the device; marks that are not sent yet stay, without a name, for
   whoever made them. */
(() => {
  const form = document.querySelector("form[action$='/logout/']");
  if (!form || !("caches" in window)) return;
  const forget = async () => {
    const workers = await navigator.serviceWorker?.getRegistrations() || [];
    for (const one of workers) one.active?.postMessage({ forget: true });
    await Promise.all(workers.map((one) => one.unregister()));
    for (const name of await caches.keys()) if (name.startsWith("clee-door ")) await caches.delete(name);
    await new Promise((resolve) => {
      const asked = indexedDB.open("clee-door");
      asked.onupgradeneeded = () => asked.transaction.abort();
      asked.onerror = resolve;
      asked.onsuccess = () => {
        const kept = asked.result.transaction("kept", "readwrite");
        kept.objectStore("kept").clear();
        kept.oncomplete = kept.onabort = () => { asked.result.close(); resolve(); };
      };
    });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const late = new Promise((resolve) => setTimeout(resolve, 2000));
    Promise.race([forget(), late]).catch(() => null).then(() => form.submit());
  });
})();
