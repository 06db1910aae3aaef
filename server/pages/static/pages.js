// Small comforts for the officers' pages. Every page works without them.
"use strict";

for (const control of document.querySelectorAll("select[data-go]")) {
  control.addEventListener("change", () => control.form.requestSubmit());
  const button = control.form.querySelector("button[data-go]");
  if (button) button.hidden = true;
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
  });
}

for (const ward of document.querySelectorAll("input[data-whole]")) {
  const villages = document.querySelectorAll(`input[data-ward="${CSS.escape(ward.value)}"]`);
  const follow = () => villages.forEach((village) => (village.disabled = ward.checked));
  ward.addEventListener("change", follow);
  follow();
}

// On a small screen filters that nobody uses give the room to the list.
if (window.matchMedia("(max-width: 40rem)").matches) {
  const asked = new URLSearchParams(window.location.search);
  for (const fold of document.querySelectorAll("details[data-fold]")) {
    fold.open = [...fold.querySelectorAll("[name]")].some((field) => asked.get(field.name));
  }
}

const problem = document.querySelector(".problem[tabindex]");
if (problem) problem.focus();
