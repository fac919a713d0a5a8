const COPIED_SHOWN_MS = 2000;

/** Copies what the button points at, and says for a moment how that went. */
export async function copyText(button: HTMLElement): Promise<void> {
  const source = document.getElementById(button.dataset.copy ?? "");
  if (!source) return;
  const label = button.querySelector<HTMLElement>("[data-copy-label]") ?? button;
  const before = label.dataset.before ?? label.textContent;
  label.dataset.before = before;
  label.textContent = await copyFrom(source);
  setTimeout(() => (label.textContent = before), COPIED_SHOWN_MS);
}

/** The clipboard needs HTTPS or localhost: elsewhere the text is selected, to be copied by hand. */
async function copyFrom(source: HTMLElement): Promise<string> {
  const input = source instanceof HTMLInputElement ? source : null;
  try {
    await navigator.clipboard.writeText(input ? input.value : source.textContent);
    return "Copied";
  } catch (error) {
    console.debug("The clipboard is not available:", error);
    if (input) input.select();
    else getSelection()?.selectAllChildren(source);
    return "Selected: press Ctrl+C";
  }
}
