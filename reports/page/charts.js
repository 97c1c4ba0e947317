"use strict";
// Charts that answer: each figure that brings its numbers along gets them drawn
// by uPlot in place of the picture, with values under the pointer and zoom.
// What is printed, or read without scripts, is the picture.
(() => {
  const HEIGHT = 0.56; // of the width
  const drawn = []; // { data, place, button, plot, now }

  const color = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  // said is a value with three figures and its unit, as everywhere on the page.
  const said = (v, axis) => {
    if (v == null) return "–";
    const size = Math.abs(Number(v.toPrecision(3)));
    let step = axis.steps[0];
    for (const s of axis.steps) if (size >= s.from) step = s;
    if (v === 0) return "0" + (axis.steps.length > 4 ? "" : step.suffix);
    return Number((v / step.factor).toPrecision(3)).toString().replace("-", "−") + step.suffix;
  };

  // clock is a time since the start of the window: "2 min 30 s".
  const clock = v => {
    const sign = v < 0 ? "−" : "";
    let rest = Math.abs(v);
    if (rest < 60) return sign + Number(rest.toPrecision(4)) + " s";
    rest = Math.round(rest);
    const parts = [];
    for (const [size, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
      const n = Math.floor(rest / size);
      if (n > 0) parts.push(n + " " + name);
      rest -= n * size;
    }
    return sign + parts.join(" ");
  };

  // percentile is a place of the axis of the tail: 2 is 99 %.
  const percentile = v => {
    const left = Math.pow(10, 2 - v); // percent of the requests
    return Number((100 - left).toFixed(Math.max(0, 2 - Math.floor(Math.log10(left))))) + " %";
  };

  const saidX = (v, axis) => axis.kind === "time" ? clock(v) : axis.kind === "percentile" ? percentile(v) : said(v, axis);

  const timeSteps = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600,
    7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000, 1728000];
  for (let days = 50; days < 1e7; days *= 10) timeSteps.push(days * 86400, days * 172800, days * 432000); // 50, 100, 250 days and up: without one that is wide enough there is no axis

  // columns are the points of all lines over the places of all of them: for
  // each line its values, and the ends of its intervals where it has some.
  const columns = data => {
    const lines = [], tables = [];
    for (const t of data.tables) {
      const table = [t.x];
      for (const l of t.lines) {
        table.push(l.y);
        const line = { ...l, at: 0, low: 0 };
        lines.push(line);
        if (!l.half) continue;
        const least = data.y.log ? data.y.min : 0;
        table.push(l.y.map((y, i) => y == null || l.half[i] == null ? null : y + l.half[i]));
        table.push(l.y.map((y, i) => y == null || l.half[i] == null ? null : Math.max(least, y - l.half[i])));
        line.low = 1;
      }
      tables.push(table);
    }
    let next = 1;
    for (const l of lines) {
      l.at = next++;
      if (l.low) { l.high = next++; l.low = next++; }
    }
    return { lines, table: tables.length > 1 ? uPlot.join(tables) : tables[0] };
  };

  const series = (data, lines) => {
    const out = [{ label: data.x.kind === "time" ? "time" : data.x.kind === "percentile" ? "percentile" : data.x.label.split(",")[0], class: "where", order: data.tables.reduce((n, t) => n + t.lines.length, 0), value: (u, v) => v == null ? "" : saidX(v, data.x) }];
    for (const l of lines) {
      const hue = color(l.hue), few = l.y.length <= 24 && !l.thin && data.x.kind === "number";
      const alone = (u, i) => { // points between two gaps
        const ys = u.data[i], found = [];
        const gap = (k, step) => { // what is undefined is a place of another line
          do k += step; while (k in ys && ys[k] === undefined);
          return ys[k] == null;
        };
        for (let k = 0; k < ys.length; k++) if (ys[k] != null && gap(k, -1) && gap(k, 1)) found.push(k);
        return found;
      };
      out.push({
        label: l.label, stroke: hue, width: l.thin ? 1 : l.hue === "soft" ? 1.5 : 2, dash: l.dash, spanGaps: false,
        class: l.dots ? "dots" : undefined, order: l.order,
        paths: l.dots ? () => null : undefined,
        points: l.dots || few ? { show: true, size: l.thin ? 4 : 6, fill: hue } : { show: false, size: 5, fill: hue, filter: alone },
        value: (u, v, si, i) => {
          if (i == null) return ""; // nobody points at anything
          if (v == null) return "–";
          const high = l.low && lines.length <= 8 ? u.data[l.high][i] : null; // of more, the bands say it: their legend would be long
          return said(v, data.y) + (high == null ? "" : " ± " + said(high - v, data.y));
        },
      });
      if (l.low) for (const _ of [0, 1]) out.push({ label: "", class: "unseen", stroke: "transparent", width: 0, points: { show: false } });
    }
    return out;
  };

  const translucent = hue => {
    const n = parseInt(hue.slice(1), 16);
    return `rgba(${n >> 16}, ${(n >> 8) & 255}, ${n & 255}, 0.2)`;
  };

  // backdrop shades when faults and deploys were under way.
  const backdrop = data => u => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = color("rule");
    for (const [from, to] of data.bands) {
      const a = u.valToPos(from, "x", true), b = u.valToPos(to, "x", true);
      ctx.fillRect(a, bbox.top, Math.max(b - a, 1), bbox.height);
    }
    ctx.restore();
  };

  // names writes what began where, each a line lower than the one before.
  const names = data => u => {
    const { ctx, bbox } = u, ratio = devicePixelRatio;
    const crowded = data.marks.length > 2 && bbox.width < 330 * ratio; // a phone: the table has their names
    ctx.save();
    ctx.font = `${12 * ratio}px system-ui, sans-serif`;
    ctx.textBaseline = "top";
    ctx.strokeStyle = ctx.fillStyle = color("ink");
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    const upright = x => {
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
    };
    const within = x => x >= bbox.left && x <= bbox.left + bbox.width;
    for (const l of data.uprights) {
      const x = u.valToPos(l.at, "x", true);
      ctx.strokeStyle = color(l.hue);
      ctx.lineWidth = 1.5 * ratio;
      if (within(x)) upright(x);
    }
    ctx.strokeStyle = color("ink");
    ctx.lineWidth = ratio;
    data.marks.forEach((m, i) => {
      const x = u.valToPos(m.at, "x", true);
      if (!within(x)) return;
      upright(x);
      if (crowded) return;
      const left = x < bbox.left + bbox.width / 2, y = bbox.top + (3 + 17 * i) * ratio;
      const at = x + (left ? 4 : -4) * ratio, width = ctx.measureText(m.label).width;
      ctx.fillStyle = color("paper");
      ctx.globalAlpha = 0.8;
      ctx.fillRect(left ? at : at - width, y - ratio, width, 15 * ratio);
      ctx.globalAlpha = 1;
      ctx.fillStyle = color("ink");
      ctx.textAlign = left ? "left" : "right";
      ctx.fillText(m.label, at, y);
    });
    ctx.restore();
  };

  const axes = data => {
    const look = { stroke: color("ink"), font: "12px system-ui, sans-serif", grid: { stroke: color("rule"), width: 1 }, ticks: { stroke: color("ink"), width: 1, size: 4 } };
    const x = { ...look, space: data.x.kind === "time" ? 84 : 70, size: 30, values: (u, at) => at.map(v => v == null ? "" : saidX(v, data.x)) };
    if (data.x.kind === "time") x.incrs = timeSteps;
    if (data.x.kind === "percentile") {
      x.splits = () => data.x.ticks.map(t => t.at);
      x.values = u => {
        let last = -Infinity; // the last label, in pixels: on a phone not all have room
        return data.x.ticks.map(t => {
          const at = u.valToPos(t.at, "x");
          if (!t.label || at - last < 54) return "";
          last = at;
          return t.label;
        });
      };
      x.filter = (u, at) => at;
    }
    const ruler = document.createElement("canvas").getContext("2d");
    ruler.font = look.font;
    const widest = texts => Math.max(0, ...texts.map(t => ruler.measureText(t).width));
    const y = { ...look, size: (u, texts) => Math.max(64, Math.ceil(widest(texts || [])) + 12), values: (u, at) => at.map(v => v == null ? "" : said(v, data.y)) };
    return [x, y];
  };

  // roomFor puts the entries of the legend in the order of the picture's, and
  // keeps them as they are while their values change: each has the room that
  // its longest takes.
  const roomFor = (u, legend, all) => {
    const cells = legend.querySelectorAll(".u-value"), ruler = document.createElement("canvas").getContext("2d");
    const { fontWeight, fontSize, fontFamily } = getComputedStyle(cells[0]); // which has no font as one, with figures of one width
    ruler.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    u.series.forEach((s, i) => {
      if (!cells[i] || s.class === "unseen") return;
      let longest = 0, widest = 0; // in letters, in pixels
      const ys = u.data[i];
      for (let k = 0; k < ys.length; k++) if (ys[k] != null) {
        const text = s.value(u, ys[k], i, k);
        if (text.length < longest - 1) continue; // cannot be wider
        longest = Math.max(longest, text.length);
        widest = Math.max(widest, ruler.measureText(text).width);
      }
      cells[i].style.minWidth = Math.ceil(widest + 1) + "px";
    });
    legend.querySelectorAll("tr").forEach((row, i) => row.style.order = all[i].order || 0);
    const rows = [...legend.querySelectorAll("tr:not(.unseen)")], widest = Math.max(...rows.map(row => row.getBoundingClientRect().width));
    legend.querySelector("tbody").style.gridTemplateColumns = `repeat(auto-fill, min(${Math.ceil(widest)}px, 100%))`;
  };

  // resting says that nobody points at the chart: then its legend has no values.
  const resting = legend => u => legend.classList.toggle("resting", u.cursor.idx == null);

  // whole says whether a chart shows all that there is; now is what it shows.
  const whole = chart => chart.now[0] <= chart.data.x.min && chart.now[1] >= chart.data.x.max;

  // reset shows everything again, in all charts that share their time.
  const reset = chart => {
    for (const c of drawn) {
      if (c === chart || chart.data.x.kind === "time" && c.data.x.kind === "time") {
        c.plot.setScale("x", { min: c.data.x.min, max: c.data.x.max });
      }
    }
  };

  const draw = chart => {
    const { data, place, legend } = chart;
    const { lines, table } = columns(data);
    const width = Math.max(place.clientWidth, 240);
    const bands = lines.filter(l => l.low).map(l => ({ series: [l.high, l.low], fill: translucent(color(l.hue)) }));
    const all = series(data, lines), dashed = all.map(s => s.dash && s.dash.length > 0);
    const [min, max] = chart.now;
    if (chart.plot) chart.plot.destroy();
    legend.replaceChildren();
    chart.plot = new uPlot({
      width, height: Math.round(Math.max(width * HEIGHT, 200)),
      scales: {
        x: { time: false, distr: data.x.log ? 3 : 1, range: (u, min, max) => chart.now = [min, max] },
        y: {
          distr: data.y.log ? 3 : 1,
          range: (u, min, max) => {
            if (min == null || whole(chart)) return [data.y.min, data.y.max];
            return data.y.log ? [Math.max(min / 1.1, data.y.min), max * 1.1] : [0, max > 0 ? max * 1.08 : 1];
          },
        },
      },
      series: all, bands, axes: axes(data),
      cursor: {
        y: false, drag: { x: true, y: false, dist: 4 }, focus: { prox: 24 },
        sync: data.x.kind === "time" ? { key: "time", setSeries: false, scales: ["x", null] } : undefined,
        bind: { dblclick: () => () => { reset(chart); return null; } },
      },
      padding: [8, 34, 0, 0],
      legend: {
        live: true, mount: (u, table) => legend.append(table),
        markers: { width: (u, i) => all[i].class === "dots" ? 8 : i > 0 ? Math.max(all[i].width, 1.5) : 0, fill: "transparent", dash: (u, i) => dashed[i] ? "dashed" : "solid" },
      },
      hooks: {
        drawClear: [backdrop(data)], draw: [names(data)],
        setCursor: [resting(legend)],
        setScale: [(u, key) => { if (key === "x") chart.button.hidden = whole(chart); }],
      },
    }, table, place);
    chart.plot.setScale("x", { min, max });
    const entries = legend.querySelector(".u-legend");
    if (entries) entries.setAttribute("role", "presentation");
    roomFor(chart.plot, legend, all);
    resting(legend)(chart.plot);
  };

  // keys move the pointer by a point, and Escape shows everything again.
  const keys = chart => event => {
    const u = chart.plot, step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "Escape") return reset(chart);
    if (!step) return;
    event.preventDefault();
    const xs = u.data[0];
    let i = u.cursor.idx == null ? (step > 0 ? -1 : xs.length) : u.cursor.idx;
    i = Math.min(Math.max(i + step, 0), xs.length - 1);
    u.setCursor({ left: u.valToPos(xs[i], "x"), top: u.over.clientHeight / 2 });
  };

  const prepare = figure => {
    const source = figure.querySelector("script[type='application/json']");
    if (!source) return;
    const data = JSON.parse(source.textContent);
    const element = (tag, name, text) => {
      const e = document.createElement(tag);
      e.className = name;
      if (text) e.textContent = text;
      return e;
    };
    const live = element("div", "live"), place = element("div", "place"), legend = element("div", "legend"), button = element("button", "whole", "Show everything");
    live.append(element("p", "small soft", data.y.label), place);
    if (data.x.label) live.append(element("p", "small soft middle", data.x.label));
    live.append(legend, button);
    place.tabIndex = 0;
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", figure.querySelector("figcaption").textContent + ". Arrow keys show values.");
    button.type = "button";
    button.hidden = true;
    figure.querySelector("svg").after(live);
    figure.classList.add("lively");
    const chart = { data, place, legend, button, plot: null, now: [data.x.min, data.x.max] };
    button.addEventListener("click", () => reset(chart));
    place.addEventListener("keydown", keys(chart));
    drawn.push(chart);
    draw(chart);
    // Not within the callback: a chart changes the size that is observed.
    new ResizeObserver(() => requestAnimationFrame(() => {
      const width = Math.max(place.clientWidth, 240);
      if (place.clientWidth > 0 && width !== chart.plot.width) chart.plot.setSize({ width, height: Math.round(Math.max(width * HEIGHT, 200)) });
    })).observe(place);
  };

  // A picture of a topology that is wider than its place begins at the bottleneck.
  const toBottleneck = () => {
    for (const place of document.querySelectorAll(".picture.scroll, .picture .scroll")) {
      const busiest = place.querySelector(".stroke-vermilion");
      if (!busiest || place.scrollWidth <= place.clientWidth) continue;
      const box = busiest.getBoundingClientRect(), frame = place.getBoundingClientRect();
      place.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
    }
  };
  toBottleneck();
  matchMedia("(max-width: 40rem)").addEventListener("change", toBottleneck);

  for (const figure of document.querySelectorAll("figure")) prepare(figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawn.forEach(draw));
})();
