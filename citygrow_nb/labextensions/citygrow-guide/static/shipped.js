// Which workbooks came with citygrow: opening a file must not run a stranger's code, so only these run unasked.

/** The cells of a notebook as one hash, or "" where the page may not make one (plain http from another machine). */
export async function fingerprint(notebook) {
  if (!globalThis.crypto?.subtle) return "";
  const cells = [...notebook.model.cells].map((cell) => [cell.type, cell.sharedModel.getSource()]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(cells)));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const IMPORTABLE = /\.(py|pyc|pyd|so|zip|egg|pth)$/i;

/** Whether a folder holds nothing that Python would import in place of citygrow: a kernel looks there first. */
export function holdsNoPrograms(listing) {
  return listing.content.every((item) => item.type !== "directory" && !IMPORTABLE.test(item.name));
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
