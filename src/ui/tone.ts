/** What a colour says. Text beside it always says it too. */
export type Tone = "neutral" | "accent" | "ok" | "warning" | "bad";

/** Whose numbers a mark shows: the same colour on every chart, bar and legend. */
export type SeriesTone = "main" | "challenger" | "reference" | "warning";
