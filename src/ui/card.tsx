import type { Child } from "hono/jsx";
import { classes } from "./classes.ts";

export type CardProps = {
  title?: Child;
  description?: Child;
  actions?: Child;
  footer?: Child;
  /** True for content that goes edge to edge, such as a table. */
  flush?: boolean | undefined;
  tone?: "danger" | undefined;
  id?: string | undefined;
  /** 1 where the card is all there is on the page. */
  headingLevel?: 1 | 2 | 3 | undefined;
  children?: Child;
};

/** A bordered section with an optional heading row and footer. */
export function Card({ title, description, actions, footer, flush, tone, id, headingLevel = 2, children }: CardProps) {
  const Heading = `h${headingLevel}` as const;
  return (
    <section class={classes("card", flush && "is-flush")} data-kind={tone} id={id}>
      {(title || actions) && (
        <header class="card-header">
          <div class="card-heading">
            {title && <Heading class="card-title">{title}</Heading>}
            {description && <p class="card-description">{description}</p>}
          </div>
          {actions && <div class="card-actions">{actions}</div>}
        </header>
      )}
      <div class="card-body">{children}</div>
      {footer && <footer class="card-footer">{footer}</footer>}
    </section>
  );
}
