/* What the page at the door keeps on the device: marks that are not sent yet, and the list for when the connection is
   gone. Used by the page and by its service worker, so nothing here touches the page.

   A mark holds no name: a number of a registration, or what was typed, with the moment. It goes only when the portal has
   answered that it is taken, and stays over a sign-out; the list is thrown away then (portal.js). */
"use strict";

self.DoorKeeping = (() => {
  const NAME = "clee-door";
  const BATCH = 100;

  const open = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("marks", { keyPath: "key" });
      asked.result.createObjectStore("kept", { keyPath: "name" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });

  const run = async (store, mode, act) => {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode);
        const answer = act(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(answer && answer.result);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  };

  const put = (mark) => run("marks", "readwrite", (store) => store.put(mark));
  const remove = (key) => run("marks", "readwrite", (store) => store.delete(key));
  const keep = (name, value) => run("kept", "readwrite", (store) => store.put({ name, value }));
  const kept = async (name) => (await run("kept", "readonly", (store) => store.get(name)))?.value;

  /* The marks of one door that one person made, in the order in which they were made. */
  const marks = async (path, user) => {
    const all = await run("marks", "readonly", (store) => store.getAll());
    return all.filter((one) => one.path === path && one.user === user).sort((a, b) => a.made - b.made);
  };

  /* Send what waits; what is taken goes, what is refused stays with the reason. Throws where the portal cannot be
     reached. Answers the status and, where something was sent, the list as it stands now. */
  const send = async (path, user, token) => {
    let state = null, words = [];
    for (;;) {
      const waiting = (await marks(path, user)).filter((one) => !one.became).slice(0, BATCH);
      if (!waiting.length) return { status: 200, state, words };
      const answer = await fetch(`${path}send/`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token, "HX-Request": "true" },
        body: JSON.stringify({
          marks: waiting.map(({ key, kind, at, ahead, meeting, registration, code, number, chair, time }) =>
            ({ key, kind, at, ahead, meeting, registration, code, number, chair, time })),
        }),
      });
      if (!answer.ok) return { status: answer.status, state, words };
      const said = await answer.json();
      for (const one of said.results) {
        if (one.became === "taken" || one.became === "already") await remove(one.key);
        else {
          const mark = waiting.find((each) => each.key === one.key);
          if (mark) await put({ ...mark, became: one.became, words: one.words });
        }
      }
      state = said.state;
      words = words.concat(said.results);
    }
  };

  return { put, remove, keep, kept, marks, send };
})();
