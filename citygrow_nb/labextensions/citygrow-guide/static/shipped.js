// What may run when a file is opened: the workbooks that came with citygrow, and nothing that a stranger put into one.

/** The cells of a notebook as one hash, or "" where the page may not make one (plain http from another machine). */
export async function fingerprint(notebook) {
  if (!globalThis.crypto?.subtle) return "";
  const cells = [...notebook.model.cells].map((cell) => [cell.type, cell.sharedModel.getSource()]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(cells)));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Have notebooks come without the saved state of widgets: the program would make them again, and run anybody's scripts. */
export function withoutSavedWidgets(contents) {
  const get = contents.get.bind(contents);
  contents.get = async (...asked) => {
    const model = await get(...asked);
    if (model.type === "notebook") delete model.content?.metadata?.widgets;
    return model;
  };
}

/** What a person has allowed to run in this browser, by hash. */
export const allowed = {
  has(hash) {
    try {
      return hash !== "" && localStorage.getItem(`citygrow:run:${hash}`) !== null;
    } catch {
      return false; // a browser that keeps nothing asks again
    }
  },
  add(hash) {
    try {
      if (hash) localStorage.setItem(`citygrow:run:${hash}`, "yes");
    } catch {
      // see above
    }
  },
};
