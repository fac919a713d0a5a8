import type { Child } from "hono/jsx";
import { Icon } from "./icon.tsx";

/** Copies the text of the element with id `target`; hidden without JavaScript, where the text can be marked by hand. */
export function CopyButton({ target, label = "Copy" }: { target: string; label?: string | undefined }) {
  return (
    <button class="copy-button js-only" type="button" data-copy={target}>
      <Icon name="copy" size="small" />
      <span data-copy-label aria-live="polite">
        {label}
      </span>
    </button>
  );
}

export type CodeBlockProps = {
  /** Unique on the page: the copy button points at it. */
  id: string;
  code: string;
  label?: Child;
  /** True to break long lines instead of scrolling sideways. */
  wrap?: boolean | undefined;
};

/** Text to be taken elsewhere exactly as it is, with a copy button. */
export function CodeBlock({ id, code, label, wrap }: CodeBlockProps) {
  return (
    <figure class="code-block" data-wrap={wrap ? "" : undefined}>
      <figcaption class="code-block-header">
        <span class="code-block-label">{label}</span>
        <CopyButton target={id} />
      </figcaption>
      <pre tabindex={0}>
        <code id={id}>{code}</code>
      </pre>
    </figure>
  );
}

export type CopyFieldProps = { id: string; label: string; value: string; hint?: Child };

/** One line to be copied: a key that is shown once, a URL. */
export function CopyField({ id, label, value, hint }: CopyFieldProps) {
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <div class="copy-field">
        <input
          class="input mono"
          id={id}
          value={value}
          readonly
          data-select-all
          aria-describedby={hint ? `${id}-hint` : undefined}
        />
        <CopyButton target={id} />
      </div>
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
