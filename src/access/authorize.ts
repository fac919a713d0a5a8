import { AppError, CREDENTIAL_NEEDED } from "../errors.ts";
import type { Caller, UserCaller } from "./caller.ts";
import { decide, type Right, type Target } from "./rights.ts";

/** Lets the caller pass or throws: 401 when signing in could help, 403 when it may know of the target, 404 when it may not. */
export function authorize(caller: Caller, right: Right, target: Target): void {
  switch (decide(caller, right, target)) {
    case "allowed":
      return;
    case "unauthorized":
      throw new AppError("unauthorized", CREDENTIAL_NEEDED);
    case "forbidden":
      throw new AppError(
        "forbidden",
        right === "delete"
          ? "Your role does not allow this. Contributors can delete what they created, admins of the project everything."
          : "Your role does not allow this. Ask an admin of the project for a role that does.",
      );
    case "hidden":
      throw hidden();
  }
}

/** What there is not and what the caller may not know of get one and the same answer; for `caller` nobody, of programs, that is 401. */
export function hidden(caller?: Caller): AppError {
  const details = caller?.kind === "nobody" ? ({ askedByNobody: true } as const) : {};
  return new AppError("not_found", "Not found, or you have no access.", details);
}

/** The user who is calling; 401 for nobody, 403 for an API key, which acts for no user. */
export function requireUser(caller: Caller): UserCaller {
  if (caller.kind === "user") return caller;
  if (caller.kind === "key") {
    throw new AppError("forbidden", "An API key belongs to one deployment and may not do this. Use a personal token.");
  }
  throw new AppError("unauthorized", "Sign in, or send a personal token as `Authorization: Bearer <token>`.");
}

/** The admin of the instance who is calling; 401 for nobody, 403 for anybody else. */
export function requireInstanceAdmin(caller: Caller): UserCaller {
  const user = requireUser(caller);
  if (user.instanceRole === "admin") return user;
  throw new AppError("forbidden", "Only an admin of the instance may do this. Ask one of them.");
}
