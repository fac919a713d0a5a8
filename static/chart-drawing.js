// What uPlot is told to draw for a chart: colours, lines, bars, bands, thresholds, markers. charts.js brings it to life.
"use strict";
globalThis.tiltyardChartDrawing = (() => {
  const words = globalThis.tiltyardChartWords;

  const isDrawn = (value) => typeof value === "number" && Number.isFinite(value);
  const HOUR_MS = 3_600_000;
  const DAY_MS = 24 * HOUR_MS;
  const YEAR_MS = 365 * DAY_MS;
  // What uPlot knows to place: whole months from 28 days on, whole years from 365.
  const TIME_STEPS_MS = [
    ...[1, 5, 15, 30, 60, 300, 900, 1800].map((seconds) => seconds * 1000),
    ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
    ...[1, 2, 3, 5, 10, 15, 30, 60, 90, 180].map((days) => days * DAY_MS),
    ...[1, 2, 5, 10, 25, 50, 100].map((years) => years * YEAR_MS),
  ];
  const dashes = { bad: [6, 4], warning: [2, 3], neutral: [2, 3] };

  // ---- Colours --------------------------------------------------------------------------------------------------

  /** The tokens of app.css as a canvas takes them, for the theme of the moment. */
  const coloursOf = (element) => {
    // A new element for each: an old one would be on its way (a transition) from the colour before.
    const resolve = (css) => {
      const probe = document.createElement("span");
      probe.style.color = css;
      element.append(probe);
      const { color } = getComputedStyle(probe);
      probe.remove();
      return color;
    };
    const byName = (names, css) => Object.fromEntries(names.map((name) => [name, resolve(css(name))]));
    const tones = ["main", "challenger", "reference", "warning"];
    const token = (tone) => (tone === "warning" ? "var(--warning-mark)" : `var(--series-${tone})`);
    const colours = {
      series: byName(tones, token),
      band: byName(tones, (tone) => `color-mix(in oklab, ${token(tone)} 20%, transparent)`),
      threshold: {
        bad: resolve("var(--bad-mark)"),
        warning: resolve("var(--warning-mark)"),
        neutral: resolve("var(--text-muted)"),
      },
      ...byName(["line", "surface"], (name) => `var(--${name})`),
      zero: resolve("var(--line-control)"),
      faint: resolve("var(--text-faint)"),
      muted: resolve("var(--text-muted)"),
    };
    return colours;
  };

  // ---- What uPlot draws -----------------------------------------------------------------------------------------

  /** As timeSpan() of chart-data.ts: the time from left to right, and the step between times. */
  const timeSpan = ({ kind, times, markers = [] }) => {
    const first = times[0];
    const last = times.at(-1);
    const steps = times.slice(1).map((at, index) => at - times[index]);
    const step = Math.min(...steps.filter((distance) => distance > 0));
    const stepMs = Number.isFinite(step) ? step : HOUR_MS;
    const room = kind === "bars" || first === last ? stepMs / 2 : 0;
    const near = markers.map(({ at }) => at).filter((at) => at > first - stepMs && at < last + stepMs);
    return { from: Math.min(first - room, ...near), to: Math.max(last + room, ...near), stepMs };
  };

  /** A bar for each value, up or down from zero, beside those of the other series at the same time. */
  const barsPath = (place, of, stepMs) => (plot, index, from, to) => {
    const fill = new Path2D();
    const [times, values] = [plot.data[0], plot.data[index]];
    const step = plot.valToPos(times[0] + stepMs, "x", true) - plot.valToPos(times[0], "x", true);
    const width = Math.min(56 * devicePixelRatio, Math.max(1, (step * 0.8) / of));
    const base = plot.valToPos(0, "y", true);
    for (let at = from; at <= to; at += 1) {
      if (!isDrawn(values[at])) continue;
      const left = plot.valToPos(times[at], "x", true) - (width * of) / 2 + place * width;
      const end = plot.valToPos(values[at], "y", true);
      const gap = width > 6 ? 1 : 0;
      fill.rect(left, Math.min(base, end), width - gap, Math.abs(base - end));
    }
    return { fill, stroke: null, clip: null, band: null, gaps: null, flags: 0 };
  };

  /** A line; dots where they are few, and where a value stands alone between gaps. */
  const lineOf = (values, stroke, look) => {
    const alone = [...values.keys()].filter(
      (index) => isDrawn(values[index]) && !isDrawn(values[index - 1]) && !isDrawn(values[index + 1]),
    );
    return {
      stroke,
      width: 1.75,
      ...look,
      points: {
        show: (_, __, from, to) => look.dots === true && to - from < 16,
        filter: (_, __, show) => (show ? null : alone),
        size: 5,
        width: 0,
        fill: stroke,
      },
    };
  };

  const seriesOf = (data, state, stepMs) => {
    const unseen = { paths: () => null, points: { show: false, filter: () => null } };
    const bars = data.kind === "bars";
    const { length } = data.series;
    const list = data.series.map(({ tone, values }, place) => {
      const colour = () => state.colours.series[tone];
      if (bars) return { ...unseen, fill: colour, stroke: colour, width: 0, paths: barsPath(place, length, stepMs) };
      return lineOf(values, colour, { dots: true, ...(tone === "challenger" && { dash: [6, 3] }) });
    });
    const thresholds = (data.thresholds ?? []).filter(({ value }) => Array.isArray(value));
    return {
      series: [
        {},
        ...list,
        ...(data.bands ?? []).flatMap(() => [unseen, unseen]),
        ...thresholds.map(({ value, tone = "bad" }) =>
          lineOf(value, () => state.colours.threshold[tone], { width: 1.5, dash: dashes[tone] }),
        ),
      ],
      values: [
        data.times,
        ...data.series.map(({ values }) => values),
        ...(data.bands ?? []).flatMap(({ low, high }) => [low, high]),
        ...thresholds.map(({ value }) => value),
      ],
    };
  };

  // ---- What is drawn beside -------------------------------------------------------------------------------------

  const inPlot = (plot, draw) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left - devicePixelRatio, 0, bbox.width + 2 * devicePixelRatio, bbox.top + bbox.height);
    ctx.clip();
    draw(ctx, bbox);
    ctx.restore();
  };

  const line = (ctx, fromX, fromY, toX, toY) => {
    ctx.beginPath();
    ctx.moveTo(fromX, fromY);
    ctx.lineTo(toX, toY);
    ctx.stroke();
  };

  /** Where a scale goes below zero, zero is a line of its own. */
  const drawZero = (plot, { low, high }, colours) =>
    inPlot(plot, (ctx, { left, width }) => {
      if (low >= 0 || high <= 0) return;
      const y = Math.round(plot.valToPos(0, "y", true)) + 0.5;
      ctx.strokeStyle = colours.zero;
      ctx.lineWidth = devicePixelRatio;
      line(ctx, left, y, left + width, y);
    });

  const drawBands = (plot, { bands = [] }, colours) =>
    inPlot(plot, (ctx) => {
      const x = (index) => plot.valToPos(plot.data[0][index], "x", true);
      const y = (value) => plot.valToPos(value, "y", true);
      for (const { tone, low, high } of bands) {
        ctx.fillStyle = colours.band[tone];
        let run = [];
        for (let index = 0; index <= low.length; index += 1) {
          if (isDrawn(low[index]) && isDrawn(high[index])) {
            run.push(index);
            continue;
          }
          ctx.beginPath();
          if (run.length === 1) ctx.rect(x(run[0]) - 4, y(high[run[0]]), 8, y(low[run[0]]) - y(high[run[0]]));
          else {
            for (const at of run) ctx.lineTo(x(at), y(high[at]));
            for (const at of run.toReversed()) ctx.lineTo(x(at), y(low[at]));
          }
          ctx.fill();
          run = [];
        }
      }
    });

  const drawThresholds = (plot, { thresholds = [] }, colours) =>
    inPlot(plot, (ctx, { left, width }) => {
      ctx.lineWidth = 1.5 * devicePixelRatio;
      for (const { value, tone = "bad" } of thresholds) {
        if (Array.isArray(value)) continue;
        const y = Math.round(plot.valToPos(value, "y", true));
        ctx.strokeStyle = colours.threshold[tone];
        ctx.setLineDash(dashes[tone].map((length) => length * devicePixelRatio));
        line(ctx, left, y, left + width, y);
      }
    });

  const drawMarkers = (plot, { markers = [] }, colours, font) =>
    inPlot(plot, (ctx, { left, top, width, height }) => {
      let free = left;
      ctx.lineWidth = devicePixelRatio;
      ctx.font = font(11 * devicePixelRatio);
      ctx.textBaseline = "bottom";
      ctx.textAlign = "left";
      for (const { at, label } of markers) {
        const x = Math.round(plot.valToPos(at, "x", true)) + 0.5;
        if (x < left - 1 || x > left + width + 1) continue;
        ctx.strokeStyle = colours.zero;
        ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
        line(ctx, x, top - 2 * devicePixelRatio, x, top + height);
        // A name that would run into the one before stays away: the table has it.
        const text = label.length > 24 ? `${label.slice(0, 23)}…` : label;
        const room = ctx.measureText(text).width;
        const start = Math.max(left, Math.min(x - room / 2, left + width - room));
        if (start < free) continue;
        ctx.fillStyle = colours.muted;
        ctx.fillText(text, start, top - 4 * devicePixelRatio);
        free = start + room + 8 * devicePixelRatio;
      }
    });

  // ---- A chart --------------------------------------------------------------------------------------------------

  const optionsOf = (data, state, hooks) => {
    const { from, to, stepMs } = timeSpan(data);
    const constant = (data.thresholds ?? []).map(({ value }) => value).filter(isDrawn);
    const font = (size) => `${size}px ${state.fontFamily}`;
    const axis = { font: font(11), stroke: () => state.colours.faint, ticks: { show: false } };
    const grid = { stroke: () => state.colours.line, width: 1 };
    /** At least two steps wide, and within what there is. */
    const rangeX = (_, min, max) => {
      if (min === data.times[0] && max === data.times.at(-1)) return [from, to];
      const half = Math.min((to - from) / 2, Math.max((max - min) / 2, stepMs));
      const middle = Math.min(to - half, Math.max(from + half, (min + max) / 2));
      return [middle - half, middle + half];
    };
    const rangeY = (_, min, max) => {
      const known = [min, max, ...constant].filter(isDrawn);
      const extent = known.length === 0 ? null : { low: Math.min(...known), high: Math.max(...known) };
      state.scale = words.chartScale(extent, data.unit, data.kind === "bars" ? "zero" : data.scale);
      return [state.scale.low, state.scale.high];
    };
    const widest = (plot, values) => {
      plot.ctx.font = font(11 * devicePixelRatio);
      const widths = (values ?? []).map((value) => plot.ctx.measureText(value).width);
      return Math.ceil(Math.max(0, ...widths) / devicePixelRatio) + 10;
    };
    return {
      ...state.size(),
      ms: 1,
      tzDate: (at) => uPlot.tzDate(new Date(at), "UTC"),
      legend: { show: false },
      padding: [data.markers?.length ? 20 : 8, 20, 0, 2],
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: 5 },
        points: {
          ...(data.kind === "bars" && { show: false }),
          size: 8,
          width: 2,
          fill: (_, index) => state.colours.series[data.series[index - 1]?.tone] ?? "transparent",
          stroke: (_, index) => (index <= data.series.length ? state.colours.surface : "transparent"),
        },
      },
      scales: { x: { range: rangeX }, y: { range: rangeY } },
      axes: [
        {
          ...axis,
          size: 36,
          gap: 6,
          space: 72,
          // Never finer than the data: between its times there is nothing.
          incrs: TIME_STEPS_MS.filter((step) => step >= stepMs * 0.99),
          grid: { show: false },
          values: (_, splits, __, ___, step) => words.timeTicks(splits, step),
        },
        {
          ...axis,
          gap: 8,
          grid,
          size: widest,
          splits: () => state.scale.ticks,
          values: (_, splits) => splits.map((tick) => words.formatTick(tick, state.scale, data.unit)),
        },
      ],
      hooks: {
        ...hooks,
        drawAxes: [
          (plot) => drawZero(plot, state.scale, state.colours),
          (plot) => drawBands(plot, data, state.colours),
        ],
        draw: [
          (plot) => drawThresholds(plot, data, state.colours),
          (plot) => drawMarkers(plot, data, state.colours, font),
        ],
      },
    };
  };

  return { coloursOf, timeSpan, seriesOf, optionsOf };
})();
