// What makes the pages a little smoother; without it they do the same.
"use strict";

// One press is one request: the server would answer a second one alike, but nobody should wonder.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  form.querySelector(".main").setAttribute("aria-disabled", "true");
});
// Gone back to from the browser's own memory: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector(".main").removeAttribute("aria-disabled");
  }
});

// What went wrong is read out first.
document.getElementById("alert")?.focus();

// Older transactions come below the ones that are here; the link itself works without this.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-older]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    const answer = await fetch(link.href);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const lines = page.querySelector("[data-pages]");
    if (!answer.ok || !lines) throw new Error("no lines");
    const list = document.querySelector("[data-pages]");
    const first = lines.firstElementChild;
    list.append(...lines.children);
    const older = page.querySelector("[data-older]");
    if (older) link.href = older.href;
    else link.parentElement.remove();
    first?.querySelector("a")?.focus();
  } catch {
    location.assign(link.href);
  }
});

// What only a script can do is shown only where there is one.
function offer() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const button of document.querySelectorAll("[data-share]")) {
    button.hidden = !navigator.share;
    button.addEventListener("click", () => {
      const ticket = document.querySelector(".ticket");
      navigator.share({ title: document.title, text: ticket.innerText }).catch(() => {});
    });
  }
}
offer();

// Money on its way: asked after ever more rarely, for some minutes and whenever the page is looked at again. The end
// takes the page's place and is read out.
const waits = document.querySelector("[data-waits]");
let next;
async function askAfter(pause) {
  clearTimeout(next);
  if (!document.querySelector(".way")) return;
  try {
    const answer = await fetch("?still");
    if (answer.redirected) return location.reload(); // logged out meanwhile
    if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      document.getElementById("content").replaceChildren(...page.getElementById("content").childNodes);
      waits.textContent = page.title + ". " + document.querySelector(".stub, .alert").textContent;
      return offer();
    }
  } catch {
    // no connection: asked again as well
  }
  if (pause < 60000) next = setTimeout(askAfter, pause, pause * 1.5);
}
if (waits) {
  next = setTimeout(askAfter, 1500, 2000);
  document.addEventListener("visibilitychange", () => document.hidden || askAfter(2000));
}
