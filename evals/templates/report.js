"use strict";
(() => {
  const bar = document.getElementById("filters");
  const help = document.getElementById("help");
  if (!bar || !help) return;
  const cases = Array.from(document.querySelectorAll("details.case"));
  const search = document.getElementById("filter-search");
  const selects = Array.from(bar.querySelectorAll("select"));
  const count = document.getElementById("shown");
  const keysOn = document.getElementById("keys-on");
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  const textOf = (item) => {
    if (!texts.has(item)) texts.set(item, fold(item.textContent));
    return texts.get(item);
  };
  const matches = (item, words) =>
    selects.every((field) => !field.value || item.dataset[field.name].split(" ").includes(field.value)) &&
    words.every((word) => textOf(item).includes(word));

  const apply = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of cases) {
      item.hidden = !matches(item, words);
      shown += item.hidden ? 0 : 1;
    }
    count.textContent = count.dataset.text.replace("{0}", shown).replace("{1}", cases.length);
  };

  let current = null;
  const summaryOf = (item) => item.querySelector("summary");
  const goTo = (item) => {
    current = item;
    summaryOf(item).focus();
    summaryOf(item).scrollIntoView({ block: "start" });
  };
  const step = (by) => {
    const open = cases.filter((item) => !item.hidden);
    if (!open.length) return;
    const focused = document.activeElement.closest("details.case") || current;
    const at = open.indexOf(focused);
    const next = at < 0 ? (by > 0 ? 0 : open.length - 1) : Math.min(Math.max(at + by, 0), open.length - 1);
    goTo(open[next]);
  };
  const toggle = () => {
    const item = document.activeElement.closest("details.case") || current;
    if (item && !item.hidden) {
      item.open = !item.open;
      goTo(item);
    }
  };
  const commands = {
    j: () => step(1),
    k: () => step(-1),
    o: toggle,
    "/": () => search.focus(),
    "?": () => help.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (typing && event.key === "Escape") typing.blur();
    if (typing || help.open || !keysOn.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const command = commands[event.key];
    if (command) {
      event.preventDefault();
      command();
    }
  });
  const openLinked = () => {
    const item = cases.find((one) => one.id === decodeURIComponent(location.hash.slice(1)));
    if (item) {
      item.open = true;
      goTo(item);
    }
  };

  search.addEventListener("input", apply);
  for (const field of selects) field.addEventListener("change", apply);
  document.getElementById("clear").addEventListener("click", () => {
    search.value = "";
    for (const field of selects) field.value = "";
    apply();
  });
  document.getElementById("show-keys").addEventListener("click", () => help.showModal());
  document.getElementById("close-help").addEventListener("click", () => help.close());
  window.addEventListener("hashchange", openLinked);

  const plain = document.getElementById("plain");
  if (plain) {
    plain.hidden = true;
    document.getElementById("only-changed").checked = false;
  }
  bar.hidden = false;
  apply();
  if (location.hash) openLinked();
})();
