import type { Child } from "hono/jsx";
import { classes } from "./classes.ts";
import { controlAttributes, FieldFrame, fieldId, FieldNotes, type FieldProps } from "./field.tsx";
import { Icon, type IconName } from "./icon.tsx";

export type TextFieldProps = FieldProps & {
  value?: string | undefined;
  type?: "text" | "email" | "url" | "search" | "date" | "datetime-local" | undefined;
  placeholder?: string | undefined;
  maxlength?: number | undefined;
  /** Suggestions that do not bind. */
  suggestions?: string[] | undefined;
  mono?: boolean | undefined;
};

/** One line of text. */
export function TextField({
  value,
  type = "text",
  placeholder,
  maxlength,
  suggestions,
  mono,
  ...field
}: TextFieldProps) {
  const list = suggestions && suggestions.length > 0 ? `${fieldId(field.name, field.scope)}-list` : undefined;
  return (
    <FieldFrame field={field}>
      <input
        class={classes("input", mono && "mono")}
        type={type}
        value={value}
        placeholder={placeholder}
        maxlength={maxlength}
        list={list}
        {...controlAttributes(field)}
      />
      {list && (
        <datalist id={list}>
          {suggestions?.map((suggestion) => (
            <option value={suggestion} />
          ))}
        </datalist>
      )}
    </FieldFrame>
  );
}

export type NumberFieldProps = FieldProps & {
  /** A string keeps what the user typed, even if it is not a number. */
  value?: number | string | undefined;
  min?: number | undefined;
  max?: number | undefined;
  /** "any" (the default) takes every decimal. */
  step?: number | "any" | undefined;
  placeholder?: string | undefined;
  unit?: string | undefined;
};

/** A number, with its unit inside the frame. */
export function NumberField({ value, min, max, step = "any", placeholder, unit, ...field }: NumberFieldProps) {
  const input = (
    <input
      class="input numeric"
      type={takesValue(value) ? "number" : "text"}
      inputmode={step === "any" ? "decimal" : "numeric"}
      value={value}
      min={min}
      max={max}
      step={step}
      placeholder={placeholder}
      {...controlAttributes(field)}
    />
  );
  return (
    <FieldFrame field={field}>
      {unit === undefined ? (
        input
      ) : (
        <div class="input-with-unit">
          {input}
          <span class="input-unit">{unit}</span>
        </div>
      )}
    </FieldFrame>
  );
}

/** A number input drops text that is not a number, and the user's typing with it: such a value is shown in a text input instead. */
function takesValue(value: number | string | undefined): boolean {
  return (
    value === undefined ||
    value === "" ||
    (typeof value === "number" ? Number.isFinite(value) : /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value))
  );
}

/** A password. Never filled in by the server; JavaScript adds a button that shows it. */
export function PasswordField({
  autocomplete,
  ...field
}: FieldProps & { autocomplete: "current-password" | "new-password" | "off" }) {
  return (
    <FieldFrame field={field}>
      <div class="input-with-button">
        <input class="input" type="password" autocomplete={autocomplete} {...controlAttributes(field)} />
        <button
          class="input-button js-only"
          type="button"
          data-reveal={fieldId(field.name, field.scope)}
          aria-pressed="false"
          aria-label="Show the password"
        >
          <Icon name="eye" />
        </button>
      </div>
    </FieldFrame>
  );
}

export type TextAreaProps = FieldProps & {
  value?: string | undefined;
  rows?: number | undefined;
  placeholder?: string | undefined;
  maxlength?: number | undefined;
  mono?: boolean | undefined;
};

/** Several lines of text. */
export function TextArea({ value = "", rows = 4, placeholder, maxlength, mono, ...field }: TextAreaProps) {
  return (
    <FieldFrame field={field}>
      <textarea
        class={classes("input", mono && "mono")}
        rows={rows}
        placeholder={placeholder}
        maxlength={maxlength}
        {...controlAttributes(field)}
      >
        {/* HTML drops one newline at the start; this one is dropped instead of the user's. */}
        {`\n${value}`}
      </textarea>
    </FieldFrame>
  );
}

export type SelectOption = { value: string; label: string; disabled?: boolean | undefined };
export type SelectGroup = { group: string; options: SelectOption[] };

export type SelectFieldProps = FieldProps & {
  options: (SelectOption | SelectGroup)[];
  value?: string | undefined;
  /** A first entry with the value "". */
  placeholder?: string | undefined;
};

/** A choice of one from a list that is too long for RadioCards. */
export function SelectField({ options, value, placeholder, ...field }: SelectFieldProps) {
  const entry = (option: SelectOption) => (
    <option value={option.value} selected={option.value === value} disabled={option.disabled}>
      {option.label}
    </option>
  );
  return (
    <FieldFrame field={field}>
      <div class="select">
        <select class="input" {...controlAttributes(field)}>
          {placeholder !== undefined && (
            <option value="" selected={value === undefined || value === ""}>
              {placeholder}
            </option>
          )}
          {options.map((option) =>
            "group" in option ? <optgroup label={option.group}>{option.options.map(entry)}</optgroup> : entry(option),
          )}
        </select>
        <Icon name="chevron-down" size="small" />
      </div>
    </FieldFrame>
  );
}

/** Yes or no. Sends `value` (default: "true") when checked, nothing otherwise. */
export function CheckboxField({
  checked,
  value = "true",
  ...field
}: FieldProps & { checked?: boolean | undefined; value?: string | undefined }) {
  return (
    <div class={classes("field", "is-check", field.error !== undefined && "is-invalid")}>
      <input class="check" type="checkbox" value={value} checked={checked} {...controlAttributes(field)} />
      <div class="field-beside">
        <label class="field-label" for={fieldId(field.name, field.scope)}>
          {field.label}
        </label>
        <FieldNotes field={field} />
      </div>
    </div>
  );
}

export type RadioCard = {
  value: string;
  label: Child;
  description?: Child;
  icon?: IconName | undefined;
  disabled?: boolean | undefined;
};

/** A choice of one among a few, each explained. */
export function RadioCards({
  cards,
  value,
  ...field
}: FieldProps & { cards: RadioCard[]; value?: string | undefined }) {
  const id = fieldId(field.name, field.scope);
  const notes = classes(field.error !== undefined && `${id}-error`, Boolean(field.hint) && `${id}-hint`);
  return (
    <fieldset
      class={classes("field", field.error !== undefined && "is-invalid")}
      aria-describedby={notes}
      disabled={field.disabled}
    >
      <legend class="field-label">{field.label}</legend>
      <div class="radio-cards">
        {cards.map((card, index) => (
          <label class="radio-card">
            <input
              class="check"
              type="radio"
              id={index === 0 ? id : undefined}
              name={field.name}
              value={card.value}
              checked={card.value === value}
              required={field.required}
              disabled={card.disabled}
              {...field.attributes}
            />
            <span class="radio-card-body">
              <span class="radio-card-label">
                {card.icon && <Icon name={card.icon} size="small" />}
                {card.label}
              </span>
              {card.description && <span class="radio-card-description">{card.description}</span>}
            </span>
          </label>
        ))}
      </div>
      <FieldNotes field={field} />
    </fieldset>
  );
}
