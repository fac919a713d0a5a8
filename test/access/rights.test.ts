import { describe, expect, it } from "vitest";
import type { Caller, InstanceRole, ProjectRole } from "../../src/access/caller.ts";
import { type AccessLevel, decide, isAllowed, type Right } from "../../src/access/rights.ts";

function user(instanceRole: InstanceRole, role?: ProjectRole): Caller {
  const roles = new Map<string, ProjectRole>(role ? [["prj_here", role]] : [["prj_elsewhere", "admin"]]);
  return { kind: "user", userId: "usr_a", email: "a@b.c", name: "A", instanceRole, roles, via: "token" };
}

const CALLERS = {
  nobody: { kind: "nobody" },
  key: { kind: "key", keyId: "key_a", deploymentId: "dep_here" },
  "other key": { kind: "key", keyId: "key_b", deploymentId: "dep_elsewhere" },
  outsider: user("member"),
  end_user: user("member", "end_user"),
  viewer: user("member", "viewer"),
  contributor: user("member", "contributor"),
  "project admin": user("member", "admin"),
  "instance admin": user("admin"),
} satisfies Record<string, Caller>;

const LETTERS = { A: "allowed", U: "unauthorized", F: "forbidden", H: "hidden" } as const;

// The contract's table, written out by hand. In each cell: predict, send_actuals, read,
// change, delete what the caller made, delete what another made, manage.
const DEPLOYMENT_TABLE: [keyof typeof CALLERS, Record<AccessLevel, string>][] = [
  ["nobody", { public: "AUUUUUU", instance: "UUUUUUU", project: "UUUUUUU" }],
  ["key", { public: "AAFFFFF", instance: "AAFFFFF", project: "AAFFFFF" }],
  ["other key", { public: "FFFFFFF", instance: "HHHHHHH", project: "HHHHHHH" }],
  ["outsider", { public: "AFFFFFF", instance: "AFFFFFF", project: "HHHHHHH" }],
  ["end_user", { public: "AFFFFFF", instance: "AFFFFFF", project: "AFFFFFF" }],
  ["viewer", { public: "AFAFFFF", instance: "AFAFFFF", project: "AFAFFFF" }],
  ["contributor", { public: "AAAAAFF", instance: "AAAAAFF", project: "AAAAAFF" }],
  ["project admin", { public: "AAAAAAA", instance: "AAAAAAA", project: "AAAAAAA" }],
  ["instance admin", { public: "AAAAAAA", instance: "AAAAAAA", project: "AAAAAAA" }],
];

// The same where no deployment is asked for. In each cell: read, change, both deletions, manage.
const PROJECT_TABLE: [keyof typeof CALLERS, string][] = [
  ["nobody", "UUUUU"],
  ["key", "HHHHH"],
  ["other key", "HHHHH"],
  ["outsider", "HHHHH"],
  ["end_user", "FFFFF"],
  ["viewer", "AFFFF"],
  ["contributor", "AAAFF"],
  ["project admin", "AAAAA"],
  ["instance admin", "AAAAA"],
];

type Asked = Exclude<Right, "delete"> | "delete own" | "delete another's";
const RIGHTS: Asked[] = ["predict", "send_actuals", "read", "change", "delete own", "delete another's", "manage"];
const LEVELS: AccessLevel[] = ["public", "instance", "project"];

function letterOf(caller: Caller, asked: Asked, access?: AccessLevel): string {
  const right = asked === "delete own" || asked === "delete another's" ? "delete" : asked;
  const given = decide(caller, right, {
    projectId: "prj_here",
    createdBy: asked === "delete own" ? "usr_a" : "usr_b",
    ...(access && { deployment: { id: "dep_here", access } }),
  });
  return Object.entries(LETTERS).find(([, name]) => name === given)?.[0] ?? given;
}

describe("the rights table", () => {
  it.each(DEPLOYMENT_TABLE)("holds for %s and a deployment", (name, expected) => {
    for (const level of LEVELS) {
      const got = RIGHTS.map((right) => letterOf(CALLERS[name], right, level)).join("");
      expect(`${level} ${got}`).toBe(`${level} ${expected[level]}`);
    }
  });

  it.each(PROJECT_TABLE)("holds for %s and a project", (name, expected) => {
    expect(
      RIGHTS.slice(2)
        .map((right) => letterOf(CALLERS[name], right))
        .join(""),
    ).toBe(expected);
  });

  it("lets only admins delete what nobody is known to have made", () => {
    const target = { projectId: "prj_here" };
    expect(isAllowed(CALLERS.contributor, "delete", target)).toBe(false);
    expect(isAllowed(CALLERS["project admin"], "delete", target)).toBe(true);
  });
});
