import type { ChartThreshold } from "../../ui/chart-data.ts";
import type { SeriesTone } from "../../ui/tone.ts";

export type ThresholdTone = NonNullable<ChartThreshold["tone"]>;

/** The tokens of app.css as a canvas takes them, for the theme of the moment. */
export interface ChartColours {
  series: Record<SeriesTone, string>;
  band: Record<SeriesTone, string>;
  threshold: Record<ThresholdTone, string>;
  grid: string;
  surface: string;
  zero: string;
  axis: string;
  marker: string;
}

/** The colours that a chart in `element` is drawn with. */
export function chartColours(element: Element): ChartColours {
  // A new element for each: an old one would be on its way (a transition) from the colour before.
  const resolve = (css: string): string => {
    const probe = document.createElement("span");
    probe.style.color = css;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
  const bySeries = (css: (token: string) => string): Record<SeriesTone, string> => ({
    main: resolve(css("var(--series-main)")),
    challenger: resolve(css("var(--series-challenger)")),
    reference: resolve(css("var(--series-reference)")),
    warning: resolve(css("var(--warning-mark)")),
  });
  return {
    series: bySeries((token) => token),
    band: bySeries((token) => `color-mix(in oklab, ${token} 20%, transparent)`),
    threshold: {
      bad: resolve("var(--bad-mark)"),
      warning: resolve("var(--warning-mark)"),
      neutral: resolve("var(--text-muted)"),
    },
    grid: resolve("var(--line)"),
    surface: resolve("var(--surface)"),
    zero: resolve("var(--line-control)"),
    axis: resolve("var(--text-faint)"),
    marker: resolve("var(--text-muted)"),
  };
}
