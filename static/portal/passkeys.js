/* Passkeys: the button appears where the browser knows them, and what goes wrong is said in words. */
"use strict";

(() => {
  const button = document.getElementById("passkey_login");
  if (button && window.PublicKeyCredential) button.hidden = false;

  const place = document.getElementById("notices");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    if (!place) return;
    place.querySelectorAll("[data-passkey]").forEach((old) => old.remove());
    const name = event.detail.exception?.name;
    const note = document.createElement("div");
    note.className = "note tone-short";
    note.setAttribute("role", "alert");
    note.dataset.passkey = "";
    note.textContent = name === "InvalidStateError" ? "This passkey belongs to your account already."
      : name === "SecurityError" ? "Passkeys do not work at this address. Open the portal at its own address."
      : "The passkey was not used. Try again, or use another way.";
    place.append(note);
    note.scrollIntoView({ block: "nearest" });
  });
})();
