// The side panel: whose self-test this is, how far it has come, every question with its state, and the way to the next open one.

const STATES = {
  answered: ["✓", "answered"],
  not_applicable: ["–", "does not apply"],
  dont_know: ["?", "don't know"],
  disputed: ["≠", "disputed"],
  confirm: ["↻", "to confirm from last round"],
  open: ["○", "open"],
};
const OPEN = ["open", "confirm"];
const MARKS = { own: "own", changed: "changed" }; // what stands behind the title of a workbook that is not as citygrow built it

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Make the panel. `goTo(file, code)` leads to a workbook's form; `current()` is the notebook panel in front, or null; `toggleCode()`
 * shows or hides its code; `keeping` says where answers are kept, if not on a server.
 */
export function sidePanel({ Widget, goTo, current, toggleCode, keeping = "" }) {
  const states = new Map(); // notebook panel to what its kernel last said
  const unfolded = new Map(); // file to whether a person folded or unfolded it
  const around = new Map(); // folder to what stands in it, as the server says
  let latest = null;
  let there = true;
  let refusal = "";
  let atCode = "";
  let next = () => {};

  const head = make("div", { class: "cgg-head" });
  const onward = make("button", { type: "button", class: "cgg-main", onclick: () => next() }, "Next open question", make("kbd", {}, "Ctrl+Enter"));
  const saved = make("p", { class: "cgg-saved", role: "status" });
  const list = make("ul", { class: "cgg-workbooks" });
  const download = make("button", { type: "button", onclick: () => press(".cgw-download") }, "Download my answers");
  const report = make("button", { type: "button", onclick: () => goTo(workbook("results").file, "exports") }, "Make the report");
  const code = make("button", { type: "button", onclick: () => toggleCode() }, "Show or hide the code");
  const foot = make("div", { class: "cgg-foot" }, download, report, code);
  const node = make("section", { class: "cgg", "aria-label": "Guide" }, head, onward, saved, list, foot);

  const widget = new Widget({ node });
  widget.id = "citygrow-guide";
  widget.title.label = "Guide";
  widget.title.caption = "Guide: how far you are, and where to go next";
  widget.title.closable = false;

  const press = (selector) => {
    const shown = current()?.node.querySelector(selector) ?? document.querySelector(selector);
    shown?.click();
  };
  const workbook = (kind) => latest?.workbooks.find((item) => item.kind === kind);
  const items = () => (latest?.workbooks ?? []).flatMap((book) => book.items.map((item) => ({ ...item, file: book.file })));

  const fileOf = (panel) => panel?.context.path.split("/").pop();
  const entriesAround = (panel) => around.get(panel?.context.path.split("/").slice(0, -1).join("/")) ?? [];
  const isOwn = (panel) => entriesAround(panel).some(({ file, state }) => state === "own" && file === fileOf(panel));

  /** The workbooks of the folder, in the order of their names: those of the kernel, which knows how far they are, and own ones. */
  const workbooks = (panel) => {
    const entries = entriesAround(panel);
    const built = latest?.workbooks ?? [];
    // Where nothing has run yet, an own workbook shows all the same where to go.
    const more = entries.filter(({ state }) => (latest ? state === "own" : isOwn(panel)));
    return [...built, ...more.map(({ file, title }) => ({ file, title, items: [] }))]
      .map((book) => ({ ...book, ...entries.find(({ file }) => file === book.file), title: book.title }))
      .sort((one, other) => (one.file < other.file ? -1 : 1));
  };

  const tellSaved = () => {
    const { pending = {}, lastSaved = "", forgetful = false } = window.citygrowSession ?? {};
    const count = Object.keys(pending[latest?.at] ?? {}).length;
    const waiting = count === 1 ? "1 change is not saved yet." : `${count} changes are not saved yet.`;
    const kept = forgetful ? " This browser keeps nothing: download before you close this page." : " What you type is kept in this browser.";
    const text = !there
      ? `The server does not answer, or cannot run this workbook; this page goes on trying.${kept}`
      : refusal ? `${refusal}. Nothing can be saved until then.`
        : count ? waiting : lastSaved ? `Everything is saved (${lastSaved}).` : "Every answer is saved as you give it.";
    saved.classList.toggle("cgg-alarm", !there || refusal !== "");
    const whole = [text, refusal ? "" : keeping].join(" ").trim();
    if (saved.textContent !== whole) saved.textContent = whole;
  };

  const question = (book, item) => {
    const [mark, words] = STATES[item.state];
    return make("li", { class: `cgg-${item.state}` },
      make("button", { type: "button", "data-code": item.code, "aria-current": item.code === atCode ? "true" : null, title: item.text, onclick: () => goTo(book.file, item.code) },
        make("span", { class: "cgg-mark", "aria-hidden": "true", "data-mark": mark }),
        make("span", { class: "cgg-text" }, make("strong", {}, item.code), ` ${item.text}`),
        make("span", { class: "cgg-hidden" }, `, ${words}`)));
  };

  const tag = ({ state, trusted }) => MARKS[state] &&
    make("span", { class: "cgg-tag", title: trusted ? null : "It is asked before it runs." }, MARKS[state], make("span", { class: "cgg-hidden" }, trusted ? "" : ", asks before it runs"));

  const entry = (book, here) => {
    const open = book.items.filter((item) => OPEN.includes(item.state)).length;
    const whole = book.items.length;
    if (!whole) {
      return make("li", {}, make("button", { type: "button", class: "cgg-workbook", "data-file": book.file, "aria-current": here ? "page" : null, onclick: () => goTo(book.file) }, make("bdi", { class: "cgg-title" }, book.title), tag(book)));
    }
    const count = open ? `${whole - open} of ${whole}` : `${whole} of ${whole} ✓`;
    const details = make("details", { open: unfolded.get(book.file) ?? here },
      make("summary", { "data-file": book.file, "aria-current": here ? "page" : null }, make("span", { class: "cgg-title" }, book.title), tag(book), make("span", { class: "cgg-count" }, count)),
      make("ul", {}, ...book.items.map((item) => question(book, item))));
    details.addEventListener("toggle", () => {
      if (details.open === (unfolded.get(book.file) ?? here)) return;
      unfolded.set(book.file, details.open);
    });
    return make("li", {}, details);
  };

  const draw = () => {
    const held = document.activeElement && node.contains(document.activeElement) ? document.activeElement.dataset : null;
    const panel = current();
    const file = fileOf(panel);
    const done = items();
    onward.hidden = report.hidden = download.hidden = !latest?.at;
    code.hidden = !isOwn(panel);
    if (!latest && isOwn(panel)) {
      head.replaceChildren(make("p", {}, "These are the workbooks of this folder."));
    } else if (!latest) {
      head.replaceChildren(make("p", {}, "The way through the workbooks stands here as soon as this one has run."));
    } else if (!latest.at) {
      head.replaceChildren(make("h2", {}, latest.toolkit), make("p", {}, "Name your city to begin."));
    } else {
      const answered = (kind) => {
        const those = latest.workbooks.filter((book) => book.kind === kind).flatMap((book) => book.items);
        return [those.filter((item) => !OPEN.includes(item.state)).length, those.length];
      };
      const [given, questions] = answered("factor");
      const [read, contexts] = answered("context");
      const change = latest.answering && make("button", { type: "button", class: "cgg-small", onclick: () => panel?.node.querySelector(".cgw-session select")?.focus() }, "Change");
      head.replaceChildren(
        make("h2", {}, make("bdi", {}, latest.city), make("span", { class: "cgg-round" }, `round ${latest.round}`)),
        make("p", {}, `${given} of ${questions} questions answered${contexts ? `, ${read} of ${contexts} context factors read` : ""}`),
        make("progress", { value: String(given), max: String(questions), "aria-label": "Questions answered" }),
        make("p", { class: "cgg-who" }, "You answer as ", make("bdi", {}, latest.answering), " ", change));
    }
    list.replaceChildren(...workbooks(panel).map((book) => entry(book, book.file === file)));
    onward.firstChild.textContent = done.some((item) => OPEN.includes(item.state)) ? "Next open question" : "Go to the results";
    if (held) node.querySelector(held.code ? `[data-code="${held.code}"]` : held.file ? `[data-file="${held.file}"]` : ".cgg-main")?.focus({ preventScroll: true });
    tellSaved();
  };

  // Which form the keyboard is in, so that “next” means the one after it.
  document.addEventListener("focusin", (event) => {
    const code = event.target.closest?.("form[aria-label]")?.getAttribute("aria-label").split(" ").pop();
    if (!code || code === atCode || !items().some((item) => item.code === code)) return;
    atCode = code;
    for (const button of list.querySelectorAll("[data-code]")) {
      if (button.dataset.code === code) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
    list.querySelector(`[data-code="${code}"]`)?.scrollIntoView({ block: "nearest" });
  });
  const watch = () => (window.citygrowSession ? window.citygrowSession.watchers.add(tellSaved) : setTimeout(watch, 500));
  watch();
  draw();

  return {
    widget,
    node,
    workbook,
    onNext(doNext) {
      next = doNext;
    },
    /** The first open item after the one the keyboard is in, with its file; from the top when there is none after it. */
    nextOpen() {
      const all = items();
      const at = all.findIndex((item) => item.code === atCode);
      const open = (item) => OPEN.includes(item.state);
      return all.slice(at + 1).find(open) ?? all.find(open) ?? null;
    },
    /** Take over what the kernel of a notebook panel says. */
    take(panel, state) {
      states.set(panel, state);
      if (panel === current() || !latest || latest.at === state.at) latest = state;
      draw();
    },
    /** Show what belongs to the notebook panel in front. */
    turn(panel) {
      const known = states.get(panel);
      // Another kernel may have seen an answer that this one has not looked for yet.
      if (known && known.at !== latest?.at) latest = known;
      draw();
    },
    /** Take over what stands in a folder. */
    note(folder, entries) {
      if (JSON.stringify(around.get(folder) ?? []) === JSON.stringify(entries)) return;
      around.set(folder, entries);
      draw();
    },
    forget(panel) {
      states.delete(panel);
    },
    /** Say that the browser refuses to keep answers, and why; "" when it does not. */
    refused(why) {
      if (why === refusal) return;
      refusal = why;
      tellSaved();
    },
    connected(now) {
      if (now === there) return;
      there = now;
      tellSaved();
    },
  };
}
