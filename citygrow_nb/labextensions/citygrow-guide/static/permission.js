// What may run when a notebook is opened: what citygrow built, and what its user has allowed. Nothing that a stranger put into one.

/** The kinds and sources of a notebook's cells, as one text. */
export const sources = (notebook) => JSON.stringify([...notebook.model.cells].map((cell) => [cell.type, cell.sharedModel.getSource()]));

/** The cells of a notebook as one hash, or "" where the page may not make one (plain http from another machine). */
export async function fingerprint(notebook) {
  if (!globalThis.crypto?.subtle) return "";
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(sources(notebook)));
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

/** What a person has allowed to run in this browser, by hash: counts only for what no server of ours knows. */
const allowed = {
  has(hash) {
    try {
      return localStorage.getItem(`citygrow:run:${hash}`) !== null;
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

/**
 * Make what knows which workbooks may run. `request(options, query)` asks our server; `list` holds hashes instead, on a site that
 * has no server, and is null elsewhere; `local(path)` is a path as the server knows it, or "" if it does not; `noted(folder, entries)`
 * hears what stands in a folder.
 */
export function permission({ request, list, local, noted }) {
  let served = list === null; // until a server says that it knows nothing of workbooks: one that others started

  /** What our server says of the workbooks around a path: none if it knows nothing of them. */
  const around = async (path) => {
    const there = served && local(path);
    if (!there) return [];
    const reply = await request({}, `?path=${encodeURIComponent(there)}`);
    if (reply.status === 404) served = false;
    const entries = reply.ok ? await reply.json() : [];
    noted(path.slice(0, Math.max(0, path.lastIndexOf("/"))), entries);
    return entries;
  };
  const of = async (path) => (await around(path)).find((entry) => entry.file === path.split("/").pop());
  const isKept = (entry) => ["as built", "changed", "own"].includes(entry?.state); // by the server

  return {
    of,
    /** Whether what a page shows may run, with what the server says of it, if it says anything. */
    async look(path, hash) {
      const entry = await of(path);
      const known = isKept(entry)
        ? entry.fingerprint === hash && (entry.state === "as built" || entry.trusted)
        : (await list)?.has(hash) || allowed.has(hash);
      return { may: hash !== "" && known, entry };
    },
    /** Keep that what a page shows may run; returns `refused`, a sentence if it must not after all, and `lost`, one if it was not kept. */
    async keep(path, hash, entry) {
      if (!isKept(entry) || hash === "") {
        allowed.add(hash);
        return {};
      }
      const body = JSON.stringify({ path: local(path), fingerprint: hash, beside: entry.beside });
      const reply = await request({ method: "POST", body }, "");
      if (reply.ok) return {};
      const { message = "" } = await reply.json().catch(() => ({}));
      return reply.status === 409 ? { refused: message } : { lost: message || `status ${reply.status}` };
    },
  };
}

const MOST_NAMED = 5; // programs, in a question

/** What to ask before a workbook runs that nobody has allowed yet. */
export function question(entry) {
  const who = "Run it only if you know who wrote it.";
  const says = {
    "as built": "This page does not show what stands in the file, so it does not run by itself.",
    older: "Another version of citygrow built this workbook, so it does not run by itself. “citygrow workbooks build” renews it.",
    changed: "Somebody has changed this workbook, so it does not run by itself.",
    own: "citygrow did not build this workbook, so it does not run by itself.",
  }[entry.state] ?? "This workbook is not as citygrow built it, or nobody here can tell, so it does not run by itself.";
  if (!["changed", "own"].includes(entry.state)) return `${says} ${who}`;
  const { helpers } = entry;
  const more = helpers.length > MOST_NAMED ? ` and ${helpers.length - MOST_NAMED} more` : "";
  const beside = helpers.length ? ` It can use the programs beside it: ${helpers.slice(0, MOST_NAMED).join(", ")}${more}.` : "";
  return `${says} ${who}${beside} Reports are made with it then, too, until one of these changes.`;
}
