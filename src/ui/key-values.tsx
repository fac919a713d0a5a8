import type { Child } from "hono/jsx";
import { classes } from "./classes.ts";

export type KeyValue = { label: string; value: Child; hint?: Child };

/** A list of facts about one thing. An empty value (null, undefined, "") reads as an en dash. `columns` 2 needs a wide place. */
export function KeyValues({ items, columns = 1 }: { items: KeyValue[]; columns?: 1 | 2 | undefined }) {
  return (
    <dl class={classes("key-values", columns === 2 && "is-wide")}>
      {items.map(({ label, value, hint }) => (
        <div class="key-value">
          <dt>{label}</dt>
          <dd>
            {value === null || value === undefined || value === "" ? <span class="muted">–</span> : value}
            {hint && <p class="key-value-hint">{hint}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
