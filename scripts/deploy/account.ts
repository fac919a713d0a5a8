import { type CloudflareApi, CloudflareRefusal } from "./cloudflare-api.ts";
import { wrangler } from "./wrangler.ts";

/** Whose Worker it becomes. */
export interface Account {
  id: string;
  name: string;
  /** Where a Worker of this name answers. */
  urlOf: (worker: string) => Promise<string>;
}

type Say = (line: string) => void;

const TOKEN_HELP =
  "Sign in with npx wrangler login, or set CLOUDFLARE_API_TOKEN to a token with the permissions Workers Scripts, D1 and Workers R2 Storage (edit).";

/** The token of the environment, else that of `wrangler login`. */
export async function tokenOf(): Promise<string> {
  const given = process.env["CLOUDFLARE_API_TOKEN"];
  if (given) return given;
  try {
    const answer: unknown = JSON.parse(await wrangler(["auth", "token", "--json"]));
    if (typeof answer === "object" && answer !== null && "token" in answer && typeof answer.token === "string")
      return answer.token;
  } catch (cause) {
    throw new Error(`Not signed in to Cloudflare. ${TOKEN_HELP}`, { cause });
  }
  throw new Error(`Not signed in to Cloudflare. ${TOKEN_HELP}`);
}

/** The account of CLOUDFLARE_ACCOUNT_ID, or the only one of the token. */
export async function accountOf(api: CloudflareApi): Promise<Account> {
  const given = process.env["CLOUDFLARE_ACCOUNT_ID"];
  const accounts = given
    ? [{ id: given, name: given }]
    : listOf(await permitted("list accounts", api.call("GET", "/accounts?per_page=50")));
  const [only, ...others] = accounts;
  if (!only?.id) throw new Error(`The token has no account. ${TOKEN_HELP}`);
  if (others.length > 0)
    throw new Error(
      `The token has several accounts. Set CLOUDFLARE_ACCOUNT_ID to one of: ${accounts.map(({ id, name }) => `${id} (${name})`).join(", ")}.`,
    );
  const path = `/accounts/${only.id}/workers/subdomain`;
  return {
    id: only.id,
    name: only.name ?? only.id,
    urlOf: async (worker) => {
      const { subdomain } = fieldsOf(await api.find(path));
      if (!subdomain)
        throw new Error(
          "The account has no workers.dev subdomain. Choose one under Workers & Pages in the dashboard, or set ORIGIN to your own domain.",
        );
      return `https://${worker}.${subdomain}.workers.dev`;
    },
  };
}

/** The secrets that the Worker has; null where there is no Worker of that name. Throws where the name belongs to another program. */
export async function secretsOf(api: CloudflareApi, { id }: Account, name: string): Promise<string[] | null> {
  const settings = await permitted("read Workers", api.find(`/accounts/${id}/workers/scripts/${name}/settings`));
  if (settings === null) return null;
  const { bindings } = settings as { bindings?: { name?: string }[] };
  if (!bindings?.some((binding) => binding.name === "DEPLOYMENT_HOST"))
    throw new Error(
      `The account has another Worker called ${name}. Choose another name: npm run deploy -- --name NAME`,
    );
  return listOf(await api.call("GET", `/accounts/${id}/workers/scripts/${name}/secrets`)).map((one) => one.name ?? "");
}

/** The database of that name. */
export async function findOrCreateDatabase(
  api: CloudflareApi,
  { id }: Account,
  name: string,
  say: Say,
): Promise<{ id: string; isNew: boolean }> {
  const path = `/accounts/${id}/d1/database`;
  const found = listOf(await permitted("read D1 databases", api.call("GET", `${path}?name=${name}`))).find(
    (one) => one.name === name,
  );
  if (found?.uuid) {
    say(`D1 database ${name}: exists`);
    return { id: found.uuid, isNew: false };
  }
  const { uuid } = fieldsOf(await permitted("create a D1 database", api.call("POST", path, { name })));
  if (!uuid) throw new Error("Cloudflare created a database and did not say its id. Run npm run deploy again.");
  say(`D1 database ${name}: created`);
  return { id: uuid, isNew: true };
}

/** Sees to it that the bucket exists. */
export async function findOrCreateBucket(api: CloudflareApi, { id }: Account, name: string, say: Say): Promise<void> {
  const path = `/accounts/${id}/r2/buckets`;
  if ((await permitted("read R2 buckets", api.find(`${path}/${name}`))) !== null)
    return say(`R2 bucket ${name}: exists`);
  await permitted("create an R2 bucket", api.call("POST", path, { name }));
  say(`R2 bucket ${name}: created`);
}

/** Whether somebody has set the instance up: then its secrets have been used. */
export async function hasUsersIn(api: CloudflareApi, { id }: Account, database: string): Promise<boolean> {
  const ask = async (sql: string): Promise<unknown[]> => {
    const [first] = (await api.call("POST", `/accounts/${id}/d1/database/${database}/query`, { sql })) as {
      results?: unknown[];
    }[];
    return first?.results ?? [];
  };
  const tables = await ask("select name from sqlite_master where type = 'table' and name = 'users'");
  return tables.length > 0 && (await ask("select 1 from users limit 1")).length > 0;
}

/** Says which right a token lacks where the API refuses for that. */
async function permitted<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CloudflareRefusal && (error.status === 401 || error.status === 403))
      throw new Error(`The token may not ${what}. ${TOKEN_HELP}`, { cause: error });
    throw error;
  }
}

type Fields = Partial<Record<string, string>>;

function listOf(result: unknown): Fields[] {
  return Array.isArray(result) ? (result as Fields[]) : [];
}

function fieldsOf(result: unknown): Fields {
  return typeof result === "object" && result !== null ? (result as Fields) : {};
}
