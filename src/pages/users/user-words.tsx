import { Badge } from "../../ui/badge.tsx";
import { Callout } from "../../ui/callout.tsx";
import { CopyField } from "../../ui/code-block.tsx";
import { Timestamp } from "../../ui/time.tsx";
import type { ManagedUser } from "../../access/user-json.ts";
import type { NewLink } from "./view.ts";

export const ROLE_OPTIONS = [
  { value: "member", label: "Member" },
  { value: "admin", label: "Admin of the instance" },
];

export const ROLE_HINT = "An admin manages the users and is an admin of every project.";

export const ROLE_LABELS = { admin: "Admin", member: "Member" } as const;

/** Whether a user can sign in, in a word. */
export function UserState({ user, nowMs }: { user: ManagedUser; nowMs: number }) {
  if (user.deactivatedAt !== null) return <Badge>Deactivated</Badge>;
  if (user.hasPassword) return <Badge tone="ok">Active</Badge>;
  if (user.invitationExpiresAt !== null && user.invitationExpiresAt > nowMs) {
    return <Badge tone="accent">Invited</Badge>;
  }
  return <Badge tone="warning">Invitation expired</Badge>;
}

/** The one time that a link is shown. */
export function NewLinkCallout({ link }: { link: NewLink }) {
  return (
    <Callout level="success" title={`A link for ${link.email}`} live>
      <CopyField
        id="new-invitation"
        label="Link"
        value={link.url}
        hint={
          <>
            Shown only once. Copy it now and pass it on. Anyone with the link can set the password. It works once, until{" "}
            <Timestamp atMs={link.expiresAt} />.
          </>
        }
      />
    </Callout>
  );
}
