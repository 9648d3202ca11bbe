// Makes the phone answer without the page blinking. Every form works the same without it.
"use strict";

const LOOK_AGAIN_MS = 2000;
const typed = () => document.getElementById("typed");

function toEnd(input) {
  input.focus({ preventScroll: true });
  input.setSelectionRange(input.value.length, input.value.length);
}

// Keys type where the person would; the green and the red one are the form's own.
document.addEventListener("click", (event) => {
  const key = event.target.closest(".pad [name=key]");
  if (!key || key.value === "call" || key.value === "end") return;
  event.preventDefault();
  const input = typed();
  input.value = key.value === "clear" ? input.value.slice(0, -1) : input.value + key.value;
  toEnd(input);
});

async function exchange(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button?.name && button.value) body.set(button.name, button.value);
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  // The parts are taken over one by one, so that what is looked at stays where it is.
  for (const part of ["#handset .text", "#handset .soft", "#handset .reply .hidden", "#messages", "#said"]) {
    document.querySelector(part).replaceChildren(...page.querySelector(part).childNodes);
  }
  for (const line of document.querySelectorAll("[name=line]")) line.value = page.querySelector("[name=line]").value;
  document.querySelector(".call").setAttribute("aria-label", page.querySelector(".call").getAttribute("aria-label"));
  return page;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  try {
    const page = await exchange(form, event.submitter);
    if (form.id === "handset") {
      typed().value = page.getElementById("typed").value;
      document.querySelector("#handset .text").scrollTop = 0;
      toEnd(typed());
    } else {
      document.getElementById("text").value = "";
    }
  } catch {
    form.submit();
  } finally {
    delete form.dataset.busy;
  }
});

// Messages come after the answer, as they do.
setInterval(async () => {
  if (document.hidden) return;
  const list = document.getElementById("messages");
  try {
    const answer = await fetch(list.dataset.from);
    const text = await answer.text();
    if (answer.ok && text !== list.dataset.last) {
      list.dataset.last = text;
      list.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
    }
  } catch {
    // Away for the moment: looked for again in a while.
  }
}, LOOK_AGAIN_MS);

toEnd(typed());
