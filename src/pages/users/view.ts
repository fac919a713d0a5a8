import { database } from "../../db.ts";
import { type AppContext, originOf, pageRequest } from "../../http.ts";
import { pageFrame } from "../page-frame.ts";
import type { Frame } from "../../ui/layout.tsx";
import { requireInstanceAdmin } from "../../access/authorize.ts";
import { type Invitation, invitationUrl } from "../../access/invite-user.ts";
import { listUsers, requireManagedUser } from "../../access/queries.ts";
import type { ManagedUser } from "../../access/user-json.ts";

export interface UsersView {
  frame: Frame;
  users: ManagedUser[];
  nextCursor: string | null;
  /** True for a page of the list that is not the first. */
  hasNewer: boolean;
  nowMs: number;
}

export interface UserView {
  frame: Frame;
  user: ManagedUser;
  /** True for one's own page. */
  isSelf: boolean;
  nowMs: number;
}

/** A link that was just made: it is shown on the page that answers, and nowhere else. */
export interface NewLink {
  email: string;
  url: string;
  expiresAt: number;
}

/** What /users shows; 403 for who is no admin of the instance. */
export async function usersView(c: AppContext): Promise<UsersView> {
  const caller = requireInstanceAdmin(c.var.caller);
  const db = database(c.env);
  const page = pageRequest(c);
  const [frame, { items, nextCursor }] = await Promise.all([pageFrame(db, caller), listUsers(db, caller, page)]);
  return { frame, users: items, nextCursor, hasNewer: page.cursor !== null, nowMs: Date.now() };
}

/** What the pages of the user that the path names show; 404 when there is none, 403 for who is no admin of the instance. */
export async function userView(c: AppContext): Promise<UserView> {
  const caller = requireInstanceAdmin(c.var.caller);
  const db = database(c.env);
  const id = c.req.param("id") ?? "";
  const [frame, user] = await Promise.all([pageFrame(db, caller), requireManagedUser(db, caller, id)]);
  return { frame, user, isSelf: user.id === caller.userId, nowMs: Date.now() };
}

/** A link as the page shows it. */
export function newLink(c: AppContext, email: string, invitation: Invitation): NewLink {
  return { email, url: invitationUrl(originOf(c), invitation), expiresAt: invitation.expiresAt };
}
