import type { Previewed } from "../../pipelines/definitions/preview-destinations.ts";
import { plural } from "../../lib/format.ts";

/** What a destination gets: what is to be known, and the columns that have another name there or all of them on request. */
export function DestinationPreview({
  preview: { columns, notes },
  isSourceKnown,
}: {
  preview: Previewed;
  isSourceKnown: boolean;
}) {
  return (
    <div class="stack small">
      {notes.map((note) => (
        <p class="cell-break">{note}</p>
      ))}
      {columns.length > 0 && (
        <details>
          <summary>
            {isSourceKnown ? plural(columns.length, "column") : "Columns, as far as they are known before a run"}
          </summary>
          <ul>
            {columns.map(({ name, as }) => (
              <li class="cell-break">
                <code>{as}</code>
                {as !== name && ` for ${name}`}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
