/* Confirming who completed a class: own hours unfold where a part is chosen, and the numbers below follow. The server
   decides everything again; without this script every button works by a round trip. */
"use strict";

(() => {
  const form = document.getElementById("confirm");
  if (!form) return;
  const counts = document.getElementById("confirm-counts");
  const OWN = ["part", "taught-part"];

  const count = () => {
    const many = (value) => [...form.querySelectorAll("select[data-how]")].filter((one) => one.value === value).length;
    const taught = many("taught") + many("taught-part");
    counts.textContent = `${many("all")} completed it, ${many("part")} a part, ${many("left")} did not complete it, ${many("absent")} did not come${taught ? `, ${taught} taught it` : ""}.`;
  };
  const total = (box) => {
    const hours = [...box.querySelectorAll("input[name*='-area-']")].reduce((sum, one) => sum + (Number(one.value.trim().replace(",", ".")) || 0), 0);
    box.querySelector("[data-total]").textContent = hours === 1 ? "1 hour" : `${Math.round(hours * 100) / 100} hours`;
  };
  const unfold = async (select) => {
    const place = document.getElementById(`exception-${select.dataset.how}`);
    place.hidden = !OWN.includes(select.value);
    if (place.hidden || place.childElementCount || !window.htmx) return;
    const path = `${form.dataset.url}?exception=${select.dataset.how}&number=${encodeURIComponent(place.dataset.number)}`;
    await htmx.ajax("GET", path, { target: place, swap: "innerHTML" });
    place.querySelectorAll("[data-hours]").forEach(total);
    place.querySelector("input")?.focus();
  };

  form.addEventListener("change", (event) => {
    if (event.target.matches("select[data-how]")) { unfold(event.target); count(); }
  });
  form.addEventListener("input", (event) => {
    const box = event.target.closest("[data-hours]");
    if (box) total(box);
  });
  form.querySelectorAll(".no-script").forEach((button) => { button.hidden = true; });
  form.querySelectorAll("[data-hours]").forEach(total);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "confirm") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
  count();
})();
