// What a script adds to a card that is whole without one: drafts that save themselves and outlive a lost connection,
// passages marked by selecting, a keyboard, and the seconds in use.
const form = document.getElementById("card");
const $ = (id) => document.getElementById(id);
const say = (name) => document.querySelector(`[data-say="${name}"]`).textContent;
const own = (name) => form.elements.namedItem(name);
const KEPT = `matria:${form.dataset.owner}:${location.pathname}`;
const PAUSE_MS = 1200, AGAIN_MS = 8000, IDLE_MS = 60000, PATIENCE_MS = 20000;
const MEASURES = new Set(["csrf", "version", "revision", "seconds"]);

// ---- what is filled in
const entries = () => [...new FormData(form)].filter(([name]) => !MEASURES.has(name));
const filled = () => JSON.stringify(entries());
let kept = filled(), timer = 0, sending = null, blocked = false;
let stopped = ""; // why nothing is saved from here any more: "gone", "other" (somebody else signed in) or "renewed" (she did)

function status(text, link, label = say("sign_in")) {
  $("status").textContent = text;
  if (link) {
    const way = document.createElement("a");
    way.href = link;
    way.textContent = label;
    $("status").append(" ", way);
  }
}

// ---- this device, while there is no connection
function keepHere() {
  if (stopped && stopped !== "renewed") return;
  try { localStorage.setItem(KEPT, JSON.stringify({ at: Date.now(), version: own("version").value, entries: entries() })); } catch { /* full or forbidden: the page still holds it */ }
}
function forgetHere() { try { localStorage.removeItem(KEPT); } catch { /* nothing was kept */ } }
function fill(list) {
  const has = (name, value) => list.some(([n, v]) => n === name && v === value);
  for (const field of form.elements) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = has(field.name, field.value);
    else if (field.name === "comment") field.value = (list.find(([name]) => name === "comment") || [0, ""])[1];
  }
  for (const [name, value] of list) if (name === "mark" && !document.querySelector(`input[name="mark"][value="${CSS.escape(value)}"]`)) addPassage(value);
  show();
}
function restore() {
  let found = null;
  try { found = JSON.parse(localStorage.getItem(KEPT)); } catch { return; }
  if (!found) return;
  if (JSON.stringify(found.entries) === kept) return forgetHere();
  fill(found.entries);
  status(say("restored"));
  own("version").value = found.version; // another window may have saved since: then both are shown
  save();
}

// ---- drafts; what comes of saving one is "saved", "offline", "failed", "signed_out", "differs" or why it stopped
function changed() { show(); clearTimeout(timer); timer = setTimeout(save, PAUSE_MS); }
async function save() {
  clearTimeout(timer);
  if (sending) { await sending; }
  if (stopped) { if (filled() !== kept) keepHere(); return stopped; }
  if (blocked) return "differs";
  if (filled() === kept) return "saved";
  sending = send();
  const outcome = await sending;
  sending = null;
  return outcome;
}
const HERE = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(12)).map((byte) => 97 + byte % 26)); // this window, while it is open
let posts = 0; // so that a draft whose answer was lost on the way is known as this window's own
const post = (options) => fetch(`${form.getAttribute("action")}/draft?lang=${document.documentElement.lang}`, {
  method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "x-csrf": own("csrf").value, "x-window": `${HERE}.${++posts}`, accept: "application/json" }, ...options,
});
async function patiently(ask) { // a connection that hangs counts as none, so that her button does not wait for ever
  const gone = new AbortController(), patience = setTimeout(() => gone.abort(new TypeError("no answer")), PATIENCE_MS);
  try { return await ask(gone.signal); } finally { clearTimeout(patience); }
}
async function send() {
  const now = filled();
  keepHere();
  try {
    const [answer, said] = await patiently(async (signal) => { const got = await post({ signal }); return [got, await got.json()]; });
    if (stopped) return stopped;
    if (answer.status === 409) return differ(said);
    if (answer.status === 410) return stop("gone", said.said);
    if (answer.status === 403) return said.is_hers ? stop("renewed", say("renewed")) : stop("other", say("other"));
    if (answer.status === 401) { status(say("signed_out"), said.sign_in); return "signed_out"; }
    if (!answer.ok) throw new Error(String(answer.status));
    own("version").value = said.version;
    kept = now;
    if (filled() === now) forgetHere();
    status(said.said);
    return "saved";
  } catch (error) {
    const reason = error instanceof TypeError ? "offline" : "failed"; // fetch says so where nobody answers
    status(say(reason));
    timer = setTimeout(save, AGAIN_MS);
    return reason;
  }
}
function stop(why, text) { // a session that is over, or a card that is none any more, does not come back by trying again
  stopped = why;
  if (why === "renewed") status(text, location.pathname, say("reload"));
  else { forgetHere(); status(text); }
  return why;
}
function differ({ version, revision, rows }) {
  blocked = true;
  status("");
  $("conflict").querySelector("tbody").replaceChildren(...rows.map((texts) => {
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    texts.forEach((text, column) => {
      const cell = document.createElement(column ? "td" : "th");
      cell.textContent = text;
      cell.setAttribute("role", column ? "cell" : "rowheader");
      if (!column) cell.scope = "row";
      row.append(cell);
    });
    return row;
  }));
  $("conflict").hidden = false;
  $("conflict").focus();
  $("keep-mine").onclick = () => { own("version").value = version; own("revision").value = revision; blocked = false; $("conflict").hidden = true; save(); form.querySelector("input[type=radio]").focus(); };
  $("keep-other").onclick = () => { forgetHere(); stopped = "gone"; location.assign(location.pathname + (own("revision").value === "0" ? "" : "?change=true")); };
  return "differs";
}
addEventListener("online", () => save());
addEventListener("offline", () => { keepHere(); status(say("offline")); });
addEventListener("signed-out", () => { stopped = "gone"; });
document.querySelector("[data-sign-out]").form.addEventListener("submit", () => { leave(); stopped = "gone"; forgetHere(); });
addEventListener("pagehide", leave);
function leave() { // what was typed within the last second; a page that goes hears no answer, so this device keeps it as well
  if (leaving || filled() === kept) return;
  keepHere();
  if (!stopped && !blocked) post({ keepalive: true }).catch(() => {});
}
form.addEventListener("input", (event) => {
  const group = event.target.closest(".asked");
  if (group) group.removeAttribute("aria-invalid");
  changed();
});
document.querySelector(".reading").addEventListener("change", changed);

// ---- sending the card: first as a draft, so that without a connection nothing is lost and she stays here
let leaving = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (leaving) return;
  leaving = true;
  const button = event.submitter || $("send");
  button.setAttribute("aria-disabled", "true");
  if (!stopped && !blocked) status(say("sending"));
  const outcome = filled() === kept && !blocked ? await reached() : await save();
  button.removeAttribute("aria-disabled");
  leaving = outcome === "saved";
  if (outcome === "offline") status(say("offline_send"));
  if (outcome === "differs") $("conflict").focus(); // she has to choose first, and it may be far above
  if (outcome === "gone") location.assign(location.pathname);
  if (!leaving) return;
  forgetHere();
  if (button.formAction && button.id === "save") form.action = button.formAction;
  form.submit();
});
async function reached() {
  try { await patiently((signal) => fetch("/healthz", { cache: "no-store", signal })); return "saved"; } catch { keepHere(); return "offline"; }
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); }); // back to a card that was sent

// ---- counts
const letters = $("letters"), most = Number(form.dataset.most);
const groups = [...form.querySelectorAll(".asked")];
const choice = (group) => group.querySelector("input:checked");
function show() {
  const used = [...$("comment").value].length;
  letters.textContent = form.dataset.letters.replace("%used%", used);
  letters.classList.toggle("over", used > most);
  letters.hidden = used < most * 3 / 4;
  $("answered").textContent = form.dataset.answered.replace("%n%", groups.filter(choice).length);
  highlight();
}
let seconds = Number(own("seconds").value) || 0, active = Date.now();
own("seconds").value = String(seconds);
for (const kind of ["pointerdown", "keydown", "scroll", "input"]) addEventListener(kind, () => { active = Date.now(); }, { passive: true });
setInterval(() => { if (!document.hidden && Date.now() - active < IDLE_MS) own("seconds").value = String(++seconds); }, 1000);

// ---- passages
const points = (text) => [...text].length; // the server counts characters, a browser halves of them
function place(index, at) { // where the character `at` of a message stands in the page
  const walker = document.createTreeWalker(document.querySelector(`[data-index="${index}"]`), NodeFilter.SHOW_TEXT);
  let left = at;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const signs = [...node.data];
    if (left <= signs.length) return [node, signs.slice(0, left).join("").length];
    left -= signs.length;
  }
  return null;
}
function rangeOf(mark) {
  const [index, start, end] = mark.split(":").map(Number), range = document.createRange();
  const from = place(index, start), to = place(index, end);
  if (!from || !to) return null;
  range.setStart(...from);
  range.setEnd(...to);
  return range;
}
function selected() {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  const text = (range.startContainer.nodeType === 1 ? range.startContainer : range.startContainer.parentElement).closest("[data-index]");
  if (!text) return null;
  if (!text.contains(range.endContainer)) range.setEnd(text, text.childNodes.length);
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  const said = range.toString(), start = points(before.toString()) + points(said) - points(said.trimStart());
  const length = points(said.trim());
  return length ? `${text.dataset.index}:${start}:${start + length}` : null;
}
function addPassage(mark) {
  const range = rangeOf(mark);
  if (!range) return;
  const label = document.createElement("label"), box = document.createElement("input"), quote = document.createElement("q");
  label.className = "passage";
  Object.assign(box, { type: "checkbox", name: "mark", value: mark, checked: true });
  box.setAttribute("form", "card");
  quote.lang = range.startContainer.parentElement.closest("[lang]").lang;
  quote.textContent = range.toString();
  label.append(box, " ", quote);
  $("passages").append(label);
  $("passages").hidden = false;
}
function highlight() {
  if (!globalThis.Highlight || !CSS.highlights) return;
  const ranges = [...document.querySelectorAll(".passage input:checked")].map((box) => rangeOf(box.value)).filter(Boolean);
  CSS.highlights.set("passage", new Highlight(...ranges));
}
document.addEventListener("selectionchange", () => { $("mark-selection").hidden = !selected(); });
$("mark-selection").addEventListener("pointerdown", (event) => event.preventDefault());
$("mark-selection").addEventListener("click", () => {
  const mark = selected(), box = mark && document.querySelector(`input[name="mark"][value="${mark}"]`);
  if (box) box.checked = true; else if (mark) addPassage(mark);
  getSelection().removeAllRanges();
  changed();
});

// ---- keyboard: single keys do nothing while she types, and can be switched off (WCAG 2.2, 2.1.4)
const dialog = $("keys"), useKeys = $("use-keys");
try { useKeys.checked = localStorage.getItem("matria-keys") !== "off"; } catch { /* stays on */ }
const shown = () => document.body.classList.toggle("with-keys", useKeys.checked);
useKeys.addEventListener("change", () => { shown(); try { localStorage.setItem("matria-keys", useKeys.checked ? "on" : "off"); } catch { /* for this page alone */ } });
$("show-keys").hidden = $("answered").hidden = false;
$("show-keys").addEventListener("click", () => dialog.showModal());
const isWriting = (place) => place.matches("textarea, select, input:not([type=radio]):not([type=checkbox])") || place.isContentEditable;
function answer(number) {
  const at = document.activeElement.closest(".asked") || groups.find((group) => !choice(group)) || groups[0];
  const option = at.querySelectorAll("input")[number - 1];
  if (!option) return;
  option.checked = true;
  option.dispatchEvent(new Event("input", { bubbles: true }));
  const next = groups[groups.indexOf(at) + 1];
  (next ? choice(next) || next.querySelector("input") : $("send")).focus();
}
addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!dialog.open) form.requestSubmit($("send")); return; }
  if (dialog.open || !useKeys.checked || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  if (/^[1-5]$/.test(event.key)) answer(Number(event.key));
  else if (event.key === "n") location.assign(form.dataset.next);
  else if (event.key === "?") dialog.showModal();
  else return;
  event.preventDefault();
});

shown();
show();
restore();
