/** Puts the browser's time zone into a form that has none yet. Without it the form says UTC. */
function fillTimezone(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("[data-browser-zone]")) {
    input.removeAttribute("data-browser-zone");
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (!zone || zone === input.value) continue;
    input.value = zone;
    // The form asks for the next runs again.
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

document.addEventListener("htmx:after:swap", fillTimezone);
fillTimezone();
