import type uPlot from "uplot";

/** Left and right read the values one by one, Home and End go to the ends, plus and minus zoom, Escape shows all. */
export function bindKeys(
  frame: HTMLElement,
  plot: uPlot,
  times: number[],
  span: { from: number; to: number },
  say: (index: number) => void,
): void {
  let here: number | null = null;
  const timeAt = (index: number): number => times[index] ?? span.from;
  const shown = (): { min: number; max: number } => {
    const { min = span.from, max = span.to } = plot.scales["x"] ?? {};
    return { min, max };
  };
  const goTo = (index: number): void => {
    here = index;
    plot.setCursor({ left: plot.valToPos(timeAt(index), "x"), top: plot.over.clientHeight / 2 }, false);
    say(index);
  };
  const zoom = (factor: number): void => {
    const { min, max } = shown();
    const middle = here === null ? (min + max) / 2 : timeAt(here);
    const half = ((max - min) / 2) * factor;
    plot.setScale("x", { min: Math.max(span.from, middle - half), max: Math.min(span.to, middle + half) });
    if (here !== null) goTo(here);
  };
  const leave = (): void => {
    here = null;
    plot.setCursor({ left: -10, top: -10 }, false);
    say(times.length - 1);
  };
  const actions: Record<string, (first: number, last: number) => void> = {
    ArrowRight: (first, last) => goTo(here === null ? first : Math.min(last, Math.max(first, here + 1))),
    ArrowLeft: (first, last) => goTo(here === null ? last : Math.max(first, Math.min(last, here - 1))),
    Home: (first) => goTo(first),
    End: (_first, last) => goTo(last),
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    Escape: () => {
      showAll(plot, times);
      leave();
    },
  };
  frame.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { min, max } = shown();
    const isShown = (at: number): boolean => at >= min && at <= max;
    const [first, last] = [times.findIndex(isShown), times.findLastIndex(isShown)];
    action(Math.max(0, first), last === -1 ? times.length - 1 : last);
  });
  frame.addEventListener("blur", leave);
  frame.addEventListener("pointerdown", () => (here = null));
}

/** Ends a zoom. */
export function showAll(plot: uPlot, times: number[]): void {
  plot.setScale("x", { min: times[0] ?? 0, max: times.at(-1) ?? 0 });
}
