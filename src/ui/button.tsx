import type { Child } from "hono/jsx";
import { Icon, type IconName } from "./icon.tsx";

export type Attributes = Record<string, string | number | boolean | undefined>;
export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";

type Look = {
  variant?: ButtonVariant | undefined;
  size?: "small" | undefined;
  icon?: IconName | undefined;
};

export type ButtonLinkProps = Look & {
  href: string;
  children?: Child;
  attributes?: Attributes | undefined;
};

/** A link that looks like a button: for going somewhere. */
export function ButtonLink({ href, variant = "secondary", size, icon, children, attributes }: ButtonLinkProps) {
  return (
    <a class="button" data-variant={variant} data-size={size} href={href} {...attributes}>
      {icon && <Icon name={icon} />}
      <span class="button-label">{children}</span>
    </a>
  );
}

export type ButtonProps = Look & {
  type?: "button" | "submit" | undefined;
  disabled?: boolean | undefined;
  children?: Child;
  attributes?: Attributes | undefined;
};

/** A button; default `type`: "button". To send a form, use SubmitButton, which also shows that it is busy. */
export function Button({
  type = "button",
  variant = "secondary",
  size,
  icon,
  disabled,
  children,
  attributes,
}: ButtonProps) {
  return (
    <button class="button" type={type} data-variant={variant} data-size={size} disabled={disabled} {...attributes}>
      {icon && <Icon name={icon} />}
      <span class="button-label">{children}</span>
    </button>
  );
}

export type SubmitButtonProps = Look & {
  label: string;
  busyLabel?: string | undefined;
  disabled?: boolean | undefined;
  attributes?: Attributes | undefined;
};

/**
 * Sends the form around it. While the request runs (htmx or a plain submit) it shows a spinner, says `busyLabel` and takes no second
 * click.
 */
export function SubmitButton({
  label,
  busyLabel,
  variant = "primary",
  size,
  icon,
  disabled,
  attributes,
}: SubmitButtonProps) {
  return (
    <button
      class="button"
      type="submit"
      data-variant={variant}
      data-size={size}
      data-submit
      disabled={disabled}
      {...attributes}
    >
      {icon && <Icon name={icon} />}
      <span class="button-spinner" aria-hidden="true" />
      <span class="button-label">{label}</span>
      <span class="button-label-busy">{busyLabel ?? label}</span>
    </button>
  );
}

export type ActionButtonProps = SubmitButtonProps & {
  action: string;
  fields?: Record<string, string> | undefined;
  formAttributes?: Attributes | undefined;
};

/** A form of one button: for an action that needs no further input. `fields` are sent with it. */
export function ActionButton({ action, fields, formAttributes, variant = "secondary", ...button }: ActionButtonProps) {
  return (
    <form class="action-form" method="post" action={action} {...formAttributes}>
      {Object.entries(fields ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <SubmitButton variant={variant} {...button} />
    </form>
  );
}
