// What the page shows, as plain values: no document here, so that a test can run it without a browser.

const BUSY = /PENDING|IN_PROGRESS|SUBMITTED|STARTED|CANCELLING/;
const BAD = /FAILED|DENIED|DECLINED/;
const OFF = /INACTIVE|CANCELLED|GONE|REMOVED|LEFT/;
const READING = /^(Get|List|BatchGet)/;
const ENDED_RUNS = 6;
const JOURNAL_ROWS = 200;

// Which of four colors a status has.
const toneOf = (status) =>
  BAD.test(status) ? "bad" : BUSY.test(status) ? "busy" : OFF.test(status) ? "off" : status ? "ok" : "plain";

const span = (seconds) => {
  const whole = Math.max(0, Math.round(seconds));
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const at = units.findIndex(([size]) => whole >= size);
  if (at < 0) return "0 s";
  const [size, word] = units[at];
  const rest = units[at + 1] ? Math.floor((whole % size) / units[at + 1][0]) : 0;
  return `${Math.floor(whole / size)} ${word}${rest && at < 2 ? ` ${rest} ${units[at + 1][1]}` : ""}`;
};

const clockText = (now) => new Date(now * 1000).toISOString().slice(0, 19).replace("T", " ");

// "MLInputChannel" as "ML input channel"; the words of a kind as AWS writes them.
const words = (kind) => {
  const parted = kind.replace(/([A-Z]+)(?=[A-Z][a-z])|([a-z])(?=[A-Z])/g, "$1$2 ").split(" ");
  return parted.map((word, at) => (at && !/^[A-Z]{2}/.test(word) ? word.toLowerCase() : word)).join(" ").replace(/^Id /, "ID ");
};

const titleOf = (record) => record.name || record.arn.replace(/^arn:[^/]*\//, "") || record.kind;

// The run that a timeline shows now or showed last: its share so far, the seconds left, the status that comes.
const runOf = (timeline, now) => {
  const isBusy = (at) => toneOf(timeline[at]?.status ?? "") === "busy";
  const starts = timeline.flatMap(({ time }, at) => (time <= now && isBusy(at) && !isBusy(at - 1) ? [at] : []));
  const first = starts.at(-1) ?? (isBusy(0) ? 0 : -1);
  let last = first;
  while (isBusy(last)) last += 1;
  if (first < 0 || last === timeline.length) return null;
  const [begins, ends] = [timeline[first].time, timeline[last].time];
  const share = ends > begins ? Math.min(1, Math.max(0, (now - begins) / (ends - begins))) : 1;
  return { begins, ends, share, left: Math.max(0, ends - now), busy: now < ends, coming: timeline[last].status };
};

// Runs under way first, then those that ended last.
const runsView = (records, overview) => {
  const timelines = new Map(overview.runs.map((run) => [run.arn, run.timeline]));
  const shown = records.flatMap((record) => {
    const run = timelines.has(record.arn) ? runOf(timelines.get(record.arn), overview.now) : null;
    return run ? [{ key: record.arn, title: titleOf(record), kind: words(record.kind), status: record.status,
      tone: toneOf(record.status), percent: Math.round(run.share * 100), busy: run.busy, begins: run.begins,
      ends: run.ends, reason: record.data.statusDetails?.message ?? "",
      note: run.busy ? `${span(run.left)} left` : `${span(overview.now - run.ends)} ago` }] : [];
  });
  const busy = shown.filter((run) => run.busy).sort((a, b) => b.begins - a.begins);
  const ended = shown.filter((run) => !run.busy).sort((a, b) => b.ends - a.ends);
  return [...busy, ...ended.slice(0, ENDED_RUNS)];
};

const kindsView = (groups, records) => {
  const counts = new Map();
  const busy = new Set();
  for (const record of records) {
    counts.set(record.kind, (counts.get(record.kind) ?? 0) + 1);
    if (toneOf(record.status) === "busy") busy.add(record.kind);
  }
  return groups.map((group) => ({
    title: group.title,
    kinds: group.kinds.map((kind) => (
      { key: kind, label: words(kind), count: counts.get(kind) ?? 0, busy: busy.has(kind) })),
  }));
};

const recordsView = (records, kind, search) => {
  const wanted = search.trim().toLowerCase();
  return records
    .filter((record) => !kind || record.kind === kind)
    .filter((record) => !wanted || `${record.name}\n${record.arn}`.toLowerCase().includes(wanted))
    .map((record) => ({
      key: record.arn + record.kind, arn: record.arn, title: titleOf(record), kind: words(record.kind),
      status: record.status, tone: toneOf(record.status), where: `${record.account} · ${record.region}`,
      seeded: record.seeded, tags: Object.entries(record.tags).map(([name, value]) => `${name} = ${value}`),
      text: JSON.stringify(record.data, null, 2),
      canExpire: record.status === "ACTIVE" && "retentionInDays" in record.data,
    }))
    .reverse();
};

const journalView = (entries, changesOnly) => entries
  .filter((entry) => !changesOnly || !READING.test(entry.operation))
  .slice(-JOURNAL_ROWS)
  .map((entry) => ({
    key: String(entry.number), time: clockText(entry.time).slice(11),
    operation: entry.operation || `${entry.method} ${entry.path}`,
    result: entry.error || String(entry.status),
    tone: entry.error ? "bad" : "ok",
    subject: entry.arn, fault: entry.fault, effect: entry.tookEffect, message: entry.message,
    where: `${entry.account} · ${entry.region}${entry.caller ? ` · ${entry.caller}` : ""}`,
    text: JSON.stringify(entry.params, null, 2),
  }))
  .reverse();

// The journal so far and what came since; what the sandbox has forgotten goes.
const journalOf = (known, news, numbers) => {
  const kept = known.filter((entry) => entry.number >= numbers.first && entry.number <= numbers.last);
  const last = kept.length ? kept[kept.length - 1].number : 0;
  return [...kept, ...news.filter((entry) => entry.number > last)];
};

// What a screen reader says of the runs that changed their status.
const newsOf = (before, after) => after
  .filter((record) => before.has(record.arn) && before.get(record.arn) !== record.status)
  .map((record) => `${words(record.kind)} ${titleOf(record)} is ${record.status}`)
  .join(". ");

const faultText = (fault) => {
  const often = fault.count > 1 ? `next ${fault.count} calls of ` : "next call of ";
  return `${often}${fault.operation === "*" ? "anything" : fault.operation}: ${fault.kind.replaceAll("_", " ")}`;
};
