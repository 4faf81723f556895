/* Keeps one page, the door of one class, working while the connection is gone. Made for that page alone: its address
   is its scope. What it keeps is the page with its list, and what the page is made of; nothing of anybody else. */
"use strict";

importScripts("{{ keeping|escapejs }}");

const PAGE = "{{ page|escapejs }}";
const FAMILY = `clee-door ${PAGE} `;
const CACHE = FAMILY + "{{ version|escapejs }}";
const SHELL = [{% for one in shell %}"{{ one|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const PATIENCE = 6000;
const LONGEST = 12 * 60 * 60 * 1000;
let over = false; // signed out: nothing is kept any more

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith(FAMILY) && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  })());
});

const is_page = (url) => url.origin === self.location.origin && url.pathname === PAGE;

const forget = async () => {
  if (!await caches.has(CACHE)) return;
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) if (is_page(new URL(request.url))) await cache.delete(request);
};

/* Keep the page as it came; whoever is signed out, or may not open it, has nothing kept. */
const keep = async (url, response) => {
  if (over) return response;
  if (response.ok && !response.redirected) await (await caches.open(CACHE)).put(url, response.clone());
  else if (response.redirected || response.status === 403 || response.status === 404) await forget();
  return response;
};

const kept = async (url) => {
  const found = await caches.match(url, { cacheName: CACHE }) || await caches.match(url, { cacheName: CACHE, ignoreSearch: true });
  if (!found) return null;
  if (Date.now() - Date.parse(found.headers.get("Date") || "") < LONGEST) return found;
  await forget();
  return null;
};

const page = async (request) => {
  const asked = fetch(request).then((response) => keep(request.url, response));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  try {
    return await Promise.race([asked, late.then(() => kept(request.url))]) || await asked;
  } catch (error) {
    const found = await kept(request.url);
    if (found) return found;
    throw error;
  }
};

self.addEventListener("fetch", (event) => {
  const request = event.request, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (is_page(url)) event.respondWith(page(request));
  } else if (SHELL.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname, { cacheName: CACHE }).then((found) => found || fetch(request)));
  }
});

/* The browser says that the connection is back, also where the page is closed. */
self.addEventListener("sync", (event) => {
  if (event.tag !== "door") return;
  event.waitUntil((async () => {
    const who = await DoorKeeping.kept(`who ${PAGE}`);
    if (who) await DoorKeeping.send(PAGE, who.user, who.token);
    for (const client of await self.clients.matchAll()) client.postMessage("sent");
  })());
});

self.addEventListener("message", (event) => {
  if (event.data.forget) over = true;
  if (event.data.keep) event.waitUntil(fetch(event.data.keep, { credentials: "same-origin" }).then((response) => keep(event.data.keep, response)).catch(() => null));
});
