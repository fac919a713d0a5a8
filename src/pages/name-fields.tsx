import type { Child } from "hono/jsx";
import { LIMITS } from "../config.ts";
import type { Attributes } from "../ui/button.tsx";
import { FieldRow, type FormError } from "../ui/form-layout.tsx";
import { NumberField, TextArea, TextField } from "../ui/forms.tsx";
import { errorAt } from "./page-form.ts";

interface NamedProps {
  value: string | undefined;
  /** All errors of the form. */
  errors: FormError[];
  hint?: Child;
}

/** The field `name` of a form, as long as a name may be. */
export function NameField({
  value,
  errors,
  hint,
  label = "Name",
  attributes,
}: NamedProps & { label?: string; attributes?: Attributes }) {
  return (
    <TextField
      name="name"
      label={label}
      value={value}
      maxlength={LIMITS.nameLengthMax}
      hint={hint}
      error={errorAt(errors, "name")}
      attributes={attributes}
      required
    />
  );
}

/** The field `description` of a form, as long as a description may be. */
export function DescriptionField({ value, errors, hint, rows = 2 }: NamedProps & { rows?: number }) {
  return (
    <TextArea
      name="description"
      label="Description"
      rows={rows}
      value={value}
      maxlength={LIMITS.descriptionLengthMax}
      hint={hint}
      error={errorAt(errors, "description")}
    />
  );
}

/** The fields of a new token or key: what it is called, and after how many days it expires. */
export function NewSecretFields({
  name,
  days,
  errors,
  hint,
}: Omit<NamedProps, "value"> & { name: string | undefined; days: string | undefined }) {
  return (
    <FieldRow>
      <NameField value={name} errors={errors} hint={hint} />
      <NumberField
        name="expires_in_days"
        label="Expires in"
        unit="days"
        min={1}
        step={1}
        value={days}
        hint="Leave empty for no expiry."
        error={errorAt(errors, "expires_in_days")}
      />
    </FieldRow>
  );
}
