export type InstanceRole = "admin" | "member";
export type ProjectRole = "admin" | "contributor" | "viewer" | "end_user";

/**
 * Who is calling, as the credential of the request says. `address` is the network address, for the audit log; predictions do not read it.
 */
export type Caller =
  | { kind: "nobody"; address?: string | null }
  | {
      kind: "user";
      userId: string;
      email: string;
      name: string;
      instanceRole: InstanceRole;
      /** Role in each project of which the user is a member, by project id. */
      roles: ReadonlyMap<string, ProjectRole>;
      via: "session" | "token";
      address?: string | null;
    }
  | { kind: "key"; keyId: string; deploymentId: string; address?: string | null };

export type UserCaller = Extract<Caller, { kind: "user" }>;
