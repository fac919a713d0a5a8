// Loaded before the first paint, so that neither theme nor sidebar flickers. app.js writes what is read here.
"use strict";
{
  const root = document.documentElement;
  root.classList.add("js");

  const read = (key) => {
    try {
      return localStorage.getItem(key);
    } catch (error) {
      // A browser may forbid storage altogether: then the defaults hold.
      console.debug("Preferences are not kept:", error);
      return null;
    }
  };

  const theme = read("tiltyard.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (read("tiltyard.sidebar") === "folded") root.dataset.sidebar = "folded";
}
