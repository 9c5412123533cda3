// Everything here is an extra: each page says the same without it.
"use strict";

const $ = (css, all) => all ? [...document.querySelectorAll(css)] : document.querySelector(css);

// Which artifacts are shown is in the address, so that it can be shared: #stage=prod&q=churn
function filters(form, table) {
  const rows = [...table.tBodies[0].rows].map((row, place) => ({
    row, place,
    text: row.textContent.toLowerCase(),
    stages: [...row.querySelectorAll("[data-s]")].map(each => each.dataset.s),
    type: row.querySelector(".tags i")?.textContent ?? "",
    labels: [...row.querySelectorAll(".tags u")].map(each => each.textContent),
    changed: row.querySelector("time")?.dateTime ?? "",
  }));
  const times = new Map(rows.map(each => [each, Date.parse(each.changed) || 0]));
  let sorted = "";

  function apply() {
    const asked = Object.fromEntries(new FormData(form));
    const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of rows) {
      const fits = words.every(word => each.text.includes(word))
        && (!asked.stage || each.stages.includes(asked.stage))
        && (!asked.type || each.type === asked.type)
        && (!asked.label || each.labels.includes(asked.label));
      each.row.hidden = !fits;
      shown += fits;
    }
    if (asked.sort !== sorted) {
      sorted = asked.sort;
      const order = [...rows].sort((a, b) => (sorted && times.get(b) - times.get(a)) || a.place - b.place);
      table.tBodies[0].append(...order.map(each => each.row));
    }
    $("#count").value = shown === rows.length ? "" : `${shown} of ${rows.length}`;
    $("#none").hidden = shown > 0;
    const state = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
    const hash = state.size ? `#${state}` : "";
    if (hash !== location.hash) history.replaceState(null, "", location.pathname + location.search + hash);
  }

  function read() {
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) if (field.name) field.value = state.get(field.name) ?? "";
    for (const field of form.elements) if (field.localName === "select" && field.selectedIndex < 0) field.selectedIndex = 0;
    apply();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); form.elements.q.focus(); }));
  addEventListener("hashchange", read);
  addEventListener("keydown", event => {
    if (event.key === "/" && !event.target.closest("input, select, textarea") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.elements.q.focus();
    }
  });
  form.hidden = false;
  read();
}

// What a stage held at any time of a day, in UTC.
function day(form, table) {
  const rows = [...table.tBodies[0].rows];

  function apply() {
    const on = form.elements.on.value;
    const start = Date.parse(`${on}T00:00:00Z`) / 1000, end = start + 86400;
    let shown = 0;
    for (const row of rows) {
      const fits = !on || (row.dataset.from < end && !(row.dataset.to <= start));
      row.hidden = !fits;
      shown += fits;
    }
    const since = form.dataset.since;
    $("#count").value = !on ? "" : since && on <= since ? `Of a day until ${since} not all is known here.`
      : `${shown} ${shown === 1 ? "version" : "versions"} on that day`;
    const hash = on ? `#on=${on}` : "";
    if (hash !== location.hash) history.replaceState(null, "", location.pathname + location.search + hash);
  }

  function read() {
    form.elements.on.value = new URLSearchParams(location.hash.slice(1)).get("on") ?? "";
    apply();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  addEventListener("hashchange", read);
  form.hidden = false;
  read();
}

// A version that an address names is open.
function reveal() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = named?.closest("details");
  if (details) {
    details.open = true;
    details.scrollIntoView();
  }
}

for (const pre of $("pre.copy", true)) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(pre.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  pre.append(button);
}

if ($("#filters")) filters($("#filters"), $("#registry"));
if ($("#day")) day($("#day"), $("#periods"));
if ($(".versions")) {
  addEventListener("hashchange", reveal);
  reveal();
}
