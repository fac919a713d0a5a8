// Puts a chart that answers to pointer and keys in the place of each picture that the server drew ([data-chart], see
// src/ui/chart.tsx). What there is to draw is the JSON inside; without uPlot or values the picture stays.
"use strict";
{
  const words = globalThis.tiltyardChartWords;
  const drawing = globalThis.tiltyardChartDrawing;
  /** Element -> its chart and what that was made from. */
  const live = new Map();
  /** Chart id -> the time that was zoomed into, for a chart that comes back by a swap. */
  const zooms = new Map();

  // ---- The legend -----------------------------------------------------------------------------------------------

  /** For each entry of the legend, in its order, the words at a time's index. */
  const readingsOf = ({ unit, series, bands = [], thresholds = [] }) => {
    const text = (value) => words.formatInUnit(value, unit);
    const interval = (low, high) => (low === null && high === null ? text(null) : `${text(low)} to ${text(high)}`);
    return [
      ...series.map(
        ({ values }) =>
          (index) =>
            text(values[index]),
      ),
      ...bands.map(
        ({ low, high }) =>
          (index) =>
            interval(low[index], high[index]),
      ),
      ...thresholds.map(
        ({ value }) =>
          (index) =>
            text(Array.isArray(value) ? value[index] : value),
      ),
    ];
  };

  // Text nodes are rewritten, not replaced, so that the observer below has nothing to look at.
  const write = (element, text) => {
    if (element.firstChild) element.firstChild.nodeValue = text;
    else element.textContent = text;
  };

  const legendOf = (figure, data, span, precision) => {
    const time = figure.querySelector("[data-chart-time]");
    const values = [...figure.querySelectorAll("[data-chart-legend] .legend-value")];
    const readings = readingsOf(data);
    // As wide as the longest, so that entries stay where they are while the cursor moves.
    for (const [place, element] of values.entries()) {
      const lengths = data.times.map((_, index) => readings[place]?.(index).length ?? 0);
      element.style.minInlineSize = `${Math.max(...lengths)}ch`;
    }
    const eventsAt = (index) => {
      const start = index === 0 ? span.from : data.times[index];
      const end = data.times[index + 1] ?? Infinity;
      return (data.markers ?? [])
        .filter(({ at }) => at >= start && at < end && at <= span.to)
        .map(({ label }) => label);
    };
    return (index) => {
      write(time, [words.formatUtc(data.times[index], precision), ...eventsAt(index)].join(" · "));
      for (const [place, element] of values.entries()) write(element, readings[place]?.(index) ?? "–");
    };
  };

  // ---- Keys -----------------------------------------------------------------------------------------------------

  /** Left and right read the values one by one, Home and End go to the ends, plus and minus zoom, Escape shows all. */
  const bindKeys = (frame, chart, data, span, say) => {
    let here = null;
    const visible = () => {
      const { min, max } = chart.scales.x;
      const inside = [...data.times.keys()].filter((index) => data.times[index] >= min && data.times[index] <= max);
      return [inside[0] ?? 0, inside.at(-1) ?? data.times.length - 1];
    };
    const goTo = (index) => {
      here = index;
      chart.setCursor({ left: chart.valToPos(data.times[index], "x"), top: chart.over.clientHeight / 2 }, false);
      say(index);
    };
    const zoom = (factor) => {
      const { min, max } = chart.scales.x;
      const middle = here === null ? (min + max) / 2 : data.times[here];
      const half = ((max - min) / 2) * factor;
      chart.setScale("x", { min: Math.max(span.from, middle - half), max: Math.min(span.to, middle + half) });
      if (here !== null) goTo(here);
    };
    const leave = () => {
      here = null;
      chart.setCursor({ left: -10, top: -10 }, false);
      say(data.times.length - 1);
    };
    const whole = () => chart.setScale("x", { min: data.times[0], max: data.times.at(-1) });
    const actions = {
      ArrowRight: ([first, last]) => goTo(here === null ? first : Math.min(last, Math.max(first, here + 1))),
      ArrowLeft: ([first, last]) => goTo(here === null ? last : Math.max(first, Math.min(last, here - 1))),
      Home: ([first]) => goTo(first),
      End: ([, last]) => goTo(last),
      "+": () => zoom(0.5),
      "=": () => zoom(0.5),
      "-": () => zoom(2),
      Escape: () => {
        whole();
        leave();
      },
    };
    frame.addEventListener("keydown", (event) => {
      const action = actions[event.key];
      if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      action(visible());
    });
    frame.addEventListener("blur", leave);
    frame.addEventListener("pointerdown", () => (here = null));
  };

  // ---- A chart's life -------------------------------------------------------------------------------------------

  const frameFor = (element, title) => {
    const frame = document.createElement("div");
    frame.className = "chart-live";
    frame.tabIndex = 0;
    frame.setAttribute("role", "application");
    frame.setAttribute("aria-roledescription", "chart");
    frame.setAttribute("aria-label", `${title}. The left and right arrow keys read the values.`);
    element.append(frame);
    return frame;
  };

  const mount = (element, json) => {
    const data = JSON.parse(json);
    const figure = element.closest("figure");
    const plain = element.querySelector(".plain-chart");
    if (!figure || !plain || !data.series.some(({ values }) => values.some((value) => value !== null))) return;
    const span = drawing.timeSpan(data);
    const frame = frameFor(element, figure.querySelector(".chart-title")?.textContent ?? "Chart");
    const legend = figure.querySelector("[data-chart-legend]");
    const reset = figure.querySelector("[data-chart-reset]");
    const say = legendOf(figure, data, span, element.dataset.precision);
    plain.hidden = true;

    const state = {
      colours: drawing.coloursOf(element),
      fontFamily: getComputedStyle(element).fontFamily,
      size: () => ({ width: Math.max(1, frame.clientWidth), height: Math.max(1, frame.clientHeight) }),
    };
    const noteZoom = (plot, key) => {
      if (key !== "x") return;
      const { min, max } = plot.scales.x;
      const zoomed = min > span.from || max < span.to;
      if (reset) reset.hidden = !zoomed;
      if (zoomed) zooms.set(element.id, { min, max });
      else zooms.delete(element.id);
    };
    const hooks = { setCursor: [(plot) => say(plot.cursor.idx ?? data.times.length - 1)], setScale: [noteZoom] };
    const zoom = zooms.get(element.id);
    const { series, values } = drawing.seriesOf(data, state, span.stepMs);
    const chart = new uPlot({ ...drawing.optionsOf(data, state, hooks), series }, values, frame);
    if (zoom && zoom.max > span.from && zoom.min < span.to) chart.setScale("x", zoom);

    bindKeys(frame, chart, data, span, say);
    // While the keys move the cursor, the legend is what is read out.
    frame.addEventListener("focus", () => legend?.setAttribute("aria-live", "polite"));
    frame.addEventListener("blur", () => legend?.removeAttribute("aria-live"));
    const showAll = () => {
      chart.setScale("x", { min: data.times[0], max: data.times.at(-1) });
      // The button goes: who pressed it stays at the chart.
      frame.focus({ preventScroll: true });
    };
    reset?.addEventListener("click", showAll);
    const sizes = new ResizeObserver(() => chart.setSize(state.size()));
    sizes.observe(frame);

    live.set(element, {
      json,
      frame,
      recolour: () => {
        state.colours = drawing.coloursOf(element);
        chart.redraw(false);
      },
      destroy: () => {
        sizes.disconnect();
        reset?.removeEventListener("click", showAll);
        chart.destroy();
        frame.remove();
        plain.hidden = false;
        live.delete(element);
      },
    });
  };

  /** Charts for all that is new on the page or has new numbers, and none for what has left it. */
  const refresh = () => {
    for (const element of live.keys()) if (!element.isConnected) live.get(element).destroy();
    for (const element of document.querySelectorAll("[data-chart]")) {
      const json = element.querySelector("script[type='application/json']")?.textContent;
      const present = live.get(element);
      if (!json || (present?.json === json && present.frame.parentNode === element)) continue;
      present?.destroy();
      mount(element, json);
    }
  };

  const recolour = () => {
    for (const { recolour: redraw } of live.values()) redraw();
  };

  if (typeof uPlot === "function") {
    refresh();
    // Swaps by htmx and by app.js alike, whichever way they change the page.
    new MutationObserver(refresh).observe(document.documentElement, { childList: true, subtree: true });
    new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    for (const feature of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
      matchMedia(feature).addEventListener("change", recolour);
    }
  }
}
