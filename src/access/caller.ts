export type InstanceRole = "admin" | "member";
export type ProjectRole = "admin" | "contributor" | "viewer" | "end_user";

/** Who is calling, as the credential of the request says. */
export type Caller =
  | { kind: "nobody" }
  | {
      kind: "user";
      userId: string;
      email: string;
      name: string;
      instanceRole: InstanceRole;
      /** Role in each project of which the user is a member, by project id. */
      roles: ReadonlyMap<string, ProjectRole>;
      via: "session" | "token";
    }
  | { kind: "key"; keyId: string; deploymentId: string };

export type UserCaller = Extract<Caller, { kind: "user" }>;
