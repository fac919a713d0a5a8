import { readPreference } from "./app/preference.ts";

// Runs before the first paint, so that neither theme nor sidebar flickers. app.ts writes what is read here.
const root = document.documentElement;
root.classList.add("js");

const theme = readPreference("theme");
if (theme === "light" || theme === "dark") root.dataset.theme = theme;
if (readPreference("sidebar") === "folded") root.dataset.sidebar = "folded";
