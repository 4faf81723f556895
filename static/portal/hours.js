/* Hours by area with topics inside: their sum while typing. The server judges everything. */
"use strict";

document.querySelectorAll("[data-hours]").forEach((box) => {
  const sum = () => {
    const typed = [...box.querySelectorAll("input[name*='-area-']")].map((field) => field.value.trim().replace(",", "."));
    const total = typed.reduce((all, text) => all + (/^\d+(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : 0), 0);
    const place = box.querySelector("[data-total]");
    if (place) place.textContent = total === 100 ? "1 hour" : `${total / 100} hours`;
  };
  box.addEventListener("input", sum);
  sum();
});
