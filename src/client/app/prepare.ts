import { checkConfirmName } from "./dialogs.ts";
import { showLocalTimes } from "./local-times.ts";
import { isSidebarFolded, markTheme } from "./preference-controls.ts";

/** Brings content that is new on the page in line with this browser, and moves the focus to the errors of a form. */
export function prepare(scope: ParentNode): void {
  showLocalTimes(scope);
  markTheme();
  for (const form of scope.querySelectorAll<HTMLFormElement>("form[data-confirm-name]")) checkConfirmName(form);
  for (const box of scope.querySelectorAll<HTMLInputElement>("[data-sidebar-fold]")) box.checked = isSidebarFolded();
  const errors = scope.querySelector<HTMLElement>("[data-form-errors]");
  // Once: a later poll of another part of the page must not take the focus again.
  errors?.removeAttribute("data-form-errors");
  errors?.focus();
}
