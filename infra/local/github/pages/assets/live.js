// Keeps a page as it is on the server: parts are replaced when they change, and buttons do not reload the page.
const page = document.documentElement;
let connected = false;

/** Shows moments in the reader's own time zone. */
function localise(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const today = at.toDateString() === new Date().toDateString();
    element.textContent = today ? at.toLocaleTimeString() : at.toLocaleString();
    element.title = at.toLocaleString();
  }
}

/** Puts a part's new content in its place; what was opened or typed stays, and what is new is shown as such. */
function replace({ id, html, revision }) {
  const place = document.getElementById(id);
  if (place === null || place.dataset.revision === revision) return;
  const opened = [...place.querySelectorAll("details[open][id]")].map((element) => element.id);
  const typed = [...place.querySelectorAll("textarea[id]")]
    .filter((element) => element.value !== element.defaultValue)
    .map(({ id: name, value }) => ({ name, value }));
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.testid : undefined;
  const before = new Map([...place.querySelectorAll("[id][data-revision]")].map((e) => [e.id, e.dataset.revision]));
  place.innerHTML = html;
  place.dataset.revision = revision;
  for (const element of opened) document.getElementById(element)?.setAttribute("open", "");
  for (const { name, value } of typed) {
    const field = document.getElementById(name);
    if (field !== null) field.value = value;
  }
  if (focused !== undefined) place.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus();
  for (const element of place.querySelectorAll("[id][data-revision]")) {
    if (before.get(element.id) !== element.dataset.revision) element.classList.add("fresh");
  }
  localise(place);
}

function say(text) {
  const notice = document.getElementById("notice");
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => {
    notice.hidden = true;
  }, 8000);
}

/** Sends a form without leaving the page, unless what it makes is elsewhere. */
async function send(form, submitter) {
  const buttons = [...form.querySelectorAll("button")];
  const body = new URLSearchParams(new FormData(form, submitter));
  for (const button of buttons) button.disabled = true;
  form.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(form.action, { method: "POST", headers: { accept: "application/json" }, body });
    const answer = await response.json();
    if (!response.ok) {
      say(answer.message);
      return;
    }
    const target = new URL(answer.location, location.href);
    const stays = target.pathname === location.pathname || form.closest(".deliveries") !== null;
    if (stays && connected) {
      form.reset();
      const opened = form.closest("details.tools")?.id;
      if (opened !== undefined) document.getElementById(opened)?.removeAttribute("open");
    } else location.assign(target);
  } catch {
    say("The stand-in does not answer.");
  } finally {
    form.removeAttribute("aria-busy");
    for (const button of buttons) button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-live]")) return;
  event.preventDefault();
  void send(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

/** Listens while somebody looks: browsers allow few connections, and there may be many tabs. */
function listen(address) {
  const events = new EventSource(address);
  events.addEventListener("open", () => {
    connected = true;
    page.dataset.live = "on";
  });
  events.addEventListener("error", () => {
    connected = false;
    page.dataset.live = "off";
  });
  events.addEventListener("part", (event) => replace(JSON.parse(event.data)));
  return () => {
    events.close();
    connected = false;
    page.dataset.live = "off";
  };
}

localise(document);
const address = document.body.dataset.events;
if (address !== undefined) {
  let stop = document.hidden ? undefined : listen(address);
  document.addEventListener("visibilitychange", () => {
    stop?.();
    stop = document.hidden ? undefined : listen(address);
  });
}
