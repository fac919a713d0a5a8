/** What a reader chose for all pages, kept in the browser. */
export type Preference = "theme" | "sidebar";

/** The choice; null without one, or where the browser forbids storage. */
export function readPreference(name: Preference): string | null {
  try {
    return localStorage.getItem(`tiltyard.${name}`);
  } catch (error) {
    console.debug("Preferences cannot be read:", error);
    return null;
  }
}

/** Keeps a choice, or forgets it (null). Where the browser forbids storage, the choice lasts as long as the page. */
export function keepPreference(name: Preference, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`tiltyard.${name}`);
    else localStorage.setItem(`tiltyard.${name}`, value);
  } catch (error) {
    console.debug("Preferences cannot be stored:", error);
  }
}
