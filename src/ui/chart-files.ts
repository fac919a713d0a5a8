import type { PageProps } from "./layout.tsx";

/** What a page with charts loads besides: `<AppShell {...CHART_FILES} …>`. Charts that htmx brings later need it too. */
export const CHART_FILES: Required<Pick<PageProps, "scripts" | "stylesheets">> = {
  scripts: ["/static/charts.js"],
  stylesheets: ["/static/vendor/uplot.min.css"],
};
