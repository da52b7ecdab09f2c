// The page itself: it asks the control endpoint every second, shows what it says, and sends what a button orders.

const CONTROL = "/_cleanroomsml/";
const POLL_MILLISECONDS = 1000;
const LATE_KINDS = { delay: "delaySeconds", not_found: "notFoundSeconds" };

const facts = JSON.parse(document.getElementById("facts").textContent);
const at = (id) => document.getElementById(id);
const state = { kind: "", records: [], overview: { now: 0, runs: [], journal: { first: 1, last: 0 } }, entries: [],
  faults: [], held: [], statuses: new Map() };

const ask = async (path, method = "GET", body = undefined) => {
  const response = await fetch(CONTROL + path, {
    method, cache: "no-store", headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
};

const complain = (text) => {
  setText(at("alert"), text);
  at("alert").hidden = !text;
};

// A button's order; the page shows its effect at once.
const order = async (path, method, body, done) => {
  try {
    await ask(path, method, body);
    complain("");
    setText(at("news"), done);
    await poll();
  } catch (error) {
    complain(error.message);
  }
};

const button = (text, path, method, body, done = text) =>
  element("button", { type: "button", onclick: () => order(path, method, body, done) }, text);

// -- showing ----------------------------------------------------------------------------------------------------------

const showKinds = () => {
  const nav = document.querySelector("nav");
  const all = { key: "", label: "All resources", count: state.records.length, busy: false };
  const groups = [{ title: "", kinds: [all] }, ...kindsView(facts.groups, state.records)];
  syncList(nav, groups.map((group) => ({ ...group, key: group.title })),
    (group) => element("div", {}, ...(group.title ? [element("h2", {}, group.title)] : []), element("ul")),
    (node, group) => syncList(node.querySelector("ul"), group.kinds, makeKind, updateKind));
};

const makeKind = (kind) => element("li", {}, element("button", { type: "button", onclick: () => choose(kind) },
  element("span", {}, kind.label), element("span", { class: "count", "data-part": "count" })));

const updateKind = (node, kind) => {
  const chosen = node.querySelector("button");
  if (kind.key === state.kind) chosen.setAttribute("aria-current", "true");
  else chosen.removeAttribute("aria-current");
  chosen.classList.toggle("none", !kind.count);
  setText(part(node, "count"), String(kind.count));
  setTone(node, kind.busy ? "busy" : "");
};

const choose = (kind) => {
  state.kind = kind.key;
  setText(at("resources-title"), kind.label);
  show();
};

const actionsOf = (record) => [
  element("button", { type: "button", "data-part": "expire",
    onclick: () => order("records", "POST", { arn: record.arn, do: "expire" }, `${record.title} has expired`) },
  "End its retention"),
  element("button", { type: "button", class: "danger",
    onclick: () => order("records", "POST", { arn: record.arn, do: "forget" }, `${record.title} is gone`) },
  "Delete it outside the app"),
];

const showRecords = () => {
  const items = recordsView(state.records, state.kind, at("search").value);
  syncList(at("records"), items, makeRow(actionsOf), (node, item) => {
    updateRow(node, { ...item, facts: [["ARN", item.arn], ["Account", item.where],
      ["Created", item.seeded ? "seeded" : "by a request"], ["Tags", item.tags.join("\n")]] });
    part(node, "expire").hidden = !item.canExpire;
  });
  at("records").classList.toggle("one-kind", Boolean(state.kind));
  at("no-records").hidden = items.length > 0;
  setText(at("no-records"), state.records.length ? "None of these." : "The services hold nothing yet.");
};

const showJournal = () => {
  const items = journalView(state.entries, at("changes").checked);
  syncList(at("journal"), items, makeRow(() => []), (node, item) => updateRow(node, {
    ...item, title: item.operation, kind: item.time, status: item.result,
    facts: [["Resource", item.subject], ["Account", item.where], ["Error", item.message],
      ["Fault", item.fault && `${item.fault}, ${item.effect ? "took effect" : "without effect"}`]] }));
  at("no-journal").hidden = items.length > 0;
};

const showFaults = () => {
  const items = [
    ...state.faults.map((fault, index) => ({ key: `fault ${index}`, text: faultText(fault) })),
    ...state.held.map((call, index) => ({ key: `held ${index}`, text: `held: ${call.operation}` })),
  ];
  syncList(at("faults"), items, () => element("li"), (node, item) => setText(node, item.text));
  for (const [id, wanted] of [["clear", state.faults.length], ["release", state.held.length]]) at(id).hidden = !wanted;
};

const show = () => {
  const { now } = state.overview;
  setText(document.querySelector("#clock time"), `${clockText(now)} UTC`);
  const ahead = now - Date.now() / 1000;
  setText(at("ahead"), ahead > 5 ? `${span(ahead)} ahead` : "");
  const runs = runsView(state.records, state.overview);
  syncList(at("runs"), runs, makeRun, updateRun);
  at("no-runs").hidden = runs.length > 0;
  showKinds();
  showRecords();
  showJournal();
  showFaults();
};

// -- asking -----------------------------------------------------------------------------------------------------------

const poll = async () => {
  const overview = await ask("overview");
  const last = state.entries.at(-1)?.number ?? 0;
  const isAnother = last > overview.journal.last; // a sandbox that was started anew on this port
  const [known, since] = isAnother ? [[], 0] : [state.entries, last];
  const [records, journal, faults, held] = await Promise.all(
    ["records", `journal?since=${since}`, "faults", "held"].map((path) => ask(path)));
  const news = newsOf(state.statuses, records.records);
  Object.assign(state, { overview, records: records.records, faults: faults.faults, held: held.held,
    entries: journalOf(known, journal.entries, {
      ...overview.journal, last: journal.entries.at(-1)?.number ?? overview.journal.last }),
    statuses: new Map(records.records.map((record) => [record.arn, record.status])) });
  if (news) setText(at("news"), news);
  show();
};

const showIdentity = (identity) => {
  setText(at("identity"), `${identity.name} · ${location.host}${identity.iam ? " · with IAM" : ""}`);
  document.title = `${identity.name} · Clean Rooms ML sandbox`;
};

const keepPolling = async () => {
  if (!document.hidden) {
    try {
      if (!document.body.classList.contains("ready")) showIdentity(await ask("sandbox"));
      await poll();
      setText(at("link"), "live");
      setTone(at("link"), "ok");
      document.body.classList.add("ready");
    } catch {
      setText(at("link"), "the sandbox does not answer");
      setTone(at("link"), "bad");
    }
  }
  setTimeout(keepPolling, POLL_MILLISECONDS);
};

// -- the forms --------------------------------------------------------------------------------------------------------

const onSubmit = (id, send) => at(id).addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

const chooseFault = () => { at("late").hidden = !(at("fault").value in LATE_KINDS); };

at("operations").append(...facts.operations.map((name) => element("option", { value: name })));
at("fault").append(...facts.faultKinds.map((kind) => element("option", { value: kind }, kind.replaceAll("_", " "))));
at("kind").append(...facts.runKinds.map((kind) => element("option", { value: kind }, words(kind))));
at("tools").append(button("Clear faults", "faults", "DELETE"), button("Release held calls", "release", "POST", {}));
at("tools").children[0].id = "clear";
at("tools").children[1].id = "release";
at("fault").addEventListener("change", chooseFault);
at("search").addEventListener("input", show);
at("changes").addEventListener("change", show);
onSubmit("advance", () => {
  const seconds = at("amount").valueAsNumber * Number(at("unit").value);
  order("advance", "POST", { seconds }, `The clock is ${span(seconds)} further`);
});
onSubmit("fail", () => {
  const [operation, kind] = [at("operation").value.trim(), at("fault").value];
  const late = LATE_KINDS[kind] ? { [LATE_KINDS[kind]]: at("seconds").valueAsNumber } : {};
  order("faults", "POST", { operation, kind, ...late }, `The next call of ${operation} fails`);
});
onSubmit("order", () => {
  const kind = at("kind").value;
  order("runs", "POST", { kind, statusCode: "INTERNAL_ERROR", message: at("message").value },
    `The next ${words(kind)} fails`);
});

keepPolling();
