import type { Attributes } from "../../../ui/button.tsx";
import { Button } from "../../../ui/button.tsx";
import type { FormError } from "../../../ui/form-layout.tsx";
import type { Preview } from "../../../pipelines/definitions/preview-destinations.ts";
import type { PipelineFields } from "./read-form.ts";
import type { PipelineFormView } from "./view.ts";

/** Parts of the form that follow from what was chosen; `destination-<slot>` for each destination. */
export type FormPart = "source" | "schedule" | "runs" | "notify" | `destination-${number}`;

export interface FormPartProps {
  view: PipelineFormView;
  fields: PipelineFields;
  errors: FormError[];
  /** What the destinations of the form would get, by their places in it. */
  previews?: ReadonlyMap<number, Preview>;
}

/** The id of a part on the page. */
export function partId(part: FormPart): string {
  return `pipeline-${part}`;
}

/** Makes a field ask for a part anew when it changes: the whole form is sent, nothing is stored. */
export function chooses({ action }: Pick<PipelineFormView, "action">, part: FormPart, trigger = "change"): Attributes {
  return {
    "hx-post": `${action}/draft?part=${part}`,
    "hx-trigger": trigger,
    "hx-target": `#${partId(part)}`,
    "hx-swap": "outerHTML",
    "hx-sync": `#${partId(part)}:replace`,
    "hx-status:4xx": "swap:none",
    "hx-status:5xx": "swap:none",
    autocomplete: "off",
  };
}

/** Without JavaScript: shows the form again with what follows from what was chosen. Nothing is checked or stored. */
export function ChooseButton({ action, label }: { action: string; label: string }) {
  return (
    <noscript>
      <Button type="submit" size="small" attributes={{ formaction: `${action}/draft`, formnovalidate: true }}>
        {label}
      </Button>
    </noscript>
  );
}

/** Keeps what was typed for another choice, should it be made again. */
export function Kept({ fields, names }: { fields: PipelineFields; names: readonly string[] }) {
  return <>{names.map((name) => fields[name] && <input type="hidden" name={name} value={fields[name]} />)}</>;
}
