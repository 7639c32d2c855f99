// What every panel is made of: elements, the keyboard guard, messages to Python, drafts, the download link.
// Joined with one panel's file by Python; a panel calls `panel(draw)` and exports the result.

/** Make an element. Properties starting with "on" are listeners; text never becomes markup. */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An id that no other panel of the page has: every panel is a module of its own, so the count is the page's. */
const unique = (name) => `cg-${name}-${(window.citygrowCount = (window.citygrowCount ?? 0) + 1)}`;

// What JupyterLab would do with these while Ctrl, Meta or Alt is held: run, insert, merge, move or select cells, undo.
const CELL_KEYS = /^(Enter|Backspace|Delete|Home|End|Arrow\w+|[-_amyz])$/i;

/** Keep keys inside the form: JupyterLab would move, cut, merge or delete cells. What is meant for the window, such as Ctrl+S, goes on. */
function guard(element) {
  element.addEventListener("keydown", (event) => {
    const held = event.ctrlKey || event.metaKey || event.altKey;
    // AltGr types a letter, such as the Polish ą, and is reported as Ctrl and Alt.
    if (!held || event.getModifierState("AltGraph") || CELL_KEYS.test(event.key)) event.stopPropagation();
  });
}

/** A list to choose one of, with its label; `choices` are pairs of value and name. */
function selection(label, value, choices) {
  const id = unique("select");
  const control = make("select", { id }, ...choices.map(([code, name]) => make("option", { value: code }, name)));
  control.value = value ?? "";
  return { row: make("div", { class: "cgw-field" }, make("label", { for: id }, label), control), control };
}

/** A text field with its label; `lines` > 1 makes it a text area. */
function field(label, value, { lines = 1, dir = "auto", oninput, onchange, list, placeholder, type } = {}) {
  const id = unique("field");
  // As long as an answer may be: what is longer would be refused, and would spoil the file to download.
  const control = lines > 1 ? make("textarea", { id, rows: lines, dir, maxlength: 20000 }) : make("input", { id, type: type ?? "text", dir, list, maxlength: 500 });
  control.value = value ?? "";
  if (placeholder) control.placeholder = placeholder;
  if (oninput) control.addEventListener("input", oninput);
  if (onchange) control.addEventListener("change", onchange);
  const name = make("label", { for: id }, label);
  return { row: make("div", { class: "cgw-field" }, name, control), control, name };
}

/** The line that says what became of the last change. */
function statusLine() {
  const line = make("p", { class: "cgw-status", role: "status", tabindex: "-1" });
  const show = (kind, text, ...more) => {
    const held = line.contains(document.activeElement);
    line.className = `cgw-status cgw-${kind}`;
    line.replaceChildren(text, ...more);
    if (held) line.focus(); // its button is gone, and whoever pressed it must not be thrown out of the form
  };
  return { line, show };
}

/** Buttons that stand in a status line. */
const choices = (...pairs) =>
  make("span", { class: "cgw-choice" }, ...pairs.map(([label, onclick]) => make("button", { type: "button", onclick }, label)));

/** The time here, which need not be the server's. */
const clock = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Whether the guide looks after this notebook: it runs it by itself, shows progress beside it, and leads from form to form. */
const guided = (element) => element.closest("[data-citygrow-guide]") !== null;

/** Tell the guide something; without it nobody listens. */
const tellGuide = (element, what, detail) => element.dispatchEvent(new CustomEvent(`citygrow:${what}`, { bubbles: true, detail }));

/** Whether there is no server: on a site the kernel is in the browser. */
const onSite = () => "citygrowSite" in document.documentElement.dataset;

const RUN_ALL = " In the menu Run, choose Run All Cells";
const silent = (led) => `${onSite() ? "Not saved: this workbook does not answer." : "Not saved: the server does not answer."} What you typed is kept here.${led ? " This page goes on trying; if it takes long" : `${RUN_ALL}; if that does not help`}, download your answers and start again.`;
const cutOff = (led) => `This form is cut off, because its kernel was restarted. What you type is kept here but not saved.${led ? " It comes back in a moment." : `${RUN_ALL}.`}`;

/** Send messages to Python, and give each its reply; no reply in time means that nobody is there. */
function post(model, el) {
  const waiting = new Map();
  let serial = 0;
  let dead = "";
  let closed = false;
  const received = (reply) => {
    const entry = waiting.get(reply?.serial);
    if (!entry) return;
    waiting.delete(reply.serial);
    clearTimeout(entry.timer);
    entry.answered(reply);
    hangUp();
  };
  // A form that is gone still hears what became of its last save.
  const hangUp = () => { if (closed && !waiting.size) model.off("msg:custom", received); };
  model.on("msg:custom", received);
  const lost = (text) => ({ ok: false, lost: true, text });
  /** Resolves with the reply. One that comes later than `patience` milliseconds is given to `late`. */
  const send = (message, { patience = 8000, late = () => {} } = {}) =>
    new Promise((resolve) => {
      if (dead) return resolve(lost(dead));
      serial += 1;
      const own = `${serial}-${Math.random().toString(36).slice(2)}`;
      const giveUp = (text) => {
        clearTimeout(entry.timer);
        entry.answered = late;
        resolve(lost(text));
      };
      const entry = { answered: resolve, giveUp, timer: setTimeout(() => giveUp(silent(guided(el))), patience) };
      waiting.set(own, entry);
      try {
        model.send({ ...message, serial: own });
      } catch {
        giveUp(silent(guided(el)));
      }
    });
  return {
    send,
    closed: () => closed,
    isCut: () => dead !== "",
    /** From now on nobody is there. */
    cut() {
      dead = cutOff(guided(el));
      for (const entry of [...waiting.values()]) entry.giveUp(dead);
    },
    stop() {
      closed = true;
      hangUp();
    },
  };
}

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What was typed and is not saved yet, kept in this browser so that a reload does not lose it: `{complete, value, seen}`, where
 * `seen` is what was on screen before, so that what somebody else saved meanwhile is not overwritten unseen.
 * An item is `kind|respondent|code`.
 */
const drafts = {
  home: "", // of the workspace: one address serves many, one after the other
  key(at, item) {
    return `citygrow:${this.home}:${at}:${item}`;
  },
  /** What was typed and not saved; `there` is what is on disk, `stamp` when that was changed, if it is known. */
  get(at, item, there, stamp = "") {
    const here = session.pending[at]?.[item];
    if (here) return here;
    try {
      const kept = JSON.parse(localStorage.getItem(this.key(at, item)) ?? "null");
      if (!onSite() || !this.overtaken(kept, there, stamp)) return kept;
      this.drop(at, item);
      return null;
    } catch {
      return null;
    }
  },
  /**
   * Whether the same person has saved something else since: a browser that is killed has kept for some seconds too long what was
   * typed before. Times of change are whole seconds; what was typed over the item on disk knows that one.
   */
  overtaken(draft, there, stamp) {
    const known = [draft?.seen, ...(draft?.sent ?? [])];
    return Date.parse(stamp) > draft?.typed - 1000 && !known.some((item) => same(item, there));
  },
  /** The codes of a kind that have drafts. */
  codes(at, kind) {
    const start = this.key(at, `${kind}||`);
    const here = Object.keys(session.pending[at] ?? {}).map((item) => this.key(at, item));
    let kept = [];
    try {
      kept = Object.keys(localStorage);
    } catch {
      // A browser that keeps nothing still has the page itself.
    }
    return [...new Set([...here, ...kept])].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  },
  set(at, item, draft) {
    session.unsaved(at, item, draft);
    try {
      localStorage.setItem(this.key(at, item), JSON.stringify({ ...draft, typed: Date.now() }));
    } catch {
      session.forgetful = true;
      session.tell();
    }
  },
  /** Keep what is no answer, such as a city's data: it is not counted as unsaved, nor in the file to download. */
  keep(at, item, draft) {
    try {
      localStorage.setItem(this.key(at, item), JSON.stringify(draft));
    } catch {
      // Then it must be typed again.
    }
  },
  drop(at, item) {
    session.unsaved(at, item, undefined);
    try {
      localStorage.removeItem(this.key(at, item));
    } catch {
      // see above
    }
  },
};

/** The latest answers of each city that this page has seen, for the download link that needs no server. */
const session = (window.citygrowSession ??= {
  documents: {},
  folder: "workbooks", // of the workbooks, in the workspace
  pending: {},
  forgetful: false, // whether this browser keeps nothing
  lastSaved: "", // when something was saved last
  watchers: new Set(),
  saved(at, text) {
    this.documents[at] = text;
    this.tell();
  },
  unsaved(at, item, value) {
    const place = (this.pending[at] ??= {});
    if (value === undefined) delete place[item];
    else place[item] = value;
    this.tell();
  },
  tell() {
    for (const watch of this.watchers) watch();
  },
  /** The document with everything complete that was typed since it was saved. */
  download(at) {
    const whole = JSON.parse(this.documents[at] ?? "null");
    if (!whole) return null;
    const put = (items, code, value) => {
      if (value) items[code] = value;
      else delete items[code];
    };
    for (const [item, draft] of Object.entries(this.pending[at] ?? {})) {
      const [kind, respondent, code] = item.split("|");
      if (!draft.complete) continue;
      if (kind === "answer") {
        whole.respondents[respondent] ??= { role: respondent === "agreed" ? "agreed answer of the city" : respondent };
        put((whole.responses[respondent] ??= {}), code, draft.value);
      } else if (kind === "context") {
        put(whole.context, code, draft.value);
      } else if (kind === "action") {
        const plan = Object.fromEntries(whole.actions.map((action) => [action.id, action]));
        put(plan, code, draft.value);
        whole.actions = Object.values(plan);
      } else if (kind === "meeting") {
        put((whole.meetings ??= {}), code, draft.value);
      }
    }
    return JSON.stringify(whole, null, 1);
  },
});

/** Let a link to a workbook open it inside JupyterLab, not in its place, at the cell that it names. */
function inside(link) {
  const [file, code] = link.getAttribute("href").split("#");
  // Workbooks give each question's heading a cell of its own, with the question's code as id.
  const id = code ? `#cell-id=${code.toLowerCase().replace(/[^a-z0-9]+/g, "-")}` : "";
  link.dataset.commandlinkerCommand = "rendermime:handle-local-link";
  // The guide knows where the workbook is; without it the workspace is taken for the folder that JupyterLab shows.
  const args = (folder) => JSON.stringify({ path: `${folder}/${file}`, id, scope: "any" });
  link.dataset.commandlinkerArgs = args(session.folder);
  link.addEventListener("click", () => {
    const known = link.closest("[data-citygrow-folder]")?.dataset.citygrowFolder;
    if (known !== undefined) link.dataset.commandlinkerArgs = args(known);
    // A workbook that was not open has its forms only after it has run; the one that was meant then comes into view.
    window.citygrowWanted = code;
  });
  return link;
}

/** Show a fragment that citygrow's own escaping templates made. */
function place(element, html) {
  const held = element.contains(document.activeElement) && document.activeElement.getAttribute("href");
  element.innerHTML = html;
  element.querySelectorAll('a[href*=".ipynb"]').forEach(inside);
  element.querySelectorAll('a[href^="#"]').forEach(within);
  for (const link of element.querySelectorAll('a[href^="http"]')) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" }); // not in place of JupyterLab
  if (held) element.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
}

/** Let a link to a question of this workbook lead to its form. */
function within(link) {
  const code = link.getAttribute("href").slice(1);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const form = link.closest(".jp-Notebook")?.querySelector(`form[aria-label="Answer to ${CSS.escape(code)}"]`);
    if (!form) return;
    headingOf(form).scrollIntoView();
    form.querySelector("input:checked, input")?.focus({ preventScroll: true });
  });
}

/** While a form is there, the text that says the same is not; returns what brings it back. */
function standsFor(el) {
  const text = el.closest(".jp-Cell")?.previousElementSibling;
  if (!text?.querySelector(".jp-RenderedMarkdown details")) return () => {};
  text.classList.add("cgw-replaced");
  return () => text.classList.remove("cgw-replaced");
}

/** What was said in the round before, and the button that says the same again; it leads on, so that one key is enough. */
function lastTime({ before, answered, confirm }) {
  if (!before) return null;
  const button = make("button", { type: "button", onclick: () => { confirm(before.answer); tellGuide(button, "next"); } }, `Still so in this round`);
  const ask = make("p", { class: "cgw-confirm", hidden: answered }, make("strong", {}, "To confirm: "), button);
  const told = make("p", {}, make("strong", {}, `${before.round}: `), before.words);
  const element = make("div", { class: "cgw-before" }, told, before.comment && make("p", { class: "cgw-hint", dir: "auto" }, before.comment), ask);
  return { element, answered: (now) => { ask.hidden = now; } };
}

/** The heading of a question is a cell of its own, and so is its help. */
function headingOf(element) {
  const cell = element.closest(".jp-Cell");
  return cell?.previousElementSibling?.previousElementSibling ?? cell ?? element;
}

/** Wrap a panel's drawing so that it is drawn anew whenever Python changes its state. */
function panel(draw) {
  return {
    render({ model, el }) {
      el.classList.add("cgw");
      guard(el);
      const channel = post(model, el);
      let drawn = null;
      const update = () => {
        const state = model.get("state");
        drafts.home = state.home ?? "";
        session.folder = state.folder ?? session.folder;
        if (state.document) session.saved(state.at, state.document);
        if (drawn?.update?.(state)) return;
        drawn?.stop?.();
        const made = (drawn = draw({ state, channel }));
        el.replaceChildren(made.element);
        requestAnimationFrame(() => drawn === made && made.shown?.(el));
      };
      // The widget manager says this of every model when the kernel is restarted, and never connects them again.
      const cut = () => {
        channel.cut();
        drawn?.status?.show("trouble", cutOff(guided(el)));
      };
      model.on("change:state", update);
      model.on("comm_live_update", cut);
      update();
      return () => {
        model.off("change:state", update);
        model.off("comm_live_update", cut);
        drawn?.stop?.(); // what waits for a pause in typing is still sent
        channel.stop();
      };
    },
  };
}
