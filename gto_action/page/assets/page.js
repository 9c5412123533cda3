// Everything here is an extra: each page says the same without it.
"use strict";

const $ = (css, all) => all ? [...document.querySelectorAll(css)] : document.querySelector(css);

// What is asked for is in the address: #stage=prod&q=churn. Null if that says something else, as "#main" does.
function asked() {
  const hash = location.hash.slice(1);
  return !hash || hash.includes("=") ? new URLSearchParams(hash) : null;
}

function keep(state) {
  const hash = String(state) && `#${state}`;
  if (hash !== location.hash && (hash || asked())) history.replaceState(null, "", location.pathname + location.search + hash);
  return hash;
}

// Which artifacts are shown can be shared.
function filters(form, table) {
  const rows = [...table.tBodies[0].rows].map((row, place) => ({
    row, place,
    text: row.textContent.toLowerCase(),
    keys: new Set((row.dataset.k ?? "").split(" ")),
    changed: row.querySelector("time")?.dateTime ?? "",
  }));
  const times = new Map(rows.map(each => [each, Date.parse(each.changed) || 0]));
  const { q, sort, stage, type, label } = form.elements;
  const choices = [stage, type, label];
  let sorted = "";

  function apply() {
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = choices.filter(each => each.value).map(each => each.selectedOptions[0].dataset.k);
    let shown = 0;
    for (const each of rows) {
      const fits = words.every(word => each.text.includes(word)) && wanted.every(key => each.keys.has(key));
      each.row.hidden = !fits;
      shown += fits;
    }
    if (sort.value !== sorted) {
      sorted = sort.value;
      const order = [...rows].sort((a, b) => (sorted && times.get(b) - times.get(a)) || a.place - b.place);
      table.tBodies[0].append(...order.map(each => each.row));
    }
    $("#count").value = shown === rows.length ? "" : `${shown} of ${rows.length}${form.dataset.where}`;
    $("#none").hidden = shown > 0;
    const hash = keep(new URLSearchParams([...new FormData(form)].filter(([, value]) => value)));
    for (const link of $(".pager a", true)) link.hash = hash;
  }

  // A value that no artifact has any more stays what is asked for: nothing matches it then.
  function choose(field, value) {
    field.value = value;
    if (field.selectedIndex < 0 && field !== sort) {
      field.add(new Option(value.slice(0, 60), value));
      field.value = value;
      field.parentElement.hidden = false;
    }
    if (field.selectedIndex < 0) field.selectedIndex = 0;
  }

  function read() {
    const state = asked();
    if (state) {
      q.value = state.get("q") ?? "";
      for (const field of [...choices, sort]) choose(field, state.get(field.name) ?? "");
    }
    apply();
  }

  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); q.focus(); }));
  addEventListener("hashchange", read);
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
    keep(new URLSearchParams(on && { on }));
  }

  function read() {
    const state = asked();
    if (state) form.elements.on.value = state.get("on") ?? "";
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
  const hash = location.hash.slice(1);
  const details = $(".inside", true).find(each => each.id === hash || encodeURIComponent(each.id) === hash)?.closest("details");
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
