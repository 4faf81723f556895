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

  /* As somebody would fill a field who wants to be through: what is filled stays. */
  const LIKELY = { number: "1", email: "somebody@place.example", date: new Date().toISOString().slice(0, 10), time: "09:00", tel: "(573) 555-0142", url: "https://place.example/" };
  const fill = (field) => {
    if (field.type === "checkbox") field.checked = true;
    else if (field.type === "radio") field.checked ||= ![...field.form.elements].some((one) => one.name === field.name && one.checked);
    else if (field.tagName === "SELECT") field.selectedIndex = field.value ? field.selectedIndex : Math.min(1, field.options.length - 1);
    else if (["INPUT", "TEXTAREA"].includes(field.tagName) && field.type !== "file" && !field.value) field.value = LIKELY[field.type] || "Because it was so";
  };

  /* Every field in the page's forms is filled, and what a form would send is returned, form by form, button by button.
     A form that only asks (a search, a filter) is sent with nonsense alone: that is how nothing is found. */
  const filled = (how) => {
    const sent = [];
    for (const form of document.querySelectorAll("main form")) {
      if (form.method !== "post" && how === "empty") continue;
      const files = [...form.elements].filter((one) => one.type === "file" && !one.disabled && one.name).map((one) => one.name);
      form.reset();
      for (const field of form.elements) {
        if (field.disabled || field.type === "hidden" || field.readOnly || how === "unchanged") continue;
        if (how === "likely") { fill(field); continue; }
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
        sent.push({ method: form.method, path: at.pathname + (form.method === "post" ? at.search : ""), entries, files });
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
    const levels = [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].filter(shown);
    levels.forEach((one, at) => {
      if (+one.tagName[1] > (at ? +levels[at - 1].tagName[1] : 0) + 1) wrong.push(`a level of headings is left out before: ${named(one)}`);
    });
    const marks = [["body > header", 1], ["body > footer", 1]];
    for (const [mark, most] of marks) if (document.querySelectorAll(mark).length !== most) wrong.push(`not one ${mark}`);
    if (!/^(en(-US)?|eo)$/.test(document.documentElement.lang)) wrong.push(`lang is ${document.documentElement.lang}`);
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
  /* Of a kind are controls that the same rules of style are about: two of each stand for a hundred rows of them. */
  const oneOfAKind = () => {
    const seen = new Map();
    return tabbable().filter((one) => {
      const key = [one, one.parentElement, one.parentElement?.parentElement, one.closest("label, .tile, tr, li"), one.closest("section, nav, header, footer, dialog")]
        .map((it) => it && `${it.tagName}.${it.getAttribute("class")}.${it.getAttribute("type")}.${it.getAttribute("aria-current")}`).join(" ");
      seen.set(key, (seen.get(key) || 0) + 1);
      return seen.get(key) < 3;
    });
  };
  const unseenFocus = () => {
    const before = document.activeElement;
    const found = oneOfAKind().filter((one) => {
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

  /* A table says what it is a table of, and which cells are heads. */
  const tables = () => [...document.querySelectorAll("main table:not([role=presentation])")].filter(shown).flatMap((one) => {
    const by = (one.getAttribute("aria-labelledby") || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent.trim() || "").join("");
    const wrong = [];
    if (!(one.caption?.textContent.trim() || one.getAttribute("aria-label")?.trim() || by)) wrong.push("a table without a name");
    if (!one.querySelector("th")) wrong.push("a table without a head");
    for (const head of one.querySelectorAll("th:not([scope])")) { wrong.push(`a head of neither row nor column, ${head.textContent.trim().slice(0, 20)}`); break; }
    return wrong.map((it) => `${it}: ${named(one)}`);
  });

  /* What comes again and again by itself, or after a field was changed, is said: it lies in a live region that stays. */
  const unsaid = () => [...document.querySelectorAll("[hx-get], [hx-post]")].filter((one) => {
    const when = one.getAttribute("hx-trigger") || "";
    if (!/every|change|input|keyup/.test(when)) return false;
    const at = one.getAttribute("hx-target");
    const target = !at || at === "this" ? one : document.querySelector(at);
    const region = target?.closest("[aria-live], [role=status], [role=alert], [role=log]");
    return !region || region === target && one.getAttribute("hx-swap") === "outerHTML";
  }).map((one) => `changes without a word: ${named(one)}`);

  /* Where Tab leads is noted: `kept` begins at the top of the page and says how many there are to reach, `led` how many
     were, `strayed` which was not reached in its turn. */
  let expected = [], reached = [];
  document.addEventListener("focusin", (event) => reached.push(event.target));
  const kept = (most) => {
    expected = tabbable().slice(0, most);
    const top = document.createElement("span");
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
    reached = [];
    return expected.length;
  };
  const inTurn = () => reached.filter((one) => expected.includes(one));
  const led = () => inTurn().length;
  const strayed = () => {
    const turn = inTurn(), at = expected.findIndex((one, number) => turn[number] !== one);
    return at < 0 ? [] : [`not reached by Tab in its turn: ${named(expected[at])}, but ${turn[at] ? named(turn[at]) : "nothing"}`];
  };

  const moves = () => document.getAnimations().filter((one) => one.playState === "running" && one.effect.getComputedTiming().duration > 1)
    .map((one) => `moves: ${named(one.effect.target)}`)
    .concat([...document.body.querySelectorAll("*")].filter((one) => {
      const style = getComputedStyle(one);
      return [style.transitionDuration, style.animationDuration].some((all) => all.split(", ").some((it) => parseFloat(it) > 0.01)) || style.scrollBehavior === "smooth";
    }).slice(0, 3).map((one) => `would move: ${named(one)}`));

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
  let unstuck = [];
  const unstick = () => document.querySelectorAll("body *").forEach((one) => {
    const style = getComputedStyle(one), isClipped = style.clipPath !== "none";
    if (!["sticky", "fixed"].includes(style.position) && !isClipped) return;
    unstuck.push(one);
    one.style.position = "static";
    if (isClipped) one.style.clipPath = "none";
  });
  const restick = () => {
    for (const one of unstuck) { one.style.position = ""; one.style.clipPath = ""; }
    unstuck = [];
  };

  /* Where the content leads within the portal. */
  const links = () => [...document.querySelectorAll("main a[href]:not([download])")].map((one) => new URL(one.href))
    .filter((at) => at.origin === location.origin).map((at) => at.pathname + at.search);

  /* What axe finds, with its best practices. */
  const faults = async () => {
    const found = (await axe.run(document, { resultTypes: ["violations"] })).violations;
    return found.flatMap((one) => one.nodes.slice(0, 3).map((node) => `axe ${one.id}: ${node.html.slice(0, 160)}`));
  };

  /* In the colors of the reader, once they are there. */
  const inForcedColors = async () => {
    while (!matchMedia("(forced-colors: active)").matches) await new Promise((resolve) => requestAnimationFrame(resolve));
    return borderless().concat(unseenFocus().map((one) => `in forced colors: ${one}`));
  };
  const withWider = (found) => found.map((one) => `with wider letters: ${one}`);

  window.lookedAt = {
    filled, links, sticksOut, cutOff, frame, tables, unsaid, faults, kept, led, strayed, unseenFocus, alike, inForcedColors, spaced,
    sticksOutSpaced: () => withWider(sticksOut()), cutOffSpaced: () => withWider(cutOff()), unstick, restick, errors, moves,
  };
})();
