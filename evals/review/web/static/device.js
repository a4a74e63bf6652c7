// On each page of somebody who is signed in: what a card kept on this device goes once it is done with. It stays where it
// is hers, not a week old, and newer than what the server has of that card; so nobody finds another's words on the device.
const WEEK_MS = 7 * 24 * 3600 * 1000;
const { owner, done } = document.body.dataset;
const ofOthers = (name) => !name.startsWith(`matria:${owner}:`);
const isDone = (name, at) => done && name === `matria:${owner}:${location.pathname}` && at <= Number(done);
function keptAt(name) { try { return Number(JSON.parse(localStorage.getItem(name)).at) || 0; } catch { return 0; } }
function clear(isOver) {
  try {
    for (const name of Object.keys(localStorage).filter((one) => one.startsWith("matria:"))) if (isOver(name)) localStorage.removeItem(name);
  } catch { /* nothing can be kept on this device either */ }
}
clear((name) => ofOthers(name) || isDone(name, keptAt(name)) || Date.now() - keptAt(name) > WEEK_MS);

// ---- signing out: every window of this browser leaves its card
const windows = new BroadcastChannel("matria");
const out = document.querySelector("[data-sign-out]");
if (out) out.form.addEventListener("submit", () => { clear(() => true); windows.postMessage("out"); });
windows.addEventListener("message", ({ data }) => {
  if (data !== "out") return;
  dispatchEvent(new Event("signed-out"));
  clear(() => true); // what this window kept after the other had cleared
  location.replace("/sign-in?out=1");
});
