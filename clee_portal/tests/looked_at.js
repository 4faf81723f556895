/* What a page is like for whoever uses a keyboard, enlarges it, or hears it: given to the browser by looked_at.py. */
"use strict";

(() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })
    && one.getClientRects().length > 0;
  const named = (one) => {
    const own = one.cloneNode(false).outerHTML.replace(/<\/[^>]*>$/, "").replace(/ style="[^"]*"/, "").slice(0, 140);
    return `${own} ${one.textContent.trim().replace(/\s+/g, " ").slice(0, 50)}`;
  };
  const tabbable = () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
    (one) => shown(one) && !one.disabled && one.tabIndex >= 0 && !(one.type === "radio" && one.name && !one.checked),
  );

  /* Every field in the page's forms is filled, and what a form would send is returned, form by form, button by button. */
  const filled = (how) => {
    const sent = [];
    for (const form of document.querySelectorAll("main form")) {
      if (form.method !== "post") continue;
      for (const field of form.elements) {
        if (field.disabled || field.type === "hidden" || field.readOnly) continue;
        if (["checkbox", "radio"].includes(field.type)) field.checked = false;
        else if (field.tagName === "SELECT") field.selectedIndex = how === "empty" ? 0 : field.options.length - 1;
        else if (["INPUT", "TEXTAREA"].includes(field.tagName) && field.type !== "file") {
          if (["number", "date", "time", "datetime-local", "month", "week", "color", "range"].includes(field.type)) field.type = "text";
          field.removeAttribute("maxlength");
          field.value = how === "empty" ? "" : "§ wrong ".repeat(60).trim();
        }
      }
      const buttons = [...form.querySelectorAll("button, input[type=submit]"), ...document.querySelectorAll(`[form="${form.id || "-"}"]`)]
        .filter((one) => ["submit", "image"].includes(one.type) && !one.disabled);
      for (const button of buttons) {
        const entries = [...new FormData(form, button).entries()].filter(([, value]) => typeof value === "string");
        const at = new URL(button?.getAttribute("formaction") || form.getAttribute("action") || "", document.baseURI);
        sent.push({ path: at.pathname + at.search, entries, });
      }
    }
    return sent;
  };

  /* Wider than its window: the page, and what sticks out of it. */
  const sticksOut = () => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const scrolls = (one) => one && one !== document.body && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
    return [...document.body.querySelectorAll("*")]
      .filter((one) => shown(one) && one.getBoundingClientRect().right > room + 1 && !scrolls(one.parentElement))
      .slice(-3).map((one) => `${Math.round(one.getBoundingClientRect().right)} px of ${room}: ${named(one)}`)
      .map((one) => `sticks out: ${one}`).concat(`sticks out: page ${document.documentElement.scrollWidth} px of ${room}`);
  };

  /* Words that are cut off: in a box that hides what does not fit, and does not scroll. */
  const cutOff = () => [...document.body.querySelectorAll("*")].filter((one) => {
    if (!one.firstChild || !shown(one) || one.closest("svg, select, .visually-hidden, .skip, .hat")) return false;
    const style = getComputedStyle(one);
    if (style.clipPath !== "none" || style.position === "absolute" && one.clientWidth <= 1) return false;
    const hides = (axis) => ["hidden", "clip"].includes(axis);
    return (hides(style.overflowX) && one.scrollWidth > one.clientWidth + 1) || (hides(style.overflowY) && one.scrollHeight > one.clientHeight + 2);
  }).map((one) => `cut off at ${innerWidth} px: ${named(one)}`);

  const frame = () => {
    const wrong = [];
    const heads = [...document.querySelectorAll("h1")].filter(shown);
    if (heads.length !== 1) wrong.push(`${heads.length} h1: ${heads.map(named).join(" | ")}`);
    if (!/^en(-US)?$/.test(document.documentElement.lang)) wrong.push(`lang is ${document.documentElement.lang}`);
    if (!/^\S.{2,} · /.test(document.title)) wrong.push(`title is ${document.title}`);
    if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
    const skip = document.querySelector("a");
    const to = skip && document.getElementById(skip.hash.slice(1));
    if (!skip?.matches(".skip") || !to?.matches("main")) wrong.push("no skip link to the content");
    if (document.querySelector("[tabindex]:not([tabindex='0']):not([tabindex='-1'])")) wrong.push("a tabindex above 0");
    const ids = new Set();
    for (const one of document.querySelectorAll("[id]")) { if (ids.has(one.id)) wrong.push(`id twice: ${one.id}`); ids.add(one.id); }
    return wrong.map((one) => `frame: ${one}`);
  };

  /* A ring, a border or a box around it, or around what it lies in, that is not there without the focus. */
  const looks = (one) => [one, one.parentElement, one.parentElement?.parentElement, one.closest("label, .tile, tr, li")].map((part) => {
    if (!part) return "";
    const style = getComputedStyle(part);
    const outline = style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 ? "" : style.outlineWidth + style.outlineColor;
    return `${outline};${style.boxShadow};${style.borderColor}`;
  }).join("|");
  const clipped = (one) => one && one !== document.body && (getComputedStyle(one).clipPath.startsWith("inset(50%") || clipped(one.parentElement));
  const unseenFocus = () => {
    const before = document.activeElement;
    const found = tabbable().filter((one) => {
      document.activeElement?.blur();
      const without = looks(one);
      one.focus({ preventScroll: true });
      return document.activeElement === one && (looks(one) === without || clipped(one));
    }).map((one) => `focus not seen: ${named(one)}`);
    before?.focus({ preventScroll: true });
    return found;
  };

  /* After a form was refused: the list of what is wrong has the focus, and each entry leads to a field that says it too. */
  const errors = () => {
    const summary = document.querySelector(".error-summary");
    if (!summary) return [];
    const wrong = [];
    if (document.activeElement !== summary) wrong.push(`focus on ${document.activeElement?.tagName}, not on the list of problems`);
    if (!/^Error: /.test(document.title)) wrong.push("the title does not begin with Error:");
    for (const link of summary.querySelectorAll("a")) {
      const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      const said = `${link.hash} (${link.textContent.slice(0, 90)})`;
      if (!field || !shown(field)) { wrong.push(`leads nowhere: ${said}`); continue; }
      if (field.tabIndex < 0 && !field.hasAttribute("tabindex")) wrong.push(`leads to what takes no focus: ${said}`);
      // A field says that it is wrong; a group of fields is described by what is wrong in it.
      const group = !field.matches("input, select, textarea") ? field : ["radio", "checkbox"].includes(field.type) && field.closest("fieldset, [role=group]");
      const holder = field.getAttribute("aria-invalid") === "true" ? field : group;
      if (!holder) { wrong.push(`not aria-invalid: ${said}`); continue; }
      const by = [holder, group].filter(Boolean).flatMap((one) => (one.getAttribute("aria-describedby") || "").split(/\s+/))
        .map((id) => document.getElementById(id)).filter((one) => one && one.textContent.trim());
      if (!by.length) wrong.push(`described by nothing: ${said}`);
    }
    return wrong.map((one) => `problems: ${one}`);
  };

  const moves = () => document.getAnimations().filter((one) => one.playState === "running" && one.effect.getComputedTiming().duration > 1)
    .map((one) => `moves: ${named(one.effect.target)}`);

  /* Links and buttons of the content that sound alike and do different things. */
  const alike = () => {
    const by = new Map();
    axe.setup(document);
    for (const one of document.querySelectorAll("main a[href], main button")) {
      if (!shown(one) || one.closest("[aria-hidden=true], .pager") || one.form?.method === "get") continue;
      const about = (one.getAttribute("aria-describedby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent.trim() || "");
      const key = `${one.tagName} “${axe.commons.text.accessibleText(one).trim().replace(/\s+/g, " ")}” ${about.join(" ")}`.trim();
      if (!by.has(key)) by.set(key, new Set());
      by.get(key).add(does(one));
    }
    axe.teardown();
    return [...by].filter(([, all]) => all.size > 1)
      .map(([key, all]) => `the same words do different things: ${key}: ${[...all].slice(0, 2).join(" and ")}`);
  };
  const does = (one) => {
    if (one.tagName === "A") {
      const at = new URL(one.href);
      return at.pathname + at.search + (at.pathname === location.pathname ? at.hash : "");
    }
    if (!one.form || one.type === "button") return one.id || one.value || one.className;
    const sent = [...new FormData(one.form)].filter(([name]) => name !== "csrfmiddlewaretoken").map(([name, value]) => `${name}=${value}`);
    return `${one.getAttribute("formaction") || one.form.action} ${one.name}=${one.value} ${sent.join("&")}`;
  };

  /* In a high contrast mode no color of ours is left: what was a filled shape has to have a border. */
  const borderless = () => [...document.querySelectorAll(
    ".btn, input:not([type=hidden]), select, textarea, .chip, .count, .note, .sheet, .track, .split > svg, .hat, .key, dialog[open]",
  )].filter((one) => {
    if (!shown(one) || one.closest(".visually-hidden")) return false;
    const style = getComputedStyle(one);
    const has = (side) => style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0
      && style[`border${side}Color`] !== getComputedStyle(document.body).backgroundColor;
    return !(["Top", "Right", "Bottom", "Left"].every(has) || ["checkbox", "radio"].includes(one.type) && style.appearance !== "none");
  }).concat([...document.querySelectorAll("nav [aria-current]")].filter((one) => {
    const other = one.closest("ul, nav").querySelector("a:not([aria-current])");
    const looks = (it) => { const style = getComputedStyle(it); return `${style.borderBottomWidth} ${style.borderBottomColor} ${style.outline} ${style.backgroundColor}`; };
    return other && shown(one) && !one.closest(".crumbs") && looks(one) === looks(other);
  })).map((one) => `no border in high contrast: ${one.tagName}.${one.className.baseVal ?? one.className}`.slice(0, 60));

  /* As whoever sets wider lines, words and letters reads it (1.4.12). */
  const spaced = () => {
    for (const one of document.body.querySelectorAll("*")) {
      for (const [what, how] of [["line-height", "1.5"], ["letter-spacing", ".12em"], ["word-spacing", ".16em"]]) one.style.setProperty(what, how, "important");
      if (one.tagName === "P") one.style.setProperty("margin-bottom", "2em", "important");
    }
  };

  /* What sticks to an edge of the window lies over what it follows: in its place it is where it is read. So is what is there for the ear alone. */
  const unstick = () => document.querySelectorAll("body *").forEach((one) => {
    const style = getComputedStyle(one);
    if (["sticky", "fixed"].includes(style.position) || style.clipPath !== "none") one.style.position = "static";
    if (style.clipPath !== "none") one.style.clipPath = "none";
  });

  window.lookedAt = { filled, sticksOut, cutOff, frame, unseenFocus, alike, borderless, spaced, unstick, errors, moves, tabbable: () => tabbable().map(named) };
})();
