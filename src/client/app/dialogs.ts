/** Opens the dialog that a link names, in place of the page that the link leads to. */
export function openDialog(link: HTMLElement, event: Event): void {
  const dialog = document.getElementById(link.dataset.dialog ?? "");
  if (!(dialog instanceof HTMLDialogElement)) return;
  event.preventDefault();
  link.closest<HTMLElement>("[popover]")?.hidePopover();
  dialog.showModal();
}

/** Closes the dialog around a link. Outside a dialog, the link is followed. */
export function closeDialog(link: HTMLElement, event: Event): void {
  const dialog = link.closest("dialog");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
}

/** Allows a form to be sent only while the name that confirms it is typed. */
export function checkConfirmName(form: HTMLFormElement): void {
  const typed = form.elements.namedItem("confirm");
  const button = form.querySelector<HTMLButtonElement>("[data-submit]");
  if (!button) return;
  button.disabled = !(typed instanceof HTMLInputElement) || typed.value.trim() !== form.dataset.confirmName;
}
