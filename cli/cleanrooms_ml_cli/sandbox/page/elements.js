// Elements from plain values. Text is only ever text: names and messages are whatever somebody called them.

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
};

// Sets a text only if it changes, so that a selection and what a screen reader reads stay.
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

const setTone = (node, tone) => {
  if (node.dataset.tone !== tone) node.dataset.tone = tone;
};

// Children of a list for items with keys: made once, updated in place, moved only where the order changed.
const syncList = (list, items, make, update) => {
  list.known ??= new Map();
  const wanted = new Set(items.map((item) => item.key));
  for (const [key, node] of list.known) {
    if (!wanted.has(key)) {
      node.remove();
      list.known.delete(key);
    }
  }
  let next = list.firstElementChild;
  for (const item of items) {
    let node = list.known.get(item.key);
    if (!node) {
      node = make(item);
      list.known.set(item.key, node);
    }
    update(node, item);
    if (node === next) next = next.nextElementSibling;
    else list.insertBefore(node, next);
  }
};

const part = (node, name) => node.querySelector(`[data-part="${name}"]`);

const badge = () => element("span", { class: "badge", "data-part": "status" });

const makeRun = () => element("li", { class: "card" },
  element("div", { class: "line" }, element("strong", { "data-part": "title" }), badge()),
  element("div", { class: "meter", role: "progressbar", "aria-valuemin": "0", "aria-valuemax": "100",
    "data-part": "meter" }, element("div", { "data-part": "bar" })),
  element("div", { class: "line quiet" }, element("span", { "data-part": "kind" }), element("span", { "data-part": "note" })),
  element("p", { class: "reason", "data-part": "reason", hidden: true }));

const updateRun = (node, run) => {
  setText(part(node, "title"), run.title);
  setText(part(node, "kind"), run.kind);
  setText(part(node, "note"), run.note);
  setText(part(node, "status"), run.status);
  setTone(node, run.tone);
  const meter = part(node, "meter");
  meter.setAttribute("aria-valuenow", run.percent);
  meter.setAttribute("aria-label", `${run.title}: ${run.status}`);
  part(node, "bar").style.width = `${run.percent}%`;
  setText(part(node, "reason"), run.reason);
  part(node, "reason").hidden = !run.reason;
};

const makeRow = (actions) => (item) => element("li", {},
  element("details", {},
    element("summary", {}, element("span", { class: "name", "data-part": "title" }),
      element("span", { class: "quiet", "data-part": "kind" }), badge()),
    element("dl", { "data-part": "facts" }),
    element("pre", { "data-part": "text", tabindex: "0" }),
    element("p", { class: "tools", "data-part": "actions" }, ...actions(item))));

const setFacts = (list, facts) => {
  const shown = facts.filter(([, value]) => value);
  const signature = JSON.stringify(shown);
  if (list.signature === signature) return;
  list.signature = signature;
  list.replaceChildren(...shown.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]));
};

const updateRow = (node, item) => {
  setText(part(node, "title"), item.title);
  setText(part(node, "kind"), item.kind);
  setText(part(node, "status"), item.status || "set");
  setTone(node, item.tone);
  setFacts(part(node, "facts"), item.facts);
  setText(part(node, "text"), item.text);
};
