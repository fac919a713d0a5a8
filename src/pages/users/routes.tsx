import { Hono } from "hono";
import { parseInput } from "../../endpoint.ts";
import type { AppEnv } from "../../http.ts";
import { createUser, userInput } from "../../access/create-user.ts";
import { deleteUser } from "../../access/delete-user.ts";
import { inviteUser } from "../../access/invite-user.ts";
import { verbContext } from "../../verb-context.ts";
import { readForm, refusalOf } from "../page-form.ts";
import { updateUser, userChangesInput } from "../../access/update-user.ts";
import { DeactivateUserPage, DeleteUserPage } from "./confirm-page.tsx";
import { UserPage } from "./user-page.tsx";
import { UsersPage } from "./list-page.tsx";
import { newLink, userView, usersView } from "./view.ts";

/** /users: who may sign in to the instance. For its admins. */
export const userPages = new Hono<AppEnv>();

userPages.get("/", async (c) => c.html(<UsersPage view={await usersView(c)} />));

// Answered with the page itself and not with a redirect: the link is nowhere to be read a second time.
userPages.post("/", async (c) => {
  const { email = "", name = "", role, password = "" } = await readForm(c);
  const given = { email, name, role, ...(password !== "" && { password }) };
  try {
    const { user, invitation } = await createUser(verbContext(c), parseInput(userInput, given));
    const done = invitation ? { link: newLink(c, user.email, invitation) } : { created: user.email };
    return c.html(<UsersPage view={await usersView(c)} {...done} />, 201);
  } catch (error) {
    const refusal = refusalOf(c, error);
    const fields = { email, name, ...(role !== undefined && { role }) };
    return c.html(<UsersPage view={await usersView(c)} fields={fields} refusal={refusal} />, refusal.status);
  }
});

userPages.get("/:id", async (c) => c.html(<UserPage view={await userView(c)} />));

userPages.post("/:id", async (c) => {
  const view = await userView(c);
  const { name, role } = await readForm(c);
  const fields = { ...(name !== undefined && { name }), ...(role !== undefined && { role }) };
  try {
    const changes = parseInput(userChangesInput, fields);
    await updateUser(verbContext(c), { user: view.user.id, ...changes });
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<UserPage view={view} fields={fields} refusal={refusal} />, refusal.status);
  }
  // Who is no admin any more may not see the user's page.
  return c.redirect(view.isSelf && role === "member" ? "/projects" : `/users/${view.user.id}`, 303);
});

userPages.post("/:id/invitation", async (c) => {
  const { user } = await userView(c);
  try {
    const invitation = await inviteUser(verbContext(c), { user: user.id });
    return c.html(<UserPage view={await userView(c)} link={newLink(c, user.email, invitation)} />, 201);
  } catch (error) {
    const refusal = refusalOf(c, error);
    return c.html(<UserPage view={await userView(c)} refusal={refusal} />, refusal.status);
  }
});

userPages.get("/:id/deactivate", async (c) => c.html(<DeactivateUserPage view={await userView(c)} />));

userPages.post("/:id/deactivate", async (c) => {
  const view = await userView(c);
  try {
    await updateUser(verbContext(c), { user: view.user.id, active: false });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<DeactivateUserPage view={view} message={errors[0]?.message} />, status);
  }
  return c.redirect(view.isSelf ? "/sign-in" : `/users/${view.user.id}`, 303);
});

userPages.post("/:id/reactivate", async (c) => {
  const { user } = await userView(c);
  await updateUser(verbContext(c), { user: user.id, active: true });
  return c.redirect(`/users/${user.id}`, 303);
});

userPages.get("/:id/delete", async (c) => c.html(<DeleteUserPage view={await userView(c)} />));

userPages.post("/:id/delete", async (c) => {
  const view = await userView(c);
  const { confirm = "" } = await readForm(c);
  if (confirm.trim() !== view.user.email) {
    const error = "The e-mail address does not match. Type it exactly as shown.";
    return c.html(<DeleteUserPage view={view} error={error} />, 422);
  }
  try {
    await deleteUser(verbContext(c), { user: view.user.id });
  } catch (error) {
    const { status, errors } = refusalOf(c, error);
    return c.html(<DeleteUserPage view={view} message={errors[0]?.message} />, status);
  }
  return c.redirect(view.isSelf ? "/sign-in" : "/users", 303);
});
