import type { Child } from "hono/jsx";
import type { Attributes } from "./button.tsx";
import { fieldId } from "./field.tsx";
import { Icon } from "./icon.tsx";

export type FormProps = {
  action: string;
  method?: "get" | "post" | undefined;
  /** True for a form with files: sent as multipart, with a progress bar where UploadProgress stands. */
  upload?: boolean | undefined;
  id?: string | undefined;
  attributes?: Attributes | undefined;
  children?: Child;
};

/** A form that works without JavaScript; hx-* go into `attributes`. */
export function Form({ action, method = "post", upload, id, attributes, children }: FormProps) {
  return (
    <form
      class="form"
      id={id}
      method={method}
      action={action}
      enctype={upload ? "multipart/form-data" : undefined}
      data-upload={upload ? "" : undefined}
      {...attributes}
    >
      {children}
    </form>
  );
}

/** A group of fields under a heading of their own. */
export function FieldGroup({
  legend,
  description,
  children,
}: {
  legend: string;
  description?: Child;
  children?: Child;
}) {
  return (
    <fieldset class="field-group">
      <legend class="field-group-legend">{legend}</legend>
      {description && <p class="field-group-description">{description}</p>}
      <div class="field-group-body">{children}</div>
    </fieldset>
  );
}

/** Fields side by side where there is room. */
export function FieldRow({ children }: { children?: Child }) {
  return <div class="field-row">{children}</div>;
}

/** The buttons that end a form, the main one first. */
export function FormActions({ children }: { children?: Child }) {
  return <div class="form-actions">{children}</div>;
}

export type FormError = { path?: string | undefined; message: string };

/**
 * What is wrong with a form, on top of it. An error with a `path` that is a field's name links to that field.
 * Renders nothing without errors. After a swap by htmx, app.ts moves the focus here.
 */
export function FormErrors({
  errors,
  title,
  scope,
}: {
  errors: FormError[];
  title?: string | undefined;
  scope?: string | undefined;
}) {
  if (errors.length === 0) return null;
  const heading = title ?? (errors.length === 1 ? "There is a problem" : `There are ${errors.length} problems`);
  return (
    <div class="callout" data-tone="bad" role="alert" tabindex={-1} data-form-errors>
      <Icon name="error" />
      <div class="callout-body">
        <p class="callout-title">{heading}</p>
        <ul class="callout-list">
          {errors.map(({ path, message }) => (
            <li>{path === undefined ? message : <a href={`#${fieldId(path, scope)}`}>{message}</a>}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
