"use strict";
// Chart, filter and copying: what page and report share.
const reaper = (() => {
  const byId = id => document.getElementById(id);
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const number = value => value == null ? "-" : value.toLocaleString("en-US");
  let timeline = JSON.parse(byId("timeline-data")?.textContent ?? "null");
  let plots = [];

  // UTC, as everywhere else on the page.
  const clock = (time, seconds) => new Date(time * 1000).toISOString().slice(11, seconds ? 19 : 16);

  function plot(holder, height, series, range) {
    const width = holder.clientWidth;
    const axis = {stroke: colour("quiet"), grid: {stroke: colour("line"), width: 1}, ticks: {stroke: colour("line"), width: 1},
      font: "12px system-ui, DejaVu Sans, sans-serif"};
    const lines = series.map(([name, key, dash]) => ({label: name, stroke: colour("c-" + key), width: 2, dash: dash,
      value: (chart, value) => number(value), points: {show: timeline.time.length < 30, size: 5}}));
    plots.push(new uPlot({width: width, height: height, series: [{label: "UTC", value: (chart, time) => time == null ? "-" : clock(time, true)}].concat(lines), cursor: {sync: {key: "time"}},
      axes: [Object.assign({space: 90, size: 32, values: (chart, times) => times.map(time => clock(time, chart.scales.x.max - chart.scales.x.min < 600))}, axis),
        Object.assign({size: 58, values: (chart, values) => values.map(number)}, axis)],
      scales: {y: {range: range}}}, [timeline.time].concat(series.map(([, key]) => timeline[key])), holder));
  }

  /** The limit is drawn when it is near; far away it would press the curve flat. */
  function top() {
    const most = Math.max(1, ...timeline.open);
    const limit = timeline.limit[timeline.limit.length - 1];
    return limit && most > limit * 0.4 ? limit * 1.08 : most * 1.25;
  }

  function draw() {
    plots.forEach(chart => chart.destroy());
    plots = [];
    if (!timeline || timeline.time.length < 2) {
      return;
    }
    byId("chart-note").hidden = true;
    plot(byId("chart-descriptors"), 190, [["Descriptors open", "open"], ["Limit", "limit", [6, 5]]], () => [0, top()]);
    plot(byId("chart-sockets"), 190, [["Suspects", "suspects"], ["Leaks found", "found"], ["Released", "released", [2, 3]]],
      (chart, low, high) => [0, Math.max(5, high * 1.15)]);
    setTimeout(latest);
  }

  /** The legend shows the latest figures until the reader points at others. */
  function latest() {
    plots.filter(chart => chart.cursor.idx == null).forEach(chart => chart.setLegend({idx: timeline.time.length - 1}));
  }

  function update(news) {
    const length = timeline ? timeline.time.length : 0;
    const same = length && news.time.length === length && news.time[length - 1] === timeline.time[length - 1];
    timeline = news;
    if (same) {
      return;
    }
    if (plots.length === 2) {
      plots[0].setData([news.time, news.open, news.limit]);
      plots[1].setData([news.time, news.suspects, news.found, news.released]);
      setTimeout(latest);
    } else {
      draw();
    }
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
