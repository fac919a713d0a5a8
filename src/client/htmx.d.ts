import type Htmx from "htmx.org";

declare global {
  // htmx has a script element of its own on each page (src/ui/layout.tsx).
  var htmx: typeof Htmx | undefined;
}
