// The head of a workbook: whose answers, how far one has come, who is answering, and the download that needs no server.

/** “Run All Cells” leaves people at the last cell, with all forms above them; the guide scrolls by itself. */
function backToTop(el) {
  if (guided(el)) return;
  const last = [...(el.closest(".jp-Notebook")?.querySelectorAll(".jp-Cell") ?? [])].at(-1);
  if (last?.classList.contains("jp-mod-active")) el.closest(".jp-WindowedPanel-outer")?.scrollTo({ top: 0 });
}

/** Why no city is open, and where to name one. */
function nothingOpen({ trouble, alarming, start }) {
  const way = start && make("p", {}, inside(make("a", { href: start.file }, `Open ${start.title}`)));
  return make("section", { class: "cgw-session", "aria-label": "This workbook" }, make("p", { class: alarming ? "cgw-trouble" : "cgw-label", dir: "auto" }, trouble), way);
}

function drawDesk({ state, channel }) {
  const { at } = state;
  const status = statusLine();
  const shown = (el) => {
    tellGuide(el, "state", { ...state.way, at });
    backToTop(el);
  };
  if (!at) return { element: nothingOpen(state), shown };
  const progress = make("div");
  place(progress, state.html);

  const id = unique("respondent");
  const select = make("select", { id });
  let current;
  const fill = (respondents, key) => {
    current = key;
    select.replaceChildren(...respondents.map((r) => make("option", { value: r.key }, r.role)), make("option", { value: "" }, "Somebody else …"));
    select.value = other.hidden ? key : "";
  };
  const role = field("Department, partner or role", "", {});
  const kinds = [
    ["institution", "For a department or partner: its answers are shown by its name"],
    ["person", "For myself: persons are never shown alone, and their words stand without names"],
    ["peer", "For another city that reviews this one: its view is shown by its name, beside the city's own"],
  ].map(([value, text], i) => {
    const radio = make("input", { type: "radio", name: `${id}-kind`, value, checked: i === 0 });
    return { radio, row: make("label", { class: "cgw-kind" }, radio, ` ${text}`) };
  });
  const from = field("City that you come from", "", {});
  from.row.hidden = true;
  for (const { radio } of kinds) radio.addEventListener("change", () => { from.row.hidden = chosen() !== "peer"; });
  const chosen = () => kinds.find(({ radio }) => radio.checked).radio.value;
  const add = make("button", { type: "button", onclick: () => choose({ do: "respondent", role: role.control.value, kind: chosen(), from: from.control.value }) }, "Answer as this one");
  const whose = make("fieldset", {}, make("legend", {}, "For whom do you answer?"), ...kinds.map(({ row }) => row), from.row);
  const other = make("div", { class: "cgw-other", hidden: true }, role.row, whose, add);
  fill(state.respondents, state.respondent);
  // A new kernel begins with the agreed answer; whoever answered as somebody else in this window still does.
  const kept = `citygrow:${state.home}:${at}:respondent`;
  const remember = (key) => {
    try {
      sessionStorage.setItem(kept, key);
    } catch {
      // Then it must be chosen again.
    }
  };
  const remembered = () => {
    try {
      return sessionStorage.getItem(kept);
    } catch {
      return null;
    }
  };
  const choose = async (message) => {
    const reply = await channel.send(message);
    status.show(reply.ok ? "saved" : "trouble", reply.text);
    if (!reply.ok) {
      if (message.key) select.value = current; // the answers below are still this one's
      return;
    }
    if (other.contains(document.activeElement)) select.focus();
    other.hidden = true;
    select.value = current;
  };
  select.addEventListener("change", () => {
    other.hidden = select.value !== "";
    if (select.value !== "") choose({ do: "respondent", key: select.value });
  });

  const ready = make("button", { type: "button", onclick: () => finish() }, "I am ready");
  const finish = async () => {
    const reply = await channel.send({ do: "ready" });
    status.show(reply.ok ? "saved" : "trouble", reply.text);
  };
  const waiting = make("p", { class: "cgw-hint", dir: "auto" });
  const countNow = async (last) => {
    if (last && !window.confirm("End asking? All who still wait are then counted together, whatever their role, if they are five or more on a question.")) return;
    const reply = await channel.send({ do: "count", last });
    status.show(reply.ok ? "saved" : "trouble", reply.text);
  };
  const tellWaiting = (text, respondent) => {
    ready.hidden = !respondent.startsWith("h-");
    waiting.hidden = !text;
    waiting.replaceChildren(...(text ? [`${text} `, make("button", { type: "button", onclick: () => countNow(false) }, "Count them"), " ", make("button", { type: "button", onclick: () => countNow(true) }, "End asking")] : []));
  };
  tellWaiting(state.waiting, state.respondent);

  // A data link, made in this page: it works when the server is gone, and holds what was typed since the last save.
  const link = make("a", { class: "cgw-button cgw-download", href: "#", download: state.file }, "Download my answers");
  link.addEventListener("click", (event) => {
    const text = session.download(at);
    if (text === null) event.preventDefault();
    else link.href = `data:application/json;charset=utf-8,${encodeURIComponent(text)}`;
  });
  // Its place is kept, or all forms would move under the mouse; with the guide its panel says this.
  const unsaved = make("p", { class: "cgw-hint cgw-unsaved" });
  const tell = () => {
    const count = Object.keys(session.pending[at] ?? {}).length;
    const keeps = session.forgetful ? " This browser keeps nothing: download before you close or reload this page." : "";
    unsaved.textContent = count ? `${count === 1 ? "1 change is" : `${count} changes are`} not saved${onSite() ? "" : " on the server"} yet; the download holds what is complete.${keeps}` : "";
  };
  session.watchers.add(tell);
  tell();
  const before = remembered();
  if (before && before !== current && (before.startsWith("h-") || state.respondents.some((r) => r.key === before))) choose({ do: "respondent", key: before });

  // Without the guide the text cells say this, unfolded.
  const about = state.about ? make("details", { class: "cgw-about" },
    make("summary", {}, "What good looks like, and why it matters"),
    ...state.about.map(([title, text]) => [make("h2", {}, title), make("p", {}, text)]).flat()) : null;
  const element = make("section", { class: "cgw-session", "aria-label": "This workbook" }, progress,
    make("div", { class: "cgw-desk" }, make("div", { class: "cgw-field cgw-inline" }, make("label", { for: id }, "I answer as"), select, ready),
      make("p", {}, link)), unsaved, waiting, other, status.line, about);
  return {
    element,
    status,
    shown,
    stop: () => session.watchers.delete(tell),
    update(next) {
      if (next.at !== at) return false;
      place(progress, next.html);
      tellGuide(element, "state", { ...next.way, at });
      fill(next.respondents, next.respondent);
      tellWaiting(next.waiting, next.respondent);
      remember(next.respondent);
      return true;
    },
  };
}

export default panel(drawDesk);
