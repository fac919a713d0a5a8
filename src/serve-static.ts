import type { AppContext } from "./http.ts";

/**
 * Answers /static/<file> from the files of the `static` folder. A link that names the version (`?v=`) is
 * answered as never changing, because the next version has another link.
 */
export async function serveStatic(c: AppContext): Promise<Response> {
  const url = new URL(c.req.url);
  const versioned = url.searchParams.has("v");
  url.pathname = url.pathname.slice("/static".length);
  url.search = "";
  const answer = await c.env.ASSETS.fetch(new Request(url, { headers: c.req.raw.headers }));
  if (answer.status !== 200 && answer.status !== 304) return c.notFound();
  const response = new Response(answer.body, answer);
  response.headers.set("cache-control", versioned ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}
