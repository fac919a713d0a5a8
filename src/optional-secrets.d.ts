/** Secrets that an installation may do without: wrangler's types know only the required ones. */
interface Env {
  /** Of the provider of e-mail. */
  EMAIL_API_KEY?: string;
}
