import { describe, expect, it } from "vitest";
import type { Caller, InstanceRole, ProjectRole } from "../../src/access/caller.ts";
import { type AccessLevel, type Right, verdict } from "../../src/access/rights.ts";

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

// The contract's table, written out by hand. In each cell: predict, send_actuals, read, change, manage.
const DEPLOYMENT_TABLE: [keyof typeof CALLERS, Record<AccessLevel, string>][] = [
  ["nobody", { public: "AUUUU", instance: "UUUUU", project: "UUUUU" }],
  ["key", { public: "AAFFF", instance: "AAFFF", project: "AAFFF" }],
  ["other key", { public: "FFFFF", instance: "HHHHH", project: "HHHHH" }],
  ["outsider", { public: "AFFFF", instance: "AFFFF", project: "HHHHH" }],
  ["end_user", { public: "AFFFF", instance: "AFFFF", project: "AFFFF" }],
  ["viewer", { public: "AFAFF", instance: "AFAFF", project: "AFAFF" }],
  ["contributor", { public: "AAAAF", instance: "AAAAF", project: "AAAAF" }],
  ["project admin", { public: "AAAAA", instance: "AAAAA", project: "AAAAA" }],
  ["instance admin", { public: "AAAAA", instance: "AAAAA", project: "AAAAA" }],
];

// The same where no deployment is asked for. In each cell: read, change, manage.
const PROJECT_TABLE: [keyof typeof CALLERS, string][] = [
  ["nobody", "UUU"],
  ["key", "HHH"],
  ["other key", "HHH"],
  ["outsider", "HHH"],
  ["end_user", "FFF"],
  ["viewer", "AFF"],
  ["contributor", "AAF"],
  ["project admin", "AAA"],
  ["instance admin", "AAA"],
];

const RIGHTS: Right[] = ["predict", "send_actuals", "read", "change", "manage"];
const LEVELS: AccessLevel[] = ["public", "instance", "project"];

function letterOf(caller: Caller, right: Right, access?: AccessLevel): string {
  const given = verdict(caller, right, {
    projectId: "prj_here",
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
    const rights: Right[] = ["read", "change", "manage"];
    expect(rights.map((right) => letterOf(CALLERS[name], right)).join("")).toBe(expected);
  });
});
