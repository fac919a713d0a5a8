import type { Child } from "hono/jsx";
import { BarePage } from "./layout.tsx";

export type ErrorPanelProps = {
  status: number;
  title: string;
  /** What happened and what can be done. */
  message: Child;
  /** To be quoted when asking for help. */
  requestId?: string | undefined;
  action?: Child;
};

/** An error inside a page or a fragment. */
export function ErrorPanel({ status, title, message, requestId, action }: ErrorPanelProps) {
  return (
    <section class="error-panel">
      <p class="error-status">{status}</p>
      <h1 class="error-title">{title}</h1>
      <div class="error-message">{message}</div>
      {action && <div class="error-action">{action}</div>}
      {requestId !== undefined && (
        <p class="error-request">
          Request <code>{requestId}</code>
        </p>
      )}
    </section>
  );
}

/** An error as a page of its own. */
export function ErrorPage({ assetVersion, ...panel }: ErrorPanelProps & { assetVersion: string }) {
  return (
    <BarePage title={panel.title} assetVersion={assetVersion}>
      <ErrorPanel {...panel} />
    </BarePage>
  );
}
