import { copyText } from "./app/copy-text.ts";
import { checkConfirmName, closeDialog, openDialog } from "./app/dialogs.ts";
import { showLocalTimes } from "./app/local-times.ts";
import { moveInMenu, placeMenu } from "./app/menus.ts";
import { chooseTheme, foldSidebar } from "./app/preference-controls.ts";
import { prepare } from "./app/prepare.ts";
import { revealPassword } from "./app/reveal-password.ts";
import { endBusy, submitForm } from "./app/submit-form.ts";

// Improves pages that work without it. Listeners are on the document, so that content that htmx brings needs no setup.
document.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const find = (name: string): HTMLElement | null => target.closest<HTMLElement>(`[data-${name}]`);
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const copy = find("copy");
  const reveal = find("reveal");
  const theme = find("theme-choice");
  const close = find("dialog-close");
  const open = find("dialog");
  if (copy) void copyText(copy);
  else if (reveal) revealPassword(reveal);
  else if (theme) chooseTheme(theme);
  else if (close) closeDialog(close, event);
  else if (open && isPlain) openDialog(open, event);
  // Its backdrop.
  else if (target instanceof HTMLDialogElement) target.close();
});

document.addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.matches("[data-sidebar-fold]")) foldSidebar(target.checked);
});

document.addEventListener("input", ({ target }) => {
  const form = target instanceof Element ? target.closest<HTMLFormElement>("form[data-confirm-name]") : null;
  if (form) checkConfirmName(form);
});

document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLInputElement && target.matches("[data-select-all]")) target.select();
});

document.addEventListener("keydown", moveInMenu);

// It does not bubble.
document.addEventListener(
  "toggle",
  ({ target, newState }) => {
    if (newState === "open" && target instanceof HTMLElement) placeMenu(target);
  },
  { capture: true },
);

document.addEventListener("submit", submitForm);
addEventListener("pageshow", endBusy);
document.addEventListener("htmx:after:swap", () => prepare(document));

setInterval(() => {
  if (!document.hidden) showLocalTimes(document);
}, 60_000);
prepare(document);
