import type { Child } from "hono/jsx";
import type { Attributes } from "./button.tsx";
import { classes } from "./classes.ts";

/** What every field takes. `attributes` go on the control itself (hx-*, autocomplete, autofocus, ...). */
export type FieldProps = {
  name: string;
  label: Child;
  hint?: Child;
  error?: string | undefined;
  required?: boolean | undefined;
  disabled?: boolean | undefined;
  /** False drops the word "optional", for forms in which every field is. */
  markOptional?: boolean | undefined;
  /** Tells apart two forms on one page that have a field of the same name. */
  scope?: string | undefined;
  attributes?: Attributes | undefined;
};

/**
 * The id of a field's control: unlike names give unlike ids, whatever characters a feature's name has.
 * FormErrors links to it.
 */
export function fieldId(name: string, scope?: string): string {
  const safe = name.replace(/[^A-Za-z0-9-]/gu, (character) => `_${(character.codePointAt(0) ?? 0).toString(16)}_`);
  return scope === undefined ? `field-${safe}` : `field-${scope}-${safe}`;
}

/** The attributes that tie a control to its label, hint and error. */
export function controlAttributes({
  name,
  scope,
  hint,
  error,
  required,
  disabled,
  attributes,
}: FieldProps): Attributes {
  const id = fieldId(name, scope);
  return {
    id,
    name,
    required,
    disabled,
    "aria-invalid": error === undefined ? undefined : "true",
    "aria-describedby": classes(error !== undefined && `${id}-error`, Boolean(hint) && `${id}-hint`),
    ...attributes,
  };
}

/** Label, control, hint and error in their places. Fields that need not be filled in say so. */
export function FieldFrame({ field, children }: { field: FieldProps; children?: Child }) {
  const id = fieldId(field.name, field.scope);
  return (
    <div class={classes("field", field.error !== undefined && "is-invalid")}>
      <label class="field-label" for={id}>
        {field.label}
        {!field.required && field.markOptional !== false && (
          <>
            {/* What is read out needs the blank that the layout makes by itself. */}{" "}
            <span class="field-optional">optional</span>
          </>
        )}
      </label>
      {children}
      <FieldNotes field={field} />
    </div>
  );
}

/** The error and the hint of a field, with the ids that controlAttributes names. */
export function FieldNotes({ field }: { field: FieldProps }) {
  const id = fieldId(field.name, field.scope);
  return (
    <>
      {field.error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {field.error}
        </p>
      )}
      {field.hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {field.hint}
        </p>
      )}
    </>
  );
}
