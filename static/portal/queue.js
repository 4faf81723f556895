/* Working through a queue by keyboard. On a list (data-queue-item): j or the arrow down goes to the next item, k or the
   arrow up to the one before; Enter opens it, because it is a link that has the focus. On the page of an item: n skips
   to the next, u goes back to the queue (data-queue-key). Letters are single keys, so they can be switched off
   (WCAG 2.1.4), do nothing while something is typed, and move the real focus: a screen reader reads what they lead to,
   and in its browse mode takes them for itself. Everything works without this script. */
"use strict";

(() => {
  const STORE = "clee-queue-keys";
  const remembered = () => {
    try { return localStorage.getItem(STORE) !== "off"; } catch { return true; }
  };
  let isOn = remembered();

  document.querySelectorAll("[data-queue-keys]").forEach((box) => {
    box.hidden = false;
    const choice = box.querySelector("input[type=checkbox]");
    choice.checked = isOn;
    choice.addEventListener("change", () => {
      isOn = choice.checked;
      try { localStorage.setItem(STORE, isOn ? "on" : "off"); } catch { /* holds for this page only */ }
    });
  });

  const items = () => [...document.querySelectorAll("[data-queue-item]")];
  const isTypedInto = (place) => place.closest("textarea, select, [contenteditable], input:not([type=checkbox]), [role=textbox]");

  const step = (by) => {
    const all = items();
    const at = all.findIndex((one) => one.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
    const target = all[next]?.querySelector("a[href], button");
    if (!target) return false;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (!isOn || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (isTypedInto(event.target) || document.querySelector("dialog[open]")) return;
    const isOnItem = event.target.closest("[data-queue-item]") !== null;
    if (event.key === "j" || (event.key === "ArrowDown" && isOnItem)) {
      if (step(1)) event.preventDefault();
    } else if (event.key === "k" || (event.key === "ArrowUp" && isOnItem)) {
      if (step(-1)) event.preventDefault();
    } else if (event.key === "n" || event.key === "u") {
      const link = document.querySelector(`[data-queue-key="${event.key}"]`);
      if (link) { event.preventDefault(); link.click(); }
    }
  });
})();
