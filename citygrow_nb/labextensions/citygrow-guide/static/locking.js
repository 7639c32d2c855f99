// Keeps a workbook whole: what a stray key or click would do to cells does not happen, and there is nothing to save.

import { sources } from "./permission.js";

const WORKBOOK = "citygrow-workbook";

// With Ctrl, Meta or Alt held, these would run, insert, merge, move or select cells, or undo.
const CELL_KEYS = /^(Enter|Backspace|Delete|Home|End|Arrow\w+|[-_amyz])$/i;

/** Lock a notebook panel, now or later; returns what turns the lock off and on. */
export function lockOf(panel, now) {
  const { node, content: notebook, context } = panel;
  const { windowingMode, showEditorForReadOnlyMarkdown } = notebook.notebookConfig;
  let on = false;
  let shown = sources(notebook); // when its code was last shown

  // Lumino hears keys at the document, after the page's own controls have.
  const keep = (event) => {
    if (!on) return;
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (!held || event.getModifierState("AltGraph") || CELL_KEYS.test(event.key)) event.stopPropagation();
    if (event.key === "Escape" && event.target.closest(".cgw")) return;
    // Where nothing can be typed, the page itself scrolls by these; a focused cell would swallow them.
    if (!held && ["PageDown", "PageUp"].includes(event.key)) {
      const outer = node.querySelector(".jp-WindowedPanel-outer");
      outer?.scrollBy({ top: (event.key === "PageDown" ? 0.9 : -0.9) * outer.clientHeight });
    }
  };
  // The browser's own menu copies, corrects spelling and opens links; JupyterLab's cuts and deletes cells.
  const browserMenu = (event) => on && event.stopPropagation();
  node.addEventListener("keydown", keep);
  node.addEventListener("contextmenu", browserMenu);

  // Answers are saved by the forms; what the file of a workbook would keep is only how they looked.
  const nothingToSave = () => {
    if (on && context.model.dirty) context.model.dirty = false;
  };
  context.model.stateChanged.connect(nothingToSave);
  const save = context.save;
  context.save = () => (on ? Promise.resolve() : save.call(context)); // whoever asks for it: a menu, a key, the clock

  const set = (wanted) => {
    on = wanted;
    shown = sources(notebook);
    node.classList.toggle(WORKBOOK, on);
    panel.toolbar.setHidden(on);
    for (const cell of notebook.model.cells) {
      for (const key of ["deletable", "editable"]) on ? cell.setMetadata(key, false) : cell.deleteMetadata(key);
    }
    for (const cell of notebook.widgets) if (cell.model.type === "code") cell.inputHidden = on;
    configure();
    nothingToSave();
  };

  const configure = () => {
    // A form that is taken off the page while one scrolls would lose what is being typed; a double click would show a text's source.
    const calm = { windowingMode: "none", showEditorForReadOnlyMarkdown: false };
    notebook.notebookConfig = { ...notebook.notebookConfig, ...(on ? calm : { windowingMode, showEditorForReadOnlyMarkdown }) };
  };

  /** Put right what is new on the page: cells are named, so that a form can stand for the text that says the same. */
  const settle = () => {
    configure(); // the program reads its settings late, and over ours
    for (const cell of notebook.widgets) cell.node.dataset.citygrowCell = cell.model.id;
  };
  if (now) set(true);
  settle();
  return { set, settle, isOn: () => on, isEdited: () => !on && sources(notebook) !== shown };
}
