"use strict";
// The status page: updates by itself, and sends what changes anything with the token.
(() => {
  const {byId, shown, update} = reaper;
  const EVERY = 2000;
  const KEY = "socket-reaper-token";
  const HEADER = "X-Socket-Reaper-Token";
  const known = () => sessionStorage.getItem(KEY) ?? "";
  const last = {};
  let stopped = false;

  if (byId("unlock")) {
    byId("unlock").addEventListener("submit", () => sessionStorage.setItem(KEY, byId("token").value.trim()));
    if (known() && !byId("unlock").dataset.refused) {
      byId("token").value = known();
      sessionStorage.removeItem(KEY);
      byId("unlock").requestSubmit();
    }
    return;
  }

  function isSelected(part) {
    const selection = getSelection();
    return !selection.isCollapsed && selection.containsNode(part, true);
  }

  /** Replaces what has changed, and leaves the reader where they are. */
  function show(id, html) {
    const part = byId(id);
    const focus = document.activeElement;
    if (!part || last[id] === html || part.contains(focus) && focus.matches("textarea") || isSelected(part)) {
      return;
    }
    last[id] = html;
    const opened = new Map([...part.querySelectorAll("details")].map(details => [details.id, details.open]));
    const scrolled = [...part.querySelectorAll("pre, textarea, .wide")].map(box => [box.id, box.scrollLeft, box.scrollTop]);
    const focused = part.contains(focus) ? focus.id : null;
    part.innerHTML = html;
    shown();
    part.querySelectorAll("details").forEach(details => {
      details.open = opened.get(details.id) ?? details.open;
    });
    scrolled.forEach(([box, left, top]) => byId(box)?.scrollTo(left, top));
    if (focused) {
      byId(focused)?.focus({preventScroll: true});
    }
  }

  async function refresh() {
    try {
      const answer = await fetch("live.json", {headers: known() ? {[HEADER]: known()} : {}, cache: "no-store"});
      if (!answer.ok) {
        throw new Error((await answer.json()).error);
      }
      const news = await answer.json();
      Object.entries(news.parts).forEach(([id, html]) => show(id, html));
      update(news.timeline);
      byId("pulse").className = "";
      byId("pulse").textContent = "Live";
    } catch (lost) {
      byId("pulse").className = "lost";
      byId("pulse").textContent = "No answer: " + lost.message;
    }
  }

  async function beat() {
    if (!stopped && !document.hidden) {
      await refresh();
    }
    setTimeout(beat, EVERY);
  }

  function say(done, sentence) {
    byId("said").className = done ? "done" : "refused";
    byId("said").textContent = sentence;
  }

  async function send(form, button) {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("token");
    if (button && button.name) {
      fields.set(button.name, button.value);
    }
    const token = byId("token").value.trim();
    try {
      const answer = await fetch(button && button.getAttribute("formaction") || form.getAttribute("action"),
        {method: "POST", headers: {[HEADER]: token, Accept: "application/json"}, body: fields});
      const said = await answer.json();
      say(answer.ok, answer.ok ? said.said : said.error);
      if (answer.ok) {
        sessionStorage.setItem(KEY, token);
      }
      await refresh();
    } catch (lost) {
      say(false, "No answer: " + lost.message);
    }
  }

  byId("token").value = known() || byId("token").value;
  [byId("act"), byId("set")].forEach(form => form.addEventListener("submit", event => {
    event.preventDefault();
    send(form, event.submitter);
  }));
  byId("stop").addEventListener("click", () => {
    stopped = !stopped;
    byId("stop").textContent = stopped ? "Update again" : "Stop updates";
  });
  byId("pulse").hidden = false;
  byId("stop").hidden = false;
  setTimeout(beat, EVERY);
})();
