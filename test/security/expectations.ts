import type { AccessLevel } from "../../src/access/rights.ts";
import { CALLERS, type CallerName } from "./world.ts";

/** What a route asks of its caller: the rights table of the contract, by what a route is about. */
export type Need =
  | "a probe"
  | "open to all"
  | "signed in"
  | "own account"
  | "instance admin"
  | "predicts"
  | "sends actuals"
  | "reads deployment"
  | "changes deployment"
  | "deletes deployment"
  | "reads project"
  | "changes project"
  | "deletes of project"
  | "manages project";

/** `refused`: 403 or 404, whichever, but then the same for what is not there. */
export type Outcome = "allowed" | "401" | "403" | "404" | "refused";

type Outcomes = Record<CallerName, Outcome>;

// A credential that is given must be good, also where none is needed.
const BAD_CREDENTIALS = {
  "expired key": "401",
  "revoked key": "401",
  "token of a deactivated user": "401",
} as const;

/** A session that is over makes nobody of its caller. */
function outcomes(
  nobody: Outcome,
  users: [stranger: Outcome, endUser: Outcome, viewer: Outcome, contributor: Outcome, admin: Outcome],
  keys: [its: Outcome, other: Outcome],
): Outcomes {
  const [stranger, endUser, viewer, contributor, admin] = users;
  return {
    nobody,
    "session of a deactivated user": nobody,
    "member of another project": stranger,
    "end user": endUser,
    viewer,
    contributor,
    "project admin": admin,
    "instance admin": "allowed",
    "its key": keys[0],
    "key of another deployment": keys[1],
    ...BAD_CREDENTIALS,
  };
}

const everyone = (outcome: Outcome): Outcomes =>
  outcomes(outcome, [outcome, outcome, outcome, outcome, outcome], [outcome, outcome]);
const users = everyone("allowed");
const SIGNED_IN: Outcomes = { ...users, ...keysAre("403", "403"), ...nobodyIs("401") };

function keysAre(its: Outcome, other: Outcome) {
  return { "its key": its, "key of another deployment": other };
}

function nobodyIs(outcome: Outcome) {
  return { nobody: outcome, "session of a deactivated user": outcome };
}

const EXPECTED: Record<Exclude<Need, "predicts">, Outcomes> = {
  "a probe": {
    ...everyone("allowed"),
    "expired key": "allowed",
    "revoked key": "allowed",
    "token of a deactivated user": "allowed",
  },
  "open to all": everyone("allowed"),
  "signed in": SIGNED_IN,
  "own account": SIGNED_IN,
  "instance admin": outcomes("401", ["403", "403", "403", "403", "403"], ["403", "403"]),
  "sends actuals": outcomes("401", ["404", "403", "403", "allowed", "allowed"], ["allowed", "404"]),
  "reads deployment": outcomes("401", ["404", "403", "allowed", "allowed", "allowed"], ["403", "404"]),
  "changes deployment": outcomes("401", ["404", "403", "403", "allowed", "allowed"], ["403", "404"]),
  "deletes deployment": outcomes("401", ["404", "403", "403", "403", "allowed"], ["403", "404"]),
  "reads project": outcomes("401", ["404", "403", "allowed", "allowed", "allowed"], ["refused", "refused"]),
  "changes project": outcomes("401", ["404", "403", "403", "allowed", "allowed"], ["refused", "refused"]),
  "deletes of project": outcomes("401", ["404", "403", "403", "403", "allowed"], ["refused", "refused"]),
  "manages project": outcomes("401", ["404", "403", "403", "403", "allowed"], ["refused", "refused"]),
};

const MEMBERS_PREDICT = ["allowed", "allowed", "allowed", "allowed"] as const;
const PREDICTS: Record<AccessLevel, Outcomes> = {
  project: outcomes("401", ["404", ...MEMBERS_PREDICT], ["allowed", "404"]),
  instance: outcomes("401", ["allowed", ...MEMBERS_PREDICT], ["allowed", "404"]),
  // A public deployment is known to all, so that the key of another one is not told that there is none.
  public: outcomes("allowed", ["allowed", ...MEMBERS_PREDICT], ["allowed", "403"]),
};

/** What each caller gets of a route. */
export function expectedOf(need: Need, level: AccessLevel): Outcomes {
  return need === "predicts" ? PREDICTS[level] : EXPECTED[need];
}

/** The callers whom the route refuses. */
export function refusedBy(need: Need, level: AccessLevel): CallerName[] {
  return CALLERS.filter((caller) => expectedOf(need, level)[caller] !== "allowed");
}

/** The callers whom the route lets. */
export function allowedBy(need: Need, level: AccessLevel): CallerName[] {
  return CALLERS.filter((caller) => expectedOf(need, level)[caller] === "allowed");
}

/**
 * What an answer says of the caller's right. Pages send who is not signed in to the sign-in; from the open ones it is a way like others.
 */
export function outcomeOf(need: Need, { status, headers }: Response): string {
  const leadsToSignIn = status === 303 && /^\/sign-in(\?|$)/.test(headers.get("location") ?? "");
  if (leadsToSignIn && need !== "open to all") return "401";
  if (status === 401 || status === 403 || status === 404) return String(status);
  return status < 500 ? "allowed" : `failed with ${status}`;
}

/** Whether the answer is what was expected. */
export function isAsExpected(outcome: string, expected: Outcome): boolean {
  return expected === "refused" ? outcome === "403" || outcome === "404" : outcome === expected;
}
