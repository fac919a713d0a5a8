import type { Child } from "hono/jsx";
import { ButtonLink, SubmitButton } from "./button.tsx";
import { Callout } from "./callout.tsx";
import { TextField } from "./forms.tsx";

export type ConfirmFormProps = {
  /** Where the form is posted, with the typed name in the field `confirm`. The server compares it again. */
  action: string;
  /** What must be typed. */
  name: string;
  /** The words on the button: "Delete deployment". */
  verb: string;
  cancelHref: string;
  error?: string | undefined;
  scope?: string | undefined;
  /** What will be gone. */
  children?: Child;
};

/**
 * Asks for the name to be typed. The same form serves a page of its own and ConfirmDialog; the browser refuses another name even without
 * JavaScript.
 */
export function ConfirmForm({ action, name, verb, cancelHref, error, scope, children }: ConfirmFormProps) {
  return (
    <form class="form" method="post" action={action} data-confirm-name={name}>
      {children && <Callout level="warning">{children}</Callout>}
      <TextField
        name="confirm"
        scope={scope}
        required
        error={error}
        label={
          <span>
            Type <strong class="confirm-name">{name}</strong> to confirm
          </span>
        }
        attributes={{
          pattern: exactPattern(name),
          title: "The name, exactly as it is written above",
          autocomplete: "off",
          spellcheck: "false",
        }}
      />
      <div class="form-actions">
        <SubmitButton label={verb} variant="danger" />
        <ButtonLink href={cancelHref} attributes={{ "data-dialog-close": "" }}>
          Cancel
        </ButtonLink>
      </div>
    </form>
  );
}

/**
 * A ConfirmForm over the page. Links with data-dialog={id} (ConfirmLink, MenuLink) open it; without JavaScript they go to a page that has
 * the same form.
 */
export function ConfirmDialog({ id, title, ...form }: ConfirmFormProps & { id: string; title: string }) {
  return (
    <dialog class="dialog" id={id} aria-labelledby={`${id}-title`}>
      <h2 class="dialog-title" id={`${id}-title`}>
        {title}
      </h2>
      <ConfirmForm {...form} scope={form.scope ?? id} />
    </dialog>
  );
}

/** The button that leads to a ConfirmDialog, or to the page `href` without JavaScript. */
export function ConfirmLink({ dialog, href, children }: { dialog: string; href: string; children?: Child }) {
  return (
    <ButtonLink href={href} variant="danger" icon="trash" attributes={{ "data-dialog": dialog }}>
      {children}
    </ButtonLink>
  );
}

/** A pattern (HTML compiles it with the v flag) that nothing but `name` matches. */
function exactPattern(name: string): string {
  return name.replace(/[\^$\\.*+?()[\]{}|/]/g, String.raw`\$&`);
}
