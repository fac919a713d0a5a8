import cronstrue from "cronstrue";

/**
 * A cron expression in words, to stand within a sentence: `at 06:00, only on Monday`. Null for expressions that the library cannot read:
 * they are shown as they are.
 */
export function cronWords(cron: string): string | null {
  try {
    const words = cronstrue.toString(cron, { use24HourTimeFormat: true });
    return words.charAt(0).toLowerCase() + words.slice(1);
  } catch {
    return null;
  }
}
