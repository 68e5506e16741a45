"use strict";
// Chart, sorting, filter and copying: what page and report share.
const reaper = (() => {
  const byId = id => document.getElementById(id);
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const number = value => value == null ? "-" : value.toLocaleString("en-US");
  let timeline = JSON.parse(byId("timeline-data")?.textContent ?? "null");
  const DESCRIPTORS = [["Descriptors open", "open"], ["Limit", "limit", [6, 5]]];
  const FORECAST = ["If it goes on like that", "forecast", [2, 4]];
  // Of the time axis, seconds.
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 2592000];
  const SOCKETS = [["Suspects", "suspects"], ["Leaks found", "found"], ["Released", "released", [2, 3]]];
  let plots = [];

  // UTC, as everywhere else on the page.
  const clock = (time, seconds) => new Date(time * 1000).toISOString().slice(11, seconds ? 19 : 16);
  const tick = (time, span) => span > 172800 ? new Date(time * 1000).toISOString().slice(5, 10) : clock(time, span < 120);

  /** The columns of a chart, and behind those of the descriptors the point up to which they are forecast. */
  function columns(keys, foretells) {
    const forecast = foretells ? timeline.forecast : null;
    const last = timeline.time.length - 1;
    const column = {
      time: () => timeline.time.concat(forecast ? [forecast.time] : []),
      limit: () => timeline.limit.concat(forecast ? [timeline.limit[last]] : []),
      forecast: () => timeline.time.map((time, i) => i === last ? timeline.open[last] : null).concat([forecast.open]),
    };
    return ["time"].concat(keys).map(key => column[key] ? column[key]() : timeline[key].concat(forecast ? [null] : []));
  }

  /** Names the limit: at its line, or at the top edge if it is far above. */
  function nameLimit(chart) {
    const limit = timeline.limit[timeline.limit.length - 1];
    if (!limit) {
      return;
    }
    const above = limit > chart.scales.y.max;
    const {left, top, width} = chart.bbox;
    chart.ctx.save();
    chart.ctx.fillStyle = colour("quiet");
    chart.ctx.font = 12 * devicePixelRatio + "px system-ui, DejaVu Sans, sans-serif";
    chart.ctx.textAlign = "right";
    chart.ctx.fillText((above ? "\u2191 limit " : "limit ") + number(limit), left + width - 4 * devicePixelRatio,
      above ? top + 13 * devicePixelRatio : chart.valToPos(limit, "y", true) - 5 * devicePixelRatio);
    chart.ctx.restore();
  }

  function foretold() {
    const forecast = timeline.forecast;
    return forecast ? number(Math.round(forecast.open)) + " at " + clock(forecast.time) : "-";
  }

  function plot(holder, height, series, range, named) {
    const width = holder.clientWidth;
    const axis = {stroke: colour("quiet"), grid: {stroke: colour("line"), width: 1}, ticks: {stroke: colour("line"), width: 1},
      font: "12px system-ui, DejaVu Sans, sans-serif"};
    const lines = series.map(([name, key, dash]) => ({label: name, stroke: colour("c-" + key), width: 2, dash: dash,
      value: (chart, value) => key === "forecast" ? foretold() : number(value && Math.round(value)), points: {show: timeline.time.length < 30, size: 5}}));
    plots.push(new uPlot({hooks: {draw: named ? [nameLimit] : []}, width: width, height: height, series: [{label: "UTC", value: (chart, time) => time == null ? "-" : clock(time, true)}].concat(lines), cursor: {sync: {key: "time"}},
      legend: {markers: {dash: (chart, i) => chart.series[i].dash ? "dashed" : "solid"}},
      axes: [Object.assign({space: 70, size: 32, incrs: STEPS, values: (chart, times) => times.map(time => tick(time, chart.scales.x.max - chart.scales.x.min))}, axis),
        Object.assign({size: 58, values: (chart, values) => values.map(number)}, axis)],
      scales: {y: {range: range}}}, columns(series.map(([, key]) => key), named), holder));
  }

  /** The limit is drawn when it is near, or foretold to be reached; far away it would press the curve flat. */
  function top() {
    const most = Math.max(1, timeline.forecast?.open ?? 0, ...timeline.open);
    const limit = timeline.limit[timeline.limit.length - 1];
    return limit && most > limit * (timeline.forecast ? 0.1 : 0.4) ? limit * 1.18 : most * 1.25;
  }

  function draw() {
    plots.forEach(chart => chart.destroy());
    plots = [];
    if (!timeline || timeline.time.length < 2) {
      return;
    }
    byId("chart-note").hidden = true;
    plot(byId("chart-descriptors"), 190, DESCRIPTORS.concat(timeline.forecast ? [FORECAST] : []), () => [0, top()], true);
    plot(byId("chart-sockets"), 190, SOCKETS,
      (chart, low, high) => [0, Math.max(5, high * 1.15)]);
    queueMicrotask(latest);
  }

  /** The legend shows the latest figures until the reader points at others. */
  function latest() {
    plots.filter(chart => chart.cursor.idx == null).forEach(chart => chart.setLegend({idx: timeline.time.length - 1}));
  }

  function update(news) {
    const before = timeline;
    timeline = news;
    if (JSON.stringify(news) === JSON.stringify(before)) {
      return;
    }
    if (plots.length === 2 && !before.forecast === !news.forecast) {
      plots.forEach((chart, i) => chart.setData(columns([DESCRIPTORS.concat(news.forecast ? [FORECAST] : []), SOCKETS][i].map(([, key]) => key), i === 0)));
      queueMicrotask(latest);
    } else {
      draw();
    }
  }

  // By id of a table's box: the column and whether the largest comes first.
  const order = new Map();

  /** What a row is sorted by in a column. A row that folds out is the first of its group. */
  function key(item, column) {
    const cell = (item.rows ? item.rows[0] : item).cells[column];
    const value = cell.dataset.sort ?? cell.textContent.trim();
    return value !== "" && !isNaN(value) ? Number(value) : value;
  }

  function arrange(box) {
    const table = box.querySelector("table");
    const {column, down} = order.get(box.id);
    const items = table.classList.contains("folding") ? [...table.tBodies] : [...table.tBodies[0].rows];
    items.sort((one, other) => {
      const [a, b] = [key(one, column), key(other, column)];
      const ascending = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
      return down ? -ascending : ascending;
    }).forEach(item => item.parentElement.append(item));
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      head.toggleAttribute("aria-sort", i === column);
      if (i === column) {
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
      }
    });
  }

  /** The heads of a table become buttons, if there is anything to sort. */
  function makeSortable(box) {
    const table = box.querySelector("table");
    const folding = table.classList.contains("folding");
    if ((folding ? table.tBodies.length : table.tBodies[0].rows.length) < 2) {
      return;
    }
    [...table.tHead.rows[0].cells].forEach((head, i) => {
      if (!head.dataset.fixed && !head.querySelector("button")) {
        const button = document.createElement("button");
        Object.assign(button, {type: "button", className: "sort", id: box.id + "-by-" + i, textContent: head.textContent});
        head.replaceChildren(button);
      }
    });
    if (order.has(box.id)) {
      arrange(box);
    }
  }

  function sort(button) {
    const head = button.parentElement;
    const box = head.closest(".wide");
    const shown = head.getAttribute("aria-sort");
    const down = shown ? shown !== "descending" : head.classList.contains("number");
    order.set(box.id, {column: head.cellIndex, down: down});
    arrange(box);
  }

  function filter() {
    const wanted = byId("q").value.trim().toLowerCase();
    document.querySelectorAll("#sockets tbody tr").forEach(row => {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
  }

  async function copy(button) {
    const text = byId(button.dataset.copy);
    text.select();
    try {
      await navigator.clipboard.writeText(text.value);
      button.textContent = "Copied";
    } catch (refused) {
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
    }
  }

  function shown() {
    document.querySelectorAll(".wide").forEach(makeSortable);
    document.querySelectorAll(".copy").forEach(button => {
      button.hidden = false;
    });
    if (byId("q")) {
      filter();
    }
  }

  document.addEventListener("click", event => {
    if (event.target.matches(".copy")) {
      copy(event.target);
    } else if (event.target.matches(".sort")) {
      sort(event.target);
    }
  });
  if (byId("filter")) {
    byId("filter").addEventListener("submit", event => event.preventDefault());
    byId("q").addEventListener("input", filter);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let resizing;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(draw, 150);
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(part => {
    part.open = true;
  }));
  shown();
  draw();
  return {byId, shown, update};
})();
