import { keepPreference } from "./preference.ts";

const root = document.documentElement;

/** Shows the choice of a theme, and "system" where none is made, on the buttons of the page. */
export function markTheme(): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "system")));
  }
}

export function chooseTheme(button: HTMLElement): void {
  const theme = button.dataset.themeChoice;
  if (theme === undefined || theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  keepPreference("theme", root.dataset.theme ?? null);
  markTheme();
}

export function isSidebarFolded(): boolean {
  return root.dataset.sidebar === "folded";
}

export function foldSidebar(isFolded: boolean): void {
  if (isFolded) root.dataset.sidebar = "folded";
  else delete root.dataset.sidebar;
  keepPreference("sidebar", isFolded ? "folded" : null);
}
