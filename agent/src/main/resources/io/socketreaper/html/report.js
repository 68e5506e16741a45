"use strict";
// Chart, filter and copying: what page and report share.
const reaper = (() => {
  const byId = id => document.getElementById(id);
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const number = value => value == null ? "-" : value.toLocaleString("en-US");
  let timeline = JSON.parse(byId("timeline-data")?.textContent ?? "null");
  let plots = [];

  function plot(holder, height, series, range) {
    const width = holder.clientWidth;
    const axis = {stroke: colour("quiet"), grid: {stroke: colour("line"), width: 1}, ticks: {stroke: colour("line"), width: 1},
      font: "12px system-ui, DejaVu Sans, sans-serif"};
    const lines = series.map(([name, key, dash]) => ({label: name, stroke: colour("c-" + key), width: 2, dash: dash,
      value: (chart, value) => number(value), points: {show: timeline.time.length < 30, size: 5}}));
    plots.push(new uPlot({width: width, height: height, series: [{}].concat(lines), cursor: {sync: {key: "time"}},
      axes: [axis, Object.assign({size: 58, values: (chart, values) => values.map(number)}, axis)],
      scales: {y: {range: range}}}, [timeline.time].concat(series.map(([, key]) => timeline[key])), holder));
  }

  function draw() {
    plots.forEach(chart => chart.destroy());
    plots = [];
    if (!timeline || timeline.time.length < 2) {
      return;
    }
    byId("chart-note").hidden = true;
    const most = Math.max(1, ...timeline.open);
    const limit = timeline.limit[timeline.limit.length - 1];
    // The limit is drawn when it is near; far away it would press the curve flat.
    const top = limit && most > limit * 0.4 ? limit * 1.08 : most * 1.25;
    plot(byId("chart-descriptors"), 190, [["Descriptors open", "open"], ["Limit", "limit", [6, 5]]], () => [0, top]);
    plot(byId("chart-sockets"), 190, [["Suspects", "suspects"], ["Leaks found", "found"], ["Released", "released", [2, 3]]],
      (chart, low, high) => [0, Math.max(5, high * 1.15)]);
  }

  function update(latest) {
    const length = timeline ? timeline.time.length : 0;
    const same = length && latest.time.length === length && latest.time[length - 1] === timeline.time[length - 1];
    timeline = latest;
    if (same) {
      return;
    }
    if (plots.length === 2) {
      plots[0].setData([latest.time, latest.open, latest.limit]);
      plots[1].setData([latest.time, latest.suspects, latest.found, latest.released]);
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
