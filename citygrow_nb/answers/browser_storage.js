// Answers in the storage of a browser: each file a record, all changes of a save in one transaction, one writer at a time.
// Runs in the worker of a kernel. `name` tells apart what several sites at one address keep.
(name) => {
  const finished = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  let opened;
  const open = () => (opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("files");
    finished(request).then((database) => {
      database.onclose = () => { opened = undefined; }; // the browser may close it, as when site data is cleared
      done(database);
    }, failed);
  }).catch((error) => {
    opened = undefined;
    throw error;
  }));
  const files = async (mode) => (await open()).transaction("files", mode, { durability: "strict" });
  return {
    /** Resolves once nobody else writes, with what ends that; a page that is closed or killed ends it, too. */
    lock: () => new Promise((have, failed) => {
      navigator.locks.request(name, () => new Promise((release) => have(release))).catch(failed);
    }),
    /** All files as JSON: path to [text, time of change]. */
    async read() {
      const store = (await files("readonly")).objectStore("files");
      const [paths, records] = await Promise.all([finished(store.getAllKeys()), finished(store.getAll())]);
      return JSON.stringify(Object.fromEntries(paths.map((path, place) => [path, records[place]])));
    },
    /** Write files as `read` gives them, null for one to remove: all or nothing; resolves when they are on disk. */
    async write(changed) {
      const transaction = await files("readwrite");
      const store = transaction.objectStore("files");
      for (const [path, record] of Object.entries(JSON.parse(changed))) record === null ? store.delete(path) : store.put(record, path);
      await new Promise((done, failed) => {
        transaction.oncomplete = () => done();
        transaction.onabort = transaction.onerror = () => failed(transaction.error ?? new Error("the browser refused"));
      });
    },
  };
}
