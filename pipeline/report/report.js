// Draws the report from its packed data. Text of documents is only ever put into text nodes, addresses only into links
// to http and https. Nothing is fetched.
"use strict";
(async () => {
  const $ = id => document.getElementById(id);
  const PAGE = 25;

  const data = await unpack();
  data.statements = rows(data.statements);
  data.spending = rows(data.spending);
  const name = id => (id && data.actors[id] ? data.actors[id].name : id) || "";
  const letters = new Map();  // passage → its characters; JavaScript counts halves of some
  const filter = clear();
  const tables = {};

  async function unpack() {
    const bytes = Uint8Array.from(atob($("data").textContent.trim()), c => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }
  function rows(columns) {
    const names = Object.keys(columns);
    return (columns[names[0]] || []).map((_, i) => Object.fromEntries(names.map(name => [name, columns[name][i]])));
  }
  function make(tag, text, attributes = {}) {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }
  function characters(passage) {
    if (!letters.has(passage)) letters.set(passage, Array.from(data.passages[passage]));
    return letters.get(passage);
  }
  const cut = (passage, spans) => spans.map(([a, b]) => characters(passage).slice(a, b).join("")).join(" … ");
  const content = row => row.text ??= cut(row.passage, row.spans.content);
  const plain = text => (text || "").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const grouped = number => number === null || number === undefined ? "" : number.toLocaleString("en", { maximumFractionDigits: 1 });

  function million(row) {
    const tell = value => grouped(value / 1e6);
    if (row.measure !== "amount") return "";
    if (row.low_eur === null && row.high_eur === null) return "no rate";
    if (row.low_eur === null) return "≤ " + tell(row.high_eur);
    if (row.high_eur === null) return "≥ " + tell(row.low_eur);
    return row.low_eur === row.high_eur ? tell(row.low_eur) : tell(row.low_eur) + " to " + tell(row.high_eur);
  }
  function wanted(row, ids, countries, text) {
    const has = id => id === filter.actor;
    if (filter.actor && !ids.some(has)) return false;
    if (filter.country && !countries.includes(filter.country)) return false;
    return !filter.words || plain(text()).includes(plain(filter.words));
  }
  const statementFits = row =>
    (!filter.month || row.published_on.startsWith(filter.month)) &&
    (!filter.source || (data.documents[row.document].source || "no source") === filter.source) && (!filter.target || (row.about || []).includes(filter.target)) &&
    wanted(row, [row.speaker_id], [data.actors[row.speaker_id]?.country], () => content(row) + " " + row.speaker_text);
  const sumFits = row =>
    (!filter.flow || row.flow === filter.flow) && (!filter.row || row.spending_id === filter.row) &&
    wanted(row, [row.spender_id, row.claimed_by], [row.country], () => [row.amount_text, row.item, row.spender, row.recipient].join(" "));

  function table(id, caption, columns, rows) {
    const state = { page: 0 };
    const draw = () => {
      const found = rows();
      const pages = Math.max(1, Math.ceil(found.length / PAGE));
      state.page = Math.min(state.page, pages - 1);
      const body = make("tbody");
      for (const row of found.slice(state.page * PAGE, (state.page + 1) * PAGE)) {
        const line = make("tr");
        for (const [label, value, kind] of columns) {
          const cell = make("td", undefined, { "data-label": label });
          const shown = value(row);
          if (kind === "open") {
            const button = make("button", shown, { type: "button", class: "open" });
            button.addEventListener("click", () => open(row));
            cell.append(button);
          } else cell.textContent = shown ?? "";
          if (kind === "number") cell.className = "number";
          line.append(cell);
        }
        body.append(line);
      }
      const head = make("tr");
      for (const [label] of columns) head.append(make("th", label, { scope: "col" }));
      const thead = make("thead"); thead.append(head);
      const whole = make("table");
      whole.append(make("caption", caption(found.length)), thead, body);
      const move = (label, by, off) => {
        const button = make("button", label, { type: "button" });
        button.disabled = off;
        button.addEventListener("click", () => { state.page += by; draw(); });
        return button;
      };
      const pager = make("div", undefined, { class: "pages" });
      pager.append(move("Earlier rows", -1, state.page === 0), make("span", `page ${state.page + 1} of ${pages}`),
                   move("Further rows", 1, state.page >= pages - 1));
      $(id).replaceChildren(whole, ...(pages > 1 ? [pager] : []));
    };
    tables[id] = { draw, first: () => { state.page = 0; draw(); } };
    draw();
  }

  function open(row) {
    const source = data.documents[row.document];
    const marks = [];
    for (const [kind, spans] of Object.entries(row.spans)) for (const [a, b] of spans || []) marks.push([a, b, kind]);
    marks.sort((x, y) => x[0] - y[0] || y[1] - x[1]);
    const text = characters(row.passage), parts = [];
    let at = 0;
    for (const [a, b, kind] of marks) {
      const start = Math.max(a, at);
      if (b <= start) continue;
      parts.push(text.slice(at, start).join(""), make("mark", text.slice(start, b).join(""), { class: kind }));
      at = b;
    }
    parts.push(text.slice(at).join(""));
    $("passage-text").replaceChildren(...parts);
    $("passage-about").textContent = [source.title, source.source, source.day].filter(Boolean).join(" · ");
    const link = $("passage-link");
    link.replaceChildren();
    if (/^https?:\/\//i.test(source.url || "")) {
      link.append(make("a", "Open the article", { href: source.url, rel: "noopener noreferrer nofollow", target: "_blank" }));
    }
    $("passage").showModal();
    $("passage").querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  function apply(change) {
    Object.assign(filter, change);
    for (const each of Object.values(tables)) each.first();
    const told = [filter.actor && name(filter.actor), filter.target && `about ${(data.network.find(p => p.target_id === filter.target) || {}).target}`,
                  filter.country, filter.source, filter.month, filter.flow, filter.words && `“${filter.words}”`].filter(Boolean);
    $("state").textContent = told.length ? `Shown: ${told.join(", ")}.` : "";
    $("actor").value = filter.actor ? name(filter.actor) : $("actor").value;
    $("country").value = filter.country;
  }
  function clear() { return { actor: "", country: "", words: "", month: "", target: "", flow: "", row: "", source: "" }; }
  const show = id => $(id).closest("section").scrollIntoView({ behavior: "auto" });

  async function chart(id, rows, chosen) {
    const colours = getComputedStyle(document.documentElement);
    const ink = colours.getPropertyValue("--ink").trim(), line = colours.getPropertyValue("--line").trim();
    const config = {
      background: "transparent", font: "system-ui, sans-serif", view: { stroke: line },
      axis: { labelColor: ink, titleColor: ink, gridColor: line, domainColor: line, tickColor: line, labelLimit: 150 },
      legend: { labelColor: ink, titleColor: ink, labelLimit: 150 },
    };
    const whole = { ...data.charts[id], config, width: narrow() };
    if (whole.$schema.includes("vega-lite")) whole.datasets = { rows };
    else {
      whole.data = [{ ...whole.data[0], values: rows }, ...whole.data.slice(1)];
      whole.signals = [{ name: "ink", value: ink }];
    }
    const target = $("chart-" + id);
    const result = await vegaEmbed(target, whole, { actions: false, renderer: "svg", logLevel: 1 });
    if (chosen) result.view.addEventListener("click", (event, item) => { if (item?.datum) chosen(item.datum, item.mark.marktype); });
    target.dataset.drawn = "yes";
  }
  const narrow = () => Math.min(1040, $("main").clientWidth - 60);

  $("counts").textContent = `${grouped(data.counts.statements)} statements and ${grouped(data.counts.spending)} sums in ` +
    `${grouped(data.counts.documents)} documents` + (data.counts.first ? `, ${data.counts.first} to ${data.counts.last}.` : ".");
  const known = Object.entries(data.actors).sort((a, b) => a[1].name.localeCompare(b[1].name));
  const idOf = new Map(known.map(([id, actor]) => [actor.name, id]));
  $("actors").replaceChildren(...[...idOf.keys()].map(text => make("option", undefined, { value: text })));
  const countries = new Set([...known.map(([, actor]) => actor.country), ...data.spending.map(row => row.country)].filter(Boolean));
  $("country").append(...[...countries].sort().map(code => make("option", code, { value: code })));
  $("actor").addEventListener("change", () => apply({ actor: idOf.get($("actor").value) || ($("actor").value ? "?" : "") }));
  $("country").addEventListener("change", () => apply({ country: $("country").value }));
  $("words").addEventListener("input", () => apply({ words: $("words").value }));
  $("filters").addEventListener("submit", event => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(() => apply(clear())));

  const part = (found, all, what) => found === all ? `${grouped(found)} ${what}` : `${grouped(found)} of ${grouped(all)} ${what}`;
  table("statements", found => part(found, data.counts.statements, "statements") +
      (data.statements.length < data.counts.statements ? `; the page holds the newest ${grouped(data.statements.length)}, belief and intention left out` : ""), [
    ["Day", row => row.published_on], ["Speaker", row => name(row.speaker_id) || row.speaker_text],
    ["Says", row => row.cue_class], ["Statement", content, "open"], ["Source", row => data.documents[row.document].source],
  ], () => data.statements.filter(statementFits));
  table("spending", found => part(found, data.counts.spending, "sums, the largest first"), [
    ["Payer", row => row.spender], ["Sum", row => row.amount_text, "open"], ["Million euros", million, "number"],
    ["For", row => row.item], ["Kind", row => row.flow], ["Status", row => row.status], ["Years", row => row.period],
    ["Says who", row => name(row.claimed_by) || data.documents[row.document].source], ["Day", row => row.published_on],
  ], () => data.spending.filter(sumFits));
  const sum = new Map(data.spending.map(row => [row.spending_id, row]));
  table("conflicts", found => `${grouped(found)} pairs of figures that disagree`, [
    ["Payer", row => row.spender], ["Kind", row => row.flow], ["Years", row => row.period],
    ["One says", row => `${row.amount_a} (${row.source_a || "no source"})`, "open"],
    ["Another", row => `${row.amount_b} (${row.source_b || "no source"})`], ["Ratio", row => grouped(row.ratio), "number"],
  ], () => data.conflicts.map(row => ({ ...row, ...(sum.get(row.spending_id_a) || {}) })));
  table("quality", found => `${grouped(found)} checks, those that failed first`, [
    ["Table", row => row.table_name], ["Check", row => row.check_name],
    ["Result", row => row.passed ? "passed" : row.blocking ? "failed" : "warns"], ["Value", row => grouped(row.value), "number"],
    ["What it asks", row => row.description], ["Rows", row => (row.details || []).slice(0, 3).join("; ")],
  ], () => data.quality);

  const pair = (actor, target) => { apply({ ...clear(), actor, target }); show("statements"); };
  const monthOf = datum => new Date(datum.month).toISOString().slice(0, 7);
  await chart("months", data.months, (datum, mark) => {  // a point is a month, a line is all of them
    if (!datum.actor_id) return;
    apply({ ...clear(), actor: datum.actor_id, month: mark === "symbol" ? monthOf(datum) : "" }); show("statements");
  });
  await chart("graph", data.network, datum => {
    if (datum.source_id) pair(datum.source_id, datum.target_id);
    else if (datum.id) data.statements.some(row => row.speaker_id === datum.id) ? pair(datum.id, "") : pair("", datum.id);
  });
  await chart("network", data.network, datum => { if (datum.source_id) pair(datum.source_id, datum.target_id); });
  await chart("countries", data.countries, datum => { if (datum.country) { apply({ ...clear(), country: datum.country, flow: datum.flow }); show("spending"); } });
  await chart("sums", data.sums, datum => {
    if (!datum.spending_id) return;
    apply({ ...clear(), row: datum.spending_id }); show("spending");
    if (sum.has(datum.spending_id)) open(sum.get(datum.spending_id));
  });
  await chart("coverage", data.coverage, datum => {
    if (!datum.source) return;
    apply({ ...clear(), source: datum.source === "all others" ? "" : datum.source, month: monthOf(datum) }); show("statements");
  });
  document.documentElement.dataset.ready = "yes";
})().catch(error => {
  const told = document.createElement("p");
  told.setAttribute("role", "alert");
  told.textContent = "The page could not be drawn: " + error.message + ". A browser of 2023 or newer is needed.";
  document.querySelector("header").append(told);
  console.error(error);
});
