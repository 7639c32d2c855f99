// The guide: citygrow's extension for JupyterLab and Notebook 7. This file puts its parts together.

import { lockOf } from "./locking.js";
import { sidePanel } from "./panel.js";
import { permission, question, withoutSavedWidgets } from "./permission.js";
import { found, runner } from "./running.js";
import { siteOf } from "./site.js";

const NEXT = "citygrow:next-open-question";
const CODE = "citygrow:show-code";
const SAVED = "citygrow:already-saved";
const WANTED = "citygrow:wanted";
const NARROW = 720; // pixels
const SOON = 60000; // milliseconds for which a workbook that opens in a window of its own remembers what was asked for

/** Return the plugin; `shared` gives the modules of the program, `here` is the folder of this file. */
export default async function extension(shared, here) {
  const [{ INotebookTracker, NotebookActions }, { Dialog, Notification }, { PageConfig, PathExt, URLExt }, { ServerConnection }, { Widget }, { IMainMenu }] = await Promise.all(
    ["@jupyterlab/notebook", "@jupyterlab/apputils", "@jupyterlab/coreutils", "@jupyterlab/services", "@lumino/widgets", "@jupyterlab/mainmenu"].map(shared),
  );

  function activate(app, tracker, menu) {
    const { commands, shell, serviceManager } = app;
    withoutSavedWidgets(serviceManager.contents); // our own server does, too: this is for those that others started
    const guided = new Map(); // notebook panel to what looks after it
    const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("guide.css", here).href });
    const styled = new Promise((done) => { style.onload = style.onerror = done; });
    document.head.append(style);

    const site = siteOf(PageConfig);
    const reachable = async () => {
      if (site) return true; // there is no server that could be gone
      try {
        return (await fetch(`${PageConfig.getBaseUrl()}api`, { cache: "no-store" })).ok;
      } catch {
        return false;
      }
    };

    const current = () => {
      const shown = tracker.currentWidget;
      return guided.has(shown) ? shown : null;
    };

    // The way through the workbooks

    const formOf = (panel, code) => inUse(panel, code ? `form[aria-label$=" ${CSS.escape(code)}"]` : "form[aria-label]");
    /** The first element of a kind that is not of the city before. */
    const inUse = (panel, kind) => [...panel.node.querySelectorAll(kind)].find((element) => !element.closest("[inert]"));

    /** Bring a form of a workbook that is open into view, and the keyboard into it. */
    const enter = async (panel, code) => {
      const place = () => (code === "exports" ? inUse(panel, ".cgw-exports") : formOf(panel, code));
      const form = await found(place);
      if (!form) return;
      const cell = form.closest(".jp-Cell");
      const head = code && code !== "exports" ? cell?.parentElement?.querySelector(`[data-citygrow-cell="${CSS.escape(code.toLowerCase().replace(/[^a-z0-9]+/g, "-"))}"]`) : null;
      (head ?? cell ?? form).scrollIntoView();
      const control = form.querySelector(".cgw-confirm:not([hidden]) button") ?? form.querySelector("input:checked") ?? form.querySelector("input, select, textarea, button");
      control?.focus({ preventScroll: true });
      if (control && control.getBoundingClientRect().bottom > window.innerHeight) control.scrollIntoView({ block: "nearest" });
    };

    /** Go to a question, context factor or the downloads, in whatever workbook they are. */
    const goTo = async (file, code = "") => {
      const from = current() ?? [...guided.keys()][0];
      if (!from) return;
      const path = PathExt.join(PathExt.dirname(from.context.path), file);
      // Notebook 7 closes what is opened a second time; it opens what is not open yet in a window of its own, and gives nothing back.
      const known = [...guided.keys()].find((panel) => panel.context.path === path);
      if (!known) remember(path, code);
      const opened = known ?? (await commands.execute("docmanager:open", { path }));
      if (!opened?.content?.widgets) return;
      shell.activateById(opened.id);
      await opened.context.ready;
      if (code) await enter(opened, code);
      remember();
    };
    const remember = (path, code) => {
      try {
        if (path && code) localStorage.setItem(WANTED, JSON.stringify({ path, code, until: Date.now() + SOON }));
        else localStorage.removeItem(WANTED);
      } catch {
        // Then a window of its own begins at its top.
      }
    };
    const remembered = (path) => {
      try {
        const wanted = JSON.parse(localStorage.getItem(WANTED) ?? "null");
        if (wanted?.path !== path || wanted.until < Date.now()) return "";
        localStorage.removeItem(WANTED);
        return wanted.code;
      } catch {
        return "";
      }
    };

    const side = sidePanel({ Widget, goTo, current, toggleCode: () => commands.execute(CODE), keeping: site?.keeping });

    // What may run by itself

    const { contents, serverSettings } = serviceManager;
    const permitted = permission({
      request: (options, query) => ServerConnection.makeRequest(`${URLExt.join(serverSettings.baseUrl, "citygrow/workbooks")}${query}`, options, serverSettings),
      list: site && fetch(new URL("shipped.json", here)).then((reply) => reply.json()).then((list) => new Set(list), () => new Set()),
      local: (path) => (["", "RTC"].includes(contents.driveName(path)) ? contents.localPath(path) : ""),
      noted: (folder, entries) => side.note(folder, entries),
    });

    /** What a kernel is told before each run. */
    const before = async (kernel, entry) => {
      side.refused((await site?.begin(kernel)) ?? "");
      if (!entry.trusted || !entry.helpers.length) return;
      const code = `from citygrow_nb import trust\nassert trust.admit(".", ${JSON.stringify(entry.file)}), "they have just changed"`;
      const { content } = await kernel.requestExecute({ code, silent: true, store_history: false }).done;
      if (content.status === "error") Notification.warning(`The programs beside this workbook cannot be used: ${content.evalue}`, { autoClose: false });
    };

    const nextOpen = () => {
      const next = side.nextOpen();
      if (next) return goTo(next.file, next.code);
      const results = side.workbook("results");
      if (!results) return undefined;
      Notification.success("Nothing is open any more. Here are the results.", { autoClose: 5000 });
      return goTo(results.file);
    };
    side.onNext(nextOpen);

    // Ctrl+Enter, also inside forms, whose keys JupyterLab does not hear.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      const panel = current();
      if (!panel || !guided.get(panel).lock.isOn() || !(panel.node.contains(event.target) || side.node.contains(event.target) || event.target === document.body)) return;
      event.preventDefault();
      event.stopPropagation();
      nextOpen();
    }, true);

    commands.addCommand(NEXT, { label: "Next Open Question (Ctrl+Enter)", isEnabled: () => current() !== null, execute: nextOpen });
    commands.addCommand(CODE, {
      label: "Show the Code",
      isToggleable: true,
      isEnabled: () => current() !== null,
      isToggled: () => current() !== null && !guided.get(current()).lock.isOn(),
      execute: async () => {
        const panel = current();
        const { lock, run } = guided.get(panel);
        if (lock.isEdited()) await panel.context.save(); // what is locked asks nothing when it is closed
        lock.set(!lock.isOn());
        if (lock.isOn()) run.wake();
        commands.notifyCommandChanged(CODE);
      },
    });
    commands.addCommand(SAVED, {
      label: "Answers Are Saved",
      execute: () => Notification.info("Your answers are saved already, each as you gave it.", { autoClose: 4000 }),
    });
    commands.addKeyBinding({ command: SAVED, keys: ["Accel S"], selector: ".citygrow-workbook" });
    menu?.viewMenu.addGroup([{ command: NEXT }, { command: CODE }], 0);

    // What the forms tell: their state, and that another city or round is open now.

    document.addEventListener("citygrow:state", (event) => {
      const panel = [...guided.keys()].find((known) => known.node.contains(event.target));
      if (panel) side.take(panel, event.detail);
    });
    document.addEventListener("citygrow:opened", (event) => {
      for (const [panel, { run }] of guided) if (!panel.node.contains(event.target)) run.again();
      if (event.detail?.file) goTo(event.detail.file, event.detail.code);
    });
    document.addEventListener("citygrow:next", () => nextOpen());

    // The program says so in a window of its own when a kernel or the server is gone; here both come back by themselves.
    const GONE = /^(Kernel (Restarting|Terminating)|Error Starting Kernel|Server Connection Error)/;
    Dialog.tracker.widgetAdded.connect((_, dialog) => {
      if (!guided.size) return;
      // With a text in it, its title is known at once; else it is drawn a little later.
      const title = () => dialog.node.ariaLabel || dialog.node.querySelector(".jp-Dialog-header")?.textContent;
      const put = () => GONE.test(title()) && dialog.reject();
      if (title()) queueMicrotask(put); // before it is seen, and after it was launched
      else found(title, 2000).then(put);
    });

    // Workbooks, as they open

    const askIn = (panel) => (entry, why, allow) => {
      const bar = new Widget();
      bar.addClass("citygrow-ask");
      bar.node.setAttribute("role", "region");
      bar.node.setAttribute("aria-label", "Not run yet");
      const text = Object.assign(document.createElement("span"), { textContent: [why, question(entry)].join(" ").trim() });
      if (why) text.setAttribute("role", "alert");
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Run this workbook" });
      button.onclick = async () => {
        button.disabled = true;
        await allow().catch((error) => Notification.error(`Not run: ${error.message}`));
        button.disabled = false;
      };
      const content = Object.assign(document.createElement("div"), { className: "citygrow-ask-content" });
      content.append(text, button);
      bar.node.append(content);
      panel.contentHeader.addWidget(bar);
      // JupyterLab gives a bar no more than the height that it asks for.
      const size = new ResizeObserver(() => {
        bar.node.style.minHeight = `${content.offsetHeight}px`;
        bar.parent?.fit();
      });
      size.observe(content);
      bar.disposed.connect(() => size.disconnect());
      return () => bar.dispose();
    };

    const guide = async (panel) => {
      const known = permitted.of(panel.context.path).catch(() => undefined); // asked while the page is drawn
      await panel.context.ready;
      const built = panel.content.model?.getMetadata("citygrow");
      const own = !built && (await known);
      if (panel.isDisposed || guided.has(panel) || !(built || own)) return;
      await panel.revealed;
      const lock = lockOf(panel, built || own.trusted);
      panel.node.dataset.citygrowGuide = "";
      panel.node.dataset.citygrowFolder = PathExt.dirname(panel.context.path);
      const tools = { NotebookActions, reachable, permission: permitted };
      const first = { done: false };
      const run = runner({
        panel, lock, tools,
        ask: askIn(panel),
        tell: (there) => side.connected(there),
        lost: (why) => Notification.warning(`This is asked again next time: ${why}`, { autoClose: false }),
        before,
        ready: () => {
          if (first.done) return;
          first.done = true;
          panel.content.activeCellIndex = 0;
          panel.node.querySelector(".jp-WindowedPanel-outer")?.scrollTo({ top: 0 });
          const wanted = remembered(panel.context.path);
          if (wanted) enter(panel, wanted);
          else found(() => panel.node.querySelector("[data-citygrow-first]"), 3000).then((control) => control?.focus({ preventScroll: true }));
        },
      });
      guided.set(panel, { lock, run });
      panel.disposed.connect(() => {
        guided.delete(panel);
        side.forget(panel);
      });
      show();
      side.turn(current());
      await panel.sessionContext.ready;
      run.begin();
    };

    let shown = false;
    const show = async () => {
      if (shown) return;
      shown = true;
      await styled; // a panel gets the width that its style asks for when it is added
      shell.add(side.widget, "left", { rank: 1, type: "Guide" });
      await app.restored;
      const narrow = window.innerWidth < NARROW; // then the panel would hide the workbook; its tab stays, to unfold it
      if (PageConfig.getOption("mode") === "single-document") {
        for (const bar of narrow ? ["right"] : ["left", "right"]) if (shell.isSideTabBarVisible?.(bar)) shell.toggleSideTabBarVisibility(bar);
      }
      if (narrow) shell.collapseLeft?.();
      else if (shell.expandLeft.length) shell.expandLeft(side.widget.id);
      else shell.activateById(side.widget.id);
      shell.collapseRight?.();
    };

    tracker.widgetAdded.connect((_, panel) => guide(panel));
    tracker.forEach((panel) => guide(panel));
    tracker.currentChanged.connect((_, panel) => {
      if (panel) site?.turned(panel, [...guided.keys()]);
      side.turn(current());
      commands.notifyCommandChanged(CODE);
      commands.notifyCommandChanged(NEXT);
    });
  }

  return {
    id: "citygrow-guide:plugin",
    description: "Runs citygrow's workbooks by itself, keeps them whole and shows the way through them.",
    autoStart: true,
    requires: [INotebookTracker],
    optional: [IMainMenu],
    activate,
  };
}
