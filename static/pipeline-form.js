// Puts the browser's time zone where the form of a pipeline has none yet. Without it the form says UTC.
"use strict";
{
  const fill = () => {
    for (const input of document.querySelectorAll("[data-browser-zone]")) {
      input.removeAttribute("data-browser-zone");
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      if (!zone || zone === input.value) continue;
      input.value = zone;
      // The next runs are shown anew.
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  document.addEventListener("htmx:after:swap", fill);
  fill();
}
