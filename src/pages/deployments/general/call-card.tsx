import { Card } from "../../../ui/card.tsx";
import { CodeBlock, CopyField } from "../../../ui/code-block.tsx";
import { curlCommand } from "../curl-command.ts";
import type { GeneralView } from "./view.ts";
import type { Deployment } from "../../../deployments/queries.ts";

export interface CallCardProps {
  deployment: Deployment;
  apiUrl: string;
  example: GeneralView["example"];
  /** Of the key that was just made: the example then works as it stands. */
  secret: string | undefined;
}

/** The address for programs, and a call that works. */
export function CallCard({ deployment, apiUrl, example, secret }: CallCardProps) {
  const isOpen = deployment.access === "public";
  const key = secret ?? (isOpen ? null : "$TILTYARD_KEY");
  return (
    <Card title="Call it">
      <div class="stack">
        <CopyField
          id="api-url"
          label="Address"
          value={apiUrl}
          hint={
            isOpen
              ? "POST, without a key: this deployment is public."
              : "POST, with an API key of this deployment as bearer token. Generate one below."
          }
        />
        {example && (
          <CodeBlock id="curl" label="A typical row, with curl" code={curlCommand(apiUrl, example, key)} wrap />
        )}
      </div>
    </Card>
  );
}
