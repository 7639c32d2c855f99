// Runs a workbook when it is opened, after its kernel was restarted or died, and when the server is back.

import { fingerprint, sources } from "./permission.js";

const LOOK = 250; // milliseconds between looks at a kernel that is not there yet
const AWAY = 1000; // milliseconds between looks at a server that is not there
const REPLY = 5000; // milliseconds in which a kernel that is there says so
const SETTLED = 400; // milliseconds without a move after which a page holds still
const PATIENCE = 60000; // milliseconds until a form that was asked for must be on the page

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const inTime = (promise, milliseconds) => Promise.race([promise, pause(milliseconds).then(() => null)]);

/** Wait until something is there; null when it never comes. */
export async function found(look, patience = PATIENCE) {
  for (const end = Date.now() + patience; Date.now() < end; await pause(40)) {
    const there = look();
    if (there) return there;
  }
  return null;
}

/** Keep a cell where it was until the page around it holds still, or the reader moves on. */
async function hold(outer, anchor, offset) {
  let moved = false;
  const reader = new AbortController();
  for (const kind of ["wheel", "keydown", "pointerdown"]) {
    window.addEventListener(kind, () => { moved = true; }, { capture: true, passive: true, signal: reader.signal });
  }
  const end = Date.now() + REPLY;
  for (let still = Date.now(); !moved && anchor.isConnected && Date.now() < Math.min(still + SETTLED, end); await pause(LOOK / 5)) {
    const top = outer.scrollTop;
    outer.scrollTop += anchor.getBoundingClientRect().top - offset;
    if (outer.scrollTop !== top) still = Date.now();
  }
  reader.abort();
}

/** Which form the keyboard is in, and what stands at the top of the page: it shall be the same after the forms were made anew. */
function view(panel) {
  const outer = panel.node.querySelector(".jp-WindowedPanel-outer");
  const forms = () => panel.node.querySelectorAll("form[aria-label]").length;
  const active = document.activeElement;
  const form = panel.node.contains(active) ? active.closest("form[aria-label]") : null;
  const label = form?.getAttribute("aria-label");
  // Buttons come and go with what a form has to say.
  const controls = (of) => [...of.querySelectorAll("input, select, textarea")];
  const place = form ? controls(form).indexOf(active) : -1;
  const caret = active?.selectionStart ?? null;
  const count = forms();
  // Cells stay while their outputs come anew; what is above them may grow or shrink meanwhile.
  const top = outer?.getBoundingClientRect().top ?? 0;
  const anchor = form?.closest(".jp-Cell") ?? panel.content.widgets.map((cell) => cell.node).find((node) => node.getBoundingClientRect().bottom > top);
  const offset = anchor?.getBoundingClientRect().top;
  return {
    async restore() {
      if (!count) return;
      await found(() => forms() >= count, 5000); // forms are drawn after their cells have run
      if (label) {
        const again = panel.node.querySelector(`form[aria-label="${CSS.escape(label)}"]`);
        const nobody = [document.body, null].includes(document.activeElement) || document.activeElement.closest(".jp-Cell") === document.activeElement;
        const control = again && (controls(again)[place] ?? controls(again)[0]);
        if (nobody) control?.focus({ preventScroll: true });
        if (nobody && caret !== null && control?.selectionStart !== null) control?.setSelectionRange(caret, caret);
      }
      if (anchor) hold(outer, anchor, offset); // others go on meanwhile
    },
  };
}

/**
 * Look after one workbook's kernel.
 *
 * @param {object} options
 *   panel: the notebook panel. lock: what keeps it whole; if it is open yet, it is locked as soon as the workbook may run. tools:
 *   `NotebookActions`, `reachable` (whether the server answers), `permission` (what may run). ask(entry, why, allow): show a button
 *   that allows to run a workbook which nobody has allowed yet; returns what takes it away. tell: says whether the server is there.
 *   lost: says why a permission could not be kept. before: called with the kernel, and what is known of the workbook, before each
 *   run. ready: called after each run.
 */
export function runner({ panel, lock, tools, ask, tell, lost, before: prepare, ready }) {
  const { sessionContext: session, content: notebook } = panel;
  let begun = false;
  let stale = true;
  let awake = false;
  let asked = null;
  let consent = null; // the cells that somebody at this page has allowed
  let undecided = !lock.isOn();
  let ended = false; // by whoever chose to shut the kernel down
  let before = null; // how the page looked while its forms were still there

  /** Allow what the page shows, which a question was about. */
  const allow = async (entry) => {
    if (lock.isEdited()) await panel.context.save(); // it is allowed as it stands in its file
    const text = sources(notebook);
    const kept = await tools.permission.keep(panel.context.path, await fingerprint(notebook), entry);
    asked?.();
    asked = null;
    if (kept.refused) {
      await permitted(kept.refused);
      return;
    }
    if (kept.lost) lost(kept.lost);
    consent = text;
    stale = true;
    wake();
  };

  /** What is known of a workbook that may run, or null and a question, with why it is asked again. */
  const permitted = async (why = "") => {
    const { may, entry = {} } = await tools.permission.look(panel.context.path, await fingerprint(notebook));
    if (may || consent === sources(notebook)) {
      asked?.();
      asked = null;
      return entry;
    }
    asked ??= ask(entry, why, () => allow(entry));
    return null;
  };

  /** Whether the kernel that the page talks to knows the page's forms: one that was restarted unseen does not. */
  const knowsForms = async (kernel) => {
    if (!panel.node.querySelector(".cgw")) return true;
    const reply = await inTime(kernel.requestCommInfo({ target_name: "jupyter.widget" }), REPLY);
    return reply === null || Object.keys(reply.content.comms ?? {}).length > 0;
  };

  const run = async (entry) => {
    await prepare(session.session.kernel, entry);
    await tools.NotebookActions.runAll(notebook, session);
    lock.settle();
    await before?.restore();
    before = null;
    ready();
  };

  const look = () => {
    if (panel.node.querySelector("form[aria-label]") && !document.activeElement?.closest(".jp-Dialog")) before = view(panel);
  };

  /** One step towards a workbook that runs; true when nothing is left to do. */
  const step = async () => {
    if (ended) return true;
    if (undecided && !(await permitted())) return true; // its kernel is its author's
    const kernel = session.session?.kernel;
    if (session.isTerminating || session.isRestarting) return false; // a run would be answered with a window that says so
    if (!kernel || kernel.isDisposed || kernel.status === "dead") {
      stale = true;
      const there = await tools.reachable();
      const started = there && (await session.changeKernel({ name: panel.context.model.defaultKernelName || "python3" }).then(() => true, () => false));
      tell(started);
      if (!started) await pause(there ? REPLY : AWAY); // each try may make it worse for a server that is at its limit
      return false;
    }
    if (kernel.connectionStatus !== "connected") {
      const there = await tools.reachable();
      tell(there);
      if (there && kernel.connectionStatus === "disconnected") await inTime(kernel.reconnect(), REPLY);
      if (!there) await pause(AWAY);
      return false;
    }
    if ((await inTime(kernel.requestKernelInfo(), REPLY)) === null) return false;
    tell(true);
    stale ||= !(await knowsForms(kernel));
    if (!stale) return true;
    if (!lock.isOn() && !undecided) return true; // whoever reads the code runs it, too
    const entry = await permitted();
    if (!entry) return true;
    if (undecided) lock.set(true);
    undecided = false;
    stale = false;
    await run(entry);
    return !stale;
  };

  const wake = async () => {
    if (awake || !begun) return; // a kernel that is about to be there is not to be started twice
    awake = true;
    for (let done = false; !done && !panel.isDisposed; ) {
      try {
        look();
        done = await step();
      } catch (error) {
        console.warn("citygrow-guide:", error); // the next look may find it mended
      }
      if (!done) await pause(LOOK);
    }
    awake = false;
  };

  session.statusChanged.connect((_, status) => {
    if (status === "terminating") ended = stale = true;
    if (["restarting", "autorestarting", "dead"].includes(status)) {
      stale = true;
      wake();
    }
  });
  session.kernelChanged.connect((_, change) => {
    if (change.newValue) ended = false;
    if (change.oldValue && change.newValue && change.oldValue !== change.newValue) stale = true;
    wake();
  });
  session.connectionStatusChanged.connect(() => wake());

  return {
    wake,
    /** Begin, once the program has started what it starts by itself. */
    begin() {
      begun = true;
      wake();
    },
    /** Run all cells again, because what they show is another city's now: until then nothing can be answered for the one before. */
    again() {
      stale = true;
      if (lock.isOn()) for (const form of panel.node.querySelectorAll(".cgw")) form.inert = true;
      wake();
    },
  };
}
