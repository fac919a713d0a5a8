import { LIMITS } from "../../config.ts";
import type { FieldProps } from "../../ui/field.tsx";
import { CheckboxField, NumberField, SelectField, type SelectOption, TextArea, TextField } from "../../ui/forms.tsx";
import type { FormField } from "./form-fields.ts";

export interface FeatureFieldProps {
  field: FormField;
  /** As it was entered; "" when nothing was. */
  value: string;
  error: string | undefined;
  /** False where every field is optional, so that saying it of each would be noise. */
  markOptional: boolean;
  /** True inside a closed group, where a browser could not show what it complains of: the server then does. */
  isFolded: boolean;
}

/** One feature as a form control. What was entered stays, even if it is none of the values that are offered. */
export function FeatureField({ field, value, error, markOptional, isFolded }: FeatureFieldProps) {
  const { name, label, hint, required, control } = field;
  const common: FieldProps = { name, label, hint, error, required, markOptional };
  if (isFolded) common.attributes = { required: undefined };
  switch (control.kind) {
    case "number":
      // A step counts from the value that stands there, so a fraction would allow no whole number any more.
      return <NumberField {...common} value={value} step={control.isWhole && /^-?\d*$/.test(value) ? 1 : "any"} />;
    case "choice":
      return (
        <SelectField
          {...common}
          value={value}
          placeholder={emptyOption(required)}
          options={withValue(control.options, value)}
        />
      );
    case "suggestion":
      return <TextField {...common} value={value} suggestions={control.options} maxlength={LIMITS.cellBytesMax} />;
    case "truth":
      return (
        <SelectField
          {...common}
          value={truth(value)}
          placeholder={emptyOption(required)}
          options={withTruth(truth(value))}
        />
      );
    case "tick":
      return (
        <div>
          {/* A box that is not ticked sends nothing: this says "no" for it, and the box itself, coming later, overrules. */}
          <input type="hidden" name={name} value="false" />
          <CheckboxField {...common} required={false} checked={truth(value) === "true"} />
        </div>
      );
    case "text":
      return <TextArea {...common} value={value} rows={3} maxlength={LIMITS.cellBytesMax} />;
  }
}

function emptyOption(required: boolean): string {
  return required ? "Choose …" : "Not known";
}

function withValue(values: readonly string[], value: string): SelectOption[] {
  const all = value === "" || values.includes(value) ? values : [...values, value];
  return all.map((option) => ({ value: option, label: option }));
}

const YES_NO: SelectOption[] = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

function withTruth(value: string): SelectOption[] {
  return value === "" || value === "true" || value === "false" ? YES_NO : [...YES_NO, { value, label: value }];
}

/** The spellings of the coercion rules as the form sends them. */
function truth(value: string): string {
  const text = value.trim().toLowerCase();
  if (text === "1" || text === "true") return "true";
  return text === "0" || text === "false" ? "false" : value;
}
