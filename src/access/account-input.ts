import { z } from "zod";
import { LIMITS } from "../config.ts";

const EMAIL_LENGTH_MAX = 254;
const PASSWORD_LENGTH_MIN = 10;
const PASSWORD_LENGTH_MAX = 200;

/** An email as it is stored and compared: trimmed, lower case. */
export const emailInput = z
  .string("Give an email address.")
  .trim()
  .toLowerCase()
  .max(EMAIL_LENGTH_MAX, `An email address has at most ${EMAIL_LENGTH_MAX} characters.`)
  .pipe(z.email("Not a valid e-mail address. Example: ada@example.org."));

export const passwordInput = z
  .string("Give a password.")
  .min(PASSWORD_LENGTH_MIN, `A password has at least ${PASSWORD_LENGTH_MIN} characters.`)
  .max(PASSWORD_LENGTH_MAX, `A password has at most ${PASSWORD_LENGTH_MAX} characters.`);

/** What a form says of the field for a new password. */
export const NEW_PASSWORD_HINT = `At least ${PASSWORD_LENGTH_MIN} characters`;
export const NEW_PASSWORD_ATTRIBUTES = { minlength: PASSWORD_LENGTH_MIN, maxlength: PASSWORD_LENGTH_MAX };

/** The password that somebody has now. One that is too long to be a password is no guess worth hashing. */
export const currentPasswordInput = z
  .string("Give your current password.")
  .min(1, "Give your current password.")
  .max(PASSWORD_LENGTH_MAX, `A password has at most ${PASSWORD_LENGTH_MAX} characters.`);

/** What a user may do in the instance. */
export const instanceRoleInput = z.enum(["admin", "member"], "role must be admin or member.");

/** The name of a person or a thing. */
export const nameInput = z
  .string("Give a name.")
  .trim()
  .min(1, "Give a name.")
  .max(LIMITS.nameLengthMax, `A name has at most ${LIMITS.nameLengthMax} characters.`);
