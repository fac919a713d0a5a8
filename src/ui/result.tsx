import type { Child } from "hono/jsx";

export type ResultProps = {
  /** "Prediction", or what the target is called. */
  label: string;
  value: Child;
  unit?: string | undefined;
  /** Under the value: version, warnings. */
  detail?: Child;
  /** Bars of the classes. */
  children?: Child;
};

/** What a model answered, to be seen from afar. Give it an id to swap it by htmx; screen readers say a new one. */
export function Result({ label, value, unit, detail, children }: ResultProps) {
  return (
    <section class="result" aria-live="polite">
      <p class="result-label">{label}</p>
      <p class="result-value">
        {value}
        {unit && <span class="result-unit"> {unit}</span>}
      </p>
      {children && <div class="result-body">{children}</div>}
      {detail && <div class="result-detail">{detail}</div>}
    </section>
  );
}
