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

/** Keep plain keys inside the form: JupyterLab would move, cut or delete cells. */
function guard(element) {
  element.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey || event.altKey)) event.stopPropagation();
  });
}

/** A text field with its label; `lines` > 1 makes it a text area. */
function field(label, value, { lines = 1, dir = "auto", oninput, onchange, list, placeholder, type } = {}) {
  const id = unique("field");
  const control = lines > 1 ? make("textarea", { id, rows: lines, dir }) : make("input", { id, type: type ?? "text", dir, list });
  control.value = value ?? "";
  if (placeholder) control.placeholder = placeholder;
  if (oninput) control.addEventListener("input", oninput);
  if (onchange) control.addEventListener("change", onchange);
  const name = make("label", { for: id }, label);
  return { row: make("div", { class: "cgw-field" }, name, control), control, name };
}

/** The line that says what became of the last change. */
function statusLine() {
  const line = make("p", { class: "cgw-status", role: "status" });
  const show = (kind, text, ...more) => {
    line.className = `cgw-status cgw-${kind}`;
    line.replaceChildren(text, ...more);
  };
  return { line, show };
}

/** Send messages to Python, and give each its reply; no reply in time means that the server is gone. */
function post(model) {
  const waiting = new Map();
  let serial = 0;
  const received = (reply) => {
    const entry = waiting.get(reply?.serial);
    if (!entry) return;
    waiting.delete(reply.serial);
    clearTimeout(entry.timer);
    entry.resolve(reply);
  };
  model.on("msg:custom", received);
  const lost = { ok: false, lost: true, text: "Not saved: the server does not answer. What you typed is kept here; download your answers, then start the workbook again." };
  const send = (message, patience = 8000) =>
    new Promise((resolve) => {
      serial += 1;
      const own = `${serial}-${Math.random().toString(36).slice(2)}`;
      const timer = setTimeout(() => {
        waiting.delete(own);
        resolve(lost);
      }, patience);
      waiting.set(own, { resolve, timer });
      try {
        model.send({ ...message, serial: own });
      } catch {
        clearTimeout(timer);
        waiting.delete(own);
        resolve(lost);
      }
    });
  return { send, stop: () => model.off("msg:custom", received) };
}

/** What was typed and is not saved yet, kept in this browser so that a reload does not lose it. */
const drafts = {
  key: (at, item) => `citygrow:${at}:${item}`,
  get(at, item) {
    try {
      return JSON.parse(localStorage.getItem(this.key(at, item)) ?? "null");
    } catch {
      return null;
    }
  },
  set(at, item, value) {
    desk.unsaved(at, item, value);
    try {
      localStorage.setItem(this.key(at, item), JSON.stringify(value));
    } catch {
      // A browser that keeps nothing still has the page itself.
    }
  },
  drop(at, item) {
    desk.unsaved(at, item, undefined);
    try {
      localStorage.removeItem(this.key(at, item));
    } catch {
      // see above
    }
  },
};

/** The latest answers of each city that this page has seen, for the download link that needs no server. */
const desk = (window.citygrowDesk ??= {
  documents: {},
  pending: {},
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
  /** The document with everything typed since it was saved. */
  download(at) {
    const whole = JSON.parse(this.documents[at] ?? "null");
    if (!whole) return null;
    for (const [item, value] of Object.entries(this.pending[at] ?? {})) {
      const [kind, respondent, code] = item.split("|");
      if (kind === "answer" && value?.complete) {
        whole.responses[respondent] ??= {};
        whole.respondents[respondent] ??= { role: respondent };
        whole.responses[respondent][code] = value.answer;
      } else if (kind === "context" && value?.complete) {
        whole.context[code] = value.reading;
      }
    }
    return JSON.stringify(whole, null, 1);
  },
});

/** Wrap a panel's drawing so that it is drawn anew whenever Python changes its state. */
function panel(draw) {
  return {
    render({ model, el }) {
      el.classList.add("cgw");
      guard(el);
      let drawn = null;
      const update = () => {
        const state = model.get("state");
        if (state.document) desk.saved(state.at, state.document);
        if (drawn?.update?.(state)) return;
        drawn?.stop?.();
        const channel = drawn?.channel ?? post(model);
        drawn = { ...draw({ state, model, channel }), channel };
        el.replaceChildren(drawn.element);
      };
      model.on("change:state", update);
      update();
      return () => {
        model.off("change:state", update);
        drawn?.stop?.();
        drawn?.channel.stop();
      };
    },
  };
}
